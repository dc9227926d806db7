"""Reading a weights file without running what is in it: safetensors, or a PyTorch checkpoint of tensors."""

import io
import pickle
import zipfile

import safetensors.torch
import torch

from deeptrace_core.errors import WeightsRejectedError

_ADVICE = "Use a safetensors file, or a state dict saved with torch.save(network.state_dict(), ...)."

_TORCH_FILES = (b"PK\x03\x04", b"\x80")
"""How torch.save's files begin: a zip archive, or a plain pickle before torch 1.6."""


def read_checkpoint(data: bytes) -> object:
    """What the file holds: a state dict, or one wrapped in training state; tensors are on the CPU.

    Raises:
        WeightsRejectedError: the file is damaged, of another kind, or holds code (a pickled module).
    """
    if _is_safetensors(data):
        try:
            return safetensors.torch.load(data)
        except (safetensors.SafetensorError, ValueError, KeyError) as error:
            raise WeightsRejectedError("The safetensors file is damaged.", advice=_ADVICE) from error
    try:
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if not data.startswith(_TORCH_FILES):
            raise WeightsRejectedError("The file holds no network weights.", advice=_ADVICE) from error
        # torch refuses every class and function that is not plainly a tensor, before anything is run.
        raise WeightsRejectedError(
            "The file contains code: it is a pickled module, not a state dict. It was not run.",
            advice="If you trust its source: python -m worker models convert FILE --trust. Else: " + _ADVICE,
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise WeightsRejectedError("The checkpoint is damaged or incomplete.", advice=_ADVICE) from error


def _is_safetensors(data: bytes) -> bool:
    """Whether it starts as safetensors does: the length of a JSON header, then the header."""
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data)
