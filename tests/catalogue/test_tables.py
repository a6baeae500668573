"""Tables of other shops: Google Merchant, Shopify, plain ones; what is broken is accounted for."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright.catalogue.articles import LONGEST_TITLE
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import MAXIMUM_ASIN_LENGTH, NO_PRICE_TAG, Product
from shopwright.catalogue.tables import read_table
from shopwright.errors import CatalogueError, InputError, MissingFileError

SHOPIFY = """\
Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Option1 Name,Option1 Value,Option2 Name,\
Option2 Value,Variant SKU,Variant Price,Image Src,Image Position
shirt,Linen Shirt,"<p>Of <b>washed linen</b>.</p><ul><li>Machine washable</li></ul>",Acme,\
Apparel > Shirts,Shirts,"summer, linen",Size,S,Color,White,1,49.00,https://x.test/1.jpg,1
shirt,,,,,,,,M,,White,2,49.00,,
shirt,,,,,,,,M,,Navy Blue,3,55.00,,
shirt,,,,,,,,,,,,,https://x.test/2.jpg,2
shirt,,,,,,,,M,,White,4,49.00,,
mug,"Stoneware Mug, 12 oz",Dishwasher safe.,,,,,Title,Default Title,,,5,"1,012.50",,
,Orphan,,,,,,,,,,,3,,
lost,,,,,,,,S,,,6,3,,
short,Short row
"""
GOOGLE = """\
id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tsale_price\t\
google_product_category\tproduct_type\tbrand\titem_group_id\tcolor\tsize\tmaterial
a1\tTrail Jacket - Red\tKeeps rain out.\tu\thttps://x.test/a.jpg\tin_stock\t\
79.99 USD\t\t2271\tClothing > Jackets\tPeak\tJACKET\tRed\tM\tNylon
a2\tTrail Jacket - Blue\tKeeps rain out.\tu\thttps://x.test/a.jpg\tin_stock\t\
89.99 USD\t69.99 USD\t2271\tClothing > Jackets\tPeak\tJACKET\tBlue\tL\tNylon
b1\tWool Socks\tWarm.\tu\thttps://x.test/b.jpg\tin_stock\t9,99 EUR\t\t\t\tPeak\t\t\t\t
b2\tCotton Socks\tCool.\tu\thttps://x.test/b.jpg\tin_stock\t9.99 USD\t\t\t\tPeak\t\t\t\t
b1\tWool Socks again\tWarm.\tu\thttps://x.test/b.jpg\tin_stock\t9.99 USD\t\t\t\t\t\t\t\t
"""


def read(
    tmp_path: Path, content: str | bytes, name: str = "table.csv", **mapping: str
) -> tuple[list[Product], ImportReport]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    report = ImportReport()
    products = read_table(path, report, mapping)
    account = report.products + report.rows_joined + report.rows_left_out
    assert report.rows == account + report.rows_without_content
    return products, report


def listed(report: ImportReport) -> list[tuple[int, str | None, str]]:
    return [(p.line, p.column, p.kind) for p in report.problems]


def test_a_shopify_export_needs_no_configuration(tmp_path):
    products, report = read(tmp_path, SHOPIFY)
    shirt, mug, orphan, short = products
    assert (orphan.asin, orphan.pricing_dollars) == ("ROW0000008", (3.0,))
    assert report.layout == "shopify"
    assert shirt.asin == "shirt"
    assert shirt.options == {"size": ("s", "m"), "color": ("white", "navy blue")}
    assert shirt.description == "Of washed linen.\nMachine washable"
    assert shirt.bullets[0] == "Machine washable"
    assert shirt.pricing_dollars == (49.0, 55.0)
    assert (shirt.query, shirt.category) == ("shirts", "apparel")
    assert shirt.product_category == "Apparel › Shirts"
    assert shirt.image == "https://x.test/1.jpg"
    assert mug.options == {}
    assert mug.pricing_dollars == (1012.5,)
    assert short.title == "Short row"
    assert (report.rows, report.rows_joined, report.rows_without_content) == (9, 2, 1)
    assert listed(report) == [
        (6, "Handle", "duplicate"),
        (9, "Title", "broken row"),
    ]
    assert report.missing["category"] == 3
    assert report.files[0].short_rows == 1


def test_a_merchant_feed_needs_no_configuration(tmp_path):
    products, report = read(tmp_path, GOOGLE, "feed.txt")
    jacket, wool, cotton = products
    assert report.layout == "google"
    assert jacket.asin == "JACKET"
    assert jacket.title == "Trail Jacket"
    assert jacket.options == {"color": ("red", "blue"), "size": ("m", "l")}
    assert jacket.pricing_dollars == (69.99, 79.99)
    assert jacket.price_tag == "$69.99 to $79.99"
    assert "Material: nylon" in jacket.bullets
    assert "Brand: Peak" in jacket.bullets
    assert jacket.query == "jackets"
    assert wool.price_tag == NO_PRICE_TAG  # In another currency than the rest.
    assert cotton.pricing_dollars == (9.99,)
    assert listed(report) == [(6, "id", "duplicate"), (4, "price", "currency")]
    assert report.missing == {"price": 1, "category": 2, "description": 0, "attributes": 3}


def test_newer_shopify_columns_are_recognised(tmp_path):
    (product,), report = read(
        tmp_path,
        "Title,URL handle,Description,Vendor,Product category,Type,Option1 name,Option1 value,SKU,"
        "Price,Product image URL\nMug,mug,<p>Hot</p>,A,Home > Mugs,Mug,Color,Red,X,12.00,u\n",
    )
    assert report.layout == "shopify"
    assert (product.asin, product.description, product.price_tag) == ("mug", "Hot", "$12.00")
    assert product.options == {"color": ("red",)}
    assert product.image == "u"


def test_columns_of_other_names_are_mapped(tmp_path):
    (product,), report = read(
        tmp_path,
        "Artikel;Bezeichnung;Kosten;Farbe\n7;Tasse;1.299,00 €;rot|blau\n",
        id="Artikel",
        title="Bezeichnung",
        price="Kosten",
        **{"option:farbe": "Farbe"},
    )
    assert (product.asin, product.title, product.pricing_dollars) == ("7", "Tasse", (1299.0,))
    assert product.price_tag == "€1299.00"
    assert product.options == {"farbe": ("rot", "blau")}
    assert report.columns["option:farbe"] == "Farbe"


def test_a_wrong_mapping_is_refused_with_advice(tmp_path):
    with pytest.raises(InputError, match=r"table.csv: --map title: .* got 'Name'; did you mean"):
        read(tmp_path, "Named,p\nx,1\n", title="Name")
    with pytest.raises(InputError, match="--map: expected a field .* got 'colour'"):
        read(tmp_path, "title\nx\n", colour="title")
    with pytest.raises(InputError, match="expected a column for the title, got 'a', 'b'"):
        read(tmp_path, "a,b\n1,2\n")


def test_json_lines_tables(tmp_path):
    lines = [
        {"id": 7, "title": "Mug", "price": 12.5, "options": {"Color": ["Red", "Blue"]}},
        {"id": "8", "title": "Cup", "price": "3", "bullets": ["Thin", "White"], "options": [1]},
        {"id": "9", "title": "Bowl", "price": None, "attributes": ["Lead free"]},
    ]
    content = b"\n".join(map(orjson.dumps, lines)) + b'\n{"id": \n[1]\n\n'
    (mug, cup, bowl), report = read(tmp_path, content, "products.jsonl")
    assert mug.asin == "7"
    assert mug.pricing_dollars == (12.5,)
    assert mug.options == {"color": ("red", "blue")}
    assert cup.bullets == ("Thin", "White")
    assert bowl.price_tag == NO_PRICE_TAG
    assert bowl.attributes == ("lead free",)
    assert bowl.instruction == "Find me lead free bowl"
    assert sorted((line, kind) for line, _, kind in listed(report)) == [
        (2, "bad value"),
        (4, "broken row"),
        (5, "broken row"),
    ]
    assert report.rows == 5


def test_parquet_tables(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table(
        {
            "id": [1, 2, 2],
            "title": ["Mug", "Cup", "Cup again"],
            "price": [12.5, float("nan"), 1.0],
            "bullets": [["Thin", "White"], None, []],
        }
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    products, report = read(tmp_path, (tmp_path / "t.parquet").read_bytes(), "u.parquet")
    assert [product.pricing_dollars for product in products] == [(12.5,), (100.0,)]
    assert products[0].bullets == ("Thin", "White")
    assert listed(report) == [(3, "id", "duplicate")]
    assert report.missing["price"] == 1


def test_an_unclosed_quote_loses_only_its_own_line(tmp_path):
    products, report = read(
        tmp_path, 'id,title\n1,"broken\n2,fine\n3,"two\nlines"\n4,"a"b\n5,last\n'
    )
    assert [product.title for product in products] == ["fine", "two lines", "last"]
    assert [line for line, _, _ in listed(report)] == [2, 6]


def test_bytes_other_than_utf8_are_read_as_windows_1252_and_reported(tmp_path):
    (product,), report = read(tmp_path, b"id,title\n1,Caf\xe9\n")
    assert product.title == "Café"
    assert (report.files[0].encoding, report.problems) == ("cp1252", [])
    (*_, product), report = read(tmp_path, b"id,title\n1,Th\xc3\xa9\n2,Caf\xe9\n")
    assert product.title == "Café"
    assert listed(report) == [(3, "title", "encoding")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_skipped(tmp_path, encoding):
    (product,), report = read(tmp_path, "id,title\n1,Café\n".encode(encoding))
    assert product.title == "Café"
    assert not report.problems


def test_missing_ids_are_made_from_line_numbers(tmp_path):
    products, report = read(tmp_path, "title\nMug\nCup\n")
    assert [product.asin for product in products] == ["ROW0000002", "ROW0000003"]
    assert report.derived["id"] == 2


def test_a_bad_price_is_reported_and_the_product_kept(tmp_path):
    (product,), report = read(tmp_path, "id,title,price\n1,Mug,ask us\n")
    assert product.price_tag == NO_PRICE_TAG
    assert listed(report) == [(2, "price", "bad value")]
    assert "got 'ask us'" in report.problems[0].reason


def test_strict_refuses_the_first_problem(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(SHOPIFY)
    with pytest.raises(CatalogueError, match=r"table.csv, line 6, column Handle"):
        read_table(path, ImportReport(strict=True))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected a header and rows, got an empty file"),
        ("id,title\n", "expected at least one product, got none of 0 rows"),
        (
            "id,title\nx,\n",
            "none of 1 rows; first: table.csv, line 2, column title: expected a title",
        ),
        (
            "Handle,Title,Option1 Name,Option1 Value,Price,Status,Published\n"
            "a,Mug,,,9,draft,true\nb,Cup,,,9,active,false\nc,Hat,,,9,active,true,x\n",
            "not for sale are 1 draft, 1 hidden; --include draft hidden takes them; 1 row left out "
            "as wrong; first: table.csv, line 4, column Published: expected 7 cells, got 8",
        ),
    ],
)
def test_tables_without_a_product_are_refused(tmp_path, content, message):
    with pytest.raises(CatalogueError, match=message):
        read(tmp_path, content)


def test_files_that_are_no_table_are_refused(tmp_path):
    with pytest.raises(MissingFileError, match="none.csv: expected a file, found none"):
        read_table(tmp_path / "none.csv", ImportReport())
    with pytest.raises(CatalogueError, match="expected a Parquet file"):
        read(tmp_path, "PAR1 not really", "x.parquet")
    with pytest.raises(CatalogueError, match="expected a list of JSON objects, got none"):
        read(tmp_path, "[1]\n", "x.jsonl")


@pytest.mark.parametrize("column", ["id", "item_group_id"])
def test_a_row_whose_identifier_is_too_long_is_left_out(tmp_path, column):
    other = "item_group_id" if column == "id" else "id"
    longest, longer = "x" * MAXIMUM_ASIN_LENGTH, "y" * (MAXIMUM_ASIN_LENGTH + 1)
    rows = f"{longest},a,Mug\n{longer},b,Cup\n"
    products, report = read(tmp_path, f"{column},{other},title\n{rows}")
    assert [product.title for product in products] == ["Mug"]
    assert listed(report) == [(3, column, "broken row")]
    assert f"at most {MAXIMUM_ASIN_LENGTH} characters" in report.problems[0].reason


CELLS = st.one_of(
    st.sampled_from(["", "Mug", "$5", "1.299,00 €", "red|blue", '{"a": [1]}', "[", "<b>x", "nan"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=7), max_size=8), st.booleans())
def test_every_row_is_accounted_for(tmp_path, rows, quoted):
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if quoted else text

    body = "\n".join(",".join(map(cell, row)) for row in rows)
    head = "id,title,description,price,options,color,item_group_id\n"
    # `read` checks the account.
    products, _ = read(tmp_path, f"{head}{body}\nlast,Last,,,,,\n")
    if quoted:
        assert "Last" in [product.title for product in products]


def test_a_title_that_is_too_long_is_cut_and_reported(tmp_path):
    title = "Soft blue lamp, " * 200
    (lamp,), report = read(tmp_path, f'id,title,price\n1,"{title}",10\n')
    assert lamp.title == title[:LONGEST_TITLE].strip()
    assert listed(report) == [(2, "title", "bad value")]
    assert report.problems[0].consequence == "title cut"


def test_a_stock_of_0_everywhere_is_ignored_and_said(tmp_path):
    products, report = read(tmp_path, "id,title,price,stock\n1,Lamp,10,0\n2,Mug,5,0\n")
    assert len(products) == 2
    assert "stock ignored: 0 of each of 2 products" in report.summary()
    _, report = read(tmp_path, "id,title,price,stock\n1,Lamp,10,0\n2,Mug,5,3\n")
    assert "stock" not in report.summary().replace("out of stock", "")


@pytest.mark.parametrize("names", ["msrp,our_price", "net_price,gross_price"])
def test_of_several_prices_the_one_that_is_paid_counts(tmp_path, names):
    (lamp,), _ = read(tmp_path, f"id,title,{names}\n1,Lamp,12,10\n")
    assert lamp.pricing_dollars == (10.0,)


def test_the_sku_of_a_product_with_one_article_is_kept(tmp_path: Path) -> None:
    (rug, cap, bag, mug), _ = read(
        tmp_path,
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Barcode\n"
        "rug,Rug,Title,Default Title,RG-1,40,4006381333931\n"
        "cap,Cap,Size,S,CP-S,9,\n"
        "bag,Bag,Title,Default Title,,9,\n"
        "mug,Mug,Title,Default Title,MUG,9,\n",
    )
    assert [(v.identifier, v.price_dollars, dict(v.options)) for v in rug.variants] == [
        ("RG-1", 40.0, {})
    ]
    assert (rug.barcode, rug.options) == ("4006381333931", {})
    assert [(v.identifier, dict(v.options)) for v in cap.variants] == [("CP-S", {"size": "s"})]
    assert bag.variants == ()
    assert [v.identifier for v in mug.variants] == ["MUG"]


def test_an_id_that_is_the_products_is_no_variants_number(tmp_path: Path) -> None:
    (mug, _), _ = read(tmp_path, "sku,name,price\nM-1,Mug,2\nM-2,Cup,3\n")
    assert (mug.asin, mug.variants) == ("M-1", ())


def test_variants_that_are_rows_have_pictures_of_their_own(tmp_path: Path) -> None:
    (vase, solo), _ = read(
        tmp_path,
        "id,title,item_group_id,color,price,image_link\n"
        "R,Vase,V,red,1,https://s.com/r.jpg\nB,Vase,V,blue,2,https://s.com/b.jpg\n"
        "S,Solo,,blue,2,https://s.com/s.jpg\n",
    )
    assert [v.image for v in vase.variants] == ["https://s.com/r.jpg", "https://s.com/b.jpg"]
    assert (vase.image, vase.images) == ("https://s.com/r.jpg", ("https://s.com/b.jpg",))
    assert (solo.image, solo.variants) == ("https://s.com/s.jpg", ())


def test_stock_counts_where_a_table_says_what_is_tracked(tmp_path: Path) -> None:
    header = "Handle,Title,Option1 Name,Option1 Value,Variant Inventory Tracker,"
    header += "Variant Inventory Qty,Variant Inventory Policy,Variant Price\n"
    tracked = "tee,Tee,Color,Red,shopify,0,deny,9\n"
    (tee,), _ = read(tmp_path, f"{header}{tracked}tee,,,Blue,,0,deny,9\n")
    assert [v.availability for v in tee.variants] == ["out of stock", ""]
    # Nothing could be bought there.
    (tee,), report = read(tmp_path, f"{header}{tracked}tee,,,Blue,shopify,0,deny,9\n")
    assert [v.availability for v in tee.variants] == ["", ""]
    assert report.stock_ignored == 1


def test_the_pictures_of_a_products_own_row_come_first(tmp_path: Path) -> None:
    (hat,), _ = read(
        tmp_path,
        "ID,Type,SKU,Name,Published,Regular price,Parent,Images,Attribute 1 name,"
        "Attribute 1 value(s)\n"
        "2,variation,H-R,Hat,1,9,H,https://s.com/red.jpg,Color,Red\n"
        "3,variation,H-B,Hat,1,9,H,https://s.com/blue.jpg,Color,Blue\n"
        '1,variable,H,Hat,1,,,https://s.com/main.jpg,Color,"Red, Blue"\n',
    )
    assert hat.image == "https://s.com/main.jpg"
    assert [v.image for v in hat.variants] == ["https://s.com/red.jpg", "https://s.com/blue.jpg"]


def test_the_picture_of_the_only_variant_is_the_products_where_it_has_none(tmp_path: Path) -> None:
    header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src,"
    (mug, pan), _ = read(
        tmp_path,
        f"{header}Variant Image\n"
        "mug,Mug,Size,S,MG-S,9,,https://s.com/own.jpg\n"
        "pan,Pan,Size,S,PN-S,9,https://s.com/main.jpg,https://s.com/own.jpg\n",
    )
    assert mug.image == "https://s.com/own.jpg"
    assert (pan.image, pan.variants[0].image) == ("https://s.com/main.jpg", "https://s.com/own.jpg")
