"""What of the purchase history training may retrieve.

A request in training must not find its own purchase (leave-one-out); and for some of them the right
product must look as if it had never been bought (dropout), since products without purchases have to
be learned about, too.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from shopwright.catalogue.storage import Catalogue
from shopwright.memory.store import PurchaseHistory

# The least share of requests in training that meet a right product without purchases.
LEAST_DROPOUT = 0.4
# Cosines above this are of the same request.
SAME_REQUEST = 0.9995


@dataclass(frozen=True, slots=True)
class Mask:
    """Which purchases do not count for which request; by default all count.

    Attributes:
        left_out: request → numbers of the purchases that do not count for it.
        leave_one_out: whether purchases for just the same request do not count either.
        dropout: the share of requests, decided by hash, for which the product with the nearest
            request counts as never bought.
    """

    left_out: Mapping[str, np.ndarray] = field(default_factory=dict)
    leave_one_out: bool = False
    dropout: float = 0.0

    def drops_nearest(self, request: str) -> bool:
        """Return whether the product with the nearest request counts as never bought."""
        digest = hashlib.sha256(request.encode("utf-8", "replace")).digest()
        return int.from_bytes(digest[:8], "big") / 2**64 < self.dropout


def memory_dropout(
    asins: Iterable[str], catalogue: Catalogue, *, least: float = LEAST_DROPOUT
) -> float:
    """Return for which share of requests in training the right product should look as if it had
    never been bought: as large as the share of products that never were, or purchases would speak
    for a product by themselves.

    Args:
        least: the least share: a fraction, 0 to 1.
    """
    bought = sum(catalogue.row_of(asin) is not None for asin in set(asins))
    return max(least, 1.0 - bought / len(catalogue))


def mask_for_further_training(history: PurchaseHistory, catalogue: Catalogue) -> Mask:
    """Return what a policy that has a history already may retrieve while it learns on."""
    return Mask(leave_one_out=True, dropout=memory_dropout(history.asins, catalogue))


def leave_one_out(
    requests: Sequence[str],
    asins: Sequence[str],
    sources: np.ndarray,
    *,
    first: int,
    dropped: np.ndarray,
) -> Mask:
    """Return what requests in training may retrieve of a history that holds them all.

    Args:
        sources: int64, (studied,): for each purchase from ``first`` on, of which purchase it is
            another wording, or its own number; counted from 0.
        first: the number of the first purchase that is studied.
        dropped: bool, (sources,): whose product counts as never bought.
    """
    products = np.array(asins)
    same = defaultdict(list)
    for number, request in enumerate(requests):
        same[request].append(number)
    # A text may ask for several purchases: what is left out for one is for all.
    left_out: defaultdict[str, set[int]] = defaultdict(set)
    for own, source in enumerate(sources.tolist(), start=first):
        numbers = left_out[requests[own]]
        numbers.update([own, *same[requests[own]]])
        of_product = set(np.flatnonzero(products == asins[own]).tolist())
        wordings = set((first + np.flatnonzero(sources == source)).tolist())
        # Where nothing else was bought of the product, another wording stands for that: if right
        # products were never retrieved in training, being retrieved would speak against one.
        if of_product - wordings - numbers:
            numbers.update(wordings)
        if dropped[source]:
            numbers.update(of_product)
    return Mask({text: np.array(sorted(numbers)) for text, numbers in left_out.items()})
