"""What tells that a text's words mean something else than what is asked for."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from shopwright.recommending.choosing import same_group
from shopwright.recommending.mentions import Passage
from shopwright.recommending.phrase import COLOUR_STEMS, Phrase, stem_of
from shopwright.recommending.texts import Texts
from shopwright.understanding.quantities import in_unit, quantities_in

EVIDENCE_CHARACTERS = 80
# "10 ft" is "3 m".
_ROUNDED = 0.05
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SHADES = """
beige cream ivory khaki tan
blue cyan indigo navy teal turquoise
brown bronze khaki tan
gold golden mustard yellow
gray charcoal silver
green khaki lime olive teal
orange coral peach
pink coral fuchsia magenta peach rose
purple lavender lilac violet
red burgundy coral maroon rose
white cream ivory
"""
_MANY = frozenset(map(stem_of, "assorted color colorful mixed multi multicolor rainbow".split()))
_LIKE = [frozenset(map(stem_of, line.split())) for line in _SHADES.strip().splitlines()]


def is_bare_number(phrase: Phrase, passage: Passage, texts: Texts) -> bool:
    """Return whether it is a number alone in running text, where it may count anything."""
    if passage not in texts.own.running or len(phrase.words) != 1:
        return False
    return _NUMBER.fullmatch(phrase.text.strip()) is not None


def is_other_number(phrase: Phrase, passage: Passage, texts: Texts) -> bool:
    """Return whether running text may count something else: "8" in "8 colors", "8 wide" in
    "wide: 8"."""
    if passage not in texts.own.running:
        return False
    numbers = [_NUMBER.fullmatch(word) is not None for word in phrase.words]
    return any(numbers) and (all(numbers) or not passage.has_joined(phrase))


def other_colours(phrase: Phrase, texts: Texts) -> str:
    """Return the colours in which a product is offered, none of which is the colour asked for or
    like it; empty where that is not so."""
    if not phrase.colours:
        return ""
    offered = texts.own.colours
    if offered.isdisjoint(COLOUR_STEMS) or not offered.isdisjoint(_alike(phrase.colours)):
        return ""
    groups = texts.product.options.items()
    named = (f"{g}: {', '.join(values)}" for g, values in groups if same_group(g, "color"))
    return "; ".join(named)[:EVIDENCE_CHARACTERS]


@lru_cache(maxsize=1 << 8)
def _alike(colours: frozenset[str]) -> frozenset[str]:
    """Return colours, their shades, and the words for any colour."""
    return colours.union(_MANY, *(shades for shades in _LIKE if shades & colours))


def is_other_quantity(phrase: Phrase, passage: Passage, texts: Texts) -> bool:
    """Return whether running text names a quantity of something else, while the title or the chosen
    options give a different one: the "10 ft" in which a cable of 50 ft is sold, too."""
    if not phrase.quantities or passage not in texts.own.running:
        return False
    for asked in quantities_in(phrase.text.lower()):
        for telling in (texts.chosen, texts.own.title):
            # One of several sides says nothing of the others.
            sizes = (in_unit(q, asked.unit) for q in telling.quantities if not q.axis)
            told = [size for size in sizes if size is not None]
            if told and not any(math.isclose(t, asked.value, rel_tol=_ROUNDED) for t in told):
                return True
    return False
