"""The goals of a catalogue on their way to disk: what products ask for, gathered part by part, and
the draws that make goals of it.

Source and deviation: see goals.py. Files of a part, gone once the goals are drawn:
    prices_dollars.npy: float64: what each product costs.
    combinations.npy: int64: how many combinations of options each has; −1 without an instruction.
    asked.npy, asked_counts.npy: the attributes that each one's instruction asks for, one product
        after the other, as numbers in attributes.json.
    human.json: for each request that a person wrote, the product, its number there, and whether it
        asks for an attribute.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import write_array
from shopwright.files import read_json, write_json
from shopwright.shop.goals import GOAL_SEED, draw_price_limit

# A product with ten option groups of ten values has more combinations than a disk can hold. Of one
# with more than this, only the first ones are asked for; the original's data has at most hundreds.
MOST_COMBINATIONS = 100_000


def draw_prices(products: Iterable[Product], generator: random.Random) -> Iterator[float]:
    """Yield what each product costs in dollars: its price, or a uniform draw from its range."""
    for product in products:
        prices = product.pricing_dollars
        yield prices[0] if len(prices) == 1 else generator.uniform(prices[0], prices[1])


def gather_requests(folder: Path, products: Iterable[Product]) -> None:
    """Write a part.

    Args:
        folder: where to write; made if need be.
        products: what it holds, their prices drawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    attributes: dict[str, int] = {}
    prices: list[float] = []
    combinations: list[int] = []
    asked: list[int] = []
    asked_counts: list[int] = []
    human: list[tuple[int, int, bool]] = []
    for row, product in enumerate(products):
        prices.append(product.price_dollars)
        human += [
            (row, number, bool(instruction.attributes))
            for number, instruction in enumerate(product.human_instructions)
        ]
        wanted = product.instruction_attributes if product.instruction is not None else ()
        asked += [attributes.setdefault(name, len(attributes)) for name in wanted]
        asked_counts.append(len(wanted))
        count = min(prod(map(len, product.options.values())), MOST_COMBINATIONS)
        combinations.append(-1 if product.instruction is None else count)
    np.save(folder / "prices_dollars.npy", np.array(prices, dtype=np.float64))
    np.save(folder / "combinations.npy", np.array(combinations, dtype=np.int64))
    np.save(folder / "asked.npy", np.array(asked, dtype=np.int64))
    np.save(folder / "asked_counts.npy", np.array(asked_counts, dtype=np.int64))
    write_json(folder / "attributes.json", [*attributes])
    write_json(folder / "human.json", human)


def draw_goals(folder: Path, parts: Sequence[Path], generator: random.Random) -> None:
    """Write the goals of all parts' products.

    Files:
        products.npy, combinations.npy: uint32: each goal's product row and the number of its
            option combination, in the original's shuffled order.
        price_limits.npy: float64 per product, NaN where it has no goal.
        weights.npy: float64 per product.
        cumulative_weights.npy: float64 per goal: the sum of the weights up to it.
        human.json: the requests that people wrote: product row, number of the instruction, limit.
        generator.json: the state of the generator that shuffled the goals, after that.

    Args:
        folder: where to write; it exists.
        parts: where :func:`gather_requests` wrote, at least one.
        generator: in the state in which drawing the prices left it.
    """
    after_prices = generator.getstate()
    prices = _joined(parts, "prices_dollars")
    combinations = _joined(parts, "combinations")
    rows = np.flatnonzero(combinations >= 0)
    counts = combinations[rows]
    limits = np.full(len(prices), np.nan)
    limits[rows] = [draw_price_limit(price, generator) for price in prices[rows].tolist()]
    weights = np.zeros(len(prices))
    weights[rows] = _weights(parts, rows, counts)

    products = np.repeat(rows, counts).astype(np.uint32)
    numbers = np.arange(len(products)) - np.repeat(np.cumsum(counts) - counts, counts)
    shuffler = random.Random(GOAL_SEED)
    order = array("I", range(len(products)))  # An eighth of the memory of a list.
    shuffler.shuffle(order)
    write_array(folder / "products.npy", products[order])
    write_array(folder / "combinations.npy", numbers.astype(np.uint32)[order])
    write_array(folder / "price_limits.npy", limits)
    write_array(folder / "weights.npy", weights)
    write_array(folder / "cumulative_weights.npy", np.cumsum(weights[products[order]]))
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


def _joined(parts: Sequence[Path], name: str) -> np.ndarray:
    return np.concatenate([np.load(part / f"{name}.npy") for part in parts])


def _human(parts: Sequence[Path]) -> Iterator[tuple[int, int, bool]]:
    first = 0
    for part in parts:
        for row, number, has_attributes in read_json(part / "human.json"):
            yield first + row, number, has_attributes
        first += len(np.load(part / "prices_dollars.npy"))


def _weights(parts: Sequence[Path], rows: np.ndarray, counts: np.ndarray) -> list[float]:
    """The weights of the products that have goals: the mean, over the attributes asked for, of one
    by the number of goals that ask for it."""
    names: dict[str, int] = {}
    asked: list[np.ndarray] = []
    for part in parts:
        own: list[Any] = read_json(part / "attributes.json")
        merged = np.array([names.setdefault(name, len(names)) for name in own], np.int64)
        asked.append(merged[np.load(part / "asked.npy")])
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
