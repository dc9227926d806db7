"""An Xception that nobody trained, but whose scores differ between faces."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import safetensors.torch
import timm
import torch
from torch import nn

from worker.faces.crops import PRESETS, crop_face
from worker.faces.mtcnn import MtcnnFaceFinder

PRESET = PRESETS["ffpp299"]
FACES = 16
EVERY = 6


def write_weights(clips: Sequence[Path], target: Path) -> Path:
    """Random weights, with the batch norm statistics of faces in these clips."""
    pictures = (torch.tensor(faces_of(clips)).permute(0, 3, 1, 2) / 255 - 0.5) / 0.5
    torch.manual_seed(0)
    network = timm.create_model("legacy_xception", num_classes=1).train()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = None  # the mean over all that is seen, in place of a moving one
    with torch.no_grad():
        spread = network(pictures).std()
    weights = network.state_dict()
    weights["fc.weight"] *= 2 / spread
    safetensors.torch.save_file(weights, target)
    return target


def faces_of(clips: Sequence[Path]) -> np.ndarray:
    """Some faces of these clips, as the network is given them: (n, 299, 299, 3), uint8."""
    return np.stack([crop for clip in clips for crop in _crops(clip)][:FACES])


def _crops(clip: Path) -> list[np.ndarray]:
    finder = MtcnnFaceFinder(min_face_px=64)
    with av.open(str(clip)) as container:
        frames = [frame for number, frame in enumerate(container.decode(video=0)) if number % EVERY == 0]
    pictures = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]
    return [crop_face(picture, face, PRESET) for picture in pictures for face in finder.find(picture)]
