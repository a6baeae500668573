"""BM25 over all texts of products, weighted by field.

It is an index as the shop's own (search/index.py), of other counts: a word of a title counts as
several of a description. It lies beside the shop, in ``SHOP/fields/KEY/``, and is written when it
is first asked for; the shop's own index stays WebShop's.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from shopwright.catalogue.delta import ChangedCatalogue, Delta
from shopwright.catalogue.storage import Catalogue
from shopwright.folders import kept
from shopwright.search.analysis import analyse
from shopwright.search.bm25 import Saturation, inverse_document_frequencies
from shopwright.search.delta import AddedPostings
from shopwright.search.fields import WEIGHTS, weighted_text
from shopwright.search.index import Index
from shopwright.search.postings import gather_postings, merge_postings
from shopwright.shop.shop import Shop

FORMAT_VERSION = 1
# Flat optima on the development halves of the judged queries, as the weights of the fields.
SATURATION = Saturation(k1=1.5, b=0.7)
PART_PRODUCTS = 10_000
# The rarest words of a request are looked up, so that the longest costs no more than that.
MOST_CLAUSES = 48


# Terms that have to be there together, and how much finding them is worth, above 0 to 1.
Alternative = tuple[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Clause:
    """What one word of a request asks for: any of some terms, or of some groups of terms.

    Attributes:
        alternatives: a product gets what the best of those that it has is worth.
    """

    alternatives: tuple[Alternative, ...]


class FieldIndex:
    """Ranks the products of a shop for clauses.

    A product's score is the share of the clauses' weight that is found in it, saturated by BM25: 0
    to 1. How rare a word is, is counted among the products of the index and those that were added
    since.

    Args:
        index: of the catalogue as it was written.
        catalogue: its products, changed or not.
    """

    def __init__(self, index: Index, catalogue: Catalogue) -> None:
        self._index = index
        self._catalogue = catalogue
        self._added: _Added | None = None

    def at(self, catalogue: Catalogue) -> FieldIndex:
        """Return the index of the same shop after changes."""
        moved = copy(self)
        moved._catalogue = catalogue
        if isinstance(catalogue, ChangedCatalogue):
            if moved._added is None or moved._added.delta is not catalogue.delta:
                moved._added = _Added(catalogue.delta, self._index.average_length)
            moved._added.advance(catalogue.row_count)
        return moved

    def knows(self, term: str) -> bool:
        """Whether any product has a term."""
        return len(self._postings(term)[0]) > 0

    def scores(self, clauses: Sequence[Clause]) -> np.ndarray:
        """Return each row's score, float32, (rows,), 0 for rows that are dead."""
        totals = np.zeros(self._catalogue.row_count, dtype=np.float32)
        weight = 0.0
        for clause in self._rarest(clauses):
            rows, scores, most = self._of_clause(clause)
            totals[rows] += scores
            weight += most
        if weight:
            totals /= np.float32(weight)
        if isinstance(self._catalogue, ChangedCatalogue):
            totals[self._catalogue.generation.dead] = 0.0
        return totals

    def _rarest(self, clauses: Sequence[Clause]) -> list[Clause]:
        """The :data:`MOST_CLAUSES` known clauses that fewest products meet."""

        sizes = [
            max(len(self._postings(terms[0])[0]) for terms, _ in clause.alternatives)
            for clause in clauses
        ]
        known = [number for number, size in enumerate(sizes) if size]
        return [clauses[number] for number in sorted(known, key=sizes.__getitem__)[:MOST_CLAUSES]]

    def _of_clause(self, clause: Clause) -> tuple[np.ndarray, np.ndarray, float]:
        """The rows that meet a clause, what it adds to each one's score, and the most that it can
        add."""
        found = [(*self._of_terms(terms, weight), weight) for terms, weight in clause.alternatives]
        found = [each for each in found if len(each[0])]
        if not found:
            return *_NOTHING, 0.0
        most = max(worth for _, _, worth, _ in found)
        if len(found) == 1:
            return found[0][0], found[0][1], most
        scores = np.zeros(self._catalogue.row_count, dtype=np.float32)
        for own, added, _, _ in found:
            scores[own] = np.maximum(scores[own], added)
        rows = np.flatnonzero(scores)
        return rows, scores[rows], most

    def _of_terms(
        self, terms: tuple[str, ...], weight: float
    ) -> tuple[np.ndarray, np.ndarray, float]:
        """The same of one alternative: several terms count as one that is where all of them are,
        as often as the one that is there least."""
        rows, divisors = self._postings(terms[0])
        for term in terms[1:]:
            others, their_divisors = self._postings(term)
            rows, left, right = np.intersect1d(
                rows, others, assume_unique=True, return_indices=True
            )
            divisors = np.minimum(divisors[left], their_divisors[right])
        most = np.float32(weight) * _rarity(len(self._catalogue), len(rows))
        return rows, most - most / divisors, float(most)

    def _postings(self, term: str) -> tuple[np.ndarray, np.ndarray]:
        rows, divisors = self._index.postings(term)
        if self._added is None:
            return rows, divisors
        own_rows, own_divisors = self._added.postings.postings(term, self._catalogue.row_count)
        if not len(own_rows):
            return rows, divisors
        return np.concatenate([rows, own_rows]), np.concatenate([divisors, own_divisors])


@lru_cache(maxsize=1 << 12)
def _rarity(products: int, having: int) -> np.float32:
    """What a term that so many of the products have is worth, above 0."""
    found = inverse_document_frequencies(products, np.array([having], dtype=np.int64))[0]
    rarity: np.float32 = np.maximum(found, np.float32(1e-6))
    return rarity


_NOTHING = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)


class _Added:
    """The postings of the products that were added to a catalogue, all of its generations'."""

    def __init__(self, delta: Delta, average_length: float) -> None:
        self.delta = delta
        self.postings = AddedPostings(average_length, SATURATION)
        self._next = len(delta.base)
        self._lock = threading.Lock()

    def advance(self, row_count: int) -> None:
        """Take in the products of the rows below a number."""
        with self._lock:
            for row in range(self._next, row_count):
                counts = Counter(analyse(weighted_text(self.delta.product(row))))
                self.postings.add(counts, row)
                self._next = row + 1


def open_field_index(shop: Shop) -> FieldIndex:
    """Return a shop's index over weighted fields; it is written if it is not there yet.

    Args:
        shop: the shop; its folder must be writable the first time.
    """
    made_from = json.dumps([FORMAT_VERSION, WEIGHTS, SATURATION])
    folder = shop.folder / "fields" / hashlib.sha256(made_from.encode()).hexdigest()[:16]
    base = shop.catalogue.base
    kept(folder, lambda new: write_field_index(new, base))
    return FieldIndex(Index(folder, base.ranks), base).at(shop.catalogue)


def write_field_index(folder: Path, catalogue: Catalogue) -> None:
    """Write the index of a catalogue, part by part, so that memory stays small."""
    products = iter(catalogue)
    parts: list[Path] = []
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        while batch := [weighted_text(product) for product in islice(products, PART_PRODUCTS)]:
            parts.append(Path(temporary) / f"{len(parts):06}")
            gather_postings(parts[-1], batch)
        merge_postings(folder, parts, SATURATION)
