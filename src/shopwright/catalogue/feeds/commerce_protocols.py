"""The products of two protocols for agents that buy.

Source: Agentic Commerce Protocol (ACP), feed schema of 2026-04-17, ``Product`` and ``Variant``;
Universal Commerce Protocol (UCP), ``shopping/types/product.json`` and ``variant.json``. Amounts are
in minor units. Both know fewer fields than a product has: bullets stand in the description's HTML,
and ACP has no brand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shopwright.catalogue.feeds.articles import (
    article_title,
    articles_of,
    body_html,
    minor_units,
    own_bullets,
)
from shopwright.catalogue.product import Product, Variant

_URI = re.compile(r"https?://[^\s/?#]+[^\s]*")
_STATUS = {"": "in_stock", "draft": "discontinued", "hidden": "discontinued"}


def acp_product(product: Product) -> dict[str, Any]:
    """Return a product as ACP's feed has it."""
    return _filled(
        {
            "id": product.asin,
            "title": product.title,
            "description": _description(product),
            "url": product.address,
            "media": _media([product.image, *product.images]),
            "variants": [_acp_variant(product, article) for article in articles_of(product)],
        }
    )


def _acp_variant(product: Product, article: Variant) -> dict[str, Any]:
    options = [{"name": name, "value": value} for name, value in article.options.items()]
    return {**_variant(product, article), **_filled({"variant_options": options})}


def ucp_product(product: Product, articles: Sequence[Variant] | None = None) -> dict[str, Any]:
    """Return a product as UCP's catalogue has it. Its description and prices, which UCP needs, may
    be empty and 0.

    Args:
        articles: those of its articles that are listed, in this order; all if None.
    """
    prices = prices_of(product) or [0.0]
    listed = articles_of(product) if articles is None else articles
    details = {"details": dict(product.details)} if product.details else {}
    return _filled(
        {
            "id": product.asin,
            "title": product.title,
            "brand": product.brand,
            "description": _description(product) or {"plain": ""},
            "url": _uri(product.address),
            "categories": _categories(product),
            "price_range": {
                "min": _price(min(prices), product.currency),
                "max": _price(max(prices), product.currency),
            },
            "media": _media(map(_uri, [product.image, *product.images])),
            "options": [
                {"name": name, "values": [{"label": value} for value in values]}
                for name, values in product.options.items()
            ],
            "tags": list(product.tags),
            "metadata": details,
            "variants": [_ucp_variant(product, article) for article in listed],
        }
    )


def _ucp_variant(product: Product, article: Variant) -> dict[str, Any]:
    options = [{"name": name, "label": value} for name, value in article.options.items()]
    variant = {**_variant(product, article), **_filled({"options": options})}
    if not _uri(article.image):
        variant.pop("media", None)
    variant.setdefault("description", {"plain": ""})
    variant.setdefault("price", _price(0.0, product.currency))
    return variant


def prices_of(product: Product) -> list[float]:
    """Return what a product's articles cost; nothing where the catalogue does not say."""
    prices = [each.price_dollars for each in product.variants if each.price_dollars is not None]
    return prices or [*product.pricing_dollars] * (product.priced and not product.variants)


def category_names(product: Product) -> set[str]:
    """Return what a product's category is called, casefolded: its path from the top to each of its
    parts, each part, its kind and its department."""
    parts = [part.strip() for part in product.product_category.casefold().split("›")]
    paths = (" > ".join(parts[: number + 1]) for number in range(len(parts)))
    return {*paths, *parts, product.query.casefold(), product.category.casefold()} - {""}


def _variant(product: Product, article: Variant) -> dict[str, Any]:
    """What both protocols say of an article."""
    price = article.price_dollars
    availability = article.availability or ("" if article.available else "out of stock")
    status = _STATUS.get(availability, availability.replace(" ", "_"))
    barcodes = [{"type": "GTIN", "value": article.barcode}] if article.barcode else []
    return _filled(
        {
            "id": article.identifier,
            "title": article_title(product, article),
            "barcodes": barcodes,
            "price": {} if price is None else _price(price, product.currency),
            "availability": {"available": article.available, "status": status},
            "categories": _categories(product),
            "media": _media([article.image]),
        }
    )


def _price(amount: float, currency: str) -> dict[str, Any]:
    return {"amount": minor_units(amount, currency), "currency": currency}


def _categories(product: Product) -> list[dict[str, str]]:
    path = product.product_category.replace(" › ", " > ") or product.query
    return [{"value": path, "taxonomy": "merchant"}] if path else []


def _media(addresses: Iterable[str]) -> list[dict[str, str]]:
    return [{"type": "image", "url": address} for address in addresses if address]


def _uri(address: str) -> str:
    """An address as a URI, which UCP wants; "" of what is none."""
    if address.startswith("//"):
        address = f"https:{address}"
    return address if _URI.fullmatch(address) else ""


def _description(product: Product) -> dict[str, str]:
    markup = body_html(product) if own_bullets(product) else ""
    return _filled({"plain": product.description, "html": markup})


def _filled(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value not in ("", [], {})}
