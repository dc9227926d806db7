"""AASIST: a network that listens to four seconds of speech, for voices made or converted by a program.

Jung, Heo, Tak, Shim, Chung, Lee, Yu, Evans: "AASIST: Audio Anti-Spoofing using Integrated Spectro-Temporal
Graph Attention Networks", ICASSP 2022, arXiv:2110.01200. It takes the weights that the authors publish
(github.com/clovaai/aasist, MIT) and computes what their code does in evaluation, where drop-out does nothing.

Bands of a sinc filter bank make a picture of frequency against time; a residual encoder turns it into
features; the features along frequency and along time become the nodes of two graphs; graph attention with a
master node joins them. Output: two logits, index 1 for bona fide speech.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from deeptrace_core.errors import WeightsRejectedError
from worker.audio.golden import golden_window
from worker.audio.windows import RATE_HZ, WINDOW_SAMPLES
from worker.runtimes.network import Built
from worker.weights.checkpoint import read_checkpoint

BANDS = 70
FILTER_TAPS = 129
"""The authors ask for 128, and their code makes an even number odd."""
BAND_NODES = 23
"""What pooling leaves of the 70 bands."""
JOINT = 32
"""Features of each node of the joint graphs."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """Where AASIST and AASIST-L differ."""

    features: int
    """Of the encoder, and of each node of the two first graphs."""
    keep_bands: float
    """The share of nodes along frequency that are kept."""
    keep_times: float
    keep_joint: float


SIZES = {
    "aasist": Size(features=64, keep_bands=0.5, keep_times=0.7, keep_joint=0.5),
    "aasist-l": Size(features=24, keep_bands=0.4, keep_times=0.5, keep_joint=0.7),
}


def sinc_filters() -> Tensor:
    """Band-pass filters with edges evenly spaced in mel, under a Hamming window: (bands, 1, taps) float32.

    Rounded to 32 bits where the authors' code does: rounded at the end alone, the logits of some sounds
    differ from theirs in the fourth decimal.
    """
    top_mel = 2595 * np.log10(1 + RATE_HZ / 2 / 700)
    edges_hz = 700 * (10 ** (np.linspace(0, top_mel, BANDS + 1) / 2595) - 1)
    taps = np.arange(FILTER_TAPS, dtype=np.float32) - (FILTER_TAPS - 1) // 2
    phases = (2 * edges_hz).astype(np.float32)[:, None] * taps / RATE_HZ
    low_pass = (2 * edges_hz / RATE_HZ)[:, None] * np.sinc(phases)
    filters = np.diff(low_pass, axis=0).astype(np.float32) * np.hamming(FILTER_TAPS).astype(np.float32)
    return torch.from_numpy(filters)[:, None]


class ResidualBlock(nn.Module):
    """Two convolutions beside a way around them, then a third of the time steps."""

    def __init__(self, inputs: int, outputs: int, *, first: bool) -> None:
        super().__init__()
        if not first:
            # The authors trained it without using what it gives; its weights are in their file.
            self.unused_norm = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, (2, 3), padding=(1, 1))
        self.norm = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, (2, 3), padding=(0, 1))
        self.around = (
            nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, (1, 3), padding=(0, 1))
        )

    def forward(self, picture: Tensor) -> Tensor:
        inner = self.conv2(functional.selu(self.norm(self.conv1(picture))))
        return functional.max_pool2d(inner + self.around(picture), (1, 3))


class NodeNorm(nn.BatchNorm1d):
    """Batch norm over the features of nodes: (n, nodes, features)."""

    def forward(self, nodes: Tensor) -> Tensor:
        normed: Tensor = super().forward(nodes.transpose(1, 2))
        return normed.transpose(1, 2)


def _products(nodes: Tensor) -> Tensor:
    """(n, nodes, features) -> (n, nodes, nodes, features): each node times each."""
    return nodes[:, :, None] * nodes[:, None]


class GraphAttention(nn.Module):
    """Each node takes from the others by how well they go together."""

    TEMPERATURE = 2.0

    def __init__(self, features: int) -> None:
        super().__init__()
        self.pair = nn.Linear(features, features)
        self.pair_weight = nn.Parameter(torch.empty(features, 1))
        self.from_others = nn.Linear(features, features)
        self.from_itself = nn.Linear(features, features)
        self.norm = NodeNorm(features)

    def forward(self, nodes: Tensor) -> Tensor:
        fit = torch.tanh(self.pair(_products(nodes))) @ self.pair_weight
        attention = functional.softmax(fit.squeeze(-1) / self.TEMPERATURE, dim=-1)
        return functional.selu(self.norm(self.from_others(attention @ nodes) + self.from_itself(nodes)))


class JointAttention(nn.Module):
    """Graph attention over nodes of two kinds, with weights for each pair of kinds, and a master node."""

    TEMPERATURE = 100.0

    def __init__(self, features: int) -> None:
        super().__init__()
        self.enter_times = nn.Linear(features, features)
        self.enter_bands = nn.Linear(features, features)
        self.pair = nn.Linear(features, JOINT)
        self.master_pair = nn.Linear(features, JOINT)
        self.times_weight = nn.Parameter(torch.empty(JOINT, 1))
        self.bands_weight = nn.Parameter(torch.empty(JOINT, 1))
        self.mixed_weight = nn.Parameter(torch.empty(JOINT, 1))
        self.master_weight = nn.Parameter(torch.empty(JOINT, 1))
        self.from_others = nn.Linear(features, JOINT)
        self.from_itself = nn.Linear(features, JOINT)
        self.master_from_nodes = nn.Linear(features, JOINT)
        self.master_from_itself = nn.Linear(features, JOINT)
        self.norm = NodeNorm(JOINT)

    def forward(self, times: Tensor, bands: Tensor, master: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        count = times.shape[1]
        nodes = torch.cat([self.enter_times(times), self.enter_bands(bands)], dim=1)

        pairs = torch.tanh(self.pair(_products(nodes)))
        mixed = pairs @ self.mixed_weight
        upper = torch.cat([pairs[:, :count, :count] @ self.times_weight, mixed[:, :count, count:]], dim=2)
        lower = torch.cat([mixed[:, count:, :count], pairs[:, count:, count:] @ self.bands_weight], dim=2)
        fit = torch.cat([upper, lower], dim=1).squeeze(-1)
        attention = functional.softmax(fit / self.TEMPERATURE, dim=-1)

        master_fit = torch.tanh(self.master_pair(nodes * master)) @ self.master_weight
        master_attention = functional.softmax(master_fit / self.TEMPERATURE, dim=-2)
        gathered = master_attention.transpose(1, 2) @ nodes
        master = self.master_from_nodes(gathered) + self.master_from_itself(master)

        nodes = functional.selu(self.norm(self.from_others(attention @ nodes) + self.from_itself(nodes)))
        return nodes[:, :count], nodes[:, count:], master


class NodePool(nn.Module):
    """Keeps the nodes with the highest scores, in the order of these, each times its score."""

    def __init__(self, features: int, keep: float) -> None:
        super().__init__()
        self.score = nn.Linear(features, 1)
        self.keep = keep

    def forward(self, nodes: Tensor) -> Tensor:
        scores = torch.sigmoid(self.score(nodes))
        best = torch.topk(scores, max(int(nodes.shape[1] * self.keep), 1), dim=1).indices
        return torch.gather(nodes * scores, 1, best.expand(-1, -1, nodes.shape[2]))


class JointBranch(nn.Module):
    """Two joint attentions with a pooling between them, and the second added to the first."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.master = nn.Parameter(torch.empty(1, 1, size.features))
        self.attention1 = JointAttention(size.features)
        self.pool_times = NodePool(JOINT, size.keep_joint)
        self.pool_bands = NodePool(JOINT, size.keep_joint)
        self.attention2 = JointAttention(JOINT)

    def forward(self, times: Tensor, bands: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        times, bands, master = self.attention1(times, bands, self.master)
        times, bands = self.pool_times(times), self.pool_bands(bands)
        more = self.attention2(times, bands, master)
        return times + more[0], bands + more[1], master + more[2]


class Aasist(nn.Module):
    """(n, 64600) float32 samples at 16 kHz, -1 to 1 -> (n, 2) logits: made by a program, bona fide."""

    filters: Tensor

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.register_buffer("filters", sinc_filters(), persistent=False)
        self.norm = nn.BatchNorm2d(1)
        widths = (1, 32, 32, *[size.features] * 4)
        self.encoder = nn.Sequential(
            *(
                ResidualBlock(inputs, outputs, first=number == 0)
                for number, (inputs, outputs) in enumerate(pairwise(widths))
            )
        )
        self.band_places = nn.Parameter(torch.empty(1, BAND_NODES, size.features))
        self.band_attention = GraphAttention(size.features)
        self.time_attention = GraphAttention(size.features)
        self.pool_bands = NodePool(size.features, size.keep_bands)
        self.pool_times = NodePool(size.features, size.keep_times)
        self.branch1 = JointBranch(size)
        self.branch2 = JointBranch(size)
        self.out = nn.Linear(5 * JOINT, 2)

    def forward(self, samples: Tensor) -> Tensor:
        picture = functional.conv1d(samples[:, None], self.filters)[:, None]
        picture = functional.selu(self.norm(functional.max_pool2d(picture.abs(), 3)))
        features = self.encoder(picture).abs()  # (n, features, bands, times)
        bands = features.amax(dim=3).transpose(1, 2) + self.band_places
        times = features.amax(dim=2).transpose(1, 2)
        bands = self.pool_bands(self.band_attention(bands))
        times = self.pool_times(self.time_attention(times))
        both = zip(self.branch1(times, bands), self.branch2(times, bands), strict=True)
        times, bands, master = (torch.maximum(first, second) for first, second in both)
        summary = (
            times.abs().amax(dim=1),
            times.mean(dim=1),
            bands.abs().amax(dim=1),
            bands.mean(dim=1),
            master.squeeze(1),
        )
        logits: Tensor = self.out(torch.cat(summary, dim=1))
        return logits


_ADVICE = "Use the file that the authors of AASIST publish: python -m worker models pull aasist"

_PUBLISHED_NAMES = (
    (r"first_bn\.", "norm."),
    (r"pos_S", "band_places"),
    (r"master([12])", r"branch\1.master"),
    (r"encoder\.(\d)\.0\.", r"encoder.\1."),
    (r"GAT_layer_S\.", "band_attention."),
    (r"GAT_layer_T\.", "time_attention."),
    (r"HtrgGAT_layer_ST([12])([12])\.", r"branch\1.attention\2."),
    (r"pool_S\.proj\.", "pool_bands.score."),
    (r"pool_T\.proj\.", "pool_times.score."),
    (r"pool_hS([12])\.proj\.", r"branch\1.pool_bands.score."),
    (r"pool_hT([12])\.proj\.", r"branch\1.pool_times.score."),
    (r"out_layer\.", "out."),
)
_PUBLISHED_PARTS = {
    "bn": "norm",
    "bn1": "unused_norm",
    "bn2": "norm",
    "conv_downsample": "around",
    "att_proj": "pair",
    "att_projM": "master_pair",
    "att_weight": "pair_weight",
    "att_weight11": "times_weight",
    "att_weight22": "bands_weight",
    "att_weight12": "mixed_weight",
    "att_weightM": "master_weight",
    "proj_type1": "enter_times",
    "proj_type2": "enter_bands",
    "proj_with_att": "from_others",
    "proj_without_att": "from_itself",
    "proj_with_attM": "master_from_nodes",
    "proj_without_attM": "master_from_itself",
}


def _our_name(published: str) -> str:
    for pattern, ours in _PUBLISHED_NAMES:
        name, found = re.subn("^" + pattern, ours, published)
        if found:
            return ".".join(_PUBLISHED_PARTS.get(part, part) for part in name.split("."))
    return published


def load_network(architecture: str, data: bytes) -> nn.Module:
    """The network "aasist" or "aasist-l" with weights as its authors publish them.

    Raises:
        WeightsRejectedError: the file holds anything but exactly the weights of this network.
    """
    # On the meta device there are no numbers: none can stay random, all must come from the file.
    with torch.device("meta"):
        network = Aasist(SIZES[architecture])
    network.filters = sinc_filters()
    weights = read_checkpoint(data)
    try:
        if not isinstance(weights, dict) or not all(tensor.isfinite().all() for tensor in weights.values()):
            raise WeightsRejectedError("The weights hold values that are no numbers.", advice=_ADVICE)
        renamed = {_our_name(name): tensor for name, tensor in weights.items()}
        network.load_state_dict(renamed, strict=True, assign=True)
    except (AttributeError, RuntimeError) as error:
        raise WeightsRejectedError(f"These are not the weights of {architecture}.", advice=_ADVICE) from error
    return network.eval()


def build(arguments: tuple[str, ...], data: bytes) -> Built:
    """See `worker.runtimes.conversion.Builder`. The argument: the architecture."""
    [architecture] = arguments
    noise = np.random.default_rng(1).uniform(-1, 1, (1, WINDOW_SAMPLES)).astype(np.float32)
    return Built(
        network=load_network(architecture, data),
        inputs=np.concatenate([golden_window(), noise]),
        shape=(-1, WINDOW_SAMPLES),
    )
