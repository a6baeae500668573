"""Exports that differ from what a platform usually writes, and what they must not be taken for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import Product
from shopwright.catalogue.tables import read_table
from shopwright.errors import InputError


@pytest.fixture
def read(tmp_path: Path):
    def read(content: str | list[Any] | dict[str, Any], **options: Any):
        is_text = isinstance(content, str)
        path = tmp_path / ("table.csv" if is_text else "table.json")
        path.write_bytes(content.encode() if is_text else orjson.dumps(content))
        report = ImportReport()
        return read_table(path, report, **options), report

    return read


def prices(product: Product) -> list[tuple[dict[str, str], float | None]]:
    return [(dict(variant.options), variant.price_dollars) for variant in product.variants]


def states(report: ImportReport) -> dict[str, str]:
    return {each.asin: each.state for each in report.not_for_sale}


def woocommerce(number: int, status: str, stock: str) -> dict[str, Any]:
    return {
        "id": number, "name": f"Mug {number}", "slug": f"mug-{number}", "type": "simple",
        "permalink": f"https://x.test/mug-{number}", "status": status, "sku": f"M-{number}",
        "regular_price": "10", "price": "9", "stock_status": stock,
        "categories": [{"id": 1, "name": "Mugs"}], "tags": [], "images": [],
        "attributes": [{"name": "Color", "options": ["Red", "Blue"]}],
    }  # fmt: skip


def test_woocommerce_json_is_not_taken_for_its_csv(read):
    (mug,), report = read(
        [
            woocommerce(1, "publish", "instock"),
            woocommerce(2, "draft", "instock"),
            woocommerce(3, "publish", "outofstock"),
        ]
    )
    assert report.layout == "woocommerce_json"
    assert (mug.pricing_dollars, mug.options) == ((9.0,), {"color": ("red", "blue")})
    assert states(report) == {"2": "draft", "3": "out of stock"}


def test_an_unlisted_product_is_hidden(read):
    _, report = read(
        "Handle,Title,Option1 Name,Option1 Value,Price,Status\n"
        "hat,Hat,Title,Default Title,7,Unlisted\ncup,Cup,Title,Default Title,7,Active\n"
    )
    assert states(report) == {"hat": "hidden"}


def test_a_forced_layout_is_refused_where_products_have_no_id_of_its_own(read):
    feed = "id,title,price,image_link,availability\na,Tee,10 USD,https://x.test/a.jpg,in stock\n"
    for layout, column in (("shopify", "handle"), ("wix", "handleId"), ("magento", "sku")):
        with pytest.raises(InputError, match=f"column for the id .*'{column}'.* {layout}"):
            read(feed, layout=layout)
    (tee,), _ = read(feed, layout="shopify", mapping={"id": "id"})
    assert tee.asin == "a"


def test_the_id_of_a_product_group_is_no_category(read):
    variant = {"@type": "Product", "offers": {"price": 10, "priceCurrency": "EUR"}}
    (coat,), _ = read(
        [
            {
                "@context": "https://schema.org", "@type": "ProductGroup", "name": "Rain Coat",
                "productGroupID": "44E01",
                "hasVariant": [{**variant, "sku": "S", "size": "S"}, {**variant, "size": "L"}],
            }
        ]
    )  # fmt: skip
    assert (coat.asin, coat.category, coat.product_category) == ("44E01", "", "")
    assert "44e01" not in coat.query


def test_variants_that_name_their_parent(read):
    tables = (
        "sku,parent_sku,name,color,price\nT-R,T,Tee Red,Red,10\nT-B,T,Tee Blue,Blue,12\n"
        "T,,Tee,,\nC,,Cup,,4\n",
        "id,sku,parent_sku,name,color,price\nT,S,,Tee,,\n2,S-R,S,Tee Red,Red,10\n"
        "3,S-B,S,Tee Blue,Blue,12\nC,S-C,,Cup,,4\n",
        "id,parent_id,name,color,price\nT,0,Tee,,10\n2,T,Tee,Red,10\n3,T,Tee,Blue,12\nC,0,Cup,,4\n",
        "item_sku,item_name,parent_child,parent_sku,color_name,standard_price\nT,Tee,parent,,,\n"
        "T-R,Tee Red,child,T,Red,10\nT-B,Tee Blue,child,T,Blue,12\nC,Cup,,,,4\n",
    )
    for table in tables:
        (tee, cup), report = read(table)
        assert (tee.asin, tee.title, cup.asin) == ("T", "Tee", "C"), table
        assert prices(tee) == [({"color": "red"}, 10.0), ({"color": "blue"}, 12.0)]
        assert (report.rows_joined, report.problems) == (2, [])


def test_what_is_sold_out_but_goes_on_selling_is_on_backorder(read):
    (tee,), _ = read(
        "Handle,Title,Option1 Name,Option1 Value,Price,Inventory tracker,Inventory quantity,"
        "Continue selling when out of stock\n"
        "tee,Tee,Size,S,5,shopify,0,CONTINUE\ntee,,,M,6,shopify,4,DENY\ntee,,,L,6,shopify,0,DENY\n"
    )
    assert [each.availability for each in tee.variants] == ["backorder", "", "out of stock"]


def test_of_several_offers_those_that_can_be_bought_have_the_price(read):
    offer = {"@type": "Offer", "priceCurrency": "EUR"}
    sold_out = {**offer, "price": "10.00", "availability": "https://schema.org/OutOfStock"}
    there = {**offer, "price": "12.00", "availability": "https://schema.org/InStock"}
    product = {"@context": "https://schema.org", "@type": "Product"}
    (coat,), report = read(
        [
            {**product, "name": "Coat", "sku": "c", "offers": [sold_out, there]},
            {**product, "name": "Hat", "sku": "h", "offers": [sold_out, sold_out]},
        ]
    )
    assert (coat.pricing_dollars, coat.currency) == ((12.0,), "EUR")
    assert coat.availability == "in stock"
    assert states(report) == {"h": "out of stock"}


def test_variants_without_their_product_and_products_without_their_variant_are_reported(read):
    (orphan, _), report = read(
        "ID,Type,SKU,Name,Published,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n"
        "3,variation,T-B,Tee - Blue,1,12,NOPE,Color,Blue\n4,simple,M,Mug,1,4,,,\n"
        "5,variation,T-R,Tee - Red,1,9,NOPE,Color,Red\n"
    )
    (problem,) = report.problems
    assert (problem.line, problem.column, problem.consequence) == (
        2,
        "Parent",
        "taken as the product '3'",
    )
    # All that name the same product are its variants, as they would be with its row.
    assert (orphan.asin, orphan.title, orphan.price_tag) == ("3", "Tee", "$9.00 to $12.00")
    assert prices(orphan) == [({"color": "blue"}, 12.0), ({"color": "red"}, 9.0)]
    assert "'NOPE'" in problem.reason
    (tee,), report = read(
        "sku,name,price,product_online,attribute_set_code,configurable_variations,qty\n"
        'T,Tee,,1,Default,"sku=T-R,color=Red|sku=T-B,color=Blue",0\nT-R,Tee Red,10,1,Default,,4\n'
    )
    assert prices(tee) == [({"color": "red"}, 10.0)]
    (problem,) = report.problems
    assert (problem.line, problem.consequence) == (2, "variant left out")
    assert "'t-b' of 'T'" in problem.reason


@pytest.mark.parametrize("edges", [True, False])
def test_connections_of_graphql_are_lists(read, edges):
    def connection(entries):
        return {"edges": [{"node": entry} for entry in entries]} if edges else {"nodes": entries}

    variants = [
        {
            "sku": f"T-{size}",
            "price": {"amount": price, "currencyCode": "EUR"},
            "selectedOptions": [{"name": "Size", "value": size}],
        }
        for size, price in (("S", "20.00"), ("L", "25.00"))
    ]
    tee = {
        "id": "gid://shop/Product/1",
        "handle": "tee",
        "title": "Norvik Tee",
        "descriptionHtml": "<p>Soft cotton.</p>",
        "images": connection([{"url": "https://shop.example/tee.jpg"}]),
        "variants": connection(variants),
    }
    (product,), report = read({"data": {"products": connection([tee])}})
    assert report.layout == "shopify_json"
    assert product.description == "Soft cotton."
    assert product.image == "https://shop.example/tee.jpg"
    assert product.currency == "EUR"
    assert [product.price_with({"size": size}) for size in ("s", "l")] == [20.0, 25.0]


def test_a_product_in_another_currency_is_reported_once(read):
    def mug(number, currency):
        price = {"amount": 1400, "currency": currency}
        variants = [
            {
                "id": f"{number}-{color}",
                "title": f"Mug, {color}",
                "price": price,
                "list_price": price,
                "variant_options": [{"name": "Color", "value": color}],
            }
            for color in ("red", "blue")
        ]
        return {"id": f"mug-{number}", "title": f"Mug {number}", "variants": variants}

    products, report = read([mug(1, "USD"), mug(2, "USD"), mug(3, "SEK")])
    assert report.layout == "acp"
    assert [product.priced for product in products] == [True, True, False]
    (problem,) = report.problems
    assert problem.reason == "expected USD as most prices have, got SEK"


def test_prestashops_products_and_combinations_have_other_marks_in_their_headers(tmp_path):
    (tmp_path / "products.csv").write_text(
        "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Reference #\n"
        "1;1;Oak Tray;Home,Trays;100;RP-1\n"
    )
    (tmp_path / "combinations.csv").write_text(
        "Product ID*;Attribute (Name:Type:Position)*;Value (Value:Position)*;Reference;"
        "Impact on price;Quantity\n"
        "1;Color:color:0, Size:select:1;Blue:0, Large:1;RP-1-A;50;10\n"
        "1;Color:color:0, Size:select:1;Red:0, Small:1;RP-1-B;0;10\n"
    )
    report = ImportReport()
    (tray,) = read_table([tmp_path / "products.csv", tmp_path / "combinations.csv"], report)
    assert report.layout == "prestashop"
    assert not report.problems
    assert prices(tray) == [
        ({"color": "blue", "size": "large"}, 150.0),
        ({"color": "red", "size": "small"}, 100.0),
    ]


def test_measures_of_zero_are_none(read):
    (tray,), report = read(
        "product_id,name(en-gb),categories,quantity,model,manufacturer,image_name,price,weight,"
        "length,width,height,status,sort_order,subtract\n"
        '28,Oak Tray,"20,24",9,Product 1,Norvik,a.jpg,100.0000,1.40,0,0.00,0,true,0,true\n'
    )
    assert report.layout == "opencart"
    assert tray.details == {"weight": "1.40"}


def test_variants_that_are_not_for_sale_are_counted(read):
    (tights,), report = read(
        "sku,product_type,name,product_online,visibility,price,qty,configurable_variations\n"
        "T-S,simple,Tights S,1,Not Visible Individually,10,3,\n"
        "T-M,simple,Tights M,2,Not Visible Individually,11,3,\n"
        'T,configurable,Tights,1,"Catalog, Search",,0,"sku=T-S,size=S|sku=T-M,size=M"\n'
    )
    assert tights.options == {"size": ("s",)}
    assert report.variants_not_for_sale == {"hidden": 1}
    assert "1 variant not for sale (1 hidden)" in report.summary()


def test_a_wix_stock_of_0_counts_beside_words(read):
    (scarf,), report = read(
        "handleId,fieldType,name,price,surcharge,inventory,productOptionName1,"
        "productOptionType1,productOptionDescription1\n"
        "p,Product,Scarf,60,,InStock,Size,DROP_DOWN,S;L\n"
        "p,Variant,,,0,InStock,,,S\np,Variant,,,5,0,,,L\n"
    )
    assert [variant.availability for variant in scarf.variants] == ["in stock", "out of stock"]
    assert not report.stock_ignored


def test_prestashop_features_of_the_newer_sample(read):
    (lamp,), _ = read(
        "Product ID;Active (0/1);Name *;Price tax included;Wholesale price;EAN13;"
        "Feature (Name:Value:Position:Customized)\n"
        "1;1;Lamp;20;10;;Material:Brass:1,Height:40 cm:2:1\n"
    )
    assert lamp.details == {"material": "Brass", "height": "40 cm"}


def google(identifier: str, size: str, *details: tuple[str, str]) -> dict[str, Any]:
    return {
        "id": identifier, "item_group_id": "tee", "title": "Norvik Tee", "size": size,
        "price": "20.00 EUR", "image_link": "https://x.test/a.jpg", "availability": "in stock",
        "product_detail": [{"attribute_name": n, "attribute_value": v} for n, v in details],
    }  # fmt: skip


def test_what_only_one_variant_details_is_no_choice(read):
    (tee,), _ = read([google("a", "S", ("Neckline", "round")), google("b", "M")])
    assert tee.options == {"size": ("s", "m")}
    assert tee.details == {"neckline": "round"}
    # Where nothing else tells variants apart, it does.
    (tee,), _ = read([google("a", "", ("Neckline", "round")), google("b", "")])
    assert tee.options == {"neckline": ("round",)}


def test_a_price_that_the_till_asks_for_is_none(read):
    (card, mug), report = read(
        "Token,Item Name,Variation Name,SKU,Description,Category,Price\n"
        "t1,Gift Card,Regular,G,,Gifts,variable\nt2,Mug,Regular,M,,Mugs,12.00\n"
    )
    assert report.layout == "square"
    assert (card.priced, mug.pricing_dollars, report.problems) == (False, (12.0,), [])


@pytest.mark.parametrize(
    "header",
    [
        "*Parent Unique ID,*Unique ID,*Product Name,Color,Size,*Quantity,*Price,*Shipping,"
        "*Main Image URL",
        "Parent SKU,SKU,Name,Color,Size,Inventory,Localized Price,Shipping,Main Image URL",
    ],
)
def test_wish(read, header):
    (tee, cap), report = read(
        f"{header}\nT,T-S,Norvik Tee,Red,S,4,12,3,https://x.test/a.jpg\n"
        "T,T-M,Norvik Tee,Red,M,0,14,3,https://x.test/b.jpg\nC,C,Norvik Cap,,,2,9,3,\n"
    )
    assert report.layout == "wish"
    assert (tee.asin, cap.asin, cap.pricing_dollars) == ("T", "C", (9.0,))
    assert [v.identifier for v in tee.variants] == ["T-S", "T-M"]
    assert [v.available for v in tee.variants] == [True, False]
    assert [v.price_dollars for v in tee.variants] == [12.0, 14.0]


def test_heureka(tmp_path: Path):
    def item(identifier: str, size: str, price: str) -> str:
        return (
            f"<SHOPITEM><ITEM_ID>{identifier}</ITEM_ID><PRODUCTNAME>Tričko Norvik</PRODUCTNAME>"
            f"<PRICE_VAT>{price}</PRICE_VAT><CATEGORYTEXT>Oblečení | Trička</CATEGORYTEXT>"
            "<PARAM><PARAM_NAME>Materiál</PARAM_NAME><VAL>bavlna</VAL></PARAM>"
            f"<PARAM><PARAM_NAME>Velikost</PARAM_NAME><VAL>{size}</VAL></PARAM>"
            "<ITEMGROUP_ID>T</ITEMGROUP_ID></SHOPITEM>"
        )

    path = tmp_path / "feed.xml"
    path.write_text(f"<SHOP>{item('1', 'S', '299')}{item('2', 'M', '319,50')}</SHOP>")
    report = ImportReport()
    (tee,) = read_table(path, report, currency="CZK")
    assert (report.layout, tee.query, tee.currency) == ("heureka", "trička", "CZK")
    assert prices(tee) == [({"velikost": "s"}, 299.0), ({"velikost": "m"}, 319.5)]
    assert tee.details == {"materiál": "bavlna"}


def test_a_product_that_says_nothing_of_being_published_is_for_sale(read):
    mug = {"title": "Mug", "body_html": "", "variants": [{"price": "9.00", "option1": "Red"}]}
    (kept, _), report = read(
        [
            {**mug, "handle": "a"},
            {**mug, "handle": "b", "published_at": "2026-01-01T10:00:00Z"},
            {**mug, "handle": "c", "published_at": None},
        ]
    )
    assert kept.asin == "a"
    assert states(report) == {"c": "hidden"}


def test_shopifys_unit_of_weight_is_no_detail(read):
    (mug,), _ = read(
        "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Grams,Variant Weight Unit,"
        "Weight value (grams),Weight unit for display\n"
        "mug,Mug,Title,Default Title,9,300,kg,300,kg\n"
    )
    assert mug.details == {}


def test_a_grouped_product_costs_what_its_members_do(read):
    (pair, tray, _), report = read(
        "ID,Type,SKU,Name,Published,In stock?,Sale price,Regular price,Grouped products\n"
        '1,grouped,P,Breakfast Pair,1,1,,,"id:2, M"\n2,simple,T,Tray,1,1,,20,\n'
        "3,simple,M,Mug,1,1,7,9,\n"
    )
    assert report.layout == "woocommerce"
    assert (pair.pricing_dollars, pair.variants) == ((7.0, 20.0), ())
    assert tray.pricing_dollars == (20.0,)


def test_etsys_list_of_skus_names_the_variants(read):
    header = (
        "TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,QUANTITY,VARIATION 1 NAME,VARIATION 1 VALUES,SKU"
    )
    (tee, mug), _ = read(
        f'{header}\nTee,,20,EUR,9,Size,"S,M","T-S,T-M"\nMug,,9,EUR,2,Color,"Red,Blue",M-1\n'
    )
    assert [(v.identifier, v.options) for v in tee.variants] == [
        ("T-S", {"size": "s"}),
        ("T-M", {"size": "m"}),
    ]
    assert (tee.asin, tee.stock, tee.price_with({"size": "m"})) == ("T-S", 9, 20.0)
    assert (mug.asin, mug.variants, mug.options) == ("M-1", (), {"color": ("red", "blue")})


def test_wixs_percentage_is_taken_off_the_surcharge_too(read):
    (tee,), _ = read(
        "handleId,fieldType,name,price,surcharge,discountMode,discountValue,inventory,"
        "productOptionName1,productOptionType1,productOptionDescription1\n"
        "t,Product,Tee,100,,PERCENT,10,InStock,Size,DROP_DOWN,S;M\n"
        "t,Variant,,,0,,,3,,,S\nt,Variant,,,20,,,3,,,M\n"
    )
    assert prices(tee) == [({"size": "s"}, 90.0), ({"size": "m"}, 108.0)]


def test_a_currency_that_nothing_names_is_said(read):
    for column, price, is_assumed in (("price", "9", True), ("price", "€9", False)):
        _, report = read(f"id,title,{column}\na,Mug,{price}\n")
        assert report.currency_assumed is is_assumed
    _, report = read("id,title,price_eur\na,Mug,9\n")
    assert not report.currency_assumed


@pytest.mark.parametrize("rounded", ["4.00638E+12", "5,01E+12", "4e+12"])
def test_a_barcode_that_a_spreadsheet_rounded_is_left_out(read, rounded):
    (mug, cup), report = read(f'id,title,price,gtin\na,Mug,9,"{rounded}"\nb,Cup,4,4006381333931\n')
    assert (mug.barcode, cup.barcode) == ("", "4006381333931")
    (problem,) = report.problems
    assert (problem.line, problem.column, problem.kind) == (2, "gtin", "bad value")
    assert problem.consequence == "barcode left out"
    assert problem.reason.startswith(f"expected a barcode, got '{rounded}'")


def test_a_rounded_barcode_of_a_nested_variant_is_left_out(read):
    variants = [
        {"sku": size, "option1": size, "price": "9.00", "barcode": barcode}
        for size, barcode in (("S", "4.00638E+12"), ("M", "4006381333931"))
    ]
    (tee,), report = read(
        [
            {
                "handle": "tee", "title": "Tee", "body_html": "", "variants": variants,
                "options": [{"name": "Size"}],
            }
        ]
    )  # fmt: skip
    assert [variant.barcode for variant in tee.variants] == ["", "4006381333931"]
    assert [problem.consequence for problem in report.problems] == ["barcode left out"]


@pytest.mark.parametrize("code", ["#fff", "#FFFFFF", "#ffffffff"])
def test_the_codes_of_bigcommerces_swatches_are_no_part_of_colours(read, code):
    newer = (
        "Item,ID,Name,SKU,Options,Price,Is Visible,Inventory Tracking\n"
        "Product,1,Tee,T,,20,TRUE,none\n"
        'Variant,2,,T-1,"Type=Swatch|Name=Color|Value=White[CODE]Type=Rectangles|Name=Size|'
        'Value=Big",20,,\n'
    )
    older = (
        "Item Type,Product ID,Product Name,Product Type,Product Code/SKU,Price,Product Visible?\n"
        'Product,1,Tee,P,T,20,Y\nSKU,2,"[RT]Size=Big,[CS]Color=White:CODE",,T-1,,\n'
    )
    for table, layout in ((newer, "bigcommerce_v3"), (older, "bigcommerce")):
        (tee,), report = read(table.replace("CODE", code))
        assert report.layout == layout
        assert tee.options == {"color": ("white",), "size": ("big",)}


def test_an_empty_description_of_the_commerce_protocol_is_none(read):
    price = {"amount": 900, "currency": "USD"}
    variant = {"id": "v", "title": "Mug", "description": {"plain": ""}, "price": price}
    mug = {**variant, "id": "m", "price_range": {"min": price, "max": price}}
    (mug,), report = read([{**mug, "variants": [variant]}])
    assert (report.layout, mug.description) == ("ucp", "")


@pytest.mark.parametrize("positions", [("3", "1", "2"), ("3.0", "1.0", "2.0"), ("", "1", "2")])
def test_pictures_stand_in_the_order_that_a_table_gives_them(read, positions):
    last, first, second = positions
    shopify = (
        "Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src,Image Position\n"
        f"mug,Mug,Title,Default Title,9,https://x.test/c.jpg,{last}\n"
        f"cup,Cup,Title,Default Title,9,https://x.test/z.jpg,{first}\n"
        f"mug,,,,,https://x.test/a.jpg,{first}\nmug,,,,,https://x.test/b.jpg,{second}\n"
    )
    bigcommerce = (
        "Item,ID,Name,SKU,Options,Price,Is Visible,Image URL (Import),Image Sort Order\n"
        f"Product,mug,Mug,M,,9,TRUE,,\nImage,,,,,,,https://x.test/c.jpg,{last}\n"
        f"Image,,,,,,,https://x.test/a.jpg,{first}\nImage,,,,,,,https://x.test/b.jpg,{second}\n"
    )
    for table, layout in ((shopify, "shopify"), (bigcommerce, "bigcommerce_v3")):
        (mug, *_), report = read(table)
        assert (report.layout, report.columns_not_used) == (layout, [])
        assert mug.image == "https://x.test/a.jpg"
        assert mug.images == ("https://x.test/b.jpg", "https://x.test/c.jpg")


def test_the_content_api_lists_sizes(read):
    def tee(number: str, **fields: Any) -> dict[str, Any]:
        return {
            "offerId": number, "title": "Norvik Tee", "color": "Red", "availability": "in stock",
            "imageLink": "https://x.test/a.jpg", "price": {"value": "20.00", "currency": "EUR"},
            **fields,
        }  # fmt: skip

    small, large = (tee(size, sizes=[size], itemGroupId="tee") for size in ("S", "L"))
    (grouped, alone), report = read([small, large, tee("X", sizes=["M"])])
    assert report.layout == "google"
    assert [each.options for each in grouped.variants] == [
        {"color": "red", "size": "s"},
        {"color": "red", "size": "l"},
    ]
    assert alone.options == {"color": ("red",), "size": ("m",)}
    assert report.columns_not_used == []
