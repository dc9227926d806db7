"""Our pipeline, as a worker runs it, from the file to the report."""

import sys
from pathlib import Path

from benchmarks.pipelines.used import Used
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import load_settings
from worker.detectors import load_detector_from_file
from worker.faces.boxes import edges_of
from worker.models import Models
from worker.pipeline import analyze
from worker.sandbox import Sandbox
from worker.software import software

EVERY_FRAME_HZ = 240.0


def main(video: str, weights: str) -> None:
    """Score every frame, and print the scores and what they cost."""
    settings = load_settings()
    models = Models(settings)
    detector = load_detector_from_file(Path(weights), "ffpp299", settings=settings, device=models.device)
    models.add(detector)
    models.face_finder(min_face_px=64)
    used = Used()
    analysis = analyze(
        Path(video),
        AnalysisOptions(detector=detector.info.name, min_frames=1, rate_hz=EVERY_FRAME_HZ),
        media=Sandbox(),
        models=models,
        software=software(models.device),
        on_progress=lambda _: None,
    )
    frames = analysis.report.frames
    used.tell(
        scores=[
            [face.fake_probability for face in frame.faces if face.fake_probability is not None]
            for frame in frames
        ],
        boxes=[[edges_of(face.box) for face in frame.faces] for frame in frames],
        shares=analysis.times.shares(),
        device=detector.device,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
