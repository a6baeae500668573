"""Building a shop folder: part by part, so that memory stays small and a killed build goes on."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from shopwright.catalogue.packed import changed
from shopwright.catalogue.parts import encoded, gather_products, merge_products
from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import Catalogue
from shopwright.errors import CatalogueError, InputError, ShopwrightError
from shopwright.files import read_json, synced_together, write_json
from shopwright.folders import put_folder
from shopwright.locks import locked
from shopwright.search.postings import gather_postings, merge_postings
from shopwright.shop.goals import GOAL_SEED, Goals
from shopwright.shop.manifest import FORMAT_VERSION, check_file, listed, write_manifest
from shopwright.shop.nouns import NounTagger, best_tagger
from shopwright.shop.price_limits import draw_prices
from shopwright.shop.requests import draw_goals, gather_requests
from shopwright.shop.writers import BUILD, partial_of
from shopwright.workers import meanwhile, spread

if TYPE_CHECKING:
    import os

    from shopwright.shop.shop import Shop

PART_PRODUCTS = 10_000
FOLDERS = ("catalogue", "index", "goals")
# The file that a part has once the rest of it is on the disk.
MARK = "part.json"

Progress = Callable[[str, int, int], None]


def build_shop(
    products: Iterable[Product],
    out: str | os.PathLike[str],
    *,
    source: Mapping[str, Any],
    tagger: NounTagger | None = None,
    total: int = 0,
    progress: Progress | None = None,
    processes: int = 0,
) -> Shop:
    """Build a shop folder from products and open it.

    The folder appears whole or not at all; a shop that is there already is replaced. What is done
    of a large catalogue when the process is killed is kept beside it, in ``.NAME.partial``, and
    the next build of the same products to the same folder goes on from there. It gives the same
    bytes.

    Args:
        products: the catalogue; their ``price_dollars`` and ``nouns`` are decided here.
        out: the folder to write.
        source: where the products come from, for the manifest; JSON types.
        tagger: finds the nouns of titles; the best that is installed if None.
        total: how many products there are, if known, for the progress.
        progress: called with (stage, done, total); a total of 0 is one that is not known.
        processes: how many write parts side by side; 0: one for each core that this process may
            use. The bytes are the same.

    Raises:
        InputError: ``out`` exists and is no shop folder, or is being built by another process.
        CatalogueError: the products cannot make a catalogue.
    """
    folder = Path(out).resolve()
    if folder.exists() and not (folder / "manifest.json").is_file():
        if not folder.is_dir() or any(folder.iterdir()):
            raise InputError(f"{folder}: expected a new or empty folder or a shop, got another")
        folder.rmdir()
    if tagger is None:
        tagger, _ = best_tagger()
    report = progress or untold
    with partial_folder(folder, BUILD) as partial:
        shop = write_shop(
            partial, products, tagger, source, total=total, report=report, processes=processes
        )
        with locked(folder):
            put_folder(shop, folder)
        report("merging", 4, 4)
    from shopwright.shop.shop import Shop  # It names this function among its own.

    return Shop.open(folder)


def untold(stage: str, done: int, total: int) -> None:
    """Progress that nobody asked for."""


def write_shop(
    partial: Path,
    products: Iterable[Product],
    tagger: NounTagger,
    source: Mapping[str, Any],
    *,
    total: int = 0,
    report: Progress = untold,
    processes: int = 0,
) -> Path:
    """Write a shop into a partial folder, and return where it lies there, on the disk.

    Raises:
        CatalogueError: the products cannot make a catalogue.
    """
    generator = random.Random(GOAL_SEED)
    parts = _gather(partial / "parts", products, tagger, generator, total, report, processes)
    if not parts:
        raise CatalogueError("products: expected at least one product, got none")
    shop = partial / "shop"
    shutil.rmtree(shop, ignore_errors=True)  # Of a build that was killed while it merged.
    with synced_together(shop):
        _merge(shop, parts, generator, tagger, source, report)
    return shop


def _merge(
    shop: Path,
    parts: Sequence[Path],
    generator: random.Random,
    tagger: NounTagger,
    source: Mapping[str, Any],
    report: Progress,
) -> None:
    """Write a shop of parts."""
    for name in FOLDERS:
        (shop / name).mkdir(parents=True)
    report("merging", 0, 4)

    def index() -> None:
        merge_postings(shop / "index", [part / "index" for part in parts])

    with meanwhile(index) if len(parts) > 1 else nullcontext(index) as merged:
        merge_products(shop / "catalogue", [part / "catalogue" for part in parts])
        report("merging", 1, 4)
        catalogue = Catalogue(shop / "catalogue")
        draw_goals(shop / "goals", [part / "goals" for part in parts], generator, catalogue)
        report("merging", 2, 4)
        merged()
    report("merging", 3, 4)
    goals = Goals(shop / "goals", catalogue)
    write_manifest(
        shop,
        products=len(catalogue),
        currency=catalogue.currency,
        goals=len(goals),
        human_goals=goals.count("human"),
        nouns=tagger.name,
        source=dict(source),
    )


@contextmanager
def partial_folder(folder: Path, to: str) -> Iterator[Path]:
    """The folder beside a shop's in which it is written. It stays if the block is interrupted when
    something worth keeping is in it.

    Args:
        to: what for, :data:`~shopwright.shop.writers.BUILD` or ``COMPACT``.

    Raises:
        InputError: another process does it.
    """
    partial = partial_of(folder, to)
    with locked(folder, to=to, wait_seconds=0):
        try:
            yield partial
        except ShopwrightError:
            shutil.rmtree(partial, ignore_errors=True)  # It would come to the same again.
            raise
        except BaseException:
            if not any(partial.glob(f"parts/*/{MARK}")):
                shutil.rmtree(partial, ignore_errors=True)
            raise
        shutil.rmtree(partial, ignore_errors=True)


def _gather(
    folder: Path,
    products: Iterable[Product],
    tagger: NounTagger,
    generator: random.Random,
    total: int,
    report: Progress,
    processes: int,
) -> list[Path]:
    """Write the parts of a shop, pass over those that are there already, and return them all."""
    report("products", 0, total)
    parts: list[Path] = []
    done = 0
    batches = _batches(folder, products, generator)
    for part, count in spread(lambda each: _write_part(each, tagger), batches, processes=processes):
        parts.append(part)
        done += count
        report("products", done, total)
    if not total:
        report("products", done, done)
    return parts


class _Batch(NamedTuple):
    """Consecutive products, what each costs, and the folder of the part that they become."""

    folder: Path
    products: list[Product]
    prices_dollars: list[float]


def _batches(
    folder: Path, products: Iterable[Product], generator: random.Random
) -> Iterator[_Batch]:
    iterator = iter(products)
    for number, batch in enumerate(iter(lambda: list(islice(iterator, PART_PRODUCTS)), [])):
        yield _Batch(folder / f"{number:06}", batch, list(draw_prices(batch, generator)))


def _write_part(batch: _Batch, tagger: NounTagger) -> tuple[Path, int]:
    """Write a part of a shop unless it is there already; return it and how many products it has."""
    folder, products, prices_dollars = batch
    digest = _digest(products, tagger)
    if not _is_whole(folder, digest):
        shutil.rmtree(folder, ignore_errors=True)
        with synced_together(folder):
            _write_products(folder, _completed(products, prices_dollars, tagger))
        write_json(folder / MARK, {"products": digest, "files": listed(folder)})
    return folder, len(products)


def _is_whole(folder: Path, digest: str) -> bool:
    """Whether a part is there, of these products, and all of it as it was written: after a power
    cut, some of it may not be."""
    try:
        said = read_json(folder / MARK)
        if said["products"] != digest:
            return False
        for name, expected in said["files"].items():
            check_file(folder / name, expected, verify=True)
    except (InputError, LookupError, TypeError, AttributeError):
        return False
    return True


def _digest(products: Sequence[Product], tagger: NounTagger) -> str:
    digest = hashlib.sha256(f"{FORMAT_VERSION} {tagger.name}\n".encode())
    for product in products:
        digest.update(encoded(product, product))
    return digest.hexdigest()


def _completed(
    products: Sequence[Product], prices_dollars: Sequence[float], tagger: NounTagger
) -> list[Product]:
    # Relatives differ in an option or a price: each title is tagged once.
    titles = list(dict.fromkeys(product.title for product in products))
    nouns = dict(zip(titles, tagger.tag(titles), strict=True))
    return [
        changed(product, price_dollars=price, nouns=nouns[product.title])
        for product, price in zip(products, prices_dollars, strict=True)
    ]


def _write_products(folder: Path, products: Sequence[Product]) -> None:
    gather_products(folder / "catalogue", products)
    gather_postings(folder / "index", (product.search_text for product in products))
    gather_requests(folder / "goals", products)
