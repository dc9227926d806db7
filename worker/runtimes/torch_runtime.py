"""PyTorch: on a GPU, and wherever nothing faster can be had."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deeptrace_core.errors import EnvironmentFault
from worker.detectors.golden import TOLERANCE
from worker.detectors.interface import Crops

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
        self._batch_size = batch_size
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
            off = self._off(known, plain)
        except EnvironmentFault:
            raise
        except Exception as error:
            # There is no compiler on this machine, or it knows no way for this network: each has its errors.
            log.warning("PyTorch could not compile this network, so it runs as it is: %s", error)
            self._network, self._compiled = as_it_is, False
            return
        if not off <= TOLERANCE:
            log.warning("Compiled, this network's logits move by %g, so it runs as it is.", off)
            self._network, self._compiled = as_it_is, False

    def _round(self, known: Crops, plain: NDArray[np.float32]) -> None:
        self._bf16 = True
        off = self._off(known, plain)
        if not off <= BF16_TOLERANCE:
            log.warning("In bfloat16 this network's logits move by %g, so it runs in float32.", off)
            self._bf16 = False

    def _off(self, known: Crops, plain: NDArray[np.float32]) -> float:
        """The most by which a logit moved, relative to large ones."""
        return float((np.abs(self.logits(known) - plain) / np.maximum(np.abs(plain), 1)).max())

    def logits(self, crops: Crops) -> NDArray[np.float32]:
        """See `Runtime.logits`."""
        done: list[NDArray[np.float32]] = []
        start = 0
        while start < len(crops):
            batch = crops[start : start + self._batch_size]
            try:
                done.append(self._run(batch))
            except torch.OutOfMemoryError as error:
                self._halve(error)
            else:
                start += len(batch)
        return np.concatenate(done)

    def _run(self, crops: Crops) -> NDArray[np.float32]:
        half = torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=self._bf16)
        with torch.inference_mode(), repeatable(), half:
            logits: NDArray[np.float32] = self._network(self._sent(crops)).float().cpu().numpy()
        return logits[: len(crops)]

    def _sent(self, crops: Crops) -> Tensor:
        """On the device; on a GPU or compiled always a whole batch: each other size costs another plan."""
        if not (self._on_gpu or self._compiled):
            return torch.tensor(np.ascontiguousarray(crops))
        size = (self._batch_size, *crops.shape[1:])
        whole = torch.zeros(size, dtype=torch.uint8, pin_memory=self._on_gpu)
        whole[: len(crops)] = torch.tensor(np.ascontiguousarray(crops))
        return whole.to(self.device, non_blocking=True)

    def _halve(self, error: torch.OutOfMemoryError) -> None:
        if self._batch_size == 1:
            raise EnvironmentFault(
                f"The memory of {self.device} is too small for even one face, so there are no scores.",
                advice="End other programs that use it, or run with DEEPTRACE_DEVICE=cpu.",
            ) from error
        self._batch_size //= 2
        log.warning("The memory of %s is short: %d faces at once from now on.", self.device, self._batch_size)
