"""The search index: built once, opened memory-mapped.

Files of an index folder:
    terms.bin, term_offsets.npy: the terms in ascending byte order, one after the other.
    starts.npy: int64, terms + 1: where each term's postings begin.
    documents.npy: uint32: the rows of the documents that have the term, ascending.
    attenuations.npy: float32: each posting's divisor (see bm25.py).
    index.json: how many documents have any term, as Lucene counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from shopwright.catalogue.storage import read_array, write_array
from shopwright.files import read_json, replacing, write_json
from shopwright.search.analysis import CACHED_PIECE_LENGTH, CACHED_PIECES, analyse
from shopwright.search.bm25 import attenuations, inverse_document_frequencies, round_length

# Up to this many terms are kept in a dictionary, which is faster and still small.
DICTIONARY_TERMS = 200_000
# Of an index of up to this many postings, all scores are kept in memory: at most 32 MB.
KEPT_POSTINGS = 2_000_000


def build_index(folder: Path, texts: Iterable[str]) -> None:
    """Write the index of documents' texts.

    Args:
        folder: where to write.
        texts: the documents' texts, row by row.
    """
    term_numbers: dict[str, int] = {}
    terms_of: list[np.ndarray] = []
    frequencies_of: list[np.ndarray] = []
    lengths: list[int] = []
    for text in texts:
        counts = Counter(analyse(text))
        numbers = [term_numbers.setdefault(term, len(term_numbers)) for term in counts]
        terms_of.append(np.array(numbers, dtype=np.uint32))
        frequencies_of.append(np.array(list(counts.values()), dtype=np.uint32))
        lengths.append(sum(counts.values()))

    encoded = [term.encode("utf-8", "surrogatepass") for term in term_numbers]
    order = sorted(range(len(encoded)), key=encoded.__getitem__)
    sorted_number = np.empty(len(order), dtype=np.int64)
    sorted_number[order] = np.arange(len(order))

    terms = sorted_number[_joined(terms_of)]
    documents = np.repeat(np.arange(len(lengths)), [len(numbers) for numbers in terms_of])
    by_term = np.argsort(terms, kind="stable")
    documents = documents[by_term]
    frequencies = _joined(frequencies_of)[by_term]
    starts = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum(np.bincount(terms, minlength=len(order)), out=starts[1:])
    documents_with_text = sum(length > 0 for length in lengths)
    average = sum(lengths) / max(1, documents_with_text)
    rounded = np.array([round_length(length) for length in lengths], dtype=np.int64)

    with replacing(folder / "terms.bin") as file:
        file.write(b"".join(encoded[number] for number in order))
    sizes = [len(encoded[number]) for number in order]
    write_array(folder / "term_offsets.npy", np.cumsum([0, *sizes]).astype(np.int64))
    write_array(folder / "starts.npy", starts)
    write_array(folder / "documents.npy", documents.astype(np.uint32))
    write_array(folder / "attenuations.npy", attenuations(frequencies, rounded[documents], average))
    write_json(folder / "index.json", {"documents_with_text": documents_with_text})


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.uint32)


class KeptScores(NamedTuple):
    """The scores of every term, for one occurrence in a query.

    Attributes:
        starts: where each term's postings begin; one more entry for the end.
        documents: int64, (postings,): rows.
        scores: float64, (postings,): what the term adds to the document's score.
    """

    starts: list[int]
    documents: np.ndarray
    scores: np.ndarray


class Index:
    """Ranks documents for a query by Lucene's BM25.

    Args:
        folder: where :func:`build_index` wrote.
        ranks: integers, (documents,): the order in which documents of equal score come.
    """

    def __init__(self, folder: Path, ranks: np.ndarray) -> None:
        self._term_bytes = (folder / "terms.bin").read_bytes()
        self._term_offsets = read_array(folder / "term_offsets.npy")
        self._starts = read_array(folder / "starts.npy")
        self._documents = read_array(folder / "documents.npy")
        self._attenuations = read_array(folder / "attenuations.npy")
        self._ranks = ranks
        self._documents_with_text: int = read_json(folder / "index.json")["documents_with_text"]
        is_small = len(self._documents) <= KEPT_POSTINGS
        self._kept = self._all_scores() if is_small else None
        self._cached_numbers_in = lru_cache(maxsize=CACHED_PIECES)(self._numbers_in)
        self._numbers: dict[bytes, int] | None = None
        if self.term_count <= DICTIONARY_TERMS:
            self._numbers = {self._term(number): number for number in range(self.term_count)}

    @property
    def document_count(self) -> int:
        """The number of documents."""
        return len(self._ranks)

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
        if self._kept is not None and count == 1:
            start, end = self._kept.starts[number], self._kept.starts[number + 1]
            return self._kept.documents[start:end], self._kept.scores[start:end]
        start, end = int(self._starts[number]), int(self._starts[number + 1])
        idf = inverse_document_frequencies(self._documents_with_text, np.array(end - start))
        weight = np.float32(count) * idf
        return self._documents[start:end], weight - weight / self._attenuations[start:end]

    def _all_scores(self) -> KeptScores:
        """What :meth:`_scores` gives for every term that occurs once in a query."""
        counts = np.diff(self._starts)
        idf = inverse_document_frequencies(self._documents_with_text, counts)
        weights = np.repeat(idf, counts)
        return KeptScores(
            starts=self._starts.tolist(),
            documents=self._documents.astype(np.int64),
            scores=(weights - weights / self._attenuations).astype(np.float64),
        )

    def _numbers_in(self, piece: str) -> tuple[int, ...]:
        """The numbers of the terms in a piece of text that has no space; unknown ones left out."""
        numbers = map(self._number_of, analyse(piece))
        return tuple(number for number in numbers if number is not None)

    def _counts(self, query: str) -> Counter[int]:
        """How often each term occurs in a query, by number, in order of appearance."""
        numbers: list[int] = []
        for piece in query.split(" "):
            is_short = len(piece) <= CACHED_PIECE_LENGTH
            numbers += self._cached_numbers_in(piece) if is_short else self._numbers_in(piece)
        return Counter(numbers)

    def search(self, query: str, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the best documents for a query.

        Args:
            query: plain text; it has no operators.
            limit: how many documents at most.

        Returns:
            (rows int64, scores float32), best first, equal scores by rank; only documents that
            share a term with the query.
        """
        counts = self._counts(query)
        if not counts:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        found = [self._scores(number, count) for number, count in counts.items()]
        documents = np.concatenate([documents for documents, _ in found])
        scores = np.concatenate([scores for _, scores in found])
        # Sums in 64 bits, term after term, as Lucene's.
        totals = np.bincount(documents, scores, minlength=self.document_count)
        return self._best(totals, limit)

    def _best(self, totals: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        rows = (totals > 0).nonzero()[0]
        scores = totals[rows].astype(np.float32)
        if len(rows) > limit:
            last = np.partition(scores, len(rows) - limit)[len(rows) - limit]
            kept = (scores >= last).nonzero()[0]
            rows, scores = rows[kept], scores[kept]
        order = np.lexsort((self._ranks[rows], -scores))[:limit]
        return rows[order], scores[order]
