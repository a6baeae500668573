"""Shopify's product table, which Shopify imports.

Source: Shopify Help Center, "Using CSV files to import and export products".
"""

from __future__ import annotations

from collections.abc import Iterator

from shopwright.catalogue.feeds.articles import amount_text, articles_of, body_html
from shopwright.catalogue.product import Product, Variant

MOST_OPTIONS = 3
COLUMNS = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
    "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name",
    "Option3 Value", "Variant SKU", "Variant Inventory Tracker", "Variant Inventory Qty",
    "Variant Inventory Policy", "Variant Price", "Variant Barcode", "Image Src", "Image Position",
    "Variant Image", "Status",
)  # fmt: skip


def rows(product: Product) -> Iterator[dict[str, str]]:
    """Yield a product's rows: one for each variant, then one for each further picture. What is
    chosen of a fourth option and further ones stands in the third."""
    articles = articles_of(product)
    for number, article in enumerate(articles):
        shared = _product(product) if number == 0 else {}
        yield {"Handle": product.asin, **shared, **_variant(product, article)}
    for position, address in enumerate(product.images, start=2):
        yield {"Handle": product.asin, "Image Src": address, "Image Position": str(position)}


def _product(product: Product) -> dict[str, str]:
    is_draft = product.availability == "draft"
    return {
        "Title": product.title,
        "Body (HTML)": body_html(product),
        "Vendor": product.brand,
        "Product Category": product.product_category.replace(" › ", " > "),
        "Type": product.query,
        "Tags": ", ".join(product.tags),
        "Published": "false" if is_draft or product.availability == "hidden" else "true",
        "Image Src": product.image,
        "Image Position": "1" if product.image else "",
        "Status": "draft" if is_draft else "active",
    }


def _variant(product: Product, article: Variant) -> dict[str, str]:
    chosen = list(article.options.items()) or [("Title", "Default Title")]
    if len(chosen) > MOST_OPTIONS:
        rest = chosen[MOST_OPTIONS - 1 :]
        joined = (" / ".join(name for name, _ in rest), " / ".join(value for _, value in rest))
        chosen = [*chosen[: MOST_OPTIONS - 1], joined]
    row = {}
    for number, (name, value) in enumerate(chosen, start=1):
        row[f"Option{number} Name"], row[f"Option{number} Value"] = name, value
    price, stock = article.price_dollars, article.stock
    if stock is None and article.availability == "out of stock":
        stock = 0
    return {
        **row,
        "Variant SKU": article.identifier,
        # Of what nobody tracks Shopify always has enough.
        "Variant Inventory Tracker": "" if stock is None else "shopify",
        "Variant Inventory Qty": "" if stock is None else str(stock),
        "Variant Inventory Policy": "continue" if article.availability == "backorder" else "deny",
        "Variant Price": "" if price is None else amount_text(price, product.currency),
        "Variant Barcode": article.barcode,
        "Variant Image": article.image,
    }
