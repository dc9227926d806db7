"""Clips cut to choose by: the faces of a report, and no others."""

import numpy as np

from training.clips import PLACES, Recorder
from worker.faces.crops import PRESETS


def test_a_score_says_which_crop_it_belongs_to() -> None:
    """Also where faces that are only tried, to see whether scores hold, come between."""
    recorder, random = Recorder(PRESETS["light128"]), np.random.default_rng(0)
    faces, tried, more = (random.integers(0, 256, (n, 8, 8, 3), dtype=np.uint8) for n in (3, 2, 4))
    scores = [recorder.score(crops) for crops in (faces, tried, more)]
    wanted = np.concatenate([scores[0], scores[2]]).tolist()
    kept = [recorder.crops[round(score * PLACES)] for score in wanted]
    assert (np.stack(kept) == np.concatenate([faces, more])).all()
