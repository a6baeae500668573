"""The shop: a catalogue, its search engine and its goals in one folder."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice, repeat
from pathlib import Path
from typing import Any, NamedTuple

from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import Catalogue, write_products
from shopwright.errors import GoalError, InputError, MissingFileError, ShopError
from shopwright.files import read_json, sha256, write_json
from shopwright.search.index import Index, build_index
from shopwright.shop.goals import GOAL_SEED, Goal, Goals, build_goals, draw_prices
from shopwright.shop.nouns import TITLES_PER_BATCH, NounTagger, best_tagger
from shopwright.shop.reward import Reward, purchase_reward
from shopwright.shop.views import ItemView, ResultView

FORMAT = "shopwright shop"
FORMAT_VERSION = 3
# Larger files are checked by size when a shop is opened, by content when it is verified.
CHECKED_BYTES = 32 << 20
CACHED_QUERIES = 4096
CACHED_QUERY_CHARACTERS = 1000
CACHED_VIEWS = 4096


class Hit(NamedTuple):
    """A search result: the product's asin and its BM25 score."""

    asin: str
    score: float


class Shop:
    """A shop folder, opened. Nothing in it changes; any number of sessions may share it.

    Example:
        >>> shop = Shop.open("shops/demo")
        >>> shop.search("red running shoes", limit=3)
        >>> shop.goals[0].instruction
    """

    SEARCH_LIMIT = 50

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.catalogue = Catalogue(folder / "catalogue")
        self.index = Index(folder / "index", self.catalogue.ranks)
        self.goals = Goals(folder / "goals", self.catalogue)
        self._cached_search_rows = lru_cache(maxsize=CACHED_QUERIES)(self._search_rows)
        self.result_view = lru_cache(maxsize=CACHED_VIEWS)(self._result_view)
        self.item_view = lru_cache(maxsize=CACHED_VIEWS)(self._item_view)

    @classmethod
    def open(cls, folder: str | os.PathLike[str], *, verify: bool = False) -> Shop:
        """Open a shop folder.

        Args:
            folder: what ``shop build`` wrote.
            verify: whether to check the content of large files too, not only their size.

        Raises:
            MissingFileError: there is no such folder.
            ShopError: it is no shop folder, of another version, or a file of it was changed.
        """
        path = Path(folder).resolve()
        manifest = _read_manifest(path)
        for name, expected in manifest["files"].items():
            _check_file(path / name, expected, verify=verify)
        return cls(path, manifest)

    def __reduce__(self) -> tuple[Any, ...]:
        return Shop.open, (str(self.folder),)

    def __copy__(self) -> Shop:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Shop:
        # Nothing in a shop changes: copies of sessions and environments share it.
        return self

    def __repr__(self) -> str:
        return f"<Shop {self.folder} of {len(self.catalogue)} products, {len(self.goals)} goals>"

    def search_rows(self, query: str) -> tuple[int, ...]:
        """Return the rows of the first :attr:`SEARCH_LIMIT` results of a query, best first."""
        # What is kept must stay small whatever is searched for.
        if len(query) > CACHED_QUERY_CHARACTERS:
            return self._search_rows(query)
        return self._cached_search_rows(query)

    def _search_rows(self, query: str) -> tuple[int, ...]:
        return tuple(self.index.search(query, self.SEARCH_LIMIT)[0].tolist())

    def _result_view(self, row: int) -> ResultView:
        """Return the entry of a row's product on results pages."""
        return ResultView.of(self.catalogue.listing(row))

    def _item_view(self, row: int, show_attributes: bool) -> ItemView:
        """Return the item page's parts of a row's product."""
        return ItemView(self.catalogue[row], show_attributes)

    def search(self, query: str, limit: int = SEARCH_LIMIT) -> list[Hit]:
        """Return the products that match a query best, best first.

        Args:
            query: plain text.
            limit: how many at most.
        """
        if limit < 1:
            raise InputError(f"limit: expected a number above 0, got {limit}")
        rows, scores = self.index.search(query, limit)
        hits = zip(self.catalogue.asins_of(rows), scores.tolist(), strict=True)
        return list(map(tuple.__new__, repeat(Hit), hits))

    def product(self, asin: str) -> Product:
        """Return the product with this asin.

        Raises:
            GoalError: there is none.
        """
        return self.catalogue[self._row(asin)]

    def _row(self, asin: str) -> int:
        row = self.catalogue.row_of(asin)
        if row is None:
            raise GoalError(f"asin: expected one of a product of {self.folder}, got {asin!r}")
        return row

    def reward(
        self, goal: Goal, asin: str, options: Mapping[str, str], price: float | None = None
    ) -> Reward:
        """Return the reward for buying a product for a goal.

        Args:
            goal: what was asked for.
            asin: what is bought.
            options: option group → value, as chosen.
            price: dollars paid; the product's own price if None.
        """
        product = self.product(asin)
        paid = product.price_dollars if price is None else price
        return purchase_reward(product, goal, options, paid)

    def reward_of_row(self, goal: Goal, row: int, options: Mapping[str, str]) -> Reward:
        """Return the reward for buying the product of a row at its own price."""
        product = self.catalogue[row]
        return purchase_reward(product, goal, options, product.price_dollars)


def _read_manifest(folder: Path) -> dict[str, Any]:
    if not folder.exists():
        raise MissingFileError(f"{folder}: expected a shop folder, found nothing")
    path = folder / "manifest.json"
    if not path.is_file():
        raise ShopError(f"{folder}: expected a shop folder with a manifest.json, found none")
    try:
        manifest = read_json(path)
    except InputError as error:
        raise ShopError(str(error)) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ShopError(f"{path}, field format: expected {FORMAT!r}")
    if manifest.get("version") != FORMAT_VERSION:
        raise ShopError(
            f"{path}, field version: expected {FORMAT_VERSION}, got {manifest.get('version')!r}; "
            "build the shop again with this version of shopwright"
        )
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(_is_entry(entry) for entry in files.values()):
        raise ShopError(f"{path}, field files: expected file names with their bytes and sha256")
    return manifest


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and {"bytes", "sha256"} <= entry.keys()


def _check_file(path: Path, expected: Mapping[str, Any], *, verify: bool) -> None:
    if not path.is_file():
        raise ShopError(f"{path}: expected a file of the shop, found none")
    size = path.stat().st_size
    if size != expected["bytes"]:
        raise ShopError(f"{path}: expected {expected['bytes']} bytes as built, got {size}")
    if (verify or size <= CHECKED_BYTES) and sha256(path) != expected["sha256"]:
        raise ShopError(f"{path}: expected the content as built, got another (sha256 differs)")


def _with_prices_and_nouns(
    products: Iterable[Product], tagger: NounTagger, generator: random.Random
) -> Iterator[Product]:
    from dataclasses import replace

    iterator = iter(products)
    while batch := list(islice(iterator, TITLES_PER_BATCH)):
        nouns = tagger.tag(product.title for product in batch)
        prices = draw_prices(batch, generator)
        for product, price, words in zip(batch, prices, nouns, strict=True):
            yield replace(product, price_dollars=price, nouns=words)


def build_shop(
    products: Iterable[Product],
    out: str | os.PathLike[str],
    *,
    source: Mapping[str, Any],
    tagger: NounTagger | None = None,
) -> Shop:
    """Build a shop folder from products and open it.

    The folder appears whole or not at all; a shop that is there already is replaced.

    Args:
        products: the catalogue; their ``price_dollars`` and ``nouns`` are decided here.
        out: the folder to write.
        source: where the products come from, for the manifest; JSON types.
        tagger: finds the nouns of titles; the best that is installed if None.

    Raises:
        InputError: ``out`` exists and is no shop folder.
    """
    folder = Path(out).resolve()
    if folder.exists() and not (folder / "manifest.json").is_file():
        if not folder.is_dir() or any(folder.iterdir()):
            raise InputError(f"{folder}: expected a new or empty folder or a shop, got another")
        folder.rmdir()
    if tagger is None:
        tagger, _ = best_tagger()
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for part in ("catalogue", "index", "goals"):
            (partial / part).mkdir()
        generator = random.Random(GOAL_SEED)
        write_products(partial / "catalogue", _with_prices_and_nouns(products, tagger, generator))
        catalogue = Catalogue(partial / "catalogue")
        build_index(partial / "index", (product.search_text for product in catalogue))
        build_goals(partial / "goals", catalogue, generator)
        goals = Goals(partial / "goals", catalogue)
        files = sorted(path for path in partial.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "products": len(catalogue),
            "goals": len(goals),
            "human_goals": len(goals.human),
            "nouns": tagger.name,
            "source": dict(source),
            "files": {
                path.relative_to(partial).as_posix(): {
                    "bytes": path.stat().st_size,
                    "sha256": sha256(path),
                }
                for path in files
            },
        }
        write_json(partial / "manifest.json", manifest)
        partial.chmod(0o755)
        _put_in_place(partial, folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Shop.open(folder)


def _put_in_place(partial: Path, folder: Path) -> None:
    if not folder.exists():
        partial.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.rename(old / "shop")
    partial.rename(folder)
    shutil.rmtree(old)
