"""Requests that wait for the one thread in which agents compute."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs pip install 'shopwright[serve]'")

from shopwright.serving.agent_queue import Abandoned, AgentQueue, Overloaded


class Client:
    """One that hangs up when it is told to."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}


def running(test: Callable[[AgentQueue], Awaitable[None]], waiting: int = 2) -> None:
    queue = AgentQueue(waiting)
    try:
        asyncio.run(asyncio.wait_for(test(queue), 10))  # type: ignore[arg-type]
    finally:
        queue.close()


def test_work_of_clients_that_hung_up_is_dropped() -> None:
    done: list[int] = []

    async def test(queue: AgentQueue) -> None:
        begun, release = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def long() -> int:
            loop.call_soon_threadsafe(begun.set)
            release.wait(10)
            return 0

        first, second, third = Client(), Client(), Client()
        computing = asyncio.create_task(queue.run(long, first))
        await begun.wait()
        dropped = asyncio.create_task(queue.run(lambda: done.append(2), second))
        kept = asyncio.create_task(queue.run(lambda: done.append(3), third))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await queue.run(lambda: done.append(4), Client())
        second.leaves.set()
        with pytest.raises(Abandoned):
            await dropped
        # Its place is free again, and one who leaves what is being computed waits for nothing.
        after = asyncio.create_task(queue.run(lambda: done.append(5), Client()))
        first.leaves.set()
        with pytest.raises(Abandoned):
            await computing
        release.set()
        await asyncio.gather(kept, after)

    running(test)
    assert done == [3, 5]


def test_an_answer_and_an_error_come_to_who_asked() -> None:
    async def test(queue: AgentQueue) -> None:
        assert await queue.run(lambda: 7, Client()) == 7
        with pytest.raises(ZeroDivisionError):
            await queue.run(lambda: 1 // 0, Client())

    running(test)
