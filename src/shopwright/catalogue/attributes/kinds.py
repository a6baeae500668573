"""The kind of a product, as requests name it.

A category names the kind of those products whose titles say it; of others the title does, by the
words that name kinds in the catalogue (heads.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from shopwright.catalogue.attributes.candidates import words_of
from shopwright.catalogue.attributes.goods import GOODS, QUALITIES
from shopwright.catalogue.attributes.grammar import PhraseTagger
from shopwright.catalogue.attributes.heads import HEAD_SHARE, Heads
from shopwright.catalogue.attributes.titles import (
    JOINING,
    WORD,
    Piece,
    title_parts,
    title_pieces,
    uncapitalised,
)
from shopwright.catalogue.attributes.words import (
    COLLECTIVES,
    COLOURS,
    PEOPLE,
    SIZES,
    VAGUE_KINDS,
    stem,
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
_SETS = COLLECTIVES | {"kit"}
_LIKE_WHAT = QUALITIES | COLOURS | SIZES
# Many products are of the same kinds.
_REMEMBERED = 1 << 14
_LEVEL = re.compile(r"\s*[›>|]\s*")
_LISTED = re.compile(r"\s*[;|]\s*")
_ALTERNATIVES = re.compile(r"\s*[,&/]\s*(?:and\s)?|\s(?:and|or)\s")


def words_of_kind(product: Product) -> frozenset[str]:
    """Return the words of a product's kind and category, without plural endings."""
    return _stems_of(f"{product.query} {product.category}".lower())


@lru_cache(maxsize=_REMEMBERED)
def _stems_of(text: str) -> frozenset[str]:
    return frozenset([stem(word.removesuffix("'s")) for word in words_of(text)])


@lru_cache(maxsize=_REMEMBERED)
def head_of(kind: str) -> str:
    """Return the word that a kind of product ends with, without its plural ending; empty if it has
    none."""
    words = words_of(kind.lower())
    return stem(words[-1]) if words else ""


def is_kind(text: str, brand: str = "") -> bool:
    """Return whether a category or a type names a kind of product, and not that there is none."""
    return _names_kind(text) and (not brand or " ".join(text.lower().split()) != brand.lower())


@lru_cache(maxsize=_REMEMBERED)
def _names_kind(text: str) -> bool:
    text = " ".join(text.lower().split())
    return text not in NO_KIND and any(map(str.isalpha, text)) and not {*words_of(text)} <= PEOPLE


class Kinds:
    """The kinds of products that a catalogue's titles and categories name.

    Args:
        products: a sample of the catalogue.
        tagger: tells parts of speech.
        names: words that name makers and series.
        tell_series: whether these tell all series, so that other words before a kind are its own.
    """

    def __init__(
        self,
        products: Sequence[Product],
        tagger: PhraseTagger,
        names: Collection[str] = (),
        *,
        tell_series: bool = True,
    ) -> None:
        self._is_small = len(products) < FEWEST_PRODUCTS
        self._heads = Heads(products, tagger, names, self._is_small, tell_series)
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
        best, best_score, is_other = "", 0.0, False
        for words, is_end, score in self._said(product, named):
            if score * _OF_SEVERAL_WORDS <= best_score:
                continue
            name = self._name(words, named, product)
            if " " in name:
                score *= _OF_SEVERAL_WORDS
            elif named and stem(words[-1]) not in named:
                # A single word that is not what the category says is too little.
                is_other = is_other or (is_end and stem(words[-1]) in GOODS)
                continue
            if name and score > best_score:
                best, best_score = name, score
        if best or is_other:
            return best
        if is_given and (
            product.query in self._telling or (self._is_small and GOODS & named.keys())
        ):
            return self._of_category(next(iter(named.values()), ""), product)
        return ""

    def _said(
        self, product: Product, named: Collection[str]
    ) -> Iterator[tuple[tuple[str, ...], bool, float]]:
        """Yield words of a title that can name the product, each with those before it, whether
        nothing follows, and how likely that is, on no scale."""
        pieces = [*title_pieces(product)]
        number = 0
        for n, piece in enumerate(pieces):
            ahead = piece.words if self._may_name(pieces, n) else ()
            for part, whole in zip(piece.parts, piece.whole_parts, strict=True):
                number += 1
                ahead = ahead[len(part) - len(whole) :]
                for place, words in enumerate(self._heads.cut(whole) if ahead else ()):
                    for end, word in enumerate(words, start=1):
                        ahead = ahead[1:]
                        if self._heads.share(word) < HEAD_SHARE and stem(word) not in named:
                            continue
                        score = self._score(words[:end], words[end:], named, ahead)
                        score /= number + _LATER_PIECE * place
                        if score:
                            is_plain = word in uncapitalised(product.title)
                            score *= _NO_NAME if is_plain else 1.0
                            yield words[:end], end == len(words), score

    def _may_name(self, pieces: Sequence[Piece], n: int) -> bool:
        """Whether the n-th piece of a title can name what the product is."""
        if n and pieces[n].is_complement:
            return False
        if n + 1 == len(pieces) or pieces[n + 1].follows not in JOINING:
            return True
        # "Vest and tie set" is neither a vest nor a tie; "day and night blinds", "hook and loop
        # shoe" say of what kind the last is.
        own, joined = pieces[n].words, pieces[n + 1].words
        return (
            stem(joined[-1]) not in _SETS
            and self._heads.is_goods(own[-1])
            and not (len(own) == 1 < len(joined) and self._heads.is_goods(joined[-1]))
        )

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

    def _score(
        self,
        words: tuple[str, ...],
        after: tuple[str, ...],
        named: Collection[str],
        ahead: tuple[str, ...],
    ) -> float:
        """How likely the last of some words names a kind, on no scale.

        Args:
            words: the words.
            after: those after them in their part of the title.
            named: what the category names.
            ahead: all those after them in their piece of the title.
        """
        heads, word = self._heads, words[-1]
        root, share = stem(word), heads.share(word)
        # A later word for goods is what those before it describe: "love heart money bank".
        is_goods = root in GOODS
        if (after and not is_goods and heads.share(after[0]) >= HEAD_SHARE) or any(
            heads.outweighs(later, word) for later in ahead
        ):
            return 0.0
        likelier = 1.0 if after else 1.2
        if root in named and (not after or is_goods):
            return (share + HEAD_SHARE) * likelier
        if after and word in QUALITIES:  # "Paper straws".
            return 0.0
        # A tea set is a thing, the jet set is not; a cream after a thing is its colour.
        follows_goods = any(map(heads.is_goods, words[-2:-1]))
        if (root in COLLECTIVES and not follows_goods) or (word in COLOURS and follows_goods):
            return 0.0
        is_known = is_goods or self._known is None or root in self._known
        return share * likelier if is_known and share >= HEAD_SHARE else 0.0

    def names(self, word: str) -> bool:
        """Whether a word mostly names a kind."""
        return self._heads.share(word) > 0.5

    def _named(self, category: str) -> dict[str, str]:
        """The last word of each kind that a category names, without its plural ending → that
        kind."""
        found = self._names_of.get(category)
        if found is None:
            found = self._names_of[category] = {}
            for listed in _LISTED.split(category.lower()):
                names = [name.strip() for name in _ALTERNATIVES.split(listed)]
                last = WORD.findall(names[-1])
                # "Nose and ear trimmers" are one kind, "pots and planters" two.
                if len(names) > 1 and len(last) > 1 and not all(map(_is_plural, names)):
                    names = [listed.strip()]
                for name in names:
                    words = WORD.findall(name)
                    if (
                        words
                        and _names_goods(words, is_one=len(names) == 1)
                        and (len(words) > 1 or stem(words[0]) not in VAGUE_KINDS)
                    ):
                        found.setdefault(stem(words[-1]), name)
        return found


def _is_plural(name: str) -> bool:
    return name.endswith("s") and not name.endswith("ss")


def _names_goods(words: Sequence[str], *, is_one: bool) -> bool:
    """Whether the last of some words can name things, by themselves or listed with others."""
    last = words[-1]
    if not COLOURS.isdisjoint(words[:-1]):  # "Grey colour blinds" may be silver.
        return False
    is_known = stem(last) in GOODS or _is_plural(last) or len(words) > 1 or is_one
    return is_known and (stem(last) in GOODS or last not in _LIKE_WHAT)
