"""The phrases of a shop: what each of them is used for, and by how many products.

Files of ``SHOP/understanding/``:
    keys.npy: uint64, (phrases,): hashes of the phrases' keys, ascending.
    starts.npy: uint64, phrases + 1: where each phrase's line begins.
    phrases.bin: a line a phrase, a JSON list: see :class:`Phrase`.
    rows.npy: uint32: the rows of the products of each kind, one kind after the other.
    phrases.json: what it was made from.
"""

from __future__ import annotations

import hashlib
import mmap
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from shopwright.catalogue.attributes.words import FUNCTION_WORDS
from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import read_array, write_array
from shopwright.files import replacing, write_json
from shopwright.understanding.naming import (
    LONGEST_PHRASE,
    brand_of,
    kinds_of,
    option_values_of,
    qualities_of,
    title_kinds_of,
)
from shopwright.understanding.words import (
    Word,
    is_link,
    key_of,
    spans_of,
    stem_of,
    stems_in,
    words_in,
)

FORMAT_VERSION = 5
CACHED_PHRASES = 1 << 13
# Titles alone make a kind of what so many of them end with.
FEWEST_TITLES = 3
_MOST_PAIRS = 400_000


class Phrase(NamedTuple):
    """What a shop uses a phrase for; the numbers are of products.

    Attributes:
        titles: have it in their title.
        nouns: have it there as a noun.
        heads: have it there at the end of a part, as what a thing is stands, not what it is like.
        kind, kinds: the name of the kind that it is, and how many are of it.
        kind_start: where their rows begin in rows.npy.
        brand, brands: the brand that it is, and how many are of it.
        group, value, options: the option value that it is mostly, and how many offer it.
        whole: whether it is a value as it stands, not a word of longer values.
        quality, qualities: the attribute that it is, and how many have it.
        groups: name a group of options with it.
    """

    titles: int = 0
    nouns: int = 0
    heads: int = 0
    kind: str = ""
    kinds: int = 0
    kind_start: int = 0
    brand: str = ""
    brands: int = 0
    group: str = ""
    value: str = ""
    options: int = 0
    whole: bool = False
    quality: str = ""
    qualities: int = 0
    groups: int = 0

    @property
    def share_of_kind(self) -> float:
        """How often a title with it is of the kind that it is, 0 to 1."""
        return self.kinds / (max(self.kinds, self.titles) + 1)


NOTHING = Phrase()


class _Named:
    """Counts by key, and the commonest name of each key."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.names: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, named: dict[str, str]) -> None:
        """Count what one product has."""
        self.counts.update(named.keys())
        for key, name in named.items():
            self.names[key][name] += 1

    def name(self, key: str) -> str:
        """The commonest name of a key."""
        return usual(self.names[key])


def usual(names: Counter[str]) -> str:
    """Return the commonest name, of equally common ones the shortest; an empty one of none."""
    return max(names, key=lambda name: (names[name], -len(name)), default="")


def heads_of(words: Sequence[Word]) -> set[str]:
    """Return the stems of words that stand at the end of a part of a title."""
    return {
        word.stem
        for word, after in zip_longest(words, words[1:])
        if after is None or after.after_mark or after.text in FUNCTION_WORDS
    }


class Counts:
    """What is counted of products before it is written."""

    def __init__(self) -> None:
        self.products = 0
        self.titles: Counter[str] = Counter()
        self.nouns: Counter[str] = Counter()
        self.heads: Counter[str] = Counter()
        self.kinds, self.brands, self.qualities = _Named(), _Named(), _Named()
        self.options: Counter[str] = Counter()
        self.values: defaultdict[str, Counter[tuple[bool, str, str]]] = defaultdict(Counter)
        self.groups: Counter[str] = Counter()
        self.rows: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, products: Iterable[tuple[int, Product]]) -> None:
        """Count products, given with their rows."""
        by_title = _Named()
        title_rows: defaultdict[str, list[int]] = defaultdict(list)
        titles: list[str] = []
        for row, product in products:
            self.products += 1
            titles.append(product.title)
            self.nouns.update({stem_of(noun) for noun in product.nouns})
            kinds = kinds_of(product)
            self.kinds.add(kinds)
            for key in kinds:
                self.rows[key].append(row)
            title_kinds = {k: v for k, v in title_kinds_of(product).items() if k not in kinds}
            by_title.add(title_kinds)
            for key in title_kinds:
                title_rows[key].append(row)
            key, brand = brand_of(product)
            self.brands.add({key: brand} if key else {})
            self.qualities.add(qualities_of(product))
            self.groups.update({key_of(stems_in(group)) for group in product.options})
            offered: dict[str, tuple[bool, str, str]] = {}
            for key, group, value, whole in option_values_of(product):
                offered.setdefault(key, (whole, group, value))
            self.options.update(offered.keys())
            for key, what in offered.items():
                self.values[key][what] += 1
        for key, count in by_title.counts.items():
            if count >= FEWEST_TITLES or key in self.kinds.counts:
                self.kinds.counts[key] += count
                self.kinds.names[key].update(by_title.names[key])
                self.rows[key] += title_rows[key]
        self._count_titles(titles)

    def _count_titles(self, titles: list[str]) -> None:
        """Count words, the phrases that are used otherwise, and pairs of words that come again."""
        known = (self.kinds.counts, self.brands.counts, self.options, self.qualities.counts)
        pairs: Counter[str] = Counter()
        for title in titles:
            words = words_in(title)
            stems = [word.stem for word in words]
            keys, own = set(stems), set()
            self.heads.update(heads_of(words))
            for start, end in spans_of(stems, LONGEST_PHRASE):
                if end - start > 1 and not is_link(stems[start]) and not is_link(stems[end - 1]):
                    key = key_of(stems[start:end])
                    if any(key in counts for counts in known):
                        keys.add(key)
                    elif end - start == 2:
                        own.add(key)
            self.titles.update(keys)
            pairs.update(own)
            if len(pairs) > _MOST_PAIRS:  # Those that came once until now are left to chance.
                pairs = Counter({key: count for key, count in pairs.items() if count > 1})
        for key, count in pairs.items():
            if count > 1:
                self.titles[key] += count

    def phrases(self) -> Iterator[tuple[str, Phrase]]:
        """Yield each key with what it is used for."""
        start = 0
        keys = {*self.titles, *self.kinds.counts, *self.brands.counts, *self.options}
        for key in sorted(keys | {*self.qualities.counts, *self.groups}):
            kinds, brands = self.kinds.counts[key], self.brands.counts[key]
            qualities, options = self.qualities.counts[key], self.options[key]
            whole, group, value = False, "", ""
            if options:
                (whole, group, value), _ = max(
                    self.values[key].items(), key=lambda item: (item[0][0], item[1], item[0])
                )
            yield (
                key,
                Phrase(
                    titles=self.titles[key],
                    nouns=self.nouns[key],
                    heads=self.heads[key],
                    kind=self.kinds.name(key) if kinds else "",
                    kinds=kinds,
                    kind_start=start,
                    brand=self.brands.name(key) if brands else "",
                    brands=brands,
                    group=group,
                    value=value,
                    options=options,
                    whole=whole,
                    quality=self.qualities.name(key) if qualities else "",
                    qualities=qualities,
                    groups=self.groups[key],
                ),
            )
            start += kinds


def _hash(key: str) -> int:
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def write_phrases(counts: Counts, folder: Path, source: dict[str, Any]) -> None:
    """Write what was counted.

    Args:
        folder: where to; it exists.
        source: what it was made from.
    """
    phrases = list(counts.phrases())
    write_array(
        folder / "rows.npy",
        np.array([row for key, phrase in phrases for row in sorted(counts.rows[key])], np.uint32),
    )
    phrases.sort(key=lambda pair: _hash(pair[0]))
    lines = [orjson.dumps(list(phrase)) for _, phrase in phrases]
    write_array(folder / "keys.npy", np.array([_hash(key) for key, _ in phrases], np.uint64))
    write_array(folder / "starts.npy", np.cumsum([0, *map(len, lines)], dtype=np.uint64))
    with replacing(folder / "phrases.bin") as file:
        file.write(b"".join(lines) or b"\n")
    about = {"format": FORMAT_VERSION, "products": counts.products, "source": source}
    write_json(folder / "phrases.json", about)


class Phrases:
    """A shop's phrases, opened memory-mapped.

    Args:
        folder: where :func:`write_phrases` wrote.
        products: how many there are.

    Attributes:
        products: how many products it was learned from.
    """

    def __init__(self, folder: Path, products: int) -> None:
        self.products = products
        self._keys = read_array(folder / "keys.npy")
        self._starts = read_array(folder / "starts.npy").data
        self._rows = read_array(folder / "rows.npy")
        with (folder / "phrases.bin").open("rb") as file:
            self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.find = lru_cache(maxsize=CACHED_PHRASES)(self._find)

    def _find(self, key: str) -> Phrase:
        """Return what the shop uses a phrase for; :data:`NOTHING` if it does not use it."""
        number = _hash(key)
        place = int(np.searchsorted(self._keys, np.uint64(number)))
        if place == len(self._keys) or int(self._keys[place]) != number:
            return NOTHING
        return Phrase(*orjson.loads(self._lines[self._starts[place] : self._starts[place + 1]]))

    def rows_of_kind(self, key: str) -> np.ndarray:
        """Return the rows (uint32, ascending) of the products of a kind, by its key."""
        phrase = self.find(key)
        rows: np.ndarray = self._rows[phrase.kind_start : phrase.kind_start + phrase.kinds]
        return rows
