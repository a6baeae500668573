"""What past requests say of a shop's products: nearest neighbours of a request among them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from shopwright.catalogue.storage import Catalogue
from shopwright.memory.mask import SAME_REQUEST, Mask
from shopwright.memory.store import (
    ONE,
    PastRequest,
    PurchaseHistory,
    of_unit_length,
    sentence_vector,
)

# Per product: whether it was ever bought; how near its nearest request is; and that, less the
# nearest of any product.
HISTORY_FEATURES = 3
_SMALLEST_DISTANCE = 0.01


@dataclass
class Retriever:
    """A purchase history in a shop: how near a request is to those that a product fulfilled.

    Products that the shop does not have are passed over.

    Attributes:
        history: the history.
        catalogue: the shop's products.
        mask: which purchases do not count for which request.
    """

    history: PurchaseHistory
    catalogue: Catalogue
    mask: Mask = field(default_factory=Mask)

    def __post_init__(self) -> None:
        # By the rows of the catalogue as it was written: changed products keep their history.
        base = self.catalogue.base
        rows = [base.row_of(asin) for asin in self.history.asins]
        known = [number for number, row in enumerate(rows) if row is not None]
        known.sort(key=lambda number: rows[number])  # type: ignore[arg-type, return-value]
        self._numbers = np.array(known, dtype=np.int64)
        self._vectors = of_unit_length(self.history.vectors[self._numbers])
        ordered = np.array([rows[number] for number in known], dtype=np.int64)
        self._bought, self._starts = np.unique(ordered, return_index=True)
        self._ends = np.append(self._starts[1:], len(known))
        self._place_of = {row: place for place, row in enumerate(self._bought.tolist())}
        self._latest = _Retrieved(None, np.zeros(0, np.float32), np.zeros(0, np.bool_))

    def at(self, catalogue: Catalogue) -> Retriever:
        """Return this retriever in the same shop after changes."""
        moved = copy(self)
        moved.catalogue = catalogue
        return moved

    def _place(self, row: int) -> int:
        """The place of a product among those bought; −1 for none."""
        origin = self.catalogue.origin_of(row)
        return -1 if origin is None else self._place_of.get(origin, -1)

    def asked(self, tokens: np.ndarray, hidden: np.ndarray) -> PastRequest:
        """Return a request as this history compares it with past ones.

        Args:
            tokens: int32, (tokens,). hidden: float32, (tokens, dimensions): the language model's
                states.
        """
        return PastRequest(sentence_vector(hidden), tokens, self.history.projection.apply(hidden))

    def nearest(self, request: str, vector: np.ndarray, count: int) -> list[int]:
        """Return the rows of the products that fulfilled the requests most like this one, nearest
        first.

        Args:
            request: the request; vector: its sentence vector.
        """
        if not self._place_of:
            return []
        nearness = self._retrieve(request, vector).nearness
        order = np.argsort(-nearness, kind="stable")[:count]
        rows: list[int] = self._bought[order[np.isfinite(nearness[order])]].tolist()
        latest = map(self.catalogue.latest_of, rows)
        return [row for row in latest if row is not None]

    def features(self, request: str, vector: np.ndarray, rows: Sequence[int]) -> np.ndarray:
        """Return float32, (rows, :data:`HISTORY_FEATURES`), for products by row.

        Args:
            request: the request; vector: its sentence vector.
        """
        found = np.zeros((len(rows), HISTORY_FEATURES), dtype=np.float32)
        places = [self._place(row) for row in rows]
        known = np.array([place >= 0 for place in places])
        if known.any():
            nearness = self._retrieve(request, vector).nearness
            own = nearness[[place for place in places if place >= 0]]
            counts = np.isfinite(own)
            own = np.where(counts, own, 0.0)
            highest = nearness.max() if counts.any() else 0.0
            found[known] = np.stack([counts, own, (own - highest) * counts], axis=1)
        return found

    def evidence(self, request: str, asked: PastRequest, rows: Sequence[int]) -> np.ndarray:
        """Return how each token of a request meets those of the past requests that a product
        fulfilled: float16, (request tokens, rows, 2): the best cosine similarity, and whether the
        token itself is among them; zeros for products of which nothing counts, or nothing but
        common words.

        Args:
            request: the request; asked: the same as :meth:`asked` gives it.
        """
        found = np.zeros((len(asked.tokens), len(rows), 2), dtype=np.float16)
        spans, lengths, filled = [], [], []
        found_places = enumerate(map(self._place, rows))
        places = {number: place for number, place in found_places if place >= 0}
        if not places:
            return found
        counts = self._retrieve(request, asked.vector).counts
        for number, place in places.items():
            begin, end = self._starts[place], self._ends[place]
            own = [
                np.arange(self.history.offsets[purchase], self.history.offsets[purchase + 1])
                for purchase in self._numbers[begin:end][counts[begin:end]].tolist()
            ]
            if sum(map(len, own)):
                spans += own
                lengths.append(sum(map(len, own)))
                filled.append(number)
        if filled:
            words = np.concatenate(spans)
            begins = np.cumsum([0, *lengths[:-1]])
            states = self.history.states[words].astype(np.float32) / np.float32(ONE)
            equal = asked.tokens[:, None] == self.history.tokens[words]
            found[:, filled, 0] = np.maximum.reduceat(asked.states @ states.T, begins, axis=1)
            found[:, filled, 1] = np.logical_or.reduceat(equal, begins, axis=1)
        return found

    def _retrieve(self, request: str, vector: np.ndarray) -> _Retrieved:
        latest = self._latest  # Other threads may replace it.
        if request != latest.request:
            cosines = self._vectors @ vector
            if self.mask.leave_one_out:
                cosines[cosines > SAME_REQUEST] = -np.inf
            if request in self.mask.left_out:
                cosines[np.isin(self._numbers, self.mask.left_out[request])] = -np.inf
            best = np.maximum.reduceat(cosines, self._starts)
            if self.mask.drops_nearest(request):
                nearest = best.argmax()
                best[nearest] = -np.inf
                cosines[self._starts[nearest] : self._ends[nearest]] = -np.inf
            # Nearly all cosines are high: what matters is how much is missing to 1.
            distances = (1.0 - best).clip(min=0.0) + _SMALLEST_DISTANCE
            self._latest = latest = _Retrieved(request, -np.log(distances), np.isfinite(cosines))
        return latest


class _Retrieved(NamedTuple):
    """What a request retrieves.

    Attributes:
        request: the request.
        nearness: float32, (products bought,): each one's nearest request; −inf for those of which
            nothing counts.
        counts: bool, (purchases of the shop's products,): whether they count for the request.
    """

    request: str | None
    nearness: np.ndarray
    counts: np.ndarray
