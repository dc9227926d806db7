"""The chart of scores against time: a line for each face, a gap where that face was not scored."""

import plotly.graph_objects as go
import streamlit as st

from deeptrace_core import sentences
from deeptrace_core.model import DetectorInfo, FaceTrack, Report
from deeptrace_core.ranking import ranked
from deeptrace_core.series import Series, series_of
from pages.review import place
from pages.review.strokes import Stroke, stroke_of
from pages.shared import parts
from pages.shared.text import score

MAX_LINES = 8
"""More than this in one chart cannot be told apart."""
MARKED_POINTS = 120
"""Up to this many frames each score has a marker; beyond, some, so that the shape is seen with the colour."""
AIR = 0.13
"""Room above 1 and below 0, where no score can be, for the words of the thresholds."""
HEIGHT_PX = 320


def show(report: Report) -> None:
    """The chart, the choice of faces if there are many, and what the chart leaves out."""
    parts.heading(
        "Scores over time", "A gap means that the face was not scored there: not seen, or too small."
    )
    shown = _chosen(ranked(report))
    if shown:
        ids = tuple(track.id for track in shown)
        st.plotly_chart(
            _kept_figure(report.report_id, ids, st.context.theme.type or "light", report),
            key="scores",
            config={"displayModeBar": False},
            alt=_alt(shown),
            on_select=_go_there,
            selection_mode="points",
        )
    left_out = [sentences.too_small(report), sentences.undecoded(report.coverage)]
    if any(left_out):
        parts.remark(" ".join(line for line in left_out if line))


def _go_there() -> None:
    """Send the player to the point that was clicked. A second click clears the choice, and means nothing."""
    points = st.session_state["scores"].selection.points
    if points:
        # By its time: indices of points are not those of the frames.
        place.seek(float(points[0]["x"]))


def _chosen(scored: list[FaceTrack]) -> list[FaceTrack]:
    if len(scored) <= MAX_LINES:
        return scored
    by_label = {sentences.face(track): track for track in scored}
    labels = st.multiselect(
        f"Faces in the chart: the {MAX_LINES} with the highest scores of {len(scored)}, or your choice",
        list(by_label),
        default=list(by_label)[:MAX_LINES],
        max_selections=MAX_LINES,
        key="faces_in_chart",
    )
    return [by_label[label] for label in labels]


# To make a figure takes half of the time of drawing the page; what is in it never changes.
@st.cache_resource(show_spinner=False, max_entries=64)
def _kept_figure(report_id: str, ids: tuple[int, ...], theme: str, _report: Report) -> go.Figure:
    return figure_of(_report, [track for track in ranked(_report) if track.id in ids], theme)


def figure_of(report: Report, tracks: list[FaceTrack], theme: str) -> go.Figure:
    """The plotly figure. Colours are set here: those that plotly adds do not follow the dark theme."""
    figure = go.Figure()
    lines = series_of(report.frames, (track.id for track in tracks))
    strokes = {track.id: stroke_of(rank) for rank, track in enumerate(ranked(report))}
    for track in tracks:
        figure.add_trace(_line(track, lines[track.id], strokes[track.id], theme))
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        showlegend=True,
        hovermode="closest",
    )
    end_s = max(frame.time_s for frame in report.frames)
    air_s = max(end_s, 1.0) * 0.015  # so that no marker is cut in half
    # The theme's own grey has too little contrast for small print.
    quiet = {"color": "#b5b0a7" if theme == "dark" else "#5b5852"}
    figure.update_xaxes(title="seconds", range=[-air_s, end_s + air_s], showgrid=False)
    # Fixed, so that a flat line of low scores is not blown up into an alarming one.
    figure.update_yaxes(
        title="Likelihood of manipulation",
        range=[-AIR, 1 + AIR],
        fixedrange=True,
        tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1],
        zeroline=False,
    )
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(zeroline=False, tickfont=quiet, title_font=quiet)
    if report.detector is not None:
        _add_thresholds(figure, report.detector, theme)
    return figure


def _line(track: FaceTrack, series: Series, stroke: Stroke, theme: str) -> go.Scatter:
    name = sentences.face(track)
    every = 1 if len(series.scores) <= MARKED_POINTS else len(series.scores) // 30
    return go.Scatter(
        x=series.times_s,
        y=series.scores,
        name=name,
        mode="lines+markers",
        line={"color": stroke.colour(theme), "dash": stroke.dash, "width": 2 if every == 1 else 1.4},
        marker={
            "symbol": stroke.symbol,
            # A score with a gap on both sides has no line: without a marker it would not be seen.
            "size": [6 if alone or number % every == 0 else 0 for number, alone in enumerate(series.alone())],
            "line": {"width": 0},
        },
        connectgaps=False,
        hovertemplate=f"{name}<br>%{{x:.2f}} s<br>score %{{y:.2f}}<extra></extra>",
    )


def _add_thresholds(figure: go.Figure, detector: DetectorInfo, theme: str) -> None:
    dark = theme == "dark"
    high = "#f07f2e" if dark else "#b03a00"
    low = "#7cc4f5" if dark else "#005a8c"
    zones = (
        (detector.threshold_high, 1 + AIR, high, f"{score(detector.threshold_high)} and above: suspicious"),
        (-AIR, detector.threshold_low, low, f"below {score(detector.threshold_low)}: no signs"),
    )
    for start, end, colour, said in zones:
        is_upper = end > 1
        if not is_upper and end <= 0:
            continue  # this detector never reads a low score as "no signs"
        figure.add_hrect(y0=start, y1=end, fillcolor=colour, opacity=0.08, line_width=0, layer="below")
        figure.add_hline(y=start if is_upper else end, line={"color": colour, "width": 1, "dash": "dash"})
        figure.add_annotation(
            text=said,
            font={"color": colour, "size": 12},
            showarrow=False,
            xref="paper",
            x=1,
            xanchor="right",
            y=end if is_upper else start,
            yanchor="top" if is_upper else "bottom",
        )


def _alt(tracks: list[FaceTrack]) -> str:
    said = "; ".join(
        f"{sentences.face(track)} mean {score(track.score.mean)}" for track in tracks if track.score
    )
    return f"Line chart of scores from 0 to 1 against seconds. {said}."
