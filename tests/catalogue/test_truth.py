"""Yes and no in the languages of spreadsheets."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.tables import read_table
from shopwright.catalogue.truth import is_no, known_as

LANGUAGES = [
    ("WAHR", "FALSCH"), ("VRAI", "FAUX"), ("VERDADERO", "FALSO"), ("VERO", "FALSO"),
    ("WAAR", "ONWAAR"), ("VERDADEIRO", "FALSO"), ("PRAWDA", "FAŁSZ"), ("SANT", "FALSKT"),
    ("ja", "Nein"), ("Oui", "non"), ("Sí", "No"), ("si", "no"), ("Ja", "Nee"), ("sim", "Não"),
    ("1", "0"), ("yes", "no"), ("Y", "N"), ("TRUE", "FALSE"),
]  # fmt: skip


@pytest.fixture
def sold(tmp_path: Path):
    def sold(text: str, layout: str) -> tuple[list[str], dict[str, str]]:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        report = ImportReport()
        products = read_table(path, report)
        assert report.layout == layout
        return [each.asin for each in products], {e.asin: e.state for e in report.not_for_sale}

    return sold


@pytest.mark.parametrize(("yes", "no"), LANGUAGES)
def test_a_hidden_product_of_shopify_is_hidden_in_each_language(sold, yes, no):
    table = (
        "Handle,Title,Option1 Name,Option1 Value,Variant Price,Published,Inventory tracker,"
        "Inventory quantity,Continue selling when out of stock\n"
        f"a,Hat,Title,Default Title,9,{yes},shopify,2,{no}\n"
        f"b,Cap,Title,Default Title,9,{no},shopify,2,{no}\n"
        f"c,Mug,Title,Default Title,9,{yes},shopify,0,{yes}\n"
        f"d,Cup,Title,Default Title,9,{yes},shopify,0,{no}\n"
    )
    assert sold(table, "shopify") == (["a", "c"], {"b": "hidden", "d": "out of stock"})


@pytest.mark.parametrize(("yes", "no"), LANGUAGES)
def test_columns_of_plain_tables_say_yes_and_no_in_each_language(sold, yes, no):
    table = (
        "id,title,price,published,in_stock,archived\n"
        f"a,Hat,9,{yes},{yes},{no}\nb,Cap,9,{no},{yes},{no}\n"
        f"c,Mug,9,{yes},{no},{no}\nd,Cup,9,{yes},{yes},{yes}\n"
    )
    assert sold(table, "plain") == (
        ["a"], {"b": "hidden", "c": "out of stock", "d": "archived"},
    )  # fmt: skip


@pytest.mark.parametrize("word", ["FALSCH", "FALSE", "nein"])
def test_platforms_that_write_0_mean_no(sold, word):
    table = (
        "ID,Type,SKU,Name,Published,In stock?,Regular price\n"
        f"1,simple,A,Hat,1,1,9\n2,simple,B,Cap,{word},1,9\n3,simple,C,Cup,1,{word},9\n"
    )
    assert sold(table, "woocommerce") == (["1"], {"2": "hidden", "3": "out of stock"})


def test_a_word_is_first_what_it_is_itself():
    assert [*known_as("no", {"no", "false"})] == ["no"]
    assert [*known_as("", {"", "false"})] == [""]
    assert [*known_as("sold out", {"false"})] == []
    assert is_no("falsch")
    assert not is_no("")
    assert not is_no("wahr")
