"""The picture of a spectrogram: a pixel for each level, in colours that a person reads as loudness."""

import base64
import io

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from deeptrace_core.audio import Spectrogram
from deeptrace_core.spectrogram_picture import RANGE_DB, png

BANDS, COLUMNS = 4, 64


def pixels(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture as a browser reads it: shape (bands, columns, 3). `levels`: (columns, bands)."""
    spectrogram = Spectrogram(
        start_s=0.0,
        column_s=0.032,
        edges_hz=tuple(range(BANDS + 1)),
        floor_db=-100,
        levels=base64.b64encode(levels.tobytes()).decode("ascii"),
    )
    with Image.open(io.BytesIO(png(spectrogram))) as picture:
        return np.asarray(picture.convert("RGB"))


def test_levels_have_the_colours_of_magma_with_high_tones_above() -> None:
    """All levels of 8 bits, and the loudest is 0 dB."""
    levels = np.arange(256, dtype=np.uint8).reshape(COLUMNS, BANDS)
    decibels = -100 * (1 - levels / 255)
    shares = np.clip(1 + decibels / RANGE_DB, 0, 1)
    wanted = matplotlib.colormaps["magma"](shares)[..., :3] * 255
    np.testing.assert_allclose(pixels(levels), wanted.transpose(1, 0, 2)[::-1], atol=4)


def test_quiet_sounds_are_brought_up_and_silence_is_not() -> None:
    """The loudest level is the brightest colour, unless there is next to nothing."""
    levels = np.zeros((COLUMNS, BANDS), np.uint8)
    assert pixels(levels).max() <= 4
    levels[10, 0] = 200
    found = pixels(levels)
    assert found[-1, 10] == pytest.approx((252, 253, 191), abs=4)
    assert found.sum(axis=2).argmax() == (BANDS - 1) * COLUMNS + 10
    levels[10, 0] = 20
    assert pixels(levels).sum(axis=2).max() < 120
