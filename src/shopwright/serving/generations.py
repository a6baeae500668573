"""The shop and its agents as they are now: what a request takes once and keeps to its end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol, runtime_checkable

from shopwright.catalogue.delta import ChangedCatalogue, Delta
from shopwright.catalogue.product import Product
from shopwright.errors import ShopwrightError
from shopwright.rollouts.agent import Shopper
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.living import LivingShop, ReplacedShop
from shopwright.shop.shop import Shop
from shopwright.shop.update import Edit, Update, Updater

_LOG = logging.getLogger("shopwright.serving")
# While somebody asks, reading new texts pauses for so many times as long as it took.
READING_PAUSE = 19.0

Agents = Mapping[str, Shopper]


@runtime_checkable
class Follower(Protocol):
    """An agent that reads a shop's texts by itself, and goes along when they change."""

    def at(self, catalogue: SearchableCatalogue) -> Shopper:
        """Return the agent in the same shop after changes."""

    def reading(self, row: int) -> Iterator[None]:
        """Read a product's texts, some at each step; until then it is judged by its words."""


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
        self._asked = 0
        self._closed = threading.Event()
        self._unread: SimpleQueue[tuple[Delta, int] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._follow(LivingShop.of(shop), agents)

    def begin(self) -> None:
        """Begin what goes on in the background, in this process."""
        if any(isinstance(agent, Follower) for agent in self._agents.values()):
            self._start("states", self._read_new_texts)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(threading.Thread(target=work, name=name, daemon=True))
        self._threads[-1].start()

    def close(self) -> None:
        """End what goes on in the background: a thread that is inside torch when Python ends takes
        the process down."""
        self._closed.set()
        self._unread.put(None)
        for thread in self._threads:
            thread.join()

    def _follow(self, living: LivingShop, agents: Agents) -> None:
        with self._lock:
            self._living, self._agents = living, agents
            self._updater = Updater(living)
            self._current = self._of(living.shop)
            self._put_unread(living.shop.catalogue, len(living.base.catalogue))

    def _put_unread(self, catalogue: SearchableCatalogue, first: int) -> None:
        """Have the texts read of the rows from one on."""
        if isinstance(catalogue, ChangedCatalogue):
            for row in range(first, catalogue.row_count):
                self._unread.put((catalogue.delta, row))

    def _of(self, shop: Shop) -> Current:
        # Those that went along before know what they have read since the shop was opened.
        self._agents = {
            label: agent.at(shop.catalogue) if isinstance(agent, Follower) else agent
            for label, agent in self._agents.items()
        }
        return Current(shop, self._agents)

    @property
    def latest(self) -> Current:
        """The shop and its agents as they were seen last, without another look at the files."""
        return self._current

    def current(self) -> Current:
        """Return the shop with all that was changed until now, and its agents."""
        self._asked += 1
        living, current = self._living, self._current
        shop = living.refresh()
        if not living.is_current() and self._reopen and not self._opening.locked():
            self._start("reopen", self._open_again)
        if shop is current.shop:
            return current
        with self._lock:
            before, now = self._current, self._living.shop
            if now is not before.shop:
                self._current = self._of(now)
                self._put_unread(now.catalogue, before.shop.catalogue.row_count)
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
        while (unread := self._unread.get()) is not None:
            delta, row = unread
            current = self._current
            catalogue = current.shop.catalogue
            if not isinstance(catalogue, ChangedCatalogue) or catalogue.delta is not delta:
                continue  # The folder was opened again.
            if delta.is_dead(row, catalogue.generation):
                continue  # It was changed once more, or removed.
            for agent in current.agents.values():
                if isinstance(agent, Follower):
                    self._go_through(agent.reading(row))

    def _go_through(self, reading: Iterator[None]) -> None:
        """Read step by step, seldom while somebody asks."""
        done = object()
        while not self._closed.is_set():
            asked = self._asked
            with self._computing:
                began = time.perf_counter()
                if next(reading, done) is done:
                    return
                took = time.perf_counter() - began
            if self._asked != asked:
                self._closed.wait(READING_PAUSE * took)
