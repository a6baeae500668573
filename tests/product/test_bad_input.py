"""Bad input: one clear line that names file, line and field; exit status 2; nothing written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

Refused = Callable[..., str]

ITEM: dict[str, Any] = {
    "asin": "SHOE000001",
    "name": "Red Running Shoes",
    "full_description": "Light shoes.",
    "pricing": "$20.00",
    "images": ["https://example.test/shoe.jpg"],
    "product_category": "Clothing › Shoes",
    "small_description": ["Mesh"],
    "customization_options": {"size": [{"value": "6"}]},
    "category": "fashion",
    "query": "running shoes",
}
ATTRIBUTES = {
    "SHOE000001": {
        "attributes": ["breathable"],
        "instruction": "Find me breathable shoes",
        "instruction_attributes": ["breathable"],
    }
}


def everything(folder: Path) -> list[str]:
    """All that lies below a folder, hidden and half-written files too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def build(refused: Refused, tmp_path: Path) -> Callable[..., str]:
    """Writes WebShop files, tries to build a shop of them, and returns the line of the refusal."""

    def build_from(items: object = None, attributes: object = None) -> str:
        for name, value in (("items", items), ("attributes", attributes)):
            content = value if isinstance(value, bytes) else orjson.dumps(value)
            if value is not None:
                (tmp_path / f"{name}.json").write_bytes(content)
        before = everything(tmp_path)
        line = refused(
            *("shop", "build", "--webshop-items", tmp_path / "items.json"),
            *("--webshop-attributes", tmp_path / "attributes.json", "--out", tmp_path / "shop"),
        )
        assert everything(tmp_path) == before
        return line.replace(str(tmp_path), "")

    return build_from


def item_lines(*items: dict[str, Any]) -> bytes:
    return b"[\n" + b",\n".join(map(orjson.dumps, items)) + b"\n]"


def test_a_good_file_is_built(done, tmp_path):
    (tmp_path / "items.json").write_bytes(item_lines(ITEM))
    (tmp_path / "attributes.json").write_bytes(orjson.dumps(ATTRIBUTES))
    process = done(
        *("shop", "build", "--webshop-items", tmp_path / "items.json", "--json"),
        *("--webshop-attributes", tmp_path / "attributes.json", "--out", tmp_path / "shop"),
    )
    assert orjson.loads(process.stdout)["products"] == 1


def test_a_missing_file(build):
    assert build() == "/items.json: expected a file, found none"


def test_a_truncated_file(build):
    line = build(item_lines(ITEM)[:60], ATTRIBUTES)
    assert line.startswith("/items.json, line 2, column ")


def test_a_product_without_a_name(build):
    nameless = {name: value for name, value in ITEM.items() if name != "name"}
    line = build(item_lines({**ITEM, "asin": "SHOE000000"}, nameless), ATTRIBUTES)
    assert line == "/items.json, line 3, product 2, field name: expected a text, got nothing"


@pytest.mark.parametrize("pricing", ["$twelve", "12.99", 12.99, "$1.2.3"])
def test_a_price_that_is_no_number(build, pricing):
    line = build(item_lines({**ITEM, "pricing": pricing}), ATTRIBUTES)
    assert line.startswith("/items.json, line 2, product 1, field pricing: expected ")
    assert line.endswith(f"got {pricing!r}")


def test_an_attribute_file_with_a_wrong_field(build):
    attributes = {"SHOE000001": {**ATTRIBUTES["SHOE000001"], "instruction_attributes": "soft"}}
    line = build(item_lines(ITEM), orjson.dumps(attributes, option=orjson.OPT_INDENT_2))
    assert line.startswith(
        "/attributes.json, line 2, product 1, field instruction_attributes: expected "
    )


def test_a_failed_build_leaves_the_older_shop_as_it_was(refused, demo_shop, tmp_path):
    shop = tmp_path / "shop"
    shutil.copytree(demo_shop, shop)
    items = tmp_path / "items.json"
    items.write_bytes(item_lines({**ITEM, "pricing": "$x"}))
    (tmp_path / "attributes.json").write_bytes(orjson.dumps(ATTRIBUTES))
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    refused(
        *("shop", "build", "--webshop-items", items, "--out", shop),
        *("--webshop-attributes", tmp_path / "attributes.json"),
    )
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before
    assert everything(tmp_path) == sorted(
        {"items.json", "attributes.json", "shop", *(f"shop/{name}" for name in everything(shop))}
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "expected --table, --demo or --webshop-items and --webshop-attributes, got none"),
        (["--demo", "--human-instructions", "x"], "got both"),
        (["--webshop-items", "x"], "--webshop-attributes: expected beside"),
        (["--webshop-attributes", "x"], "--webshop-items: expected beside"),
        (["--webshop-items", "x", "--products", "9"], "--products: expected only with --demo"),
        (["--table", "x.csv", "--map", "title=name"], "x.csv: expected a file, found none"),
        (["--table", "x.csv", "--demo"], "expected --table alone, got --demo"),
        (["--table", "x.csv", "--webshop-items", "x"], "--table alone, got --webshop-items"),
        (["--table", "x.csv", "--map", "title"], "--map: expected FIELD=COLUMN, got 'title'"),
        (["--table", "x.csv", "--map", "a=b", "a=c"], "--map: expected each field once"),
        (["--demo", "--map", "title=name"], "--map: expected only with --table"),
        (["--demo", "--strict"], "--strict: expected only with --table"),
    ],
)
def test_sources_that_do_not_go_together(refused, tmp_path, words, expected):
    assert expected in refused("shop", "build", *words, "--out", tmp_path / "shop")
    assert everything(tmp_path) == []


def test_a_folder_that_is_no_shop_is_not_overwritten(refused, tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    line = refused("shop", "build", "--demo", "--products", 5, "--out", tmp_path)
    assert str(tmp_path) in line
    assert everything(tmp_path) == ["letters.txt"]


@pytest.fixture
def copied_shop(demo_shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_shop, tmp_path / "copy"))


def test_a_shop_folder_that_is_none(refused, tmp_path):
    assert "expected a shop folder, found nothing" in refused("shop", "info", tmp_path / "none")
    assert "manifest.json" in refused("shop", "info", tmp_path)


def test_a_shop_folder_of_another_version(refused, copied_shop):
    path = copied_shop / "manifest.json"
    manifest = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps({**manifest, "version": manifest["version"] + 1}))
    line = refused("shop", "info", copied_shop)
    assert line.startswith(f"{path}, field version: expected {manifest['version']}, got ")


def test_a_shop_folder_with_a_changed_a_shorter_or_a_missing_file(refused, copied_shop):
    path = copied_shop / "goals" / "human.json"
    content = path.read_bytes()
    path.write_bytes(b" " + content[1:])
    assert refused("shop", "info", copied_shop).startswith(f"{path}: expected the content as built")
    path.write_bytes(content[:-1])
    line = refused("shop", "info", copied_shop)
    assert line.startswith(f"{path}: expected {len(content)} bytes")
    path.unlink()
    assert refused("shop", "info", copied_shop).startswith(f"{path}: expected a file of the shop")


def test_a_shop_folder_with_a_truncated_manifest(refused, copied_shop):
    path = copied_shop / "manifest.json"
    path.write_bytes(path.read_bytes()[:-20])
    assert refused("shop", "info", copied_shop).startswith(f"{path}, line ")


def evaluation(shop: Path, goals: object = "test", agent: object = "rule") -> list[object]:
    return [
        *("evaluate", "--shop", shop, "--goals", goals, "--agent", agent),
        *("--protocol", "catalogue", "--json"),
    ]


def test_an_unknown_agent(refused, demo_shop, tmp_path):
    line = refused(*evaluation(demo_shop, agent="clerk"))
    assert line.startswith(
        "agent: expected random, rule, rule-options, rule-page, explorer, browser, oracle"
    )
    assert line.endswith("got 'clerk'")
    assert str(tmp_path) in refused(*evaluation(demo_shop, agent=tmp_path))


def test_unknown_goals(refused, demo_shop):
    line = refused(*evaluation(demo_shop, goals="tset"))
    assert line.startswith("goals: expected test, dev, train, test-unseen, human")
    assert line.endswith("got 'tset'")
    assert "which has none" in refused(*evaluation(demo_shop, goals="train"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (b'{"asin": ', "column"),
        (b"[1]", "expected an object"),
        ({"asin": "NOWHERE"}, "field asin"),
        ({"asin": 7}, "field asin"),
        ({"instruction": "  "}, "field instruction"),
        ({"attributes": "soft"}, "field attributes"),
        ({"options": {"color": 3}}, "field options"),
        ({"options": [3]}, "field options"),
        ({"price_upper": "forty"}, "field price_upper"),
        ({"price_upper": -1}, "field price_upper"),
    ],
)
def test_a_goals_file_with_a_wrong_line(refused, demo_shop, goals_file, tmp_path, change, field):
    first, second, *_ = goals_file.read_bytes().splitlines()
    wrong = (
        change if isinstance(change, bytes) else orjson.dumps({**orjson.loads(second), **change})
    )
    path = tmp_path / "goals.jsonl"
    path.write_bytes(first + b"\n\n" + wrong + b"\n")
    line = refused(*evaluation(demo_shop, goals=path))
    assert line.startswith(f"{path}, line 3, {field}")


def test_an_empty_goals_file(refused, demo_shop, tmp_path):
    path = tmp_path / "goals.jsonl"
    path.write_bytes(b"\n")
    assert refused(*evaluation(demo_shop, goals=path)).startswith(f"{path}: expected at least one")


def generation(shop: Path, goals: object, out: Path, *words: object) -> list[object]:
    return [
        *("generate", "--shop", shop, "--agent", "oracle", "--goals", goals),
        *("--out", out, *words),
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--trajectories", "0"], "trajectories: expected a whole number of at least 1, got 0"),
        (["--trajectories", "many"], "argument --trajectories: expected a whole number"),
        (["--step-limit", "1"], "got no perfect rollout for "),
        (["--temper", "1"], "unrecognized arguments: --temper 1"),
    ],
)
def test_a_generation_that_cannot_be_leaves_nothing(
    refused, demo_shop, goals_file, tmp_path, words, expected
):
    line = refused(*generation(demo_shop, goals_file, tmp_path / "out.jsonl", *words))
    assert expected in line
    assert everything(tmp_path) == []


def test_a_trajectory_file_does_not_take_the_place_of_a_folder(
    refused, demo_shop, goals_file, tmp_path
):
    line = refused(*generation(demo_shop, goals_file, tmp_path))
    assert line == f"--out: expected a file, got the folder {tmp_path}"
    (tmp_path / "file").touch()
    line = refused(*generation(demo_shop, goals_file, tmp_path / "file" / "out.jsonl"))
    assert line.startswith("--out: expected a path below folders")


@pytest.mark.parametrize("request_text", ["", "   ", "\t\n"])
def test_an_empty_request(refused, demo_shop, request_text):
    line = refused("recommend", "--shop", demo_shop, "--agent", "rule", request_text)
    assert line.startswith("request: expected ")


@pytest.mark.parametrize("method", ["imitation", "dpo"])
def test_trajectories_that_cannot_be_read(refused, demo_shop, tmp_path, method):
    pytest.importorskip("torch")
    path = tmp_path / "trajectories.jsonl"
    start = ["--from", tmp_path / "start"] if method == "dpo" else []
    words = ["train", method, "--shop", demo_shop, "--trajectories", path, *start]
    out = ["--out", tmp_path / "run"]
    assert refused(*words, *out) == f"{path}: expected a file, found none"
    path.write_bytes(b'{"version": 1}\n')
    line = refused(*words, *out)
    assert line.startswith(f"{path}, line 1, field ")
    path.write_bytes(b"\n")
    assert refused(*words, *out) == f"{path}: expected at least one trajectory, got none"
    assert everything(tmp_path) == ["trajectories.jsonl"]
