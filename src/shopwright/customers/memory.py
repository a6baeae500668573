"""What a shop remembers of a customer: what they bought, looked at and dismissed, and forgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp2, tanh
from typing import NamedTuple

_DAY_SECONDS = 86_400.0


class Deed(NamedTuple):
    """Something that a customer did.

    Attributes:
        kind: "bought", "clicked" or "dismissed"; others tell nothing.
        asin: with which product.
        at: when, in seconds since 1970.
    """

    kind: str
    asin: str
    at: float


class Impression(NamedTuple):
    """How a kind of deed is remembered.

    Attributes:
        weight: what the deed says of the product when it has just been done, −1 to 1.
        half_life_days: after so many it says half as much.
    """

    weight: float
    half_life_days: float


# Purchases are forgotten as predicts real orders best (docs/returning-customers.md); looking at
# something says less, and for a shorter time.
IMPRESSIONS: Mapping[str, Impression] = {
    "bought": Impression(1.0, 120.0),
    "clicked": Impression(0.3, 14.0),
    "dismissed": Impression(-1.0, 30.0),
}


def leanings(deeds: Iterable[Deed], now: float) -> dict[str, float]:
    """Return asin → how a customer leans to a product, −1 to 1, by all that they did with it.

    Args:
        now: in seconds since 1970; deeds that lie later, by another clock, count as just done.
    """
    sums: dict[str, float] = {}
    for deed in deeds:
        impression = IMPRESSIONS.get(deed.kind)
        if impression is not None:
            days = max(0.0, now - deed.at) / _DAY_SECONDS
            left = impression.weight * exp2(-days / impression.half_life_days)
            sums[deed.asin] = sums.get(deed.asin, 0.0) + left
    return {asin: tanh(each) for asin, each in sums.items()}
