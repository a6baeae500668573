"""Google's product feed, which Facebook and Bing read, too.

Source: Google Merchant Center, "Product data specification". Options and details that it has no
attribute for are written as ``product_detail``, and read back from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shopwright.catalogue.feeds.articles import amount_text, articles_of, own_bullets
from shopwright.catalogue.product import Product, Variant

# Options and details that Google has attributes for.
_OWN = (
    "color", "size", "material", "pattern", "gender", "age_group", "size_type", "size_system",
    "condition",
)  # fmt: skip
COLUMNS = (
    "id", "item_group_id", "title", "description", "link", "image_link", "additional_image_link",
    "availability", "price", "brand", "gtin", "mpn", "product_type", *_OWN,
    "product_highlight", "product_detail", "quantity",
)  # fmt: skip
_AVAILABILITY = {
    "": "in_stock", "in stock": "in_stock", "preorder": "preorder", "backorder": "backorder",
}  # fmt: skip


def items(product: Product) -> Iterator[dict[str, Any]]:
    """Yield a product's items: attribute → text, list of texts, or list of objects."""
    articles = articles_of(product)
    for article in articles:
        item = _item(product, article)
        if article.identifier != product.asin:
            item["item_group_id"] = product.asin
        yield {name: item[name] for name in COLUMNS if item.get(name) not in (None, "", [])}


def _item(product: Product, article: Variant) -> dict[str, Any]:
    said = {**product.details, **article.options}
    own = {name.replace(" ", "_"): value for name, value in said.items()}
    details = [
        {"attribute_name": name, "attribute_value": value}
        for name, value in said.items()
        if name.replace(" ", "_") not in _OWN
    ]
    price = article.price_dollars
    own_picture = article.image or product.image
    pictures = [product.image, *product.images] if product.image else product.images
    return {
        "id": article.identifier,
        "title": product.title,
        "description": product.description,
        "link": product.address,
        "image_link": own_picture,
        "additional_image_link": [each for each in pictures if each != own_picture],
        "availability": _AVAILABILITY.get(article.availability, "out_of_stock"),
        "price": ""
        if price is None
        else f"{amount_text(price, product.currency)} {product.currency}",
        "brand": product.brand,
        "gtin": article.barcode,
        "product_type": product.product_category.replace(" › ", " > ") or product.query,
        **{name: value for name, value in own.items() if name in _OWN},
        "product_highlight": own_bullets(product),
        "product_detail": details,
        "quantity": "" if article.stock is None else str(article.stock),
    }


def cell(value: Any) -> str:
    """Return an attribute of an item as a cell of Google's tables: lists parted by commas, a
    comma within an entry escaped by quotes, details as ":name:value", without a section."""
    if isinstance(value, str):
        return value
    texts = [
        ":".join(["", *entry.values()]) if isinstance(entry, dict) else str(entry)
        for entry in value
    ]
    quoted = ('"' + text.replace('"', '""') + '"' if "," in text else text for text in texts)
    return ",".join(quoted)
