"""The networks of this process, loaded once and kept."""

from functools import cached_property

from deeptrace_core.job import DetectorOffer
from deeptrace_core.model import AccuracyFigure, DetectorInfo
from deeptrace_core.settings import Settings
from worker.audio.detector import load_audio_detector
from worker.audio.interface import AudioDetector
from worker.detectors import load_detector, offers
from worker.detectors.interface import Detector
from worker.faces.fast_mtcnn import FastMtcnnFaceFinder, mtcnn_networks
from worker.faces.interface import BatchFaceFinder, FaceFinder
from worker.runtimes.device import CPU, choose_device
from worker.weights.measured import registered_figures


class Models:
    """Hands out detectors and face finders; see `worker.pipeline.ModelSource`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._detectors: dict[str, Detector] = {}
        self._face_finders: dict[int, FaceFinder | BatchFaceFinder] = {}
        self._audio_detector: AudioDetector | None = None

    @cached_property
    def device(self) -> str:
        """Where the networks run: as the settings say, else "cuda" where a GPU is usable, else "cpu"."""
        return choose_device(self._settings.device)

    @property
    def runs_on(self) -> str:
        """The device, and what runs networks there unless it cannot: each report says what did."""
        if self.device == CPU and self._settings.runtime != "torch":
            return f"{self.device}, OpenVINO" + (" in 8 bits" if self._settings.precision == "int8" else "")
        compiled = ", compiled" if self._settings.compiled else ""
        rounded = " in bfloat16" if self._settings.precision == "bf16" else ""
        return f"{self.device}, PyTorch{compiled}{rounded}"

    def detector(self, name: str) -> Detector:
        """See `ModelSource.detector`."""
        if name not in self._detectors:
            self._detectors[name] = load_detector(name, self._settings, device=self.device)
        return self._detectors[name]

    def audio_detector(self) -> AudioDetector:
        """What listens to voices.

        Raises:
            ModelUnavailableError: its weights are not on this machine, or are not what they should be.
        """
        if self._audio_detector is None:
            self._audio_detector = load_audio_detector(self._settings.audio_detector, self._settings)
        return self._audio_detector

    def figures(self, info: DetectorInfo) -> tuple[AccuracyFigure, ...]:
        """See `ModelSource.figures`."""
        return registered_figures(info, self._settings)

    def add(self, detector: Detector) -> None:
        """Hand out this one under its name: it was loaded from a file that is in no registry."""
        self._detectors[detector.info.name] = detector

    def face_finder(self, *, min_face_px: int) -> FaceFinder | BatchFaceFinder:
        """See `ModelSource.face_finder`."""
        if min_face_px not in self._face_finders:
            self._face_finders[min_face_px] = self._new_face_finder(min_face_px)
        return self._face_finders[min_face_px]

    def _new_face_finder(self, min_face_px: int) -> FaceFinder | BatchFaceFinder:
        # All of them find the same boxes.
        if self.device != CPU:
            from worker.faces.batch_mtcnn import BatchMtcnnFaceFinder  # brings torch, as does the last

            return BatchMtcnnFaceFinder(min_face_px=min_face_px, device=self.device)
        if self._settings.runtime != "torch":
            networks = mtcnn_networks(self._settings.converted_dir)
            if networks is not None:
                return FastMtcnnFaceFinder(networks, min_face_px=min_face_px)
        from worker.faces.mtcnn import MtcnnFaceFinder

        return MtcnnFaceFinder(min_face_px=min_face_px)

    def offers(self) -> tuple[DetectorOffer, ...]:
        """The detectors that can be asked for, and whether their weights are here."""
        return offers(self._settings)
