"""Products in shapes that no platform's layout names."""

from __future__ import annotations

import json

import pytest

from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.tables import read_table
from shopwright.catalogue.variants import common_title

MUG = {
    "id": "A",
    "title": "Red Mug",
    "variants": [
        {"sku": "a1", "price": "5.00", "options": {"size": "S"}},
        {"sku": "a2", "price": "7.00", "options": {"size": "L"}},
    ],
}


def read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return read_table(path, ImportReport())


@pytest.mark.parametrize("text", [json.dumps(MUG), json.dumps([MUG]), json.dumps({"data": [MUG]})])
def test_a_product_that_lists_its_variants_is_one_row(tmp_path, text):
    (mug,) = read(tmp_path, "shop.json", text)
    assert dict(mug.options) == {"size": ("s", "l")}
    assert [mug.price_with({"size": size}) for size in ("s", "l")] == [5.0, 7.0]


def test_several_paths_of_a_text_are_told_from_its_levels(tmp_path):
    cells = "id,title,category\nA,Red Mug,Home > Kitchen > Mugs|New\nB,Pan,Home | Kitchen\n"
    mug, pan = read(tmp_path, "shop.csv", cells)
    assert (mug.query, mug.product_category) == ("mugs", "Home › Kitchen › Mugs")
    assert pan.product_category == "Home › Kitchen"


def test_elements_within_an_element_are_the_levels_of_a_path(tmp_path):
    text = (
        '<products><product id="A"><name>Red Mug</name><price currency="EUR">5.00</price>'
        "<categories><category>Home</category><category>Mugs</category></categories></product>"
        '<product id="B"><name>Pan</name><price currency="EUR">6.00</price></product></products>'
    )
    mug, _ = read(tmp_path, "shop.xml", text)
    assert mug.product_category == "Home › Mugs"
    assert mug.shown_price == "€5.00"


def test_the_third_row_of_a_marketplace_template_is_its_header(tmp_path):
    text = (
        "TemplateType=fptcustom,Version=2026.1,The top 3 rows are for the marketplace only.,\n"
        "Seller SKU,Product Name,Brand Name,Standard Price\n"
        "item_sku,item_name,brand_name,standard_price\n"
        "A,Norvik Mug,Norvik,5.00\nB,Tallow Mug,Tallow,6.00\n"
    )
    products = read(tmp_path, "template.csv", text)
    assert [(each.asin, each.brand, each.shown_price) for each in products] == [
        ("A", "Norvik", "$5.00"),
        ("B", "Tallow", "$6.00"),
    ]


def test_bullets_in_numbered_columns_are_all_read(tmp_path):
    cells = (
        "id,title,bullet_point1,bullet_point2,feature_1\nA,Red Mug,Holds 0.3 l,Stays warm,Light\n"
    )
    (mug,) = read(tmp_path, "shop.csv", cells)
    assert mug.bullets == ("Holds 0.3 l", "Stays warm", "Light")


def test_words_for_nothing_are_no_values(tmp_path):
    cells = "id,title,description,size\nA,Red Mug,nan,None\nB,Pan,[],M\nC,Pot,None,L\n"
    products = read(tmp_path, "shop.csv", cells)
    assert [dict(each.options) for each in products] == [{}, {"size": ("m",)}, {"size": ("l",)}]
    assert [each.description for each in products] == ["", "", ""]


@pytest.mark.parametrize(
    ("cell", "rating"),
    [
        ("4.7 out of 5 stars", "4.7"),
        ("4.5/5", "4.5"),
        ("4,5", "4,5"),
        ("5 stars (12 reviews)", "5"),
        ({"rate": 3.9, "count": 120}, "3.9"),
        ("no reviews", "N.A."),
        ("120", "N.A."),
    ],
)
def test_ratings(tmp_path, cell, rating):
    text = json.dumps([{"id": "A", "title": "Red Mug", "rating": cell}])
    (mug,) = read(tmp_path, "shop.json", text)
    assert mug.rating == rating


@pytest.mark.parametrize(
    "header", ["title,Price (EUR),", "title,price_eur,", "titel,preis,währung", "titre,prix,devise"]
)
def test_the_currency_of_a_column(tmp_path, header):
    (mug,) = read(tmp_path, "shop.csv", f"id,{header}\nA,Red Mug,5.00,EUR\n")
    assert mug.shown_price == "€5.00"


def test_html_in_texts_vanishes(tmp_path):
    cells = "id,title,description\nA,<b>Sofa</b> &amp; chair<br>set,&lt;p&gt;Soft&lt;/p&gt;\n"
    (sofa,) = read(tmp_path, "shop.csv", cells)
    assert (sofa.title, sofa.description, sofa.query) == (
        "Sofa & chair set",
        "Soft",
        "sofa & chair set",
    )


@pytest.mark.parametrize("attribute", ["xml:lang", "lang"])
def test_of_a_text_in_several_languages_the_english_one_counts(tmp_path, attribute):
    def product(number, *names):
        texts = "".join(f'<name {attribute}="{code}">{name}</name>' for code, name in names)
        return f"<product><id>{number}</id>{texts}<price>5.00</price></product>"

    first = product(1, ("de", "Sofa DE"), ("en-GB", "Sofa"), ("fr", "Canapé"))
    second = product(2, ("de", "Stuhl"), ("fr", "Chaise"))
    sofa, chair = read(tmp_path, "shop.xml", f"<products>{first}{second}</products>")
    assert (sofa.title, chair.title) == ("Sofa", "Stuhl")


@pytest.mark.parametrize(
    "variant",
    [
        '<variant sku="{0}" color="{1}" price="{2}"/>',
        "<variant><sku>{0}</sku><color>{1}</color><price>{2}</price></variant>",
    ],
)
def test_elements_of_variants_are_no_products(tmp_path, variant):
    red, blue = variant.format("a1", "Red", "10"), variant.format("a2", "Blue", "12")
    text = (
        f'<catalog><product id="A"><name>Tee</name><variants>{red}{blue}</variants></product>'
        f'<product id="B"><name>Cup</name><variants>{red}</variants></product></catalog>'
    )
    tee, cup = read(tmp_path, "shop.xml", text)
    assert (tee.title, cup.title) == ("Tee", "Cup")
    assert [tee.price_with({"color": each}) for each in ("red", "blue")] == [10.0, 12.0]


@pytest.mark.parametrize(
    ("titles", "values", "title"),
    [
        (["Mug, Red", "Mug, Blue"], ["red", "blue"], "Mug"),
        (["Cup (Red)", "Cup (Blue)"], ["red", "blue"], "Cup"),
        (["Vase Red M", "Vase Blue L"], ["red", "blue", "m", "l"], "Vase"),
        (["Vase Red", "Vase of Steel"], ["red", "blue"], "Vase Red"),
        (["Trail Shoe Red", "Trail Shoe of Steel"], ["red"], "Trail Shoe"),
        (["Red", "Blue"], ["red", "blue"], "Red"),
    ],
)
def test_the_title_of_a_product_leaves_out_what_is_chosen(titles, values, title):
    assert common_title(titles, values) == title


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "id,title,price,description\nA,Scarf,1,\"['A long scarf.', 'Two metres.']\"\n"),
        (
            "t.jsonl",
            '{"id": "A", "title": "Scarf", "price": 1, '
            '"description": ["A long scarf.", "Two metres."]}\n',
        ),
    ],
)
def test_a_description_may_be_a_list(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    (scarf,) = read_table(tmp_path / name, ImportReport())
    assert scarf.description == "A long scarf.\nTwo metres."
