"""A service on a free port of this process."""

from __future__ import annotations

import threading
import time
from typing import Any

from shopwright.serving.app import create_app
from shopwright.serving.service import Service


class Running:
    """A service on a free port of this process.

    Attributes:
        address: where it answers.
    """

    def __init__(self, service: Service, **settings: Any) -> None:
        import uvicorn

        config = uvicorn.Config(
            create_app(service, **settings), port=0, log_level="warning", access_log=False
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
