"""Goals: what a shopper asks for, and what a purchase is judged by.

Source: WebShop's goal construction (Yao et al., 2022). Deviation: the original seeds its random
numbers only before it shuffles the goals, so that its prices and price limits differ from process
to process; here one generator, seeded before the first draw, makes them all.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import Catalogue, read_array
from shopwright.display import html_fields, shortened
from shopwright.errors import GoalError
from shopwright.files import read_json, read_json_lines
from shopwright.json_fields import Number, take, take_filled, take_options, take_texts, wrong

GOAL_SEED = 233
PRICE_LIMITS_DOLLARS = tuple(10.0 * step for step in range(1, 100))
NO_PRICE_LIMIT = 1_000_000

TEST_GOALS = 500
DEV_GOALS = 1_000
HELD_OUT_SHARE = 5  # one product in five
HELD_OUT_GOALS_PER_PRODUCT = 3
BLOCK_GOALS = 512
# How a goal is drawn by weight: as the original does it, which is off by one, or as it means to.
GOAL_DRAWS = ("original", "weighted")
SPLITS = ("test", "dev", "train", "test-unseen", "human")


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A shopper's request and what fulfils it.

    Attributes:
        asin: the product that the request was made from.
        instruction: the request, as the agent reads it.
        attributes: phrases that the product should match.
        options: option group → value; or values alone, as in requests that people wrote.
        price_upper: the price limit in dollars.
        category, query, product_category, title, nouns: of the product, for the type reward.
        weight: how often the original draws this goal, relative to others.
    """

    asin: str
    instruction: str
    attributes: tuple[str, ...]
    options: Mapping[str, str] | tuple[str, ...]
    price_upper: float
    category: str = ""
    query: str = ""
    product_category: str = ""
    title: str = ""
    nouns: tuple[str, ...] = ()
    weight: float = 1.0

    def __repr__(self) -> str:
        return f"<Goal {self.asin} {shortened(self.instruction, 80)!r}>"

    def _repr_html_(self) -> str:
        options = self.options
        if isinstance(options, Mapping):
            options = tuple(f"{name}: {value}" for name, value in options.items())
        limit = "" if self.price_upper == NO_PRICE_LIMIT else f"at most ${self.price_upper:.2f}"
        rows = {
            "request": self.instruction,
            "attributes": ", ".join(self.attributes),
            "options": ", ".join(options),
            "price": limit,
        }
        return html_fields(f"Goal {self.asin}", rows)


def draw_price_limit(price_dollars: float, generator: random.Random) -> float:
    """Return a price limit above a price: the larger of two draws from the next four multiples of
    ten dollars; :data:`NO_PRICE_LIMIT` where fewer than two such multiples are below 1,000."""
    above = [limit for limit in PRICE_LIMITS_DOLLARS if limit > price_dollars][:4]
    if len(above) < 2:
        return NO_PRICE_LIMIT
    return max(generator.sample(above, 2))


def price_text(limit: float) -> str:
    """Return the words that a request ends with for this price limit."""
    return "" if limit == NO_PRICE_LIMIT else f", and price lower than {limit:.2f} dollars"


def is_held_out(asin: str) -> bool:
    """Whether a product is never the target of a goal used for training or dev: one in five, by
    hash of the asin."""
    return _hash("held out", asin) % HELD_OUT_SHARE == 0


def _hash(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big")


def goal_of(product: Product, **fields: Any) -> Goal:
    """Return a goal whose asin, query, categories, title and nouns are a product's."""
    return Goal(
        asin=product.asin,
        category=product.category,
        query=product.query,
        product_category=product.product_category,
        title=product.title,
        nouns=product.nouns,
        **fields,
    )


class Goals(Sequence[Goal]):
    """All synthetic goals of a shop in WebShop's order, made when asked for. Their files: see
    requests.py.

    Attributes:
        cumulative_weights: float64, (goals,): the sum of the weights up to each goal.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._products = read_array(folder / "products.npy")
        self._combinations = read_array(folder / "combinations.npy")
        self._limits = read_array(folder / "price_limits.npy")
        self._weights = read_array(folder / "weights.npy")
        self.cumulative_weights = read_array(folder / "cumulative_weights.npy")
        self._human: list[dict[str, Any]] = read_json(folder / "human.json")
        self._shuffled = folder / "generator.json"

    def __len__(self) -> int:
        return len(self._products)

    def __repr__(self) -> str:
        return f"<{len(self)} goals, {self.count('human')} that people wrote>"

    def _repr_html_(self) -> str:
        splits = {split: f"{self.count(split):,} goals" for split in SPLITS}
        first = {} if not len(self) else {"the first": self[0].instruction}
        return html_fields(f"{len(self):,} goals", {**splits, **first})

    def __getitem__(self, number: int) -> Goal:  # type: ignore[override]
        if not -len(self) <= number < len(self):
            raise IndexError(f"goal number: expected 0 to {len(self) - 1}, got {number}")
        row = int(self._products[number])
        product = self._catalogue[row]
        options = _combination(product.options, int(self._combinations[number]))
        text = ", and ".join(f"{name}: {value}" for name, value in options.items())
        asked = f" with {text}" if text else ""
        limit = float(self._limits[row])
        return goal_of(
            product,
            instruction=f"{product.instruction}{asked}{price_text(limit)}",
            attributes=product.instruction_attributes,
            options=options,
            price_upper=NO_PRICE_LIMIT if limit == NO_PRICE_LIMIT else limit,
            weight=float(self._weights[row]),
        )

    def number_at(self, weight: float) -> int:
        """Return the number of goals whose cumulative weights are up to ``weight``: that of the
        goal on which a draw from all weights falls."""
        block = int(self._weights_before_blocks.searchsorted(weight, side="right"))
        first = block * BLOCK_GOALS
        within = self.cumulative_weights[first : first + BLOCK_GOALS]
        return first + int(within.searchsorted(weight, side="right"))

    @cached_property
    def _weights_before_blocks(self) -> np.ndarray:
        # In memory: looked up among all, a weight would touch pages all over a mapped file.
        return self.cumulative_weights[BLOCK_GOALS - 1 :: BLOCK_GOALS].copy()

    def asin_of(self, number: int) -> str:
        """Return the asin of a goal's product without making the goal."""
        return self._catalogue.asin_of(int(self._products[number]))

    @property
    def weights(self) -> np.ndarray:
        """How often the original draws each goal, relative to others: float64, (goals,)."""
        weights: np.ndarray = self._weights[self._products]
        return weights

    def with_price_limits(self, seed: int) -> Goals:
        """Return these goals with price limits drawn anew, as another process of the original has
        them: it draws them before it seeds its generator.

        Args:
            seed: decides the limits. Every product is read once, 30 s for a million.
        """
        generator = random.Random(seed)
        goals = copy(self)
        goals._limits = np.array(self._limits)
        for row in np.flatnonzero(~np.isnan(self._limits)).tolist():
            goals._limits[row] = draw_price_limit(self._catalogue[row].price_dollars, generator)
        goals._human = [
            {**entry, "price_limit": draw_price_limit(price, generator)}
            for entry in self._human
            for price in [self._catalogue[entry["row"]].price_dollars]
        ]
        return goals

    def generator(self) -> random.Random:
        """Return a generator in the state in which the original leaves the global one after it
        shuffled the goals."""
        version, state, gauss = read_json(self._shuffled)
        generator = random.Random()
        generator.setstate((version, tuple(state), gauss))
        return generator

    @property
    def human(self) -> list[Goal]:
        """The goals that people wrote, in WebShop's order."""
        return [self._human_goal(**entry) for entry in self._human]

    def _human_goal(self, row: int, number: int, price_limit: float) -> Goal:
        product = self._catalogue[row]
        instruction = product.human_instructions[number]
        return goal_of(
            product,
            instruction=instruction.text.strip(".") + price_text(price_limit),
            attributes=instruction.attributes,
            options=instruction.options,
            price_upper=price_limit,
        )

    def numbers(self, split: str) -> list[int]:
        """Return the numbers of a split's goals (all but "human").

        "test": the first 500. "dev": the next 1,000 of products that are not held out. "train":
        the rest of products that are not held out. "test-unseen": of each held-out product at
        most three goals, chosen by hash.
        """
        first = min(TEST_GOALS, len(self))
        if split == "test":
            return list(range(first))
        if split == "test-unseen":
            return self._unseen_numbers()
        if split not in ("dev", "train"):
            raise GoalError(f"goals: expected one of {', '.join(SPLITS)}, got {split!r}")
        rest = np.flatnonzero(~self._held_out_rows[self._products[first:]]) + first
        chosen: list[int] = (rest[:DEV_GOALS] if split == "dev" else rest[DEV_GOALS:]).tolist()
        return chosen

    def count(self, split: str) -> int:
        """Return the number of a split's goals, without making any."""
        if split == "human":
            return len(self._human)
        if split == "test-unseen":
            goals_of = np.bincount(self._products, minlength=len(self._catalogue))
            kept = np.minimum(goals_of[self._held_out_rows], HELD_OUT_GOALS_PER_PRODUCT)
            return int(kept.sum())
        if split in ("dev", "train"):
            rest = int(np.count_nonzero(~self._held_out_rows[self._products[TEST_GOALS:]]))
            return min(rest, DEV_GOALS) if split == "dev" else max(rest - DEV_GOALS, 0)
        return len(self.numbers(split))

    def _unseen_numbers(self) -> list[int]:
        by_row: dict[int, list[tuple[int, int]]] = {}
        for number in np.flatnonzero(self._held_out_rows[self._products]):
            row = int(self._products[number])
            asin = self._catalogue.asin_of(row)
            key = _hash("unseen goal", asin, str(self._combinations[number]))
            by_row.setdefault(row, []).append((key, int(number)))
        kept = (sorted(keyed)[:HELD_OUT_GOALS_PER_PRODUCT] for keyed in by_row.values())
        return sorted(number for keyed in kept for _, number in keyed)

    @cached_property
    def _held_out_rows(self) -> np.ndarray:
        count = len(self._catalogue)
        return np.fromiter(
            (is_held_out(self._catalogue.asin_of(row)) for row in range(count)), bool, count
        )

    def split(self, name: str) -> list[Goal]:
        """Return the goals of "test", "dev", "train", "test-unseen" or "human"; see
        :meth:`numbers`.

        Raises:
            GoalError: there is no such split.
        """
        return self.human if name == "human" else [self[number] for number in self.numbers(name)]


def _combination(options: Mapping[str, Sequence[str]], number: int) -> dict[str, str]:
    """The number-th combination of option values, groups by name, the last changing fastest."""
    names = sorted(options)
    values: list[str] = []
    for name in reversed(names):
        number, position = divmod(number, len(options[name]))
        values.append(options[name][position])
    return dict(zip(names, reversed(values), strict=True))


def read_goals(path: Path, catalogue: Catalogue) -> list[Goal]:
    """Read a file of goals: JSON lines with ``asin``, ``instruction``, ``attributes``,
    ``options`` (an object or a list) and ``price_upper``.

    Raises:
        GoalError: a line is wrong; the message names file, line and field.
    """
    goals = list(read_json_lines(path, partial(_goal, catalogue=catalogue), GoalError))
    if not goals:
        raise GoalError(f"{path}: expected at least one goal, got none")
    return goals


def _goal(record: Any, catalogue: Catalogue) -> Goal:
    row = catalogue.row_of(take(record, "asin", str))
    if row is None:
        raise wrong(record, "asin", "the asin of a product of this shop")
    record = {"attributes": [], "options": {}, "price_upper": NO_PRICE_LIMIT, **record}
    limit = take(record, "price_upper", Number)
    if not limit > 0:
        raise wrong(record, "price_upper", "a number of dollars above 0")
    return goal_of(
        catalogue[row],
        instruction=take_filled(record, "instruction"),
        attributes=take_texts(record, "attributes"),
        options=take_options(record),
        price_upper=limit,
    )
