"""Shop folders after kills and power cuts at any moment of a build, an update or a compaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from power_cuts import Disk, put
from shopwright import workers
from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import Product
from shopwright.errors import MissingFileError
from shopwright.shop import build as build_module
from shopwright.shop.build import build_shop
from shopwright.shop.changes import Change
from shopwright.shop.compact import compact_shop
from shopwright.shop.living import LivingShop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop

PRODUCTS = list(generate_products(5, seed=4))


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "PART_PRODUCTS", 2)
    monkeypatch.setattr(workers, "can_fork", lambda: False)  # One process does it all.


def build(folder: Path, count: int) -> None:
    build_shop(PRODUCTS[:count], folder, source={}, tagger=WordTagger())


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def some(disk: Disk, step: int) -> list[tuple[int, dict[str, bytes | None]]]:
    """Every step-th state, and the last one."""
    chosen = sorted({*range(0, len(disk.states), step), len(disk.states) - 1})
    return [(number, disk.states[number][1]) for number in chosen]


@pytest.mark.parametrize(
    "step", [320, pytest.param(7, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_a_build_goes_on_to_the_same_bytes(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("disk", "whole"):
        build(tmp_path / name / "shop", 3)
    build(tmp_path / "whole" / "shop", 5)
    expected = content(tmp_path / "whole" / "shop")
    with monkeypatch.context() as watching:
        disk = Disk(tmp_path / "disk", watching)
        build(tmp_path / "disk" / "shop", 5)
    disk.close()
    found = set()
    for number, tree in some(disk, step):
        root = put(tree, tmp_path / str(number))
        found.add(len(Shop.open(root / "shop", verify=True).catalogue))
        build(root / "shop", 5)
        assert content(root / "shop") == expected, disk.states[number][0]
        assert hidden(root) == []
    assert found == {3, 5}


def test_a_zeroed_part_is_made_again(tmp_path: Path) -> None:
    def interrupted() -> Iterator[Product]:
        yield from PRODUCTS
        raise KeyboardInterrupt

    folder = tmp_path / "shop"
    with pytest.raises(KeyboardInterrupt):
        build_shop(interrupted(), folder, source={}, tagger=WordTagger())
    parts = sorted((tmp_path / ".shop.partial" / "parts").iterdir())
    for part, name in zip(parts, ("index/documents.npy", "part.json"), strict=True):
        (part / name).write_bytes(bytes((part / name).stat().st_size))
    build(folder, 5)
    build(tmp_path / "fresh", 5)
    assert content(folder) == content(tmp_path / "fresh")


@pytest.mark.parametrize(
    "step", [240, pytest.param(7, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_what_was_acknowledged_stays(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "disk" / "shop"
    build(folder, 5)
    with monkeypatch.context() as watching:
        disk = Disk(tmp_path / "disk", watching)
        living = LivingShop.open(folder)
        acknowledged = [0]  # After so many states.
        for title in ("One", "Two"):
            living.apply([Change.put(replace(PRODUCTS[0], title=title))], by="ann")
            acknowledged.append(len(disk.states))
        compact_shop(folder, tagger=WordTagger())
        living.apply([Change.put(replace(PRODUCTS[0], title="Three"))], by="ann")
    disk.close()
    for number, tree in some(disk, step):
        root = put(tree, tmp_path / str(number))
        shop = Shop.open(root / "shop", verify=True)
        assert shop.changes >= sum(number >= each for each in acknowledged) - 1
        title = shop.product(PRODUCTS[0].asin).title
        assert title == [PRODUCTS[0].title, "One", "Two", "Three"][shop.changes]
        again = LivingShop.open(root / "shop")
        again.apply([Change.put(replace(PRODUCTS[1], title="Other"))], by="ann")
        compact_shop(root / "shop", tagger=WordTagger())
        after = Shop.open(root / "shop", verify=True)
        assert after.product(PRODUCTS[0].asin).title == title
        assert after.product(PRODUCTS[1].asin).title == "Other"
        assert hidden(root) == []


def test_a_first_build_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    with monkeypatch.context() as watching:
        disk = Disk(tmp_path / "disk", watching)
        build(tmp_path / "disk" / "shop", 1)
    disk.close()
    for number, tree in some(disk, 60):
        root = put(tree, tmp_path / str(number))
        try:
            assert len(Shop.open(root / "shop", verify=True).catalogue) == 1
        except MissingFileError:
            assert number < len(disk.states) - 1
