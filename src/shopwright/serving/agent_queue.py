"""Where requests wait for the one thread in which agents compute."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from shopwright.config import Configuration, setting

Result = TypeVar("Result")

_LOG = logging.getLogger("shopwright.serving")
# The first one waits until all are read: as many as agents read at once
# (:data:`shopwright.policy.evidence.AT_ONCE`), and none after so many characters.
READ_TOGETHER = 8
CHARACTERS_TOGETHER = 1_600


@dataclass(frozen=True, kw_only=True)
class LoadLimits(Configuration):
    """How many requests the service takes at once."""

    requests_at_once: int = setting(
        64, help="requests in progress at most; more are answered with 503", minimum=1
    )
    waiting: int = setting(
        32, help="requests that may wait for an agent; more are answered with 503", minimum=1
    )


class Overloaded(Exception):
    """Too many requests wait for an agent."""


class Abandoned(Exception):
    """Whoever asked has gone: nobody takes the answer."""


class Client(Protocol):
    """Whoever asked, as a request of the web framework has it."""

    @property
    def receive(self) -> Callable[[], Awaitable[MutableMapping[str, Any]]]:
        """Wait for the next message of the connection."""


class AgentQueue:
    """Requests that wait for the one thread in which agents compute.

    Args:
        waiting: how many may wait besides the one that is being computed.
        read_ahead: reads texts that work whose turn comes next will read, in less time than one by
            one.
    """

    def __init__(
        self, waiting: int, read_ahead: Callable[[Sequence[str]], None] = lambda _: None
    ) -> None:
        self._waiting = waiting
        self._read_ahead = read_ahead
        self._count = 0
        # Of what waits, in turn: what gives the text. Both threads change it, in atomic steps.
        self._unread: dict[object, Callable[[], str | None]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="agent")

    async def run(
        self,
        work: Callable[[], Result],
        client: Client | None = None,
        *,
        text: Callable[[], str | None] | None = None,
    ) -> Result:
        """Return what a function returns that the thread calls.

        Args:
            client: who waits for it, the body of the request read. When it hangs up, what was not
                begun is dropped, as when this is cancelled; None: only then.
            text: gives the text that the function will read, None if it is not to be read ahead.
                The thread calls it, several turns earlier or not at all.

        Raises:
            Overloaded: too many wait already.
            Abandoned: the client has gone.
        """
        if self._count > self._waiting:
            raise Overloaded
        self._count += 1
        turn = object()
        if text is not None:
            self._unread[turn] = text
        working = asyncio.get_running_loop().run_in_executor(self._thread, self._take, turn, work)
        leaving = asyncio.ensure_future(_gone(client) if client else asyncio.Event().wait())
        try:
            await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise Abandoned
            return working.result()
        finally:
            self._count -= 1
            self._unread.pop(turn, None)
            working.cancel()
            leaving.cancel()

    def _take(self, turn: object, work: Callable[[], Result]) -> Result:
        if turn in self._unread:
            self._read_next()
        return work()

    def _read_next(self) -> None:
        """Read the texts of the next few together, those of who has not gone."""
        texts: list[str] = []
        for turn in [*self._unread][:READ_TOGETHER]:
            give = self._unread.pop(turn, None)
            with suppress(Exception):  # Who asked for it will hear of it.
                text = give() if give else None
                texts += [text] if text is not None else []
            if sum(map(len, texts)) > CHARACTERS_TOGETHER:
                break
        if len(texts) > 1:
            try:
                self._read_ahead(texts)
            except Exception:
                _LOG.exception("requests could not be read together")

    def close(self) -> None:
        """End the thread when it has computed what it has begun; what waits is dropped."""
        self._thread.shutdown(wait=True, cancel_futures=True)


async def _gone(client: Client) -> None:
    while (await client.receive())["type"] != "http.disconnect":
        pass
