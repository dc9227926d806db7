"""Not every frame is searched: between key frames the faces are followed."""

from deeptrace_core.model import Face
from worker.faces.crops import Image
from worker.faces.interface import FaceFinder

KEY_FRAME_S = 0.2
"""The whole picture is searched at least this often: how late a person who comes in can be seen."""

NEXT_FRAME_S = 0.1
"""Frames that lie farther apart are all searched. Followed over a tenth of a second, a face that hardly is
one moved the score of one of nine clips by 0.015; over a thirtieth none moved by more than 0.001."""


class KeyFrames:
    """Finds the faces of frames that come in order."""

    def __init__(self, face_finder: FaceFinder) -> None:
        self._face_finder = face_finder
        self._faces: tuple[Face, ...] = ()
        self._searched_s = self._looked_s = 0.0

    def find(self, image: Image, time_s: float, *, new_shot: bool) -> tuple[Face, ...]:
        """The faces of the next frame: followed where that is safe, else searched for.

        Args:
            image: (height, width, 3), uint8, RGB.
            new_shot: a cut lies before this frame, so nobody is where they were.
        """
        followed = None
        is_next = time_s - self._looked_s < NEXT_FRAME_S
        self._looked_s = time_s
        # Where nobody was found somebody may be seen now: faces in the dark come and go.
        if self._faces and is_next and not new_shot and time_s - self._searched_s < KEY_FRAME_S:
            followed = self._face_finder.follow(image, self._faces)
        if followed is None:
            self._faces, self._searched_s = self._face_finder.find(image), time_s
        else:
            self._faces = followed
        return self._faces
