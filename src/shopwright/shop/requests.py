"""The goals of a catalogue on their way to disk: what products ask for, gathered part by part, and
the draws that make goals of it.

Source and deviation: see goals.py. Files of a part, gone once the goals are drawn:
    prices_dollars.npy: float64: what each product costs.
    priced.npy: bool: whether the catalogue says so.
    combinations.npy: int64: how many combinations of options each has; −1 without an instruction.
    offer_counts.npy, offers.npy, offer_prices.npy: of products with variants: how many can be
        bought, their numbers, what they cost (NaN: it is not said), one product after the other.
    asked.npy, asked_counts.npy: the attributes that each one's instruction asks for, one product
        after the other, as numbers in attributes.json.
    human.json: for each request that a person wrote, the product, its number there, and whether it
        asks for an attribute.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from shopwright.catalogue.product import TABLE_GOALS, Product
from shopwright.catalogue.storage import Catalogue, read_array, write_array
from shopwright.files import read_json, write_json
from shopwright.shop.further import Further, asked_bits, further_requests
from shopwright.shop.goals import GOAL_SEED
from shopwright.shop.price_limits import draw_price_limit, draw_round_limit
from shopwright.shop.splits import (
    FEWEST_DEV,
    FEWEST_HELD_OUT,
    FEWEST_TRAIN,
    Splits,
    goals_for_development,
    goals_for_testing,
    held_out_rows,
)

# A product with ten option groups of ten values has more combinations than a disk can hold. Of one
# with more than this, only the first ones are asked for; the original's data has at most hundreds.
MOST_COMBINATIONS = 100_000


def gather_requests(folder: Path, products: Iterable[Product]) -> None:
    """Write a part.

    Args:
        folder: where to write; made if need be.
        products: what it holds, their prices drawn.
    """
    attributes: dict[str, int] = {}
    prices: list[float] = []
    combinations: list[int] = []
    asked: list[int] = []
    asked_counts: list[int] = []
    human: list[tuple[int, int, bool]] = []
    offers: list[int] = []
    offer_counts: list[int] = []
    offer_prices: list[float | None] = []
    priced: list[bool] = []
    for row, product in enumerate(products):
        prices.append(product.price_dollars)
        priced.append(product.priced)
        own = product.offers if product.instruction is not None else []
        offers += own
        offer_counts.append(len(own))
        offer_prices += [product.variants[number].price_dollars for number in own]
        human += [
            (row, number, bool(instruction.attributes))
            for number, instruction in enumerate(product.human_instructions)
        ]
        wanted = product.instruction_attributes if product.instruction is not None else ()
        asked += [attributes.setdefault(name, len(attributes)) for name in wanted]
        asked_counts.append(len(wanted))
        count = min(prod(map(len, product.options.values())), MOST_COMBINATIONS)
        count = len(own) if product.variants else count
        combinations.append(-1 if product.instruction is None else count)
    write_array(folder / "prices_dollars.npy", np.array(prices, dtype=np.float64))
    write_array(folder / "priced.npy", np.array(priced, dtype=bool))
    write_array(folder / "combinations.npy", np.array(combinations, dtype=np.int64))
    write_array(folder / "offers.npy", np.array(offers, dtype=np.int64))
    write_array(folder / "offer_counts.npy", np.array(offer_counts, dtype=np.int64))
    write_array(folder / "offer_prices.npy", np.array(offer_prices, dtype=np.float64))
    write_array(folder / "asked.npy", np.array(asked, dtype=np.int64))
    write_array(folder / "asked_counts.npy", np.array(asked_counts, dtype=np.int64))
    write_json(folder / "attributes.json", [*attributes])
    write_json(folder / "human.json", human)


def draw_goals(
    folder: Path, parts: Sequence[Path], generator: random.Random, catalogue: Catalogue
) -> None:
    """Write the goals of all parts' products.

    Files:
        products.npy, combinations.npy: uint32: each goal's product row and the number of its
            option combination, or of its variant, in the original's shuffled order.
        price_limits.npy: float64 per product, NaN where it has no goal; in shops from tables, where
            variants have their own prices, per goal.
        asked.npy: only in shops from tables: int64 per goal: which attributes it asks for as bits
            (further.py); −1 for the product's own request.
        weights.npy: float64 per product.
        cumulative_weights.npy: float64 per goal: the sum of the weights up to it.
        splits.json: see splits.py.
        human.json: the requests that people wrote: product row, number of the instruction, limit.
        generator.json: the state of the generator that shuffled the goals, after that.

    Args:
        folder: where to write; it exists.
        parts: where :func:`gather_requests` wrote, at least one.
        generator: in the state in which drawing the prices left it.
        catalogue: the products of all parts.
    """
    after_prices = generator.getstate()
    prices = _joined(parts, "prices_dollars")
    combinations = _joined(parts, "combinations")
    rows = np.flatnonzero(combinations >= 0)
    counts = combinations[rows]
    weights = np.zeros(len(prices))
    weights[rows] = _weights(parts, rows, counts)

    products = np.repeat(rows, counts).astype(np.uint32)
    numbers = np.arange(len(products)) - np.repeat(np.cumsum(counts) - counts, counts)
    has_variants = _joined(parts, "offer_counts")[products] > 0
    numbers[has_variants] = _joined(parts, "offers")
    shuffler = random.Random(GOAL_SEED)
    order = array("I", range(len(products)))  # An eighth of the memory of a list.
    shuffler.shuffle(order)
    goals = _Drawn(products[order], numbers.astype(np.uint32)[order])
    if catalogue[0].goal_rule == TABLE_GOALS:
        paid = np.where(_joined(parts, "priced"), prices, np.nan)[products]
        paid[has_variants] = _joined(parts, "offer_prices")
        goals, weights = _table_goals(folder, goals, paid[order], weights, catalogue)
    else:
        limits = np.full(len(prices), np.nan)
        limits[rows] = [draw_price_limit(price, generator) for price in prices[rows].tolist()]
        write_array(folder / "price_limits.npy", limits)
        Splits(derived=len(goals.products)).write(folder)
    write_array(folder / "products.npy", goals.products)
    write_array(folder / "combinations.npy", goals.combinations)
    write_array(folder / "weights.npy", weights)
    write_array(folder / "cumulative_weights.npy", np.cumsum(weights[goals.products]))
    write_json(folder / "generator.json", shuffler.getstate())

    generator.setstate(after_prices)
    kept = [
        {
            "row": row,
            "number": number,
            "price_limit": draw_price_limit(float(prices[row]), generator),
        }
        for row, number, has_attributes in _human(parts)
        if has_attributes
    ]
    random.Random(GOAL_SEED).shuffle(kept)
    write_json(folder / "human.json", kept)


class _Drawn(NamedTuple):
    """Goals: the row of each one's product and the number of its combination, uint32, (goals,)."""

    products: np.ndarray
    combinations: np.ndarray


def _table_goals(
    folder: Path, goals: _Drawn, prices: np.ndarray, weights: np.ndarray, catalogue: Catalogue
) -> tuple[_Drawn, np.ndarray]:
    """Write the splits, limits and attributes of a table's goals; return all goals, further ones at
    the end, and the weights of products.

    Args:
        goals: of the products' own requests, in their final order.
        prices: float64, (goals,): what is paid, NaN where it is not known.
        weights: float64, (products,).
    """
    held_out = held_out_rows(catalogue)
    derived = len(goals.products)
    holds_out = len(np.unique(goals.products[held_out[goals.products]])) >= FEWEST_HELD_OUT
    rows = np.flatnonzero(~held_out) if holds_out else np.arange(len(catalogue))
    test = goals_for_testing(derived)
    left = int(np.isin(goals.products[test:], rows).sum())
    wanted = FEWEST_DEV + FEWEST_TRAIN - left + (0 if derived else FEWEST_DEV)
    generator = random.Random(GOAL_SEED)
    further: list[Further] = []
    if wanted > 0:
        taken = [
            Further(row, number, asked_bits(catalogue[row]))
            for row, number in zip(*(each.tolist() for each in goals), strict=True)
        ]
        further = further_requests(
            catalogue, rows.tolist(), taken, count=wanted, generator=generator
        )
    test = test if derived else goals_for_testing(len(further))
    rest = left + len(further) if derived else len(further) - test
    Splits(
        rule=TABLE_GOALS,
        test=test,
        dev=goals_for_development(derived, rest),
        holds_out=holds_out,
        derived=derived,
    ).write(folder)
    asked = np.full(derived + len(further), -1, dtype=np.int64)
    asked[derived:] = [request.asked for request in further]
    write_array(folder / "asked.npy", asked)
    paid = [*prices.tolist(), *(_price_of(catalogue[f.row], f.combination) for f in further)]
    currency = catalogue.currency
    limits = [draw_round_limit(price, currency, generator) for price in paid]
    write_array(folder / "price_limits.npy", np.array(limits, dtype=np.float64))
    weights = weights.copy()
    for request in further:
        weights[request.row] = weights[request.row] or 1.0
    added = np.array([request[:2] for request in further], dtype=np.uint32).reshape(-1, 2)
    together = (np.concatenate([own, new]) for own, new in zip(goals, added.T, strict=True))
    return _Drawn(*together), weights


def _price_of(product: Product, combination: int) -> float:
    """What a combination costs; NaN where it is not known."""
    price: float | None = product.price_dollars if product.priced else None
    if product.variants:
        price = product.variants[combination].price_dollars
    return math.nan if price is None else price


def _joined(parts: Sequence[Path], name: str) -> np.ndarray:
    return np.concatenate([read_array(part / f"{name}.npy") for part in parts])


def _human(parts: Sequence[Path]) -> Iterator[tuple[int, int, bool]]:
    first = 0
    for part in parts:
        for row, number, has_attributes in read_json(part / "human.json"):
            yield first + row, number, has_attributes
        first += len(read_array(part / "prices_dollars.npy"))


def _weights(parts: Sequence[Path], rows: np.ndarray, counts: np.ndarray) -> list[float]:
    """The weights of the products that have goals: the mean, over the attributes asked for, of one
    by the number of goals that ask for it."""
    names: dict[str, int] = {}
    asked: list[np.ndarray] = []
    for part in parts:
        own: list[Any] = read_json(part / "attributes.json")
        merged = np.array([names.setdefault(name, len(names)) for name in own], np.int64)
        asked.append(merged[read_array(part / "asked.npy")])
    together = np.concatenate(asked)
    asked_counts = _joined(parts, "asked_counts")[rows]
    goals_asking = np.bincount(together, np.repeat(counts, asked_counts), len(names)).tolist()
    numbers = iter(together.tolist())
    weights = []
    for count in asked_counts.tolist():
        goals = [goals_asking[next(numbers)] for _ in range(count)]
        # A product without combinations has no goal, and its attributes may have none either.
        weights.append(sum(1.0 / number for number in goals) / count if all(goals) else 0.0)
    return weights
