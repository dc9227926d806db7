"""The driver of MTCNN for GPUs, here on the CPU: facenet-pytorch's faces, however many pictures at once."""

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.data import astronaut
from torch import Tensor

from deeptrace_core.errors import EnvironmentFault
from deeptrace_core.model import AnalysisOptions, Face
from tests.clips import face_frame, write_video
from tests.faces.pictures import MIN_FACE_PX, PICTURES, ROUNDING_PX, check_same, crowd, numbers
from tests.worker.fakes import FakeModels
from worker.faces.area import AreaSampler
from worker.faces.area_table import AreaTable
from worker.faces.batch_mtcnn import AT_ONCE, BatchMtcnnFaceFinder
from worker.faces.interface import BatchFaceFinder
from worker.faces.mtcnn import MtcnnFaceFinder
from worker.pipeline import analyze
from worker.sandbox import Sandbox
from worker.software import software


@pytest.fixture(scope="module")
def batch() -> BatchMtcnnFaceFinder:
    return BatchMtcnnFaceFinder(min_face_px=MIN_FACE_PX, device="cpu")


@pytest.mark.parametrize("name", PICTURES)
def test_the_boxes_are_those_of_the_reference(
    batch: BatchMtcnnFaceFinder, expected: dict[str, tuple[Face, ...]], name: str
) -> None:
    """Every face, box and landmark, within the rounding of two programs."""
    [found] = batch.find_all([PICTURES[name]])
    check_same(found, expected[name])


def test_pictures_do_not_disturb_each_other(batch: BatchMtcnnFaceFinder) -> None:
    """More than fit at once, of several sizes, some with nobody in them: each has the faces it has alone."""
    pictures = [crowd(), crowd()[:, ::-1].copy(), np.zeros_like(crowd()), astronaut(), *[crowd()] * AT_ONCE]
    together = batch.find_all(pictures)
    assert len(together) == len(pictures)
    assert together[2] == ()
    for picture, faces in zip(pictures, together, strict=True):
        [alone] = batch.find_all([picture])
        check_same(faces, alone)
    assert len(together[0]) >= 12


def test_no_picture_no_face(batch: BatchMtcnnFaceFinder) -> None:
    assert batch.find_all([]) == []


@pytest.mark.parametrize("size", [(1, 1), (12, 17), (37, 53), (61, 90)])
def test_resizing_and_cropping_is_that_of_the_cpu_path(size: tuple[int, int]) -> None:
    """Which is that of PyTorch, see `test_fast_mtcnn`; smaller, larger and as it is."""
    pictures = np.random.default_rng(3).integers(0, 256, (2, 37, 53, 3)).astype(np.uint8)
    boxes = np.array([[0, 0, 53, 37], [5, 7, 6, 8], [30, 20, 47, 36]])
    table = AreaTable(torch.from_numpy(pictures))
    resized = table.resized(*size).numpy()
    for number, picture in enumerate(pictures):
        sampler = AreaSampler(picture)
        np.testing.assert_array_equal(resized[number], sampler.resized(*size))
        owners = torch.full((len(boxes),), number)
        crops = table.crops(owners, torch.from_numpy(boxes), 24).numpy()
        np.testing.assert_array_equal(crops, sampler.crops(boxes, 24))


def test_sums_of_a_large_white_picture_do_not_overflow() -> None:
    """As many pixels as 8K has: more than 32 bits can sum."""
    table = AreaTable(torch.full((1, 4320, 7680, 3), 255, dtype=torch.uint8))
    assert torch.allclose(table.resized(3, 5), torch.tensor(255.0))


class Room:
    """PNet with room for so many pictures."""

    def __init__(self, batch: BatchMtcnnFaceFinder, most: int) -> None:
        self._pnet, self._most = batch._pnet, most
        self.given: list[int] = []

    def __call__(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        if len(pictures) > self._most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.given.append(len(pictures))
        answer: tuple[Tensor, Tensor] = self._pnet(pictures)
        return answer


def test_where_memory_is_short_fewer_pictures_go_at_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """From then on, and no picture is left out or looked at twice."""
    finder = BatchMtcnnFaceFinder(min_face_px=MIN_FACE_PX, device="cpu")
    [alone] = finder.find_all([astronaut()])
    room = Room(finder, most=2)
    monkeypatch.setattr(finder, "_pnet", room)
    with caplog.at_level(logging.WARNING):
        assert finder.find_all([astronaut()] * 5) == [alone] * 5
    assert finder.at_once == 2
    assert set(room.given) == {1, 2}
    assert "2 pictures at once from now on" in caplog.text


def test_too_little_memory_for_one_picture_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full GPU is a fault of the machine, told in a sentence; never a picture without faces."""
    finder = BatchMtcnnFaceFinder(min_face_px=MIN_FACE_PX, device="cpu")
    monkeypatch.setattr(finder, "_pnet", Room(finder, most=0))
    with pytest.raises(EnvironmentFault, match="even one of these pictures") as error:
        finder.find_all([astronaut()])
    assert "DEEPTRACE_DEVICE=cpu" in error.value.advice


class Batched(FakeModels):
    """A detector that needs no weights, and the face finder of a GPU."""

    def __init__(self) -> None:
        super().__init__()
        self.finder = BatchMtcnnFaceFinder(min_face_px=64, device="cpu")

    def face_finder(self, *, min_face_px: int) -> BatchFaceFinder:  # type: ignore[override]
        return self.finder


class OneByOne(FakeModels):
    """Likewise with the reference, which searches each frame, too."""

    def face_finder(self, *, min_face_px: int) -> MtcnnFaceFinder:  # type: ignore[override]
        return MtcnnFaceFinder(min_face_px=64)


def test_a_report_is_the_same_whichever_finder_looked(tmp_path: Path) -> None:
    """Nineteen frames, two whole batches and a rest, with a cut to nobody and back."""
    pictures = [face_frame(2 * n) for n in range(19)]
    pictures[9] = np.zeros_like(pictures[9])
    path = write_video(tmp_path / "v.mp4", pictures)
    batched, one_by_one = (
        analyze(
            path,
            AnalysisOptions(detector="brightness", rate_hz=25),
            media=Sandbox(),
            models=models,
            software=software("cpu"),
            on_progress=lambda _progress: None,
        ).report
        for models in (Batched(), OneByOne())
    )
    assert [len(frame.faces) for frame in batched.frames] == [1] * 9 + [0] + [1] * 9
    assert batched.visual_scores == pytest.approx(one_by_one.visual_scores, abs=1e-3)
    assert [track.frames_scored for track in batched.tracks] == [9, 9]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_the_gpu_finds_what_the_cpu_does(batch: BatchMtcnnFaceFinder) -> None:
    """To a twentieth of a pixel."""
    on_gpu = BatchMtcnnFaceFinder(min_face_px=MIN_FACE_PX, device="cuda:0")
    for here, there in zip(batch.find_all([crowd()] * 3), on_gpu.find_all([crowd()] * 3), strict=True):
        np.testing.assert_allclose(numbers(there), numbers(here), atol=ROUNDING_PX)
