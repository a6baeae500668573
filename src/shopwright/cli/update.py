"""`shop update` and `shop compact`."""

from __future__ import annotations

import getpass
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopwright.cli.command import UNUSED_SEED, Argument, Command, path
from shopwright.cli.table import ARGUMENTS, read_changes
from shopwright.console import Stages, note, print_line
from shopwright.errors import InputError
from shopwright.files import reading

# With so many changes a shop is compacted at once: they are all held in memory by whoever opens it.
MOST_CHANGES = 50_000


def _update(arguments: Namespace) -> dict[str, Any]:
    from shopwright.catalogue.import_report import ImportReport
    from shopwright.catalogue.layouts.description import SHOPWRIGHT
    from shopwright.shop.living import LivingShop
    from shopwright.shop.update import Updater
    from shopwright.shop.variant_lists import VariantIds, edits_of, split_off

    if arguments.table is None and arguments.delete is None:
        raise InputError("expected --table or --delete, got neither")
    living = LivingShop.open(arguments.shop)
    gone = [] if arguments.delete is None else _asins(arguments.delete)
    report = ImportReport(strict=arguments.strict)
    known = living.shop.catalogue
    ids = VariantIds(known)
    with Stages() as stages, stages.stage("table"):
        products = (
            read_changes(arguments, report, ids.title_of, known.currency) if arguments.table else []
        )
    # What is no longer for sale is left out of a build, so it goes.
    products, unsold_ones, of_variants = split_off(products, report.not_for_sale, ids)
    edits, sold_out = edits_of(of_variants, known)
    gone += [*unsold_ones, *sold_out]
    unsold = {each.asin for each in report.not_for_sale if known.row_of(each.asin) is None}
    updated = Updater(living).update(
        products,
        [asin for asin in gone if asin not in unsold],
        by=arguments.by or _user(),
        said=None if report.layout == SHOPWRIGHT else report.columns,
        edits=edits,
    )
    if arguments.table is not None:
        note(f"{report.file}: {report.summary()}")
        for problem in report.problems[:3]:
            note(f"{problem.place}: {problem.reason} ({problem.consequence})")
    if updated.unknown:
        first = ", ".join(map(repr, updated.unknown[:3]))
        note(f"{len(updated.unknown):,} to remove are not in the shop, the first: {first:.200}")
    if updated.new or updated.changed or updated.removed:
        note("goals stay those of the last build until `shop compact`")
    record = updated.to_record()
    pending = updated.shop.pending
    if sum(pending.values()) > MOST_CHANGES:
        note("so many changes are compacted at once")
        return {**record, **_compacted(living.base.folder)}
    return {"shop": str(living.base.folder), **record, "pending": pending}


def _asins(file: Path) -> list[str]:
    """The asins of a file that has one a line."""
    with reading(file):
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    asins = [line.strip().strip('"') for line in lines]
    return [asin for asin in asins if asin]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # A user that the system has no name for.
        return "shop update"


def _compacted(folder: Path) -> dict[str, Any]:
    from shopwright.shop.compact import compact_shop

    with Stages() as stages:
        shop = compact_shop(folder, progress=stages)
    return {
        "shop": str(shop.folder),
        "products": len(shop.catalogue),
        "goals": len(shop.goals),
        "changes": shop.changes,
    }


def _compact(arguments: Namespace) -> dict[str, Any]:
    return _compacted(arguments.shop)


def _show(record: Mapping[str, Any]) -> None:
    numbers = ("new", "changed", "unchanged", "removed")
    print_line(", ".join(f"{record[name]:,} {name}" for name in numbers))
    for name, count in record.get("pending", {}).items():
        print_line(f"{name} since the last build: {count:,}")


COMMANDS = {
    "shop update": Command(
        description=(
            "Puts new and changed products into a shop, and removes others: at once, together,\n"
            "and while the shop is served. What the table has no columns for stays as it was: a\n"
            "list of ids and prices, or of ids and stock, will do.\n"
            "Products of the table that are not for sale are removed, too. `shop compact` builds\n"
            "the shop anew of what it then holds."
        ),
        example="shopwright shop update shops/mine --table changes.csv --delete gone.txt",
        arguments=(
            path("shop", "SHOP", "the shop folder"),
            *ARGUMENTS,
            path("--delete", "FILE", "ids of products to remove, one a line"),
            Argument("--by", metavar="NAME", help="who, for the log (default: you)"),
        ),
        run=_update,
        show=_show,
        seed=UNUSED_SEED,
    ),
    "shop compact": Command(
        description=(
            "Builds a changed shop anew: attributes, requests, index and goals are those of a\n"
            "fresh build of its products. Who serves it goes on with the old one until the new\n"
            "one is opened. The log stays in its folder history/."
        ),
        example="shopwright shop compact shops/mine",
        arguments=(path("shop", "SHOP", "the shop folder"),),
        run=_compact,
        seed=UNUSED_SEED,
    ),
}
