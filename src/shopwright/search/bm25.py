"""The BM25 weighting that Lucene applies, in its own arithmetic.

Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009, with Lucene's changes:
no factor (k1 + 1), inverse document frequency log(1 + (N − n + ½) / (n + ½)), document lengths
rounded to one byte, 32-bit floats per term and 64-bit sums.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Saturation(NamedTuple):
    """How much the frequency of a term and the length of a document count.

    Attributes:
        k1: the higher, the more another occurrence of the term adds.
        b: 0 to 1, how much the same is worth less in a longer document.
    """

    k1: float
    b: float


# Anserini's defaults, under which the original environment ranks.
LUCENE = Saturation(k1=0.9, b=0.4)

_MANTISSA_BITS = 3


def _to_small_float(value: int) -> int:
    """A non-negative integer as a float of three mantissa bits (the leading 1 is implicit)."""
    bits = value.bit_length()
    if bits <= _MANTISSA_BITS:
        return value
    shift = bits - 1 - _MANTISSA_BITS
    return (value >> shift) & 0x07 | (shift + 1) << _MANTISSA_BITS


def _from_small_float(small: int) -> int:
    mantissa, shift = small & 0x07, (small >> _MANTISSA_BITS) - 1
    return mantissa if shift < 0 else (mantissa | 0x08) << shift


# Lengths below this are kept exactly: the codes that small floats leave free in one byte.
_EXACT_LENGTHS = 255 - _to_small_float(2**31 - 1)


def round_length(length: int) -> int:
    """Return a document length as Lucene's one byte (``SmallFloat.intToByte4``) keeps it."""
    if length < _EXACT_LENGTHS:
        return length
    return _EXACT_LENGTHS + _from_small_float(_to_small_float(length - _EXACT_LENGTHS))


def inverse_document_frequencies(documents: int, documents_with_term: np.ndarray) -> np.ndarray:
    """Return the weights of terms, float32.

    Args:
        documents: how many documents there are.
        documents_with_term: for each term, how many documents have it, any integer type.
    """
    rare = (documents - documents_with_term + 0.5) / (documents_with_term + 0.5)
    return np.log(1 + rare).astype(np.float32)


def attenuations(
    frequencies: np.ndarray,
    lengths: np.ndarray,
    average_length: float,
    saturation: Saturation = LUCENE,
) -> np.ndarray:
    """Return, per posting, the divisor d of its score ``w − w / d``, w the term's weight.

    Args:
        frequencies: how often the term occurs in the document, any integer type, (n,).
        lengths: the documents' rounded lengths, (n,).
        average_length: the mean of the documents' exact lengths.
        saturation: how frequencies count.

    Returns:
        float32, (n,): 1 + frequency / (k1 · (1 − b + b · length / average length)).
    """
    one, k1, b = np.float32(1), np.float32(saturation.k1), np.float32(saturation.b)
    relative = b * lengths.astype(np.float32) / np.float32(average_length)
    norm = one / (k1 * ((one - b) + relative))
    return one + frequencies.astype(np.float32) * norm
