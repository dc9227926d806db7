"""Labelled lists: what is used, what is left out and counted, what is refused."""

from pathlib import Path

import pytest

from deeptrace_core.errors import InputError
from tests.clips import MEDIA, needs_media
from worker.evaluation.labels import LabelledList, read_labels


def listed(folder: Path, text: str, *files: str) -> LabelledList:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "labels.csv").write_text(text)
    return read_labels(folder / "labels.csv")


def test_rows_without_a_face_label_are_left_out_and_counted(tmp_path: Path) -> None:
    """Neither real nor fake: not used, and not missed if the file is not there."""
    text = "path,label,note\na.mp4,real,x\nb.mp4, FAKE ,\nc.mp4,none,\nd.mp4,,\ne.mp4\n"
    found = listed(tmp_path, text, "a.mp4", "b.mp4")
    assert [(sample.name, sample.fake, sample.is_video) for sample in found.samples] == [
        ("a.mp4", False, True),
        ("b.mp4", True, True),
    ]
    assert found.left_out == 3
    assert found.samples[0].paths == (tmp_path / "a.mp4",)


def test_face_crops_are_grouped_by_the_column_video(tmp_path: Path) -> None:
    """In the order of the list; a crop of no named video is a case by itself and has no video score."""
    text = "video,path,label\nv,2.png,fake\n,x.JPG,real\nv,1.png,fake\n"
    found = listed(tmp_path, text, "1.png", "2.png", "x.JPG")
    assert [(sample.name, sample.is_video, len(sample.paths)) for sample in found.samples] == [
        ("v", True, 2),
        ("x.JPG", False, 1),
    ]
    assert [path.name for path in found.samples[0].paths] == ["2.png", "1.png"]


@needs_media
def test_the_list_beside_the_project_is_read() -> None:
    """9 clips with a face label, 2 without a face."""
    found = read_labels(MEDIA / "labels.csv")
    assert sum(sample.fake for sample in found.samples) == 5
    assert (len(found.samples), found.left_out) == (9, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no columns path and label"),
        ("file,label\na.mp4,real\n", "no columns path and label"),
        ("path,label\na.mp4,none\n", "No row .* is labelled real or fake"),
        ("path,label\na.mp4,real\ngone.mp4,fake\n", "1 of the 2 labelled files .* 'gone.mp4'"),
        ("path,label\na.mp4,real\na.mp4,real\n", "lists 'a.mp4' more than once"),
        ("path,label\na.mp4,real\n1.png,fake\n", "lists videos and face crops"),
        ("path,label,video\n1.png,real,v\n2.png,fake,v\n", "'v' have different labels"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """Before anything is scored."""
    with pytest.raises(InputError, match=reason):
        listed(tmp_path, text, "a.mp4", "1.png", "2.png")


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    """No file, a folder, bytes."""
    (tmp_path / "bytes.csv").write_bytes(b"path,label\n\xff\xfe,real\n")
    for path, reason in (
        (tmp_path / "none.csv", "cannot be read"),
        (tmp_path, "cannot be read"),
        (tmp_path / "bytes.csv", "not a CSV file"),
    ):
        with pytest.raises(InputError, match=reason):
            read_labels(path)
