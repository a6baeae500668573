"""Exports in other languages, and those of further versions and interfaces of a platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import Product
from shopwright.catalogue.tables import read_table


@pytest.fixture
def read(tmp_path: Path):
    def read(content: str | list[Any] | dict[str, Any], layout: str):
        is_text = isinstance(content, str)
        path = tmp_path / ("table.csv" if is_text else "table.json")
        path.write_bytes(content.encode() if is_text else orjson.dumps(content))
        report = ImportReport()
        products = read_table(path, report)
        assert report.layout == layout
        return products, report

    return read


def prices(product: Product) -> list[tuple[dict[str, str], float | None]]:
    return [(dict(variant.options), variant.price_dollars) for variant in product.variants]


def states(report: ImportReport) -> dict[str, str]:
    return {each.asin: each.state for each in report.not_for_sale}


WOOCOMMERCE = {
    "English": "ID,Type,SKU,Name,Published,Visibility in catalog,Short description,Description,"
    "Date sale price starts,Date sale price ends,In stock?,Stock,Backorders allowed?,"
    'Sale price,Regular price,Categories,Brands,"GTIN, UPC, EAN, or ISBN"',
    "German": "ID,Typ,Artikelnummer,Name,Veröffentlicht,Sichtbarkeit im Katalog,Kurzbeschreibung,"
    'Beschreibung,"Datum, an dem Angebotspreis beginnt","Datum, an dem Angebotspreis endet",'
    "Vorrätig?,Bestand,Lieferrückstande erlaubt?,Angebotspreis,Regulärer Preis,Kategorien,Marken,"
    '"GTIN, UPC, EAN oder ISBN"',
    "French": "ID,Type,UGS,Nom,Publié,Visibilité dans le catalogue,Description courte,Description,"
    "Date de début de promo,Date de fin de promo,En stock ?,Stock,"
    "Autoriser les commandes de produits en rupture ?,Tarif promo,Tarif régulier,Catégories,"
    'Marques,"GTIN, UPC, EAN ou ISBN"',
    "Spanish": "ID,Tipo,SKU,Nombre,Publicado,Visibilidad en el catálogo,Descripción corta,"
    "Descripción,Día en que empieza el precio rebajado,Día en que termina el precio rebajado,"
    "¿Existencias?,Inventario,¿Permitir reservas de productos agotados?,Precio rebajado,"
    'Precio normal,Categorías,Marcas,"GTIN, UPC, EAN o ISBN"',
}


@pytest.mark.parametrize("language", WOOCOMMERCE)
def test_woocommerces_columns_mean_the_same_in_each_language(read, language):
    (hat, cap), report = read(
        f"{WOOCOMMERCE[language]}\n"
        "1,simple,H,Hat,1,visible,Warm.,A hat of felt.,2020-01-01,2020-02-01,1,3,0,8,"
        '"10,5",Hats,Marlow,4006381333931\n'
        "2,simple,C,Cap,1,visible,Light.,A cap.,,,1,0,1,8,10,Hats,Marlow,\n"
        "3,simple,G,Gone,1,visible,,,,,0,,0,,10,Hats,,\n"
        "4,simple,X,Hidden,1,hidden,,,,,1,3,0,,10,Hats,,\n",
        "woocommerce",
    )
    assert (hat.pricing_dollars, hat.brand, hat.barcode) == ((10.5,), "Marlow", "4006381333931")
    assert (hat.description, hat.stock, "warm." in hat.search_text.lower()) == (
        "A hat of felt.", 3, True,
    )  # fmt: skip
    assert (cap.pricing_dollars, cap.availability) == ((8.0,), "backorder")
    assert states(report) == {"3": "out of stock", "4": "hidden"}
    assert report.columns_not_used == []


def storefront(price: str, *, options: bool = True) -> dict[str, Any]:
    """What Shopify's Storefront API says of a hat, by the name of a variant's price."""

    def variant(size: str, amount: str) -> dict[str, Any]:
        chosen = {"selectedOptions": [{"name": "Size", "value": size}]} if options else {}
        return {
            "id": f"gid://shopify/ProductVariant/{size}",
            "title": size,
            "sku": f"H-{size}",
            price: {"amount": amount, "currencyCode": "CAD"},
            "availableForSale": size == "S",
            **chosen,
        }

    lowest = {"amount": "10.0", "currencyCode": "CAD"}
    hat = {
        "id": "gid://shopify/Product/1",
        "title": "Hat",
        "handle": "hat",
        "descriptionHtml": "<p>Felt</p>",
        "vendor": "V",
        "priceRange": {"minVariantPrice": lowest, "maxVariantPrice": lowest},
        "variants": {"nodes": [variant("S", "10.0"), variant("M", "12.5")]},
    }
    return {"data": {"products": {"nodes": [hat]}}}


@pytest.mark.parametrize("price", ["price", "priceV2"])
@pytest.mark.parametrize("ranged", [True, False])
def test_shopifys_storefront_api_has_prices_in_units(read, price, ranged):
    answer = storefront(price)
    if not ranged:
        del answer["data"]["products"]["nodes"][0]["priceRange"]
    (hat,), _ = read(answer, "shopify_json")
    assert (hat.currency, hat.description, hat.brand) == ("CAD", "Felt", "V")
    assert prices(hat) == [({"size": "s"}, 10.0), ({"size": "m"}, 12.5)]
    assert [variant.availability for variant in hat.variants] == ["in stock", "out of stock"]


@pytest.mark.parametrize("price", ["price", "priceV2"])
@pytest.mark.parametrize("ranged", [True, False])
def test_shopifys_storefront_api_is_known_without_its_options(read, price, ranged):
    answer = storefront(price, options=False)
    if not ranged:
        del answer["data"]["products"]["nodes"][0]["priceRange"]
    (hat,), _ = read(answer, "shopify_json")
    assert hat.pricing_dollars == (10.0, 12.5)


def test_wixs_newer_catalogue(read):
    (tee, mug), report = read(
        "handle,fieldType,name,visible,plainDescription,media,brand,price,strikethroughPrice,"
        "inventory,sku,barcode,productOptionName1,productOptionType1,productOptionChoices1,"
        "productOptionName2,productOptionType2,productOptionChoices2\n"
        "tee,PRODUCT,Plain Tee,TRUE,<p>Soft.</p>,https://x.test/1.jpg,Marlow,,,,,,Size,"
        "TEXT_CHOICES,S;M,Colour,SWATCH_CHOICES,#FF0000:Red;#0000FF:Blue\n"
        "tee,MEDIA,,,,https://x.test/2.jpg,,,,,,,,,,,,\n"
        "tee,VARIANT,,TRUE,,,,20,25,IN_STOCK,T-S,4006381333931,Size,,S,Colour,,#FF0000:Red\n"
        "tee,VARIANT,,TRUE,,,,22.5,,OUT_OF_STOCK,T-M,,Size,,M,Colour,,#0000FF:Blue\n"
        "tee,VARIANT,,FALSE,,,,22.5,,IN_STOCK,T-X,,Size,,M,Colour,,#FF0000:Red\n"
        "mug,PRODUCT,Mug,TRUE,A mug.,https://x.test/3.jpg,,9,12,3,M,,,,,,,\n"
        "old,PRODUCT,Old Mug,TRUE,,,,9,,OUT_OF_STOCK,O,,,,,,,\n"
        "hid,PRODUCT,Secret Mug,FALSE,,,,9,,IN_STOCK,H,,,,,,,\n",
        "wix_v3",
    )
    assert prices(tee) == [
        ({"size": "s", "colour": "red"}, 20.0), ({"size": "m", "colour": "blue"}, 22.5),
    ]  # fmt: skip
    assert [each.availability for each in tee.variants] == ["in stock", "out of stock"]
    assert (tee.variants[0].identifier, tee.variants[0].barcode) == ("T-S", "4006381333931")
    assert (tee.description, tee.brand) == ("Soft.", "Marlow")
    assert (tee.image, tee.images) == ("https://x.test/1.jpg", ("https://x.test/2.jpg",))
    assert (mug.pricing_dollars, mug.stock, mug.options) == ((9.0,), 3, {})
    assert states(report) == {"old": "out of stock", "hid": "hidden"}


def test_woocommerces_plain_attributes_are_details(read):
    def shirt(number: int, **attribute: Any) -> dict[str, Any]:
        return {
            "id": number, "name": f"Shirt {number}", "slug": f"shirt-{number}", "price": "9",
            "regular_price": "9", "stock_status": "instock", "status": "publish",
            "attributes": [
                {"name": "Material", "options": ["Cotton", "Linen"], "variation": False},
                {"name": "Cut", "options": ["Slim"], "variation": False, "visible": True},
                {"name": "Size", "options": ["S", "M"], **attribute},
            ],
        }  # fmt: skip

    products, _ = read(
        [shirt(1, variation=True), shirt(2, variation=False), shirt(3)], "woocommerce_json"
    )
    sized = {"size": ("s", "m")}
    assert [product.options for product in products] == [sized, {}, sized]
    plain = {"material": "Cotton, Linen", "cut": "Slim"}
    assert [product.details for product in products] == [plain, {**plain, "size": "S, M"}, plain]


def store_product(number: int, decimals: Any = 2, **fields: Any) -> dict[str, Any]:
    """A product of WooCommerce's Store API."""
    amounts = {"price": "1800", "regular_price": "2000", "sale_price": "1800", "price_range": None}
    return {
        "id": number, "name": f"Cap {number}", "slug": f"cap-{number}", "type": "simple",
        "permalink": f"https://x.test/cap-{number}", "sku": f"C-{number}", "on_sale": True,
        "description": "<p>Warm.</p>", "is_in_stock": True, "is_purchasable": True,
        "prices": {**amounts, "currency_code": "GBP", "currency_minor_unit": decimals},
        "images": [{"id": 1, "src": "https://x.test/1.jpg"}], "categories": [{"name": "Caps"}],
        "attributes": [
            {"name": "Colour", "has_variations": True, "terms": [{"name": "Red"}, {"name": "Sky"}]},
            {"name": "Fabric", "has_variations": False, "terms": [{"name": "Wool"}]},
        ],
        **fields,
    }  # fmt: skip


def test_woocommerces_store_api(read):
    ranged = store_product(2)
    ranged["prices"]["price_range"] = {"min_amount": "1800", "max_amount": "2550"}
    products, report = read(
        [
            store_product(1), ranged, store_product(3, 0), store_product(4, "?"),
            store_product(5, is_in_stock=False), store_product(6, is_on_backorder=True),
        ],
        "woocommerce_json",
    )  # fmt: skip
    costs = [product.pricing_dollars for product in products if product.priced]
    assert costs == [(18.0,), (18.0, 25.5), (1800.0,), (18.0,)]
    assert [product.priced for product in products] == [True, True, True, False, True]
    (problem,) = report.problems
    assert (problem.line, problem.reason) == (4, "expected a number of decimals, got '?'")
    assert {product.currency for product in products} == {"GBP"}
    cap = products[0]
    assert (cap.options, cap.details) == ({"colour": ("red", "sky")}, {"fabric": "Wool"})
    assert (cap.image, cap.query) == ("https://x.test/1.jpg", "caps")
    assert products[-1].availability == "backorder"
    assert states(report) == {"5": "out of stock"}


def test_a_sale_of_a_member_that_has_ended_makes_no_set_cheaper(read):
    (pair, *others), _ = read(
        "ID,Type,SKU,Name,Published,In stock?,Date sale price ends,Sale price,Regular price,"
        "Grouped products\n"
        '1,grouped,P,Winter Pair,1,1,,,,"id:2, SCARF"\n2,simple,B,Beanie,1,1,2020-02-01,15,20,\n'
        "3,simple,SCARF,Scarf,1,1,2999-01-01,16,30,\n",
        "woocommerce",
    )
    assert [product.pricing_dollars for product in others] == [(20.0,), (16.0,)]
    assert pair.pricing_dollars == (16.0, 20.0)


def test_magentos_grouped_products_cost_what_their_members_do(read):
    (red, blue, pair, gifts), report = read(
        "sku,product_type,name,price,special_price,special_price_to_date,product_online,"
        "attribute_set_code,associated_skus\n"
        "A,simple,Red Mug,20,15,2020-02-01,1,Default,\n"
        "B,simple,Blue Mug,16,,,1,Default,\n"
        'G,grouped,Mugs,,,,1,Default,"A=0.0000,B=1.0000,GONE=0.0000"\n'
        'H,grouped,Gifts,0.0000,,,1,Default,"A=0.0000"\n',
        "magento",
    )
    assert [each.pricing_dollars for each in (red, blue)] == [(20.0,), (16.0,)]
    assert (pair.pricing_dollars, pair.variants) == ((16.0, 20.0), ())
    assert gifts.pricing_dollars == (20.0,)
    assert (report.problems, report.columns_not_used) == ([], ["attribute_set_code"])


@pytest.mark.parametrize(
    "entries",
    [
        '{"key"=>"Color", "value"=>"Black"}',
        '[{"key"=>"Color", "value"=>"Black"}]',
        '[{"key"=>"Color", "value"=>"Black"}, {"key"=>"Fit", "value"=>"Slim"}]',
    ],
)
def test_one_specification_of_a_product_is_as_good_as_a_list(read, entries):
    cell = f'{{"product_specification"=>{entries}}}'.replace('"', '""')
    (hat,), _ = read(
        f'uniq_id,product_name,retail_price,product_specifications\nh,Hat,9,"{cell}"\n', "plain"
    )
    assert hat.details == {"color": "Black", **({"fit": "Slim"} if "Fit" in entries else {})}


def test_the_name_of_an_object_is_no_pair(read):
    (hat,), _ = read(
        [{"id": "h", "title": "Hat", "price": 9, "details": {"maker": {"name": "Marlow"}}}], "plain"
    )
    assert list(hat.details) == ["maker"]


@pytest.mark.parametrize(
    "name",
    ["Artikelnr", "Artikelnr.", "Artikel-Nr.", "ArtikelNr", "Art.-Nr.", "Artikelnummer",
     "Artikel-Nummer", "Produktnr.", "Bestell-Nr.", "Bestellnummer", "Item No.", "Art. No."],
)  # fmt: skip
def test_abbreviated_numbers_of_articles_are_ids(read, name):
    (hat,), report = read(f"{name};Bezeichnung;Preis\nA-7;Hut;9,50\n", "plain")
    assert (hat.asin, hat.pricing_dollars) == ("A-7", (9.5,))
    assert (report.columns_not_used, report.derived["id"]) == ([], 0)
