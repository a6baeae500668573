"""The parts of titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise

from shopwright.catalogue.attributes.goods import GOODS, QUALITIES
from shopwright.catalogue.attributes.words import (
    COLOURS,
    FUNCTION_WORDS,
    MEASURES,
    PEOPLE,
    SIZES,
)
from shopwright.catalogue.product import Product

# A stroke that joins something of one or two characters is part of a code: "PS/2".
PART_END = re.compile(
    r"\s[-–—|•]\s|[,(\[{:;|®™\n]|(?<![^\W_])/|/(?![^\W_])|(?<=[^\W_]{3})/(?=[^\W_]{3})|\.\s"
    r"|[\"”″]?\s[-–—]|[-–—]\s"
)
WORD = re.compile(r"[^\W_]+(?:['’&/-][^\W_]+)*")
# Where names begin with capitals, what does not ends before them: "calculator Pocket Financial".
_BEFORE_NAME = re.compile(r"(?<![^\W_])([a-z][a-z'’-]{2,}) (?=[A-Z])")
# How many parts of a title may name the kind.
_MOST_PARTS = 4


# What follows these says which of a kind it is.
_NO_KINDS = frozenset(
    "collection design edition line model range series shape style type version".split()
)
_SHADES = frozenset(("clear", "dark", "light"))
# "Set of 3", "box of 24".
_QUANTITY = re.compile(r"\b\w+ of (?=\d)")


def plain_title(product: Product) -> str:
    """Return a title in lower case: the kind of a product of which nothing better is known."""
    return " ".join(product.title.lower().split())


def title_parts(product: Product) -> Iterator[tuple[str, ...]]:
    """Yield the first parts of a title as words in lower case, without the brand."""
    title, brand = product.title, product.brand
    if brand and title.lower().startswith(brand.lower()):
        title = title[len(brand) :]
    title = _BEFORE_NAME.sub(r"\1 | ", title).lower()
    yield from islice(parts_of(_QUANTITY.sub("", title)), _MOST_PARTS)


def uncapitalised(title: str) -> set[str]:
    """Return the words of a title that begin with no capital where most others do: those that are
    no names."""
    words = WORD.findall(title)
    lower = {word for word in words if word.islower()}
    return lower if 2 * sum(map(str.islower, words)) < len(words) else set()


def parts_of(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the parts of a text in lower case between marks, function words, numbers, sizes and
    colours, as words."""
    for part in PART_END.split(text):
        words: list[str] = []
        for word, after in pairwise((*WORD.findall(part), "")):
            # "Night light" is no colour, "light blue" is.
            if not _ends_part(word) or (word in _SHADES and after not in COLOURS):
                words.append(word)
            elif words:
                yield tuple(words)
                words = []
        if words:
            yield tuple(words)


@lru_cache(maxsize=1 << 16)
def _ends_part(word: str) -> bool:
    return (
        len(word) < 2
        or "/" in word
        or any(map(str.isdigit, word))
        # Silver is a colour and a material, cream one and a thing.
        or (word in COLOURS and word not in GOODS and word not in QUALITIES)
        or word in SIZES
        or word in MEASURES
        or word in FUNCTION_WORDS
        or word in PEOPLE
        or word in _NO_KINDS
    )
