"""What the player is given: numbers and texts, small enough to be sent at once."""

import re
from collections.abc import Sequence
from typing import Any

from deeptrace_core import sentences
from deeptrace_core.audio_drawing import drawing_of
from deeptrace_core.model import FaceTrack, FrameScore, MediaKind, Report
from deeptrace_core.ranking import ranked
from deeptrace_core.segments import Segment
from pages.review import sound_lanes
from pages.review.strokes import stroke_of
from pages.shared import wording

MAX_LANES = 8
"""The persons with the highest scores; more lanes than this push the rest of the page away."""
MAX_FACES = 20_000
"""About 1 MB of boxes and scores. Of longer videos the worst frame of each stretch is sent."""

SOUND_STEP_S = 1.0
"""How far the keys go where there are no frames."""

COLOURS = {
    "light": {
        "text": "#12110f",
        "quiet": "#5b5852",
        "lane": "#f3f2ef",
        "gap": "#e6e4df",
        "signs": "#a83800",
    },
    "dark": {
        "text": "#edebe8",
        "quiet": "#b5b0a7",
        "lane": "#23211e",
        "gap": "#33302b",
        "signs": "#ff9d66",
    },
}
FONT = '"Source Sans", sans-serif'


def player_data(
    report: Report, segments: Sequence[Segment], *, threshold: float, theme: str
) -> dict[str, Any]:
    """All but where the video is and where to go in it.

    Args:
        segments: those to be hatched, at this threshold.
        theme: "light" or "dark".
    """
    frames = thinned(report.frames)
    persons = ranked(report)[:MAX_LANES]
    shown = {person.id for person in persons}
    media = report.media
    is_sound = media.kind is MediaKind.SOUND
    frame_s = 0.0 if is_sound else media.duration_s / media.frame_count
    duration_s = max(media.duration_s, report.frames[-1].time_s if report.frames else 0.0)
    sound = drawing_of(report.audio, duration_s) if report.audio is not None else None
    return {
        "widthPx": media.width_px,
        "heightPx": media.height_px,
        # One axis for all lanes, also where the sound goes on after the pictures.
        "durationS": sound.end_s if sound is not None else duration_s,
        "frameS": frame_s,
        "stepS": SOUND_STEP_S if is_sound else frame_s,
        "isSound": is_sound,
        "hasSound": has_sound(report),
        "soundHtml": sound_lanes.html(report.audio, sound) if report.audio and sound else "",
        "threshold": threshold,
        "frames": {
            "time_s": [frame.time_s for frame in frames],
            "index": [frame.index for frame in frames],
        },
        "faces": _faces(frames),
        "people": [_person(person, rank, theme) for rank, person in enumerate(persons)],
        "segments": [
            {
                "track_id": segment.track_id,
                "first_s": segment.first_s,
                "last_s": segment.last_s,
                "peak_s": segment.peak_s,
            }
            for segment in segments
            if segment.track_id in shown
        ],
        "colours": COLOURS[theme],
        "font": FONT,
        "texts": wording.SOUND_PLAYER if is_sound else wording.PLAYER,
    }


def has_sound(report: Report) -> bool:
    """Whether the copy has the sound: since voices are listened to, and where a track could be opened."""
    return report.audio is not None and report.audio.track is not None


def thinned(frames: Sequence[FrameScore], max_faces: int = MAX_FACES) -> tuple[FrameScore, ...]:
    """The frames, or of each stretch of a long video the one with the highest score: no peak is lost."""
    faces = sum(len(frame.faces) for frame in frames)
    step = -(-faces // max_faces)
    if step <= 1:
        return tuple(frames)
    stretches = (frames[start : start + step] for start in range(0, len(frames), step))
    return tuple(max(stretch, key=_suspicion) for stretch in stretches)


def _suspicion(frame: FrameScore) -> float:
    score = frame.fake_probability
    return -1.0 if score is None else score


def _faces(frames: Sequence[FrameScore]) -> dict[str, list[Any]]:
    rows = [(number, face) for number, frame in enumerate(frames) for face in frame.faces]
    return {
        "frame": [number for number, _ in rows],
        "track_id": [face.track_id for _, face in rows],
        "box": [
            [round(side) for side in (face.box.x1, face.box.y1, face.box.x2, face.box.y2)] for _, face in rows
        ],
        "score": [
            None if face.fake_probability is None else round(face.fake_probability, 3) for _, face in rows
        ],
        "sharpness": [None if face.sharpness is None else round(face.sharpness) for _, face in rows],
    }


def _person(track: FaceTrack, rank: int, theme: str) -> dict[str, Any]:
    stroke = stroke_of(rank)
    name = sentences.face(track)
    score = track.score
    return {
        "id": track.id,
        "name": name,
        "said": f"{name}  {score.low:.2f} to {score.high:.2f}" if score else name,
        "low": score.low if score else None,
        "high": score.high if score else None,
        "firstS": track.first_s,
        "lastS": track.last_s,
        "colour": stroke.colour(theme),
        # On a video anything may be behind a line: the brighter one of the pair is seen on more.
        "onVideo": stroke.dark,
        "dash": [int(part) for part in re.findall(r"\d+", stroke.dash)],
    }
