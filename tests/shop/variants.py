"""Invented products of a table, with variants."""

from __future__ import annotations

from shopwright.catalogue.product import NO_PRICE_TAG, TABLE_GOALS, Product, Variant

ATTRIBUTES = ("water resistant", "soft fleece", "bamboo lid", "dimmable light", "hard cover")
KINDS = ("backpacks", "mugs", "lamps")


def table_product(number: int, **fields: object) -> Product:
    """A product in dong with three variants of two colours and sizes, the first sold out."""
    attributes = tuple(ATTRIBUTES[(number + step) % len(ATTRIBUTES)] for step in range(3))
    kind = KINDS[number % len(KINDS)]
    price = 190_000.0 * (1 + number % 4)
    variants = tuple(
        Variant(
            options={"color": color, "size": size},
            price_dollars=price * factor,
            availability=availability,
        )
        for color, size, factor, availability in (
            ("red", "small", 1.0, "out of stock"),
            ("red", "large", 1.5, "in stock"),
            ("blue", "small", 1.0, ""),
        )
    )
    given = {
        "asin": f"P{number}",
        "title": f"Series {number} {kind}",
        "bullets": attributes,
        "pricing_dollars": (price, price * 1.5),
        "price_tag": f"VND {price:.0f} to VND {price * 1.5:.0f}",
        "price_dollars": price,
        "currency": "VND",
        "options": {"color": ("red", "blue"), "size": ("small", "large")},
        "variants": variants,
        "attributes": attributes,
        "query": kind,
        "category": "things",
        "instruction": f"Find me {attributes[0]} {kind}",
        "instruction_attributes": attributes[:1],
        "goal_rule": TABLE_GOALS,
    }
    return Product(**{**given, **fields})


def plain_product(**fields: object) -> Product:
    """A product of which nothing is known but its title."""
    given = {
        "asin": "PLAIN",
        "title": "Bowl, blue",
        "query": "bowl",
        "price_tag": NO_PRICE_TAG,
        "priced": False,
        "goal_rule": TABLE_GOALS,
    }
    return Product(**{**given, **fields})
