"""The labelled list: a CSV file with the columns path and label, and what in it can be used."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from deeptrace_core.errors import InputError

FAKE, REAL = "fake", "real"
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""Names that end so are face crops, cut as the detector's preset says; all others are videos."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One case: a video, or the face crops of one video, or one face crop of no named video."""

    name: str
    """As the list calls it."""
    fake: bool
    paths: tuple[Path, ...]
    """One video, or face crops in the order of the list."""
    crops: bool
    """Whether the paths are face crops."""
    grouped: bool
    """Whether they are the face crops of a video that the list names."""

    @property
    def is_video(self) -> bool:
        """Whether it can have a video score: not so a face crop of no named video."""
        return self.grouped or not self.crops


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledList:
    """What a list holds."""

    samples: tuple[Sample, ...]
    left_out: int
    """Rows whose label is neither real nor fake."""


def read_labels(path: Path) -> LabelledList:
    """Read a list. Paths in it are relative to the folder of the list.

    A column `video` says which face crops belong to one video. Other columns are not looked at.

    Raises:
        InputError: not such a list, a file in it is missing, face crops and videos are mixed, or the crops
            of one video have different labels.
    """
    rows = _rows(path)
    used = [(name, label, video) for name, label, video in rows if label in (REAL, FAKE)]
    if not used:
        raise InputError(
            f"No row of {path} is labelled {REAL} or {FAKE}.",
            advice="Fill in the column label and try again.",
        )
    missing = [name for name, _, _ in used if not (path.parent / name).is_file()]
    if missing:
        raise InputError(
            f"{len(missing)} of the {len(used)} labelled files are not there, the first is {missing[0]!r}.",
            advice=f"Paths in the list are relative to its folder, {path.parent}.",
        )
    twice = [name for name, times in Counter(name for name, _, _ in used).items() if times > 1]
    if twice:
        raise InputError(f"{path} lists {twice[0]!r} more than once.", advice="Keep one of these rows.")
    kinds = {Path(name).suffix.lower() in PICTURES for name, _, _ in used}
    if len(kinds) > 1:
        raise InputError(
            f"{path} lists videos and face crops.",
            advice="Put them in two lists: their figures do not mean the same.",
        )
    make = _crop_samples if kinds.pop() else _video_samples
    return LabelledList(samples=make(path.parent, used), left_out=len(rows) - len(used))


Row = tuple[str, str, str]
"""Path, label and video; the last is empty where the list does not say."""


def _rows(path: Path) -> list[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            if not {"path", "label"} <= set(reader.fieldnames or ()):
                raise InputError(
                    f"{path} has no columns path and label.", advice="Add a line path,label on top."
                )
            return [
                (row["path"], row["label"].strip().lower(), row.get("video", "").strip()) for row in reader
            ]
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a CSV file in UTF-8.") from error


def _video_samples(folder: Path, rows: list[Row]) -> tuple[Sample, ...]:
    return tuple(
        Sample(name=name, fake=label == FAKE, paths=(folder / name,), crops=False, grouped=False)
        for name, label, _ in rows
    )


def _crop_samples(folder: Path, rows: list[Row]) -> tuple[Sample, ...]:
    """Crops by video; those of no named video stay alone."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        name, _, video = row
        groups.setdefault((video, "" if video else name), []).append(row)
    samples = []
    for (video, name), group in groups.items():
        labels = {label for _, label, _ in group}
        if len(labels) > 1:
            raise InputError(
                f"The face crops of the video {video!r} have different labels.",
                advice="Give videos of different labels different names in the column video.",
            )
        samples.append(
            Sample(
                name=video or name,
                fake=labels == {FAKE},
                paths=tuple(folder / row[0] for row in group),
                crops=True,
                grouped=bool(video),
            )
        )
    return tuple(samples)
