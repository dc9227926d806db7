"""The process that makes OpenVINO's form of PyTorch networks: `python -m worker.runtimes.conversion ORDER`.

It is a process of its own so that a worker on a CPU needs no PyTorch, which takes seconds and 300 MB.
"""

import importlib
import sys
import warnings
from pathlib import Path
from typing import Protocol

import numpy as np
import openvino
import torch
from openvino.frontend import FrontEndManager
from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
from torch import Tensor, nn

from worker.runtimes.converted import KNOWN, NETWORK, Order
from worker.runtimes.network import Built


class Builder(Protocol):
    """What the module that an order names has: `build`."""

    def build(self, arguments: tuple[str, ...], data: bytes) -> Built:
        """The network that the arguments and the bytes of its weights describe."""


def convert(built: Built, folder: Path) -> None:
    """Write the network, and what PyTorch makes of its inputs, into a folder."""
    network, inputs = built.network.eval(), torch.from_numpy(built.inputs)
    with torch.inference_mode():
        outputs = network(inputs)
    known = [outputs] if isinstance(outputs, Tensor) else outputs
    np.savez(folder / KNOWN, built.inputs, *(output.numpy() for output in known))
    openvino.save_model(_model(network, inputs, built.shape), folder / NETWORK, compress_to_fp16=False)


def _model(network: nn.Module, inputs: Tensor, shape: tuple[int, ...]) -> openvino.Model:
    # Not openvino.convert_model: it forks a process, unsafe beside threads, to tell an address on the
    # Internet what is converted.
    front_end = FrontEndManager().load_by_framework("pytorch")
    with torch.inference_mode(), warnings.catch_warnings():
        # OpenVINO traces networks, which PyTorch tells it not to.
        warnings.simplefilter("ignore")
        decoder = TorchScriptPythonDecoder(network, example_input=inputs)
        model = front_end.convert(front_end.load(decoder))
    model.reshape(openvino.PartialShape(shape))
    return model


def main() -> int:
    """Carry out the order; its weights come on stdin."""
    order = Order.decode(sys.argv[1])
    builder: Builder = importlib.import_module(order.builder)
    data = sys.stdin.buffer.read()
    for arguments, folder in zip(order.arguments, order.folders, strict=True):
        convert(builder.build(arguments, data), Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
