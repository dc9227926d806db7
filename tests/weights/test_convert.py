"""Pickled networks: their arrays come out, and nothing that is in them is run."""

import argparse
import contextlib
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from deeptrace_core.errors import InputError, WeightsRejectedError
from tests.detectors.xceptions import random_xception, saved
from worker.commands import models
from worker.detectors.xception import load_network
from worker.weights.convert import convert

INPUT = torch.linspace(-1, 1, 3 * 75 * 75).sin().reshape(1, 3, 75, 75)


class TransferModel(nn.Module):
    """As FaceForensics++ names the class around its Xception, in a module that is nowhere here."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.modelchoice = "xception"
        self.model = model


class Bomb:
    """Runs something when it is unpickled."""

    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        function, *arguments = self.call
        return function, tuple(arguments)


@pytest.fixture
def transfer_model(monkeypatch: pytest.MonkeyPatch) -> type[nn.Module]:
    module = ModuleType("network.models")
    monkeypatch.setitem(sys.modules, "network", ModuleType("network"))
    monkeypatch.setitem(sys.modules, "network.models", module)
    monkeypatch.setattr(TransferModel, "__module__", "network.models")
    monkeypatch.setattr(module, "TransferModel", TransferModel, raising=False)
    return TransferModel


@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
@pytest.mark.parametrize("zipped", [True, False])
def test_a_whole_network_becomes_arrays(
    transfer_model: type[nn.Module], tmp_path: Path, zipped: bool
) -> None:
    """In the format of today and in that of torch 1.0, from which FaceForensics++ has its files."""
    network = random_xception(2)
    (tmp_path / "all_c23.p").write_bytes(saved(transfer_model(network), zipped=zipped))
    convert(tmp_path / "all_c23.p", tmp_path / "out.safetensors")
    loaded = load_network("xception", (tmp_path / "out.safetensors").read_bytes()).eval()
    with torch.inference_mode():
        assert torch.equal(loaded(INPUT), network(INPUT))


@pytest.mark.parametrize(
    "call",
    [
        (os.system, "touch {marker}"),
        (open, "{marker}", "w"),
        (eval, "open('{marker}', 'w')"),
        (torch.save, torch.zeros(1), "{marker}"),
    ],
)
def test_what_is_in_a_pickle_is_not_run(tmp_path: Path, call: tuple[object, ...]) -> None:
    """Calls find an empty stand-in, and the few that are let through can open no file."""
    marker = tmp_path / "marker"
    call = tuple(word.format(marker=marker) if isinstance(word, str) else word for word in call)
    (tmp_path / "bomb.p").write_bytes(saved({"bomb": Bomb(*call), **random_xception(2).state_dict()}))
    with contextlib.suppress(WeightsRejectedError):
        convert(tmp_path / "bomb.p", tmp_path / "out.safetensors")
    assert not marker.exists()


@pytest.mark.parametrize("data", [b"", b"text", b"\x80\x04.", b"PK\x03\x04 broken"])
def test_what_holds_no_network_is_refused(tmp_path: Path, data: bytes) -> None:
    """In one line, and nothing is written."""
    (tmp_path / "file.p").write_bytes(data)
    with pytest.raises(WeightsRejectedError, match="No network could be taken out"):
        convert(tmp_path / "file.p", tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()


def test_another_network_is_refused_by_name(tmp_path: Path) -> None:
    """The same reasons as for any other file."""
    (tmp_path / "file.p").write_bytes(saved(nn.Linear(2, 2)))
    with pytest.raises(WeightsRejectedError, match="not an Xception"):
        convert(tmp_path / "file.p", tmp_path / "out.safetensors")


def test_it_wants_to_be_told_that_the_file_is_trusted(tmp_path: Path) -> None:
    """Nothing is opened before that."""
    parser = argparse.ArgumentParser()
    models.register(parser.add_subparsers())
    args = parser.parse_args(["models", "convert", str(tmp_path / "absent.p")])
    with pytest.raises(InputError, match="may be a program"):
        args.func(args)
