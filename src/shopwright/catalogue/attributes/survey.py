"""What the whole catalogue says of each product before its texts are read for attributes."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from typing import NamedTuple

from shopwright.catalogue.attributes.candidates import maker, words_of
from shopwright.catalogue.attributes.grammar import PhraseTagger
from shopwright.catalogue.attributes.kinds import Kinds, is_kind
from shopwright.catalogue.attributes.labelled import LabelledFields
from shopwright.catalogue.attributes.names import LOOKED_AT, Names, TitleBrands
from shopwright.catalogue.attributes.titles import plain_title
from shopwright.catalogue.attributes.words import FOREIGN_FUNCTION_WORDS, FUNCTION_WORDS
from shopwright.catalogue.packed import PackedProducts, changed
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.workers import spread

# What titles name and texts say is learned from so many products at most, which are spread over the
# catalogue.
LEARNED_FROM = 10_000
# So many characters of a description tell its language.
_LOOKED_INTO = 300


@dataclass
class Survey:
    """What a catalogue says.

    Attributes:
        brands: the brands that titles begin with.
        names: brands and series.
        kinds: what titles and categories name.
        called: what requests call each product; empty if nothing says.
        labelled: what labelled fields say.
        nameless: how many products have no kind.
        lacking: how many products have no attributes.
    """

    brands: TitleBrands
    names: Names
    kinds: Kinds
    called: list[str] = field(default_factory=list)
    labelled: LabelledFields = field(default_factory=LabelledFields)
    nameless: int = 0
    lacking: int = 0

    def read(self, products: PackedProducts, rows: slice) -> list[Product]:
        """Return some products as they are read for attributes: with the brand that their titles
        begin with, and a kind."""
        return [*map(self._read, products[rows], self.called[rows])]

    def _read(self, product: Product, kind: str) -> Product:
        brand = self.brands.of(product.title, product.brand)
        query = product.query
        if not is_kind(query, brand):
            query = kind or plain_title(product)
        if (brand, query) == (product.brand, product.query):
            return product
        return changed(product, brand=brand, query=query)

    def has_kind(self, product: Product) -> bool:
        """Whether the catalogue says what kind a product is of."""
        return is_kind(product.query, self.brands.of(product.title, product.brand))


class _OfPart(NamedTuple):
    """What a part of a catalogue says, as Survey has it."""

    called: list[str]
    labelled: LabelledFields
    nameless: int
    lacking: int


def survey_of(
    products: PackedProducts, brands: Iterable[str], tagger: PhraseTagger, processes: int = 0
) -> Survey:
    """Return what a catalogue says.

    Args:
        products: the catalogue.
        brands: names of brands.
        tagger: tells parts of speech.
        processes: how many work side by side, as of :func:`~shopwright.workers.spread`.
    """
    named, makers = {*brands}, set()
    told = len(named)
    of_titles = TitleBrands(products.values("title", "brand"), named)
    for title, brand in products.values("title", "brand"):
        brand = of_titles.of(title, brand)
        named.add(brand)
        makers.add(maker(title, brand))
    looked_at = map(of_titles.named, products[spread_over(products, LOOKED_AT)])
    names = Names(named, makers, [*looked_at], told)
    sample = [*map(of_titles.named, products[spread_over(products, LEARNED_FROM)])]
    survey = Survey(
        of_titles, names, Kinds(sample, tagger, names.proper, tell_series=names.tell_series)
    )
    survey.labelled.learn_titles(product.title for product in sample)
    is_english = _is_english(sample)
    del sample

    def surveyed(rows: slice) -> _OfPart:
        read = [*map(survey.brands.named, products[rows])]
        called = [survey.kinds.of(product) if is_english else "" for product in read]
        return _OfPart(
            called,
            LabelledFields(read),
            nameless=sum(not _has_kind(product) for product in read),
            lacking=sum(map(lacks_attributes, read)),
        )

    known: dict[str, str] = {}  # One text for all products that are called so.
    for part in spread(surveyed, products.parts, processes=processes):
        survey.called += [known.setdefault(kind, kind) for kind in part.called]
        survey.labelled.add(part.labelled)
        survey.nameless += part.nameless
        survey.lacking += part.lacking
    return survey


def _is_english(products: Iterable[Product]) -> bool:
    """Whether the titles and texts of some products say no more function words of other languages
    than of English."""
    own = foreign = 0
    for product in products:
        words = words_of(f"{product.title} {product.description[:_LOOKED_INTO]}".lower())
        own += sum(map(FUNCTION_WORDS.__contains__, words))
        foreign += sum(map(FOREIGN_FUNCTION_WORDS.__contains__, words))
    return foreign <= own


def spread_over(products: Sized, most: int) -> slice:
    """Return every so many-eth of some products, so that they are at most a number."""
    return slice(None, None, -(-len(products) // most) or 1)


def lacks_attributes(product: Product) -> bool:
    """Whether a product has no attributes of its own."""
    return product.attributes in ((), (DEFAULT_ATTRIBUTE,))


def _has_kind(named: Product) -> bool:
    return is_kind(named.query, named.brand)
