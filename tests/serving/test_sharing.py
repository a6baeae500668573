"""Connections shared out among workers."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="needs uvicorn (pip install 'shopwright[serve]')")

import uvicorn

from shopwright.serving import sharing
from shopwright.serving.connections import TimedConnection
from shopwright.serving.sharing import Accepting, Loads, SharingServer


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket at which two workers may wait."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        yield listening


class Greeting(asyncio.Protocol):
    """Says who took the connection."""

    def __init__(self, name: bytes) -> None:
        self._name = name

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._name)
        transport.close()


async def greeted(listening: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    try:
        return await reader.read()
    finally:
        writer.close()


def test_loads_are_seen_by_forked_processes() -> None:
    loads = Loads(2)
    first, second = loads.of(0), loads.of(1)
    second.add(1)
    child = os.fork()
    if not child:
        second.add(1)
        first.add(3)
        os._exit(0)
    os.waitpid(child, 0)
    assert not first.is_least()
    assert second.is_least()
    second.add(1)
    assert first.is_least()
    assert second.is_least()
    # Another worker in the place of one that died has nothing to do.
    assert not loads.of(0).add(0)
    assert not second.is_least()


def test_who_has_less_to_do_takes_the_next_connection(listening: socket.socket) -> None:
    async def talk() -> list[bytes]:
        loads = Loads(2)
        workers = [loads.of(number) for number in range(2)]
        # Two sockets, as two processes have after a fork.
        sockets = [listening, listening.dup()]
        accepting = [
            Accepting(each, load.is_least, lambda n=name: Greeting(n))  # type: ignore[misc]
            for each, load, name in zip(sockets, workers, (b"first", b"second"), strict=True)
        ]
        said = []
        for busy in (0, 1, 1, 0):
            workers[busy].add(1)
            said.append(await greeted(listening))
            workers[busy].add(-1)
        for each in accepting:
            await each.end()
        sockets[1].close()
        return said

    assert asyncio.run(talk()) == [b"second", b"first", b"first", b"second"]


def test_a_connection_is_taken_where_the_other_worker_does_not(listening: socket.socket) -> None:
    async def talk() -> bytes:
        accepting = Accepting(listening, lambda: False, lambda: Greeting(b"after all"))
        try:
            return await asyncio.wait_for(greeted(listening), 10)
        finally:
            await accepting.end()

    assert asyncio.run(talk()) == b"after all"


def test_patience_begins_anew_with_each_connection(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "PATIENCE_SECONDS", 0.05)

    async def talk() -> list[float]:
        accepting = Accepting(listening, lambda: False, lambda: Greeting(b"late"))
        loop, waited = asyncio.get_running_loop(), []
        for _ in range(2):
            began = loop.time()
            await greeted(listening)
            waited.append(loop.time() - began)
            await asyncio.sleep(5 * sharing.LOOK_AGAIN_SECONDS)
        await accepting.end()
        return waited

    assert min(asyncio.run(talk())) >= 0.05


def test_nothing_is_taken_after_the_end(listening: socket.socket) -> None:
    async def talk() -> None:
        accepting = Accepting(listening, lambda: True, lambda: Greeting(b"x"))
        await accepting.end()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(greeted(listening), 0.05)

    asyncio.run(talk())


def test_who_is_busier_takes_nothing_of_a_steady_stream(listening: socket.socket) -> None:
    async def talk() -> list[bytes]:
        twin = listening.dup()
        busy = Accepting(listening, lambda: False, lambda: Greeting(b"busy"))
        idle = Accepting(twin, lambda: True, lambda: Greeting(b"idle"))
        said = []
        for _ in range(100):
            said.append(await greeted(listening))
            await asyncio.sleep(0.001)
        await busy.end()
        await idle.end()
        twin.close()
        return said

    assert asyncio.run(talk()).count(b"busy") <= 5


def test_a_loop_that_is_slow_loses_no_patience(listening: socket.socket) -> None:
    async def talk() -> bytes:
        loop = asyncio.get_running_loop()

        def hold() -> None:
            time.sleep(2.5 * sharing.LOOK_AGAIN_SECONDS)
            loop.call_soon(hold)

        accepting = Accepting(listening, lambda: False, lambda: Greeting(b"after all"))
        loop.call_soon(hold)
        try:
            return await asyncio.wait_for(greeted(listening), 10)
        finally:
            await accepting.end()

    assert asyncio.run(talk()) == b"after all"


def test_a_worker_counts_what_is_in_progress(listening: socket.socket) -> None:
    loads = Loads(2)
    load, other = loads.of(0), loads.of(1)
    other.add(1)
    seen: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            load.add(-1)
            seen.append(load.is_least())  # Without this request it has nothing to do,
            load.add(1)
            other.add(-1)
            seen.append(load.is_least())  # with it more than one that has not.
            other.add(1)
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

    async def talk() -> None:
        config = uvicorn.Config(app, http=TimedConnection, lifespan="off", log_level="error")
        server = SharingServer(config, listening, load)
        serving = asyncio.ensure_future(server.serve())
        host, port = listening.getsockname()
        for _ in range(2):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert b" 204 " in await reader.read()
            writer.close()
        server.should_exit = True
        await serving

    asyncio.run(talk())
    assert seen == [True, False] * 2
    other.add(-1)
    assert load.is_least()
