"""Where the values of a product's options stand among the tokens of its options."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class OptionSpans(NamedTuple):
    """Where the values of a product's options stand among its options' tokens; a group's name
    before a value does not count, unless there is nothing else."""

    filled: np.ndarray  # int64, (values with tokens,): their numbers
    begins: np.ndarray  # int64, (values with tokens,): where each begins
    lengths: np.ndarray  # float32, (values with tokens,): tokens of each
    inside: np.ndarray  # bool, (tokens,): which tokens belong to a value
    rarity: np.ndarray  # float32, (tokens,): how rare each token is among the product's own options
    weights: np.ndarray  # float32, (values with tokens,): the sum of each one's rarities, above 0

    @classmethod
    def of(cls, tokens: np.ndarray, starts: np.ndarray, skips: np.ndarray) -> OptionSpans:
        """Return the spans of a product's option texts.

        Args:
            tokens: int32, (tokens,): all texts'.
            starts: int64, (options + 1,): where each text begins.
            skips: int64, (options,): how many of a text's first tokens name the group.
        """
        ends = starts[1:]
        begins = np.minimum(starts[:-1] + skips, np.maximum(ends - 1, 0))
        begins = np.maximum(begins, starts[:-1])
        filled = np.flatnonzero(ends > begins)
        begins, ends = begins[filled], ends[filled]
        change = np.zeros(len(tokens) + 1, dtype=np.int64)
        np.add.at(change, begins, 1)
        np.add.at(change, ends, -1)
        inside = np.cumsum(change[:-1]) > 0
        _, inverse, counts = np.unique(tokens, return_inverse=True, return_counts=True)
        rarity = np.log1p(len(tokens) / counts[inverse]).astype(np.float32)
        weights = sums_of(rarity, begins, inside) if len(filled) else np.zeros(0, np.float32)
        lengths = (ends - begins).astype(np.float32)
        return cls(filled, begins, lengths, inside, rarity, np.maximum(weights, 1e-6))


def sums_of(values: np.ndarray, begins: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return the sums of values over spans that begin there; what is outside of any counts 0."""
    sums: np.ndarray = np.add.reduceat(np.where(inside, values, np.float32(0)), begins)
    return sums
