"""Further requests: what a catalogue can be asked for beyond its products' own requests.

Small shops have few goals. The same products can be asked for with other attributes and other
options; these requests are in WebShop's words too, and no two ask for the same.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator
from itertools import chain
from itertools import combinations as choices
from math import prod
from typing import NamedTuple

from shopwright.catalogue.attributes import kind_asked_for, request_text
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.catalogue.storage import Catalogue

# Those of a product's attributes that are asked for are the bits of a number.
MOST_ATTRIBUTES = 30
ENOUGH_ATTRIBUTES = 3
# How many attributes a request asks for, each as likely.
_COUNTS = (1, 2, 2, 2, 3)
_TRIES = 8
# Of so few attributes every choice is tried in the end, none of them included.
_FEW_ATTRIBUTES = 6
_NAME_END = re.compile(r"\s[-–—|]\s|[,(|]")


class Further(NamedTuple):
    """A further request.

    Attributes:
        row: of the product.
        combination: the number of its combination of options.
        asked: which of its attributes are asked for, as bits.
    """

    row: int
    combination: int
    asked: int


def attributes_of(product: Product) -> tuple[str, ...]:
    """Return what requests can ask of a product: its attributes, and its name where those are few
    or derived, as not all of these can be said."""
    known = tuple(name for name in product.attributes if name != DEFAULT_ATTRIBUTE)
    if len(known) >= ENOUGH_ATTRIBUTES and "attributes" not in product.derived:
        return known[:MOST_ATTRIBUTES]
    return (*known[:MOST_ATTRIBUTES], _name(product))


def _name(product: Product) -> str:
    return _NAME_END.split(product.title, maxsplit=1)[0].strip().lower() or product.title.lower()


def asked_attributes(product: Product, asked: int) -> tuple[str, ...]:
    """Return the attributes that a further request asks for."""
    return tuple(name for bit, name in enumerate(attributes_of(product)) if asked >> bit & 1)


def asked_bits(product: Product) -> int:
    """Return which attributes a product's own request asks for; −1 if it has other ones."""
    known = {name: 1 << bit for bit, name in enumerate(attributes_of(product))}
    asked = set(product.instruction_attributes)
    return sum(known[name] for name in asked) if asked <= known.keys() else -1


def further_text(product: Product, asked: int) -> str:
    """Return a further request, without options and price; the name stands for the kind."""
    asked_for, name = asked_attributes(product, asked), _name(product)
    own = kind_asked_for(product.instruction or "", product.instruction_attributes)
    kind = name if name in asked_for else own or product.query or product.title
    return request_text(kind, [attribute for attribute in asked_for if attribute != name])


def combinations_of(product: Product) -> Collection[int]:
    """Return the numbers of the combinations of options that can be asked for."""
    if product.variants:
        return product.offers
    return range(prod(map(len, product.options.values())))


def further_requests(
    catalogue: Catalogue,
    rows: Collection[int],
    taken: Collection[Further],
    *,
    count: int,
    generator: random.Random,
) -> list[Further]:
    """Return requests that are neither taken nor twice among them; products take turns.

    Args:
        catalogue: whose products can be asked for.
        rows: which of them.
        taken: what is asked for already.
        count: how many requests at most; there are fewer where the catalogue gives no more.
        generator: decides them.
    """
    some = generator.sample(sorted(rows), min(count, len(rows)))
    products = [(row, catalogue[row]) for row in some]
    products = [(row, product) for row, product in products if combinations_of(product)]
    known = set(taken)
    found: list[Further] = []
    sayable = {name for product in catalogue for name in product.instruction_attributes}
    turns = [
        _requests(row, product, _bits_of(product, sayable), known, generator)
        for row, product in products
    ]
    while turns and len(found) < count:
        for turn in list(turns):
            request = next(turn, None)
            if request is None:
                turns.remove(turn)
                continue
            found.append(request)
            if len(found) == count:
                break
    return found


def _bits_of(product: Product, sayable: Collection[str]) -> list[int]:
    """Which of a product's attributes requests can ask for: of derived ones those that some
    product's own request asks for, and its name where there are too few of those."""
    known = attributes_of(product)
    if "attributes" not in product.derived:
        return [*range(len(known))]
    bits = [bit for bit, name in enumerate(known[:-1]) if name in sayable]
    return bits if len(bits) >= ENOUGH_ATTRIBUTES else [*bits, len(known) - 1]


def _requests(
    row: int, product: Product, bits: list[int], known: set[Further], generator: random.Random
) -> Iterator[Further]:
    """New requests for a product: drawn ones, then, of few attributes, all that are left."""
    combinations = combinations_of(product)
    for request in _drawn(row, combinations, bits, generator):
        if request not in known:
            known.add(request)
            yield request
    if len(bits) > _FEW_ATTRIBUTES:
        return
    for chosen in chain.from_iterable(choices(bits, n) for n in range(len(bits), -1, -1)):
        for combination in combinations:
            request = Further(row, combination, sum(1 << bit for bit in chosen))
            if request not in known:
                known.add(request)
                yield request


def _drawn(
    row: int, combinations: Collection[int], bits: list[int], generator: random.Random
) -> Iterator[Further]:
    """Draws of one product's requests, until too many of them come again."""
    numbers = combinations if isinstance(combinations, range) else [*combinations]
    seen: set[Further] = set()
    again = 0
    while again < _TRIES:
        chosen = generator.sample(bits, min(generator.choice(_COUNTS), len(bits)))
        request = Further(row, generator.choice(numbers), sum(1 << bit for bit in chosen))
        again = again + 1 if request in seen else 0
        seen.add(request)
        yield request
