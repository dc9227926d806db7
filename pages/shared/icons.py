"""The icons of verdicts and states, drawn here: an icon font from elsewhere would be an outside request.

Each has a shape of its own, so that none is told by colour alone.
"""

from urllib.parse import quote

_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="black" '
    'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{}</svg>'
)

_SHAPES = {
    "warning": '<path d="M12 3 1.8 20.5h20.4Z"/><path d="M12 10v4.5"/><path d="M12 17.4v.1"/>',
    "question": (
        '<circle cx="12" cy="12" r="9.5"/><path d="M9.2 9.3a2.9 2.9 0 1 1 4.3 2.6c-1 .6-1.5 1.1-1.5 2.1"/>'
        '<path d="M12 17v.1"/>'
    ),
    "lens": '<circle cx="10.5" cy="10.5" r="7"/><path d="m15.7 15.7 5.8 5.8"/><path d="M7.5 10.5h6"/>',
    "blank": '<circle cx="12" cy="12" r="9.5" stroke-dasharray="3.5 3.5"/><path d="M8 12h8"/>',
    "cross": '<path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8Z"/><path d="m9 9 6 6m0-6-6 6"/>',
    "stop": '<circle cx="12" cy="12" r="9.5"/><path d="M9 9h6v6H9Z"/>',
    "clock": '<circle cx="12" cy="12" r="9.5"/><path d="M12 6.5V12l3.5 2.5"/>',
    "tick": '<circle cx="12" cy="12" r="9.5"/><path d="m7.5 12.4 3.1 3.1 6-6.6"/>',
    "play": '<circle cx="12" cy="12" r="9.5"/><path d="M10 8.3v7.4l6-3.7Z"/>',
}


def icon(name: str) -> str:
    """The icon, in the colour of its tone.

    As a mask over a coloured square: st.html removes SVG elements, and a picture could not follow the theme.
    """
    shape = quote(_SVG.format(_SHAPES[name]))
    return (
        f'<span class="dt-icon" aria-hidden="true" style="mask-image:url(data:image/svg+xml,{shape})"></span>'
    )
