"""What simulated customers find in a shop: of its products the price and the sort, and what no
catalogue tells, drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shopwright.catalogue.storage import Catalogue
from shopwright.errors import InputError
from shopwright.seeding import derive, numpy_rng

SORTS = 8
SHELF = 10
# How far the shop's statistics of a product are from the truth, in standard deviations of it.
_ERROR = 0.5

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Assortment:
    """The products of a shop, P of them.

    Attributes:
        asins: their identifiers.
        sorts: int64, (P,), 0 to 7: by department; by brand or by itself where there is none.
        prices: float64, (P,), 0 to 1: the rank of the price.
        allure: float64, (P,), standard normal: how tempting its page is.
        quality: float64, (P,), standard normal: how content its buyers are; its correlation with
            allure is ½.
        clicks, ratings: what the shop's statistics tell of the latter two.
    """

    asins: tuple[str, ...]
    sorts: Integers
    prices: Floats
    allure: Floats
    quality: Floats
    clicks: Floats
    ratings: Floats

    @classmethod
    def of(cls, catalogue: Catalogue, *, seed: int = 0) -> Assortment:
        """Return the assortment of a catalogue.

        Args:
            seed: of what is drawn.

        Raises:
            InputError: there are too few products for a shelf.
        """
        count = len(catalogue)
        if count < SHELF:
            raise InputError(f"shop: expected at least {SHELF} products, got {count}")
        products = [catalogue[row] for row in range(count)]
        asins = tuple(product.asin for product in products)
        sorts = [
            derive(0, "sort", product.category or product.brand or product.asin) % SORTS
            for product in products
        ]
        by_price = np.argsort([product.price_dollars for product in products], kind="stable")
        prices = np.empty(count)
        prices[by_price] = np.linspace(0.0, 1.0, count)
        draws: Any = numpy_rng(seed, "assortment").standard_normal((4, count))
        own, quality, *errors = draws
        allure = 0.5 * quality + np.sqrt(0.75) * own
        return cls(
            asins,
            np.array(sorts),
            prices,
            allure,
            quality,
            allure + _ERROR * errors[0],
            quality + _ERROR * errors[1],
        )
