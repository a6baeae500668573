"""The demo catalogue: a shop of invented products, of any size.

Products come in families of one to six of the same brand, series and kind whose members differ in
exactly one thing: an attribute, the values of one option group, or the price. Which member is
wanted often shows only in a bullet or in the description, so choosing takes reading.

A family is a function of the seed and its number alone. Families are made in blocks and the
products of a block are shuffled, so that relatives are rarely neighbors, memory stays constant and
a longer catalogue begins with the shorter one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import count as count_from
from math import gcd
from random import Random

from shopwright.catalogue.demo_departments import DEPARTMENTS, SERIES, Kind, brands, load_kinds
from shopwright.catalogue.demo_listings import (
    BULLETS,
    IN_BULLET,
    IN_DESCRIPTION,
    IN_TITLE,
    TITLES,
    Listing,
    product_of,
)
from shopwright.catalogue.product import Product
from shopwright.errors import InputError
from shopwright.seeding import derive, python_rng

_FAMILIES_PER_BLOCK = 100

# Repetitions are weights.
_FAMILY_SIZES = (1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)
_FEATURE_COUNTS = (2, 2, 3, 3, 3, 4, 4, 4, 5, 6)
_ASKED = (1, 2, 2, 2, 3, 3, 4)
_OPTION_GROUP_COUNTS = (1, 2, 2, 2, 3, 3)
_PRICE_ENDINGS_CENTS = (99, 99, 99, 95, 49, 0, 50, 89, 39)

_SHARE_WITHOUT_OPTIONS = 0.15
_SHARE_WITHOUT_DESCRIPTION = 0.10
_SHARE_WITHOUT_INSTRUCTION = 0.10
# Options are what makes a price range, so that products without any have none: 40 % of all.
_SHARE_OF_RANGES_WITH_OPTIONS = 0.40 / (1 - _SHARE_WITHOUT_OPTIONS)
_SHARE_OF_CODED_COLORS = 0.10
_SHARE_OF_TITLES_WITH_VALUE = 0.25

_MOST_VALUES = 12
_MOST_FEATURES_IN_TITLE = 3
_FEWEST_BULLETS, _MOST_BULLETS = 3, 6
_MOST_WIDENING = 1.6

# Repetitions are weights, as above.
_PLACES = (
    (IN_TITLE,) * 3
    + (IN_BULLET,) * 6
    + (IN_DESCRIPTION,) * 2
    + (IN_TITLE | IN_BULLET,) * 5
    + (IN_BULLET | IN_DESCRIPTION,) * 2
    + (IN_TITLE | IN_DESCRIPTION,) * 2
)

_BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGIT_PAIRS: tuple[str, ...] = tuple(high + low for high in _BASE_36 for low in _BASE_36)
_HALF_RANGE = 36**4
_ASIN_ROUNDS = 4
_ODD_MULTIPLIER = 0x9E3779B97F4A7C15


def generate_products(count: int = 1000, *, seed: int = 0) -> Iterator[Product]:
    """Return an iterator over the first ``count`` products of the demo catalogue.

    Product number i depends on the seed and on i, not on ``count``. No two products have the same
    asin; within the first five million, no two have the same texts, options and price either.

    Args:
        count: how many products, at least 1.
        seed: any integer; another seed gives another catalogue.

    Returns:
        The products, made one block at a time.

    Raises:
        InputError: ``count`` is less than 1.
    """
    if count < 1:
        raise InputError(f"products of the demo catalogue: expected at least 1, got {count}")
    return _generate(count, seed)


def _generate(count: int, seed: int) -> Iterator[Product]:
    asin_keys = tuple(derive(seed, "demo asin", number) for number in range(_ASIN_ROUNDS))
    made = 0
    for block in count_from():
        first = block * _FAMILIES_PER_BLOCK
        listings = [
            listing
            for family in range(first, first + _FAMILIES_PER_BLOCK)
            for listing in _family(seed, family)
        ]
        python_rng(seed, "demo order", block).shuffle(listings)
        for listing in listings[: count - made]:
            yield product_of(_asin(made, asin_keys), listing)
            made += 1
        if made == count:
            return


def _family(seed: int, number: int) -> list[Listing]:
    """Return the members of a family, a tenth of them without an instruction."""
    rng = python_rng(seed, "demo family", number)
    kinds = load_kinds()
    turn, position = divmod(number, len(kinds))
    brand, series = _brand_and_series(seed, kinds[position], turn)
    members = _vary(
        rng, _first_member(rng, kinds[position], brand, series), rng.choice(_FAMILY_SIZES)
    )
    return [
        replace(member, asked=()) if rng.random() < _SHARE_WITHOUT_INSTRUCTION else member
        for member in members
    ]


def _brand_and_series(seed: int, kind: Kind, turn: int) -> tuple[str, str]:
    """Return names that no other family of the kind has, until all pairs are taken."""
    brand_names = brands(kind.department)
    pairs = len(brand_names) * len(SERIES)
    stride, offset = _order_of_pairs(seed, kind.query, pairs)
    brand, series = divmod((turn * stride + offset) % pairs, len(SERIES))
    return brand_names[brand], SERIES[series]


@cache
def _order_of_pairs(seed: int, query: str, pairs: int) -> tuple[int, int]:
    """Return stride and offset of a walk over all ``pairs`` that meets each of them once."""
    offset = derive(seed, "demo names", query) % pairs
    stride = derive(seed, "demo names stride", query) % pairs
    # Only a stride without a common factor meets every pair.
    while gcd(stride, pairs) != 1:
        stride += 1
    return stride, offset


def _first_member(rng: Random, kind: Kind, brand: str, series: str) -> Listing:
    """Return the product that the other members of a family vary."""
    department = DEPARTMENTS[kind.department]
    features = tuple(
        rng.choice(slot)
        for slot in rng.sample(kind.slots, min(rng.choice(_FEATURE_COUNTS), len(kind.slots) - 1))
    )
    described = rng.random() >= _SHARE_WITHOUT_DESCRIPTION
    places = _choose_places(rng, len(features), described)
    bullets = sum(1 for place in places if place & IN_BULLET)
    note_count = max(_FEWEST_BULLETS - bullets, min(rng.randint(0, 3), _MOST_BULLETS - bullets))
    uses = tuple(rng.sample(kind.uses, 2))
    opening = rng.choice(department.openings) if described else ""
    closing = rng.choice(department.closings) if described and rng.random() < 0.5 else ""
    pools = _choose_pools(rng, kind) if rng.random() >= _SHARE_WITHOUT_OPTIONS else {}
    options = {name: _choose_values(rng, pool) for name, pool in pools.items()}
    return Listing(
        kind=kind,
        brand=brand,
        series=series,
        name=rng.choice(kind.names),
        features=features,
        places=places,
        pools=pools,
        options=options,
        prices_dollars=_choose_prices(rng, kind, ranged=bool(options)),
        title_style=rng.choice(TITLES),
        bullet_style=rng.choice(BULLETS),
        last=_choose_last(rng, options),
        uses=uses,
        notes=tuple(rng.sample(kind.notes + department.notes, note_count)),
        opening=opening.format(thing=kind.thing, brand=brand, series=series, use=uses[1]),
        closing=closing,
        wording=rng.getrandbits(16),
        asked=tuple(rng.sample(range(len(features)), min(rng.choice(_ASKED), len(features)))),
    )


def _choose_places(rng: Random, count: int, described: bool) -> tuple[int, ...]:
    """Return where each of ``count`` features can be read, somewhere at least."""
    places = []
    in_title = 0
    for place in rng.choices(_PLACES, k=count):
        if not described:
            place = place & ~IN_DESCRIPTION or IN_BULLET
        if place & IN_TITLE and in_title == _MOST_FEATURES_IN_TITLE:
            place = place & ~IN_TITLE or IN_BULLET
        in_title += place & IN_TITLE
        places.append(place)
    return tuple(places)


def _choose_pools(rng: Random, kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return some option groups of the kind with every value that the family may have."""
    count = min(rng.choice(_OPTION_GROUP_COUNTS), len(kind.option_values))
    chosen = rng.sample(sorted(kind.option_values), count)
    pools = {name: values for name, values in kind.option_values.items() if name in chosen}
    if "color" in pools and rng.random() < _SHARE_OF_CODED_COLORS:
        letter = rng.choice("abcdk")
        pools["color"] = tuple(
            value if value[0].isdigit() else f"{letter}{number}-{value}"
            for number, value in enumerate(pools["color"], 1)
        )
    return pools


def _choose_values(rng: Random, pool: Sequence[str]) -> tuple[str, ...]:
    """Return two values or more, in the pool's order, never all of them: relatives may differ."""
    most = min(_MOST_VALUES, len(pool) - 1)
    count = min(rng.randint(2, most), rng.randint(2, most))
    return tuple(pool[position] for position in sorted(rng.sample(range(len(pool)), count)))


def _choose_last(rng: Random, options: Mapping[str, Sequence[str]]) -> str:
    """Return an option value to end the title with, mostly none."""
    if not options or rng.random() >= _SHARE_OF_TITLES_WITH_VALUE:
        return ""
    value = rng.choice(options[rng.choice(list(options))])
    # A bare "7" or "8.5" says nothing in a title.
    return value if any(letter.isalpha() for letter in value) else ""


def _choose_prices(rng: Random, kind: Kind, *, ranged: bool) -> tuple[float, ...]:
    lowest, highest = kind.price_dollars
    dollars = lowest * (highest / lowest) ** rng.random()
    widening = rng.uniform(1.15, _MOST_WIDENING)
    ranged = ranged and rng.random() < _SHARE_OF_RANGES_WITH_OPTIONS
    return _prices(int(dollars), rng.choice(_PRICE_ENDINGS_CENTS), widening if ranged else 0.0)


def _prices(dollars: int, cents: int, widening: float) -> tuple[float, ...]:
    """Return one price, or a range ``widening`` times as high at the top if that is not 0."""
    # Divided last, so that each price is the float that its text reads as.
    low = (100 * dollars + cents) / 100
    if not widening:
        return (low,)
    return low, (100 * max(dollars + 1, int(dollars * widening)) + cents) / 100


def _vary(rng: Random, first: Listing, size: int) -> list[Listing]:
    """Return ``size`` variants of the first member that differ in one thing, or all there are."""
    if size == 1:
        return [first]
    vary = rng.choice(_AXES if first.options else _AXES_WITHOUT_OPTIONS)
    return vary(rng, first, size)


def _vary_attribute(rng: Random, first: Listing, size: int) -> list[Listing]:
    # What differs is asked for, or else the relatives would all do.
    position = first.asked[0]
    varied = first.features[position]
    free = [
        feature
        for slot in first.kind.slots
        if varied in slot or not any(feature in first.features for feature in slot)
        for feature in slot
        if feature is not varied
    ]
    rng.shuffle(free)
    return [
        replace(
            first,
            features=(*first.features[:position], feature, *first.features[position + 1 :]),
        )
        for feature in (varied, *free)[:size]
    ]


def _vary_options(rng: Random, first: Listing, size: int) -> list[Listing]:
    name = rng.choice(list(first.options))
    pool, length = first.pools[name], len(first.options[name])
    order = rng.sample(range(len(pool)), len(pool))
    size = min(size, len(pool))
    # Windows on a shuffled circle, as far apart as it allows: all different, overlapping little.
    windows = (
        sorted(order[(start + step) % len(pool)] for step in range(length))
        for start in range(0, size * (len(pool) // size), len(pool) // size)
    )
    last = "" if first.last in first.options[name] else first.last
    return [
        replace(first, options={**first.options, name: tuple(pool[at] for at in window)}, last=last)
        for window in windows
    ]


def _vary_price(rng: Random, first: Listing, size: int) -> list[Listing]:
    low, high = first.prices_dollars[0], first.prices_dollars[-1]
    widening = high / low if high > low else 0.0
    growth = rng.uniform(1.3, 2.2)
    dollars = int(min(low, first.kind.price_dollars[1] / growth))
    cents = round(100 * low) % 100
    members = []
    for _ in range(size):
        members.append(replace(first, prices_dollars=_prices(dollars, cents, widening)))
        dollars = max(dollars + 1, int(dollars * growth ** (1 / (size - 1))))
    return members


_Vary = Callable[[Random, Listing, int], list[Listing]]
_AXES_WITHOUT_OPTIONS: tuple[_Vary, ...] = (_vary_attribute, _vary_attribute, _vary_price)
_AXES: tuple[_Vary, ...] = (*_AXES_WITHOUT_OPTIONS, _vary_options, _vary_options)


def _asin(number: int, keys: Sequence[int]) -> str:
    """Return the ten characters for product ``number``: another number, another text.

    "B0" and eight digits in base 36 whose value is a keyed permutation of the number: a Feistel
    network over two halves of four digits, with addition in place of exclusive or.
    """
    left, right = divmod(number, _HALF_RANGE)
    for key in keys:
        # The middle bits of the product depend on all bits of the half that is mixed in.
        mixed = (((right ^ key) * _ODD_MULTIPLIER) >> 32) % _HALF_RANGE
        left, right = right, (left + mixed) % _HALF_RANGE
    pairs = (*divmod(left, len(_DIGIT_PAIRS)), *divmod(right, len(_DIGIT_PAIRS)))
    return "B0" + "".join([_DIGIT_PAIRS[pair] for pair in pairs])
