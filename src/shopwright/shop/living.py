"""A shop folder that is followed, and changed, while it is open."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from shopwright.catalogue.delta import Delta
from shopwright.errors import ShopError
from shopwright.files import sha256
from shopwright.folders import restored
from shopwright.locks import locked
from shopwright.search.delta import ChangedSearchableCatalogue, DeltaPostings
from shopwright.search.index import Index
from shopwright.shop.changes import Change, Log, Transaction, checked_name, stamp_of
from shopwright.shop.history import is_descendant
from shopwright.shop.shop import Shop
from shopwright.shop.writers import Identity, clean_up, identity_of

# A folder may be replaced while it is opened, but hardly so often.
_TRIES = 20

Write = Callable[[Sequence[Change], str], Shop]


class ReplacedShop(ShopError):
    """A shop folder that was built anew while it was open."""


class LivingShop:
    """A shop folder, followed while it changes.

    :attr:`shop` is the shop as it is known, a :class:`Shop` that never changes: whoever answers a
    request takes it once and keeps it until the answer is made. May be used from several threads.

    Args:
        base: the shop of the folder as it was built.

    Example:
        >>> living = LivingShop.open("shops/demo")
        >>> living.apply([Change("B000000001")], by="ann").catalogue.row_of("B000000001")
    """

    def __init__(self, base: Shop) -> None:
        self.base = base
        self.shop = base
        self._checksum = sha256(base.folder / "manifest.json")
        self._opened = self._followed = identity_of(base.folder)
        self._log = Log(base.folder)
        self._postings: DeltaPostings | None = None
        self._is_cleaned = False
        self._lock = threading.RLock()
        transactions = self._log.read()
        base.changes = self._log.after
        for transaction in transactions:
            self._take_in(transaction)

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        verify: bool = False,
        price_limit_seed: int | None = None,
    ) -> LivingShop:
        """Open a shop folder with all its changes; arguments and errors as of :meth:`Shop.open`."""
        path = restored(Path(folder).resolve())
        for _ in range(_TRIES):
            before = _identity(path)
            try:
                living = cls(Shop.as_built(path, verify=verify, price_limit_seed=price_limit_seed))
            except Exception:  # Of anything, if half of it is of another folder.
                if _identity(path) == before:
                    raise
                continue
            if _identity(path) == before:
                return living
        raise ShopError(f"{path}: expected a shop that stays in its place, got ever other ones")

    @classmethod
    def of(cls, shop: Shop) -> LivingShop:
        """Return the folder of an opened shop, followed."""
        if not shop.changes:
            return cls(shop)
        return cls.open(shop.folder, price_limit_seed=shop.price_limit_seed)

    def is_current(self) -> bool:
        """Whether the folder is the one that was opened, not another in its place."""
        return _identity(self.base.folder) == self._opened

    def refresh(self) -> Shop:
        """Return the shop with what was written into its log until now.

        A folder that was compacted meanwhile is followed still, by its log; one that was built
        anew is not.

        Raises:
            ShopError: the log is damaged.
        """
        if stamp_of(self._log.path) != self._log.stamp:
            with self._lock:
                self._catch_up()
        return self.shop

    def apply(self, changes: Sequence[Change], *, by: str) -> Shop:
        """Make changes that take effect together; when this returns, they are on the disk, and in
        the shop that is returned.

        Args:
            changes: at most one of each product; removals only of products that are there.
            by: who makes them, for the log.

        Raises:
            ReplacedShop: the folder was built anew since it was opened.
            ShopError: the log is damaged.
            InputError: another process does not let go of the folder, or ``by`` is no name.
            CatalogueError: a text is not valid Unicode.
        """
        with self.changing() as write:
            return write(changes, by)

    @contextmanager
    def changing(self) -> Iterator[Write]:
        """Hold the writers' lock; what is decided within is decided on the newest :attr:`shop`.

        Yields:
            what writes changes and returns the shop with them, as :meth:`apply`.
        """
        folder = self.base.folder
        with self._lock, locked(folder):
            if not self._is_cleaned:  # Once: to look for what killed writers left takes long.
                clean_up(folder)
                self._is_cleaned = True
            self._catch_up()
            if _identity(folder) != self._followed:
                raise ReplacedShop(
                    f"{folder}: expected the shop that was opened, got one that was built since"
                )
            yield self._write

    def _write(self, changes: Sequence[Change], by: str) -> Shop:
        by = checked_name(by)
        if changes:
            self._take_in(self._log.append(changes, by=by))
        return self.shop

    def _catch_up(self) -> None:
        """Read what was added to the log, of the folder that was opened or a compacted one."""
        folder, log = self.base.folder, self._log
        identity = _identity(folder)
        if identity != self._followed:
            if identity is None or not is_descendant(folder, self._checksum):
                return
            log = Log(folder)
        transactions = log.read()
        if log.after > self.shop.changes:
            return  # What lies between is in the compacted products alone.
        self._log = log
        self._followed = identity
        for transaction in transactions:
            if transaction.number > self.shop.changes:
                self._take_in(transaction)

    def _take_in(self, transaction: Transaction) -> None:
        if self._postings is None:
            index = self.base.catalogue.search_index
            assert isinstance(index, Index)
            self._postings = DeltaPostings(index, Delta(self.base.catalogue))
        last = {change.asin: change.product for change in transaction.changes}
        puts = [product for product in last.values() if product is not None]
        gone = [asin for asin, product in last.items() if product is None]
        generation = self._postings.advance(puts, gone)
        catalogue = ChangedSearchableCatalogue(self._postings, generation)
        self.shop = self.base.after(catalogue, transaction.number)


def _identity(folder: Path) -> Identity | None:
    try:
        return identity_of(folder)
    except FileNotFoundError:
        return None
