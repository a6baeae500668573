"""`shop update`, `shop compact` and `shop info` of a changed shop."""

from __future__ import annotations

import orjson
import pytest

from shopwright.cli import main
from shopwright.errors import InputError

HEADER = "id,title,description,price,brand,product type,availability\n"
KITCHEN = "Kitchen > Mugs,in stock\n"
ROWS = {
    "A1": f"A1,Stone Mug,A lead free dishwasher safe mug of stoneware.,12.00 USD,Acme,{KITCHEN}",
    "A2": f"A2,Glass Mug,A lead free dishwasher safe mug of glass.,14.00 USD,Bolt,{KITCHEN}",
    "A3": f"A3,Steel Mug,A vacuum insulated mug with spill proof lid.,24.00 USD,Cora,{KITCHEN}",
    "A4": f"A4,Travel Mug,A vacuum insulated mug with spill proof lid.,22.00 USD,Dino,{KITCHEN}",
}
CHEAPER = ROWS["A3"].replace("24.00", "19.00")
NEW = f"A6,Camping Mug,An enamel mug that is lead free.,9.00 USD,Echo,{KITCHEN}"
SOLD_OUT = ROWS["A4"].replace("in stock", "out of stock")


@pytest.fixture
def shop(here, tmp_path):
    (tmp_path / "own.csv").write_text(HEADER + "".join(ROWS.values()))
    here("shop", "build", "--table", tmp_path / "own.csv", "--out", tmp_path / "shop", "--seed", 3)
    return tmp_path / "shop"


def update(here, shop, rows="", gone="", **flags):
    words = ["shop", "update", shop, "--json"]
    if rows:
        (shop.parent / "changes.csv").write_text(rows)
        words += ["--table", shop.parent / "changes.csv"]
    if gone:
        (shop.parent / "gone.txt").write_text(gone)
        words += ["--delete", shop.parent / "gone.txt"]
    for name, value in flags.items():
        words += [f"--{name}", value]
    return orjson.loads(here(*words))


def test_an_update_and_a_compaction_come_to_a_fresh_build(here, shop, tmp_path, monkeypatch):
    record = update(here, shop, HEADER + CHEAPER + ROWS["A2"] + NEW + SOLD_OUT, "A1\nX\n", by="ann")
    expected = {"new": 1, "changed": 1, "unchanged": 1, "removed": 2, "unknown": 1}
    assert expected.items() <= record.items()
    assert record["pending"] == {"new": 1, "changed": 1, "removed": 2}
    info = orjson.loads(here("shop", "info", shop, "--json"))
    assert info["pending"] == record["pending"]
    found = orjson.loads(
        here("recommend", "--shop", shop, "--agent", "rule", "enamel mug", "--json")
    )
    assert found["items"][0]["asin"] == "A6"
    assert {"A1", "A4"}.isdisjoint(item["asin"] for item in found["items"])
    assert b'"by":"ann"' in (shop / "changes.jsonl").read_bytes()

    said = []
    monkeypatch.setattr("shopwright.cli.command.note", said.append)
    evaluate = ("evaluate", "--shop", shop, "--agent", "rule", "--goals", "dev")
    here(*evaluate, "--protocol", "catalogue")
    assert "shop compact" in said.pop()

    here("shop", "compact", shop)
    here(*evaluate, "--protocol", "catalogue")
    assert not said
    # The file's name stands in the manifest.
    (tmp_path / "own.csv").write_text(HEADER + ROWS["A2"] + CHEAPER + NEW + SOLD_OUT)
    fresh = tmp_path / "fresh"
    here("shop", "build", "--table", tmp_path / "own.csv", "--out", fresh, "--seed", 3)
    assert contents(shop) == contents(fresh)
    assert update(here, shop, HEADER + NEW)["unchanged"] == 1


def contents(folder):
    names = orjson.loads((folder / "manifest.json").read_bytes())["files"]
    return {name: (folder / name).read_bytes() for name in [*names, "manifest.json"]}


def test_columns_that_the_table_lacks_stay_as_they_were(here, shop):
    from shopwright.shop.shop import Shop

    before = Shop.open(shop).product("A3")
    record = update(here, shop, "id,title,price\nA3,Steel Mug,$20\n")
    assert record["changed"] == 1
    after = Shop.open(shop).product("A3")
    assert (after.price_dollars, after.price_tag) == (20.0, "$20.00")
    for name in ("description", "bullets", "brand", "category", "query", "attributes", "derived"):
        assert getattr(after, name) == getattr(before, name)


def test_lists_of_prices_and_of_stock_need_no_titles(here, shop):
    from shopwright.shop.shop import Shop

    before = Shop.open(shop).product("A3")
    record = update(here, shop, "id,price\nA3,$20\nNEW,$5\n")
    assert (record["changed"], record["new"]) == (1, 0)
    after = Shop.open(shop).product("A3")
    assert (after.title, after.price_dollars) == (before.title, 20.0)
    assert (after.nouns, after.attributes) == (before.nouns, before.attributes)
    record = update(here, shop, "sku,stock\nA1,0\n")
    assert (record["changed"], record["removed"]) == (0, 1)
    record = update(here, shop, "sku,stock\nA2,7\nA3,0\n")
    assert (record["changed"], record["removed"]) == (1, 1)
    assert Shop.open(shop).product("A2").stock == 7


def test_a_list_sets_the_price_of_what_is_sold_out_too(here, shop):
    from shopwright.shop.shop import Shop

    header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
    update(here, shop, f"{header}tee,Tee,Size,S,T-S,19\ntee,,,M,T-M,21\n")
    assert update(here, shop, "sku,price,stock\nT-M,25,0\n")["changed"] == 1
    small, medium = Shop.open(shop).product("tee").variants
    assert (small.price_dollars, small.available) == (19.0, True)
    assert (medium.price_dollars, medium.available) == (25.0, False)


def test_a_list_finds_a_product_with_one_article_by_its_sku(here, shop):
    from shopwright.shop.shop import Shop

    header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
    update(here, shop, f"{header}rug,Rug,Title,Default Title,RG-1,40\n")
    assert update(here, shop, "sku,price\nrg-1,35\n")["changed"] == 1
    rug = Shop.open(shop).product("rug")
    assert (rug.pricing_dollars, rug.variants[0].price_dollars) == ((35.0,), 35.0)


def test_a_removed_product_comes_back_with_a_title_not_with_a_list(here, shop, monkeypatch):
    from shopwright.cli import update as verb
    from shopwright.shop.shop import Shop

    notes: list[str] = []
    monkeypatch.setattr(verb, "note", notes.append)
    before = Shop.open(shop).product("A1")
    update(here, shop, "sku,stock\nA1,0\n")
    record = update(here, shop, "sku,stock\nA1,5\n")
    assert (record["new"], record["changed"], record["unchanged"]) == (0, 0, 0)
    assert "'A1'; a new or removed one needs a title, too" in "\n".join(notes)
    assert update(here, shop, HEADER + ROWS["A1"])["new"] == 1
    after = Shop.open(shop).product("A1")
    assert (after.title, after.price_tag) == (before.title, before.price_tag)


def test_a_new_product_gets_the_phrases_that_the_shop_has(here, shop):
    from shopwright.shop.shop import Shop

    update(here, shop, HEADER + NEW)
    product = Shop.open(shop).product("A6")
    assert "lead free" in product.attributes
    assert product.derived == ("attributes",)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["update", "{shop}"], "expected --table or --delete, got neither"),
        (["update", "{shop}", "--delete", "{shop}/nowhere"], "nowhere: expected a file"),
        (["update", "{shop}/goals", "--delete", "x"], "expected a shop folder"),
        (["compact", "{shop}/nowhere"], "expected a shop folder, found nothing"),
        (["update", "{shop}", "--delete", "{shop}/manifest.json", "--by", "a\nb"], "by: expected"),
    ],
)
def test_bad_input_is_one_line(shop, capsys, words, message):
    from shopwright.cli import main

    assert main(["shop", *(word.format(shop=shop) for word in words)]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert message in error


def test_training_asks_for_a_compaction_first(here, shop, tmp_path):
    from shopwright.api import train

    update(here, shop, HEADER + NEW)
    with pytest.raises(InputError, match="1 new, 0 changed, 0 removed; take them in first"):
        train(shop, tmp_path / "run", method="imitation")


@pytest.fixture
def shop_of_variants(here, tmp_path):
    sizes = [("S", "10.00", 3), ("M", "10.00", 0), ("L", "12.00", 5)]
    rows = "".join(
        f"tee,Soft Tee,Size,{size},TEE-{size},400000000{n},{price},{stock}\n"
        for n, (size, price, stock) in enumerate(sizes)
    )
    names = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Barcode"
    table = f"{names},Variant Price,Variant Inventory Qty\n{rows}"
    (tmp_path / "own.csv").write_text(table)
    here("shop", "build", "--table", tmp_path / "own.csv", "--out", tmp_path / "shop")
    return tmp_path / "shop"


def test_a_list_by_skus_and_barcodes_addresses_variants(here, shop_of_variants, monkeypatch):
    from shopwright.cli import update as verb
    from shopwright.shop.shop import Shop

    notes: list[str] = []
    monkeypatch.setattr(verb, "note", notes.append)
    rows = "SKU,Price,Stock\ntee-s,8.50,0\n4000000001,10.00,7\nNOPE,1.00,1\n"
    record = update(here, shop_of_variants, rows)
    assert (record["changed"], record["new"], record["removed"]) == (1, 0, 0)
    product = Shop.open(shop_of_variants).product("tee")
    assert [(v.price_dollars, v.stock, v.availability) for v in product.variants] == [
        (8.5, 0, "out of stock"),
        (10.0, 7, "in stock"),
        (12.0, 5, ""),
    ]
    assert (product.stock, product.availability) == (12, "in stock")
    said = "\n".join(notes)
    assert "expected the id of a product or variant of the shop, got 'NOPE'" in said
    assert "goals stay those of the last build until `shop compact`" in said

    update(here, shop_of_variants, "SKU,Title,Price\nTEE-L,Soft Tee (L),15.00\n")
    product = Shop.open(shop_of_variants).product("tee")
    assert (product.price_tag, product.title) == ("$8.50 to $15.00", "Soft Tee")
    update(here, shop_of_variants, "SKU,Price,Stock\nTEE-S,18.00,1\n")
    product = Shop.open(shop_of_variants).product("tee")
    # Before anything is chosen a purchase costs what the first variant does, as after a build.
    assert (product.price_tag, product.price_dollars) == ("$10.00 to $18.00", 18.0)
    assert len(Shop.open(shop_of_variants).catalogue) == 1


def test_a_product_of_which_no_variant_is_left_goes(here, shop_of_variants):
    record = update(here, shop_of_variants, "SKU,Stock\nTEE-S,0\nTEE-L,0\n")
    assert (record["changed"], record["removed"]) == (0, 1)


def test_changes_of_prices_are_in_the_currency_of_the_shop(here, shop):
    euros = (HEADER + "".join(ROWS.values())).replace(" USD", "")
    (shop.parent / "own.csv").write_text(euros)
    build = ("shop", "build", "--table", shop.parent / "own.csv", "--out", shop)
    here(*build, "--currency", "EUR")
    assert update(here, shop, "id,price\nA1,9\n")["changed"] == 1
    exported = shop.parent / "own.jsonl"
    here("shop", "export", shop, "--table", exported)
    first = orjson.loads(exported.read_bytes().splitlines()[0])
    assert (first["currency"], first["pricing_dollars"]) == ("EUR", [9.0])


def test_changes_in_another_currency_are_refused(shop, tmp_path, capsys):
    changes = tmp_path / "changes.csv"
    changes.write_text("id,price\nA1,9.00 EUR\n")
    assert main(["shop", "update", str(shop), "--table", str(changes)]) == 2
    assert "expected prices in USD, as the shop has them, got EUR" in capsys.readouterr().err
