"""Named random number generators derived from one seed.

All randomness in shopwright comes from generators made here. The same seed and names give the same
stream in every process and on every machine; different names give independent streams.
"""

from __future__ import annotations

import hashlib
import random

import numpy as np


def derive(seed: int, *names: str | int) -> int:
    """Return a 64-bit seed for the purpose that ``names`` describe."""
    text = "\x1f".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def numpy_rng(seed: int, *names: str | int) -> np.random.Generator:
    """Return a NumPy generator for the purpose that ``names`` describe."""
    return np.random.default_rng(derive(seed, *names))


def python_rng(seed: int, *names: str | int) -> random.Random:
    """Return a generator of the standard library for the purpose that ``names`` describe."""
    return random.Random(derive(seed, *names))
