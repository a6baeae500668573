"""A vector for each product: the mean of what the language model makes of its texts.

They come of the pass that makes the token states, and cost nothing beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ONE = 127  # the integer that stands for the largest number of a vector
# How much the directions of a product's title, bullets, description and kind count. Flat optima on
# the development halves of the judged queries.
TEXT_WEIGHTS = np.array([0.8, 0.0, 0.0, 0.2], dtype=np.float32)
ROWS_PER_CHUNK = 8192


def mean_vector(states: np.ndarray) -> np.ndarray:
    """Return the direction of the mean of token states, int8, (dimensions,); zeros of none.

    Args:
        states: float32, (tokens, dimensions): of a text, as the language model gives them.
    """
    return _rounded(states.sum(axis=0))


def product_vectors(means: np.ndarray) -> np.ndarray:
    """Return the directions of products, int8, (products, dimensions).

    Args:
        means: int8, (products, 4, dimensions): of each one's title, bullets, description and kind,
            as :func:`mean_vector` gives them.
    """
    return _rounded(np.einsum("t,ptd->pd", TEXT_WEIGHTS, unit_vectors(means)))


def unit_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return vectors, (..., dimensions), of unit length, float32; zeros of zeros."""
    found = vectors.astype(np.float32)
    found /= np.maximum(np.linalg.norm(found, axis=-1, keepdims=True), np.float32(1e-9))
    return found


def gathered_vectors(means: np.ndarray, product_texts: Sequence[Sequence[int]]) -> np.ndarray:
    """Return the vectors of products whose texts are given by number.

    Args:
        means: int8, (texts, dimensions).
        product_texts: of each product, its title's, bullets', description's and kind's.
    """
    texts = np.array(product_texts, dtype=np.int64)
    vectors = np.empty((len(texts), means.shape[1]), dtype=np.int8)
    for start in range(0, len(texts), ROWS_PER_CHUNK):
        rows = slice(start, start + ROWS_PER_CHUNK)
        vectors[rows] = product_vectors(means[texts[rows]])
    return vectors


def _rounded(vectors: np.ndarray) -> np.ndarray:
    most = np.abs(vectors).max(axis=-1, keepdims=True)
    rounded: np.ndarray = np.rint(vectors * (ONE / np.maximum(most, 1e-9))).astype(np.int8)
    return rounded
