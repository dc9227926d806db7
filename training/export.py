"""Average checkpoints, calibrate the last layer, and write the weights file with its golden logits.

Calibrated: of the faces that score 0.8, four in five are manipulated, if both classes are equally frequent
and faces are like those of the sets to choose by (Platt scaling; Guo et al., arXiv:1706.04599).
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor

from training.choose import Faces, choosing_sets, logits
from training.nets import NETS, averaged
from worker.detectors.golden import golden_crop
from worker.detectors.mobilenet import MobileNetV1, load_network


def platt(found: list[tuple[Faces, NDArray[np.float64]]]) -> tuple[float, float]:
    """Slope and offset of the logits with the least cross entropy; every set and class weighs the same."""
    values = np.concatenate([numbers for _, numbers in found])
    fake = np.concatenate([faces.fake for faces, _ in found])
    weights = np.concatenate(
        [np.where(faces.fake, 1 / faces.fake.sum(), 1 / (~faces.fake).sum()) for faces, _ in found]
    )

    def cross_entropy(line: NDArray[np.float64]) -> float:
        signed = np.where(fake, 1, -1) * (line[0] * values + line[1])
        return float((weights * np.logaddexp(0, -signed)).sum())

    slope, offset = minimize(cross_entropy, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(slope), float(offset)


def golden_input(size_px: int) -> Tensor:
    """Stripes, a disc, blocks: (3, 3, size, size) float32, 0 to 1, by arithmetic, so equal everywhere."""
    y, x, c = np.meshgrid(np.arange(size_px), np.arange(size_px), np.arange(3), indexing="ij")
    stripes = np.abs((x * 6 + y * 4 + c * 40) % 510 - 255)
    disc = np.where(
        (2 * x - size_px) ** 2 + (2 * y - size_px) ** 2 < size_px**2 // 2, 190 - c * 30, 40 + c * 20
    )
    blocks = (x // 16 * 37 + y // 16 * 101 + c * 59) % 256
    pictures = np.stack([stripes, disc, blocks]).astype(np.float32) / 255
    return torch.from_numpy(pictures).permute(0, 3, 1, 2)


def main() -> None:
    """Write NAME.safetensors and NAME.golden.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="+", help="epochN.pt files of training.train")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="NAME.safetensors")
    args = parser.parse_args()
    net, network = NETS["light"], MobileNetV1()
    network.load_state_dict(averaged(args.checkpoints))
    slope, offset = platt(
        [(faces, logits(network, net, faces.views)) for faces in choosing_sets(args.cache).values()]
    )
    with torch.no_grad():
        network.fc.weight.mul_(slope)
        network.fc.bias.mul_(slope).add_(offset)
    weights = {key: value for key, value in network.state_dict().items() if value.is_floating_point()}
    data = safetensors.torch.save(weights)
    args.out.write_bytes(data)
    mean, std = (torch.tensor(numbers).view(1, 3, 1, 1) for numbers in net.normalisation)
    with torch.inference_mode():
        golden = load_network("mobilenetv1-025", data)((golden_input(128) - mean) / std)[:, 0]
    registered = logits(load_network("mobilenetv1-025", data), net, golden_crop(128))
    args.out.with_suffix(".golden.json").write_text(
        json.dumps({"input": "training.export.golden_input(128)", "logits": golden.tolist()}, indent=1) + "\n"
    )
    print(f"slope {slope:.4f}, offset {offset:.4f}")
    print(f"golden logit of the registry: {registered[0]:.6f}")
    print(f"{args.out.name}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
