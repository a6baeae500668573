"""`shop build`, `shop info` and `shop export`."""

from __future__ import annotations

import gc
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from shopwright.catalogue.product import Product
from shopwright.cli.command import (
    UNUSED_SEED,
    Argument,
    Command,
    number,
    path,
    switch,
)
from shopwright.cli.table import ARGUMENTS, TABLE_ONLY, read_products, tell
from shopwright.console import Stages, note, print_line
from shopwright.errors import InputError
from shopwright.shop.certainty import certainty, in_words
from shopwright.shop.goals import SPLITS
from shopwright.shop.nouns import NounTagger, best_tagger, learned_tagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.tagger import without_torch

DEMO_PRODUCTS = 1_000

# Headings of `shop build --help`.
WEBSHOP = "products of WebShop's files"
INVENTED = "invented products"


def _build(arguments: Namespace) -> dict[str, Any]:
    if arguments.table is not None:
        return _build_from_table(arguments)
    products, total, source = _source(arguments)
    with Stages() as stages:
        shop = build_with_progress(stages, products, arguments.out, source=source, total=total)
    return _record(shop)


def _build_from_table(arguments: Namespace) -> dict[str, Any]:
    from shopwright.catalogue.import_report import ImportReport
    from shopwright.catalogue.layouts.description import SHOPWRIGHT
    from shopwright.catalogue.tables import derive_lacking

    others = ("webshop_items", "webshop_attributes", "human_instructions", "products")
    given = [name for name in others if getattr(arguments, name) is not None]
    if arguments.demo or given:
        other = "--demo" if arguments.demo else f"--{given[0].replace('_', '-')}"
        raise InputError(f"expected --table alone, got {other} beside it")
    report = ImportReport(strict=arguments.strict)
    with _uncollected(), Stages() as stages, ExitStack() as stack:
        with stages.stage("table"):
            products = read_products(arguments, report)
            # What shopwright exported builds the same shop again, nouns included.
            is_own = report.layout == SHOPWRIGHT
            titles = () if is_own else products.values("title")
            with without_torch():
                tagger = stack.enter_context(learned_tagger(titles))
            derive_lacking(products, report, arguments.seed)
        source = {
            "kind": "table",
            "file": report.file,
            "layout": report.layout,
            "seed": arguments.seed,  # Of what is derived, which is derived again when it changes.
        }
        shop = build_with_progress(
            stages,
            products,
            arguments.out,
            source=source,
            total=len(products),
            tagger=tagger,
        )
    tell(report, shop.folder)
    return _record(shop)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Does not look for cycles among millions of objects that hardly have any: a tenth of the
    time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _source(arguments: Namespace) -> tuple[Iterable[Product], int, dict[str, Any]]:
    """The products that the arguments name, how many if known (else 0), and the manifest's source.

    Raises:
        InputError: they name none, several sources, or what goes with another source.
    """
    items, attributes = arguments.webshop_items, arguments.webshop_attributes
    human = arguments.human_instructions
    for name in TABLE_ONLY:
        if getattr(arguments, name):
            raise InputError(f"--{name}: expected only with --table, got it without")
    if arguments.demo == any(path is not None for path in (items, attributes, human)):
        raise InputError(
            "expected --table, --demo or --webshop-items and --webshop-attributes, got "
            + ("both" if arguments.demo else "none")
        )
    if arguments.demo:
        return demo_products(arguments.products or DEMO_PRODUCTS, arguments.seed)
    if arguments.products is not None:
        raise InputError("--products: expected only with --demo, got it with WebShop's files")
    if items is None or attributes is None:
        missing = "--webshop-items" if items is None else "--webshop-attributes"
        raise InputError(f"{missing}: expected beside the other WebShop files, got nothing")
    from shopwright.catalogue.webshop import read_webshop

    source = {"kind": "webshop", "items": items.name, "attributes": attributes.name}
    if human is not None:
        source["human_instructions"] = human.name
    return read_webshop(items, attributes, human), 0, source


def demo_products(count: int, seed: int) -> tuple[Iterable[Product], int, dict[str, Any]]:
    """Return the demo catalogue, its number of products, and the manifest's source."""
    from shopwright.catalogue.generate import generate_products

    source = {"kind": "demo", "products": count, "seed": seed}
    return generate_products(count, seed=seed), count, source


def build_with_progress(
    stages: Stages,
    products: Iterable[Product],
    out: Path,
    *,
    source: dict[str, Any],
    total: int,
    tagger: Callable[[], tuple[NounTagger, str | None]] = best_tagger,
) -> Shop:
    """Build a shop, show how far it is, and say so if the fallback finds the nouns.

    Args:
        stages: where the progress is shown.
        products: the catalogue.
        out: the folder to write.
        source: where the products come from, for the manifest.
        total: how many products there are; 0 if it is not known.
        tagger: returns what finds the nouns of titles, and why it is not the best if it is not.
    """
    # A file that cannot be read says so before the seconds that a language model takes.
    iterator = iter(products)
    first = list(islice(iterator, 1))
    found, reason = tagger()
    if reason is not None:
        note(f"nouns of titles come from the fallback tagger {found.name!r}: {reason}")
    return build_shop(
        chain(first, iterator), out, source=source, tagger=found, total=total, progress=stages
    )


def _info(arguments: Namespace) -> dict[str, Any]:
    return _record(Shop.open(arguments.shop, verify=arguments.verify))


def _export(arguments: Namespace) -> dict[str, Any]:
    from shopwright.catalogue.export import write_table
    from shopwright.catalogue.feeds.write import write_feed
    from shopwright.catalogue.layouts.description import SHOPWRIGHT

    if (arguments.shop is None) == (arguments.shop_flag is None):
        raise InputError(
            "expected one shop folder, got " + ("none" if not arguments.shop else "two")
        )
    shop = Shop.open(arguments.shop or arguments.shop_flag)
    with Stages() as stages, stages.stage("table"):
        if arguments.layout == SHOPWRIGHT:
            count = write_table(arguments.table, iter(shop.catalogue))
        else:
            count = write_feed(arguments.table, iter(shop.catalogue), arguments.layout)
    return {"table": str(arguments.table), "products": count}


def _record(shop: Shop) -> dict[str, Any]:
    manifest = shop.manifest
    return {
        "shop": str(shop.folder),
        **{name: value for name, value in manifest.items() if name not in ("format", "files")},
        "splits": {name: shop.goals.count(name) for name in SPLITS},
        "pending": shop.pending,
        "certainty": certainty(shop.goals),
        "measures": in_words(shop.goals, len(shop.catalogue)),
        "files": len(manifest["files"]),
        "bytes": sum(file["bytes"] for file in manifest["files"].values()),
    }


def _show(record: Mapping[str, Any]) -> None:
    splits = ", ".join(f"{name} {count:,}" for name, count in record["splits"].items())
    origin = ", ".join(f"{name} {value}" for name, value in record["source"].items())
    print_line(f"shop: {record['shop']}")
    print_line(f"products: {record['products']:,} ({origin}), prices in {record['currency']}")
    print_line(f"goals: {record['goals']:,} ({splits})")
    for line in record["measures"]:
        print_line(f"  {line}")
    print_line(f"nouns: {record['nouns']}")
    if any(record["pending"].values()):
        pending = ", ".join(f"{count:,} {name}" for name, count in record["pending"].items())
        print_line(f"since the last build: {pending} (`shop compact` takes them in)")
    print_line(f"files: {record['files']}, {record['bytes'] / 1e6:.1f} MB")


COMMANDS = {
    "shop build": Command(
        description=(
            "Builds a shop folder: catalogue, search index, goals, and a manifest with checksums.\n"
            "The folder appears whole or not at all; a shop that is there already is replaced."
        ),
        example="shopwright shop build --demo --products 1000 --out shops/demo",
        arguments=(
            path("--webshop-items", "FILE", "items_shuffle*.json: the products", group=WEBSHOP),
            path(
                "--webshop-attributes",
                "FILE",
                "items_ins_v2*.json: their attributes and synthetic instructions",
                group=WEBSHOP,
            ),
            path(
                "--human-instructions",
                "FILE",
                "items_human_ins*.json: instructions that people wrote",
                group=WEBSHOP,
            ),
            switch("--demo", "build the embedded catalogue", group=INVENTED),
            number("--products", "N", f"how many (default: {DEMO_PRODUCTS})", group=INVENTED),
            *ARGUMENTS,
            path("--out", "SHOP", "the folder to write", required=True),
        ),
        run=_build,
        show=_show,
        seed="decides the demo catalogue, and what a table's derived requests ask for",
    ),
    "shop export": Command(
        description=(
            "Writes a shop's products as one table. `shop build --table` builds the same shop\n"
            "of it: same products, index and goals, byte for byte. With --layout, it is a feed\n"
            "that other platforms read, with what that platform has fields for."
        ),
        example="shopwright shop export shops/demo --table demo.csv",
        arguments=(
            path("shop", "SHOP", "the shop folder", nargs="?"),
            path("--shop", "SHOP", "the same", dest="shop_flag"),
            path("--table", "FILE", "the file to write: .csv, .jsonl or .parquet", required=True),
            Argument(
                "--layout",
                metavar="NAME",
                default="shopwright",
                help="shopwright (the default), google (.xml, .tsv, .csv), shopify (.csv), "
                "acp (.jsonl) or ucp (.json, .jsonl)",
            ),
        ),
        run=_export,
        seed=UNUSED_SEED,
    ),
    "shop info": Command(
        description="Shows what a shop folder holds, and checks that it is as it was built.",
        example="shopwright shop info shops/demo --verify",
        arguments=(
            path("shop", "SHOP", "the shop folder"),
            switch("--verify", "check the content of large files too"),
        ),
        run=_info,
        show=_show,
        seed=UNUSED_SEED,
    ),
}
