"""Keras HDF5 weights -> PyTorch state dict, for networks of convolutions, batch norms and dense layers.

Keras keeps kernels channels-last: a convolution (height, width, in, out), a dense layer (in, out);
PyTorch wants (out, in, height, width) and (out, in). Layers carry running numbers, not roles, so they are
matched by their order in the file, the order in which Keras itself loads them.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from deeptrace_core.errors import WeightsRejectedError

Array = NDArray[np.float32]

BATCH_NORM_EPSILON = 1e-3
"""Keras' default. PyTorch's is 1e-5: leaving it would shift every score."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KerasLayer:
    """One layer of the file that has weights."""

    name: str
    arrays: dict[str, Array]
    """By Keras' own name for their role: "kernel", "bias", "gamma" ..."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where a Keras array goes in a PyTorch module, and how it is turned."""

    parameter: str
    turn: Callable[[Array], Array] = np.asarray


_BIAS = _Place(parameter="bias")
_PLACES: dict[type[nn.Module], dict[str, _Place]] = {
    nn.Conv2d: {
        "kernel": _Place(parameter="weight", turn=lambda kernel: kernel.transpose(3, 2, 0, 1)),
        "bias": _BIAS,
    },
    nn.BatchNorm2d: {
        "gamma": _Place(parameter="weight"),
        "beta": _BIAS,
        "moving_mean": _Place(parameter="running_mean"),
        "moving_variance": _Place(parameter="running_var"),
    },
    nn.Linear: {
        "kernel": _Place(parameter="weight", turn=lambda kernel: kernel.transpose(1, 0)),
        "bias": _BIAS,
    },
}


def read_layers(data: bytes) -> tuple[KerasLayer, ...]:
    """The layers with weights in a file made by Keras' `save_weights`, in the file's order.

    Raises:
        WeightsRejectedError: this is not such a file.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            layers = [_read_layer(file, _text(name)) for name in file.attrs["layer_names"]]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise WeightsRejectedError("The file holds no Keras weights that can be read.") from error
    return tuple(layer for layer in layers if layer.arrays)


def state_dict(
    layers: Sequence[KerasLayer], network: nn.Module, order: Sequence[str]
) -> dict[str, torch.Tensor]:
    """The weights of `layers` for `network`. Every array is used exactly once, or none is.

    Args:
        layers: as `read_layers` gives them.
        network: gives the shapes; it is not changed, and may be on the meta device.
        order: the network's modules in the order in which Keras lists their layers.

    Raises:
        WeightsRejectedError: the file was made for another network.
    """
    if len(layers) != len(order):
        raise WeightsRejectedError(
            f"The file has {len(layers)} layers with weights, the network has {len(order)}."
        )
    wanted = network.state_dict()
    weights = {}
    for module_name, layer in zip(order, layers, strict=True):
        places = _PLACES[type(network.get_submodule(module_name))]
        if layer.arrays.keys() != places.keys():
            raise WeightsRejectedError(
                f"Layer {layer.name} has {', '.join(sorted(layer.arrays))}; "
                f"{module_name} needs {', '.join(sorted(places))}."
            )
        for role, place in places.items():
            array = place.turn(layer.arrays[role])
            key = f"{module_name}.{place.parameter}"
            if array.shape != tuple(wanted[key].shape):
                raise WeightsRejectedError(
                    f"Layer {layer.name} has a {role} of shape {array.shape}; "
                    f"{module_name} needs {tuple(wanted[key].shape)}."
                )
            weights[key] = torch.tensor(np.ascontiguousarray(array), dtype=torch.float32)
    return weights


def _read_layer(file: h5py.File, name: str) -> KerasLayer:
    group = file[name]
    paths = [_text(path) for path in group.attrs["weight_names"]]
    # "conv2d_5/kernel:0" -> "kernel"
    arrays = {path.rpartition("/")[2].partition(":")[0]: np.asarray(group[path]) for path in paths}
    return KerasLayer(name=name, arrays=arrays)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
