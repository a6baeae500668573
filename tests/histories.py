"""Purchase histories for tests."""

from __future__ import annotations

import numpy as np

from shopwright.catalogue.storage import Catalogue
from shopwright.encoding.projection import Projection
from shopwright.memory.store import PastRequest, PurchaseHistory, sentence_vector

# The first four of eight dimensions.
PROJECTION = Projection(np.zeros(8, dtype=np.float32), np.eye(8, 4, dtype=np.float32))


def drawn_request(draws: np.random.Generator) -> PastRequest:
    hidden = draws.standard_normal((5, 8)).astype(np.float32)
    tokens = draws.integers(0, 30, size=5).astype(np.int32)
    return PastRequest(sentence_vector(hidden), tokens, PROJECTION.apply(hidden))


def drawn_history(catalogue: Catalogue, count: int) -> PurchaseHistory:
    draws = np.random.default_rng(3)
    rows = draws.integers(0, len(catalogue), size=count).tolist()
    asins = [catalogue.asin_of(row) for row in rows]
    asins[1] = "B0NOWHERE"
    return PurchaseHistory.of(asins, [drawn_request(draws) for _ in range(count)], PROJECTION)


def history_of(asins: list[str], vectors: np.ndarray) -> PurchaseHistory:
    """One whose requests have a word each, of their own."""
    return PurchaseHistory.of(
        asins,
        [
            PastRequest(vector, np.array([number], dtype=np.int32), np.ones((1, 1), np.float32))
            for number, vector in enumerate(vectors.astype(np.float32))
        ],
        PROJECTION,
    )
