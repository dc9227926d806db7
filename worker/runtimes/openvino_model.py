"""PyTorch networks as OpenVINO runs them on a CPU."""

import warnings

import openvino
import torch
from torch import Tensor, nn

OPTIONS = {
    # Rounding to half precision, the default on some processors, would change results.
    "INFERENCE_PRECISION_HINT": "f32",
    "PERFORMANCE_HINT": "LATENCY",
}


def converted(network: nn.Module, example: Tensor, shape: tuple[int, ...]) -> openvino.Model:
    """The network for inputs of `shape`, in which -1 stands for any length; `example` is one of them."""
    with torch.inference_mode(), warnings.catch_warnings():
        # OpenVINO traces networks, which PyTorch tells it not to.
        warnings.simplefilter("ignore")
        return openvino.convert_model(network.eval(), example_input=example, input=[shape])


def compiled(model: openvino.Model) -> openvino.CompiledModel:
    """The model, ready to run on the CPU."""
    return openvino.Core().compile_model(model, "CPU", OPTIONS)
