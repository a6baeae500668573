"""The kind of a product, as requests name it.

A category names the kind of those products whose titles say it; of others the title does, by the
words that name kinds in the catalogue (heads.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from shopwright.catalogue.attributes.candidates import words_of
from shopwright.catalogue.attributes.goods import GOODS
from shopwright.catalogue.attributes.grammar import PhraseTagger
from shopwright.catalogue.attributes.heads import HEAD_SHARE, Heads
from shopwright.catalogue.attributes.titles import WORD, title_parts, uncapitalised
from shopwright.catalogue.attributes.words import PEOPLE, VAGUE_KINDS, stem
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
# Of fewer products no statistics are made: categories count as they are, and titles by their ends.
FEWEST_PRODUCTS = 50
# Where so many products have a category, titles name what some category does.
_WITH_CATEGORY = 0.5
# A category whose products mostly say in their titles what it is called names the others', too.
_SAID_SHARE = 0.6
# A later part of a title names the kind less likely, and so does a later piece of a part.
_LATER_PIECE = 0.3
# What says more is the better name.
_OF_SEVERAL_WORDS = 1.5
# How much likelier a word names the kind that begins with no capital where others do.
_NO_NAME = 2.0
_LEVEL = re.compile(r"\s*[›>|]\s*")
_ALTERNATIVES = re.compile(r"\s*[,;&/]\s*(?:and\s)?|\s(?:and|or)\s")


def words_of_kind(product: Product) -> set[str]:
    """Return the words of a product's kind and category, without plural endings."""
    said = words_of(f"{product.query} {product.category}".lower())
    return {stem(word.removesuffix("'s")) for word in said}


def head_of(kind: str) -> str:
    """Return the word that a kind of product ends with, without its plural ending; empty if it has
    none."""
    words = words_of(kind.lower())
    return stem(words[-1]) if words else ""


def is_kind(text: str, brand: str = "") -> bool:
    """Return whether a category or a type names a kind of product, and not that there is none."""
    text = " ".join(text.lower().split())
    return (
        text not in NO_KIND
        and text != brand.lower()
        and any(map(str.isalpha, text))
        and not {*words_of(text)} <= PEOPLE
    )


class Kinds:
    """The kinds of products that a catalogue's titles and categories name.

    Args:
        products: a sample of the catalogue.
        tagger: tells parts of speech.
        names: words that name makers and series.
    """

    def __init__(
        self, products: Sequence[Product], tagger: PhraseTagger, names: Collection[str] = ()
    ) -> None:
        self._is_small = len(products) < FEWEST_PRODUCTS
        self._heads = Heads(products, tagger, names, self._is_small)
        self._names_of: dict[str, dict[str, str]] = {}
        filed: Counter[str] = Counter()
        saying: Counter[str] = Counter()
        for product in products:
            if is_kind(product.query, product.brand):
                heads = self._named(product.query).keys()
                filed[product.query] += 1
                said = {stem(word) for words in title_parts(product) for word in words}
                saying[product.query] += bool(said & heads)
        self._telling = {
            category
            for category, count in filed.items()
            if (saying[category] + 1) / (count + 2) >= _SAID_SHARE
        }
        # None: any.
        self._known: set[str] | None = None
        if filed.total() >= _WITH_CATEGORY * len(products):
            self._known = {head for category in self._telling for head in self._named(category)}

    def of(self, product: Product) -> str:
        """Return what a request calls a product, empty if neither its title nor its category
        says."""
        is_given = is_kind(product.query, product.brand)
        named = self._named(product.query) if is_given else {}
        best, best_score = "", 0.0
        plain = uncapitalised(product.title)
        parts = list(title_parts(product))
        pieces = (
            (cut, 1 + number + _LATER_PIECE * place)
            for number, part in enumerate(parts)
            for place, cut in enumerate(self._heads.cut(part))
        )
        for words, distance in pieces:
            for n, word in enumerate(words):
                score = self._score(words, n, named) / distance
                score *= _NO_NAME if word in plain else 1.0
                if score * _OF_SEVERAL_WORDS <= best_score:
                    continue
                name = self._name(words[: n + 1], named, product)
                if " " in name:
                    score *= _OF_SEVERAL_WORDS
                # A single word that is not what the category says is too little.
                if named and " " not in name and stem(word) not in named:
                    continue
                if name and score > best_score:
                    best, best_score = name, score
        if best:
            return best
        if is_given and (
            product.query in self._telling or (self._is_small and GOODS & named.keys())
        ):
            return self._of_category(next(iter(named.values()), product.query), product)
        return ""

    def _name(self, words: tuple[str, ...], named: Mapping[str, str], product: Product) -> str:
        """What ends with the last of some words of a title."""
        name = named.get(stem(words[-1]), "")
        if " " in name:
            return name
        said = self._heads.name(words)
        return said if " " in said or not name else self._of_category(name, product)

    def _of_category(self, name: str, product: Product) -> str:
        """The name of a category, with a word of those above it where it says little alone: "cat
        food" of "Cats > Food"; empty if titles say no such thing."""
        if " " in name or self._is_small or not self._heads.is_vague(name):
            return name
        for above in reversed(_LEVEL.split(product.product_category.lower())):
            for word in reversed(WORD.findall(above)):
                if stem(word) != stem(name) and (pair := self._heads.pair(word, name)):
                    return pair
        return ""

    def _score(self, words: tuple[str, ...], n: int, named: Collection[str]) -> float:
        """How likely a word of some names their kind, on no scale."""
        root, share = stem(words[n]), self._heads.share(words[n])
        is_end = n + 1 == len(words)
        if not is_end and self._heads.share(words[n + 1]) >= HEAD_SHARE:
            return 0.0
        if root in named:
            return (share + HEAD_SHARE) * (1.2 if is_end else 1.0)
        is_known = self._known is None or root in self._known
        return share * (1.2 if is_end else 1.0) if is_known and share >= HEAD_SHARE else 0.0

    def names(self, word: str) -> bool:
        """Whether a word mostly names a kind."""
        return self._heads.share(word) > 0.5

    def _named(self, category: str) -> dict[str, str]:
        """The last word of each kind that a category names, without its plural ending → that
        kind."""
        found = self._names_of.get(category)
        if found is None:
            found = self._names_of[category] = {}
            for name in _ALTERNATIVES.split(category.lower()):
                words = WORD.findall(name)
                if words and (len(words) > 1 or stem(words[0]) not in VAGUE_KINDS):
                    found.setdefault(stem(words[-1]), name.strip())
        return found
