"""Attributes of labelled fields: the product's details, and bullets such as "material: nylon"."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

from shopwright.catalogue.attributes.goods import PARTS
from shopwright.catalogue.attributes.grammar import is_before
from shopwright.catalogue.attributes.words import COLOURS, FUNCTION_WORDS, stem
from shopwright.catalogue.product import Product

_BULLET = re.compile(r"\s*([^\W\d_][\w /()&-]{1,39}?)\s*:\s*(\S.*?)\s*", re.S)
# Values of so few words say what the label asks; after others a label is the beginning of a text.
_SHORT_VALUE = 4
_SHORT_SHARE = 0.6
_LETTERS = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?:[ '&-][^\W\d_]+){0,2}")
_MOST_WORDS = 3
# Fields that say who makes or sells it, how much there is, or what an option says.
_NOT_OF_USE = re.compile(
    r"\b(?:age|asin|audience|availab\w+|barcode|brand|bulb|care|category|code|codename|colou?rs?|compliance|certification|condition|contents?|"
    r"count\w*|country|customer|date|department|depth|dimensions?|ean|for|gender|gtin|height|id|"
    r"importer|included|includes|instructions?|isbn|items?|length|manufacturer|market|model|mpn|"
    r"name|note|number|origin|package|packag\w+|part|pieces|price|product|quantity|rank|ratings?|"
    r"reviews?|season|series|ship\w*|sizes?|sku|status|supported|units?|\d+|supplier|title|upc|url|vendor|version|volume|"
    r"warranty|weight|width|year)\b|^type$"
)
# Fields whose value says all: "nylon", not "nylon material".
_VALUE_ALONE = re.compile(
    r"\b(?:material|fabric|composition|finish|pattern|style|scent|flavou?r|shape|feature|features|"
    r"technology|theme|occasion|texture)s?$"
)
# "Zip closure", not "zip closure type".
_TYPE = re.compile(r"\s+types?$")
_YES = frozenset(("yes", "true", "y"))
_NO = frozenset(
    "no false n n/a na none null unknown other others various mixed standard multi".split()
)
# Fewer titles tell nothing.
FEWEST_TOLD = 200
# A field of fewer products tells little; a value of most of them distinguishes none.
FEWEST_PRODUCTS = 3
LARGEST_SHARE = 0.5
# What customers care for is said in titles, too: in so many of so many of them.
FEWEST_TITLES = 2


def fields(product: Product) -> Iterator[tuple[str, str]]:
    """Yield the labels and values of a product, lower case."""
    for label, value in product.details.items():
        yield label.lower().strip(), value.lower().strip()
    for bullet in product.bullets:
        if ":" in bullet and (found := _BULLET.fullmatch(bullet)):
            yield found[1].lower(), found[2].lower()


def without_label(bullet: str, labels: Collection[str]) -> str:
    """Return a bullet without its label, if it has one of some labels."""
    found = _BULLET.fullmatch(bullet) if ":" in bullet[:42] else None
    return found[2] if found and found[1].lower() in labels else bullet


class LabelledFields:
    """Which labelled fields of a catalogue say attributes.

    Args:
        products: the catalogue, or a part of it; the others are to be :meth:`add`-ed.
    """

    def __init__(self, products: Sequence[Product] = ()) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._products_with: Counter[str] = Counter()
        self._short: Counter[str] = Counter()
        for product in products:
            own = {*fields(product)}
            self._counts.update(each for each in own if _may_be_attribute(*each))
            self._products_with.update({label for label, _ in own})
            with_short = {label for label, value in own if len(value.split()) <= _SHORT_VALUE}
            # A list of fields may have a long one, too.
            is_list = 2 * len(with_short) > len(product.bullets)
            self._short.update({label for label, _ in own} if is_list else with_short)
        self._products = len(products)
        self._in_titles: set[tuple[str, ...]] = set()

    def add(self, others: LabelledFields) -> None:
        """Count another part of the catalogue, too."""
        self._counts.update(others._counts)
        self._products_with.update(others._products_with)
        self._short.update(others._short)
        self._products += others._products

    def learn_titles(self, titles: Iterable[str]) -> None:
        """Learn what titles say, from some that are spread over the catalogue."""
        said: Counter[tuple[str, ...]] = Counter()
        for title in titles:
            words = _runs(title)
            said.update({*itertools.pairwise(words), *((word,) for word in words)})
        self._in_titles = {run for run, count in said.items() if count >= FEWEST_TITLES}

    @cached_property
    def labels(self) -> set[str]:
        """What stands before ":" as a label, not as the beginning of a text."""
        fewest = min(FEWEST_PRODUCTS, self._products)
        return {
            label
            for label, count in self._products_with.items()
            if count >= fewest and self._short[label] >= _SHORT_SHARE * count
        }

    def attributes(self, product: Product) -> dict[str, str]:
        """Return what a product's fields say as attributes, each with the place where requests say
        it: "before" the kind or after "with"."""
        found: dict[str, str] = {}
        for label, value in fields(product):
            if (
                label in self.labels
                and _may_be_attribute(label, value)
                and self._is_common(label, value)
            ):
                phrase, place = _phrase(label, value)
                is_said = place != "before" and phrase in product.title.lower()
                if phrase.count(" ") < _MOST_WORDS and not is_said:
                    found.setdefault(phrase, place if self._is_asked_for(label, phrase) else "")
        return found

    def _is_asked_for(self, label: str, phrase: str) -> bool:
        """Whether titles say such things; where products are too few to tell, whether it is what
        something is like, or a part that anybody knows."""
        if _VALUE_ALONE.search(label):
            return True
        words = _runs(phrase)
        if self._products < FEWEST_TOLD:
            return is_before(phrase) or words[-1] in PARTS
        return self._in_titles.issuperset(itertools.pairwise(words) if words[1:] else [(*words,)])

    def _is_common(self, label: str, value: str) -> bool:
        """Whether several products have a value, and not most of them."""
        count = self._counts[label, value]
        return count >= min(FEWEST_PRODUCTS, max(self._products // 10, 1)) and (
            self._products < 10 or count <= LARGEST_SHARE * self._products
        )


@lru_cache(maxsize=1 << 14)
def _may_be_attribute(label: str, value: str) -> bool:
    """Whether a field says an attribute if its label is one and its value common."""
    if value in _NO or _NOT_OF_USE.search(label) or len(label.split()) > _MOST_WORDS:
        return False
    if value in _YES:
        return True
    if not _WORDS.fullmatch(value) or value in COLOURS:
        return False
    words = value.split()
    return words[0] not in FUNCTION_WORDS and words[-1] not in FUNCTION_WORDS


def _runs(text: str) -> list[str]:
    """The words of a text, without plural endings."""
    return [stem(word) for word in _LETTERS.findall(text.lower())]


def _phrase(label: str, value: str) -> tuple[str, str]:
    if value in _YES:
        return label, "before" if is_before(label) else "with"
    if _VALUE_ALONE.search(label):
        return value, "before"
    of_value = {*map(stem, re.split(r"[ -]", value))}
    said = [
        word
        for word in _TYPE.sub("", label).split()
        if stem(word) not in of_value and len(word) > 1
    ]
    return " ".join((value, *said)), "with"
