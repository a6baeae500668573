"""A product's texts by field, and how much a word counts in each of them."""

from __future__ import annotations

import re
import unicodedata

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product

# How many occurrences a word in a field counts as. Any weights near these do as well on the
# development halves of the judged queries (docs/experiments.md); what matters is that titles and
# kinds count a few times as much as running text.
WEIGHTS = {
    "title": 4,
    "kind": 4,
    "brand": 4,
    "tags": 2,
    "description": 2,
    "attributes": 1,
    "options": 1,
    "bullets": 1,
}

_ACCENTS = re.compile("[\u0300-\u036f]+")


def plain(text: str) -> str:
    """Return a text in lower case, without the accents of Latin, Greek and Cyrillic letters."""
    text = text.lower()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def fields_of(product: Product) -> dict[str, str]:
    """Return the texts of a product's fields, those of :data:`WEIGHTS`, in plain letters."""
    attributes = (text for text in product.attributes if text != DEFAULT_ATTRIBUTE)
    options = (f"{group} {' '.join(values)}" for group, values in product.options.items())
    details = (f"{name} {value}" for name, value in product.details.items())
    texts = {
        "title": product.title,
        "kind": f"{product.query} {product.product_category}",
        "brand": product.brand,
        "tags": " ".join(product.tags),
        "description": product.description,
        "attributes": " ".join(attributes),
        "options": " ".join(options),
        "bullets": " ".join([*product.bullets, *details]),
    }
    return {name: plain(text) for name, text in texts.items()}


def weighted_text(product: Product) -> str:
    """Return the text of a product in which each field stands as often as it weighs.

    Source: Robertson, Zaragoza & Taylor, "Simple BM25 extension to multiple weighted fields", 2004.
    """
    texts = fields_of(product).items()
    return " ".join(text for name, text in texts if text for _ in range(WEIGHTS[name]))
