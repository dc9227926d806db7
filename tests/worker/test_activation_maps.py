"""Where the network looked, kept with the pictures of the most suspicious faces if somebody asks."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.clips import face_frame, write_video
from tests.worker.fakes import FakeModels
from tests.worker.test_pipeline import OPTIONS, run


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "v.mp4", [face_frame(n) for n in range(8)])


def test_nobody_asked(video: Path) -> None:
    """They are off by default: readers take them for evidence."""
    assert {picture.activation_webp for picture in run(video, FakeModels()).thumbnails} == {None}


def test_each_picture_has_one(video: Path) -> None:
    """The fake detector looks at what is bright, so bright places of the face are yellow: red and green."""
    pictures = run(video, FakeModels(), replace(OPTIONS, activation_maps=True)).thumbnails
    assert pictures
    for picture in pictures:
        assert picture.activation_webp is not None
        shown = cv2.imdecode(np.frombuffer(picture.activation_webp, np.uint8), cv2.IMREAD_COLOR)
        assert shown is not None
        assert shown.shape == (192, 192, 3)
