"""CSV as shops, spreadsheets, databases and templates write it."""

from __future__ import annotations

import pytest

from shopwright.errors import CatalogueError, InputError

CUPS = [{"id": "1", "title": "Mug", "price": "4"}, {"id": "2", "title": "Cup", "price": "3"}]


@pytest.mark.parametrize(
    "content",
    [
        "id,title,price\n1,Mug,4\n2,Cup,3\n",
        "id;title;price\r\n1;Mug;4\r\n2;Cup;3\r\n",
        "id\ttitle\tprice\n1\tMug\t4\n2\tCup\t3",
        "id|title|price\n1|Mug|4\n2|Cup|3\n",
        "id\x01title\x01price\n1\x01Mug\x014\n2\x01Cup\x013\n",
        '"id","title","price"\n"1","Mug","4"\n"2","Cup","3"\n',
        "id,title,price\r1,Mug,4\r2,Cup,3\r",
        'id,title,price\r1,Mug,4\r"2",Cup,3\r\n',
        "\n\nid,title,price\n\n1,Mug,4\n,,\n2,Cup,3\n",
        "sep=;\nid;title;price\n1;Mug;4\n2;Cup;3\n",
        '\ufeff"sep=|"\nid|title|price\n1|Mug|4\n2|Cup|3\n',
        "sep=\t\nid\ttitle\tprice\n1\tMug\t4\n2\tCup\t3\n",
        ",id,title,price\n0,1,Mug,4\n1,2,Cup,3\n",
        "id,title,,price,\n1,Mug,x,4,\n2,Cup,y,3,\n",
        "Products of our shop\nof 3 May\n\nid,title,price\n1,Mug,4\n2,Cup,3\n",
        "Products,,\nid,title,price\n1,Mug,4\n2,Cup,3\n",
        "# Made by Feeds 2.0\n# 2 products\nid,title,price\n1,Mug,4\n2,Cup,3\n",
        "# Required | A number,# Required | Its name,# Optional | What it costs\n"
        "id,title,price\n1,Mug,4\n2,Cup,3\n",
        "#INFO,Version=1.0,Template=any\nid,title,price\n1,Mug,4\n2,Cup,3\n",
        "id,title,price\n1,M\0ug\0,4\n\0,,\n2,Cup,3\n",
        "id,title,price\n1,Mug,4,,\n2,Cup,3\n",
        '"1"\t"Mug"\t"4"'.join(['"id"\t"title"\t"price"\n', '\n"2"\t"Cup"\t"3"\n']),
    ],
)  # fmt: skip
def test_dialects(read, content):
    rows, report = read(content)
    assert rows == CUPS
    assert not report.problems


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("title | en,text | en | long,price\nMug | blue,A,1\nCup,B,2\n", ","),
        ("title;price\nMug, blue;1,50\nCup;2,50\n", ";"),
        ("title\ttags\nMug, of clay, blue\ta;b\nCup, thin, red\tc;d\n", "\t"),
        ("id,tags,title\n1,a;b;c;d,Mug\n2,e;f;g;h,Cup\n", ","),
        ("title\nMug\nCup\n", ","),
    ],
)
def test_the_delimiter_is_what_divides_the_rows_evenly(read, content, delimiter):
    rows, report = read(content)
    assert len(rows) == 2
    assert rows[0]["title" if "title" in rows[0] else "title | en"].startswith("Mug")
    assert report.files[0].delimiter == delimiter


def test_a_delimiter_can_be_named(read):
    rows, _ = read("title:price\nMug:4\n", delimiter=":")
    assert rows == [{"title": "Mug", "price": "4"}]
    rows, _ = read("title\tprice,net\nMug\t4\n", delimiter="tab")
    assert rows == [{"title": "Mug", "price,net": "4"}]
    with pytest.raises(InputError, match="--delimiter: expected one character or tab, got '::'"):
        read("title::price\n", delimiter="::")


def test_amazons_template_has_three_rows_above_its_products(read):
    rows, report = read(
        "TemplateType=fptcustom\tVersion=2021.1\tThe top 3 rows are for Amazon.com\tImages\t\n"
        "Seller SKU\tProduct Name\tBrand Name\tMain Image URL\tColor\n"
        "item_sku\titem_name\tbrand_name\tmain_image_url\tcolor_name\n"
        "A1\tMug\tAcme\thttps://x.test/1.jpg\tBlue\n"
    )
    assert rows == [
        {
            "item_sku": "A1", "item_name": "Mug", "brand_name": "Acme",
            "main_image_url": "https://x.test/1.jpg", "color_name": "Blue",
        }
    ]  # fmt: skip
    assert report.files[0].header_line == 3


def test_a_row_of_texts_below_the_header_is_no_header(read):
    rows, _ = read("code,name,text\nmug_one,Mug,Of clay\ncup_two,Cup,Of glass\n")
    assert [row["code"] for row in rows] == ["mug_one", "cup_two"]


def test_line_breaks_in_headers_and_cells(read):
    rows, report = read('id,"price\n(net)",title\n1,4,"Mug\r\nof clay"\n2,3,Cup\n')
    assert rows[0] == {"id": "1", "price (net)": "4", "title": "Mug\r\nof clay"}
    assert not report.problems


def test_columns_of_one_name(read):
    rows, _ = read("image,title,image,image\na,Mug,b,b\na,Cup,a,a\n,Jar,c,\n")
    assert rows == [
        {"image": "a", "title": "Mug", "image (2)": "b", "image (3)": ""},
        {"image": "a", "title": "Cup", "image (2)": "", "image (3)": ""},
        {"image": "c", "title": "Jar", "image (2)": "", "image (3)": ""},
    ]
    rows, _ = read("a,a (2),a\n1,2,3\n")
    assert sorted(rows[0].values()) == ["1", "2", "3"]


def test_backslashes_before_quotes_where_none_are_doubled(read):
    rows, report = read(
        'id,title,text\n1,"A \\"big\\" mug","C:\\\\mugs\\\\"\n2,Cup,"wide, \\"thin\\""\n'
    )
    assert [row["title"] for row in rows] == ['A "big" mug', "Cup"]
    assert [row["text"] for row in rows] == ["C:\\mugs\\", 'wide, "thin"']
    assert not report.problems
    rows, _ = read('id,title\n1,"A ""big"" mug\\"\n')
    assert rows == [{"id": "1", "title": 'A "big" mug\\'}]


def test_short_rows_end_in_empty_cells(read):
    rows, report = read("id,title,price,note\n1,Mug,4\n2,Cup\n")
    assert rows[1] == {"id": "2", "title": "Cup", "price": "", "note": ""}
    assert (report.files[0].short_rows, report.problems) == (2, [])


def test_long_rows_are_left_out_with_their_line(read):
    rows, report = read("id,title,price\n1,Mug, blue,4\n2,Cup,3\n")
    assert [row["id"] for row in rows] == ["2"]
    assert [(p.file, p.line, p.kind) for p in report.problems] == [("table", 2, "broken row")]
    assert report.problems[0].reason == "expected 3 cells, got 4"


def test_row_names_of_r_have_no_header(read):
    rows, _ = read("title,price\n1,Mug,4\n2,Cup,3\n")
    assert rows == [{"title": "Mug", "price": "4"}, {"title": "Cup", "price": "3"}]


def test_a_long_table_is_read_to_its_end(read):
    text = "".join(f"{n},Thing {n},{n % 90}.50\n" for n in range(20_000))
    rows, report = read(f"id,title,price\n{text}")
    assert len(rows) == report.rows == 20_000
    assert rows[-1] == {"id": "19999", "title": "Thing 19999", "price": "19.50"}


@pytest.mark.parametrize("content", ["", "\n \n", ",,,\n", "\0\0\0"])
def test_nothing_to_read_is_refused(read, content):
    with pytest.raises(CatalogueError, match="expected a header and rows, got an empty file"):
        read(content)


def test_cells_below_a_last_column_without_a_name_are_passed_over(read):
    rows, report = read("name,price,\nSofa,10,y\nChair,4,\nTable,5,x,z\n")
    assert rows == [{"name": "Sofa", "price": "10"}, {"name": "Chair", "price": "4"}]
    assert [problem.line for problem in report.problems] == [4]
