"""Attributes of products and requests for them, derived from their own texts.

A product's attributes are what its labelled fields say (labelled.py) and the phrases of its texts
that the catalogue's lexicon knows (lexicon.py, from the pairs of words of candidates.py by the
parts of speech of grammar.py). Requests ask for some of them (requests.py) and for a kind of
product, from the title where the catalogue names none (kinds.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from shopwright.catalogue.attributes.grammar import PhraseTagger, best_tagger
from shopwright.catalogue.attributes.kinds import is_kind, kinds_in_titles
from shopwright.catalogue.attributes.labelled import LabelledFields
from shopwright.catalogue.attributes.lexicon import learn, learn_own
from shopwright.catalogue.attributes.modifiers import modifiers
from shopwright.catalogue.attributes.names import with_brands
from shopwright.catalogue.attributes.requests import MOST_COMBINATIONS, request_for, request_text
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product

__all__ = ["MOST_COMBINATIONS", "derive", "request_text"]
# A product with fewer phrases gets what stands before its kind in its title, too.
FEWEST_PHRASES = 2
# In larger catalogues what a single product says is no attribute.
SMALL_CATALOGUE = 1_000


def derive(
    products: Sequence[Product],
    *,
    brands: Iterable[str] = (),
    seed: int = 0,
    tagger: PhraseTagger | None = None,
) -> tuple[list[Product], Counter[str]]:
    """Return products with attributes, a kind and a request each, and how many got what.

    Attributes, kinds and requests that a product has already stay as they are; ``derived`` of a
    product names what it got, :attr:`Product.given` is the product without that.

    Args:
        products: the catalogue.
        brands: names that are no attributes.
        seed: decides what the requests ask for.
        tagger: tells parts of speech; the best that is installed if None.
    """
    derived: Counter[str] = Counter()
    tagger = tagger or best_tagger()
    brands = list(brands)
    read = with_brands(products, brands)
    products = _with_kinds(products, read, tagger, derived)
    # As they are read for attributes: with the brands that their titles begin with.
    read = [
        product if product.query == whole.query else replace(product, query=whole.query)
        for product, whole in zip(read, products, strict=True)
    ]
    lacking = [product for product in read if product.attributes in ((), (DEFAULT_ATTRIBUTE,))]
    found = _attributes(read, lacking, brands, tagger, derived) if lacking else {}
    del read, lacking
    # In place: of a million products, a second list of them takes gigabytes.
    for row, product in enumerate(products):
        places = found.get(product.asin)
        attributes, made, said = product.attributes, list(product.derived), places
        if places is not None:
            attributes = tuple(places) or (DEFAULT_ATTRIBUTE,)
            made.append("attributes")
            said = {name: place for name, place in places.items() if place}
        request = request_for(product, attributes, derived, seed, said)
        if request:
            made.append("instruction")
        # Once a product: of a hundred thousand, copying takes seconds.
        products[row] = replace(product, attributes=attributes, derived=tuple(made), **request)
    return products, derived


def _with_kinds(
    products: Sequence[Product],
    read: Sequence[Product],
    tagger: PhraseTagger,
    derived: Counter[str],
) -> list[Product]:
    wanted = [not is_kind(product.query, product.brand) for product in read]
    kinds = kinds_in_titles(read, wanted, tagger)
    derived["kind"] += sum(wanted)
    return [
        replace(product, query=kind, derived=(*product.derived, "query")) if kind else product
        for product, kind in zip(products, kinds, strict=True)
    ]


def _attributes(
    products: Sequence[Product],
    lacking: Sequence[Product],
    brands: Iterable[str],
    tagger: PhraseTagger,
    derived: Counter[str],
) -> dict[str, dict[str, str]]:
    """The attributes of the products that lack some, each with its place in a request."""
    labelled = LabelledFields(products)
    lexicon = learn(products, brands, tagger, labelled.labels)
    found: dict[str, dict[str, str]] = {}
    for product in lacking:
        own = labelled.attributes(product)
        for phrase in lexicon.attributes(product):
            own.setdefault(phrase, lexicon.place(phrase))
        found[product.asin] = own
    few = [p for p in lacking if sum(map(bool, found[p.asin].values())) < FEWEST_PHRASES]
    for product, words in zip(few, modifiers(few, lexicon.names, tagger), strict=True):
        found[product.asin].update(dict.fromkeys(words, "before"))
    few = [product for product in few if not any(found[product.asin].values())]
    if few and len(products) <= SMALL_CATALOGUE:
        own_phrases = learn_own(few, tagger, lexicon)
        for product in few:
            for phrase in own_phrases.attributes(product, FEWEST_PHRASES):
                found[product.asin].setdefault(phrase, own_phrases.place(phrase))
            derived["attributes of one product alone"] += bool(found[product.asin])
    derived["attributes"] = sum(map(bool, found.values()))
    return found
