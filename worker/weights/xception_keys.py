"""One state dict from the many layouts in which face Xceptions are published.

FaceForensics++, DeepfakeBench, the ICPR2020 models and timm name the same 276 arrays differently. This gives
them timm's names and refuses, with the reason, what looks alike but is another network.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from deeptrace_core.errors import WeightsRejectedError

WRAPPERS = ("state_dict", "model_state_dict", "net", "model", "module")
"""Where training programs put the state dict beside their own state."""
PREFIXES = ("module.", "_orig_mod.", "backbone.", "model.", "xception.", "net.")
"""What DataParallel, torch.compile and wrapping classes put in front of every key."""
HEADS = ("last_linear.1.", "last_linear.")
"""Older names of `fc.`; the longer one has a dropout layer in front."""
UNUSED = "adjust_channel."
"""A layer that DeepfakeBench saves but does not use in its Xception."""

_ADVICE = "Use the weights of an Xception that was trained on face crops, with one or two outputs."


def face_xception(checkpoint: object) -> dict[str, Tensor]:
    """The weights of timm's `legacy_xception`, as float32.

    Args:
        checkpoint: what a weights file holds: a state dict, possibly wrapped.

    Returns:
        Keys as in timm; `fc.weight` has 1 or 2 rows. Batch counters may be missing.

    Raises:
        WeightsRejectedError: this is no face Xception; the error says what it is instead.
    """
    weights = _renamed(_without_prefixes(_unwrapped(checkpoint)))
    _check_input(weights["conv1.weight"])
    _check_head(weights)
    for key, tensor in weights.items():
        if not tensor.isfinite().all():
            raise _refused(f"The weights contain values that are not numbers, in {key}.")
    return {key: tensor.float() if tensor.is_floating_point() else tensor for key, tensor in weights.items()}


def _unwrapped(checkpoint: object) -> dict[str, Tensor]:
    while isinstance(checkpoint, Mapping):
        tensors = {key: value for key, value in checkpoint.items() if isinstance(value, Tensor)}
        if tensors:
            return tensors
        checkpoint = next((checkpoint[key] for key in WRAPPERS if key in checkpoint), None)
    raise _refused("The file holds no network weights.")


def _without_prefixes(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    if any(key.startswith(("encoder_f.", "encoder_c.")) for key in _bare(weights)):
        raise _refused("This is a UCF network of DeepfakeBench: two encoders, not one Xception.")
    if any(key.startswith(("stem.", "blocks.")) for key in _bare(weights)):
        raise _refused("This is an aligned Xception (xception41, 65 or 71), another network.")
    while "conv1.weight" not in weights:
        prefix = next((p for p in PREFIXES if all(key.startswith(p) for key in weights)), None)
        if prefix is None:
            raise _refused("This is not an Xception: it has no conv1.")
        weights = {key.removeprefix(prefix): tensor for key, tensor in weights.items()}
    return weights


def _bare(weights: Mapping[str, Tensor]) -> list[str]:
    """The keys without any of the known prefixes, shared or not."""
    bare = []
    for key in weights:
        while (
            shorter := next((key.removeprefix(p) for p in PREFIXES if key.startswith(p)), None)
        ) is not None:
            key = shorter
        bare.append(key)
    return bare


def _renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    renamed: dict[str, Tensor] = {}
    for key, tensor in weights.items():
        if key.startswith(UNUSED):
            continue
        head = next((head for head in HEADS if key.startswith(head)), None)
        name = key if head is None else "fc." + key.removeprefix(head)
        if name in renamed:
            raise _refused(f"The file has two arrays for {name}.")
        # Cadene's older files keep 1x1 convolutions as matrices.
        is_matrix = name.endswith("pointwise.weight") and tensor.ndim == 2
        renamed[name] = tensor[:, :, None, None] if is_matrix else tensor
    return renamed


def _check_input(conv1: Tensor) -> None:
    channels = conv1.shape[1] if conv1.ndim == 4 else 0
    if channels == 3:
        return
    known = {4: "an SPSL network (RGB and phase)", 12: "an F3Net (frequency bands)"}
    raise _refused(
        f"This is {known.get(channels, 'not a colour Xception')}: "
        f"its first layer takes {channels} channels, a face Xception takes 3."
    )


def _check_head(weights: Mapping[str, Tensor]) -> None:
    head = weights.get("fc.weight", torch.empty(0))
    outputs = len(head)
    if outputs in (1, 2):
        return
    if outputs == 1000:
        raise _refused("This is the ImageNet Xception: it knows 1000 kinds of things, but no manipulation.")
    raise _refused(
        f"The network has {outputs} outputs; a face Xception has 1 or 2."
        if outputs
        else "The network has no last layer."
    )


def _refused(reason: str) -> WeightsRejectedError:
    return WeightsRejectedError(reason, advice=_ADVICE)
