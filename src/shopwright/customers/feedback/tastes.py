"""Tastes of simulated customers, which no request tells: brands, lower prices, better ratings, a
material.

A customer belongs to a group, and a group has a taste of its own around the common one. A taste may
drift: with time it turns from one that is drawn at the start to another.

Source: our own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.config import Configuration, setting
from shopwright.seeding import numpy_rng

_MOST_DEVIATIONS = 2.5


@dataclass(frozen=True, kw_only=True)
class TasteConfig(Configuration):
    """What customers like, as the standard deviation, in nats, of what each thing adds to the
    log odds that they take a product. With zeros everywhere they have no tastes."""

    brand: float = setting(1.2, help="brands, each one's own", minimum=0)
    price: float = setting(0.8, help="lower prices, by one standard deviation", minimum=0)
    rating: float = setting(0.6, help="better ratings, by one standard deviation", minimum=0)
    material: float = setting(1.0, help="materials and features, each one's own", minimum=0)
    groups: int = setting(2, help="groups of customers", minimum=1)
    difference: float = setting(
        0.4, help="how far groups differ, as a share of the common taste", minimum=0
    )
    drift: float = setting(
        0.0, help="share of a quarter turn by which tastes change from time 0 to 1", minimum=0
    )
    seed: int = setting(0, help="decides the tastes")


NO_TASTES = TasteConfig(brand=0.0, price=0.0, rating=0.0, material=0.0)


class Standings:
    """How products stand among those of their kind.

    Args:
        products: all of the shop.
    """

    def __init__(self, products: Iterable[Product]) -> None:
        prices: dict[str, list[float]] = defaultdict(list)
        ratings: list[float] = []
        for product in products:
            if product.priced:
                prices[product.query].append(_log_price(product))
            if (rating := rating_of(product)) is not None:
                ratings.append(rating)
        self._prices = {kind: _mean_and_deviation(found) for kind, found in prices.items()}
        self._ratings = _mean_and_deviation(ratings)

    def price(self, product: Product) -> float:
        """Return by how many standard deviations a product is dearer than its kind."""
        return _standing(_log_price(product), *self._prices.get(product.query, (0.0, 0.0)))

    def rating(self, product: Product) -> float:
        """Return by how many standard deviations a product is rated better than others."""
        rating = rating_of(product)
        return 0.0 if rating is None else _standing(rating, *self._ratings)


class Tastes:
    """What groups of customers like.

    Args:
        standings: of the shop's products.
    """

    def __init__(self, standings: Standings, config: TasteConfig) -> None:
        self._standings = standings
        self._config = config
        self._drawn: dict[tuple[str, str], tuple[float, float]] = {}
        self._gains: dict[tuple[str, int, float], float] = {}

    def gain(self, product: Product, group: int, at: float = 0.0) -> float:
        """Return what a product's price, rating, brand and features add to the log odds that
        somebody of a group takes it, in nats.

        Args:
            at: the time, from 0 to 1, for tastes that drift.
        """
        key = (product.asin, group, at)
        if key not in self._gains:
            self._gains[key] = self._gain(product, group, at)
        return self._gains[key]

    def _gain(self, product: Product, group: int, at: float) -> float:
        config, standings = self._config, self._standings
        gain = 0.0
        if product.priced and config.price:
            cheaper = 1.0 + config.difference * self._turned("price", str(group), at)
            gain -= config.price * cheaper * standings.price(product)
        if config.rating:
            better = 1.0 + config.difference * self._turned("rating", str(group), at)
            gain += config.rating * better * standings.rating(product)
        if product.brand and config.brand:
            gain += config.brand * self._liking(f"brand {product.brand.lower()}", group, at)
        features = [*_materials(product)]
        if features and config.material:
            likings = (self._liking(f"material {name}", group, at) for name in features)
            # Products of which much is said are not loved or hated more.
            gain += config.material * sum(likings) / math.sqrt(len(features))
        return gain

    def _liking(self, thing: str, group: int, at: float) -> float:
        own = self._config.difference * self._turned(thing, str(group), at)
        return self._turned(thing, "all", at) + own

    def _turned(self, thing: str, whose: str, at: float) -> float:
        """A draw of the standard normal distribution, which turns to another with time."""
        if (thing, whose) not in self._drawn:
            rng = numpy_rng(self._config.seed, "taste", whose, thing)
            self._drawn[thing, whose] = (float(rng.normal()), float(rng.normal()))
        before, after = self._drawn[thing, whose]
        angle = 0.5 * math.pi * self._config.drift * at
        return math.cos(angle) * before + math.sin(angle) * after


def stocked(products: Iterable[Product], *, seed: int = 0) -> Iterator[Product]:
    """Yield invented products with what tastes are about: a brand of twelve, a rating and a
    material of six, drawn for each product."""
    for product in products:
        rng = numpy_rng(seed, "stock", product.asin)
        rating = min(5.0, max(1.0, rng.normal(4.1, 0.5)))
        yield replace(
            product,
            brand=_BRANDS[rng.integers(len(_BRANDS))],
            rating=f"{rating:.1f}",
            details={"material": _MATERIALS[rng.integers(len(_MATERIALS))]},
        )


_BRANDS = tuple("Aldura Bexley Corvane Dunmore Estiva Farrow Galden Hestia Ivara Jorund Kestrel "
                "Lumora".split())  # fmt: skip
_MATERIALS = ("birch", "linen", "steel", "bamboo", "cotton", "resin")


def rating_of(product: Product) -> float | None:
    """Return what customers give a product; None if the catalogue does not say."""
    try:
        return float(product.rating.split()[0])
    except (ValueError, IndexError):
        return None


def _materials(product: Product) -> Iterator[str]:
    yield from (f"{name.lower()}: {value.lower()}" for name, value in product.details.items())
    yield from (each.lower() for each in product.attributes if each != DEFAULT_ATTRIBUTE)


def _standing(value: float, mean: float, deviation: float) -> float:
    if deviation < 1e-9:
        return 0.0
    return max(-_MOST_DEVIATIONS, min(_MOST_DEVIATIONS, (value - mean) / deviation))


def _log_price(product: Product) -> float:
    return math.log(max(product.price_dollars, 0.01))


def _mean_and_deviation(values: list[float]) -> tuple[float, float]:
    return (float(np.mean(values)), float(np.std(values))) if values else (0.0, 0.0)
