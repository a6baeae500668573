"""Connections shared out among workers: a new one goes to the worker with the least to do.

All workers wait at one listening socket. Were each to take what comes as soon as it wakes, requests
would wait behind others while another worker has nothing to do: with two workers at 80 % of what
they can do, the 99th percentile of waiting is about twice that of one queue before both. So a
worker that has more to do than another leaves a new connection to that one for a moment.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import mmap
import select
import socket
from collections.abc import Callable
from typing import Any

import numpy as np
import uvicorn

from shopwright.serving.connections import TimedConnection

_LOG = logging.getLogger("shopwright.serving")
# A worker looks again so soon whether the other one took the connection, and takes it itself when
# that has had so much time: it may be busy with something else, or have died.
LOOK_AGAIN_SECONDS = 0.002
PATIENCE_SECONDS = 0.02
_FULL_SECONDS = 1.0
_FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Loads:
    """How many requests each worker has in progress, in memory that they share after they are
    forked.

    Args:
        workers: how many there are.
    """

    def __init__(self, workers: int) -> None:
        self._counts = np.frombuffer(mmap.mmap(-1, 4 * workers), dtype=np.int32)

    def of(self, worker: int) -> Load:
        """Return the load of one, from nothing: it may take the place of one that died."""
        self._counts[worker] = 0
        return Load(self._counts, worker)


class Load:
    """How many requests a worker has in progress, beside the others.

    Args:
        counts: int32, (workers,): of each, which writes only its own.
        worker: which it is.
    """

    def __init__(self, counts: np.ndarray, worker: int) -> None:
        self._counts, self._worker = counts, worker

    def add(self, change: int) -> None:
        """Count more or fewer requests."""
        self._counts[self._worker] += change

    def is_least(self) -> bool:
        """Return whether no worker has less to do."""
        return bool(self._counts[self._worker] <= min(self._counts.tolist()))


class Accepting:
    """Takes connections from a listening socket when it is a worker's turn.

    Args:
        listening: shared with other workers.
        is_its_turn: whether this worker is to take the next one.
        protocol: makes what reads a connection.
    """

    def __init__(
        self,
        listening: socket.socket,
        is_its_turn: Callable[[], bool],
        protocol: Callable[[], asyncio.Protocol],
    ) -> None:
        self._listening, self._is_its_turn, self._protocol = listening, is_its_turn, protocol
        self._loop = asyncio.get_running_loop()
        self._waits_since: float | None = None
        self._poll = select.poll()
        self._poll.register(listening, select.POLLIN)
        self._again: asyncio.TimerHandle | None = None
        self._beginning: set[asyncio.Task[Any]] = set()
        listening.setblocking(False)
        self._loop.add_reader(listening, self._accept)

    async def end(self) -> None:
        """Take no more, and let what was taken begin."""
        self._loop.remove_reader(self._listening)
        if self._again is not None:
            self._again.cancel()
        await asyncio.gather(*self._beginning, return_exceptions=True)

    def _accept(self) -> None:
        if not (self._is_its_turn() or self._has_waited()):
            self._look_again(LOOK_AGAIN_SECONDS)
            return
        self._waits_since = None
        try:
            connection, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # Another worker took it.
        except OSError as error:
            if error.errno not in _FULL:
                raise
            _LOG.error("no connection can be taken: %s", error.strerror)
            self._look_again(_FULL_SECONDS)
            return
        connection.setblocking(False)
        beginning = self._loop.create_task(
            self._loop.connect_accepted_socket(self._protocol, connection)
        )
        self._beginning.add(beginning)
        beginning.add_done_callback(self._beginning.discard)

    def _has_waited(self) -> bool:
        """Whether a connection was there each time this looked, for long enough."""
        now = self._loop.time()
        if self._waits_since is None:
            self._waits_since = now
        return now - self._waits_since > PATIENCE_SECONDS

    def _look_again(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening)
        self._again = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        if not self._poll.poll(0):
            self._waits_since = None  # Another worker took it.
        self._loop.add_reader(self._listening, self._accept)


class SharingServer(uvicorn.Server):
    """uvicorn's server, which takes connections in turn with other workers.

    Args:
        listening: shared with them.
        load: what this worker has to do.
    """

    def __init__(self, config: uvicorn.Config, listening: socket.socket, load: Load) -> None:
        super().__init__(config)
        self._listening, self._load = listening, load
        self._accepting: Accepting | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets=[])
        self._accepting = Accepting(self._listening, self._load.is_least, self._connection)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end those that are open in good order."""
        if self._accepting is not None:
            await self._accepting.end()
        await super().shutdown(sockets=[self._listening])

    def _connection(self) -> asyncio.Protocol:
        connection = TimedConnection(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        connection.counts = self._load.add
        return connection
