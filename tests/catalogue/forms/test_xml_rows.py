"""XML: feeds and other documents in which an element repeats."""

from __future__ import annotations

import pytest

pytest.importorskip("defusedxml")

from shopwright.errors import CatalogueError

RSS = """\
<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>Shop</title><link>https://x.test</link><description>All</description>
<item><title>Mug in the shop</title><g:title>Mug</g:title><g:id>1</g:id><link>https://x.test/1</link>
<g:additional_image_link>a</g:additional_image_link>
<g:additional_image_link>b</g:additional_image_link>
<g:shipping><g:country>DE</g:country><g:price>4 EUR</g:price></g:shipping>
<g:product_detail><g:attribute_name>Clay</g:attribute_name></g:product_detail>
<description><![CDATA[<b>Of</b> clay & glass]]></description></item>
<item><g:id>2</g:id><g:title>Cup</g:title><g:brand/></item>
</channel></rss>
"""
ATOM = """
  <feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Shop</title><link href="https://x.test" rel="self"/>
<entry><g:id>1</g:id><title type="html">Mug</title><link href="https://x.test/1"/>
<content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml">Of <b>clay</b></div></content></entry>
</feed>"""
YML = """<?xml version="1.0" encoding="windows-1251"?>
<yml_catalog date="2024-01-01"><shop><name>Лавка</name><url>https://x.test</url>
<categories><category id="1">Кружки</category>
<category id="2" parentId="1">Чашки</category></categories>
<offers><offer id="7" available="true"><price>499</price><name>Кружка</name>
<param name="Цвет">синий</param><param name="Объём" unit="мл">300</param></offer>
<offer id="8" available="false"><price currency="RUB">599</price><name>Чашка</name></offer></offers>
</shop></yml_catalog>"""


def test_googles_feed(read):
    rows, report = read(RSS)
    assert rows == [
        {
            "title": "Mug", "id": "1", "link": "https://x.test/1",
            "additional_image_link": ["a", "b"], "shipping": {"country": "DE", "price": "4 EUR"},
            "product_detail": {"attribute_name": "Clay"}, "description": "<b>Of</b> clay & glass",
        },
        {"id": "2", "title": "Cup", "brand": ""},
    ]  # fmt: skip
    assert report.files[0].rows_at == "rss/channel/item"


def test_an_atom_feed(read):
    rows, _ = read(ATOM)
    assert rows == [
        {
            "id": "1", "title": "Mug", "link": "https://x.test/1",
            "content": "<div>Of <b>clay</b></div>",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8", "utf-16"])
def test_a_document_of_another_kind(read, encoding):
    rows, report = read(YML.replace("windows-1251", encoding).encode(encoding))
    assert rows == [
        {
            "id": "7", "available": "true", "price": "499", "name": "Кружка",
            "param": [
                {"name": "Цвет", "value": "синий"},
                {"name": "Объём", "unit": "мл", "value": "300"},
            ],
        },
        {
            "id": "8", "available": "false", "name": "Чашка",
            "price": {"currency": "RUB", "value": "599"},
        },
    ]  # fmt: skip
    assert report.files[0].rows_at == "yml_catalog/shop/offers/offer"


def test_a_document_with_one_product(read):
    content = "<products><product sku='1'><name>Mug</name><price>4</price></product></products>"
    assert read(content)[0] == [{"sku": "1", "name": "Mug", "price": "4"}]


def test_attributes_alone(read):
    rows, _ = read('<list><row id="1" title="Mug"/><row id="2" title="Cup"/></list>')
    assert [row["title"] for row in rows] == ["Mug", "Cup"]


def test_a_long_feed_is_read_to_its_end(read):
    item = "<item><id>{}</id><title>Mug</title><text>" + "x" * 3000 + "</text></item>"
    items = "".join(map(item.format, range(3000)))
    rows, _ = read(f"<rss><channel>{items}</channel></rss>")
    assert [row["id"] for row in rows] == [str(n) for n in range(3000)]


ENTITIES = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{ENTITIES}<a><b><id>&b;</id></b></a>", "expected XML without declared entities"),
        (f"{EXTERNAL}<a><b><id>&b;</id></b></a>", "expected XML without declared entities"),
        ("<a><b><id>1</id></b>", "got the end of the file within an element; it is cut off"),
        ("<a><b><id>1</id></b><b", "it is cut off: copy or export it anew"),
        ("<a><b><id>1</i></b></a>", "mismatched tag: line 1, column 13; write it with an XML lib"),
        ("<a><b><id>&nbsp;</id></b></a>", "expected well-formed XML, got: undefined entity"),
        ("<a><b><i d>1</i d></b>" + "<b></b>" * 30_000 + "</a>", "well-formed XML, got: not well-"),
        ("<a>" * 100 + "</a>" * 100, "expected at most 64 elements in each other"),
        ("<a>text</a>", "expected elements of products, got none"),
    ],
)
def test_documents_that_are_refused(read, content, message):
    with pytest.raises(CatalogueError) as caught:
        read(content)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_doctype_without_entities_is_harmless(read):
    rows, _ = read('<!DOCTYPE a SYSTEM "x.dtd"><a><b><id>1</id><title>Mug</title></b></a>')
    assert rows == [{"id": "1", "title": "Mug"}]


def test_variants_that_stand_side_by_side_in_their_product(read):
    mug = (
        "<product><id>{0}</id><title>Mug</title>"
        "<variant><sku>{0}-r</sku><color>Red</color><price>4</price></variant>"
        "<variant><sku>{0}-b</sku><color>Blue</color><price>5</price></variant></product>"
    )
    rows, report = read(f"<shop>{mug.format(1)}{mug.format(2)}</shop>")
    assert report.files[0].rows_at == "shop/product"
    assert rows[1] == {
        "id": "2",
        "title": "Mug",
        "variants": [
            {"sku": "2-r", "color": "Red", "price": "4"},
            {"sku": "2-b", "color": "Blue", "price": "5"},
        ],
    }
