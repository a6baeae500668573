"""A taste: what customers turned out to like beyond what requests say, as a linear score.

It moves the products of a list against each other, and nothing else: a gain in nats is added to the
logarithm of what a ranking finds a product to be worth. Without weights it changes nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.errors import AgentError
from shopwright.files import read_json, write_json

TASTE = "taste.json"
FORMAT, VERSION = "shopwright taste", 1
# A list's first so many products are moved against each other.
CONSIDERED = 50
# No product gains or loses more, in nats, than what a request insists on would outweigh.
MOST_GAIN = 4.0
SCORE, PRICE, RATING = "score", "price", "rating"
# Worth of less than e to the minus this beside the best is taken as that.
_LOWEST_SCORE = 6.0
_MOST_DEVIATIONS = 2.5
_TITLE_WORDS = 20
_WORD = re.compile(r"[^\W\d_]{3,}")


class Offer(NamedTuple):
    """A product of a ranking.

    Attributes:
        product: what the catalogue has of it.
        price: what it costs with the options it is shown with; None if that is not known.
        rating: what customers give it; None if that is not known.
        share: what it is worth beside the other products, above 0.
    """

    product: Product
    price: float | None
    rating: float | None
    share: float


def features(offers: Sequence[Offer]) -> list[dict[str, float]]:
    """Return what a taste sees of each product of a list: how it stands among the others by price
    and rating, in standard deviations, in the shop as a whole and within its department; what the
    ranking finds it to be worth, in nats below the best; its brand, details, attributes and the
    words of its title.

    Args:
        offers: the list, best first.
    """
    prices = _standing([math.log(o.price) if o.price else None for o in offers])
    ratings = _standing([offer.rating for offer in offers])
    best = max((offer.share for offer in offers), default=1.0)
    found = []
    for offer, price, rating in zip(offers, prices, ratings, strict=True):
        behind = math.log(max(offer.share / best, math.exp(-_LOWEST_SCORE)))
        department = offer.product.category
        each = {SCORE: behind, PRICE: price, RATING: rating}
        if department:
            each |= {f"{PRICE} in {department}": price, f"{RATING} in {department}": rating}
        found.append(each | dict.fromkeys(traits(offer.product), 1.0))
    return found


def traits(product: Product) -> Iterator[str]:
    """Yield what a product has or not."""
    if product.brand:
        yield f"brand: {product.brand.lower()}"
    for name, value in product.details.items():
        yield f"detail: {name.lower()}: {value.lower()}"
    for attribute in product.attributes:
        if attribute != DEFAULT_ATTRIBUTE:
            yield f"attribute: {attribute.lower()}"
    for word in _WORD.findall(product.title.lower())[:_TITLE_WORDS]:
        yield f"word: {word}"


@dataclass(frozen=True, slots=True)
class Taste:
    """The weights of :func:`features`.

    Attributes:
        weights: feature → weight, in nats; features without one count nothing.
    """

    weights: Mapping[str, float]

    def gains(self, offers: Sequence[Offer]) -> np.ndarray:
        """Return what each product of a list gains over their mean, float64, (offers,), in nats."""
        gains = np.array(
            [
                sum(self.weights.get(name, 0.0) * value for name, value in each.items())
                for each in features(offers)
            ]
        )
        return np.clip(gains - gains.mean(), -MOST_GAIN, MOST_GAIN) if len(gains) else gains

    def strongest(self, count: int) -> dict[str, float]:
        """Return the weights that count most, the greatest first."""
        ordered = sorted(self.weights.items(), key=lambda pair: -abs(pair[1]))
        return {name: round(weight, 4) for name, weight in ordered[:count]}

    def write(self, folder: Path, **said: Any) -> None:
        """Write it into a run folder, with what is said of it, JSON types."""
        write_json(
            folder / TASTE,
            {"format": FORMAT, "version": VERSION, "weights": dict(self.weights)} | said,
        )

    @classmethod
    def read(cls, folder: Path) -> tuple[Taste, dict[str, Any]]:
        """Return the taste of a run folder, and what is said of it.

        Raises:
            AgentError: it is damaged, or of another version.
        """
        path, said = folder / TASTE, read_json(folder / TASTE)
        if not isinstance(said, dict) or (said.get("format"), said.get("version")) != (
            FORMAT,
            VERSION,
        ):
            raise AgentError(f"{path}: expected a taste of version {VERSION}, got something else")
        weights = said.get("weights")
        if not isinstance(weights, dict) or not all(
            isinstance(weight, int | float) and math.isfinite(weight) for weight in weights.values()
        ):
            raise AgentError(f"{path}, field weights: expected finite numbers by feature")
        return cls(weights), said


@runtime_checkable
class Tasteful(Protocol):
    """An agent that may have learned what customers like."""

    taste: Taste | None


def without_taste(agent: Any) -> Any:
    """Return an agent as it is without what it learned of customers' likings."""
    if not isinstance(agent, Tasteful):
        return agent
    plain = copy(agent)
    plain.taste = None
    return plain


def _standing(values: Sequence[float | None]) -> list[float]:
    """How many standard deviations each value is above the mean; 0 where it is not known."""
    known = [value for value in values if value is not None]
    deviation = float(np.std(known)) if known else 0.0
    if deviation < 1e-9:
        return [0.0] * len(values)
    mean = float(np.mean(known))
    standing = [0.0 if value is None else (value - mean) / deviation for value in values]
    return [max(-_MOST_DEVIATIONS, min(_MOST_DEVIATIONS, each)) for each in standing]
