"""The parts of titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from shopwright.catalogue.attributes.goods import GOODS, QUALITIES
from shopwright.catalogue.attributes.words import (
    COLOURS,
    FUNCTION_WORDS,
    MEASURES,
    NUMBER_WORDS,
    PEOPLE,
    SHADES,
    SIZES,
)
from shopwright.catalogue.product import Product

_LETTER = r"[^\W_]"
WORD = re.compile(rf"{_LETTER}+(?:['’&/-]{_LETTER}+)*")
# A stroke that joins something of one or two characters is part of a code: "PS/2".
_PARTS_WORDS = rf"(?<={_LETTER}{{3}})/(?={_LETTER}{{3}})"
# A word, or a mark at which a part ends.
_TOKEN = re.compile(
    rf"{_LETTER}+(?:(?!{_PARTS_WORDS})['’&/-]{_LETTER}+)*"
    rf"|\s[-–—|•]\s|[,(\[{{:;|®™\n]|/(?:(?<!{_LETTER}/)|(?!{_LETTER}))|{_PARTS_WORDS}|\.\s"
    r"|[\"”″]?\s[-–—]|[-–—]\s"
)
# Where names begin with capitals, what does not ends before them: "calculator Pocket Financial".
_BEFORE_NAME = re.compile(r"(?<![^\W_])([a-z][a-z'’-]{2,}) (?=[A-Z])")
# How many parts of a title may name the kind.
_MOST_PARTS = 4


# What follows these says which of a kind it is.
_NO_KINDS = frozenset(
    "collection design edition line model range series shape style type version".split()
)
# A slip-on shoe is no slip, a clip-on tie no clip.
_ON = re.compile(r"\b(clip|iron|pull|roll|screw|slip|snap|stick) on(s?)\b")
_JOINS = re.compile(r"\s(?:[&+]|'?n'?)\s")
_WITH = re.compile(r"\bw/\s?")
JOINING = frozenset(("and", "or"))
# What follows these goes with them.
_HALVING = FUNCTION_WORDS | set("color colour extra full long medium regular short size".split())
# What follows these belongs to what stands before them: "box with lid", "heart of wicker".
_COMPLEMENTING = frozenset(
    "against at by featuring for from in into inside like of on over per to under via with within "
    "without".split()
)
# What follows these says what they hold: "pack of napkins".
_QUANTITIES = frozenset(
    "assortment bag bar bottle box bunch bundle can case collection cup dozen jar lot pack packet "
    "pair piece quantity roll set sheet tin tub tube".split()
)
# "Set of 3", "box of 24".
# Goods that are measures after numbers.
GOODS_MEASURES = MEASURES & GOODS
_QUANTITY = re.compile(r"\b\w+ of (?=\d)")


class Piece(NamedTuple):
    """What stands in a text between marks and function words.

    Attributes:
        parts: its words between numbers, sizes, colours and the like.
        follows: the function word before it; empty at the beginning and after marks.
        halves: which of the parts begin with a word that belongs to one before it: "support" of
            "medium support bra", "night" of "day and night blinds".
        is_complement: whether it says more of what stands before it: "with lid".
    """

    parts: tuple[tuple[str, ...], ...]
    follows: str
    halves: frozenset[int]
    is_complement: bool

    @property
    def words(self) -> tuple[str, ...]:
        """All its words."""
        return tuple([word for part in self.parts for word in part])

    @property
    def whole_parts(self) -> tuple[tuple[str, ...], ...]:
        """Its parts without halves of what was said."""
        if not self.halves:
            return self.parts
        return tuple(
            part[int(n in self.halves and len(part) > 1) :] for n, part in enumerate(self.parts)
        )


def plain_title(product: Product) -> str:
    """Return a title in lower case: the kind of a product of which nothing better is known."""
    return " ".join(product.title.lower().split())


def title_parts(product: Product) -> Iterator[tuple[str, ...]]:
    """Yield the first parts of a title as words in lower case, without the brand."""
    yield from islice(parts_of(_named(product)), _MOST_PARTS)


def title_pieces(product: Product) -> Iterator[Piece]:
    """Yield the first pieces of a title, of as many parts, in lower case, without the brand; what
    "&" joins is two."""
    left = _MOST_PARTS
    for piece in pieces_of(_JOINS.sub(" and ", _named(product))):
        yield piece
        left -= len(piece.parts)
        if left <= 0:
            return


def _named(product: Product) -> str:
    """What a title says, in lower case, without the brand and how many there are."""
    title, brand = product.title, product.brand
    if brand and title.lower().startswith(brand.lower()):
        title = title[len(brand) :]
    title = _BEFORE_NAME.sub(lambda found: f"{found[1]} | ", title).lower()
    title = _QUANTITY.sub("", title) if " of " in title else title
    return _ON.sub(r"\1-on\2", title) if " on" in title else title


@lru_cache(maxsize=1)  # Several words of a title are looked for among them.
def uncapitalised(title: str) -> set[str]:
    """Return the words of a title that begin with no capital where most others do: those that are
    no names."""
    words = WORD.findall(title)
    lower = {word for word in words if word.islower()}
    return lower if 2 * sum(map(str.islower, words)) < len(words) else set()


def parts_of(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the parts of a text in lower case between marks, function words, numbers, sizes and
    colours, as words."""
    for piece in pieces_of(text):
        yield from piece.parts


def pieces_of(text: str) -> Iterator[Piece]:
    """Yield the pieces of a text in lower case between marks and function words, as far as they
    have words other than numbers, sizes and colours."""
    parts: list[tuple[str, ...]] = []
    words: list[str] = []
    halves: set[int] = set()
    follows, before, holds = "", "", False
    text = _WITH.sub("with ", text) if "w/" in text else text
    for word, after in pairwise((*_TOKEN.findall(text), "\n", "")):
        role = _role(word)
        # "Night light" is no colour, "light blue" is; "breakfast cup" is no measure.
        if (
            role == _PLAIN
            or (role == _SHADE and after not in COLOURS)
            or (role == _MEASURE and not _is_number(before))
        ):
            if not words and before in _HALVING and word not in QUALITIES:
                halves.add(len(parts))
            words.append(word)
        elif words:
            parts.append(tuple(words))
            words = []
        if role in (_LINK, _MARK):
            if parts:
                is_complement = follows in _COMPLEMENTING and not holds
                yield Piece(tuple(parts), follows, frozenset(halves), is_complement)
            # Of "the lid" in "with the lid" the first word counts.
            if parts or not follows:
                follows = word
            holds = word == "of" and before in _QUANTITIES
            parts, halves = [], set()
        before = word
        if role == _MARK:
            follows = before = ""


def _is_number(word: str) -> bool:
    return any(map(str.isdigit, word)) or word in NUMBER_WORDS


# What a word of a title is: one that belongs to what is named, one that does unless it is the shade
# of a colour, or a measure after a number; a function word; a mark; anything else ends a part.
_PLAIN, _SHADE, _MEASURE, _LINK, _MARK, _OTHER = range(6)


@lru_cache(maxsize=1 << 16)
def _role(word: str) -> int:
    if not word[0].isalnum():
        return _MARK
    if word in FUNCTION_WORDS:
        return _LINK
    if _ends_part(word):
        return _MEASURE if word in GOODS_MEASURES else _OTHER
    return _SHADE if word in SHADES else _PLAIN


def _ends_part(word: str) -> bool:
    return (
        len(word) < 2
        or "/" in word
        or any(map(str.isdigit, word))
        # Silver is a colour and a material, cream one and a thing.
        or (word in COLOURS and word not in GOODS and word not in QUALITIES)
        or word in SIZES
        or word in MEASURES
        or word in PEOPLE
        or word in _NO_KINDS
    )
