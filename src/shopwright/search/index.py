"""The search index, opened memory-mapped.

Files of an index folder:
    terms.bin, term_offsets.npy: the terms in ascending byte order, one after the other.
    starts.npy: int64, terms + 1: where each term's postings begin.
    documents.npy: uint32: the rows of the documents that have the term, ascending.
    attenuations.npy: float32: each posting's divisor (see bm25.py).
    pieces.bin, piece_starts.npy, piece_terms.npy: the texts between spaces that come most often
        in documents, a space between them, and the numbers of each one's terms.
    index.json: how many documents have any term, as Lucene counts them, and how many terms each of
        these has on average.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from shopwright.catalogue.storage import read_array
from shopwright.files import read_json
from shopwright.search.analysis import piece_terms
from shopwright.search.bm25 import inverse_document_frequencies
from shopwright.search.postings import KEPT_PIECE_LENGTH, read_pieces
from shopwright.search.postings import build_index as build_index

# Of pieces of queries that documents do not have, or seldom.
CACHED_PIECES = 1 << 13
# Up to this many terms are kept in a dictionary, which is faster and still small.
DICTIONARY_TERMS = 200_000
# The scores of an index of up to this many postings are kept in memory: at most 24 MB.
KEPT_POSTINGS = 2_000_000
# The postings of a query's terms are joined and added at once up to about this many: 100 MB.
JOINED_POSTINGS = 6_000_000
# Among more documents than this, most are skipped by the best score of their block.
UNBLOCKED_DOCUMENTS = 1 << 14
BLOCK_DOCUMENTS = 256
# So few are sorted faster than partitioned.
SORTED_DOCUMENTS = 512

# The bits of a 64-bit float that are 0 if it was one of 32 bits. There the place of its document
# fits in, and the bits taken for a whole number are ordered by score, then by place.
_PLACE_MASK = (1 << 29) - 1
_LEAST_KEY = _PLACE_MASK + 1

_NONE = np.zeros(0, dtype=np.int64)


class Ranking(Protocol):
    """Ranks documents for a query."""

    document_count: int

    def search(self, query: str, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (rows int64, scores float32) of the best documents, best first."""

    def search_rows(self, query: str, limit: int) -> list[int]:
        """Return the rows that :meth:`search` returns."""


class Index:
    """Ranks documents for a query by Lucene's BM25.

    Args:
        folder: where :func:`build_index` wrote.
        ranks: integers, (documents,): the order in which documents of equal score come.

    Attributes:
        document_count: how many documents there are.
        documents_with_text: how many of them have any term.
        average_length: how many terms each of these has on average.
    """

    def __init__(self, folder: Path, ranks: np.ndarray) -> None:
        self._term_bytes = (folder / "terms.bin").read_bytes()
        self._term_offsets = read_array(folder / "term_offsets.npy")
        starts = read_array(folder / "starts.npy")
        # Indexing a memory view gives an int, and faster than an array.
        self._starts = starts.data
        self._documents = read_array(folder / "documents.npy")
        self._attenuations = read_array(folder / "attenuations.npy")
        about = read_json(folder / "index.json")
        self.documents_with_text: int = about["documents_with_text"]
        self.average_length: float = about.get("average_length", 0.0)
        self._weights = inverse_document_frequencies(self.documents_with_text, np.diff(starts))
        self.document_count = len(ranks)
        # Of equal scores the lower rank comes first, so it gets the higher place.
        self._places = len(ranks) - 1 - ranks.astype(np.int64)
        self._row_at = np.empty(len(ranks), dtype=np.int64)
        self._row_at[self._places] = np.arange(len(ranks))
        self._kept: np.ndarray | None = None
        if len(self._documents) <= KEPT_POSTINGS:
            weights = np.repeat(self._weights, np.diff(starts))
            self._kept = weights - weights / self._attenuations
            self._documents = self._documents.astype(np.int64)
        self._pieces = read_pieces(folder)
        self._cached_numbers_in = lru_cache(maxsize=CACHED_PIECES)(self._numbers_in)
        self._numbers: dict[bytes, int] | None = None
        if self.term_count <= DICTIONARY_TERMS:
            self._numbers = {self._term(number): number for number in range(self.term_count)}

    @property
    def term_count(self) -> int:
        """The number of distinct terms."""
        return len(self._term_offsets) - 1

    def _term(self, number: int) -> bytes:
        return self._term_bytes[self._term_offsets[number] : self._term_offsets[number + 1]]

    def _number_of(self, term: str) -> int | None:
        key = term.encode("utf-8", "surrogatepass")
        if self._numbers is not None:
            return self._numbers.get(key)
        low, high = 0, self.term_count
        while low < high:
            middle = (low + high) // 2
            if self._term(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low if low < self.term_count and self._term(low) == key else None

    def _scores(self, number: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The documents that have a term, and what it adds to each one's score.

        Args:
            number: the term's.
            count: how often it occurs in the query.

        Returns:
            (rows, scores of 32-bit precision), both (documents with the term,).
        """
        start, end = self._starts[number], self._starts[number + 1]
        if count == 1 and self._kept is not None:
            return self._documents[start:end], self._kept[start:end]
        weight = np.float32(count) * self._weights[number]
        return self._documents[start:end], weight - weight / self._attenuations[start:end]

    def postings(self, term: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the documents that have a term, ascending, and the divisors of its scores (see
        bm25.py), both (documents with the term,)."""
        number = self._number_of(term)
        if number is None:
            return _NONE, np.zeros(0, dtype=np.float32)
        start, end = self._starts[number], self._starts[number + 1]
        return self._documents[start:end], self._attenuations[start:end]

    def _numbers_in(self, piece: str) -> tuple[int, ...]:
        """The numbers of the terms in a piece of text that has no space; unknown ones left out."""
        numbers = map(self._number_of, piece_terms(piece))
        return tuple(number for number in numbers if number is not None)

    def _counts(self, query: str) -> dict[int, int]:
        """How often each term occurs in a query, by number, in order of appearance."""
        numbers: list[int] = []
        known = self._pieces
        if query.isascii():  # Of other letters, some are cut differently when in lower case.
            query = query.lower()
        for piece in query.split(" "):
            found = known.get(piece)
            if found is None:
                is_short = len(piece) <= KEPT_PIECE_LENGTH
                found = self._cached_numbers_in(piece) if is_short else self._numbers_in(piece)
            numbers += found
        counts = dict.fromkeys(numbers, 1)
        if len(counts) < len(numbers):
            counts = dict.fromkeys(numbers, 0)
            for number in numbers:
                counts[number] += 1
        return counts

    def search(self, query: str, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the best documents for a query.

        Args:
            query: plain text; it has no operators.
            limit: how many documents at most.

        Returns:
            (rows int64, scores float32), best first, equal scores by rank; only documents that
            share a term with the query.
        """
        keys = self._best(query, limit)
        scores = (keys & ~_PLACE_MASK).view(np.float64).astype(np.float32)
        return self._row_at[keys & _PLACE_MASK], scores

    def search_rows(self, query: str, limit: int) -> list[int]:
        """Return the rows that :meth:`search` returns."""
        rows: list[int] = self._row_at[self._best(query, limit) & _PLACE_MASK].tolist()
        return rows

    def _best(self, query: str, limit: int) -> np.ndarray:
        """The best documents for a query, best first: int64, each one's score and place."""
        counts = self._counts(query)
        if not counts:
            return _NONE
        totals = self._totals(counts)
        places = self._places
        if len(totals) > UNBLOCKED_DOCUMENTS:
            rows = contenders(totals, limit)
            totals, places = totals[rows], places[rows]
        keys = _keys(totals, places)
        return _first(keys[keys >= _LEAST_KEY], limit)

    def _totals(self, counts: dict[int, int]) -> np.ndarray:
        """Each document's score, float64, (documents,), from the mapped postings."""
        terms = iter(counts.items())
        found: list[tuple[np.ndarray, np.ndarray]] = []
        joined = 0
        while joined < JOINED_POSTINGS and (term := next(terms, None)) is not None:
            found.append(self._scores(*term))
            joined += len(found[-1][0])
        rows, scores = zip(*found, strict=True)
        totals = np.bincount(
            np.concatenate(rows, dtype=np.int64),
            np.concatenate(scores, dtype=np.float64),
            minlength=self.document_count,
        )
        for number, count in terms:  # Of a query of very many words, in little memory.
            having, added = self._scores(number, count)
            totals[having] += added
        return totals


def _keys(totals: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Scores, rounded to 32 bits as Lucene's, with the places of their documents: int64."""
    keys: np.ndarray = totals.astype(np.float32).astype(np.float64).view(np.int64)
    keys |= places
    return keys


def _first(keys: np.ndarray, limit: int) -> np.ndarray:
    """The highest keys, highest first. Changes the order of those given."""
    if len(keys) > max(limit, SORTED_DOCUMENTS):
        keys.partition(len(keys) - limit)
        keys = keys[-limit:]
    keys.sort()
    return keys[: -limit - 1 : -1]


def contenders(totals: np.ndarray, limit: int) -> np.ndarray:
    """Return rows among which the best ``limit`` are, after the rounding of scores to 32 bits too.

    The best of each block of documents are as many different documents, so the limit-th best of
    these is no better than the limit-th best of all: blocks and documents below it are skipped.
    """
    whole = len(totals) // BLOCK_DOCUMENTS * BLOCK_DOCUMENTS
    blocks = totals[:whole].reshape(-1, BLOCK_DOCUMENTS)
    best = blocks.max(axis=1)
    if len(best) <= limit:
        return np.arange(len(totals))
    # A little below: what is rounded to the same 32-bit float counts as equal.
    bound = np.partition(best, len(best) - limit)[len(best) - limit] * (1 - 1e-6)
    if bound <= 0:
        return totals.nonzero()[0]
    chosen = (best >= bound).nonzero()[0]
    block, within = (blocks[chosen] >= bound).nonzero()
    rest = (totals[whole:] >= bound).nonzero()[0] + whole
    return np.concatenate([chosen[block] * BLOCK_DOCUMENTS + within, rest])
