"""What an attempt found, beside its report: frame scores to read in parts, and small pictures of faces.

Rows are staged under the attempt that made them and count only if that attempt wins the job.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from pymongo import ReplaceOne
from pymongo.database import Database

from deeptrace_core.job import Job
from deeptrace_core.model import FrameScore, Thumbnail
from deeptrace_core.store.connection import Document, translating_errors
from deeptrace_core.store.deletion import discard_strays
from deeptrace_core.store.frame_buckets import buckets_of, frames_from
from deeptrace_core.store.staged import rows_of_claim

MAX_WEBP_BYTES = 32 * 1024


class Results:
    """The results of all jobs. Each method raises StoreUnavailableError while the database is away."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._jobs = database["jobs"]
        self._thumbnails = database["thumbnails"]
        self._frame_scores = database["frame_scores"]

    def stage_thumbnails(self, job: Job, thumbnails: Sequence[Thumbnail]) -> None:
        """Keep pictures for the claim `job`. Calling it again replaces them one by one.

        Raises:
            ValueError: a picture is larger than 32 KB.
        """
        counts: defaultdict[int, int] = defaultdict(int)
        writes: list[ReplaceOne[Document]] = []
        for thumbnail in thumbnails:
            for webp in (thumbnail.webp, thumbnail.activation_webp or b""):
                if len(webp) > MAX_WEBP_BYTES:
                    raise ValueError(f"A thumbnail of {len(webp)} bytes is too large.")
            number = counts[thumbnail.track_id]
            counts[thumbnail.track_id] += 1
            key = {"job": job.id, "token": job.attempt, "track": thumbnail.track_id, "i": number}
            row = {
                "frame": thumbnail.frame_index,
                "time_s": thumbnail.time_s,
                "probability": thumbnail.fake_probability,
                "webp": thumbnail.webp,
                "activation": thumbnail.activation_webp,
            }
            writes.append(ReplaceOne({"_id": key}, row, upsert=True))
        if writes:
            with translating_errors():
                self._thumbnails.bulk_write(writes, ordered=False)

    def thumbnails(self, job: Job) -> tuple[Thumbnail, ...]:
        """The pictures of the attempt that won, by person and then as they were staged. None before that."""
        with translating_errors():
            winner = self._winner(job)
            if winner is None:
                return ()
            rows = self._thumbnails.find(rows_of_claim(job.id, winner), sort=[("_id", 1)])
            return tuple(map(_thumbnail_from, rows))

    def stage_frames(self, job: Job, frames: Sequence[FrameScore]) -> None:
        """Keep the frame scores for the claim `job`."""
        key = {"job": job.id, "token": job.attempt}
        with translating_errors():
            for number, bucket in enumerate(buckets_of(frames)):
                self._frame_scores.replace_one({"_id": {**key, "bucket": number}}, bucket, upsert=True)

    def frames(self, job: Job, *, first_s: float = 0.0, last_s: float = math.inf) -> Iterator[FrameScore]:
        """The frames from one time to another, both included, of the attempt that won. None before that."""
        with translating_errors():
            winner = self._winner(job)
            if winner is None:
                return
            wanted = {"first_s": {"$lte": last_s}, "last_s": {"$gte": first_s}}
            buckets = self._frame_scores.find(rows_of_claim(job.id, winner) | wanted, sort=[("_id", 1)])
            for bucket in buckets:
                yield from (frame for frame in frames_from(bucket) if first_s <= frame.time_s <= last_s)

    def discard_strays(self) -> int:
        """Delete what was staged for jobs after they were deleted. Returns how many rows there were."""
        with translating_errors():
            return discard_strays(self._database)

    def _winner(self, job: Job) -> int | None:
        found = self._jobs.find_one({"_id": job.id, "winner": {"$exists": True}}, {"winner": 1})
        return None if found is None else found["winner"]


def _thumbnail_from(row: Document) -> Thumbnail:
    return Thumbnail(
        track_id=row["_id"]["track"],
        frame_index=row["frame"],
        time_s=row["time_s"],
        fake_probability=row["probability"],
        webp=bytes(row["webp"]),
        activation_webp=None if row.get("activation") is None else bytes(row["activation"]),
    )
