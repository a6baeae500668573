"""Several worker processes behind one socket."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from postgresql_server import PostgresqlServer
from shopwright.shop.shop import Shop
from shopwright.store.store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux"),
]


class Workers:
    """`shopwright serve --workers`."""

    def __init__(self, shop: Path, place: str, count: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "shopwright.cli", "serve", "--shop", str(shop)),
                *("--agent", "rule", "rule-options", "--port", str(self.port)),
                *("--store", place, "--workers", str(count)),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self.wait_for("serving on")

    def wait_for(self, words: str) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if words in line:
                return
        raise AssertionError(f"expected {words!r} on standard error")

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"content-type": "application/json"})
            answer = connection.getresponse()
            content_type = answer.getheader("content-type", "")
            text = answer.read()
            return answer.status, json.loads(text) if "json" in content_type else text.decode()
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """Of the newest generation."""
        return children(children(self.process.pid)[-1])


def children(pid: int) -> list[int]:
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


@pytest.fixture(scope="module")
def start(served_shop: Shop) -> Iterator[Callable[..., Workers]]:
    started = []

    def start(place: str, count: int = 2) -> Workers:
        started.append(Workers(served_shop.folder, place, count))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return str(tmp_path_factory.mktemp("workers") / "f.sqlite")
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return server.new_database()


def test_workers_are_one_service(start, place, served_shop):
    """Their answers, visits, counters and products are the same, whoever is asked; a killed one is
    replaced and nothing that was acknowledged is lost; a reload fails no request."""
    service = start(place)
    workers = service.workers()
    assert len(workers) == 2

    answers = [service.ask("POST", "/recommend", {"request": "lamp"})[1] for _ in range(20)]
    for agent in {answer["agent"] for answer in answers}:
        own = [answer["items"] for answer in answers if answer["agent"] == agent]
        assert all(items == own[0] for items in own)
    ids = {answer["recommendation_id"] for answer in answers}
    assert len(ids) == 20

    for id in ids:
        for new in (True, False):
            event = {"recommendation_id": id, "kind": "dismissed"}
            assert service.ask("POST", "/feedback", event)[1]["new"] is new
    visit = service.ask("POST", "/visits", {"goal": 1})[1]
    path = f"/visits/{visit['visit_id']}/actions"
    for number in range(8):
        status, visit = service.ask("POST", path, {"action": f"search[lamp {number}]"})
        assert (status, visit["steps"]) == (200, number + 1)
    text = service.ask("GET", "/metrics")[1]
    assert re.search(r'shopwright_feedback_total\{kind="dismissed"\} 20\.0', text)
    assert re.search(r"^shopwright_visits 1\.0", text, re.MULTILINE)

    asin = served_shop.catalogue[0].asin
    assert service.ask("PATCH", "/products", {"products": [{"asin": asin, "price": 1.5}]})[0] == 200
    shown = {service.ask("GET", f"/products/{asin}")[1]["price"] for _ in range(8)}
    assert shown == {"$1.50"}

    os.kill(workers[0], signal.SIGKILL)
    service.wait_for("another takes its place")
    failed = reload_under_load(service)
    assert failed == []
    assert not set(workers) & set(service.workers())
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(30) == 0
    store = Store(place)
    assert {event.recommendation_id for event in store.feedback()} == ids
    store.close()


def reload_under_load(service: Workers) -> list[Any]:
    """What is answered other than with 200 while all workers are replaced."""
    done = threading.Event()
    failed: list[Any] = []

    def ask(keeps: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        while not done.is_set():
            try:
                connection.request("GET", "/search?query=lamp")
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    failed.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                failed.append(error)
            if not keeps:
                connection.close()

    threads = [threading.Thread(target=ask, args=(keeps,)) for keeps in (True, True, False, False)]
    for thread in threads:
        thread.start()
    service.process.send_signal(signal.SIGHUP)
    service.wait_for("reloaded\n")  # Not "not reloaded; ...".
    time.sleep(1.0)
    done.set()
    for thread in threads:
        thread.join()
    return failed


def test_what_cannot_be_loaded_ends_in_one_line(tmp_path):
    command = [sys.executable, "-m", "shopwright.cli", "serve", "--workers", "2", "--port", "0"]
    refused = subprocess.run(
        [*command, "--shop", str(tmp_path), "--agent", "rule"], capture_output=True, text=True
    )
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
