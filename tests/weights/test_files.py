"""Finding a weights file, and believing it only by its SHA-256."""

import dataclasses
from pathlib import Path

import pytest

from deeptrace_core.canonical import digest
from deeptrace_core.errors import ModelUnavailableError, WeightsRejectedError
from deeptrace_core.settings import Settings
from worker.weights import files
from worker.weights.files import Place, locate, read_verified, stored_path
from worker.weights.registry import RegisteredWeights


def store(entry: RegisteredWeights, settings: Settings, data: bytes) -> Path:
    path = stored_path(entry, settings)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def put_in_mirror(entry: RegisteredWeights, settings: Settings, data: bytes) -> Path:
    assert settings.weights_mirror is not None
    path = settings.weights_mirror / entry.file_name
    path.write_bytes(data)
    return path


def test_absent_weights_name_the_command_that_mends_it(entry: RegisteredWeights, mirrored: Settings) -> None:
    """The advice can be pasted into a terminal."""
    assert locate(entry, mirrored) is None
    with pytest.raises(ModelUnavailableError) as error:
        read_verified(entry, mirrored)
    assert type(error.value) is ModelUnavailableError
    assert error.value.advice == "Run: python -m worker models pull some-weights"


def test_a_missing_mirror_folder_is_like_an_empty_one(entry: RegisteredWeights, mirrored: Settings) -> None:
    """A mirror that is not mounted gives the advice, not a traceback."""
    assert mirrored.weights_mirror is not None
    mirrored.weights_mirror.rmdir()
    assert locate(entry, mirrored) is None


def test_the_mirror_is_read_in_place(entry: RegisteredWeights, mirrored: Settings, published: bytes) -> None:
    """Published weights in the mirror are used without a copy."""
    path = put_in_mirror(entry, mirrored, published)
    assert locate(entry, mirrored) == (path, Place.MIRROR)
    assert read_verified(entry, mirrored) == published
    assert not mirrored.weights_dir.exists()


def test_own_copy_comes_before_the_mirror(
    entry: RegisteredWeights, mirrored: Settings, published: bytes
) -> None:
    """What was pulled is used even where the mirror has something else."""
    put_in_mirror(entry, mirrored, b"something else")
    path = store(entry, mirrored, published)
    assert locate(entry, mirrored) == (path, Place.HERE)
    assert read_verified(entry, mirrored) == published


def test_a_changed_file_is_refused_with_both_digests(
    entry: RegisteredWeights, settings: Settings, published: bytes
) -> None:
    """One flipped bit, and the weights are not used."""
    changed = bytes([published[0] ^ 1]) + published[1:]
    store(entry, settings, changed)
    with pytest.raises(WeightsRejectedError) as error:
        read_verified(entry, settings)
    assert entry.sha256 in error.value.what
    assert digest(changed) in error.value.what
    assert error.value.advice == "Run: python -m worker models pull some-weights"


def test_a_wrong_file_in_the_mirror_is_refused(entry: RegisteredWeights, mirrored: Settings) -> None:
    """The name does not make it the published file; pulling would not mend the mirror."""
    put_in_mirror(entry, mirrored, b"something else")
    with pytest.raises(WeightsRejectedError, match=entry.sha256) as error:
        read_verified(entry, mirrored)
    assert "DEEPTRACE_WEIGHTS_MIRROR" in error.value.advice


@pytest.fixture
def bundled(entry: RegisteredWeights, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RegisteredWeights:
    """An entry that comes with the project; the file is not there yet."""
    monkeypatch.setattr(files, "BUNDLED_DIR", tmp_path)
    return dataclasses.replace(entry, bundled=True, address="worker/weights/default/Some.safetensors")


def test_bundled_weights_are_read_where_the_project_has_them(
    bundled: RegisteredWeights, mirrored: Settings, published: bytes, tmp_path: Path
) -> None:
    """Neither a copy nor a mirror can take their place."""
    put_in_mirror(bundled, mirrored, b"something else")
    store(bundled, mirrored, b"something else")
    path = tmp_path / "Some.safetensors"
    path.write_bytes(published)
    assert locate(bundled, mirrored) == (path, Place.BUNDLED)
    assert read_verified(bundled, mirrored) == published


@pytest.mark.parametrize(
    ("data", "error"), [(None, ModelUnavailableError), (b"changed", WeightsRejectedError)]
)
def test_bundled_weights_that_are_gone_or_changed_name_the_file(
    bundled: RegisteredWeights, settings: Settings, tmp_path: Path, data: bytes | None, error: type[Exception]
) -> None:
    """Pulling cannot mend them; the project's own copy can."""
    if data is not None:
        (tmp_path / "Some.safetensors").write_bytes(data)
    with pytest.raises(error) as raised:
        read_verified(bundled, settings)
    assert isinstance(raised.value, ModelUnavailableError)
    assert raised.value.advice == f"Restore {bundled.address} from the project's own copy."


def test_an_empty_file_is_refused(entry: RegisteredWeights, settings: Settings) -> None:
    """A file of no bytes, as a full disk leaves it, is not used."""
    store(entry, settings, b"")
    with pytest.raises(WeightsRejectedError):
        read_verified(entry, settings)
