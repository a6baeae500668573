"""The kind of a product, as requests name it."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from shopwright.catalogue.attributes.candidates import is_content_word, words_of
from shopwright.catalogue.attributes.grammar import PhraseTagger
from shopwright.catalogue.attributes.words import (
    COLOURS,
    FUNCTION_WORDS,
    MEASURES,
    PEOPLE,
    SIZES,
)
from shopwright.catalogue.product import Product

# What shops' systems write where a product has no category or type.
NO_KIND = frozenset(
    (
        "",
        *"all bundle configurable default downloadable general generic grouped home item items "
        "merchandise misc miscellaneous n/a none null other others product products root shop "
        "simple standard unassigned uncategorised uncategorized unknown unspecified variable "
        "variation virtual".split(),
        # Departments that are named by an adjective.
        *"active casual everyday men multipurpose programmable single women".split(),
        "all products", "default category", "default title", "home page", "no category",
        "not specified", "root catalog", "simple product", "variable product",
    )
)  # fmt: skip
_PART_END = re.compile(r"\s[-–—|•]\s|[,(\[{:;/|®™\n]|\.\s|[\"”″]?\s[-–—]|[-–—]\s")
_WORD = re.compile(r"[^\W_]+(?:['’&-][^\W_]+)*")
_NO_HEADS = frozenset("collection design edition series style version".split())
# How many parts of a title may name the kind.
_MOST_PARTS = 4
_FEWEST_TITLES = 3
_MOST_PAIRS = 4_000
# "Water bottle" is mostly said as "hot water bottle" where so many of its titles say that.
_PART_OF_LONGER = 0.6


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return a word without the ending of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("shes", "ches", "xes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def words_of_kind(product: Product) -> set[str]:
    """Return the words of a product's kind and category, without plural endings."""
    said = words_of(f"{product.query} {product.category}".lower())
    return {stem(word.removesuffix("'s")) for word in said}


def is_kind(text: str, brand: str = "") -> bool:
    """Return whether a category or a type names a kind of product, and not that there is none."""
    text = " ".join(text.lower().split())
    return (
        text not in NO_KIND
        and text != brand.lower()
        and any(map(str.isalpha, text))
        and not {*words_of(text)} <= PEOPLE
    )


def kinds_in_titles(
    products: Sequence[Product], wanted: Sequence[bool], tagger: PhraseTagger
) -> list[str]:
    """Return the kind that each product's title names: two words that many titles have and whose
    second is a noun, else the end of the title's first part.

    Args:
        products: the catalogue.
        wanted: for which products; the others' are empty.
        tagger: tells parts of speech.
    """
    chosen = [product for product, is_wanted in zip(products, wanted, strict=True) if is_wanted]
    if not chosen:
        return ["" for _ in products]
    brands = {product.brand.lower() for product in chosen}
    parts = [
        [words for words in title_parts(product) if not brands & {*words[-1:]}]
        for product in chosen
    ]
    counts: Counter[tuple[str, ...]] = Counter()
    contexts: dict[str, list[str]] = {}
    for own in parts:
        counts.update({words[n : n + 2] for words in own for n in range(len(words) - 1)})
        counts.update({words[n : n + 3] for words in own for n in range(len(words) - 2)})
        counts.update({words[-1:] for words in own})
        for words in own:
            for pair in itertools.pairwise(words):
                contexts.setdefault(" ".join(pair), [" ".join(words)])
    names = _names(counts, contexts, tagger)
    kinds = iter(
        [
            _kind(own, names, counts) or plain_title(product)
            for product, own in zip(chosen, parts, strict=True)
        ]
    )
    return [next(kinds) if is_wanted else "" for is_wanted in wanted]


def _names(
    counts: Counter[tuple[str, ...]], contexts: Mapping[str, list[str]], tagger: PhraseTagger
) -> set[tuple[str, ...]]:
    """The pairs of words of several titles that can name a kind: the second word is a noun."""
    pairs = [
        pair
        for pair, count in counts.most_common(_MOST_PAIRS)
        if len(pair) == 2
        and count >= _FEWEST_TITLES
        and all(map(_is_word, pair))
        and pair[-1] not in _NO_HEADS
    ]
    tags = tagger.tag([(" ".join(pair), contexts[" ".join(pair)]) for pair in pairs])
    return {
        pair
        for pair, (first, second) in zip(pairs, tags, strict=True)
        if second.startswith("N") and first[:1] in "NJV"
    }


def _kind(
    parts: Sequence[tuple[str, ...]],
    names: Collection[tuple[str, ...]],
    counts: Counter[tuple[str, ...]],
) -> str:
    best, best_score = "", 0.0
    for number, words in enumerate(parts):
        for n in range(len(words) - 1):
            pair = words[n : n + 2]
            is_end = n + 2 == len(words)
            score = counts[pair] * (3 if is_end else 1) / (1 + number)
            if pair in names and score > best_score:
                longer = words[n - 1 : n + 2] if n else ()
                whole = longer and counts[longer] >= _PART_OF_LONGER * counts[pair]
                best, best_score = " ".join(longer if whole else pair), score
    if best or not parts:
        return best
    # Nothing that several titles have: the end of a part, the first unless others are commoner.
    ends = [words for words in parts if _is_word(words[-1]) and words[-1] not in _NO_HEADS]
    if not ends:
        return ""
    words = max(ends, key=lambda own: counts[own[-1:]] * (2 if own is ends[0] else 1))
    return " ".join(words[-2:])


def _is_word(word: str) -> bool:
    return all(map(is_content_word, word.split("-")[-1:]))


def plain_title(product: Product) -> str:
    """Return a title in lower case: the kind of a product of which nothing better is known."""
    return " ".join(product.title.lower().split())


def title_parts(product: Product) -> Iterator[tuple[str, ...]]:
    """Yield the parts of a title between marks, function words, numbers and colours, as words in
    lower case, without the brand."""
    title, brand = product.title, product.brand
    if brand and title.lower().startswith(brand.lower()):
        title = title[len(brand) :]
    elif " " in title.strip():
        title = title.strip().partition(" ")[2]
    found = 0
    for part in _PART_END.split(title):
        words: list[str] = []
        for word in (*_WORD.findall(part.lower()), ""):
            if word and not _ends_part(word):
                words.append(word)
            elif words:
                yield tuple(words)
                words = []
                found += 1
        if found >= _MOST_PARTS:
            return


def _ends_part(word: str) -> bool:
    return (
        len(word) < 2
        or any(map(str.isdigit, word))
        or word in COLOURS
        or word in SIZES
        or word in MEASURES
        or word in FUNCTION_WORDS
        or word in PEOPLE
    )
