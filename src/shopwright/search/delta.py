"""The search over a catalogue that was changed since its index was written.

The postings of new and changed products lie in memory beside the index. How many products there
are, and how many have a term, is counted anew for each query among the living ones, so that the
weights of terms are those of a new index. The average length of documents, of which every posting
of the index holds a trace, stays that of the index until it is written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from shopwright.catalogue.delta import ChangedCatalogue, Delta, Generation, Growing
from shopwright.catalogue.product import Product
from shopwright.errors import ShopError
from shopwright.search.analysis import analyse
from shopwright.search.bm25 import attenuations, inverse_document_frequencies, round_length
from shopwright.search.index import Index
from shopwright.search.searchable_catalogue import SearchableCatalogue

_ROWS = np.dtype(np.int64)


class _Postings:
    """Of one term: rows that have it, ascending, with the divisors of its scores; and of rows of
    the index that have it the generations in which they died, ascending."""

    __slots__ = ("died", "divisors", "rows")

    def __init__(self) -> None:
        self.divisors = Growing(np.float32)
        self.rows = Growing(np.int64)
        self.died = Growing(np.int64)


class DeltaPostings:
    """The postings of the products that were changed. One thread at a time may change them, while
    any number read.

    Args:
        index: of the products as they were.
        delta: what was changed of them; taken in by :meth:`advance` alone.

    Raises:
        ShopError: the index does not say how long its documents are.
    """

    def __init__(self, index: Index, delta: Delta) -> None:
        if not index.average_length and index.documents_with_text:
            raise ShopError(
                "index.json, field average_length: expected a number, got none; build the shop "
                "again with this version of shopwright"
            )
        self.index = index
        self.delta = delta
        self._terms: dict[str, _Postings] = {}
        # How many living documents have any term, by generation.
        self._documents_with_text = [index.documents_with_text]

    def advance(self, puts: Sequence[Product], gone: Sequence[str]) -> Generation:
        """Take in what :meth:`Delta.advance` takes, there and here, and return the generation."""
        before = self.delta.latest
        number, first = before.number + 1, before.row_count
        asins = [*(product.asin for product in puts), *gone]
        rows = [self.delta.row_of(asin, before) for asin in asins]
        count = self._documents_with_text[-1]
        for row in rows:
            if row is not None:
                count -= self._bury(self.delta.product(row), number, is_own=row >= len(self._base))
        for row, product in enumerate(puts, start=first):
            count += self._add(product, row)
        self._documents_with_text.append(count)
        return self.delta.advance(puts, gone)

    @property
    def _base(self) -> Sequence[Product]:
        return self.delta.base

    def _add(self, product: Product, row: int) -> bool:
        counts = Counter(analyse(product.search_text))
        length = counts.total()
        average = self.index.average_length or max(1.0, float(length))
        frequencies = np.array([*counts.values()], dtype=np.int64)
        lengths = np.full(len(counts), round_length(length))
        divisors = attenuations(frequencies, lengths, average)
        for term, divisor in zip(counts, divisors.tolist(), strict=True):
            postings = self._terms.setdefault(term, _Postings())
            # Whoever reads takes the rows first: each then has its divisor.
            postings.divisors.add(divisor)
            postings.rows.add(row)
        return length > 0

    def _bury(self, product: Product, number: int, *, is_own: bool) -> bool:
        terms = set(analyse(product.search_text))
        if not is_own:  # Of the others it is known which of a term's rows are dead.
            for term in terms:
                self._terms.setdefault(term, _Postings()).died.add(number)
        return bool(terms)

    def documents_with_text(self, generation: Generation) -> int:
        """Return how many living documents have any term."""
        return self._documents_with_text[generation.number]

    def of_term(
        self, term: str, generation: Generation, is_dead: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """Return the documents that have a term.

        Args:
            term: the term.
            generation: which documents there are.
            is_dead: bool, (rows,): which are dead.

        Returns:
            (rows int64, divisors of the term's scores float32, how many are living), both arrays
            (documents with the term,), dead ones included.
        """
        rows, divisors = self.index.postings(term)
        own = self._terms.get(term)
        if own is None:
            return rows, divisors, len(rows)
        living = len(rows) - int(own.died.view().searchsorted(generation.number, side="right"))
        own_rows = own.rows.view()
        own_rows = own_rows[: own_rows.searchsorted(generation.row_count)]
        living += len(own_rows) - int(np.count_nonzero(is_dead[own_rows]))
        rows = np.concatenate([rows, own_rows], dtype=_ROWS)
        return rows, np.concatenate([divisors, own.divisors.view()[: len(own_rows)]]), living


class ChangedIndex:
    """Ranks the products of a generation for a query, as :class:`Index` does.

    Args:
        postings: the index, and those of the changed products.
        catalogue: the generation's.
    """

    def __init__(self, postings: DeltaPostings, catalogue: ChangedCatalogue) -> None:
        self._postings = postings
        self._catalogue = catalogue
        self._generation = catalogue.generation
        self._is_dead = np.zeros(self._generation.row_count, dtype=bool)
        self._is_dead[self._generation.dead] = True
        self.document_count = len(catalogue)

    def search(self, query: str, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (rows int64, scores float32) of the best products, as :meth:`Index.search`."""
        counts = Counter(analyse(query))
        if not counts:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        generation, postings = self._generation, self._postings
        found = [postings.of_term(term, generation, self._is_dead) for term in counts]
        rows, divisors, living = zip(*found, strict=True)
        documents = postings.documents_with_text(generation)
        weights = inverse_document_frequencies(documents, np.array(living, dtype=np.int64))
        weights *= np.array([*counts.values()], dtype=np.float32)
        scores = [weight - weight / own for weight, own in zip(weights, divisors, strict=True)]
        totals = np.bincount(
            np.concatenate(rows, dtype=_ROWS),
            np.concatenate(scores, dtype=np.float64),
            minlength=generation.row_count,
        )
        totals[generation.dead] = 0.0
        return self._best(totals.astype(np.float32), limit)

    def _best(self, scores: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows with the highest scores, and these; of equal ones those whose asins come
        first."""
        rows = np.flatnonzero(scores)
        if len(rows) > limit:
            least = np.partition(scores[rows], len(rows) - limit)[len(rows) - limit]
            rows = rows[scores[rows] >= least]
        rows = self._catalogue.by_asin(rows)
        rows = rows[np.argsort(-scores[rows], kind="stable")[:limit]]
        return rows, scores[rows]

    def search_rows(self, query: str, limit: int) -> list[int]:
        """Return the rows that :meth:`search` returns."""
        rows: list[int] = self.search(query, limit)[0].tolist()
        return rows


class ChangedSearchableCatalogue(ChangedCatalogue, SearchableCatalogue):
    """A generation of a catalogue, with its search.

    Args:
        postings: of its products, those that were changed too.
        generation: which.
    """

    def __init__(self, postings: DeltaPostings, generation: Generation) -> None:
        super().__init__(postings.delta, generation)
        self.search_index = ChangedIndex(postings, self)
        self._found: dict[str, tuple[int, ...]] = {}
