"""What stands before the kind of product in a title: "knitted" of "Knitted Bubble Gum Hat"."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from shopwright.catalogue.attributes.candidates import brand_of, is_content_word, words_of
from shopwright.catalogue.attributes.goods import GOODS, QUALITIES
from shopwright.catalogue.attributes.grammar import AFTER_NOUNS, DEGREES, PhraseTagger
from shopwright.catalogue.attributes.kinds import Kinds
from shopwright.catalogue.attributes.names import Names
from shopwright.catalogue.attributes.titles import title_pieces
from shopwright.catalogue.attributes.words import (
    COLOURS,
    FOREIGN_FUNCTION_WORDS,
    ONLY_COLOURS,
    stem,
)
from shopwright.catalogue.product import Product

# As many products have to say what is not known for a material or the like.
FEWEST_PRODUCTS = 4
_MOST_TAGGED = 3_000
# A noun that mostly follows the same word is a part of a compound: "bubble gum".
_OF_COMPOUND = 0.5
_LONGEST_COMPOUND = 3
# Of a garment these are said with what they are like: "mock neck".
_HAVE_ONE_BEFORE = frozenset("cuff heel hem leg neck rise sleeve toe waist".split())
# What these say stands after them: "faux fur", "quad core"; or before them: "tea infused".
_HALVES = frozenset(
    "advanced core dual faux imitation infused multi quad semi single triple".split()
)
# What these say stands before them: "cat paw pattern", "two light".
_NO_MODIFIERS = frozenset(
    "brand color colour design light look motif pattern print size style type".split()
)


class Called(NamedTuple):
    """What a title says before the kind of its product.

    Attributes:
        words: the words before the kind, and the kind's first; none if the title does not say it.
        kind: what the product is called.
        maker: who makes it.
        parts: the parts of its title.
        colour: what colour it is, as far as its title says and there is no choice.
    """

    words: tuple[str, ...]
    kind: str
    maker: str
    parts: tuple[tuple[str, ...], ...]
    colour: str


def as_called(product: Product, kind: str) -> Called:
    """Return what the title of a product of some kind says before that."""
    parts = tuple(part for piece in title_pieces(product) for part in piece.whole_parts)
    colour = _colour_of(product, kind) if kind else ""
    return Called(_words_before_kind(parts, kind), kind, brand_of(product), parts, colour)


def modifiers(
    products: Sequence[Called], kinds: Kinds, names: Names, tagger: PhraseTagger
) -> list[list[str]]:
    """Return what describes each product in its title: the adjective, noun or compound just before
    the kind, and adjectives before that.

    Args:
        products: the products.
        kinds: what kinds there are.
        names: brands, which describe nothing.
        tagger: tells parts of speech.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    makers: dict[str, set[str]] = {}
    for product in products:
        spans: set[tuple[str, ...]] = set()
        for words in product.parts:
            spans.update((word,) for word in words)
            spans.update(itertools.pairwise(words))
            for word in words:
                makers.setdefault(word, set()).add(product.maker)
        counts.update(spans)
    # Of few brands nothing tells a series from what things are like.
    has_brands = names.tell_series
    contexts: dict[str, str] = {}
    for words, *_ in products:
        for first, second in itertools.pairwise(words):
            # What a single brand says names a series.
            is_common = counts[(first,)] >= FEWEST_PRODUCTS and len(makers[first]) > 1
            if (
                ((has_brands and is_common) or first in QUALITIES)
                and is_content_word(first)
                and len(first) > 2
            ):
                contexts.setdefault(f"{first} {second}", " ".join(words))
    phrases = [(phrase, (text,)) for phrase, text in contexts.items()][:_MOST_TAGGED]
    tags: dict[str, Counter[str]] = {}
    for (phrase, _), (tag, _) in zip(phrases, tagger.tag(phrases), strict=True):
        tags.setdefault(phrase.partition(" ")[0], Counter())[tag] += 1
    kind_of = {word: found.most_common(1)[0][0] for word, found in tags.items()}
    # Of "eau de parfum spray" what begins with "de" is a half.
    halves = DEGREES | FOREIGN_FUNCTION_WORDS | _HALVES
    excluded = frozenset((names.words | names.proper | halves | _NO_MODIFIERS) - QUALITIES)
    return [
        _described(words, {*map(stem, kind.split())}, counts, kind_of, kinds, excluded)
        for words, kind, *_ in products
    ]


def _colour_of(product: Product, kind: str) -> str:
    """Return the colour that a product's title names right before its kind, or by itself; empty if
    it names several or none, or if there is a choice of them."""
    title = product.title.lower()
    said = {word for word in words_of(title) if word in ONLY_COLOURS}
    values = (value for values in product.options.values() for value in values)
    if len(said) != 1 or any(word in COLOURS for v in values for word in words_of(v.lower())):
        return ""
    (colour,) = said
    if colour in GOODS and not re.search(rf"\b{colour} {re.escape(kind.lower())}", title):
        return ""  # "Cookies and cream".
    ends = rf"\b{colour}\b(?= ?(?:$|[^\w\s&]|{re.escape(kind.lower())}))"
    return colour if re.search(ends, title) else ""


def _described(
    words: tuple[str, ...],
    kind: Collection[str],
    counts: Counter[tuple[str, ...]],
    tags: dict[str, str],
    kinds: Kinds,
    excluded: frozenset[str],
) -> list[str]:
    found: list[str] = []
    n = len(words) - 2
    while n >= 0:
        word, tag = words[n], tags.get(words[n], "")
        is_adjective, is_noun = tag in ("JJ", "VBN"), tag in ("NN", "NNP")
        if not (is_adjective or (is_noun and n == len(words) - 2)):
            break
        first = n
        while (
            first
            and n - first + 1 < _LONGEST_COMPOUND
            and (
                words[first] in AFTER_NOUNS
                or (
                    is_noun
                    and counts[words[first - 1 : n + 1]]
                    > _OF_COMPOUND * counts[words[first : n + 1]]
                )
            )
        ):
            first -= 1
        said = words[first : n + 1]
        is_open = word in AFTER_NOUNS and first == n
        if is_open or not excluded.isdisjoint(said) or {*map(stem, said)} & {*kind}:
            break
        if is_noun and kinds.names(said[-1]):
            break
        # Half a compound: "toe" of "cap toe oxfords", "carb" of "low carb tortillas".
        leading = words[first - 1] if first else ""
        is_half = leading in DEGREES or tags.get(leading, "").startswith("N")
        if is_noun and (is_half or (leading and word in _HAVE_ONE_BEFORE)):
            break
        found.append(" ".join(said))
        if is_noun:
            break
        n = first - 1
    return found


def _words_before_kind(parts: Iterable[tuple[str, ...]], kind: str) -> tuple[str, ...]:
    """The words of a title before a kind, and the kind's first."""
    stems_of_kind = [*map(stem, kind.lower().split())]
    if not stems_of_kind:
        return ()
    for part in parts:
        stems = [stem(word) for word in part]
        for n in range(len(stems) - len(stems_of_kind) + 1):
            if stems[n : n + len(stems_of_kind)] == stems_of_kind:
                return part[: n + 1]
        # Before a longer name another noun would not stand: "plant pot" is no plant concrete pot.
        if len(stems_of_kind) == 1 and stems_of_kind[0] in stems:
            return part[: stems.index(stems_of_kind[0]) + 1]
    return ()
