"""The HTTP interface against its own OpenAPI description, and as a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis")

from hypothesis import HealthCheck, given, settings

from shopwright.agents.rules import RulePage
from shopwright.serving.app import create_app
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.store.store import Recommendation, Store


@pytest.fixture(scope="module")
def described(served_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The description of a service of a copy of the shop, bound to it."""
    copied = tmp_path_factory.mktemp("changed") / "shop"
    shutil.copytree(served_shop.folder, copied)
    store = Store(tmp_path_factory.mktemp("contract") / "f.sqlite", "shop")
    app = create_app(Service(Shop.open(copied), {"rule-page": RulePage()}, store))
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_every_operation_keeps_its_description(described, mode):
    # Valid input must be answered as described, invalid input refused as described.
    from schemathesis import GenerationMode

    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) == 23
    for operation in operations:
        has_input = operation.body or operation.query or operation.path_parameters
        if mode == "NEGATIVE" and not has_input:
            continue

        @given(case=operation.as_strategy(generation_mode=GenerationMode[mode]))
        @settings(
            max_examples=4,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def check(case):
            case.call_and_validate()

        check()


class Server:
    """`shopwright serve` as a process."""

    def __init__(self, shop: Path, feedback: Path, *arguments: str, **environment: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "shopwright.cli", "serve", "--shop", str(shop)),
                *("--agent", "rule-page", "--port", str(self.port)),
                *("--feedback", str(feedback), *arguments),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        )
        for _ in range(600):
            try:
                self.get("/health")
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert self.process.poll() is None, self.process.stderr
                time.sleep(0.05)
        raise AssertionError("the service did not start within 30 s")

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(40)


@pytest.fixture
def serve(served_shop: Shop, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers on the small shop; those that still run are killed in the end."""
    servers = []

    def start(*arguments: str, **environment: str) -> Server:
        servers.append(Server(served_shop.folder, tmp_path / "f.sqlite", *arguments, **environment))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait()


def test_shutdown_finishes_what_was_begun(serve):
    server = serve()
    server.post("/recommend", {"request": "lamp"})
    with ThreadPoolExecutor(12) as threads:
        asked = [
            threads.submit(server.post, "/recommend", {"request": f"warm lamp {n}", "count": 20})
            for n in range(12)
        ]
        wait(asked, return_when=FIRST_COMPLETED)
        assert server.end() == 0
        answered = []
        for future in asked:
            # What was not begun when the signal came is refused; no answer is half one.
            with suppress(urllib.error.URLError, ConnectionError):
                answered.append(future.result())
    assert all(answer["items"] for answer in answered)
    assert answered


def test_a_port_in_use_and_a_bad_number_are_one_line(served_shop, tmp_path, capsys):
    from shopwright.cli import main

    shop = ["serve", "--shop", str(served_shop.folder), "--agent", "rule"]
    feedback = ["--feedback", str(tmp_path / "f.sqlite")]
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = str(used.getsockname()[1])
        assert main([*shop, *feedback, "--port", port]) == 2
    assert "expected an address to listen on" in capsys.readouterr().err
    assert main([*shop, *feedback, "--port", "70000"]) == 2
    assert main([*shop, *feedback, "--exploration", "2"]) == 2
    assert main([*shop, "rule", *feedback]) == 2
    assert "expected different agents, got 'rule' twice" in capsys.readouterr().err
    assert main([*shop, "oracle", *feedback, "--port", "0"]) == 2
    assert "got 'oracle', which must be told a goal" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def _flood(
    server: Server,
    ids: list[str],
    acknowledged: set[tuple[str, str]],
    done: threading.Event,
    enough: threading.Semaphore,
) -> None:
    kinds = ("shown", "clicked", "dismissed", "bought")
    while not done.is_set():
        id, kind = random.choice(ids), random.choice(kinds)
        try:
            server.post("/feedback", {"recommendation_id": id, "kind": kind, "asin": "A"})
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read()) from None
        except (OSError, ValueError, http.client.HTTPException):
            return  # Killed in the middle of it: nothing was acknowledged.
        acknowledged.add((id, kind))
        enough.release()


def kill_during_feedback(
    serve: Callable[..., Server], store_path: Path, shop: str, moments: int
) -> int:
    chance = random.Random(11)
    acknowledged: set[tuple[str, str]] = set()
    for moment in range(moments):
        store = Store(store_path, shop)
        ids = [f"recommendation-{moment}-{number}" for number in range(40)]
        for id in ids:
            store.add_recommendation(
                Recommendation(
                    id=id, at=time.time(), agent="rule-page", propensities={"rule-page": 1.0},
                    request="x", settings={}, items=("A",),
                )
            )  # fmt: skip
        store.close()
        server = serve()
        done = threading.Event()
        # The kill comes in the middle of the feedback after so many events.
        enough = threading.Semaphore(0)
        threads = [
            threading.Thread(target=_flood, args=(server, ids, acknowledged, done, enough))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for _ in range(chance.randint(1, 60)):
            assert enough.acquire(timeout=20)
        server.end(signal.SIGKILL)
        done.set()
        for thread in threads:
            thread.join()
        store = Store(store_path)
        kept = {(event.recommendation_id, event.kind) for event in store.feedback()}
        store.close()
        assert acknowledged <= kept
    return len(acknowledged)


@pytest.mark.parametrize(
    "moments", [1, pytest.param(20, marks=pytest.mark.slow)], ids=["once", "20 times"]
)
def test_no_acknowledged_feedback_is_lost_by_a_kill(serve, tmp_path, served_shop, moments):
    path = tmp_path / "f.sqlite"
    key = served_shop.manifest["files"]["catalogue/products.bin"]["sha256"]
    assert kill_during_feedback(serve, path, key, moments) > moments
