"""What the columns of a table are, what is refused, and what is said of the rest."""

from __future__ import annotations

import pytest

from shopwright.catalogue.categories import paths_in
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.layouts.description import Categories, layouts, read_layout
from shopwright.catalogue.lookalikes import lookalikes
from shopwright.catalogue.names import bare, currency_in, normal
from shopwright.catalogue.recognition import recognise
from shopwright.catalogue.tables import read_table
from shopwright.errors import CatalogueError, InputError


def read(tmp_path, content, **options):
    (tmp_path / "table.csv").write_text(content, encoding="utf-8")
    report = ImportReport()
    return read_table(tmp_path / "table.csv", report, **options), report


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("g:itemGroupID", "item group id"),
        ("Option1 Name", "option 1 name"),
        ("Hosted Image URLs", "hosted image urls"),
        ("images[0].src", "images 0 src"),
        ("Is featured?", "is featured"),
    ],
)
def test_names_are_the_same_in_all_spellings(name, expected):
    assert normal(name) == expected


@pytest.mark.parametrize(
    ("name", "expected", "currency"),
    [
        ("title | en", "title", ""),
        ("Price incl. VAT (EUR)", "price", "EUR"),
        ("price_usd", "price", "USD"),
        ("Name_de", "name", ""),
        ("Preis in €", "preis", "€"),
    ],
)
def test_additions_to_names(name, expected, currency):
    assert bare(name) == expected
    assert currency_in(name) == currency


def test_additions_are_found_where_the_bare_name_is_not_there(tmp_path):
    (cup,), _ = read(tmp_path, "sku,title | en,title | de,price (EUR)\n1,Cup,Tasse,3.50\n")
    assert (cup.title, cup.pricing_dollars, cup.currency) == ("Cup", (3.5,), "EUR")


def test_a_recognised_table_without_a_needed_column_is_refused(tmp_path):
    stock = "Handle,Title,Option1 Name,Option1 Value,On hand\ncup,Cup,Title,Default Title,3\n"
    with pytest.raises(InputError, match="column for the price .* of the layout shopify"):
        read(tmp_path, stock)
    (cup,), _ = read(tmp_path, stock, layout="plain")
    assert cup.title == "Cup"
    with pytest.raises(InputError, match="--layout: expected one of acp, .*, got 'shop'"):
        read(tmp_path, stock, layout="shop")


def test_what_looks_like_more_is_said():
    samples = [
        {"Ware": "Tasse aus Ton", "Kosten": "12,90 €", "Glasur": "rot", "Nr": "1"},
        {"Ware": "Teller aus Holz", "Kosten": "22,90 €", "Glasur": "blau", "Nr": "2"},
        {"Ware": "Kanne aus Glas", "Kosten": "32,90 €", "Glasur": "rot", "Nr": "3"},
        {"Ware": "Topf aus Stahl", "Kosten": "42,90 €", "Glasur": "blau", "Nr": "4"},
        {"Ware": "Korb aus Weide", "Kosten": "9,90 €", "Glasur": "blau", "Nr": "5"},
    ]
    found = lookalikes(samples[0], samples, {"title", "price"})
    assert found == {"title": "Ware", "price": "Kosten", "option:glasur": "Glasur"}
    with pytest.raises(InputError, match=r"name it with --map title=Ware$"):
        recognise([*samples[0]], samples=samples)


def test_a_shop_of_which_nothing_is_for_sale_says_so(tmp_path):
    table = "id,title,price,status\n1,Cup,3,draft\n2,Mug,4,archived\n"
    with pytest.raises(CatalogueError, match="1 draft, 1 archived; --include draft archived"):
        read(tmp_path, table)
    products, report = read(tmp_path, table, include=["draft", "archived"])
    assert [product.availability for product in products] == ["draft", "archived"]
    assert report.rows_left_out == 0


def test_stock_that_nobody_counts_leaves_nothing_out(tmp_path):
    products, _ = read(tmp_path, "id,title,stock\n1,Cup,0\n2,Mug,0\n")
    assert len(products) == 2
    products, report = read(tmp_path, "id,title,stock\n1,Cup,0\n2,Mug,4\n")
    assert [product.title for product in products] == ["Mug"]
    assert [each.state for each in report.not_for_sale] == ["out of stock"]


def test_a_problem_of_a_price_is_reported_once(tmp_path):
    _, report = read(
        tmp_path,
        "id,title,item_group_id,color,price\n1,Cup,C,red,ask\n2,Cup,C,blue,3.00\n",
    )
    assert [(p.line, p.consequence) for p in report.problems] == [(2, "price left out")]
    assert "1 value left out" in report.summary()


def test_every_layout_describes_itself():
    for name, layout in layouts().items():
        record = layout.to_record()
        assert record["name"] == name
        assert record["title"]
        assert name in ("plain",) or layout.signature.all or layout.signature.any


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 1 1", "x.toml: expected the description of a layout"),
        ('name = "x"\ntitle = "X"\ncolour = 1', "expected no key colour"),
        ('name = "x"\ntitle = "X"\n[rows]\njoin = "luck"', "rows.join: expected one of .*'luck'"),
        (
            'name = "x"\ntitle = "X"\n[[states]]\ncolumns = ["s"]\nwords = { gone = ["g"] }',
            "states: expected .* got gone",
        ),
    ],
)
def test_a_wrong_description_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        read_layout("x.toml", text)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("Clothing > Coats > Rain, Sale", [["Clothing", "Coats", "Rain"], ["Sale"]]),
        ("Clothing, Shoes > Boots", [["Clothing, Shoes", "Boots"]]),
        (
            "Shoes, Shoes > Boots, Sale",
            [["Shoes", "Boots"], ["Shoes"], ["Sale"]],
        ),
        ("Home > Pots|Sale", [["Home", "Pots"], ["Sale"]]),
        ("Pots, Pans", [["Pots, Pans"]]),
        ("['Home', 'Pots']", [["Home", "Pots"]]),
        ('["Home >> Pots", "Sale"]', [["Home", "Pots"], ["Sale"]]),
        ("166", []),
        ("Uncategorized", []),
    ],
)
def test_several_paths_of_categories(text, paths):
    assert paths_in(text, Categories(), {"uncategorized"}) == paths


def test_rows_of_one_id_with_other_options_are_variants(tmp_path):
    (tee, cap), _ = read(tmp_path, "product_id,name,size,price\n1,Tee,S,10\n1,Tee,M,12\n2,Cap,,9\n")
    assert [(v.options, v.price_dollars, v.identifier) for v in tee.variants] == [
        ({"size": "s"}, 10.0, ""),
        ({"size": "m"}, 12.0, ""),
    ]
    assert cap.options == {}
