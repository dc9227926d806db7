"""PyTorch: on a GPU, and wherever nothing faster can be had."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deeptrace_core.errors import EnvironmentFault
from worker.detectors.golden import TOLERANCE, largest_shift
from worker.detectors.interface import Crops
from worker.runtimes.fitting import FittingBatches

log = logging.getLogger(__name__)

BF16_TOLERANCE = 0.05
"""Of each logit, relative to large ones: a hundredth of a probability where it changes fastest."""


def repeatable() -> AbstractContextManager[None]:
    """On a GPU, too, the same numbers each time.

    TF32, on by default on recent ones, moves scores in the third decimal; and faster algorithms are chosen
    by trying them, so not always the same.
    """
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )
    return flags


class TorchRuntime:
    """See `Runtime`.

    Args:
        network: (n, size, size, 3) uint8 -> (n, outputs) logits.
        device: as torch names it.
        batch_size: the most crops at once; halved where memory runs out.
        compiled: let PyTorch make a program of the network first, if the known logits stay the same.
        bf16: compute in bfloat16 what PyTorch holds to be safe, if that moves no known logit by more than
            `BF16_TOLERANCE`.
        known: the crops to try both with, (n, size, size, 3), uint8.
    """

    def __init__(
        self,
        network: nn.Module,
        device: str,
        batch_size: int,
        *,
        compiled: bool = False,
        bf16: bool = False,
        known: Crops | None = None,
    ) -> None:
        self.device = device
        self._compiled = self._bf16 = False
        self._on_gpu = torch.device(device).type == "cuda"
        # On a GPU convolutions want the channels last; on this path a CPU gains nothing by it.
        placed = network.eval().requires_grad_(False).to(device)
        self._network: Callable[[Tensor], Tensor] = (
            placed.to(memory_format=torch.channels_last) if self._on_gpu else placed
        )
        self._batches = FittingBatches(batch_size, device, items="faces", even_one="for even one face")
        if known is not None and (compiled or bf16):
            plain = self.logits(known)
            if compiled:
                self._compile(known, plain)
            if bf16:
                self._round(known, plain)

    @property
    def name(self) -> str:
        ways = ["compiled"] * self._compiled + ["bfloat16"] * self._bf16
        return ", ".join(["PyTorch", *ways])

    def _compile(self, known: Crops, plain: NDArray[np.float32]) -> None:
        as_it_is = self._network
        try:
            self._network, self._compiled = torch.compile(as_it_is, dynamic=False), True
            off = largest_shift(self.logits(known), plain)
            why_not = "" if off <= TOLERANCE else f"compiled, its logits move by {off:g}"
        except EnvironmentFault:
            raise
        except Exception as error:
            # There is no compiler on this machine, or it knows no way for this network: each has its errors.
            why_not = f"PyTorch could not compile it: {error}"
        if why_not:
            log.warning("This network runs as it is; %s.", why_not)
            self._network, self._compiled = as_it_is, False

    def _round(self, known: Crops, plain: NDArray[np.float32]) -> None:
        self._bf16 = True
        off = largest_shift(self.logits(known), plain)
        if not off <= BF16_TOLERANCE:
            log.warning("In bfloat16 this network's logits move by %g, so it runs in float32.", off)
            self._bf16 = False

    def logits(self, crops: Crops) -> NDArray[np.float32]:
        """See `Runtime.logits`."""
        return np.concatenate(self._batches.over(len(crops), lambda some: self._run(crops[some])))

    def _run(self, crops: Crops) -> NDArray[np.float32]:
        half = torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=self._bf16)
        with torch.inference_mode(), repeatable(), half:
            logits: NDArray[np.float32] = self._network(self._sent(crops)).float().cpu().numpy()
        return logits[: len(crops)]

    def _sent(self, crops: Crops) -> Tensor:
        """On the device; on a GPU or compiled always a whole batch: each other size costs another plan."""
        if not (self._on_gpu or self._compiled):
            return torch.tensor(np.ascontiguousarray(crops))
        size = (self._batches.size, *crops.shape[1:])
        whole = torch.zeros(size, dtype=torch.uint8, pin_memory=self._on_gpu)
        whole[: len(crops)] = torch.tensor(np.ascontiguousarray(crops))
        return whole.to(self.device, non_blocking=True)
