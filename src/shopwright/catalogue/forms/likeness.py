"""How much the columns of a table look like those of products.

A file may hold several tables: the sheets of a workbook, the files of an archive, the lists of a
JSON document. The one with most of the words below is the products'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# In the form of :func:`words_of`. "name" and "id" alone are names of anything: they count, no more.
_PRODUCT_WORDS = frozenset(
    """
    title|name|product name|product title|item name|description|body html|long description|details
    product description|price|prices|sale price|regular price|standard price|variant price|amount
    currency|id|sku|item sku|product id|item id|asin|handle|url handle|slug|gtin|ean|upc|barcode|mpn
    brand|brand name|vendor|manufacturer|category|categories|product category|product type|type
    google product category|image|images|image link|image url|image src|main image url|thumbnail
    link|url|permalink|availability|condition|stock|quantity|in stock|inventory|weight|color|colour
    size|material|variants|options|offers|tags|bullets|features|rating|item group id|parent sku
    relationship type|variation theme|color name|size name|option1 name|option1 value|variant sku
    product type code|attribute set code|base image|qty|retail price|cost|msrp|model|published
    bezeichnung|artikel|artikelnummer|titel|preis|beschreibung|marke|kategorie|bild|farbe|größe
    nom|titre|prix|marque|catégorie|couleur|taille|nombre|título|titulo|precio|marca|categoría
    categoria|preço|preco|descripción|descrição|prezzo|nome|descrizione|naam|prijs|nazwa|cena|opis
    название|наименование|цена|описание|категория|артикул|商品名|価格|名称|价格|名稱|價格|상품명|가격
    ad|ürün adı|fiyat|açıklama|picture|vendor code|vendorcode|offer id|feed product type
    """.replace("\n", "|").split("|")
)  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PRODUCT_WORDS = frozenset(word.strip() for word in _PRODUCT_WORDS if word.strip())


@lru_cache(maxsize=1 << 14)
def words_of(name: str) -> str:
    """Return a column's name as words in lower case: ``productName`` as ``product name``."""
    name = name.removeprefix("g:").rpartition("}")[2]
    return " ".join(re.sub(r"[\W_]+", " ", _CAMEL.sub(" ", name)).lower().split())


def product_words(names: Iterable[str]) -> int:
    """Return how many of some columns have a name that is customary for products."""
    return len({words_of(name) for name in names if len(name) < 100} & _PRODUCT_WORDS)


def fitness(words: float, count: int) -> tuple[float, int]:
    """Return how well the objects of one place in a document fit as rows, to be compared.

    Args:
        words: how many of their names are customary for products, on average.
        count: how many they are; a repeated one is preferred to what it stands in.
    """
    return round(words, 1) + 2 * (words >= 2 and count > 1), count
