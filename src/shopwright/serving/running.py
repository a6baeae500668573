"""An ASGI application served by one process until a signal ends it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection
from typing import Any

import uvicorn

from shopwright.serving.connections import IDLE_SECONDS, TimedConnection
from shopwright.serving.sharing import Load, SharingServer
from shopwright.serving.supervisor import RETIRE

SHUTDOWN_SECONDS = 8
HANGING_SECONDS = 1.0
# The threads of the web framework and of agents, which end with the service.
_WORKERS = ("AnyIO worker", "agent")
_LOG = logging.getLogger("shopwright.serving")


def serve(
    app: Any, listening: socket.socket, ready: Callable[[], None], load: Load | None = None
) -> None:
    """Serve an ASGI application until a signal ends it.

    Args:
        ready: called once requests are taken.
        load: what this process has to do beside others that serve, too; None where none does.
    """
    calls = iter([ready])

    async def started() -> None:
        for call in calls:
            call()

    config = uvicorn.Config(
        app,
        http=TimedConnection,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
        callback_notify=started,
        timeout_notify=0,
    )
    server = uvicorn.Server(config)
    if load is not None:
        server = SharingServer(config, listening, load)

    def retire(*_: Any) -> None:
        TimedConnection.retiring = True
        server.should_exit = True

    # From here on signals end it in good order. uvicorn takes them itself while it serves, then
    # sends them again to whom they were for.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, server.handle_exit)
    signal.signal(RETIRE, retire)
    before = {*threading.enumerate()}
    server.run(sockets=[listening])
    leave_hanging(before)


def leave_hanging(before: Collection[threading.Thread]) -> None:
    """End this process at once where threads that answered requests do not end, as in a database
    that says nothing any more: it would wait for them.

    Args:
        before: threads that were there before, which are not looked at.
    """
    deadline = time.monotonic() + HANGING_SECONDS
    others = {*threading.enumerate()}.difference(before)
    working = [each for each in others if each.name.startswith(_WORKERS)]
    for each in working:
        each.join(max(0.0, deadline - time.monotonic()))
    if any(each.is_alive() for each in working):
        _LOG.error("ended although requests are still being answered; does the store hang?")
        os._exit(1)
