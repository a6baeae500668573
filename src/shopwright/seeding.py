"""Named random generators derived from one seed.

Every source of randomness in shopwright is a generator made here: the same seed and the same names
give the same stream in every process and on every machine; different names give independent ones.
"""

from __future__ import annotations

import hashlib
import random

import numpy as np


def derive(seed: int, *names: str | int) -> int:
    """Return a 64-bit seed for the purpose that ``names`` describe."""
    text = "\x1f".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return NumPy's generator for the purpose that ``names`` describe."""
    return np.random.default_rng(derive(seed, *names))


def python_rng(seed: int, *names: str | int) -> random.Random:
    """Return the standard library's generator for the purpose that ``names`` describe."""
    return random.Random(derive(seed, *names))
