"""Shop folders: built whole or not at all, checked when opened."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shopwright.catalogue.product import Product
from shopwright.errors import CatalogueError, GoalError, InputError, MissingFileError, ShopError
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Hit, Shop, build_shop


@pytest.fixture
def folder(small_products: list[Product], tmp_path: Path) -> Path:
    """A shop folder of this test's own."""
    build_shop(small_products, tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger())
    return tmp_path / "shop"


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_rebuild_gives_the_same_bytes(folder: Path, small_products: list[Product]) -> None:
    before = content(folder)
    again = folder.with_name("again")
    build_shop(small_products, again, source={"kind": "test"}, tagger=WordTagger())
    assert content(again) == before
    build_shop(iter(small_products), folder, source={"kind": "test"}, tagger=WordTagger())
    assert content(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["again", "shop"]


def test_manifest(folder: Path) -> None:
    shop = Shop.open(folder)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert shop.manifest == manifest
    assert manifest["products"] == 5
    assert manifest["goals"] == 14
    assert manifest["human_goals"] == 1
    assert manifest["nouns"] == "words"
    assert manifest["source"] == {"kind": "test"}
    assert set(manifest["files"]) | {"manifest.json"} == set(content(folder))


def all_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]


def change_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("damage", "message"),
    [(change_a_byte, "sha256"), (cut, "bytes as built"), (Path.unlink, "found none")],
)
def test_a_damaged_file_is_named(
    damage: Callable[[Path], None], message: str, folder: Path
) -> None:
    files = all_files(folder)
    assert len(files) > 15
    for path in files:
        kept = path.read_bytes()
        if damage is not Path.unlink and not kept:
            continue
        damage(path)
        with pytest.raises(ShopError, match=message) as error:
            Shop.open(folder)
        assert str(error.value).startswith(f"{path}: expected")
        path.write_bytes(kept)
    Shop.open(folder, verify=True)


def test_large_files_are_checked_when_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.shop.manifest.CHECKED_BYTES", 100)
    path = folder / "catalogue" / "products.bin"
    path.write_bytes(path.read_bytes().replace(b"Desk Lamp", b"Dusk Lamp"))
    Shop.open(folder)
    with pytest.raises(ShopError, match=r"products.bin: expected the content as built"):
        Shop.open(folder, verify=True)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"version": 3}, ShopError, "field version: expected 5, got 3; build the shop again"),
        ({"version": None}, ShopError, "field version"),
        ({"format": "other"}, ShopError, "field format"),
        ({"files": []}, ShopError, "field files"),
        ({"files": {"catalogue/offsets.npy": 7}}, ShopError, "field files"),
        ({"files": {"../../x": {"bytes": 1, "sha256": ""}}}, ShopError, "another: '../../x'"),
    ],
)
def test_a_wrong_manifest(
    change: dict[str, object], kind: type[Exception], message: str, folder: Path
) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **change}))
    with pytest.raises(kind, match=message) as error:
        Shop.open(folder)
    assert str(folder.parent) in str(error.value)


def test_a_truncated_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ShopError, match=r"manifest.json, line \d+, column \d+: expected JSON"):
        Shop.open(folder)
    path.write_text("[]")
    with pytest.raises(ShopError, match="field format"):
        Shop.open(folder)


def test_no_folder_and_no_shop_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="nowhere: expected a shop folder, found nothing"):
        Shop.open(tmp_path / "nowhere")
    with pytest.raises(ShopError, match="found none"):
        Shop.open(tmp_path)


def failing(products: list[Product]) -> Iterator[Product]:
    yield from products
    raise RuntimeError("in the middle")


def test_a_failed_build_leaves_nothing(small_products: list[Product], tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="in the middle"):
        build_shop(failing(small_products), tmp_path / "shop", source={}, tagger=WordTagger())
    assert list(tmp_path.iterdir()) == []


def test_a_failed_build_leaves_the_older_shop(folder: Path, small_products: list[Product]) -> None:
    before = content(folder)
    with pytest.raises(RuntimeError, match="in the middle"):
        build_shop(failing(small_products), folder, source={}, tagger=WordTagger())
    assert content(folder) == before
    assert list(folder.parent.iterdir()) == [folder]


def test_a_build_replaces_only_a_shop(
    folder: Path, small_products: list[Product], tmp_path: Path
) -> None:
    opened = Shop.open(folder)
    build_shop(small_products[:1], folder, source={}, tagger=WordTagger())
    assert len(Shop.open(folder).catalogue) == 1
    assert opened.product("LAMP000001").title == "Desk Lamp with USB Port"  # Still whole.

    other = tmp_path / "documents"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="expected a new or empty folder or a shop"):
        build_shop(small_products, other, source={}, tagger=WordTagger())
    assert (other / "thesis.txt").exists()
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match="expected a new or empty folder or a shop"):
        build_shop(small_products, file, source={}, tagger=WordTagger())
    (tmp_path / "empty").mkdir()
    build_shop(small_products, tmp_path / "empty", source={}, tagger=WordTagger())


def test_products_that_cannot_be_stored(tmp_path: Path) -> None:
    twice = [Product(asin="A", title="one"), Product(asin="A", title="two")]
    with pytest.raises(CatalogueError, match="each asin once, got 'A' twice"):
        build_shop(twice, tmp_path / "shop", source={}, tagger=WordTagger())
    with pytest.raises(CatalogueError, match="at least one product"):
        build_shop([], tmp_path / "shop", source={}, tagger=WordTagger())
    surrogate = Product(asin="A", title="\ud800")
    with pytest.raises(CatalogueError, match="product 'A': expected texts of valid Unicode"):
        build_shop([surrogate], tmp_path / "shop", source={}, tagger=WordTagger())
    assert list(tmp_path.iterdir()) == []


def test_products_come_back_as_they_went_in(
    small_shop: Shop, small_products: list[Product]
) -> None:
    in_order = list(small_shop.catalogue)
    assert len(small_shop.catalogue) == len(in_order) == len(small_products)
    for row, product in enumerate(small_products):
        stored = small_shop.product(product.asin)
        low, high = product.pricing_dollars[0], product.pricing_dollars[-1]
        assert low <= stored.price_dollars <= high
        assert stored == replace(product, nouns=stored.nouns, price_dollars=stored.price_dollars)
        assert stored == small_shop.catalogue[row] == small_shop.catalogue[row - 5]
        assert in_order[row] == stored
        assert small_shop.catalogue.listing(row) == (
            product.asin, product.title, product.price_tag,
        )  # fmt: skip
        assert small_shop.catalogue.asin_of(row) == product.asin
        assert small_shop.catalogue.row_of(product.asin) == row
    with pytest.raises(IndexError, match="0 to 4, got 5"):
        small_shop.catalogue[5]


@pytest.mark.parametrize(
    "asin", ["", "NOSUCH", "LAMP00000", "LAMP0000011", "LAMP000001\0", "\ud800"]
)
def test_asins_that_are_not_there(asin: str, small_shop: Shop) -> None:
    assert small_shop.catalogue.row_of(asin) is None
    with pytest.raises(GoalError, match="asin: expected a product of"):
        small_shop.product(asin)


def test_search(small_shop: Shop) -> None:
    hits = small_shop.search("desk lamp", limit=3)
    assert [hit.asin for hit in hits] == ["LAMP000001"]
    assert isinstance(hits[0], Hit)
    assert hits[0].score > 0
    assert len(small_shop.search("shoes")) == 2
    assert len(small_shop.search("shoes", limit=1)) == 1
    assert small_shop.search("") == []
    with pytest.raises(InputError, match="limit: expected a number above 0, got 0"):
        small_shop.search("shoes", limit=0)


def test_reward_takes_the_products_price_unless_one_is_given(small_shop: Shop) -> None:
    goal = next(goal for goal in small_shop.goals if goal.asin == "SHOE000002")
    assert small_shop.reward(goal, "SHOE000002", {"color": "blue"}).total == 1.0
    dear = small_shop.reward(goal, "SHOE000002", {"color": "blue"}, price=goal.price_upper + 1)
    assert dear.total == pytest.approx(2 / 3)
    assert not dear.price


def test_shops_are_pickled_by_their_folder(small_shop: Shop) -> None:
    other = pickle.loads(pickle.dumps(small_shop))
    assert other.folder == small_shop.folder
    assert other.search("lamp") == small_shop.search("lamp")
    assert "5 products, 14 goals" in repr(other)


def test_what_is_kept_of_searches_stays_small(
    small_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.search.searchable_catalogue.CACHED_QUERIES", 3)
    small_shop.search_rows("lamp")
    kept = len(small_shop.catalogue._found)
    assert small_shop.search_rows("lamp " * 1000) == small_shop.search_rows("lamp")
    assert len(small_shop.catalogue._found) == kept
    for number in range(10):
        small_shop.search_rows(f"lamp {number}")
        assert len(small_shop.catalogue._found) <= 3
