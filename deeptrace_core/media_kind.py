"""What kind of recording a file is. Standard library only."""

from enum import StrEnum


class MediaKind(StrEnum):
    """What is in a file, as far as it is examined."""

    VIDEO = "VIDEO"
    """Pictures that follow each other, with sound or without."""
    PICTURE = "PICTURE"
    """One still picture."""
    SOUND = "SOUND"
    """Sound, and no picture but perhaps a cover."""
