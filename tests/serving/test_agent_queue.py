"""Requests that wait for the one thread in which agents compute."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs pip install 'shopwright[serve]'")

from shopwright.serving import agent_queue
from shopwright.serving.agent_queue import Abandoned, AgentQueue, Overloaded


class Client:
    """One that hangs up when it is told to."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}


Text = Callable[[], str | None]


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


def test_the_texts_of_those_that_wait_are_read_together_before_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agent_queue, "READ_TOGETHER", 4)
    events: list[object] = []

    def failing() -> str:
        raise ValueError

    async def test() -> None:
        queue = AgentQueue(10, lambda texts: events.append(list(texts)))
        begun, release = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def long() -> None:
            loop.call_soon_threadsafe(begun.set)
            release.wait(10)

        async def ask(name: str, text: Text | None, client: Client) -> None:
            await queue.run(lambda: events.append(name), client, text=text)

        # Who comes alone is not read ahead, and with whom there is nothing to read is left out.
        await ask("alone", lambda: "alone", Client())
        first = asyncio.create_task(queue.run(long, Client()))
        await begun.wait()
        leaver = Client()
        leaving = asyncio.create_task(ask("gone", lambda: "gone", leaver))
        waiting = [
            asyncio.create_task(ask(name, text, Client()))
            for name, text in [
                ("0", None),
                ("a", lambda: "A"),
                ("b", failing),
                ("c", lambda: None),
                ("d", lambda: "D"),
                ("e", lambda: "E"),
                ("f", lambda: "F"),
            ]
        ]
        await asyncio.sleep(0)
        leaver.leaves.set()
        with pytest.raises(Abandoned):
            await leaving
        release.set()
        await asyncio.gather(first, *waiting)
        queue.close()

    asyncio.run(asyncio.wait_for(test(), 10))
    # Of four turns at once one has no text after all, and one fails; the rest comes behind them.
    assert events == ["alone", "0", ["A", "D"], "a", "b", "c", "d", ["E", "F"], "e", "f"]


def test_reading_ahead_that_fails_fails_nobody() -> None:
    def read_ahead(_: object) -> None:
        raise ValueError

    async def test() -> None:
        queue = AgentQueue(10, read_ahead)
        release = threading.Event()
        first = asyncio.create_task(queue.run(lambda: release.wait(10), text=lambda: "a"))
        rest = [asyncio.create_task(queue.run(lambda: 7, text=lambda: "b")) for _ in range(2)]
        await asyncio.sleep(0)
        release.set()
        assert await asyncio.gather(first, *rest) == [True, 7, 7]
        queue.close()

    asyncio.run(asyncio.wait_for(test(), 10))


def waiting_for(texts: list[Text], queue: AgentQueue) -> Callable[[], Awaitable[None]]:
    """Work with these texts that waits together."""

    async def test() -> None:
        release = threading.Event()
        blocked = asyncio.create_task(queue.run(lambda: release.wait(10)))
        asked = [asyncio.create_task(queue.run(lambda: None, text=text)) for text in texts]
        await asyncio.sleep(0)
        release.set()
        await asyncio.gather(blocked, *asked, return_exceptions=True)
        queue.close()

    return test


def test_long_texts_are_not_waited_for() -> None:
    read: list[list[int]] = []
    queue = AgentQueue(10, lambda texts: read.append([*map(len, texts)]))
    texts: list[Text] = [lambda size=size: "x" * size for size in (60, 2000, 60, 60)]  # type: ignore[misc]
    asyncio.run(asyncio.wait_for(waiting_for(texts, queue)(), 10))  # type: ignore[arg-type]
    assert read == [[60, 2000], [60, 60]]


def test_nothing_is_made_for_who_leaves_meanwhile() -> None:
    read: list[list[str]] = []
    made: list[str] = []
    queue = AgentQueue(10, lambda texts: read.append([*texts]))

    def first() -> str:
        queue._unread.clear()  # As when all that wait have gone.
        made.append("first")
        return "first"

    def second() -> str:
        made.append("second")
        return "second"

    asyncio.run(asyncio.wait_for(waiting_for([first, second, second], queue)(), 10))  # type: ignore[arg-type]
    assert (made, read) == (["first"], [])
