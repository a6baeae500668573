"""An ASGI application served by one process until a signal ends it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from shopwright.serving.connections import IDLE_SECONDS, TimedConnection
from shopwright.serving.sharing import Load, SharingServer
from shopwright.serving.supervisor import RETIRE

SHUTDOWN_SECONDS = 8


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
    server.run(sockets=[listening])
