"""Products of matrices of bytes: quick, and the same on every processor."""

from __future__ import annotations

from functools import cache

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


def row_products(few: Tensor, many: Tensor) -> Tensor:
    """Return the product of a matrix and the transpose of one with far more rows, (M, K) and
    (N, K): where the processor can, with the many in a row of the result, which is then cheaper to
    make and to read along.

    Args:
        few: int8, from −:data:`SECOND_STEPS` to that; of K at most 2,000.
        many: int8, from −:data:`FIRST_STEPS` to that.

    Returns:
        int32, (M, N).
    """
    if _adds_in_32_bits():
        return torch._int_mm(few, many.T)
    return byte_product(many, few.T.contiguous()).T


@cache
def _adds_in_32_bits() -> bool:
    """Whether products of bytes are added up in 32 bits, so that either matrix may be the first
    one. Tried, not asked of the processor: the library may be told to use less than that has."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    few = torch.full((4, 384), SECOND_STEPS, dtype=torch.int8)
    many = torch.full((300, 384), FIRST_STEPS, dtype=torch.int8)
    product = torch._int_mm(few, many.T)
    return bool((product == SECOND_STEPS * FIRST_STEPS * 384).all())
