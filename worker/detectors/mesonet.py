"""MesoNet: two small networks that look at a face's mesoscopic texture.

Afchar, Nozick, Yamagishi, Echizen: "MesoNet: a Compact Facial Video Forgery Detection Network", WIFS 2018,
arXiv:1809.00888. The layers follow `classifiers.py` of github.com/DariusAf/MesoNet, whose published HDF5
weights they load. Input: RGB, 256 x 256, 0 to 1. The networks end in a logit; its sigmoid is P(real).
"""

import torch
from torch import Tensor, nn

from worker.weights import keras

LEAKY_SLOPE = 0.1
"""classifiers.py, LeakyReLU(alpha=0.1)."""


class ConvBlock(nn.Sequential):
    """Convolution, ReLU, batch norm, pooling: in this order, unlike most networks."""

    def __init__(self, inputs: int, outputs: int, kernel: int, pool: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding="same")
        self.relu = nn.ReLU()
        self.norm = nn.BatchNorm2d(outputs, eps=keras.BATCH_NORM_EPSILON)
        self.pool = nn.MaxPool2d(pool)


class InceptionBlock(nn.Module):
    """Four branches that see ever wider surroundings, concatenated; then batch norm and pooling."""

    def __init__(self, inputs: int, a: int, b: int, c: int, d: int) -> None:
        """Channels of the branches, as in the paper: 1x1; 1x1 then 3x3 with dilation 1, 2 and 3."""
        super().__init__()
        self.a1 = nn.Conv2d(inputs, a, 1)
        self.b1 = nn.Conv2d(inputs, b, 1)
        self.b3 = nn.Conv2d(b, b, 3, padding="same")
        self.c1 = nn.Conv2d(inputs, c, 1)
        self.c3 = nn.Conv2d(c, c, 3, padding="same", dilation=2)
        self.d1 = nn.Conv2d(inputs, d, 1)
        self.d3 = nn.Conv2d(d, d, 3, padding="same", dilation=3)
        self.norm = nn.BatchNorm2d(a + b + c + d, eps=keras.BATCH_NORM_EPSILON)
        self.pool = nn.MaxPool2d(2)

    def forward(self, picture: Tensor) -> Tensor:
        branches = (
            self.a1(picture),
            self.b3(self.b1(picture).relu()),
            self.c3(self.c1(picture).relu()),
            self.d3(self.d1(picture).relu()),
        )
        pooled: Tensor = self.pool(self.norm(torch.cat(branches, dim=1).relu()))
        return pooled


class Head(nn.Module):
    """Two dense layers: 16 x 8 x 8 features to one logit."""

    def __init__(self) -> None:
        super().__init__()
        self.dense1 = nn.Linear(16 * 8 * 8, 16)
        self.leaky = nn.LeakyReLU(LEAKY_SLOPE)
        self.dense2 = nn.Linear(16, 1)

    def forward(self, features: Tensor) -> Tensor:
        # Keras flattens channels-last, and the first dense layer was trained on that order.
        flat = features.permute(0, 2, 3, 1).flatten(start_dim=1)
        logits: Tensor = self.dense2(self.leaky(self.dense1(flat)))
        return logits


class Meso4(nn.Sequential):
    """Four convolutions. (n, 3, 256, 256) float32, 0 to 1 -> (n, 1) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.block1 = ConvBlock(3, 8, kernel=3, pool=2)
        self.block2 = ConvBlock(8, 8, kernel=5, pool=2)
        self.block3 = ConvBlock(8, 16, kernel=5, pool=2)
        self.block4 = ConvBlock(16, 16, kernel=5, pool=4)
        self.head = Head()


class MesoInception4(nn.Sequential):
    """Two inception blocks and two convolutions. (n, 3, 256, 256) float32, 0 to 1 -> (n, 1) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.block1 = InceptionBlock(3, 1, 4, 4, 2)
        self.block2 = InceptionBlock(11, 2, 4, 4, 2)
        self.block3 = ConvBlock(12, 16, kernel=5, pool=2)
        self.block4 = ConvBlock(16, 16, kernel=5, pool=4)
        self.head = Head()


_NETWORKS: dict[str, type[nn.Module]] = {"meso4": Meso4, "mesoinception4": MesoInception4}

# The order in which Keras lists the layers: by depth in the graph. So of an inception block it has first the
# entries of the branches b, c, d, one step further from the end than branch a, then a, then the exits.
_KERAS_ORDERS: dict[type[nn.Module], tuple[str, ...]] = {
    InceptionBlock: ("b1", "c1", "d1", "a1", "b3", "c3", "d3", "norm"),
    ConvBlock: ("conv", "norm"),
    Head: ("dense1", "dense2"),
}


def keras_order(network: nn.Module) -> tuple[str, ...]:
    """The modules of a Meso4 or MesoInception4 that have weights, in the order of the published files."""
    return tuple(
        f"{name}.{part}" for name, block in network.named_children() for part in _KERAS_ORDERS[type(block)]
    )


LAST_MAP = "block4"


def load_network(architecture: str, data: bytes) -> nn.Module:
    """The network "meso4" or "mesoinception4" with the weights of a published HDF5 file.

    Raises:
        WeightsRejectedError: the file was not made for this network.
    """
    # On the meta device there are no numbers: none can stay random, all must come from the file.
    with torch.device("meta"):
        network = _NETWORKS[architecture]()
    weights = keras.state_dict(keras.read_layers(data), network, keras_order(network))
    # Keras does not count batches, and scoring does not need it.
    counters = {key: torch.tensor(0) for key in network.state_dict() if key.endswith("num_batches_tracked")}
    network.load_state_dict(weights | counters, strict=True, assign=True)
    return network
