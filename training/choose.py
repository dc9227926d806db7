"""The sets to choose by, none of which is trained on, and how well a network does on them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from deeptrace_core.scoring import MIN_TRACK_FRAMES
from training.faces import Cache, batches
from training.measures import auc, by_group
from training.nets import Net


@dataclass(frozen=True, kw_only=True)
class Faces:
    """Views of one set with their labels; `group` is the video of each."""

    views: NDArray[np.uint8]
    fake: NDArray[np.bool_]
    group: NDArray[np.str_]
    track: NDArray[np.int64] | None = None


def choosing_sets(folder: Path) -> dict[str, Faces]:
    """Even MesoNet validation videos, GenConViT's crops, held-out DFDC originals, whole clips."""
    cache = Cache(folder)
    sets = {name: from_cache(cache, name) for name in ("mesonet-even", "genconvit", "dfdc-held")}
    clips = np.load(folder / "clips.npz")
    sets["clips"] = Faces(views=clips["crops"], fake=clips["fake"], group=clips["clip"], track=clips["track"])
    return sets


def from_cache(cache: Cache, source: str) -> Faces:
    """All faces of a set."""
    places = np.flatnonzero(cache.source == source)
    return Faces(views=cache.views(places), fake=cache.fake[places], group=cache.group[places])


def logits(network: nn.Module, net: Net, views: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) of manipulation."""
    mean, std = (torch.tensor(numbers).view(1, 3, 1, 1) for numbers in net.normalisation)
    network.eval()
    with torch.inference_mode():
        found = [network((batch / 255 - mean) / std)[:, 0] for batch in batches(views, 64)]
    return torch.cat(found).double().numpy()


def video_scores(faces: Faces, found: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mean probability of each video's worst person, and its label: what the product reports.

    A video without a person in MIN_TRACK_FRAMES frames has no score, and is left out.
    """
    probability = 1 / (1 + np.exp(-found))
    if faces.track is None:
        return by_group(probability, faces.fake, faces.group)
    scores, fakes = [], []
    for video in np.unique(faces.group):
        here = faces.group == video
        persons, counts = np.unique(faces.track[here], return_counts=True)
        means = [
            probability[here & (faces.track == person)].mean()
            for person, count in zip(persons, counts, strict=True)
            if count >= MIN_TRACK_FRAMES
        ]
        if means:
            scores.append(max(means))
            fakes.append(bool(faces.fake[here][0]))
    return np.array(scores), np.array(fakes)


def video_aucs(network: nn.Module, net: Net, sets: dict[str, Faces]) -> dict[str, float]:
    """Video AUC on each set; of single crops where a set has one a video."""
    values = {}
    for name, faces in sets.items():
        found = logits(network, net, faces.views)
        if name in {"genconvit", "dfdc-held"}:
            values[name] = auc(found, faces.fake)
        else:
            values[name] = auc(*video_scores(faces, found))
    return values
