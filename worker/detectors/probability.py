"""From what a network puts out to the probability of manipulation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.weights.registry import LabelOrder


def log_odds(logits: Any, label_order: LabelOrder) -> Any:
    """(n, 1 or 2) logits -> (n,) log-odds of manipulation; arrays of numpy or of torch."""
    match label_order:
        case LabelOrder.SIGMOID_FAKE:
            return logits[:, 0]
        case LabelOrder.SIGMOID_REAL:
            return -logits[:, 0]
        case LabelOrder.SOFTMAX_FAKE_FIRST:
            return logits[:, 0] - logits[:, 1]
        case LabelOrder.SOFTMAX_FAKE_SECOND:
            return logits[:, 1] - logits[:, 0]


def fake_probability(logits: NDArray[np.float32], label_order: LabelOrder) -> NDArray[np.float32]:
    """(n, 1 or 2) logits -> (n,) probability of manipulation, 0 to 1.

    A softmax over two is the sigmoid of their difference.
    """
    odds = log_odds(logits.astype(np.float64), label_order)
    # 1 / (1 + e^-x), which does not overflow.
    return np.asarray(np.exp(-np.logaddexp(0, -odds)), np.float32)
