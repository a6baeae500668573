"""Products near a request by the language model's vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shopwright.encoding.product_vectors import unit_vectors

# Up to so many products are kept as floats, some 150 MB, and all compared. Of more, those are that
# were found otherwise; all of them, so many at a time, only where nothing was.
FLOAT_PRODUCTS = 100_000
ROWS_PER_CHUNK = 16_384


class DenseIndex:
    """Cosine similarities of texts and products.

    Args:
        vectors: int8, (products, dimensions): their directions, row by row.

    Attributes:
        compares_all: whether all of them are compared with a text, whatever was found otherwise.
    """

    def __init__(self, vectors: np.ndarray) -> None:
        self._vectors = vectors
        self.compares_all = len(vectors) <= FLOAT_PRODUCTS
        self._floats = unit_vectors(vectors) if self.compares_all else None

    def cosines(
        self,
        vector: np.ndarray,
        added: tuple[np.ndarray, np.ndarray],
        row_count: int,
        found_rows: np.ndarray | None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how near each row is to a text, float32, (rows,), −1 for rows that are not
        compared or have no vector; and bool, (rows,), which have one.

        Args:
            vector: the text's, float32, (dimensions,), of any length.
            added: further rows and their vectors, as :meth:`TokenStates.added_vectors` gives them.
            row_count: how many rows there are; of more nothing is said.
            found_rows: the rows that are compared where not all are.
        """
        vector = unit_vectors(vector)
        found = np.full(row_count, -1.0, dtype=np.float32)
        assert self.compares_all or found_rows is not None
        if self._floats is not None:
            found[: len(self._floats)] = self._floats @ vector
        elif found_rows is not None and len(found_rows):
            rows = found_rows[found_rows < len(self._vectors)]
            found[rows] = unit_vectors(self._vectors[rows]) @ vector
        else:
            for start in range(0, len(self._vectors), ROWS_PER_CHUNK):
                chunk = slice(start, min(start + ROWS_PER_CHUNK, len(self._vectors)))
                found[chunk] = unit_vectors(self._vectors[chunk]) @ vector
        rows, vectors = added
        there = rows < row_count
        found[rows[there]] = (vectors @ vector)[there]
        is_known = np.arange(row_count) < len(self._vectors)
        is_known[rows[there]] = True
        return found, is_known

    def vectors(self, rows: Sequence[int], added: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Return the vectors of rows, float32, (rows, dimensions), of unit length; zeros of those
        that have none.

        Args:
            added: as of :meth:`cosines`.
        """
        found = np.zeros((len(rows), self._vectors.shape[1]), dtype=np.float32)
        place_of = {row: place for place, row in enumerate(added[0].tolist())}
        for number, row in enumerate(rows):
            if row < len(self._vectors):
                found[number] = self._vectors[row]
            elif row in place_of:
                found[number] = added[1][place_of[row]]
        return unit_vectors(found)
