"""Keras HDF5 to torch: strict in order, roles and shapes."""

import io

import h5py
import numpy as np
import pytest
from torch import nn

from deeptrace_core.errors import WeightsRejectedError
from worker.weights.keras import KerasLayer, read_layers, state_dict

NETWORK = nn.ModuleDict(
    {"conv": nn.Conv2d(2, 3, (1, 4)), "norm": nn.BatchNorm2d(3), "dense": nn.Linear(5, 6)}
)
ORDER = ("conv", "norm", "dense")


def layers() -> list[KerasLayer]:
    count = iter(range(1000))

    def numbered(*shape: int) -> np.ndarray:
        return np.array([next(count) for _ in range(np.prod(shape))], np.float32).reshape(shape)

    return [
        KerasLayer(name="conv2d_7", arrays={"kernel": numbered(1, 4, 2, 3), "bias": numbered(3)}),
        KerasLayer(
            name="batch_normalization_2",
            arrays={role: numbered(3) for role in ("gamma", "beta", "moving_mean", "moving_variance")},
        ),
        KerasLayer(name="dense_1", arrays={"kernel": numbered(5, 6), "bias": numbered(6)}),
    ]


def test_arrays_go_where_they_belong() -> None:
    """Kernels are turned, statistics find their names; checked element by element."""
    conv, norm, dense = (layer.arrays for layer in layers())
    weights = state_dict(layers(), NETWORK, ORDER)
    assert len(weights) == 8
    for out in range(3):
        for inp in range(2):
            for column in range(4):
                assert weights["conv.weight"][out, inp, 0, column] == conv["kernel"][0, column, inp, out]
    for out in range(6):
        for inp in range(5):
            assert weights["dense.weight"][out, inp] == dense["kernel"][inp, out]
    assert weights["conv.bias"].tolist() == conv["bias"].tolist()
    assert weights["dense.bias"].tolist() == dense["bias"].tolist()
    assert weights["norm.weight"].tolist() == norm["gamma"].tolist()
    assert weights["norm.bias"].tolist() == norm["beta"].tolist()
    assert weights["norm.running_mean"].tolist() == norm["moving_mean"].tolist()
    assert weights["norm.running_var"].tolist() == norm["moving_variance"].tolist()


def test_a_missing_layer_is_refused() -> None:
    """All layers, or none."""
    with pytest.raises(WeightsRejectedError, match="2 layers with weights, the network has 3"):
        state_dict(layers()[:2], NETWORK, ORDER)


def test_layers_in_another_order_are_refused() -> None:
    """A dense layer cannot stand in for batch norm."""
    conv, norm, dense = layers()
    with pytest.raises(WeightsRejectedError, match="dense_1 has bias, kernel; norm needs beta"):
        state_dict([conv, dense, norm], NETWORK, ORDER)


def test_another_shape_is_refused() -> None:
    """The layer and both shapes are named."""
    conv, norm, dense = layers()
    dense.arrays["kernel"] = dense.arrays["kernel"][:4]
    with pytest.raises(WeightsRejectedError, match=r"dense_1 has a kernel of shape \(6, 4\).*\(6, 5\)"):
        state_dict([conv, norm, dense], NETWORK, ORDER)


@pytest.mark.parametrize("data", [b"", b"not HDF5", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_what_is_not_hdf5_is_refused(data: bytes) -> None:
    """A sentence, no traceback of the HDF5 library."""
    with pytest.raises(WeightsRejectedError, match="no Keras weights"):
        read_layers(data)


def test_hdf5_of_something_else_is_refused() -> None:
    """HDF5 holds anything; without Keras' list of layers it holds no weights."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["data"] = [1, 2, 3]
    with pytest.raises(WeightsRejectedError, match="no Keras weights"):
        read_layers(buffer.getvalue())
