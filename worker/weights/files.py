"""Where the file of registered weights is on this machine, and its bytes once they are proven right."""

from enum import StrEnum
from pathlib import Path, PurePosixPath

from deeptrace_core.canonical import digest
from deeptrace_core.errors import ModelUnavailableError, WeightsRejectedError
from deeptrace_core.settings import Settings
from worker.weights.registry import RegisteredWeights


class Place(StrEnum):
    """Where a weights file was found."""

    BUNDLED = "bundled"
    """It comes with the project."""
    HERE = "here"
    """In this machine's own weights folder."""
    MIRROR = "in the mirror"


BUNDLED_DIR = Path(__file__).resolve().parent / "default"
"""The weights that the project brings, with their model card."""


def stored_path(entry: RegisteredWeights, settings: Settings) -> Path:
    """Where a pulled file is kept: named by its published SHA-256, so that two versions never meet."""
    return settings.weights_dir / ((entry.sha256 or entry.name) + PurePosixPath(entry.file_name).suffix)


def kept_sha256_path(entry: RegisteredWeights, settings: Settings) -> Path:
    """Where the SHA-256 of the first download is kept, for weights whose authors publish none."""
    return settings.weights_dir / f"{entry.name}.sha256"


def expected_sha256(entry: RegisteredWeights, settings: Settings) -> str | None:
    """What the file must hash to; None before the first download of weights without a published hash."""
    if entry.sha256 is not None:
        return entry.sha256
    kept = kept_sha256_path(entry, settings)
    return kept.read_text().strip() if kept.is_file() else None


def mirror_path(entry: RegisteredWeights, settings: Settings) -> Path | None:
    """Where the mirror keeps the file, if a mirror is set and has it."""
    if settings.weights_mirror is None:
        return None
    path = settings.weights_mirror / entry.file_name
    return path if path.is_file() else None


def locate(entry: RegisteredWeights, settings: Settings) -> tuple[Path, Place] | None:
    """The file that would be loaded, or None. Cheap: looks for the file, does not read it."""
    if entry.bundled:
        bundled = BUNDLED_DIR / entry.file_name
        return (bundled, Place.BUNDLED) if bundled.is_file() else None
    stored = stored_path(entry, settings)
    if stored.is_file():
        return stored, Place.HERE
    mirrored = mirror_path(entry, settings)
    return None if mirrored is None else (mirrored, Place.MIRROR)


def read_verified(entry: RegisteredWeights, settings: Settings) -> bytes:
    """The published bytes: what is returned is what was hashed, whatever happens to the file meanwhile.

    Raises:
        ModelUnavailableError: the file is not on this machine, or cannot be read.
        WeightsRejectedError: its SHA-256 is not the published one.
    """
    found = locate(entry, settings)
    if found is None:
        raise ModelUnavailableError(
            f"The weights of {entry.name} are not on this machine.", advice=missing_advice(entry)
        )
    path, place = found
    expected = expected_sha256(entry, settings)
    if expected is None:
        raise ModelUnavailableError(
            f"No SHA-256 is published for {entry.name}, and none was kept here yet.",
            advice=missing_advice(entry),
        )
    # Pulling again replaces our own copy, but the mirror belongs to somebody else.
    advice = mirror_advice(entry) if place is Place.MIRROR else missing_advice(entry)
    return read_as_published(entry, path, expected, advice=advice)


def read_as_published(
    entry: RegisteredWeights, path: Path, expected_sha256: str | None, *, advice: str
) -> bytes:
    """The bytes of `path`, if they are the expected ones. Raises as `read_verified` does."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelUnavailableError(
            f"The weights of {entry.name} cannot be read: {path} ({error.strerror}).",
            advice="Make the file readable for this user.",
        ) from error
    verify(entry, data, expected_sha256, source=str(path), advice=advice)
    return data


def verify(
    entry: RegisteredWeights, data: bytes, expected_sha256: str | None, *, source: str, advice: str
) -> None:
    """Accept only the expected bytes; any where no SHA-256 is known yet.

    Raises:
        WeightsRejectedError: the SHA-256 differs; the error names both.
    """
    found = digest(data)
    if expected_sha256 is not None and found != expected_sha256:
        raise WeightsRejectedError(
            f"{source} is not the published file of {entry.name}: "
            f"its SHA-256 is {found}, expected was {expected_sha256}.",
            advice=advice,
        )


def missing_advice(entry: RegisteredWeights) -> str:
    """What mends missing or damaged weights."""
    if entry.bundled:
        return f"Restore {entry.address} from the project's own copy."
    return f"Run: python -m worker models pull {entry.name}"


def mirror_advice(entry: RegisteredWeights) -> str:
    """What to do about a wrong file in the mirror."""
    return (
        f"Replace {entry.file_name} in the mirror with the published file, "
        "or unset DEEPTRACE_WEIGHTS_MIRROR to download it."
    )
