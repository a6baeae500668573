"""How derived attributes compare with WebShop's own, which people cleaned.

    python benchmarks/attributes.py --webshop FOLDER [--show 40] [--out FILE.json]

WebShop's products are written as a table without attributes and requests, and read back as a table
of somebody's own, so that attributes are derived anew. FOLDER holds items_shuffle_1000.json and
items_ins_v2_1000.json. The rules were made on the half of the products whose asin hashes to an even
number; the other half was only counted.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from shopwright.catalogue.export import write_table
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.catalogue.tables import read_table
from shopwright.catalogue.webshop import read_webshop
from shopwright.console import print_table
from shopwright.files import write_json

RESULTS = Path(__file__).resolve().parent / "results" / "attributes.json"
DROPPED = ("attributes", "instruction", "instruction_attributes", "human_instructions")


def without_attributes(products: Sequence[Product], folder: Path) -> list[Product]:
    """Products as a table gives them that says nothing of attributes and requests."""
    write_table(folder / "whole.csv", products)
    with (
        (folder / "whole.csv").open(encoding="utf-8", newline="") as whole,
        (folder / "dropped.csv").open("w", encoding="utf-8", newline="") as dropped,
    ):
        rows = csv.DictReader(whole)
        names = [name for name in rows.fieldnames or () if name not in DROPPED]
        writer = csv.DictWriter(dropped, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    path = folder / "dropped.csv"
    return read_table(path, ImportReport())


def is_held_out(asin: str) -> bool:
    """Whether a product is of the half that no rule was made on."""
    return hashlib.sha256(asin.encode()).digest()[0] % 2 == 1


def figures(
    derived: Sequence[Product], own: Sequence[Product], vocabulary: set[str]
) -> dict[str, float]:
    """The figures of some products: a count and three percentages."""
    count = in_vocabulary = same = wanted = 0
    for product, original in zip(derived, own, strict=True):
        phrases = set(product.attributes) - {DEFAULT_ATTRIBUTE}
        original_phrases = set(original.attributes) - {DEFAULT_ATTRIBUTE}
        count += len(phrases)
        in_vocabulary += len(phrases & vocabulary)
        same += len(phrases & original_phrases)
        wanted += len(original_phrases)
    return {
        "attributes a product": count / max(len(own), 1),
        "in WebShop's vocabulary, %": 100 * in_vocabulary / max(count, 1),
        "of the same product, %": 100 * same / max(count, 1),
        "of the product's own found, %": 100 * same / max(wanted, 1),
    }


def show(derived: Sequence[Product], own: Sequence[Product], vocabulary: set[str], n: int) -> None:
    """Print the commonest phrases that are not in the vocabulary, and that were not found."""
    strange: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for product, original in zip(derived, own, strict=True):
        if not is_held_out(product.asin):
            strange.update(set(product.attributes) - vocabulary)
            missed.update(set(original.attributes) - set(product.attributes))
    for name, phrases in (("not in the vocabulary", strange), ("not found", missed)):
        print(f"{name}: " + ", ".join(f"{phrase} {k}" for phrase, k in phrases.most_common(n)))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--webshop", required=True, type=Path, help="the folder of WebShop's files")
    parser.add_argument("--show", type=int, default=0, help="how many wrong phrases to print")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    arguments = parser.parse_args()
    folder: Path = arguments.webshop
    own = list(read_webshop(folder / "items_shuffle_1000.json", folder / "items_ins_v2_1000.json"))
    vocabulary = {phrase for product in own for phrase in product.attributes}
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        products = without_attributes(own, Path(temporary))
    seconds = time.perf_counter() - started
    known = {product.asin: product for product in own}
    own = [known[product.asin] for product in products]  # One has no title and is left out.
    chosen = {
        "all": list(range(len(own))),
        "rules made on": [n for n, p in enumerate(own) if not is_held_out(p.asin)],
        "held out": [n for n, p in enumerate(own) if is_held_out(p.asin)],
    }
    results = {
        name: figures([products[n] for n in numbers], [own[n] for n in numbers], vocabulary)
        for name, numbers in chosen.items()
    }
    columns = [*results["all"]]
    rows = [
        (name, *(f"{found[column]:.1f}" for column in columns)) for name, found in results.items()
    ]
    print_table(f"{len(own):,} products of WebShop, {seconds:.1f} s", ("products", *columns), rows)
    if arguments.show:
        show(products, own, vocabulary, arguments.show)
    write_json(arguments.out, {"products": len(own), "seconds": seconds, "figures": results})


if __name__ == "__main__":
    main()
