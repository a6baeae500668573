"""The words that a shop's texts are made of, and which of them stand side by side in its titles.

Files of ``SHOP/words/KEY/``, written when they are first asked for:
    words.bin: the words that most products have, most frequent first, a space between them.
    counts.npy: uint32: how many products have each.
    pairs.bin, pair_counts.npy: the same of neighbours in titles, kinds and brands, as two words.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np

from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import read_array, write_array
from shopwright.files import replacing
from shopwright.folders import kept
from shopwright.search.analysis import STOP_WORDS, term_of, words_of
from shopwright.search.fields import fields_of, plain
from shopwright.shop.shop import Shop

FORMAT_VERSION = 1
# What is kept: tens of megabytes in memory, whatever the catalogue.
MOST_WORDS = 200_000
MOST_PAIRS = 200_000
LONGEST_WORD = 32
# Counters are cut to what is kept whenever they hold this many times as much.
_SLACK = 5
# Of forms of one word.
_ENDINGS = ("s", "es", "d", "ed", "ing", "er", "ers", "r", "ly")
_SHORTEST_BASE = 3
_NAMES = ("title", "kind", "brand")


def spelt(text: str) -> list[str]:
    """Return the words of a text in plain letters, without possessives, in order."""
    words = (word.removesuffix("'s").removesuffix("’s") for word in _words(plain(text)))
    return [word for word in words if word]


def _words(text: str) -> Iterator[str]:
    for piece in text.split():
        yield from words_of(piece)


class Vocabulary:
    """The words of a shop.

    Args:
        words: each with how many products have it.
        pairs: neighbours, each with how many products have them side by side.
    """

    def __init__(self, words: dict[str, int], pairs: dict[tuple[str, str], int]) -> None:
        self.words = words
        self.pairs = pairs
        self._terms: Counter[str] = Counter()
        for word, count in words.items():
            self._terms[term_of(word) or ""] += count
        self._split: dict[str, tuple[str, str]] = {}
        for left, right in pairs:  # Most frequent first: of equal ones that stays.
            self._split.setdefault(left + right, (left, right))

    def count(self, word: str) -> int:
        """Return how many products have a word, or another of its forms."""
        return self._terms[term_of(word) or ""]

    def knows(self, word: str) -> bool:
        """Return whether products have a word as it is spelt, or inflected otherwise: "sensative"
        is no form of "sensation", whose search term it shares."""
        if word in self.words:
            return True
        return any(
            base + ending in self.words
            for base in _bases_of(word)
            for ending in ("", "e", *_ENDINGS)
            if base + ending != word
        )

    def pair_count(self, left: str, right: str) -> int:
        """Return how many products have two words side by side."""
        return self.pairs.get((left, right), 0)

    def split(self, word: str) -> tuple[str, str] | None:
        """Return the neighbours that make a word when they are written together."""
        return self._split.get(word)


def _bases_of(word: str) -> Iterator[str]:
    """What a word may be a form of: itself, and what is left without its ending."""
    yield word
    for ending in _ENDINGS:
        base = word.removesuffix(ending)
        if base != word and len(base) >= _SHORTEST_BASE:
            yield base
            if base[-1] == base[-2]:  # "Wrapping" is of "wrap".
                yield base[:-1]


def vocabulary_of(products: Iterable[Product]) -> Vocabulary:
    """Return the words of products."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for product in products:
        fields = {name: spelt(text) for name, text in fields_of(product).items()}
        own = {word for found in fields.values() for word in found if len(word) <= LONGEST_WORD}
        words.update(own - STOP_WORDS)
        pairs.update({pair for name in _NAMES for pair in _neighbours(fields[name])})
        _cut(words, _SLACK * MOST_WORDS, MOST_WORDS)
        _cut(pairs, _SLACK * MOST_PAIRS, MOST_PAIRS)
    _cut(words, 0, MOST_WORDS)
    _cut(pairs, 0, MOST_PAIRS)
    return Vocabulary(dict(words), dict(pairs))


def _neighbours(words: list[str]) -> Iterator[tuple[str, str]]:
    for left, right in pairwise(words):
        if not {left, right} & STOP_WORDS and len(left) + len(right) <= LONGEST_WORD:
            yield left, right


def _cut(counts: Counter[str] | Counter[tuple[str, str]], above: int, most: int) -> None:
    """Keep the most frequent of counters that hold too many, most frequent first."""
    if len(counts) > above:
        kept = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
        counts.clear()
        counts.update(dict(kept))  # type: ignore[arg-type]


def open_vocabulary(shop: Shop) -> Vocabulary:
    """Return the words of a shop as it was built; they are gathered if they are not there yet.

    Args:
        shop: the shop; its folder must be writable the first time.
    """
    return vocabulary_in(shop.folder, shop.catalogue.base)


def vocabulary_in(shop_folder: Path, products: Iterable[Product]) -> Vocabulary:
    """Return the words kept in a shop's folder; they are gathered if they are not there yet.

    Args:
        shop_folder: must be writable the first time.
        products: the shop's as it was built.
    """
    made_from = json.dumps([FORMAT_VERSION, MOST_WORDS, MOST_PAIRS, LONGEST_WORD])
    folder = shop_folder / "words" / sha256(made_from.encode()).hexdigest()[:16]
    return _read(kept(folder, lambda new: _write(new, vocabulary_of(products))))


def _write(folder: Path, vocabulary: Vocabulary) -> None:
    with replacing(folder / "words.bin") as file:
        file.write(_encoded(vocabulary.words))
    with replacing(folder / "pairs.bin") as file:
        file.write(_encoded(word for pair in vocabulary.pairs for word in pair))
    write_array(folder / "counts.npy", np.array([*vocabulary.words.values()], np.uint32))
    write_array(folder / "pair_counts.npy", np.array([*vocabulary.pairs.values()], np.uint32))


def _encoded(words: Iterable[str]) -> bytes:
    return " ".join(words).encode("utf-8", "surrogatepass")


def _read(folder: Path) -> Vocabulary:
    words, halves = (
        (folder / name).read_bytes().decode("utf-8", "surrogatepass").split()
        for name in ("words.bin", "pairs.bin")
    )
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return Vocabulary(
        dict(zip(words, read_array(folder / "counts.npy").tolist(), strict=True)),
        dict(zip(pairs, read_array(folder / "pair_counts.npy").tolist(), strict=True)),
    )
