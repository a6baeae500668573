"""The shop and its agents as they are now: what a request takes once and keeps to its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol, runtime_checkable

from shopwright.catalogue.product import Product
from shopwright.errors import ShopwrightError
from shopwright.rollouts.agent import Shopper
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.living import LivingShop, ReplacedShop
from shopwright.shop.shop import Shop
from shopwright.shop.update import Edit, Update, Updater

_LOG = logging.getLogger("shopwright.serving")

Agents = Mapping[str, Shopper]


@runtime_checkable
class Follower(Protocol):
    """An agent that reads a shop's texts by itself, and goes along when they change."""

    def at(self, catalogue: SearchableCatalogue) -> Shopper:
        """Return the agent in the same shop after changes."""

    def prepare(self, row: int) -> None:
        """Read a product's texts, so that nobody has to wait for that."""


@dataclass(frozen=True)
class Current:
    """A shop that does not change, and the agents that know it as it is."""

    shop: Shop
    agents: Agents


class Generations:
    """A shop folder and its agents, followed while the shop changes. May be used from several
    threads.

    Args:
        shop: the shop.
        agents: label → agent, opened in it.
        computing: held while an agent computes.
        reopen: opens the agents in a shop, when the folder was compacted or built anew; None: they
            stay, and changes are followed.
    """

    def __init__(
        self,
        shop: Shop,
        agents: Agents,
        computing: threading.Lock,
        reopen: Callable[[Shop], Agents] | None = None,
    ) -> None:
        self._agents = agents
        self._computing = computing
        self._reopen = reopen
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._unread: SimpleQueue[tuple[Current, range]] = SimpleQueue()
        self._follow(LivingShop.of(shop), agents)
        if any(isinstance(agent, Follower) for agent in agents.values()):
            threading.Thread(target=self._read_new_texts, name="states", daemon=True).start()

    def _follow(self, living: LivingShop, agents: Agents) -> None:
        with self._lock:
            self._living, self._agents = living, agents
            self._updater = Updater(living)
            self._current = self._of(living.shop)

    def _of(self, shop: Shop) -> Current:
        moved = {
            label: agent.at(shop.catalogue) if isinstance(agent, Follower) else agent
            for label, agent in self._agents.items()
        }
        return Current(shop, moved)

    def current(self) -> Current:
        """Return the shop with all that was changed until now, and its agents."""
        living, current = self._living, self._current
        shop = living.refresh()
        if not living.is_current() and self._reopen and not self._opening.locked():
            threading.Thread(target=self._open_again, name="reopen", daemon=True).start()
        if shop is current.shop:
            return current
        with self._lock:
            before, now = self._current, self._living.shop
            if now is not before.shop:
                self._current = self._of(now)
                rows = range(_row_count(before.shop), _row_count(now))
                self._unread.put((self._current, rows))
            return self._current

    def update(
        self,
        products: Iterable[Product],
        gone: Iterable[str] = (),
        *,
        by: str,
        edits: Mapping[str, Edit] | None = None,
    ) -> Update:
        """Change products, as :meth:`Updater.update`; what is asked from then on is answered with
        the changes."""
        products, gone = list(products), list(gone)
        try:
            update = self._updater.update(products, gone, by=by, edits=edits)
        except ReplacedShop:
            if self._reopen is None:
                raise
            self._open_again()
            update = self._updater.update(products, gone, by=by, edits=edits)
        self.current()
        return update

    def _open_again(self) -> None:
        """Open the folder that took the place of the one that is followed."""
        with self._opening:
            if self._living.is_current() or self._reopen is None:
                return
            try:
                living = LivingShop.open(self._living.base.folder)
                self._follow(living, self._reopen(living.shop))
            except ShopwrightError as error:
                _LOG.warning("the shop is not opened again: %s", error)

    def _read_new_texts(self) -> None:
        while True:
            current, rows = self._unread.get()
            for row in rows:
                for agent in current.agents.values():
                    if isinstance(agent, Follower):
                        with self._computing:
                            agent.prepare(row)


def _row_count(shop: Shop) -> int:
    return shop.catalogue.row_count
