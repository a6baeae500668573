"""Candidates for a request: the products that a ranking has to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shopwright.catalogue.delta import ChangedCatalogue
from shopwright.catalogue.storage import Catalogue
from shopwright.encoding.product_vectors import unit_vectors
from shopwright.finding.dense import DenseIndex
from shopwright.finding.field_index import FieldIndex, open_field_index
from shopwright.finding.query import clauses_of
from shopwright.search.delta import best_rows
from shopwright.shop.shop import Shop
from shopwright.understanding.request import ParsedRequest
from shopwright.understanding.spelling import Spelling
from shopwright.understanding.vocabulary import open_vocabulary

if TYPE_CHECKING:
    # They load torch, which takes seconds: only where somebody has a model already.
    from shopwright.encoding.language_model import LanguageModel
    from shopwright.encoding.token_states import TokenStates

# What each retriever finds by itself is a candidate, and then judged by all of them.
DEPTH = 200
# Of a very large shop the vectors of so many that have the right words are compared.
COMPARED = 2000
# How much the cosine similarity counts beside the share of the words that is found. 0.3 to 0.5 do
# as well on the development halves.
DENSE_WEIGHT = 0.35
# From so many words on it counts fully, of fewer in proportion: what stands in a vector of one or
# two words, the words themselves say better.
FULL_WORDS = 4
# Of a request that says what a thing is for: its words are rarely those of the thing.
USE_WEIGHT = 0.8
REQUEST_TOKENS = 128


@dataclass(frozen=True, slots=True)
class Candidates:
    """Products found for a request, the most promising first.

    Attributes:
        rows: int64, (candidates,).
        scores: float32, (candidates,): what they are ordered by.
        parts: retriever → float32, (candidates,): what it gives each of them, whoever found it.
            "fields": the share of the request's weight that the product's words meet, 0 to 1;
            "dense": the cosine similarity; "memory": 1 / place among those that were bought for
            requests like this one, 0 for others.
    """

    rows: np.ndarray
    scores: np.ndarray
    parts: Mapping[str, np.ndarray]


class Finder:
    """Finds the candidates for requests in a shop.

    Words (BM25 over weighted fields, tolerant of spelling) and meaning (a vector of the language
    model) are fused by a convex combination: both scores have fixed ends, so that neither needs to
    be stretched query by query, and it keeps how much better a product is, which reciprocal rank
    fusion forgets; on the development halves it was better by 2 points of nDCG@10.

    Source: Bruch, Gai & Ingber, "An analysis of fusion functions for hybrid retrieval", 2023, with
    the theoretical ends of both scores.

    Args:
        catalogue: the shop's products.
        fields: their index by weighted fields.
        spelling: corrects words; None takes them as they are.
        dense: their vectors; None finds by words alone.
        states: what knows the vectors of products that were added.
        model: reads them.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        fields: FieldIndex,
        spelling: Spelling | None,
        dense: DenseIndex | None = None,
        states: TokenStates | None = None,
        model: LanguageModel | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._fields = fields
        self._spelling = spelling
        self._dense = dense
        self._states = states
        self._model = model

    def at(self, catalogue: Catalogue) -> Finder:
        """Return the finder of the same shop after changes."""
        moved = copy(self)
        moved._catalogue = catalogue
        moved._fields = self._fields.at(catalogue)
        if self._states is not None and self._model is not None:
            moved._states = self._states.at(catalogue, self._model)
        return moved

    def with_vectors(self, states: TokenStates, model: LanguageModel) -> Finder:
        """Return this finder with the products' vectors, as :func:`open_finder` takes them."""
        finder = copy(self)
        finder._dense = DenseIndex(states.vectors)
        finder._states, finder._model = states, model
        return finder

    def candidates(
        self,
        request: str | ParsedRequest,
        limit: int = 100,
        *,
        vector: np.ndarray | None = None,
        remembered: Sequence[int] = (),
        by_use: bool = False,
    ) -> Candidates:
        """Return the candidates for a request. The same request gives the same ones.

        Args:
            request: what is asked for; of a parsed one what it says to search for.
            limit: how many at most.
            vector: the sum of its tokens' states, float32, (dimensions of the model,), if that is
                known.
            remembered: the rows of products that were bought for requests like this one, nearest
                first (:meth:`~shopwright.memory.retriever.Retriever.nearest`): they are among the
                candidates whatever their words.
            by_use: whether the request says what a thing is for, not what it is.
        """
        if isinstance(request, ParsedRequest):
            request = request.search_text or request.text
        clauses = clauses_of(request, self._spelling)
        found = {"fields": self._fields.scores(clauses)}
        if self._dense is not None:
            if vector is None:
                vector = self._vector(request)
            found["dense"] = self._cosines(vector, found["fields"])
        depth = max(limit, DEPTH)
        lists = [best_rows(scores, depth, self._catalogue) for scores in found.values()]
        is_found = np.zeros(self._catalogue.row_count, dtype=bool)
        is_found[np.concatenate([*lists, np.array(remembered, dtype=np.int64)])] = True
        rows: np.ndarray = np.flatnonzero(is_found)
        parts = {name: scores[rows].astype(np.float32) for name, scores in found.items()}
        parts["memory"] = np.zeros(len(rows), dtype=np.float32)
        places = np.arange(1, len(remembered) + 1)
        parts["memory"][np.searchsorted(rows, remembered)] = 1 / places
        scores = parts["fields"]
        if "dense" in parts:
            weight = USE_WEIGHT if by_use else dense_weight(len(clauses))
            scores = (1 - weight) * scores + weight * parts["dense"].clip(min=0)
        return self._first(rows, scores.astype(np.float32), parts, limit)

    def likeness(self, rows: Sequence[int], examples: Sequence[int]) -> np.ndarray | None:
        """Return how like products are to the mean of some others, float32, (rows,): the cosines
        of their vectors; None without vectors.

        Args:
            rows: the products'.
            examples: the others', at least one.
        """
        if self._dense is None or self._states is None:
            return None
        vectors = self._dense.vectors([*rows, *examples], self._states.added_vectors())
        mean = vectors[len(rows) :].mean(axis=0)
        found: np.ndarray = vectors[: len(rows)] @ unit_vectors(mean)
        return found

    def _vector(self, text: str) -> np.ndarray:
        assert self._model is not None
        (encoded,) = self._model.encode([text], limits=[REQUEST_TOKENS])
        vector: np.ndarray = encoded.states.sum(axis=0)
        return vector

    def _cosines(self, vector: np.ndarray, by_words: np.ndarray) -> np.ndarray:
        assert self._dense is not None
        row_count = self._catalogue.row_count
        assert self._states is not None
        rows = None
        if not self._dense.compares_all:
            rows = best_rows(by_words, COMPARED, self._catalogue)
        added = self._states.added_vectors()
        cosines, is_known = self._dense.cosines(vector, added, row_count, rows)
        # Until their texts are read, words alone speak for new products.
        np.copyto(cosines, by_words, where=~is_known)
        if isinstance(self._catalogue, ChangedCatalogue):
            cosines[self._catalogue.generation.dead] = -1.0
        return cosines

    def _first(
        self, rows: np.ndarray, scores: np.ndarray, parts: Mapping[str, np.ndarray], limit: int
    ) -> Candidates:
        """The candidates with the highest scores, and those that are remembered; of equal ones
        those whose asins come first."""
        by_asin = np.searchsorted(rows, self._catalogue.by_asin(rows))
        remembered = parts["memory"] > 0
        order = by_asin[np.lexsort((-scores[by_asin], ~remembered[by_asin]))[:limit]]
        order = order[np.argsort(-scores[order], kind="stable")]
        return Candidates(
            rows[order], scores[order], {name: part[order] for name, part in parts.items()}
        )


def dense_weight(words: int) -> float:
    """Return how much the cosine similarity counts for a request of so many words."""
    return DENSE_WEIGHT * min(1.0, words / FULL_WORDS)


def open_finder(
    shop: Shop,
    *,
    states: TokenStates | None = None,
    model: LanguageModel | None = None,
) -> Finder:
    """Return the finder of a shop; its index and its words are written if they are not there yet.

    Args:
        shop: the shop; its folder must be writable the first time.
        states: its token states, which hold the products' vectors; None finds by words alone.
        model: the language model of the states.
    """
    finder = Finder(shop.catalogue, open_field_index(shop), Spelling(open_vocabulary(shop)))
    if states is None or model is None:
        return finder
    return finder.with_vectors(states, model)
