"""What a weights file is worth: AUC and error rates, each with its 95 % interval.

`python -m training.evaluate --weights FILE --cache CACHE` reads the sets to choose by. With --final it reads
the odd MesoNet validation videos instead, which are to be looked at once.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from deeptrace_core.scoring import MIN_TRACK_FRAMES, mean_range
from training.choose import Faces, choosing_sets, from_cache, logits, video_scores
from training.faces import Cache
from training.measures import auc, auc_range, rate_range
from training.nets import NETS
from worker.detectors.mobilenet import load_network

VERDICTS = ("signs found", "inconclusive", "no signs found", "not assessed")
SINGLE = {"genconvit", "dfdc-held"}
"""Sets with one crop a video: no statement about videos."""


def verdicts(faces: Faces, found: NDArray[np.float64], low: float, high: float) -> Counter[tuple[bool, str]]:
    """(manipulated, verdict) -> videos, by the product's own rule (`deeptrace_core.scoring.find`)."""
    probability = 1 / (1 + np.exp(-found))
    tracks = np.zeros(len(found), np.int64) if faces.track is None else faces.track
    counts: Counter[tuple[bool, str]] = Counter()
    for video in np.unique(faces.group):
        here = faces.group == video
        ranges = [
            mean_range(probability[here & (tracks == track)].tolist())
            for track in np.unique(tracks[here])
            if (here & (tracks == track)).sum() >= MIN_TRACK_FRAMES
        ]
        if not ranges:
            verdict = "not assessed"
        elif any(score.low > high for score in ranges):
            verdict = "signs found"
        elif all(score.high < low for score in ranges):
            verdict = "no signs found"
        else:
            verdict = "inconclusive"
        counts[bool(faces.fake[here][0]), verdict] += 1
    return counts


def report(name: str, faces: Faces, found: NDArray[np.float64], low: float, high: float) -> str:
    """Lines for people."""
    lines = [f"{name}: {len(found)} faces, {int(faces.fake.sum())} of them manipulated"]
    values, fake = (found, faces.fake) if name in SINGLE else video_scores(faces, found)
    a, b = auc_range(values, fake)
    unit = "face" if name in SINGLE else "video"
    lines.append(f"  {unit} AUC {auc(values, fake):.3f} ({a:.3f} to {b:.3f}), {len(values)} of them")
    if name in SINGLE:
        probability = 1 / (1 + np.exp(-found))
        for label, word in ((False, "real"), (True, "manipulated")):
            above = int((probability[faces.fake == label] > high).sum())
            lines.append(
                "  " + _rate(f"{word} faces above {high:g}", above, int((faces.fake == label).sum()))
            )
    else:
        counts = verdicts(faces, found, low, high)
        for label, word in ((False, "real"), (True, "manipulated")):
            total = sum(count for (is_fake, _), count in counts.items() if is_fake == label)
            lines += [
                "  " + _rate(f"{word} videos, {verdict}", counts[label, verdict], total)
                for verdict in VERDICTS
                if counts[label, verdict]
            ]
    return "\n".join(lines)


def _rate(what: str, hits: int, tries: int) -> str:
    low, high = rate_range(hits, tries)
    return f"{what}: {hits} of {tries} ({100 * low:.0f} to {100 * high:.0f} %)"


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="a safetensors file of training.export")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--low", type=float, required=True, help="threshold of no signs found")
    parser.add_argument("--high", type=float, required=True, help="threshold of signs found")
    parser.add_argument("--final", action="store_true", help="the odd MesoNet videos, once")
    args = parser.parse_args()
    network: nn.Module = load_network("mobilenetv1-025", args.weights.read_bytes())
    sets = (
        {"mesonet-odd": from_cache(Cache(args.cache), "mesonet-odd")}
        if args.final
        else choosing_sets(args.cache)
    )
    for name, faces in sets.items():
        found = logits(network, NETS["light"], faces.views)
        print(report(name, faces, found, args.low, args.high))


if __name__ == "__main__":
    main()
