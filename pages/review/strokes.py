"""How the line of a face is drawn, the same wherever that face appears on the page."""

from dataclasses import dataclass

# The palette of Okabe and Ito (2008), which colour-blind people can tell apart; on the light page its
# pale colours are darkened to a contrast of 3 to 1, on the dark page its dark ones lightened.
LIGHT = ("#0072b2", "#d55e00", "#009e73", "#b8628f", "#b97f00", "#3d95cc", "#444444", "#8f8600")
DARK = ("#56b4e9", "#f07f2e", "#2bc59a", "#dd92bb", "#e69f00", "#8ccbff", "#eeeeee", "#f0e442")
# With gaps of 2 pixels: wider ones would look like frames without a score.
DASHES = ("solid", "7px,2px", "2px,2px", "9px,2px,2px,2px", "14px,2px")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stroke:
    """Colour, dash and marker: two faces differ in all three, so that none is told by colour alone."""

    light: str
    dark: str
    dash: str
    symbol: str

    def colour(self, theme: str) -> str:
        return self.dark if theme == "dark" else self.light


def stroke_of(rank: int) -> Stroke:
    """The stroke of the face with the n-th highest score: those shown first differ most."""
    hue = rank % len(LIGHT)
    return Stroke(
        light=LIGHT[hue],
        dark=DARK[hue],
        dash=DASHES[rank % len(DASHES)],
        symbol=SYMBOLS[rank % len(SYMBOLS)],
    )


def sample_html(stroke: Stroke) -> str:
    """A piece of the line, to set before the name of its face."""
    return (
        f'<span class="dt-stroke" aria-hidden="true" style="color:light-dark({stroke.light},{stroke.dark});'
        f'background:repeating-linear-gradient(90deg,{_gradient(stroke.dash)})"></span>'
    )


def _gradient(dash: str) -> str:
    if dash == "solid":
        return "currentColor 0 1px"
    stops, start = [], 0
    for number, length in enumerate(dash.split(",")):
        end = start + int(length.removesuffix("px"))
        stops.append(f"{'transparent' if number % 2 else 'currentColor'} {start}px {end}px")
        start = end
    return ",".join(stops)
