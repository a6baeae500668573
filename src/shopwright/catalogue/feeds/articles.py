"""What of a product is for sale on its own, as feeds list it: its variants, or every combination of
its options."""

from __future__ import annotations

import html
import itertools
import math
from collections import Counter
from collections.abc import Iterable
from itertools import cycle, islice

from shopwright.catalogue.money import decimals_of
from shopwright.catalogue.product import Product, Variant

# The most variants that Shopify takes.
MOST_ARTICLES = 2_048


def articles_of(product: Product) -> list[Variant]:
    """Return a product's articles, at least one, each with a value for every option group, a
    price if there is one, an identifier of its own, and the product's availability and stock
    where it has none; no identifier twice.

    Of options with more than 2,048 combinations, only so many are listed that each value stands
    in one.
    """
    variants = list(product.variants) or [
        Variant(
            options=options,
            # Of a range of prices, what one has to pay at least.
            price_dollars=min(product.pricing_dollars) if product.priced else None,
        )
        for options in _combinations(product)
    ]
    is_alone = len(variants) == 1
    count = Counter(variant.identifier for variant in variants)
    return [
        Variant(
            options=variant.options,
            price_dollars=variant.price_dollars,
            identifier=variant.identifier
            if variant.identifier and count[variant.identifier] == 1
            else (product.asin if is_alone else f"{variant.identifier or product.asin}-{number}"),
            barcode=variant.barcode or (product.barcode if is_alone else ""),
            image=variant.image,
            availability=variant.availability or product.availability,
            stock=product.stock if variant.stock is None and is_alone else variant.stock,
        )
        for number, variant in enumerate(variants, start=1)
    ]


def _combinations(product: Product) -> list[dict[str, str]]:
    values = list(product.options.values())
    combinations: Iterable[tuple[str, ...]] = itertools.product(*values)
    if math.prod(map(len, values)) > MOST_ARTICLES:
        longest = max(map(len, values))
        combinations = zip(*(islice(cycle(each), longest) for each in values), strict=True)
    return [dict(zip(product.options, each, strict=True)) for each in combinations]


def own_bullets(product: Product) -> list[str]:
    """Return a product's bullets but those that only repeat its brand, its tags or a detail, as
    reading a table makes them."""
    repeated = {f"brand: {product.brand.lower()}", ", ".join(product.tags).lower()}
    repeated.update(f"{name}: {value}".lower() for name, value in product.details.items())
    return [bullet for bullet in product.bullets if bullet and bullet.lower() not in repeated]


def body_html(product: Product) -> str:
    """Return a product's description and bullets as HTML: a paragraph a line, and a list of the
    bullets, each once."""
    bullets = own_bullets(product)
    lines = [line for line in product.description.split("\n") if line and line not in bullets]
    items = "".join(f"<li>{html.escape(bullet)}</li>" for bullet in bullets)
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    return paragraphs + (f"<ul>{items}</ul>" if items else "")


def amount_text(amount: float, currency: str) -> str:
    """Return an amount with the digits of its currency, as feeds write it: "12.50"."""
    return f"{amount:.{decimals_of(currency)}f}"


def minor_units(amount: float, currency: str) -> int:
    """Return an amount in cents, or what its currency has in their place."""
    units: int = round(amount * 10 ** decimals_of(currency))
    return units


def article_title(product: Product, article: Variant) -> str:
    """Return a product's title with what is chosen of its options, e.g. "Mug - red / small"."""
    chosen = " / ".join(article.options.values())
    return f"{product.title} - {chosen}" if chosen else product.title
