"""Attributes of products and requests for them, derived from their own texts.

A product's attributes are what its labelled fields say (labelled.py) and the phrases of its texts
that the catalogue's lexicon knows (lexicon.py, from the pairs of words of candidates.py by the
parts of speech of grammar.py). Requests ask for some of them (requests.py) and for a kind of
product, from the title where the catalogue names none (kinds.py).

What the whole catalogue decides is found out in three rounds (survey.py, and here); in each, parts
of the catalogue are worked on side by side, so that no process has all products as objects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import orjson

from shopwright.catalogue.attributes.candidates import words_of
from shopwright.catalogue.attributes.goods import GOODS, QUALITIES
from shopwright.catalogue.attributes.grammar import (
    PhraseTagger,
    anybody_knows,
    best_tagger,
)
from shopwright.catalogue.attributes.kinds import head_of
from shopwright.catalogue.attributes.labelled import LabelledFields
from shopwright.catalogue.attributes.lexicon import (
    LARGEST_SHARE,
    Lexicon,
    learn,
    learn_own,
)
from shopwright.catalogue.attributes.modifiers import Called, as_called, modifiers
from shopwright.catalogue.attributes.names import Names
from shopwright.catalogue.attributes.requests import (
    MOST_COMBINATIONS,
    kind_asked_for,
    request_for,
    request_text,
)
from shopwright.catalogue.attributes.survey import (
    LEARNED_FROM,
    Survey,
    lacks_attributes,
    spread_over,
    survey_of,
)
from shopwright.catalogue.attributes.titles import plain_title
from shopwright.catalogue.attributes.words import stem
from shopwright.catalogue.packed import PackedProducts, changed, packed_part
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.workers import spread

__all__ = ["MOST_COMBINATIONS", "derive", "derive_packed", "kind_asked_for", "request_text"]

# Of a product alone in its catalogue so many phrases count.
MOST_OWN_PHRASES = 2
# In larger catalogues what a single product says is no attribute.
SMALL_CATALOGUE = 1_000
# What so many products of a kind are said to be goes with that kind.
FEWEST_OF_KIND = 3

# The attributes of a product, each with its place in a request, "" if that does not say it.
Places = dict[str, str]


def derive(
    products: Iterable[Product],
    *,
    brands: Iterable[str] = (),
    seed: int = 0,
    tagger: PhraseTagger | None = None,
    processes: int = 0,
) -> tuple[list[Product], Counter[str]]:
    """Return products with attributes, a kind and a request each, and how many got what, as
    :func:`derive_packed` gives them."""
    packed = PackedProducts(products)
    derived = derive_packed(packed, brands=brands, seed=seed, tagger=tagger, processes=processes)
    return list(packed), derived


def derive_packed(
    products: PackedProducts,
    *,
    brands: Iterable[str] = (),
    seed: int = 0,
    tagger: PhraseTagger | None = None,
    processes: int = 0,
) -> Counter[str]:
    """Give products attributes, a kind and a request each, and return how many got what.

    Attributes, kinds and requests that a product has already stay as they are; ``derived`` of a
    product names what it got, :attr:`Product.given` is the product without that.

    Args:
        products: the catalogue; the finished products take the places of those that were read.
        brands: names that are no attributes.
        seed: decides what the requests ask for.
        tagger: tells parts of speech; the best that is installed if None.
        processes: how many work side by side; 0: one for each core that this process may use. What
            is derived is the same.
    """
    tagger = tagger or best_tagger()
    survey = survey_of(products, brands, tagger, processes)
    found = _attributes(products, survey, tagger, processes) if survey.lacking else _Found()
    derived = Counter({"kind": survey.nameless} if survey.nameless else {})
    derived.update(found.derived)

    def finished(rows: slice) -> tuple[bytes, Counter[str]]:
        counts: Counter[str] = Counter()
        asked = map(found.heads.get, range(rows.start, rows.stop), survey.called[rows])
        own = zip(products[rows], survey.called[rows], asked, found.of(rows), strict=False)
        return packed_part(_finished(*each, survey, found, counts, seed) for each in own), counts

    made = spread(finished, products.parts, processes=processes)
    for rows, (part, counts) in zip(products.parts, made, strict=True):
        products.replace(rows, part)
        derived.update(counts)
    return derived


def _finished(
    product: Product,
    kind: str,
    asked: str,
    places: Places | None,
    survey: Survey,
    found: _Found,
    derived: Counter[str],
    seed: int,
) -> Product:
    """A product with its kind, its attributes and its request, which calls it as asked."""
    fields: dict[str, Any] = {}
    made, said = list(product.derived), places
    if not survey.has_kind(product):
        fields["query"] = kind or plain_title(product)
        made.append("query")
    attributes = product.attributes
    if places is not None:
        attributes = fields["attributes"] = tuple(places) or (DEFAULT_ATTRIBUTE,)
        made.append("attributes")
        said = {
            name: place
            for name, place in places.items()
            if place and found.fits(product, asked, name)
        }
    request = request_for(product, attributes, derived, seed, asked, said)
    if request:
        made.append("instruction")
    return changed(product, derived=tuple(made), **fields, **request)


class _Found:
    """The attributes of the products that lack some.

    Attributes:
        derived: how many products got what.
        few: by row, the products whose texts have no phrase that requests say; they get what
            stands before the kind in their titles, too.
        heads: by row, what requests call products whose attributes are taken from their kinds.
        said_of: what is said of how many products whose kinds end with a word: (word, attribute).
    """

    def __init__(self) -> None:
        self.derived: Counter[str] = Counter()
        self.few: dict[int, _Few] = {}
        self.heads: dict[int, str] = {}
        self.said_of: Counter[tuple[str, str]] = Counter()
        self._parts: dict[int, bytes] = {}

    def add(self, rows: slice, part: _OfPart) -> None:
        """Add what the products of a part say."""
        self._parts[rows.start] = part.attributes
        self.few.update(part.few)
        self.said_of.update(part.said_of)

    def fits(self, product: Product, kind: str, name: str) -> bool:
        """Whether an attribute goes with a product: its title says it, others of its kind are said
        to have it, or it is a material or the like, which many things can have."""
        return (
            self.said_of[head_of(kind), name] >= FEWEST_OF_KIND
            or anybody_knows(name)
            or {*map(stem, words_of(name))} <= {*map(stem, words_of(product.title.lower()))}
        )

    def of(self, rows: slice) -> Iterable[Places | None]:
        """Return the attributes of each product of a part, None if it lacks none."""
        if not self._parts:
            return repeat(None)
        found: list[Places | None] = orjson.loads(self._parts[rows.start])
        own = (self.few.get(row) for row in range(rows.start, rows.start + len(found)))
        return [few.attributes if few else each for few, each in zip(own, found, strict=True)]


class _Few(NamedTuple):
    """A product whose texts have no phrase that requests say: its attributes, and its title."""

    attributes: Places
    called: Called


class _OfPart(NamedTuple):
    """What the products of a part say.

    Attributes:
        attributes: a JSON array: those of each product, null if it lacks none.
        having: how many have some, but for those of ``few``.
        few: by row, those that have few.
        said_of: as of :class:`_Found`.
    """

    attributes: bytes
    having: int
    few: dict[int, _Few]
    said_of: Counter[tuple[str, str]]


def _attributes(
    products: PackedProducts, survey: Survey, tagger: PhraseTagger, processes: int
) -> _Found:
    sample = survey.read(products, spread_over(products, LEARNED_FROM))
    lexicon = learn(sample, survey.names, tagger, survey.labelled.labels)

    def said(rows: slice) -> _OfPart:
        own: list[Places | None] = []
        few: dict[int, _Few] = {}
        said_of: Counter[tuple[str, str]] = Counter()
        for row, product in enumerate(survey.read(products, rows), start=rows.start):
            own.append(None)
            if lacks_attributes(product):
                attributes = _said(product, survey.labelled, lexicon)
                head = head_of(survey.called[row])
                for name, place in attributes.items():
                    # What a field says needs no others.
                    count = FEWEST_OF_KIND if name not in lexicon.phrases else 1
                    said_of[head, name] += count if place else 0
                if any(attributes.values()):
                    own[-1] = attributes
                else:
                    few[row] = _Few(attributes, as_called(product, survey.called[row]))
        return _OfPart(orjson.dumps(own), sum(map(bool, own)), few, said_of)

    found = _Found()
    parts = spread(said, products.parts, processes=processes)
    having = 0
    for rows, part in zip(products.parts, parts, strict=True):
        found.add(rows, part)
        having += part.having
    few = [*found.few.values()]
    described = modifiers([each.called for each in few], survey.kinds, survey.names, tagger)
    for each, words in zip(few, described, strict=True):
        # The nearest says most; the others are often half of something.
        describing = words[:1] or [*filter(None, [each.called.colour])]
        each.attributes.update(dict.fromkeys(describing, "before"))
    if len(products) <= SMALL_CATALOGUE:
        _add_own_phrases(products, survey, found, tagger, lexicon)
    _take_kinds_apart(survey.called, found, survey.names)
    found.derived["attributes"] = having + sum(bool(each.attributes) for each in few)
    return found


def _take_kinds_apart(called: Sequence[str], found: _Found, names: Names) -> None:
    """Let requests call plates, of paper, what is called "paper plates" and of which nothing else
    is known, unless most plates are, or paper may be a series."""
    sizes = Counter(called)
    heads: Counter[str] = Counter()
    known = GOODS | QUALITIES
    for kind, size in sizes.items():
        heads[kind.rpartition(" ")[2]] += size
    for row, each in found.few.items():
        kind = each.called.kind
        of_what, _, head = kind.rpartition(" ")
        is_said = bool(of_what) and any(of_what in " ".join(part) for part in each.called.parts)
        is_special = is_said and (names.tell_series or known.issuperset(of_what.split()))
        is_special = is_special and sizes[kind] <= LARGEST_SHARE * heads[head]
        if is_special and not any(each.attributes.values()):
            each.attributes[of_what], found.heads[row] = "before", head


def _add_own_phrases(
    products: PackedProducts,
    survey: Survey,
    found: _Found,
    tagger: PhraseTagger,
    lexicon: Lexicon,
) -> None:
    """Add what single products say of which nothing else is said."""
    few = {row: each.attributes for row, each in found.few.items()}
    bare = {row: attributes for row, attributes in few.items() if not any(attributes.values())}
    if not bare:
        return
    read = survey.read(products, slice(None))
    own_phrases = learn_own([read[row] for row in bare], tagger, lexicon)
    for row, attributes in bare.items():
        for phrase in own_phrases.attributes(read[row], MOST_OWN_PHRASES):
            attributes.setdefault(phrase, own_phrases.place(phrase))
        found.derived["attributes of one product alone"] += bool(attributes)


def _said(product: Product, labelled: LabelledFields, lexicon: Lexicon) -> dict[str, str]:
    """What the fields and texts of a product say, each with its place in a request."""
    found = labelled.attributes(product)
    for phrase in lexicon.attributes(product):
        found.setdefault(phrase, lexicon.place(phrase))
    return found
