"""Shops of 1 to 1,243 products, of exports of many platforms: built, trained, evaluated, served.

    python benchmarks/small_shops.py [--out FOLDER] [--shops 25] [--least 1] [--fast] [--table]

Each catalogue is a part of the demo catalogue, with variants that have their own prices, and
written as one platform's export (tests/platform_exports.py). Everything is done by the command
line, in processes of their own, smallest shop first. Results are appended to FOLDER/results.jsonl
as they come; what stands there is not done again. ``--table`` only prints them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import product as combinations
from pathlib import Path
from typing import Any

from serving import REPOSITORY, Server
from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import Product
from shopwright.console import print_table

sys.path.insert(0, str(REPOSITORY / "tests"))

from platform_exports import EXPORTS, Article, Export, Item

MOST_PRODUCTS = 1_243
MOST_VALUES = 4
FAST = ("--scale", "0.1")
SPLITS = ("dev", "test", "test-unseen")
AGENTS = ("agent", "rule-page")
# What platforms divide lists with; the values of real shops hold them too, but seldom.
_DIVIDES = re.compile(r"[,|/;:=\[\]\\]")


def sizes(count: int) -> list[int]:
    """Return numbers of products from 1 to 1,243, evenly on a logarithmic scale, ascending."""
    steps = max(count - 1, 1)
    return [round(MOST_PRODUCTS ** (step / steps)) for step in range(count)]


def item_of(number: int, product: Product, export: Export, rng: random.Random) -> Item:
    """Return a product as an item that a platform's export can say."""
    names = [each.lower() for each in export.groups]
    groups = {
        name.capitalize(): [v for v in values if not _DIVIDES.search(v)][:MOST_VALUES]
        for name, values in product.options.items()
        if export.groups and (len(names) > 2 or name in names)
    }
    groups = dict([(name, values) for name, values in groups.items() if len(values) > 1][:2])
    cents = round(100 * product.pricing_dollars[0])
    articles = [
        Article(
            options=dict(zip(groups, chosen, strict=True)),
            price_cents=cents if export.one_price else cents + 150 * place,
            sku=f"SKU{number:04}-{place}",
            stock=rng.randint(1, 40),
        )
        for place, chosen in enumerate(combinations(*groups.values()))
    ]
    return Item(
        identifier=f"item-{number}",
        title=product.title,
        description=" ".join([product.description, *product.bullets]),
        brand=product.brand or "Own brand",
        path=tuple(part.replace(",", "") for part in product.product_category.split(" › ")),
        articles=tuple(articles),
    )


def catalogues(count: int) -> Iterator[tuple[str, Export, list[Item]]]:
    """Yield name, export and items of each shop."""
    for number, size in enumerate(sizes(count)):
        export = EXPORTS[number % len(EXPORTS)]
        rng = random.Random(number)
        products = generate_products(size, seed=number + 1)
        items = [item_of(place, each, export, rng) for place, each in enumerate(products)]
        yield f"{number:02}-{size}-{Path(export.name).stem}", export, items


def run(*words: str) -> tuple[dict[str, Any], float]:
    """Run a command; return what it says with ``--json``, and its seconds of processor time.

    Raises:
        RuntimeError: it fails; the message is its last line.
    """
    command = [sys.executable, "-m", "shopwright.cli", *words, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        said, complaint = process.communicate()
    if process.returncode:
        lines = complaint.decode().strip().splitlines() or ["no message"]
        raise RuntimeError(f"{' '.join(words[:2])}: {lines[-1]}")
    record: dict[str, Any] = json.loads(said)
    return record, _children_seconds()


def _children_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system


def measure(
    name: str, export: Export, items: list[Item], folder: Path, fast: bool
) -> dict[str, Any]:
    """Build, train, evaluate and serve a shop; return a record of what was reached."""
    table, shop, agent = folder / export.name, folder / "shop", folder / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    table.write_bytes(export.write(items))
    record: dict[str, Any] = {"shop": name, "platform": export.layout, "items": len(items)}
    try:
        run("shop", "build", "--table", str(table), "--out", str(shop))
        info, before = run("shop", "info", str(shop))
        record |= {"products": info["products"], "goals": info["splits"]}
        settings = ("--processes", "1", *(FAST if fast else ()))
        trained, after = run("train", "--shop", str(shop), "--out", str(agent), *settings)
        record |= {"train_seconds": after - before, "chosen": trained["chosen"]}
        for split in SPLITS:
            if record["goals"].get(split):
                record[split] = {
                    who: evaluation(shop, str(agent) if who == "agent" else who, split)
                    for who in AGENTS
                }
        record["served"] = serve_one(shop, agent, items[0].title, folder)
        record["outcome"] = "ok"
    except (RuntimeError, KeyError, SystemExit, subprocess.TimeoutExpired) as error:
        record["outcome"] = f"failed: {error}"
    return record


def evaluation(shop: Path, agent: str, split: str) -> dict[str, Any]:
    words = ("--agent", agent, "--goals", split, "--protocol", "catalogue")
    found, _ = run("evaluate", "--shop", str(shop), *words)
    return {each: found[each] for each in ("episodes", "success_rate", "success_interval")}


def serve_one(shop: Path, agent: Path, request: str, folder: Path) -> int:
    """Return how many items the service recommends for a request.

    Raises:
        RuntimeError: it does not answer, or with none.
    """
    server = Server(str(shop), str(agent), folder / "feedback.sqlite")
    try:
        status, _, answer = server.recommend(request)
    finally:
        server.end()
    if status != 200 or not answer["items"]:
        raise RuntimeError(f"serve: expected recommendations, got {status} {answer!s:.200}")
    return len(answer["items"])


def show(records: list[Mapping[str, Any]]) -> None:
    rows = []
    for record in records:
        goals = record.get("goals", {})
        rows.append(
            [
                record["shop"],
                f"{record.get('products', 0):,}",
                " / ".join(str(goals.get(split, 0)) for split in ("train", *SPLITS)),
                f"{record.get('train_seconds', 0):.0f}",
                *(_shown(record.get(split, {}).get(who)) for split in SPLITS[:2] for who in AGENTS),
                record["outcome"],
            ]
        )
    print_table(
        "Small shops: success % (95 %), catalogue protocol",
        (
            "shop", "products", "train / dev / test / unseen", "train, processor s",
            "dev: agent", "dev: rule-page", "test: agent", "test: rule-page", "outcome",
        ),
        rows,
    )  # fmt: skip


def _shown(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    low, high = found["success_interval"]
    return f"{found['success_rate']:.0f} ({low:.0f} to {high:.0f})"


def main() -> None:
    """Read the command line, measure what is missing, and print all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / "benchmarks/results/small_shops")
    parser.add_argument("--shops", type=int, default=25)
    parser.add_argument("--least", type=int, default=1, help="leave out shops of fewer products")
    parser.add_argument("--fast", action="store_true", help="a tenth of the training")
    parser.add_argument("--table", action="store_true", help="only print the results")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results = arguments.out / "results.jsonl"
    lines = results.read_text().splitlines() if results.is_file() else []
    records = [json.loads(line) for line in lines]
    done = {record["shop"] for record in records}
    for name, export, items in () if arguments.table else catalogues(arguments.shops):
        if name in done or len(items) < arguments.least:
            continue
        records.append(measure(name, export, items, arguments.out / name, arguments.fast))
        with results.open("a") as file:
            file.write(json.dumps(records[-1]) + "\n")
    show(records)


if __name__ == "__main__":
    main()
