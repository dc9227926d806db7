"""What lets a network in 8 bits through, and what does not."""

import numpy as np
import pytest

from worker.evaluation.int8_gate import MAX_SHIFT, Scored, judge


def video(fp32: float, int8: float, *, fake: bool, name: str = "video") -> Scored:
    """Four faces that score alike."""
    return Scored(name=name, fake=fake, fp32=np.full(4, fp32, np.float32), int8=np.full(4, int8, np.float32))


ALIKE = [
    video(0.1, 0.11, fake=False),
    video(0.3, 0.30, fake=False),
    video(0.7, 0.69, fake=True),
    video(0.9, 0.915, fake=True, name="moved most"),
]


def test_scores_that_stay_are_let_through() -> None:
    """What was seen is said."""
    judgement = judge(ALIKE)
    assert judgement.objections == ()
    assert (judgement.videos, judgement.faces) == (4, 16)
    assert judgement.largest_shift == pytest.approx(0.015, abs=1e-6)
    assert judgement.largest_shift_in == "moved most"
    assert (judgement.auc_fp32, judgement.auc_int8) == (1.0, 1.0)


def test_a_score_that_moves_is_an_objection() -> None:
    """In one video of all, and though the order stays."""
    judgement = judge([*ALIKE, video(0.5, 0.5 + 2 * MAX_SHIFT, fake=True)])
    assert len(judgement.objections) == 1
    assert "moved by more" in judgement.objections[0]


def test_labels_that_are_told_apart_less_well_are_an_objection() -> None:
    """Though no score moves far."""
    close = [video(0.500, 0.505, fake=False), video(0.501, 0.499, fake=True)]
    judgement = judge([*ALIKE, *close])
    assert len(judgement.objections) == 1
    assert "area under the curve" in judgement.objections[0]


def test_too_little_to_judge_by_is_an_objection() -> None:
    """One manipulated video, or no face at all."""
    assert "fewer than 2" in judge(ALIKE[:3]).objections[0]
    assert "fewer than 2" in judge([]).objections[0]


def test_faces_that_move_both_ways_leave_a_video_where_it_was() -> None:
    """It is the score of the video that counts."""
    scored = Scored(
        name="both ways",
        fake=True,
        fp32=np.array([0.5, 0.5], np.float32),
        int8=np.array([0.6, 0.4], np.float32),
    )
    assert judge([*ALIKE, scored]).objections == ()
