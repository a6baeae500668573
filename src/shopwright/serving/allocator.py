"""Which agent answers the next request, by what the store says of how all of them do."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

from shopwright.serving.allocation import AllocationConfig, draw, propensities
from shopwright.serving.release import advance, shares
from shopwright.store.releases import Releases
from shopwright.store.store import Store

SETTLE_EVERY_SECONDS = 30.0
# Counting outcomes pauses for so many times as long as it took.
COUNTING_PAUSE = 20.0


class Allocator:
    """Divides requests among agents; may be used from several threads.

    Args:
        store: of what they recommended and what became of it.
        stream: tells the draws from those of others who share the store.
    """

    def __init__(self, store: Store, config: AllocationConfig, stream: str) -> None:
        self._store, self._config, self._stream = store, config, stream
        self._releases = Releases(store.database)
        self._trial = self._releases.latest()
        self._counts = store.counts()
        self._number = store.size()
        self._settled = -SETTLE_EVERY_SECONDS
        self._count_again = 0.0
        self._lock = threading.Lock()

    def chances(self, agents: Sequence[str]) -> dict[str, float]:
        """Return the probability with which each agent gets the next request."""
        if len(agents) == 1:
            return {agents[0]: 1.0}
        with self._lock:
            started = time.monotonic()
            if started - self._settled > SETTLE_EVERY_SECONDS:
                self._store.settle()
                self._settled = time.monotonic()
            if started >= self._count_again:
                self._counts = self._store.counts()
                self._trial = advance(self._releases)
                # However long the log is, counting takes a small share of the time.
                spent = time.monotonic() - started
                self._count_again = time.monotonic() + COUNTING_PAUSE * spent
            succeeded, failed = self._counts
        exploration = self._config.exploration
        chances = propensities(agents, succeeded, failed, exploration=exploration)
        return shares(chances, self._trial)

    def draw(self, chances: Mapping[str, float]) -> str:
        """Return the agent for one more request."""
        with self._lock:
            self._number += 1
            number = self._number
        return draw(chances, seed=self._config.seed, stream=self._stream, number=number)
