"""Frame scores in the database: all of them, exactly, and in parts."""

from dataclasses import replace
from random import Random

from deeptrace_core.job import JobResult
from deeptrace_core.model import Box, FaceScore, FrameScore, Reason, Verdict
from deeptrace_core.overview import overview_of
from deeptrace_core.store import Store
from deeptrace_core.store.frame_buckets import MAX_FACES, MAX_FRAMES, buckets_of, frames_from
from tests.store.conftest import Submit, claimed

TWO_HOURS = 2 * 3600 * 60
RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)


def frame(random: Random, number: int, faces: int) -> FrameScore:
    return FrameScore(
        index=number,
        time_s=number / 60,
        faces=tuple(face(random, track_id) for track_id in range(faces)),
    )


def face(random: Random, track_id: int) -> FaceScore:
    reason = random.choice([None, None, None, Reason.FACE_TOO_SMALL])
    x1, y1, x2, y2 = (random.uniform(-10, 4000) for _ in range(4))
    return FaceScore(
        track_id=track_id,
        box=Box(x1=x1, y1=y1, x2=x2, y2=y2),
        confidence=random.random(),
        fake_probability=random.random() if reason is None else None,
        unscored_reason=reason,
    )


def test_two_hours_of_two_faces_come_back_bit_for_bit(store: Store, submit: Submit) -> None:
    """432,000 frames: none lost, no number changed, in parts of a bounded size."""
    random = Random(7)
    frames = [frame(random, number, 2) for number in range(TWO_HOURS)]
    submit()
    job = claimed(store)
    store.results.stage_frames(job, frames)
    assert list(store.results.frames(job)) == []  # not before the attempt has won
    store.jobs.complete(job, RESULT)
    for read, written in zip(store.results.frames(job), frames, strict=True):
        assert read == written


def test_what_each_detector_gave_comes_back(store: Store, submit: Submit) -> None:
    """Also where some faces of the bucket have no score."""
    frames = [
        replace(
            one,
            faces=tuple(
                replace(face, member_probabilities=(0.25, 1 / 3) if face.fake_probability is not None else ())
                for face in one.faces
            ),
        )
        for one in (frame(Random(number), number, 3) for number in range(40))
    ]
    submit()
    job = claimed(store)
    store.results.stage_frames(job, frames)
    store.jobs.complete(job, RESULT)
    assert list(store.results.frames(job)) == frames


def test_a_part_is_read_alone(store: Store, submit: Submit) -> None:
    """What a player needs around one moment, over the border of two buckets."""
    frames = [frame(Random(number), number, 1) for number in range(2 * MAX_FRAMES + 10)]
    submit()
    job = claimed(store)
    store.results.stage_frames(job, frames)
    store.jobs.complete(job, RESULT)
    part = frames[MAX_FRAMES - 3 : MAX_FRAMES + 5]
    found = store.results.frames(job, first_s=part[0].time_s, last_s=part[-1].time_s)
    assert list(found) == part


def test_scores_of_a_lost_attempt_are_not_read(store: Store, submit: Submit) -> None:
    """Only what the winner staged counts; what lost is gone once the job is complete."""
    submit()
    first = claimed(store)
    store.results.stage_frames(first, [frame(Random(1), 0, 1)])
    store.jobs.release(first)
    second = claimed(store, "worker-2")
    store.results.stage_frames(second, good := [frame(Random(2), 0, 2)])
    store.jobs.complete(second, RESULT)
    assert list(store.results.frames(second)) == good


def test_a_crowd_makes_more_buckets_not_larger_ones() -> None:
    """A document of MongoDB holds 16 MB."""
    crowd = frame(Random(1), 0, 900)
    frames = [FrameScore(index=n, time_s=n / 60, faces=crowd.faces) for n in range(250)]
    buckets = list(buckets_of(frames))
    assert [len(frames_from(bucket)) for bucket in buckets] == [111, 111, 28]
    assert 111 * 900 <= MAX_FACES
    assert [read for bucket in buckets for read in frames_from(bucket)] == frames


def test_the_overview_comes_back_with_the_job(store: Store, submit: Submit) -> None:
    """Gaps too."""
    frames = [frame(Random(number), number, number % 2) for number in range(50)]
    submit()
    job = claimed(store)
    result = JobResult(
        report_sha256="c" * 64,
        verdict=Verdict.INCONCLUSIVE,
        reason=None,
        score=0.5,
        overview=overview_of(frames),
    )
    store.jobs.complete(job, result)
    assert store.jobs.get(job.id).result == result
