"""The search over a catalogue that was changed since its index was written.

The postings of new and changed products lie in memory beside the index. How many products there
are, and how many have a term, is counted anew for each query among the living ones, so that the
weights of terms are those of a new index. The average length of documents, of which every posting
of the index holds a trace, stays that of the index until it is written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from shopwright.catalogue.delta import ChangedCatalogue, Delta, Generation, Growing
from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import Catalogue
from shopwright.errors import ShopError
from shopwright.search.analysis import analyse
from shopwright.search.bm25 import (
    LUCENE,
    Saturation,
    attenuations,
    inverse_document_frequencies,
    round_length,
)
from shopwright.search.index import Index
from shopwright.search.searchable_catalogue import SearchableCatalogue

_ROWS = np.dtype(np.int64)


_NO_ROWS = np.zeros(0, dtype=_ROWS), np.zeros(0, dtype=np.float32)


class AddedPostings:
    """The postings, in memory, of documents that are not in an index. One thread at a time may add
    to them, while any number read.

    Args:
        average_length: how many terms a document of the index has on average.
        saturation: how frequencies count in the index.
    """

    def __init__(self, average_length: float, saturation: Saturation = LUCENE) -> None:
        self._average_length = average_length
        self._saturation = saturation
        self._of_term: dict[str, tuple[Growing, Growing]] = {}

    def add(self, counts: Mapping[str, int], row: int) -> int:
        """Add a document.

        Args:
            counts: how often it has each of its terms.
            row: its number, above those of all before.

        Returns:
            How many terms it has.
        """
        length = sum(counts.values())
        frequencies = np.array([*counts.values()], dtype=np.int64)
        lengths = np.full(len(counts), round_length(length))
        average = self._average_length or max(1.0, float(length))
        divisors = attenuations(frequencies, lengths, average, self._saturation)
        for term, divisor in zip(counts, divisors.tolist(), strict=True):
            own = self._of_term.setdefault(term, (Growing(np.int64), Growing(np.float32)))
            # Whoever reads takes the rows first: each then has its divisor.
            own[1].add(divisor)
            own[0].add(row)
        return length

    def postings(self, term: str, row_count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the documents below a row that have a term, ascending, int64, and the divisors of
        its scores, both (documents with the term,)."""
        own = self._of_term.get(term)
        if own is None:
            return _NO_ROWS
        rows = own[0].view()
        rows = rows[: rows.searchsorted(row_count)]
        return rows, own[1].view()[: len(rows)]


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
        self._added = AddedPostings(index.average_length)
        # Of each term, the generations in which rows of the index died that have it, ascending.
        self._died: dict[str, Growing] = {}
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
            count += self._added.add(Counter(analyse(product.search_text)), row) > 0
        self._documents_with_text.append(count)
        return self.delta.advance(puts, gone)

    @property
    def _base(self) -> Sequence[Product]:
        return self.delta.base

    def _bury(self, product: Product, number: int, *, is_own: bool) -> bool:
        terms = set(analyse(product.search_text))
        if not is_own:  # Of the others it is known which of a term's rows are dead.
            for term in terms:
                self._died.setdefault(term, Growing(np.int64)).add(number)
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
        living = len(rows)
        if (died := self._died.get(term)) is not None:
            living -= int(died.view().searchsorted(generation.number, side="right"))
        own_rows, own_divisors = self._added.postings(term, generation.row_count)
        if not len(own_rows):
            return rows, divisors, living
        living += len(own_rows) - int(np.count_nonzero(is_dead[own_rows]))
        rows = np.concatenate([rows, own_rows], dtype=_ROWS)
        return rows, np.concatenate([divisors, own_divisors]), living


def best_rows(scores: np.ndarray, limit: int, catalogue: Catalogue) -> np.ndarray:
    """Return the rows with the highest scores above 0, best first, int64; of equal ones those
    whose asins come first.

    Args:
        scores: (rows,), those of dead rows 0.
    """
    rows = np.flatnonzero(scores > 0)
    if len(rows) > limit:
        least = np.partition(scores[rows], len(rows) - limit)[len(rows) - limit]
        rows = rows[scores[rows] >= least]
    rows = catalogue.by_asin(rows)
    best: np.ndarray = rows[np.argsort(-scores[rows], kind="stable")[:limit]]
    return best


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
        rows = best_rows(totals.astype(np.float32), limit, self._catalogue)
        return rows, totals[rows].astype(np.float32)

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
