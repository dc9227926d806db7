"""The reliability diagram: of the cases with a certain score, how many are labelled fake."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from worker.evaluation.figures import Bin, Evaluation

COLOR = "#2f5d8a"


def write_diagram(evaluation: Evaluation, path: Path) -> None:
    """Draw the frames, and the videos where there are any, as a PNG."""
    panels: list[tuple[str, Sequence[Bin], bool]] = []
    if evaluation.videos:
        panels.append(("Videos", evaluation.videos.reliability, True))
    # The frames of one video are alike, so that counting them makes no interval.
    panels.append(("Frames", evaluation.frames.reliability, evaluation.videos is None))
    figure = Figure(figsize=(4.8 * len(panels), 6.2), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        f"{evaluation.detector.name} on {evaluation.set_name}\n"
        "Points on the dashed line: scores that can be read as shares, in this mix of labels"
    )
    axes = figure.subplots(2, len(panels), squeeze=False, sharex=True, height_ratios=(3, 1))
    for column, (title, bins, with_intervals) in enumerate(panels):
        _draw(axes[0][column], axes[1][column], title, bins, with_intervals)
    figure.savefig(path, format="png", dpi=100)


def _draw(above: Axes, below: Axes, title: str, bins: Sequence[Bin], with_intervals: bool) -> None:
    filled = [bin_ for bin_ in bins if bin_.fake.value is not None and bin_.mean_score is not None]
    means = [bin_.mean_score or 0.0 for bin_ in filled]
    shares = [bin_.fake.value or 0.0 for bin_ in filled]
    above.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    if with_intervals:
        above.vlines(
            means,
            [bin_.fake.low or 0.0 for bin_ in filled],
            [bin_.fake.high or 0.0 for bin_ in filled],
            color=COLOR,
            alpha=0.5,
        )
    above.plot(means, shares, color=COLOR, marker="o", linestyle="none")
    ylabel = "share labelled fake" + (" (lines: 95 % intervals)" if with_intervals else "")
    above.set(title=title, xlim=(0, 1), ylim=(-0.02, 1.02), ylabel=ylabel)
    below.bar(
        [bin_.low for bin_ in bins],
        [bin_.fake.of for bin_ in bins],
        width=1 / len(bins),
        align="edge",
        color=COLOR,
        edgecolor="white",
    )
    below.set(xlabel="score", ylabel="how many")
