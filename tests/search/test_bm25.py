"""BM25 in Lucene's arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shopwright.search.bm25 import attenuations, inverse_document_frequencies, round_length


@pytest.mark.parametrize(
    ("length", "rounded"),
    [
        *((n, n) for n in (0, 1, 7, 23, 24, 39, 40)),
        # From 40 on, what is above 24 keeps four significant bits: 17 = 0b10001 becomes 16.
        (41, 40), (42, 42), (43, 42), (54, 54), (55, 54), (56, 56), (57, 56), (59, 56), (60, 60),
        (87, 84), (88, 88), (95, 88), (96, 96), (152, 152), (167, 152), (168, 168),
        (1000, 984), (2**31 - 1, 2013265944),
    ],
)  # fmt: skip
def test_round_length(length: int, rounded: int) -> None:
    assert round_length(length) == rounded


def test_round_length_never_grows_and_keeps_the_order() -> None:
    rounded = [round_length(length) for length in range(5000)]
    assert rounded == sorted(rounded)
    assert all(r <= length < r * 1.125 + 1 for length, r in enumerate(rounded))
    assert all(round_length(r) == r for r in rounded)


def test_inverse_document_frequencies() -> None:
    weights = inverse_document_frequencies(10, np.array([1, 10]))
    assert weights.dtype == np.float32
    assert weights.tolist() == pytest.approx(
        [math.log(1 + 9.5 / 1.5), math.log(1 + 0.5 / 10.5)], rel=1e-7
    )


def test_attenuations() -> None:
    frequencies, lengths = np.array([1, 2, 1]), np.array([10, 10, 20])
    got = attenuations(frequencies, lengths, 10.0)
    expected = [1 + 1 / 0.9, 1 + 2 / 0.9, 1 + 1 / (0.9 * (0.6 + 0.4 * 2))]
    assert got.dtype == np.float32
    assert got.tolist() == pytest.approx(expected, rel=1e-6)
