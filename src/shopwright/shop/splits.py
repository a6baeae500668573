"""How a shop's goals are divided into those to test on, to develop on and to train on."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from shopwright.catalogue.product import WEBSHOP_GOALS
from shopwright.catalogue.storage import Catalogue
from shopwright.files import read_json, write_json

FILE = "splits.json"
HELD_OUT_SHARE = 5  # one product in five
# Fewer products with goals cannot say how an agent does on those that it was not trained on.
FEWEST_HELD_OUT = 10
# What the catalogue's further requests fill up.
FEWEST_DEV, FEWEST_TRAIN = 100, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """The sizes of a shop's splits. Goals are in random order: the first are "test".

    Attributes:
        rule: "webshop" or "table": how the shop's requests are made.
        test: the number of test goals.
        dev: the number of the goals after them, of products that are not held out.
        holds_out: whether one product in five is never asked for in training or dev.
        derived: the goals that the products' own requests give; those after them are further
            requests, which fill up what a small shop has too few of.
    """

    rule: str = WEBSHOP_GOALS
    test: int = 500
    dev: int = 1_000
    holds_out: bool = True
    derived: int = 0

    def write(self, folder: Path) -> None:
        """Write them into a folder of goals."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def read(cls, folder: Path) -> Splits:
        """Read those of a folder of goals."""
        return cls(**read_json(folder / FILE))


def goals_for_testing(count: int) -> int:
    """Return how many of a table's goals are for testing: a sixth and at most 500; but up to a
    hundred of a small shop's, as long as that is half of them."""
    return min(500, max(count // 6, min(-(-count // 2), 100)))


def goals_for_development(count: int, rest: int) -> int:
    """Return how many of a table's goals are for development.

    Args:
        count: goals in all.
        rest: those left for dev and training.
    """
    return min(1_000, max(count // 6, min(FEWEST_DEV, rest // 3)))


def is_held_out(asin: str) -> bool:
    """Whether a product is one of those that are held out: one in five, by hash of the asin."""
    return hash_of("held out", asin) % HELD_OUT_SHARE == 0


def held_out_rows(catalogue: Catalogue) -> np.ndarray:
    """Return which rows' products are those: bool, (products,)."""
    count = len(catalogue)
    return np.fromiter((is_held_out(catalogue.asin_of(row)) for row in range(count)), bool, count)


def hash_of(*parts: str) -> int:
    """Return a number of 64 bits that decides by texts what is chosen, the same everywhere."""
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big")
