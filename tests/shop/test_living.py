"""A shop folder that changes while it is open: generations, other processes, compaction, kills."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from shopwright.catalogue.attributes import derive
from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import Product
from shopwright.errors import GoalError, InputError
from shopwright.locks import beside, locked
from shopwright.shop.changes import Change
from shopwright.shop.compact import compact_shop
from shopwright.shop.history import ancestors, origin_of, was_built_as
from shopwright.shop.living import LivingShop, ReplacedShop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.shop.writers import partial_of

PRODUCTS = list(generate_products(40, seed=3))


def built(folder: Path, products: Sequence[Product], **source: object) -> Shop:
    return build_shop(products, folder, source=source, tagger=WordTagger())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built(tmp_path / "shop", PRODUCTS[:30])
    return tmp_path / "shop"


def cheaper(product: Product) -> Product:
    return replace(
        product, pricing_dollars=(1.5,), price_dollars=1.5, price_tag="$1.50",
        title=f"{product.title} xyzzy",
    )  # fmt: skip


def content(folder: Path) -> dict[str, bytes]:
    """The files that the manifest lists, and the manifest."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {
        name: path.read_bytes()
        for name, path in files.items()
        if path.is_file() and not name.startswith(("history/", "changes.jsonl"))
    }


def neighbours(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir() if path.name.startswith("."))


def test_changes_show_at_once_and_in_the_next_opening(folder: Path) -> None:
    living = LivingShop.open(folder)
    before = living.shop
    gone, changed, new = PRODUCTS[0], cheaper(PRODUCTS[1]), PRODUCTS[35]
    shop = living.apply([Change(gone.asin), Change.put(changed), Change.put(new)], by="ann")
    for each in (shop, living.refresh(), Shop.open(folder)):
        assert each.catalogue.row_of(gone.asin) is None
        assert each.product(changed.asin).price_dollars == 1.5
        assert each.search("xyzzy")[0].asin == changed.asin
        assert new.asin in {hit.asin for hit in each.search(new.title)}
        assert gone.asin not in {hit.asin for hit in each.search(gone.title)}
        assert len(each.catalogue) == 30
        assert each.changes == 1
    # Who has an older shop keeps it.
    assert before.product(gone.asin).title == gone.title
    assert before.product(changed.asin).title == PRODUCTS[1].title
    assert before.search("xyzzy") == []
    with pytest.raises(GoalError, match="expected a product"):
        shop.product(gone.asin)


def test_pages_show_changes(folder: Path) -> None:
    from shopwright.shop.session import Session

    shop = LivingShop.open(folder).apply([Change.put(cheaper(PRODUCTS[1]))], by="ann")
    session = Session(shop, shop.goals[0])
    session.act("search[xyzzy]")
    assert "$1.50" in session.text()
    assert session.act(f"click[{PRODUCTS[1].asin.lower()}]") == (0.0, False)
    assert "xyzzy" in session.text()
    session.act("click[buy now]")
    assert session.state.reward is not None
    random_page = Session(shop, shop.goals[0])
    random_page.act("search[<r>]")
    assert len(random_page.state.rows) == 30


def test_another_process_is_followed(folder: Path) -> None:
    one, other = LivingShop.open(folder), LivingShop.open(folder)
    one.apply([Change(PRODUCTS[0].asin)], by="one")
    assert other.refresh().catalogue.row_of(PRODUCTS[0].asin) is None
    other.apply([Change(PRODUCTS[1].asin)], by="other")
    # Who writes has read before, whether it asked or not.
    one.apply([Change.put(PRODUCTS[0])], by="one")
    for each in (one.shop, other.refresh(), Shop.open(folder)):
        assert each.changes == 3
        assert each.catalogue.row_of(PRODUCTS[1].asin) is None
        assert [*each.catalogue][-1] == each.product(PRODUCTS[0].asin)


@pytest.mark.parametrize("kind", ["test", "table"])
def test_a_compacted_shop_is_a_fresh_build(folder: Path, tmp_path: Path, kind: str) -> None:
    living_products = {product.asin: product for product in PRODUCTS[:30]}
    if kind == "table":
        bare = [
            replace(p, attributes=(), instruction=None, instruction_attributes=(), brand="Acme")
            for p in PRODUCTS
        ]
        living_products = {product.asin: product for product in bare[:30]}
        built(folder, derive(bare[:30], brands={"Acme"}, seed=4)[0], kind="table", seed=4)
        changed, new = cheaper(bare[3]), bare[30:33]
    else:
        changed, new = cheaper(PRODUCTS[3]), PRODUCTS[30:33]
    living = LivingShop.open(folder)
    living.apply([Change.put(changed), *map(Change.put, new)], by="ann")
    living.apply([Change(PRODUCTS[4].asin), Change(new[1].asin)], by="ann")
    living_products |= {product.asin: product for product in (changed, *new)}
    del living_products[PRODUCTS[4].asin], living_products[new[1].asin]
    expected = [*living_products.values()]
    if kind == "table":
        expected, _ = derive(expected, brands={"Acme"}, seed=4)
    (folder / "import-report.json").write_text("{}")

    shop = compact_shop(folder)
    fresh = dict(living.base.manifest["source"])
    build_shop(expected, tmp_path / "fresh", source=fresh, tagger=WordTagger())
    assert content(folder).pop("import-report.json") == b"{}"
    (folder / "import-report.json").unlink()
    assert content(folder) == content(tmp_path / "fresh")
    assert shop.changes == 2
    assert (folder / "history" / "2.jsonl").is_file()
    assert neighbours(folder) == []
    assert compact_shop(folder).folder == folder  # Nothing to do.
    assert len(ancestors(folder)) == 1


def test_a_compacted_shop_is_followed_and_known_as_the_same(folder: Path) -> None:
    living = LivingShop.open(folder)
    first = living.base.manifest["files"]["catalogue/products.bin"]["sha256"]
    checksum = living._checksum
    living.apply([Change(PRODUCTS[0].asin)], by="ann")
    other = LivingShop.open(folder)
    for number in range(1, 4):
        compact_shop(folder)
        living.apply([Change(PRODUCTS[number].asin)], by="ann")
        assert other.refresh().catalogue.row_of(PRODUCTS[number].asin) is None
    assert not living.is_current()
    assert len(living.shop.catalogue) == len(Shop.open(folder).catalogue) == 26
    assert was_built_as(folder, checksum)
    current = Shop.open(folder).manifest["files"]["catalogue/products.bin"]["sha256"]
    assert origin_of(folder, current) == first
    assert [path.name for path in sorted((folder / "history").glob("*.jsonl"))] == [
        "1.jsonl", "2.jsonl", "3.jsonl",
    ]  # fmt: skip


def test_changes_during_a_compaction_stay(folder: Path) -> None:
    living = LivingShop.open(folder)
    living.apply([Change(PRODUCTS[0].asin)], by="ann")

    def meanwhile(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("merging", 1):
            living.apply([Change(PRODUCTS[1].asin)], by="bob")

    shop = compact_shop(folder, progress=meanwhile)
    assert shop.changes == 2
    assert len(shop.catalogue) == len(living.shop.catalogue) == 28
    assert shop.manifest["products"] == 29


def test_a_shop_that_is_built_anew_is_not_changed_by_who_knew_the_old_one(folder: Path) -> None:
    living = LivingShop.open(folder)
    living.apply([Change(PRODUCTS[0].asin)], by="ann")
    built(folder, PRODUCTS[5:9])
    assert len(living.refresh().catalogue) == 29
    with pytest.raises(ReplacedShop, match="got one that was built since"):
        living.apply([Change(PRODUCTS[1].asin)], by="ann")
    assert len(Shop.open(folder).catalogue) == 4


def test_readers_never_meet_half_a_folder(folder: Path) -> None:
    done = threading.Event()
    failures: list[Exception] = []
    readers = [threading.Thread(target=open_often, args=(folder, done, failures)) for _ in "ab"]
    for reader in readers:
        reader.start()
    try:
        living = LivingShop.open(folder)
        for number in range(2):
            living.apply([Change.put(replace(PRODUCTS[0], title=f"Title {number}"))], by="ann")
            compact_shop(folder)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert failures == []


def open_often(folder: Path, done: threading.Event, failures: list[Exception]) -> None:
    while not done.is_set():
        try:
            shop = Shop.open(folder)
            titles = [product.title for product in shop.catalogue]
            assert len(titles) == 30
            assert titles[1] == PRODUCTS[1].title
        except Exception as error:
            failures.append(error)


def test_one_writer_at_a_time(folder: Path) -> None:
    second = locked(folder, wait_seconds=0.02)
    with locked(folder), pytest.raises(InputError, match="no other process writes"), second:
        pass
    assert neighbours(folder) == []


def test_the_next_writer_removes_leftovers(folder: Path) -> None:
    (partial_of(folder, "compact") / "shop").mkdir(parents=True)
    (folder / ".changes.jsonl.new").touch()
    for kind in ("old", "new"):
        shutil.copytree(folder, beside(folder, kind))
    LivingShop.open(folder).apply([Change(PRODUCTS[0].asin)], by="ann")
    assert neighbours(folder) == []
    assert not list(folder.glob(".*"))


UPDATES = """
import sys
from dataclasses import replace
from shopwright.catalogue.generate import generate_products
from shopwright.shop.changes import Change
from shopwright.shop.living import LivingShop

products = list(generate_products(30, seed=3))
living = LivingShop.open(sys.argv[1])
number = living.shop.changes
while True:
    number += 1
    one, other = products[number % 15], products[15 + number % 15]
    versions = [Change.put(replace(p, title=f"Version {number}")) for p in (one, other)]
    living.apply(versions, by="test")
    print(number, flush=True)
"""
COMPACTIONS = """
import os, sys
from pathlib import Path
from shopwright.shop.compact import compact_shop
from shopwright.shop.nouns import WordTagger

print("go", flush=True)
compact_shop(Path(sys.argv[1]), tagger=WordTagger())
"""


def start(script: str, folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", script, str(folder)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ})


def kill_during_updates(folder: Path, chance: random.Random) -> int:
    """Kill a process that changes the shop, and return the last transaction it acknowledged."""
    process = start(UPDATES, folder)
    assert process.stdout is not None
    acknowledged = int(process.stdout.readline())
    time.sleep(chance.uniform(0, 0.1))
    process.send_signal(signal.SIGKILL)
    process.wait()
    rest = process.stdout.read().split()
    return max([acknowledged, *map(int, rest)])


def kill_during_compaction(folder: Path, chance: random.Random) -> None:
    process = start(COMPACTIONS, folder)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(chance.uniform(0, 0.12))
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize(
    "kills", [1, pytest.param(50, marks=pytest.mark.slow)], ids=["once", "50 times"]
)
def test_nothing_acknowledged_is_lost_by_a_kill(folder: Path, kills: int) -> None:
    chance = random.Random(8)
    for _ in range(kills):
        acknowledged = kill_during_updates(folder, chance)
        check_versions(folder, acknowledged)
        kill_during_compaction(folder, chance)
        check_versions(folder, acknowledged)
    compact_shop(folder, tagger=WordTagger())
    check_versions(folder, acknowledged)
    assert neighbours(folder) == []


def check_versions(folder: Path, acknowledged: int) -> None:
    shop = Shop.open(folder, verify=True)
    assert shop.changes >= acknowledged
    products = list(shop.catalogue)
    assert len(products) == 30
    for number in range(max(1, shop.changes - 14), shop.changes + 1):
        pair = (products[number % 15], products[15 + number % 15])
        assert [product.title for product in pair] == [f"Version {number}"] * 2
