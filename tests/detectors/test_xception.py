"""Xception: every published layout of the same weights scores the same; what only looks alike is refused."""

import os
from collections.abc import Callable

import pytest
import safetensors.torch
import timm
import torch
from torch import Tensor, nn

from deeptrace_core.errors import WeightsRejectedError
from tests.detectors.xceptions import random_xception, saved
from worker.detectors.xception import load_network

Weights = dict[str, Tensor]
INPUT = torch.linspace(-1, 1, 2 * 3 * 75 * 75).sin().reshape(2, 3, 75, 75)


NETWORKS = {outputs: random_xception(outputs) for outputs in (1, 2)}


def weights(outputs: int = 2) -> Weights:
    return dict(NETWORKS[outputs].state_dict())


def prefixed(prefix: str, weights: Weights) -> Weights:
    return {prefix + key: tensor for key, tensor in weights.items()}


def head(name: str, weights: Weights) -> Weights:
    return {key.replace("fc.", name, 1) if key.startswith("fc.") else key: t for key, t in weights.items()}


ADJUST = {
    f"adjust_channel.{key}": torch.zeros(512)
    for key in ("0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var")
} | {
    "adjust_channel.0.weight": torch.zeros(512, 2048, 1, 1),
    "adjust_channel.1.num_batches_tracked": torch.tensor(0),
}

LAYOUTS: dict[str, Callable[[Weights], bytes]] = {
    "timm": saved,
    "safetensors": safetensors.torch.save,
    "FaceForensics++": lambda w: saved(prefixed("model.", head("last_linear.", w))),
    "FaceForensics++ with dropout": lambda w: saved(prefixed("model.", head("last_linear.1.", w))),
    "DeepfakeBench": lambda w: saved(prefixed("backbone.", head("last_linear.", w) | ADJUST)),
    "DeepfakeBench, data parallel": lambda w: saved(
        prefixed("module.backbone.", head("last_linear.", w) | ADJUST)
    ),
    "ICPR2020 training file": lambda w: saved(
        {"epoch": 3, "net": prefixed("xception.", head("last_linear.", w)), "opt": {"lr": 0.1}}
    ),
    "Lightning": lambda w: saved({"state_dict": prefixed("net.", w), "epoch": 3}),
    "compiled": lambda w: saved({"model_state_dict": prefixed("_orig_mod.", w)}),
    "wrapped twice": lambda w: saved({"model": {"state_dict": w}, "args": {"lr": 0.1}}),
    "pointwise as matrices": lambda w: saved(
        {key: t[:, :, 0, 0] if key.endswith("pointwise.weight") else t for key, t in w.items()}
    ),
    "without batch counters": lambda w: saved(
        {key: t for key, t in w.items() if not key.endswith("num_batches_tracked")}
    ),
    "old file format": lambda w: saved(w, zipped=False),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_loads_the_identical_network(layout: str) -> None:
    """The names in a file are its author's habit; the network is the same, bit for bit."""
    outputs = 1 if layout.startswith("ICPR2020") else 2
    found = load_network("xception", LAYOUTS[layout](weights(outputs))).state_dict()
    expected = NETWORKS[outputs].state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key]) for key in found if not key.endswith("tracked"))


@pytest.mark.parametrize("outputs", NETWORKS)
def test_a_loaded_network_computes_what_the_saved_one_did(outputs: int) -> None:
    """From the most twisted layout to the same logits."""
    network = load_network("xception", LAYOUTS["DeepfakeBench, data parallel"](weights(outputs))).eval()
    with torch.inference_mode():
        assert torch.equal(network(INPUT), NETWORKS[outputs](INPUT))


def test_half_precision_is_widened() -> None:
    """Weights published in 16 bits compute in 32."""
    network = load_network("xception", saved({key: t.half() for key, t in weights().items()}))
    assert {p.dtype for p in network.parameters()} == {torch.float32}


def changed(**replaced: Tensor) -> bytes:
    return saved(weights() | {key.replace("__", "."): tensor for key, tensor in replaced.items()})


def without(prefix: str) -> bytes:
    return saved({key: tensor for key, tensor in weights().items() if not key.startswith(prefix)})


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "ImageNet": (
        lambda: changed(fc__weight=torch.zeros(1000, 2048), fc__bias=torch.zeros(1000)),
        "ImageNet Xception",
    ),
    "5 outputs": (lambda: changed(fc__weight=torch.zeros(5, 2048)), "5 outputs"),
    "SPSL": (lambda: changed(conv1__weight=torch.zeros(32, 4, 3, 3)), "SPSL.*4 channels"),
    "F3Net": (lambda: changed(conv1__weight=torch.zeros(32, 12, 3, 3)), "F3Net.*12 channels"),
    "UCF": (
        lambda: saved(prefixed("encoder_f.", weights()) | prefixed("encoder_c.", weights())),
        "UCF network",
    ),
    "xception41": (
        lambda: saved(timm.create_model("xception41", num_classes=2).state_dict()),
        "xception41",
    ),
    "another network": (lambda: saved(nn.Linear(2, 2).state_dict()), "no conv1"),
    "ResNet": (lambda: saved(timm.create_model("resnet18", num_classes=2).state_dict()), "layers are not"),
    "no head": (lambda: without("fc."), "no last layer"),
    "missing layer": (lambda: without("block7.rep.4."), "Missing key.*block7.rep.4"),
    "layer too much": (lambda: changed(extra__weight=torch.zeros(1)), "Unexpected key.*extra.weight"),
    "other width": (lambda: changed(bn4__bias=torch.zeros(7)), "size mismatch for bn4.bias"),
    "two heads": (lambda: changed(last_linear__weight=torch.zeros(2, 2048)), "two arrays for fc.weight"),
    "not numbers": (lambda: changed(bn1__bias=torch.full((32,), torch.nan)), "not numbers, in bn1.bias"),
    "no weights": (lambda: saved({"epoch": 3, "state_dict": {}}), "no network weights"),
    "not a dictionary": (lambda: saved([1, 2]), "no network weights"),
    "whole module": (lambda: saved(NETWORKS[2]), "contains code"),
    "whole module, old format": (
        lambda: saved(NETWORKS[2], zipped=False),
        "contains code",
    ),
    "empty": (lambda: b"", "damaged|no network weights"),
    "text": (lambda: b"<!DOCTYPE html><title>Not found</title>", "no network weights"),
    "video": (lambda: b"\x00\x00\x00\x20ftypisom" + bytes(1000), "no network weights"),
    "truncated": (lambda: saved(weights())[:1_000_000], "damaged"),
    "truncated safetensors": (lambda: safetensors.torch.save(weights())[:1_000_000], "damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_face_xception_is_refused_with_the_reason(case: str) -> None:
    """strict=False would load most of these, and score with random numbers."""
    make, reason = REFUSED[case]
    with pytest.raises(WeightsRejectedError, match=reason) as error:
        load_network("xception", make())
    assert "\n" not in error.value.diagnostics()


def test_code_in_a_file_is_not_run(capfd: pytest.CaptureFixture[str]) -> None:
    """A pickle that would run a command when opened is refused, and the command does not run."""

    class Malicious:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, ("echo it ran",)

    with pytest.raises(WeightsRejectedError, match="contains code"):
        load_network("xception", saved({"state_dict": Malicious()}))
    assert "it ran" not in capfd.readouterr().out
