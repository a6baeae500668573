"""Products near a request by the language model's vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from shopwright.encoding.product_vectors import unit_vectors

# Up to so many products are kept as floats, some 150 MB, and compared in 15 ms; of more, so many
# at a time are made floats.
FLOAT_PRODUCTS = 100_000
ROWS_PER_CHUNK = 16_384

Encode = Callable[[str], np.ndarray]


class DenseIndex:
    """Cosine similarities of texts and products; all products are compared.

    Args:
        vectors: int8, (products, dimensions): their directions, row by row.
        encode: text → its vector, float32, (dimensions,), of any length.
    """

    def __init__(self, vectors: np.ndarray, encode: Encode) -> None:
        self._vectors = vectors
        self._encode = encode
        is_small = len(vectors) <= FLOAT_PRODUCTS
        self._floats = unit_vectors(vectors) if is_small else None

    def cosines(self, text: str, added: dict[int, np.ndarray], row_count: int) -> np.ndarray:
        """Return how near each row is to a text, float32, (rows,); −1 for rows without a vector.

        Args:
            added: the vectors, int8, of further rows, as far as they are known.
            row_count: how many rows there are.
        """
        vector = unit_vectors(self._encode(text))
        found = np.full(row_count, -1.0, dtype=np.float32)
        if self._floats is not None:
            found[: len(self._floats)] = self._floats @ vector
        else:
            for start in range(0, len(self._vectors), ROWS_PER_CHUNK):
                chunk = slice(start, min(start + ROWS_PER_CHUNK, len(self._vectors)))
                found[chunk] = unit_vectors(self._vectors[chunk]) @ vector
        if added:
            found[[*added]] = unit_vectors(np.stack([*added.values()])) @ vector
        return found
