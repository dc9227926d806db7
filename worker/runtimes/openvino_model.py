"""PyTorch networks as OpenVINO runs them on a CPU."""

import functools
import warnings

import openvino
import torch
from openvino.frontend import FrontEndManager
from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
from torch import Tensor, nn

OPTIONS = {
    # Rounding to half precision, the default on some processors, would change results.
    "INFERENCE_PRECISION_HINT": "f32",
    "PERFORMANCE_HINT": "LATENCY",
}


@functools.cache
def core() -> openvino.Core:
    """The one of this process.

    Loading OpenVINO for the CPU gives the thread another stack to handle signals on, and unloading it frees
    that stack, in whatever thread lets go of it last: the next signal then kills the process. So it stays.
    """
    return openvino.Core()


def converted(network: nn.Module, example: Tensor, shape: tuple[int, ...]) -> openvino.Model:
    """The network for inputs of `shape`, in which -1 stands for any length; `example` is one of them."""
    # Not openvino.convert_model: it forks a process, unsafe beside threads, to tell an address on the
    # Internet what is converted.
    front_end = FrontEndManager().load_by_framework("pytorch")
    with torch.inference_mode(), warnings.catch_warnings():
        # OpenVINO traces networks, which PyTorch tells it not to.
        warnings.simplefilter("ignore")
        decoder = TorchScriptPythonDecoder(network.eval(), example_input=example)
        model = front_end.convert(front_end.load(decoder))
    model.reshape(openvino.PartialShape(shape))
    return model


def compiled(model: openvino.Model) -> openvino.CompiledModel:
    """The model, ready to run on the CPU."""
    return core().compile_model(model, "CPU", OPTIONS)
