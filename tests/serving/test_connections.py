"""A real server under clients that stall, flood, or are there when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

uvicorn = pytest.importorskip("uvicorn", reason="needs pip install 'shopwright[serve]'")

from shopwright.cli.loading import TOKEN_VARIABLE, read_token
from shopwright.errors import InputError
from shopwright.serving import connections, middleware
from shopwright.serving.connections import TimedConnection
from shopwright.serving.metrics import Metrics
from shopwright.serving.middleware import HideFailures, LimitBody, LimitLoad

POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def answer(scope, receive, send):
    size = 8_000_000 if scope["path"] == "/large" else 2
    if scope["path"] == "/slow":
        await asyncio.sleep(30)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"o" * size})


@contextlib.contextmanager
def serving(shutdown_seconds=5):
    app = HideFailures(LimitBody(LimitLoad(answer, requests_at_once=1, metrics=Metrics())))
    config = uvicorn.Config(
        app, http=TimedConnection, lifespan="off", log_level="warning", timeout_keep_alive=1,
        timeout_graceful_shutdown=shutdown_seconds,
    )  # fmt: skip
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    address = listening.getsockname()
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield server, lambda: socket.create_connection(address, timeout=5)
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _short_limits(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connections, "SENDING_SECONDS", 0.3)
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.3)


def ended(client) -> bytes:
    """What came until the server closed."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65_536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("sent", [b"", b"G", b"POST / HTTP/1.1\r\nhost: x\r\n"])
def test_a_head_that_does_not_come_ends_its_connection(sent):
    with serving() as (_, connect), connect() as client:
        client.sendall(sent)
        assert ended(client) == b""


def test_bodies_that_stall_keep_no_place_and_are_refused():
    with serving() as (_, connect), connect() as stalled, connect() as other:
        stalled.sendall(POST + b"x")
        time.sleep(0.05)
        other.sendall(GET)
        assert b" 200 OK" in other.recv(1000)
        assert b" 408 " in ended(stalled)


def test_connections_beyond_the_cap_are_refused(monkeypatch):
    monkeypatch.setattr(connections, "CONNECTIONS", 1)
    with serving() as (_, connect), connect() as first:
        first.sendall(GET)
        assert b" 200 OK" in first.recv(1000)
        with connect() as second:
            assert b" 503 " in ended(second)


def test_a_client_that_takes_no_answer_loses_it():
    with serving() as (_, connect), connect() as client, connect() as other:
        client.sendall(GET.replace(b"/ ", b"/large "))
        time.sleep(0.8)
        assert len(ended(client)) < 8_000_000
        other.close()


@pytest.mark.parametrize(
    ("sent", "seconds"), [(POST + b"x", 1), (GET.replace(b"/ ", b"/slow "), 3)]
)
def test_the_end_has_one_deadline_and_no_trace(sent, seconds, monkeypatch, caplog):
    monkeypatch.setattr(middleware, "BODY_SECONDS", 30)
    with serving(shutdown_seconds=1) as (server, connect), connect() as client:
        client.sendall(sent)
        time.sleep(0.1)
        started = time.monotonic()
        server.should_exit = True
        answered = ended(client)
        assert time.monotonic() - started < seconds
        assert b" 503 " in answered or b"200" not in answered
    assert "Traceback" not in caplog.text


def test_a_signal_right_after_the_first_line_ends_it():
    code = (
        "from shopwright.cli.serve import _listen\n"
        "from shopwright.console import note\n"
        "from shopwright.serving.running import serve\n"
        "async def app(scope, receive, send): pass\n"
        "with _listen('127.0.0.1', 0) as listening:\n"
        "    serve(app, listening, lambda: note('serving on it'))\n"
        "    note('ended in good order')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) as process:
        assert b"serving on" in process.stderr.readline()
        os.kill(process.pid, signal.SIGTERM)
        assert b"ended in good order" in process.communicate(timeout=10)[1]
        assert process.returncode == 0


@pytest.mark.parametrize("token", ["two\nlines", " sesame", "sesame\n", "a\x7f"])
def test_a_token_that_no_client_could_send_is_refused(token, monkeypatch):
    monkeypatch.setenv(TOKEN_VARIABLE, token)
    with pytest.raises(InputError, match=TOKEN_VARIABLE):
        read_token()
