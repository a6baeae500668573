"""Products of matrices of bytes: quick, and the same on every processor."""

from __future__ import annotations

import torch
from torch import Tensor

# The numbers of the first matrix go from −127 to 127, those of the second one only so far: some
# processors multiply in pairs and add in 16 bits, with the first ones moved to 0 to 255. It takes
# 2 · 255 · 63 < 2^15 for that not to overflow.
FIRST_STEPS, SECOND_STEPS = 127, 63


def byte_product(first: Tensor, second: Tensor) -> Tensor:
    """Return the product of two matrices, (N, K) and (K, M).

    Args:
        first: int8, from −:data:`FIRST_STEPS` to that; of K at most 2,000.
        second: int8, from −:data:`SECOND_STEPS` to that.

    Returns:
        int32, (N, M).
    """
    if torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return torch._int_mm(first, second)
    # Elsewhere torch multiplies bytes one by one. Sums below 2^24 are exact in float32.
    return (first.float() @ second.float()).int()
