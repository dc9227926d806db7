"""The networks of a worker process."""

import pytest

from deeptrace_core.errors import InputError
from deeptrace_core.settings import load_settings
from worker.models import Models


def test_the_device_is_the_one_of_the_settings() -> None:
    """One worker for each GPU of a machine, chosen by setting."""
    assert Models(load_settings({"DEEPTRACE_DEVICE": "cpu"})).device == "cpu"


def test_a_device_that_is_not_there_is_named() -> None:
    """A worker told to use the hundredth GPU says so, and never falls back silently."""
    with pytest.raises(InputError, match="'cuda:99' is not available"):
        _ = Models(load_settings({"DEEPTRACE_DEVICE": "cuda:99"})).device
