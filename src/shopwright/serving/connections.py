"""Connections with time limits: a client that stalls loses its own, and never another's."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable

from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import H11Protocol

# Half of the files that the process may open; the shop, the store and the agents need some, too.
CONNECTIONS = min(512, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
HEAD_SECONDS = 10.0
IDLE_SECONDS = 30
SENDING_SECONDS = 30.0
LEAVING_SECONDS = 6.0
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"content-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
)


class TimedConnection(H11Protocol):
    """uvicorn's connection, which itself limits only the time between two requests.

    Closed are those beyond :data:`CONNECTIONS`, those without a whole request head after
    :data:`HEAD_SECONDS`, and those that take no answer for :data:`SENDING_SECONDS`. The time of
    bodies is :class:`shopwright.serving.middleware.LimitBody`'s concern.

    Attributes:
        retiring: whether other processes take new connections from now on. Then a connection ends
            with its next answer, or after :data:`LEAVING_SECONDS`: what its client has sent
            meanwhile is not lost.
        counts: told 1 when a request begins, a new connection counting as one, and -1 when it ends.
    """

    retiring = False
    counts: Callable[[int], None] | None = None
    _in_progress = False
    _head: asyncio.TimerHandle | None = None
    _sending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or refuse it where there are too many."""
        super().connection_made(transport)
        if self.retiring:
            self._retire()  # It was taken just before.
        if len(self.connections) > CONNECTIONS:
            transport.write(_TOO_MANY)
            transport.close()
        else:
            self._count(in_progress=True)
            self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        super().data_received(data)
        if self.retiring:
            self._say_close()
        self._count(in_progress=self.cycle is None or not self.cycle.response_complete)
        if self.cycle is None or self.cycle.response_complete:
            self._await_head()
        else:
            self._cancel()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._cancel()
        super().on_response_complete()
        # The next request may have come with this one.
        self._count(in_progress=self.cycle is not None and not self.cycle.response_complete)
        if self.transport.is_closing():
            # What was not taken yet is still to be sent.
            self.loop.call_later(SENDING_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """End all that waits."""
        self._cancel()
        self._count(in_progress=False)
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not take what is sent."""
        super().pause_writing()
        self._sending = self.loop.call_later(SENDING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client takes it again."""
        super().resume_writing()
        if self._sending is not None:
            self._sending.cancel()

    def shutdown(self) -> None:
        """End when the request is answered; at once where it has not come whole."""
        if self.retiring:
            self._retire()
            return
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete and self.cycle.more_body:
            self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """No request came for so long."""
        self.transport.abort()

    def _count(self, *, in_progress: bool) -> None:
        if in_progress is not self._in_progress:
            self._in_progress = in_progress
            if self.counts is not None:
                self.counts(1 if in_progress else -1)

    def _retire(self) -> None:
        self._say_close()
        self.loop.call_later(LEAVING_SECONDS, self._leave)

    def _say_close(self) -> None:
        """Have the answer say that the connection ends with it; else its client would ask again."""
        if self.cycle is not None and not self.cycle.response_started:
            # As if the client had asked for it.
            self.cycle.scope["headers"] = [*self.cycle.scope["headers"], CLOSE_HEADER]

    def _leave(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()

    def _await_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _cancel(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None
