"""Requests for products, in WebShop's words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from shopwright.catalogue.attributes.candidates import words_of
from shopwright.catalogue.attributes.goods import USES
from shopwright.catalogue.attributes.grammar import is_before
from shopwright.catalogue.attributes.words import stem
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.seeding import python_rng

MOST_COMBINATIONS = 10_000
# How many attributes a request asks for; from so many of a product, the best first.
_ASKED = (1, 2, 2, 2, 3)
_BEST = 4
# Words up to so many letters are part of others by chance.
_SHORT = 3
# Many products are of the same kinds, and described alike.
_REMEMBERED = 1 << 14
# "Easy clean" is said as "easy to clean".
_TO = re.compile(r"^(easy|ready) (?!to )(\w+)$")


def request_for(
    product: Product,
    attributes: Sequence[str],
    derived: Counter[str],
    seed: int,
    kind: str,
    places: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a request for a product as its fields, if it has none and one can be made; else
    none.

    Args:
        product: what is asked for.
        attributes: what describes it.
        derived: counts what was made, and why not.
        seed: decides what is asked for.
        kind: what the request calls the product; empty if nothing says.
        places: of derived attributes, where a request says them; those that it does not say at all
            are missing. None if the catalogue gave the attributes.
    """
    if product.instruction is not None:
        return {}
    attributes = [name for name in attributes if name != DEFAULT_ATTRIBUTE]
    if places is not None:
        of_kind = _stems_of(kind.lower())
        attributes = [
            name for name in attributes if name in places and not _says_again(of_kind, name)
        ]
    if not attributes:
        derived["no request for lack of attributes"] += 1
        return {}
    if not kind:
        derived["no request for lack of a kind"] += 1
        return {}
    if math.prod(len(values) for values in product.options.values()) > MOST_COMBINATIONS:
        derived["no request for too many option combinations"] += 1
        return {}
    rng = python_rng(seed, "requests", product.asin)
    count = min(rng.choice(_ASKED), len(attributes))
    asked: list[str] = []
    best = attributes[: max(_BEST, count)]
    for name in rng.sample(best, len(best)):
        # Two that share a word say nearly the same.
        said = {*chain.from_iterable(map(words_of, asked))}
        if len(asked) < count and said.isdisjoint(words_of(name)):
            asked.append(name)
    derived["requests"] += 1
    return {
        "instruction": request_text(kind, asked, places),
        "instruction_attributes": tuple(asked),
    }


@lru_cache(maxsize=_REMEMBERED)
def _says_again(of_kind: frozenset[str], name: str) -> bool:
    """Whether an attribute has a word of the kind, or one that is made of the same: "bath sponges"
    are for bathing."""
    return any(
        word == own or (min(len(word), len(own)) > _SHORT and (word in own or own in word))
        for word in _stems_of(name)
        for own in of_kind
    )


@lru_cache(maxsize=_REMEMBERED)
def _stems_of(text: str) -> frozenset[str]:
    return frozenset(map(stem, words_of(text)))


def request_text(
    kind: str, attributes: Sequence[str], places: Mapping[str, str] | None = None
) -> str:
    """Return a request in WebShop's words.

    Args:
        kind: what is asked for.
        attributes: what it should be like.
        places: where each is said: "before", "with" or "for"; those that are missing by their
            words.

    Example:
        >>> request_text("coffee mugs", ["dishwasher safe", "bamboo lid", "easy clean"])
        'Find me dishwasher safe, easy to clean coffee mugs with bamboo lid'
    """
    said: dict[str, list[str]] = {"before": [], "with": [], "for": []}
    for name in attributes:
        said[(places or {}).get(name) or _usual_place(name)].append(spoken(name))
    text = " ".join(filter(None, ["Find me", ", ".join(said["before"]), kind]))
    for place in ("with", "for"):
        if said[place]:
            text += f" {place} {', '.join(said[place])}"
    return text


def _usual_place(attribute: str) -> str:
    if is_before(attribute):
        return "before"
    return "for" if stem(attribute.rpartition(" ")[2]) in USES else "with"


def kind_asked_for(instruction: str, asked: Collection[str]) -> str:
    """Return what a request of :func:`request_text` calls a product.

    Args:
        instruction: the request.
        asked: the attributes that it asks for.

    Example:
        >>> kind_asked_for("Find me easy to clean mugs with a lid", ["a lid", "easy clean"])
        'mugs'
    """
    said = "|".join(re.escape(spoken(name)) for name in asked)
    found = re.fullmatch(
        rf"Find me (?:(?:{said}),? )*(.+?)(?: (?:with|for) (?:{said})\b.*)?", instruction
    )
    return found[1] if found else ""


def spoken(attribute: str) -> str:
    """Return an attribute as a sentence says it.

    Example:
        >>> spoken("easy clean")
        'easy to clean'
    """
    found = _TO.fullmatch(attribute)
    if found is None or found[2] == "care" or not is_before(attribute):
        return "plug and play" if attribute == "plug play" else attribute
    return f"{found[1]} to {found[2]}"
