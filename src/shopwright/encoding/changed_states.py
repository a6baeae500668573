"""Token states of the products that were changed since those of a shop were written."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from shopwright.catalogue.delta import ChangedCatalogue, Delta
from shopwright.catalogue.storage import Catalogue
from shopwright.encoding.compute import threads
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.product_vectors import TEXT_WEIGHTS, mean_vector, product_vectors
from shopwright.encoding.token_states import (
    ProductStates,
    TokenStates,
    groups_of,
    option_skips,
    rounded,
    texts_of,
)

# Some 200 KB each; others are made again when they are asked for.
CACHED_CHANGES = 2048


class ChangedStates(TokenStates):
    """The token states of a shop's products after changes, made when they are asked for.

    A changed product whose texts are the same has the states that it had. How rare a token is stays
    as it was until the shop is compacted.

    Args:
        before: the states of the products as they were.
        model: the language model.
        delta: what was changed.
    """

    def __init__(self, before: TokenStates, model: LanguageModel, delta: Delta) -> None:
        self.config = before.config
        self.projection = before.projection
        self.inverse_document_frequency = before.inverse_document_frequency
        self._before = before
        self._model = model
        self._delta = delta
        self.vectors = before.vectors
        self._vectors: dict[int, np.ndarray] = {}
        self._made = lru_cache(maxsize=CACHED_CHANGES)(self._make)
        self.product = self._of_row  # type: ignore[assignment]

    def at(self, catalogue: Catalogue, model: LanguageModel) -> TokenStates:
        """Return the states of the same shop's products after other changes."""
        same = isinstance(catalogue, ChangedCatalogue) and catalogue.delta is self._delta
        return self if same else self._before.at(catalogue, model)

    def added_vectors(self, row_count: int) -> dict[int, np.ndarray]:
        """Return the vectors of rows that came after :attr:`vectors`, as far as they are known:
        those of products that were asked for."""
        return {row: vector for row, vector in list(self._vectors.items()) if row < row_count}

    def _of_row(self, row: int) -> ProductStates:
        return self._before.product(row) if row < len(self._delta.base) else self._made(row)

    def _make(self, row: int) -> ProductStates:
        product = self._delta.product(row)
        texts = texts_of(product, self.config)
        old = self._delta.replaced(row)
        if old is not None and texts_of(self._delta.product(old), self.config) == texts:
            known = self._of_row(old)
            is_own = old >= len(self._delta.base)
            self._vectors[row] = self._vectors[old] if is_own else self.vectors[old]
            return known
        limits = [limit for _, limit in texts]
        with threads(1):
            encoded = list(self._model.encode([text for text, _ in texts], limits=limits))
        means = [mean_vector(text.states) for text in encoded[: len(TEXT_WEIGHTS)]]
        self._vectors[row] = product_vectors(np.stack(means)[None])[0]
        return ProductStates.of(
            [text.tokens for text in encoded],
            [rounded(self.projection, text.states) for text in encoded],
            option_skips(groups_of(product), self._model, self.config).astype(np.int64),
        )
