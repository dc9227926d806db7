"""Xception, the network most published face manipulation detectors are.

Chollet, arXiv:1610.02357; for faces: Rossler et al., FaceForensics++, arXiv:1901.08971. timm's
`legacy_xception` gives the same outputs, bit for bit, as the code of FaceForensics++ and DeepfakeBench
(not as timm's `xception41`, which is another network).
"""

import timm
import torch
from torch import nn

from deeptrace_core.errors import WeightsRejectedError
from worker.weights.checkpoint import read_checkpoint
from worker.weights.xception_keys import face_xception

LAST_MAP = "act4"


def load_network(architecture: str, data: bytes) -> nn.Module:
    """A face Xception: (n, 3, size, size) float32, normalised -> (n, 1 or 2) logits.

    Args:
        architecture: "xception".
        data: a safetensors file, or a PyTorch checkpoint of tensors, in any published layout.

    Raises:
        WeightsRejectedError: the file is not a face Xception; the error says why.
    """
    weights = face_xception(read_checkpoint(data))
    # On the meta device there are no numbers: none can stay random, all must come from the file.
    with torch.device("meta"):
        network: nn.Module = timm.create_model("legacy_xception", num_classes=len(weights["fc.weight"]))
    try:
        network.load_state_dict(weights, strict=True, assign=True)
    except RuntimeError as error:
        first = str(error).splitlines()[1:2] or [str(error)]
        raise WeightsRejectedError(
            f"The layers are not those of an Xception: {first[0].strip()[:200]}",
            advice="Use the weights of an Xception that was trained on face crops.",
        ) from error
    return network
