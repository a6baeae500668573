"""`shop build --table` and `shop export --table`."""

from __future__ import annotations

import orjson
import pytest

from shopwright.shop.shop import Shop

TABLE = (
    "id,title,description,price\n"
    '1,Norvik Mug,"Lead free, hand painted.",$5\n'
    '2,Tallow Mug,"Dishwasher safe, lead free.",x\n'
    "1,C,,\n"
)


def test_a_table_becomes_a_shop_with_an_account_of_every_row(here, tmp_path, capsys):
    (tmp_path / "own.csv").write_text(TABLE)
    words = ("shop", "build", "--table", tmp_path / "own.csv", "--out", tmp_path / "shop")
    shown = orjson.loads(here(*words, "--json"))
    assert shown["products"] == 2
    source = {"kind": "table", "file": "own.csv", "layout": "plain", "seed": 0}
    assert shown["source"] == source
    report = orjson.loads((tmp_path / "shop" / "import-report.json").read_bytes())
    assert report["rows"] == 3
    assert [(p["file"], p["line"], p["column"], p["kind"]) for p in report["problems"]] == [
        ("own.csv", 4, "id", "duplicate"),
        ("own.csv", 3, "price", "bad value"),
    ]
    goals = Shop.open(tmp_path / "shop", verify=True).goals
    assert "lead free" in {name for goal in goals for name in goal.attributes}


def test_the_notes_say_what_was_wrong(tmp_path, capsys):
    from shopwright.cli import main

    (tmp_path / "own.csv").write_text(TABLE)
    words = ["shop", "build", "--table", str(tmp_path / "own.csv"), "--out", str(tmp_path / "s")]
    assert main(words) == 0
    output, errors = capsys.readouterr()
    assert "own.csv: 3 rows, 2 products, 1 row left out, 1 value left out" in errors
    assert "first problem: own.csv, line 4, column id: expected each id once" in errors
    assert "requests of their own" in output


def test_strict_refuses_and_writes_nothing(refused, tmp_path):
    (tmp_path / "own.csv").write_text(TABLE)
    words = ("shop", "build", "--table", tmp_path / "own.csv", "--out", tmp_path / "shop")
    line = refused(*words, "--strict")
    assert line.startswith("own.csv, line 4, column id: expected each id once, got '1'")
    assert [path.name for path in tmp_path.iterdir()] == ["own.csv"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_exported_shop_builds_the_same_shop(here, demo_shop, tmp_path, ending):
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    table = tmp_path / f"demo.{ending}"
    assert orjson.loads(here("shop", "export", demo_shop, "--table", table, "--json"))["products"]
    here("shop", "build", "--table", table, "--strict", "--out", tmp_path / "again")
    first, second = Shop.open(demo_shop).manifest, Shop.open(tmp_path / "again").manifest
    assert first["files"] == second["files"]
    assert first["goals"] == second["goals"]


def test_export_wants_one_shop(refused, demo_shop):
    assert "expected one shop folder, got none" in refused("shop", "export", "--table", "x.csv")


def test_layouts_are_listed(here):
    found = orjson.loads(here("shop", "layouts", "--json"))["layouts"]
    names = [layout["name"] for layout in found]
    assert {"shopify", "woocommerce", "google", "acp"} <= {*names}
    assert names[-1] == "plain"


def test_include_takes_known_states_only(refused, tmp_path):
    (tmp_path / "own.csv").write_text(TABLE)
    words = ("shop", "build", "--table", tmp_path / "own.csv", "--out", tmp_path / "shop")
    assert refused(*words, "--include", "sold").startswith("--include: expected draft, archived,")
