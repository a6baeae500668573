"""The shop: a catalogue, its search engine and its goals in one folder."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain, repeat
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from shopwright.catalogue.product import Product
from shopwright.display import html_fields
from shopwright.errors import GoalError, InputError, ShopError
from shopwright.files import as_written
from shopwright.search.searchable_catalogue import SEARCH_LIMIT, SearchableCatalogue
from shopwright.shop.build import build_shop as build_shop
from shopwright.shop.contents import check_contents
from shopwright.shop.goals import Goal, Goals
from shopwright.shop.history import PRODUCTS, origin_of
from shopwright.shop.manifest import CHECKED_BYTES, check_file, read_manifest
from shopwright.shop.reward import Reward, purchase_reward
from shopwright.shop.views import ItemView, ResultView

CACHED_VIEWS = 4096


# Names the shop folder where none is given.
SHOP_VARIABLE = "SHOPWRIGHT_SHOP"


class Hit(NamedTuple):
    """A search result: the product's asin and its BM25 score."""

    asin: str
    score: float


class Shop:
    """A shop folder, opened. Nothing in it changes; any number of sessions may share it.

    What is changed in the folder meanwhile, by ``shop update`` or over HTTP, is in the shop of the
    next opening, and in that of a :class:`~shopwright.shop.living.LivingShop`.

    Attributes:
        folder: where it lies.
        manifest: what ``manifest.json`` says of the folder as it was built.
        catalogue: the products, and which of them a query finds.
        goals: what was asked for when the folder was built.
        changes: the number of the last transaction of the log that is in it (see changes.py).

    Example:
        >>> shop = Shop.open("shops/demo")
        >>> shop.search("red running shoes", limit=3)
        >>> shop.goals[0].instruction
    """

    SEARCH_LIMIT = SEARCH_LIMIT

    def __init__(
        self, folder: Path, manifest: dict[str, Any], price_limit_seed: int | None = None
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.catalogue = SearchableCatalogue(folder / "catalogue", folder / "index")
        self.goals = Goals(folder / "goals", self.catalogue)
        self.changes = 0
        self.price_limit_seed = price_limit_seed
        if price_limit_seed is not None:
            self.goals = self.goals.with_price_limits(random.Random(price_limit_seed))
        self._result_views: dict[int, ResultView] = {}
        self.item_view = lru_cache(maxsize=CACHED_VIEWS)(self._item_view)

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        verify: bool = False,
        price_limit_seed: int | None = None,
    ) -> Shop:
        """Open a shop folder.

        Args:
            folder: what ``shop build`` wrote, with what was changed since.
            verify: whether to check the content of large files too, not only their size.
            price_limit_seed: None for the goals' price limits as built, the same in every process.
                The original's differ from process to process; a number draws such other ones.

        Raises:
            MissingFileError: there is no such folder.
            ShopError: it is no shop folder, of another version, or a file of it was changed.
        """
        from shopwright.shop.living import LivingShop  # It makes shops.

        opened = LivingShop.open(folder, verify=verify, price_limit_seed=price_limit_seed)
        return opened.shop

    @classmethod
    def as_built(
        cls, folder: Path, *, verify: bool = False, price_limit_seed: int | None = None
    ) -> Shop:
        """Return the shop of a folder as it was built, without what was changed since."""
        manifest = read_manifest(folder)
        for name, expected in manifest["files"].items():
            check_file(folder / name, expected, verify=verify)
        with as_written(folder, ShopError):
            check_contents(folder, manifest, bounds_up_to=inf if verify else CHECKED_BYTES)
            shop = cls(folder, manifest, price_limit_seed)
            if verify:
                shop._read_all()
        return shop

    def _read_all(self) -> None:
        """Make every product and every goal of what is written, if that can be."""
        self.goals.generator()
        goals = (self.goals[number] for number in range(len(self.goals)))
        for _ in chain(self.catalogue, self.goals.human, goals):
            pass

    def after(self, catalogue: SearchableCatalogue, changes: int) -> Shop:
        """Return this shop with its products as they are after changes.

        Args:
            catalogue: the products.
            changes: the number of the last transaction that is in it.
        """
        shop = object.__new__(type(self))
        shop.__dict__.update(self.__dict__)
        shop.catalogue, shop.changes = catalogue, changes
        shop.item_view = lru_cache(maxsize=CACHED_VIEWS)(shop._item_view)
        return shop

    @classmethod
    def of(cls, shop: Shop | str | os.PathLike[str] | None) -> Shop:
        """Return a shop as it is, a path's opened, for None the one that the environment variable
        ``SHOPWRIGHT_SHOP`` names.

        Raises:
            InputError: None, and the variable is not set.
            MissingFileError, ShopError: no shop can be opened there.
        """
        if isinstance(shop, Shop):
            return shop
        path = shop or os.environ.get(SHOP_VARIABLE)
        if not path:
            raise InputError(
                "shop: expected a shop, or the path of a shop folder here or in the environment "
                f"variable {SHOP_VARIABLE}, got none"
            )
        return cls.open(path)

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process, perhaps on another machine, maps the same files.
        folder = str(self.folder.absolute())
        return _reopened, (folder, self.price_limit_seed, self.manifest["files"])

    def __copy__(self) -> Shop:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Shop:
        # Nothing in a shop changes: copies of sessions and environments share it.
        return self

    def __repr__(self) -> str:
        return f"<Shop {self.folder} of {len(self.catalogue)} products, {len(self.goals)} goals>"

    def _repr_html_(self) -> str:
        rows = {
            "folder": self.folder,
            "products": f"{len(self.catalogue):,}",
            "goals": f"{len(self.goals):,}",
            "goals that people wrote": f"{self.goals.count('human'):,}",
        }
        return html_fields(f"Shop {self.folder.name}", rows)

    @property
    def origin(self) -> str:
        """What names the shop through all its compactions."""
        return origin_of(self.folder, self.manifest["files"][PRODUCTS]["sha256"])

    @property
    def pending(self) -> dict[str, int]:
        """How many products are new, changed and removed since the folder was built."""
        return self.catalogue.counts()

    def check_is_built(self) -> Shop:
        """Return the shop if nothing was changed since it was built: goals, and what is learned of
        them, are of the products of then.

        Raises:
            InputError: something was.
        """
        if any(self.pending.values()):
            changed = ", ".join(f"{count:,} {name}" for name, count in self.pending.items())
            raise InputError(
                f"{self.folder}: expected a shop without changes to train in, got {changed}; take "
                f"them in first: shopwright shop compact {self.folder}"
            )
        return self

    def search_rows(self, query: str) -> tuple[int, ...]:
        """Return the rows of the first :attr:`SEARCH_LIMIT` results of a query, best first."""
        return self.catalogue.search_rows(query)

    def result_views(self, rows: Sequence[int]) -> list[ResultView]:
        """Return the entries of rows' products on results pages."""
        kept = self._result_views
        views = [kept.get(row) for row in rows]
        made: dict[int, ResultView] = {}
        if None in views:
            missing = [row for row, view in zip(rows, views, strict=True) if view is None]
            listings = self.catalogue.listings(missing)
            made = dict(zip(missing, map(ResultView.of, listings), strict=True))
            if len(kept) > CACHED_VIEWS:
                kept.clear()
            kept.update(made)
        return [view or made[row] for row, view in zip(rows, views, strict=True)]

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
        rows, scores = self.catalogue.search_index.search(query, limit)
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
            raise GoalError(f"asin: expected a product of {self.folder}, got {asin!r}")
        return row

    def reward(
        self, goal: Goal, asin: str, options: Mapping[str, str], price: float | None = None
    ) -> Reward:
        """Return the reward for buying a product for a goal.

        Args:
            goal: what was asked for.
            asin: what is bought.
            options: option group → value, as chosen.
            price: dollars paid; what the product costs with these options if None.
        """
        product = self.product(asin)
        paid = product.price_with(options) if price is None else price
        return purchase_reward(product, goal, options, paid)

    def reward_of_row(self, goal: Goal, row: int, options: Mapping[str, str]) -> Reward:
        """Return the reward for buying the product of a row at what it costs with these options."""
        product = self.catalogue[row]
        return purchase_reward(product, goal, options, product.price_with(options))


def _reopened(folder: str, price_limit_seed: int | None, files: Mapping[str, Any]) -> Shop:
    shop = Shop.open(folder, price_limit_seed=price_limit_seed)
    if shop.manifest["files"] != files:
        raise ShopError(f"{folder}: expected the shop that another process opened, got another one")
    return shop
