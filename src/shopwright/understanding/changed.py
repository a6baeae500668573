"""A shop's phrases after changes: those of the products as they were, and of those that changed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from shopwright.catalogue.delta import ChangedCatalogue
from shopwright.understanding.phrases import CACHED_PHRASES, Counts, Phrase, Phrases

# Of so many new and changed products the phrases are learned at once, in a second; those of others
# when the shop is compacted.
MOST_CHANGED = 4_000


class ChangedPhrases(Phrases):
    """The phrases of a shop after changes. Products that were removed or replaced still count.

    Args:
        before: of the products as they were.
        catalogue: the products as they are.

    Attributes:
        before: the same.
    """

    def __init__(self, before: Phrases, catalogue: ChangedCatalogue) -> None:
        first = len(catalogue.base)
        rows = np.arange(first, catalogue.row_count)
        rows = rows[~np.isin(rows, catalogue.generation.dead)][-MOST_CHANGED:]
        counts = Counts()
        counts.add((row, catalogue[row]) for row in rows.tolist())
        self.products = before.products + counts.products
        self.before = before
        self._added = dict(counts.phrases())
        self._added_rows = counts.rows
        self.find = lru_cache(maxsize=CACHED_PHRASES)(self._find)

    def _find(self, key: str) -> Phrase:
        before, added = self.before.find(key), self._added.get(key)
        if added is None:
            return before
        both = zip(before, added, strict=True)
        return Phrase._make(
            old + new if isinstance(old, int) and isinstance(new, int) else old or new
            for old, new in both
        )

    def rows_of_kind(self, key: str) -> np.ndarray:
        """Return the rows (uint32, ascending) of the products of a kind, by its key, those that
        were removed or replaced too."""
        added = np.array(sorted(self._added_rows.get(key, ())), dtype=np.uint32)
        return np.concatenate([self.before.rows_of_kind(key), added])
