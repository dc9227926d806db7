"""Numbers, times and strange texts as people read them, the same on every page and in every export."""

import unicodedata
from datetime import UTC, datetime


def counted(number: int, one: str, many: str) -> str:
    """ "1 face", "3 faces": never "face(s)"."""
    return f"{number:,} {one if number == 1 else many}"


def score(value: float) -> str:
    """A score, with the two decimals that mean something."""
    return f"{value:.2f}"


def visible(text: str) -> str:
    """The text with everything that would act instead of show replaced by a mark.

    A file's name may hold line breaks, or characters that turn the reading direction so that
    "gpj.exe" reads "exe.jpg". Joiners stay: emoji are made with them.
    """
    return "".join("\N{REPLACEMENT CHARACTER}" if _acts(char) else char for char in text)


def _acts(char: str) -> bool:
    category = unicodedata.category(char)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and char not in "\u200c\u200d")


def video_time(seconds: float) -> str:
    """A moment in a video: "0:04.2", "1:02:03.0"."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes}:{rest / 10:04.1f}"
    return f"{hours}:{clock.zfill(7)}" if hours else clock


def duration(seconds: float) -> str:
    """How long something is: "4 s", "2 min 5 s", "1 h 3 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s" if whole >= 10 or whole == seconds else f"{seconds:.1f} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(size_bytes: int) -> str:
    """How big a file is, in the decimal units that file managers show: "52.4 MB"."""
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.2f} GB"


def utc_time(rfc3339: str) -> str:
    """A time of the world where the reader is not known: "21 Nov 2026, 01:13:07 UTC"."""
    moment = datetime.fromisoformat(rfc3339).astimezone(UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC"
