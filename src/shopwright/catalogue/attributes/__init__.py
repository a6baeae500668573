"""Attributes of products and requests for them, derived from their own texts.

A product's attributes are what its labelled fields say (labelled.py) and the phrases of its texts
that the catalogue's lexicon knows (lexicon.py, from the pairs of words of candidates.py by the
parts of speech of grammar.py). Requests ask for some of them (requests.py) and for a kind of
product, from the title where the catalogue names none (kinds.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

from shopwright.catalogue.attributes.grammar import PhraseTagger, best_tagger
from shopwright.catalogue.attributes.kinds import Kinds, is_kind
from shopwright.catalogue.attributes.labelled import LabelledFields
from shopwright.catalogue.attributes.lexicon import Lexicon, learn, learn_own
from shopwright.catalogue.attributes.modifiers import modifiers
from shopwright.catalogue.attributes.names import Names, with_brands
from shopwright.catalogue.attributes.requests import MOST_COMBINATIONS, request_for, request_text
from shopwright.catalogue.attributes.titles import plain_title
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.workers import spread

__all__ = ["MOST_COMBINATIONS", "derive", "request_text"]
Item = TypeVar("Item")

# So many products are worked on at once.
PART = 10_000
# A product without a phrase that requests say gets what stands before its kind in its title, too;
# of one alone in its catalogue, so many phrases count.
FEWEST_PHRASES = 1
MOST_OWN_PHRASES = 2
# In larger catalogues what a single product says is no attribute.
SMALL_CATALOGUE = 1_000


def derive(
    products: Sequence[Product],
    *,
    brands: Iterable[str] = (),
    seed: int = 0,
    tagger: PhraseTagger | None = None,
    processes: int = 0,
) -> tuple[list[Product], Counter[str]]:
    """Return products with attributes, a kind and a request each, and how many got what.

    Attributes, kinds and requests that a product has already stay as they are; ``derived`` of a
    product names what it got, :attr:`Product.given` is the product without that.

    Args:
        products: the catalogue.
        brands: names that are no attributes.
        seed: decides what the requests ask for.
        tagger: tells parts of speech; the best that is installed if None.
        processes: how many work side by side; 0: one for each core that this process may use. What
            is derived is the same.
    """
    derived: Counter[str] = Counter()
    tagger = tagger or best_tagger()
    brands = list(brands)
    read = with_brands(products, brands)
    names = Names(brands, read)
    kinds = Kinds(read, tagger, names.proper)

    def kinds_of(part: Sequence[Product]) -> list[str]:
        return [kinds.of(product) for product in part]

    called = [*chain.from_iterable(spread(kinds_of, _parts(read), processes=processes))]
    products = _with_kinds(products, read, called, derived)
    # As they are read for attributes: with the brands that their titles begin with.
    read = [
        product if product.query == whole.query else replace(product, query=whole.query)
        for product, whole in zip(read, products, strict=True)
    ]
    lacking = [product for product in read if product.attributes in ((), (DEFAULT_ATTRIBUTE,))]
    found: dict[str, dict[str, str]] = {}
    if lacking:
        found = _attributes(read, lacking, names, kinds, called, tagger, derived, processes)
    del read, lacking

    def finished(rows: Sequence[int]) -> tuple[list[dict[str, Any]], Counter[str]]:
        counts: Counter[str] = Counter()
        own = ((products[row], called[row]) for row in rows)
        return [_finished(*each, found.get(each[0].asin), counts, seed) for each in own], counts

    parts = [*_parts(range(len(products)))]
    made = spread(finished, parts, processes=processes)
    for rows, (fields, counts) in zip(parts, made, strict=True):
        derived.update(counts)
        # In place: of a million products, a second list of them takes gigabytes.
        for row, own in zip(rows, fields, strict=True):
            products[row] = replace(products[row], **own)
    return products, derived


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[first : first + PART] for first in range(0, len(items), PART))


def _finished(
    product: Product,
    kind: str,
    places: dict[str, str] | None,
    derived: Counter[str],
    seed: int,
) -> dict[str, Any]:
    """The fields of a product that are derived: its attributes and its request."""
    attributes, made, said = product.attributes, list(product.derived), places
    if places is not None:
        attributes = tuple(places) or (DEFAULT_ATTRIBUTE,)
        made.append("attributes")
        said = {name: place for name, place in places.items() if place}
    request = request_for(product, attributes, derived, seed, kind, said)
    if request:
        made.append("instruction")
    return {"attributes": attributes, "derived": tuple(made), **request}


def _with_kinds(
    products: Sequence[Product],
    read: Sequence[Product],
    called: Sequence[str],
    derived: Counter[str],
) -> list[Product]:
    """Products of which those without a kind have the one that they are called."""
    found = []
    for product, seen, kind in zip(products, read, called, strict=True):
        if is_kind(seen.query, seen.brand):
            found.append(product)
        else:
            derived["kind"] += 1
            kind = kind or plain_title(product)
            found.append(replace(product, query=kind, derived=(*product.derived, "query")))
    return found


def _attributes(
    products: Sequence[Product],
    lacking: Sequence[Product],
    names: Names,
    kinds: Kinds,
    called: Sequence[str],
    tagger: PhraseTagger,
    derived: Counter[str],
    processes: int,
) -> dict[str, dict[str, str]]:
    """The attributes of the products that lack some, each with its place in a request."""
    labelled = LabelledFields(products)
    lexicon = learn(products, names, tagger, labelled.labels)

    def said(part: Sequence[Product]) -> list[dict[str, str]]:
        return [_said(product, labelled, lexicon) for product in part]

    own = chain.from_iterable(spread(said, _parts(lacking), processes=processes))
    found = {product.asin: each for product, each in zip(lacking, own, strict=True)}
    few = [p for p in lacking if sum(map(bool, found[p.asin].values())) < FEWEST_PHRASES]
    kind_of = {product.asin: kind for product, kind in zip(products, called, strict=True)}
    kinds_of_few = [kind_of[product.asin] for product in few]
    described = modifiers(few, kinds, kinds_of_few, names, tagger)
    for product, words in zip(few, described, strict=True):
        found[product.asin].update(dict.fromkeys(words, "before"))
    few = [product for product in few if not any(found[product.asin].values())]
    if few and len(products) <= SMALL_CATALOGUE:
        own_phrases = learn_own(few, tagger, lexicon)
        for product in few:
            for phrase in own_phrases.attributes(product, MOST_OWN_PHRASES):
                found[product.asin].setdefault(phrase, own_phrases.place(phrase))
            derived["attributes of one product alone"] += bool(found[product.asin])
    derived["attributes"] = sum(map(bool, found.values()))
    return found


def _said(product: Product, labelled: LabelledFields, lexicon: Lexicon) -> dict[str, str]:
    """What the fields and texts of a product say, each with its place in a request."""
    found = labelled.attributes(product)
    for phrase in lexicon.attributes(product):
        found.setdefault(phrase, lexicon.place(phrase))
    return found
