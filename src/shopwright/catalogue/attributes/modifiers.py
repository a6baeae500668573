"""What stands before the kind of product in a title: "knitted" of "Knitted Bubble Gum Hat"."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from shopwright.catalogue.attributes.candidates import brand_of, is_content_word
from shopwright.catalogue.attributes.grammar import PhraseTagger
from shopwright.catalogue.attributes.kinds import stem, title_parts
from shopwright.catalogue.attributes.names import FEWEST_BRANDS, Names
from shopwright.catalogue.product import Product

# As many products have to say it.
FEWEST_PRODUCTS = 3
_MOST_TAGGED = 3_000
# A noun that mostly follows the same word is a part of a compound: "bubble gum".
_OF_COMPOUND = 0.5


def modifiers(products: Sequence[Product], names: Names, tagger: PhraseTagger) -> list[list[str]]:
    """Return what describes each product in its title: the adjective, noun or compound just before
    the kind, and adjectives before that.

    Args:
        products: with their kinds.
        names: brands, which describe nothing.
        tagger: tells parts of speech.
    """
    before = [_words_before_kind(product) for product in products]
    counts: Counter[tuple[str, ...]] = Counter()
    for words in before:
        counts.update({words[n : n + 1] for n in range(len(words) - 1)})
        counts.update({words[n : n + 2] for n in range(len(words) - 2)})
    makers: dict[str, set[str]] = {}
    for product, words in zip(products, before, strict=True):
        for word in words[:-1]:
            makers.setdefault(word, set()).add(brand_of(product))
    fewest = 2 if names.count >= FEWEST_BRANDS else 1
    contexts: dict[str, str] = {}
    for words in before:
        for first, second in itertools.pairwise(words):
            # What a single brand says names a series.
            is_common = counts[(first,)] >= FEWEST_PRODUCTS and len(makers[first]) >= fewest
            if is_common and is_content_word(first) and len(first) > 2:
                contexts.setdefault(f"{first} {second}", " ".join(words))
    phrases = [(phrase, (text,)) for phrase, text in contexts.items()][:_MOST_TAGGED]
    tags: dict[str, Counter[str]] = {}
    for (phrase, _), (tag, _) in zip(phrases, tagger.tag(phrases), strict=True):
        tags.setdefault(phrase.partition(" ")[0], Counter())[tag] += 1
    kind_of = {word: found.most_common(1)[0][0] for word, found in tags.items()}
    return [_described(words, counts, kind_of, names) for words in before]


def _described(
    words: tuple[str, ...],
    counts: Counter[tuple[str, ...]],
    tags: dict[str, str],
    names: Names,
) -> list[str]:
    found: list[str] = []
    for n in reversed(range(len(words) - 1)):
        word, tag = words[n], tags.get(words[n], "")
        is_adjective, is_noun = tag in ("JJ", "VBN"), tag in ("NN", "NNP")
        if word in names.words or not (is_adjective or (is_noun and n == len(words) - 2)):
            break
        compound = words[n - 1 : n + 1] if n and is_noun else ()
        if compound and counts[compound] > _OF_COMPOUND * counts[(word,)]:
            found.append(" ".join(compound))
            break
        found.append(word)
    return found


def _words_before_kind(product: Product) -> tuple[str, ...]:
    """The words of a title before the kind, and the kind's first."""
    kind = [stem(word) for word in product.query.split()]
    if not kind:
        return ()
    for part in title_parts(product):
        stems = [stem(word) for word in part]
        for n in range(len(stems) - len(kind) + 1):
            if stems[n : n + len(kind)] == kind:
                return part[: n + 1]
        if kind[-1] in stems:
            return part[: stems.index(kind[-1]) + 1]
    return ()
