"""Exports of invented catalogues, written as the platforms write them.

Each writer turns the same neutral items into one platform's file, by that platform's documented
columns and not by what the reader knows of them. What an item must become is in the item.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product as combinations
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Article:
    """A variant: its options, its price in cents, its stock-keeping unit and how many there are."""

    options: Mapping[str, str]
    price_cents: int
    sku: str
    stock: int = 5

    @property
    def price(self) -> str:
        return f"{self.price_cents // 100}.{self.price_cents % 100:02}"


@dataclass(frozen=True)
class Item:
    """A product with all its articles; options are the same groups in each."""

    identifier: str
    title: str
    description: str
    brand: str
    path: tuple[str, ...]
    articles: tuple[Article, ...]
    images: tuple[str, ...] = ("https://shop.example/a.jpg",)
    tags: tuple[str, ...] = field(default=())

    @property
    def groups(self) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = {}
        for article in self.articles:
            for name, value in article.options.items():
                found.setdefault(name, {})[value] = None
        return {name: list(values) for name, values in found.items()}

    @property
    def is_simple(self) -> bool:
        return not self.groups


_ADJECTIVES = "Blue Warm Light Plain Striped Sturdy Quilted Woven Matte Foldable".split()
_NOUNS = ["Rain Jacket", "Canvas Bag", "Oak Tray", "Desk Lamp", "Wool Throw", "Coffee Mug"]
_BRANDS = ["Norvik", "Tallow & Pim", "Ferrin", "Meadow Lane"]
_SAYINGS = [
    "Waterproof shell, taped seams.", 'Fits a 15" laptop; hand made.', "Kiln-dried oak\nand brass.",
    "Machine washable – 100 % wool.", "Crème brûlée colour, food safe.",
]  # fmt: skip
_PATHS = [("Clothing", "Coats"), ("Bags",), ("Home", "Kitchen", "Trays"), ("Home", "Lighting")]
_GROUPS = {
    "Color": ["Red", "Blue", "Sea Green"], "Size": ["S", "M", "L", "XL"],
    "Material": ["Wool", "Cotton"],
}  # fmt: skip


def invent(
    count: int, seed: int, *, groups: Sequence[str] = tuple(_GROUPS), one_price: bool = False
) -> list[Item]:
    """Items, each with up to two of these option groups."""
    rng = random.Random(seed)
    return [_item(number, rng, groups, one_price) for number in range(count)]


def _item(number: int, rng: random.Random, groups: Sequence[str], one_price: bool) -> Item:
    names = rng.sample(groups, rng.randint(0, min(2, len(groups))))
    values = [rng.sample(_GROUPS[name], rng.randint(2, len(_GROUPS[name]))) for name in names]
    cents = rng.randint(100, 99_999)
    articles = tuple(
        Article(
            options=dict(zip(names, each, strict=True)),
            price_cents=cents if one_price else cents + 150 * place,
            sku=f"SKU{number:04}-{place}",
            stock=rng.randint(1, 40),
        )
        for place, each in enumerate(combinations(*values))
    )
    return Item(
        identifier=f"item-{number}",
        title=f"{rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} {number}",
        description=rng.choice(_SAYINGS),
        brand=rng.choice(_BRANDS),
        path=rng.choice(_PATHS),
        articles=articles,
        images=tuple(f"https://shop.example/{number}/{n}.jpg" for n in range(rng.randint(1, 3))),
        tags=("new", "gift"),
    )


Row = Mapping[str, object]
Writer = Callable[[Sequence[Item]], bytes]


def _csv(rows: Iterable[Row], columns: Sequence[str], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _columns(rows: Sequence[Row], first: str) -> list[str]:
    """All columns of some rows: those of the documentation first."""
    found = dict.fromkeys(column for column in first.split(","))
    for row in rows:
        found.update(dict.fromkeys(row))
    return [*found]


def _html(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def shopify(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    for item in items:
        names = list(item.groups) or ["Title"]
        for place, article in enumerate(item.articles):
            row: dict[str, object] = {
                "Handle": item.identifier,
                "Variant SKU": article.sku,
                "Variant Price": article.price,
                "Variant Inventory Qty": article.stock,
                "Variant Inventory Tracker": "shopify",
                "Variant Inventory Policy": "deny",
            }
            for number, name in enumerate(names, start=1):
                row[f"Option{number} Value"] = article.options.get(name, "Default Title")
                if place == 0:
                    row[f"Option{number} Name"] = name
            if place == 0:
                row |= {
                    "Title": item.title,
                    "Body (HTML)": _html(item.description),
                    "Vendor": item.brand,
                    "Product Category": " > ".join(item.path),
                    "Tags": ", ".join(item.tags),
                    "Published": "true",
                    "Image Src": item.images[0],
                    "Image Position": 1,
                    "Status": "active",
                }
            rows.append(row)
        rows += [
            {"Handle": item.identifier, "Image Src": address, "Image Position": position}
            for position, address in enumerate(item.images[1:], start=2)
        ]
    known = (
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,"
        "Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,"
        "Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,"
        "Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,"
        "Gift Card,SEO Title,Cost per item,Status"
    )
    return _csv(rows, _columns(rows, known))


def shopify_new(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    for item in items:
        names = list(item.groups) or ["Title"]
        for place, article in enumerate(item.articles):
            row: dict[str, object] = {
                "URL handle": item.identifier,
                "SKU": article.sku,
                "Price": article.price,
                "Inventory quantity": article.stock,
            }
            for number, name in enumerate(names, start=1):
                row[f"Option{number} value"] = article.options.get(name, "Default Title")
                if place == 0:
                    row[f"Option{number} name"] = name
            if place == 0:
                row |= {
                    "Title": item.title,
                    "Description": _html(item.description),
                    "Vendor": item.brand,
                    "Product category": " > ".join(item.path),
                    "Published on online store": "TRUE",
                    "Status": "Active",
                    "Product image URL": item.images[0],
                }
            rows.append(row)
    known = (
        "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,"
        "Status,SKU,Barcode,Option1 name,Option1 value,Option1 Linked To,Option2 name,"
        "Option2 value,Option2 Linked To,Option3 name,Option3 value,Option3 Linked To,Price,"
        "Compare-at price,Cost per item,Charge tax,Inventory tracker,Inventory quantity,"
        "Continue selling when out of stock,Product image URL,Image position,Variant image URL"
    )
    return _csv(rows, _columns(rows, known))


def shopify_json(items: Sequence[Item]) -> bytes:
    products = []
    for number, item in enumerate(items, start=1):
        names = list(item.groups) or ["Title"]
        variants = [
            {
                "id": 1000 * number + place,
                "title": " / ".join(article.options.values()) or "Default Title",
                **{
                    f"option{n}": article.options.get(name, "Default Title")
                    for n, name in enumerate(names, start=1)
                },
                "sku": article.sku,
                "price": article.price,
                "compare_at_price": None,
                "available": True,
            }
            for place, article in enumerate(item.articles)
        ]
        products.append(
            {
                "id": number,
                "title": item.title,
                "handle": item.identifier,
                "body_html": _html(item.description),
                "published_at": "2026-01-01T00:00:00Z",
                "vendor": item.brand,
                "product_type": item.path[-1],
                "tags": list(item.tags),
                "variants": variants,
                "images": [{"id": n, "src": src} for n, src in enumerate(item.images)],
                "options": [
                    {
                        "name": name,
                        "position": n,
                        "values": item.groups.get(name, ["Default Title"]),
                    }
                    for n, name in enumerate(names, start=1)
                ],
            }
        )
    return json.dumps({"products": products}).encode()


def woocommerce(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    identifier = 0
    for item in items:
        identifier += 1
        parent = identifier
        row: dict[str, object] = {
            "ID": parent,
            "Type": "simple" if item.is_simple else "variable",
            "SKU": item.identifier,
            "Name": item.title,
            "Published": 1,
            "Visibility in catalog": "visible",
            "Description": item.description.replace("\n", "\\n"),
            "In stock?": 1,
            "Categories": " > ".join(item.path) + ", Sale",
            "Tags": ", ".join(item.tags),
            "Images": ", ".join(item.images),
            "Brands": item.brand,
        }
        for number, (name, values) in enumerate(item.groups.items(), start=1):
            row[f"Attribute {number} name"] = name
            row[f"Attribute {number} value(s)"] = ", ".join(values)
        if item.is_simple:
            row["Regular price"] = item.articles[0].price
            rows.append(row)
            continue
        rows.append(row)
        for place, article in enumerate(item.articles):
            identifier += 1
            chosen = ", ".join(article.options.values())
            variation: dict[str, object] = {
                "ID": identifier,
                "Type": "variation",
                "SKU": article.sku,
                "Name": f"{item.title} - {chosen}",
                "Published": 1,
                "In stock?": 1,
                "Stock": article.stock,
                "Regular price": article.price,
                "Parent": item.identifier if place % 2 else f"id:{parent}",
            }
            for number, (name, value) in enumerate(article.options.items(), start=1):
                variation[f"Attribute {number} name"] = name
                variation[f"Attribute {number} value(s)"] = value
            rows.append(variation)
    known = (
        'ID,Type,SKU,"GTIN",Name,Published,Is featured?,Visibility in catalog,Short description,'
        "Description,Date sale price starts,Date sale price ends,Tax status,Tax class,In stock?,"
        "Stock,Backorders allowed?,Weight (kg),Sale price,Regular price,Categories,Tags,"
        "Shipping class,Images,Parent,Grouped products,Upsells,Position,Brands"
    )
    return _csv(rows, _columns(rows, known))


def magento(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    for item in items:
        shared = {
            "categories": "Default Category/" + "/".join(item.path),
            "description": _html(item.description),
            "product_online": 1,
            "base_image": item.images[0],
            "additional_images": ",".join(item.images[1:]),
            "attribute_set_code": "Default",
        }
        for article in item.articles:
            own = "-".join([item.title, *article.options.values()])
            attributes = [f"{name.lower()}={value}" for name, value in article.options.items()]
            rows.append(
                {
                    **shared,
                    "sku": item.identifier if item.is_simple else article.sku,
                    "product_type": "simple",
                    "name": own,
                    "price": f"{article.price}00",
                    "visibility": "Catalog, Search"
                    if item.is_simple
                    else "Not Visible Individually",
                    "additional_attributes": ",".join([*attributes, f"manufacturer={item.brand}"]),
                    "qty": f"{article.stock}.0000",
                    "is_in_stock": 1,
                }
            )
        if not item.is_simple:
            variations = "|".join(
                f"sku={article.sku},"
                + ",".join(f"{n.lower()}={v}" for n, v in article.options.items())
                for article in item.articles
            )
            rows.append(
                {
                    **shared,
                    "sku": item.identifier,
                    "product_type": "configurable",
                    "name": item.title,
                    "visibility": "Catalog, Search",
                    "additional_attributes": f"manufacturer={item.brand}",
                    "configurable_variations": variations,
                    "configurable_variation_labels": ",".join(
                        f"{name.lower()}={name}" for name in item.groups
                    ),
                    "is_in_stock": 1,
                }
            )
    known = (
        "sku,store_view_code,attribute_set_code,product_type,categories,product_websites,name,"
        "description,short_description,weight,product_online,tax_class_name,visibility,price,"
        "special_price,special_price_from_date,special_price_to_date,url_key,base_image,"
        "additional_images,additional_attributes,qty,is_in_stock,configurable_variations,"
        "configurable_variation_labels"
    )
    return _csv(rows, _columns(rows, known))


def bigcommerce(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    for number, item in enumerate(items, start=10):
        rows.append(
            {
                "Item Type": "Product",
                "Product ID": number,
                "Product Name": item.title,
                "Product Type": "P",
                "Product Code/SKU": item.identifier,
                "Brand Name": item.brand,
                "Product Description": _html(item.description),
                "Price": item.articles[0].price,
                "Retail Price": "0.00",
                "Sale Price": "0.00",
                "Product Visible?": "Y",
                "Category": "/".join(item.path) + ";Sale",
                "Product Image File - 1": item.images[0],
            }
        )
        rows += [
            {
                "Item Type": "  SKU",
                "Product Name": ",".join(f"[RB]{n}={v}" for n, v in article.options.items()),
                "Product Code/SKU": article.sku,
                "Price": article.price,
                "Stock Level": article.stock,
            }
            for article in (() if item.is_simple else item.articles)
        ]
    known = (
        "Item Type,Product ID,Product Name,Product Type,Product Code/SKU,Brand Name,"
        "Product Description,Price,Cost Price,Retail Price,Sale Price,Allow Purchases?,"
        "Product Visible?,Stock Level,Category,Product Image File - 1"
    )
    return _csv(rows, _columns(rows, known))


def squarespace(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    for item in items:
        for place, article in enumerate(item.articles):
            row: dict[str, object] = {
                "Variant ID [Non Editable]": f"v-{article.sku}",
                "SKU": article.sku,
                "Price": article.price,
                "Sale Price": "0.00",
                "On Sale": "No",
                "Stock": article.stock,
            }
            for number, (name, value) in enumerate(article.options.items(), start=1):
                row[f"Option Name {number}"], row[f"Option Value {number}"] = name, value
            if place == 0:
                row |= {
                    "Product ID [Non Editable]": item.identifier,
                    "Product Type [Non Editable]": "PHYSICAL",
                    "Product URL": item.identifier,
                    "Title": item.title,
                    "Description": _html(item.description),
                    "Categories": "/" + "/".join(item.path),
                    "Tags": ", ".join(item.tags),
                    "Visible": "Yes",
                    "Hosted Image URLs": " ".join(item.images),
                }
            rows.append(row)
    known = (
        "Product ID [Non Editable],Variant ID [Non Editable],Product Type [Non Editable],"
        "Product Page,Product URL,Title,Description,SKU,Option Name 1,Option Value 1,Option Name 2,"
        "Option Value 2,Option Name 3,Option Value 3,Price,Sale Price,On Sale,Stock,Categories,"
        "Tags,Weight,Length,Width,Height,Visible,Hosted Image URLs"
    )
    return _csv(rows, _columns(rows, known))


def square(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    for item in items:
        for article in item.articles:
            row: dict[str, object] = {
                "Token": item.identifier,
                "Item Name": item.title,
                "Variation Name": ", ".join(article.options.values()) or "Regular",
                "SKU": article.sku,
                "Description": item.description,
                "Category": item.path[-1],
                "Price": article.price,
                "Current Quantity Main Street": article.stock,
            }
            for number, (name, value) in enumerate(article.options.items(), start=1):
                row[f"Option Name {number}"], row[f"Option Value {number}"] = name, value
            rows.append(row)
    known = (
        "Token,Item Name,Variation Name,SKU,Description,Category,SEO Title,Item Type,GTIN,"
        "Square Online Item Visibility,Sellable,Price,Online Sale Price,Option Name 1,"
        "Option Value 1"
    )
    return _csv(rows, _columns(rows, known))


def wix(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    for item in items:
        base = item.articles[0].price_cents
        row: dict[str, object] = {
            "handleId": item.identifier,
            "fieldType": "Product",
            "name": item.title,
            "description": _html(item.description),
            "productImageUrl": ";".join(item.images),
            "collection": ";".join(item.path),
            "price": item.articles[0].price,
            "visible": "true",
            "discountMode": "PERCENT",
            "discountValue": "0.0",
            "inventory": "InStock",
            "brand": item.brand,
        }
        for number, (name, values) in enumerate(item.groups.items(), start=1):
            row[f"productOptionName{number}"] = name
            row[f"productOptionType{number}"] = "DROP_DOWN"
            row[f"productOptionDescription{number}"] = ";".join(values)
        rows.append(row)
        for article in () if item.is_simple else item.articles:
            surcharge = article.price_cents - base
            variant: dict[str, object] = {
                "handleId": item.identifier,
                "fieldType": "Variant",
                "sku": article.sku,
                "surcharge": f"{surcharge / 100:.2f}",
                "visible": "true",
                "inventory": article.stock,
            }
            for number, value in enumerate(article.options.values(), start=1):
                variant[f"productOptionDescription{number}"] = value
            rows.append(variant)
    known = (
        "handleId,fieldType,name,description,productImageUrl,collection,sku,ribbon,price,surcharge,"
        "visible,discountMode,discountValue,inventory,weight,cost,productOptionName1,"
        "productOptionType1,productOptionDescription1"
    )
    return _csv(rows, _columns(rows, known))


def etsy(items: Sequence[Item]) -> bytes:
    rows: list[Row] = []
    for item in items:
        row: dict[str, object] = {
            "TITLE": item.title,
            "DESCRIPTION": item.description,
            "PRICE": item.articles[0].price,
            "CURRENCY_CODE": "EUR",
            "QUANTITY": sum(article.stock for article in item.articles),
            "TAGS": ",".join(item.tags),
            "SKU": ",".join(article.sku for article in item.articles),
        }
        for number, address in enumerate(item.images, start=1):
            row[f"IMAGE{number}"] = address
        for number, (name, values) in enumerate(item.groups.items(), start=1):
            row[f"VARIATION {number} TYPE"] = "Custom Property"
            row[f"VARIATION {number} NAME"] = name
            row[f"VARIATION {number} VALUES"] = ",".join(values)
        rows.append(row)
    known = (
        "TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,QUANTITY,TAGS,MATERIALS,IMAGE1,IMAGE2,IMAGE3,"
        "VARIATION 1 TYPE,VARIATION 1 NAME,VARIATION 1 VALUES,VARIATION 2 TYPE,VARIATION 2 NAME,"
        "VARIATION 2 VALUES,SKU"
    )
    return _csv(rows, _columns(rows, known))


def _google_items(items: Sequence[Item]) -> list[dict[str, str]]:
    found = []
    for item in items:
        for article in item.articles:
            entry = {
                "id": article.sku,
                "title": item.title,
                "description": item.description,
                "link": f"https://shop.example/{item.identifier}",
                "image_link": item.images[0],
                "additional_image_link": ",".join(item.images[1:]),
                "availability": "in_stock",
                "price": f"{article.price} EUR",
                "brand": item.brand,
                "product_type": " > ".join(item.path),
                "condition": "new",
                "item_group_id": "" if item.is_simple else item.identifier,
                **{name.lower().replace(" ", "_"): v for name, v in article.options.items()},
            }
            found.append({name: value for name, value in entry.items() if value})
    return found


def google_tsv(items: Sequence[Item]) -> bytes:
    rows = _google_items(items)
    known = (
        "id,title,description,link,image_link,additional_image_link,availability,price,brand,"
        "gtin,mpn,product_type,google_product_category,condition,item_group_id,color,size,material"
    )
    return _csv(rows, _columns(rows, known), "\t")


def google_rss(items: Sequence[Item]) -> bytes:
    entries = "".join(
        "<item>"
        + "".join(f"<g:{name}>{escape(value)}</g:{name}>" for name, value in entry.items())
        + "</item>\n"
        for entry in _google_items(items)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" '
        'xmlns:g="http://base.google.com/ns/1.0"><channel><title>Our shop</title>'
        f"<link>https://shop.example</link>\n{entries}</channel></rss>"
    ).encode()


def facebook(items: Sequence[Item]) -> bytes:
    rows = _google_items(items)
    for row in rows:
        row["availability"] = "in stock"
    known = (
        "id,title,description,availability,condition,price,link,image_link,brand,"
        "google_product_category,fb_product_category,quantity_to_sell_on_facebook,sale_price,"
        "sale_price_effective_date,item_group_id,gender,color,size,age_group,material"
    )
    comments = "# Required | A unique id for the item.,# Required | A title\n"
    return comments.encode() + _csv(rows, _columns(rows, known))


def openai(items: Sequence[Item]) -> bytes:
    rows = _google_items(items)
    for row in rows:
        row |= {"enable_search": "true", "enable_checkout": "true", "seller_name": "Our shop"}
        row["product_category"] = row.pop("product_type")
    known = (
        "id,title,description,link,image_link,price,availability,enable_search,enable_checkout,"
        "brand,gtin,product_category,item_group_id,color,size,material,seller_name"
    )
    return _csv(rows, _columns(rows, known))


def acp(items: Sequence[Item]) -> bytes:
    lines = []
    for item in items:
        variants = [
            {
                "id": article.sku,
                "title": item.title,
                "price": {"amount": article.price_cents, "currency": "EUR"},
                "availability": {"available": True, "status": "in_stock"},
                "categories": [{"value": " > ".join(item.path), "taxonomy": "merchant"}],
                "variant_options": [{"name": n, "value": v} for n, v in article.options.items()],
            }
            for article in item.articles
        ]
        record = {
            "id": item.identifier,
            "title": item.title,
            "description": {"plain": item.description},
            "media": [{"type": "image", "url": address} for address in item.images],
            "variants": variants,
        }
        lines.append(json.dumps(record))
    return "\n".join(lines).encode()


def ucp(items: Sequence[Item]) -> bytes:
    products = []
    for item in items:
        variants = [
            {
                "id": article.sku,
                "title": item.title,
                "description": {"plain": item.description},
                "price": {"amount": article.price_cents, "currency": "EUR"},
                "availability": {"available": True, "status": "in_stock"},
                "options": [{"name": n, "label": v} for n, v in article.options.items()],
            }
            for article in item.articles
        ]
        cents = [article.price_cents for article in item.articles]
        products.append(
            {
                "id": item.identifier,
                "title": item.title,
                "brand": item.brand,
                "description": {"plain": item.description},
                "categories": [{"value": " > ".join(item.path)}],
                "price_range": {
                    "min": {"amount": min(cents), "currency": "EUR"},
                    "max": {"amount": max(cents), "currency": "EUR"},
                },
                "media": [{"type": "image", "url": address} for address in item.images],
                "options": [
                    {"name": n, "values": [{"label": v} for v in values]}
                    for n, values in item.groups.items()
                ],
                "variants": variants,
            }
        )
    return json.dumps({"products": products}).encode()


def schema_org(items: Sequence[Item]) -> bytes:
    graph = []
    for item in items:
        shared = {
            "name": item.title,
            "description": item.description,
            "brand": {"@type": "Brand", "name": item.brand},
            "category": " > ".join(item.path),
            "image": list(item.images),
        }
        offers = [
            {
                "@type": "Offer",
                "price": article.price,
                "priceCurrency": "EUR",
                "availability": "https://schema.org/InStock",
            }
            for article in item.articles
        ]
        if item.is_simple:
            graph.append(
                {"@type": "Product", "sku": item.identifier, **shared, "offers": offers[0]}
            )
            continue
        variants = [
            {
                "@type": "Product",
                "sku": article.sku,
                "name": item.title,
                **{name.lower(): value for name, value in article.options.items()},
                "offers": offer,
            }
            for article, offer in zip(item.articles, offers, strict=True)
        ]
        graph.append(
            {
                "@type": "ProductGroup",
                "productGroupID": item.identifier,
                **shared,
                "variesBy": [f"https://schema.org/{name.lower()}" for name in item.groups],
                "hasVariant": variants,
            }
        )
    return json.dumps({"@context": "https://schema.org/", "@graph": graph}).encode()


def algolia(items: Sequence[Item]) -> bytes:
    records = [
        {
            "objectID": item.identifier,
            "name": item.title,
            "description": item.description,
            "brand": item.brand,
            "categories": list(item.path),
            "hierarchicalCategories": {
                f"lvl{depth}": " > ".join(item.path[: depth + 1]) for depth in range(len(item.path))
            },
            "price": item.articles[0].price_cents / 100,
            "image": item.images[0],
            "popularity": 7,
            **{name.lower(): values for name, values in item.groups.items()},
        }
        for item in items
    ]
    return json.dumps(records).encode()


def kaggle(items: Sequence[Item]) -> bytes:
    rows = [
        {
            "": number,
            "product_id": item.identifier,
            "product_name": item.title,
            "about_product": item.description,
            "brand": item.brand,
            "category": str(list(item.path)),
            "price": f"₹{item.articles[0].price_cents / 100:,.2f}",
            "images": str(list(item.images)),
            **{name.lower(): str(values) for name, values in item.groups.items()},
        }
        for number, item in enumerate(items)
    ]
    return _csv(rows, _columns(rows, ",product_id,product_name,about_product,brand,category,price"))


def prestashop(items: Sequence[Item]) -> bytes:
    rows = [
        {
            "Product ID": number,
            "Active (0/1)": 1,
            "Name *": item.title,
            "Categories (x,y,z...)": ",".join(item.path),
            "Price tax included": f"{item.articles[0].price}0000",
            "Reference #": item.identifier,
            "Manufacturer": item.brand,
            "Quantity": item.articles[0].stock,
            "Description": _html(item.description),
            "Tags (x,y,z...)": ",".join(item.tags),
            "Image URLs (x,y,z...)": ",".join(item.images),
        }
        for number, item in enumerate(items, start=1)
    ]
    known = (
        "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax included;Tax rules ID;"
        "Wholesale price;On sale (0/1);Reference #;Supplier;Manufacturer;EAN13;UPC;Quantity;"
        "Visibility;Short description;Description;Tags (x,y,z...);Image URLs (x,y,z...);"
        "Feature(Name:Value:Position)"
    )
    return _csv(rows, known.split(";"), ";")


def opencart(items: Sequence[Item]) -> bytes:
    rows = [
        {
            "product_id": number,
            "name(en)": item.title,
            "categories": number,
            "quantity": item.articles[0].stock,
            "model": item.identifier,
            "manufacturer": item.brand,
            "image_name": item.images[0],
            "price": f"{item.articles[0].price}00",
            "status": "true",
            "description(en)": _html(item.description),
            "tags(en)": ",".join(item.tags),
        }
        for number, item in enumerate(items, start=1)
    ]
    known = (
        "product_id,name(en),categories,sku,upc,ean,jan,isbn,mpn,location,quantity,model,"
        "manufacturer,image_name,shipping,price,points,date_added,date_modified,date_available,"
        "weight,weight_unit,status,tax_class_id,description(en),meta_title(en),stock_status_id,"
        "store_ids,layout,related_ids,tags(en),sort_order,subtract,minimum"
    )
    return _csv(rows, _columns(rows, known))


@dataclass(frozen=True)
class Export:
    """A platform's file: the layout that reads it, the file's name, what writes it, whether all
    variants of a product cost the same, and the option groups that it can say."""

    layout: str
    name: str
    write: Writer
    one_price: bool = False
    groups: tuple[str, ...] = tuple(_GROUPS)


# A list of materials describes where nothing says that a buyer chooses.
_PLAIN_GROUPS = ("Color", "Size")

EXPORTS = [
    Export("shopify", "shopify.csv", shopify),
    Export("shopify", "shopify-new.csv", shopify_new),
    Export("shopify_json", "products.json", shopify_json),
    Export("woocommerce", "woocommerce.csv", woocommerce),
    Export("magento", "magento.csv", magento),
    Export("bigcommerce", "bigcommerce.csv", bigcommerce),
    Export("prestashop", "prestashop.csv", prestashop, True, ()),
    Export("squarespace", "squarespace.csv", squarespace),
    Export("square", "square.csv", square),
    Export("wix", "wix.csv", wix),
    Export("etsy", "etsy.csv", etsy, True),
    Export("opencart", "opencart.csv", opencart, True, ()),
    Export("google", "google.tsv", google_tsv),
    Export("google", "google.xml", google_rss),
    Export("facebook", "facebook.csv", facebook),
    Export("openai", "openai.csv", openai),
    Export("acp", "products.jsonl", acp),
    Export("ucp", "ucp.json", ucp),
    Export("schema_org", "graph.json", schema_org),
    Export("algolia", "records.json", algolia, True, _PLAIN_GROUPS),
    Export("plain", "kaggle.csv", kaggle, True, _PLAIN_GROUPS),
]
