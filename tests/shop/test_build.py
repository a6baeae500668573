"""Builds in parts: the same bytes in one go, in many parts, and after a kill."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import Product
from shopwright.errors import CatalogueError, InputError
from shopwright.locks import locked
from shopwright.shop import build as build_module
from shopwright.shop.build import build_shop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.requests import MOST_COMBINATIONS
from shopwright.shop.shop import Shop

PRODUCTS = 57

# Builds the demo catalogue in parts of ten, and is killed at the 35th product.
KILLED_BUILD = """
import os, signal, sys
from shopwright.catalogue.generate import generate_products
from shopwright.shop import build
from shopwright.shop.nouns import WordTagger

def products():
    for number, product in enumerate(generate_products(57)):
        if number == 35:
            os.kill(os.getpid(), signal.SIGKILL)
        yield product

build.PART_PRODUCTS = 10
build.build_shop(products(), sys.argv[1], source={}, tagger=WordTagger(), processes=1)
"""


class CountingTagger(WordTagger):
    """Counts the titles that it is asked for."""

    def __init__(self) -> None:
        self.titles = 0

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        for title in titles:
            self.titles += 1
            yield from super().tag([title])


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the demo catalogue's shop, built in one part."""
    folder = tmp_path_factory.mktemp("whole") / "shop"
    build_shop(generate_products(PRODUCTS), folder, source={}, tagger=WordTagger())
    return content(folder)


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("part", [7, 19, 56, 57])
def test_parts_and_processes_leave_no_trace(
    part: int,
    processes: int,
    expected: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(build_module, "PART_PRODUCTS", part)
    told: list[tuple[str, int, int]] = []
    build_shop(
        generate_products(PRODUCTS),
        tmp_path / "shop",
        source={},
        tagger=WordTagger(),
        total=PRODUCTS,
        progress=lambda *progress: told.append(progress),
        processes=processes,
    )
    assert content(tmp_path / "shop") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
    assert told[0] == ("products", 0, PRODUCTS)
    assert ("products", min(part, PRODUCTS), PRODUCTS) in told
    assert told[-1] == ("merging", 4, 4)


def test_a_killed_build_goes_on(
    expected: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop"
    killed = subprocess.run([sys.executable, "-c", KILLED_BUILD, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not folder.exists()
    marks = sorted((tmp_path / ".shop.partial").glob("parts/*/part.json"))
    assert [mark.parent.name for mark in marks] == ["000000", "000001", "000002"]
    # Nor does a part count that was not finished, or a shop that was not.
    marks[2].unlink()
    (tmp_path / ".shop.partial" / "shop" / "index").mkdir(parents=True)
    (tmp_path / ".shop.partial" / "shop" / "index" / "half.npy").write_bytes(b"half")

    monkeypatch.setattr(build_module, "PART_PRODUCTS", 10)
    tagger = CountingTagger()
    build_shop(generate_products(PRODUCTS), folder, source={}, tagger=tagger, processes=1)
    assert content(folder) == expected
    titles = [product.title for product in generate_products(PRODUCTS)]
    assert tagger.titles == sum(len(set(titles[at : at + 10])) for at in range(20, 57, 10))
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_what_is_left_of_other_products_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "PART_PRODUCTS", 10)

    def interrupted() -> Iterator[Product]:
        yield from generate_products(25, seed=1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_shop(interrupted(), tmp_path / "shop", source={}, tagger=WordTagger(), processes=1)
    assert (tmp_path / ".shop.partial" / "parts" / "000001" / "part.json").is_file()
    fresh, resumed = tmp_path / "fresh", tmp_path / "shop"
    for folder in (fresh, resumed):
        build_shop(generate_products(30, seed=2), folder, source={}, tagger=WordTagger())
    assert content(resumed) == content(fresh)


def test_products_that_cannot_make_a_catalogue_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "PART_PRODUCTS", 2)
    products = [Product(asin=name, title="thing") for name in "ABCA"]
    with pytest.raises(CatalogueError, match="each asin once, got 'A' twice"):
        build_shop(products, tmp_path / "shop", source={}, tagger=WordTagger())
    assert list(tmp_path.iterdir()) == []


def test_two_builds_of_one_folder_are_refused(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "shop", to="build"),
        pytest.raises(InputError, match="expected that no other process builds it"),
    ):
        build_shop(generate_products(3), tmp_path / "shop", source={}, tagger=WordTagger())
    build_shop(generate_products(3), tmp_path / "shop", source={}, tagger=WordTagger())
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_product_of_countless_combinations(tmp_path: Path) -> None:
    options = {f"group {group}": tuple(map(str, range(20))) for group in range(12)}
    product = Product(
        asin="A", title="kit", options=options, instruction="Find me a kit",
        instruction_attributes=("red",),
    )  # fmt: skip
    shop = build_shop([product], tmp_path / "shop", source={}, tagger=WordTagger())
    assert len(shop.goals) == MOST_COMBINATIONS
    assert len({goal.instruction for goal in map(shop.goals.__getitem__, range(500))}) == 500


def test_a_copied_shop_is_the_same_shop(tmp_path: Path) -> None:
    build_shop(generate_products(5), tmp_path / "shop", source={}, tagger=WordTagger())
    shutil.copytree(tmp_path / "shop", tmp_path / "copy")
    assert list(Shop.open(tmp_path / "copy").catalogue) == list(
        Shop.open(tmp_path / "shop").catalogue
    )
