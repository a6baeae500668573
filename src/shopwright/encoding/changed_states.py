"""Token states of the products that were changed since those of a shop were written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from shopwright.catalogue.delta import ChangedCatalogue, Delta, Growing
from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import Catalogue
from shopwright.encoding.compute import threads
from shopwright.encoding.encoded_text import EncodedText
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.product_states import ProductStates
from shopwright.encoding.product_vectors import (
    TEXT_WEIGHTS,
    mean_vector,
    product_vectors,
    unit_vectors,
)
from shopwright.encoding.token_states import (
    TokenStates,
    groups_of,
    option_skips,
    rounded,
    texts_of,
)

# Some 50 KB each; of more changed products the latest are kept.
KEPT_CHANGES = 8192
CACHED_PRODUCTS = 512
# Texts of so many tokens are read in one step.
TOKENS_A_STEP = 320


class _Texts(NamedTuple):
    """What the model read of a product's texts: the tokens of each, and their states as kept."""

    tokens: list[np.ndarray]
    states: list[np.ndarray]


class ChangedStates(TokenStates):
    """The token states of a shop's products after changes.

    A changed product whose texts are the same has the states that it had. Others are read by the
    model when they are asked for. Patient states are read by :meth:`reading` alone: until then each
    word has the mean of the states that it has elsewhere in the shop, and the product no vector.
    How rare a token is stays as it was until the shop is compacted.

    Args:
        before: the states of the products as they were.
        model: the language model.
        delta: what was changed.
        patient: whether they wait to be read.
    """

    def __init__(
        self, before: TokenStates, model: LanguageModel, delta: Delta, *, patient: bool = False
    ) -> None:
        self.config = before.config
        self.projection = before.projection
        self.inverse_document_frequency = before.inverse_document_frequency
        self.vectors = before.vectors
        self._before = before
        self._model = model
        self._delta = delta
        self._patient = patient
        self._lock = threading.Lock()
        self._next = len(delta.base)
        # Row → the earliest row whose texts it has, if that is another; and the other way round.
        self._first_with: dict[int, int] = {}
        self._rows_with: dict[int, list[int]] = {}
        self._read: dict[int, _Texts] = {}
        self._vectors: dict[int, np.ndarray] = {}
        self._vector_rows = Growing(np.int64)
        self._added_vectors = Growing(np.float32, self.vectors.shape[1])
        self._of_texts = lru_cache(maxsize=CACHED_PRODUCTS)(self._joined)
        self._of_words = lru_cache(maxsize=CACHED_PRODUCTS)(self._guessed)
        self.product = self._of_row  # type: ignore[assignment]

    def at(
        self, catalogue: Catalogue, model: LanguageModel, *, patient: bool = False
    ) -> TokenStates:
        """Return the states of the same shop's products after other changes."""
        same = isinstance(catalogue, ChangedCatalogue) and catalogue.delta is self._delta
        if not same or patient > self._patient:
            return self._before.at(catalogue, model, patient=patient)
        with self._lock:
            for row in range(self._next, catalogue.row_count):
                self._add(row)
            self._next = max(self._next, catalogue.row_count)
        return self

    def _add(self, row: int) -> None:
        """Find out whose texts a new row has."""
        first, old = row, self._delta.replaced(row)
        if old is not None:
            before, now = self._delta.product(old), self._delta.product(row)
            if texts_of(before, self.config) == texts_of(now, self.config):
                first = self._first_with.get(old, old)
                self._first_with[row] = first
        if first < len(self._delta.base):
            self._add_vector(row, unit_vectors(self.vectors[first]))
            return
        self._rows_with.setdefault(first, []).append(row)
        if first in self._vectors:
            self._add_vector(row, self._vectors[first])

    def _add_vector(self, row: int, vector: np.ndarray) -> None:
        # Whoever reads takes the rows first: each then has its vector.
        self._added_vectors.add(vector)
        self._vector_rows.add(row)

    def added_vectors(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows after :attr:`vectors` whose vectors are known, and these."""
        rows = self._vector_rows.view()
        return rows, self._added_vectors.view()[: len(rows)]

    def reading(self, row: int) -> Iterator[None]:
        """Read the texts of a row's product, some at each step; none if they are known."""
        row = self._first_with.get(row, row)
        if row < len(self._delta.base) or row in self._read:
            return
        product = self._delta.product(row)
        encoded: list[EncodedText] = []
        for texts in _steps(texts_of(product, self.config)):
            with threads(1):
                encoded += self._model.encode(
                    [text for text, _ in texts], limits=[limit for _, limit in texts]
                )
            yield
        means = [mean_vector(text.states) for text in encoded[: len(TEXT_WEIGHTS)]]
        (vector,) = unit_vectors(product_vectors(np.stack(means)[None]))
        states = [rounded(self.projection, text.states) for text in encoded]
        with self._lock:
            self._read[row] = _Texts([text.tokens for text in encoded], states)
            if len(self._read) > KEPT_CHANGES:
                del self._read[next(iter(self._read))]
            if row not in self._vectors:
                self._vectors[row] = vector
                for each in self._rows_with[row]:
                    self._add_vector(each, vector)

    def _of_row(self, row: int) -> ProductStates:
        row = self._first_with.get(row, row)
        if row < len(self._delta.base):
            return self._before.product(row)
        if row not in self._read and self._patient:
            return self._of_words(row)
        return self._of_texts(row)

    def _joined(self, row: int) -> ProductStates:
        for _ in self.reading(row):
            pass
        texts = self._read[row]
        return ProductStates.of(texts.tokens, texts.states, self._skips(self._delta.product(row)))

    def _guessed(self, row: int) -> ProductStates:
        product = self._delta.product(row)
        texts = texts_of(product, self.config)
        tokens = [
            np.array(ids, dtype=np.int32)
            for ids in self._model.tokens(
                [text for text, _ in texts], limits=[limit for _, limit in texts]
            )
        ]
        states = [self._before.word_states[ids] for ids in tokens]
        return ProductStates.of(tokens, states, self._skips(product))

    def _skips(self, product: Product) -> np.ndarray:
        return option_skips(groups_of(product), self._model, self.config).astype(np.int64)


def _steps(texts: list[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    """Texts, each with its limit of tokens, as many together as one step reads."""
    step: list[tuple[str, int]] = []
    for text in texts:
        if step and sum(limit for _, limit in step) + text[1] > TOKENS_A_STEP:
            yield step
            step = []
        step.append(text)
    yield step
