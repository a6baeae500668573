"""What a product's own fields call it: its kinds, brand, option values and qualities."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shopwright.catalogue.attributes.kinds import is_kind
from shopwright.catalogue.attributes.titles import title_parts
from shopwright.catalogue.attributes.words import FUNCTION_WORDS, PEOPLE, shares_head
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.understanding.words import key_of, stem_of, stems_in

LONGEST_PHRASE = 5
_PART = re.compile(r"\s*(?:[,;&/|]|\band\b)\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_CATEGORY_END = re.compile(r"[›>|]")
# What a kind is said to be for or to have is none of it.
_BREAKS = frozenset("for with without in on from by to".split())
_OWNERS = frozenset(stem_of(word) for word in PEOPLE) - frozenset(("baby", "babies", "mother"))
# Sizes as people and tables write them; each line is one size.
_SIZES = """
xxs, xx-small, 2xs, extra extra small
xs, x-small, extra small, xsmall
s, small, sm
m, medium, med
l, large, lg
xl, x-large, extra large, xlarge, 1xl
xxl, xx-large, 2xl, 2x, extra extra large, double xl, 2x-large
xxxl, xxx-large, 3xl, 3x, 3x-large, triple xl
xxxxl, xxxx-large, 4xl, 4x, 4x-large
5xl, 5x, 5x-large, xxxxxl
6xl, 6x, 6x-large
"""
SIZE_WRITINGS: dict[str, tuple[str, ...]] = {}
for _line in _SIZES.strip().splitlines():
    _keys = tuple(dict.fromkeys(key_of(stems_in(text)) for text in _line.split(",")))
    SIZE_WRITINGS.update(dict.fromkeys(_keys, _keys))


def kinds_of(product: Product) -> dict[str, str]:
    """Return the kinds that a product is of, by key, as the catalogue writes them: its type, its
    last category, and what these are kinds of: an HDMI cable is a cable."""
    kinds: dict[str, str] = {}
    leaf = _CATEGORY_END.split(product.product_category)[-1]
    for text in (product.query, leaf):
        if is_kind(text, product.brand):
            parts = [_WORD.findall(part.lower()) for part in _PART.split(text)]
            for words in parts:
                _add_kind(kinds, _with_head(words, parts[-1]))
    return kinds


def _with_head(words: list[str], last: list[str]) -> list[str]:
    """Words of a list with the head that they share with its last ones: in "sofa & console tables"
    are sofa tables."""
    is_title = len(words) + len(last) > LONGEST_PHRASE
    if not words or words is last or is_title or not shares_head(words[-1], last):
        return words
    return [*words, last[-1]]


def title_kinds_of(product: Product) -> dict[str, str]:
    """Return what the first part of a product's title says it is, by key."""
    kinds: dict[str, str] = {}
    for words in title_parts(product):
        _add_kind(kinds, list(words[-2:]))
        break
    return kinds


def _add_kind(kinds: dict[str, str], words: list[str]) -> None:
    for number, word in enumerate(words):
        if number and word in _BREAKS:
            words = words[:number]
            break
    while words and stem_of(words[0]) in _OWNERS:
        words = words[1:]
    for start in range(max(0, len(words) - 4), len(words)):
        suffix = words[start:]
        if suffix[0] not in FUNCTION_WORDS and any(map(str.isalpha, suffix[-1])):
            kinds.setdefault(key_of(map(stem_of, suffix)), " ".join(suffix))


def brand_of(product: Product) -> tuple[str, str]:
    """Return the key of a product's brand and the brand; empty texts without one."""
    return key_of(stems_in(product.brand)), product.brand


def option_values_of(product: Product) -> Iterator[tuple[str, str, str, bool]]:
    """Yield key, group and value of what a product's options offer, and whether it is a value as
    it stands: words of longer values are not."""
    for group, values in product.options.items():
        for value in values:
            stems = stems_in(value)
            if not stems:
                continue
            key = key_of(stems)
            yield key, group, value, True
            for writing in SIZE_WRITINGS.get(key, ()):
                if writing != key:
                    yield writing, group, value, True
            if 1 < len(stems) <= LONGEST_PHRASE:
                words = [word.lower() for word in _WORD.findall(value)]
                for word in dict.fromkeys(words):
                    if word not in FUNCTION_WORDS:
                        yield stem_of(word), group, word, False


def qualities_of(product: Product) -> dict[str, str]:
    """Return what a product is said to be or have in fields of few words, by key."""
    texts = (*product.attributes, *product.tags, *product.details.values())
    found = {}
    for text in texts:
        words = _WORD.findall(text.lower())
        if text != DEFAULT_ATTRIBUTE and 0 < len(words) <= LONGEST_PHRASE:
            found[key_of(map(stem_of, words))] = text.lower()
    return found
