"""Work that is divided: among processes of this machine, or wherever a pool takes it.

Processes are forks of this one: whatever it has read, they have, and only results travel. Where a
system cannot fork safely, this process does the work alone; the results are the same. Elsewhere
(cluster.py) the function travels, too: once for all items. Whoever owns the program says where::

    with using(RayPool("auto")):
        train("shops/own", "runs/own")
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Protocol, TypeVar

from threadpoolctl import ThreadpoolController

from shopwright import forks
from shopwright.forks import Fork, can_fork

Item = TypeVar("Item")
Result = TypeVar("Result")

# Each holds its own copies of what it caches; more were not tried.
PROCESSES_AT_MOST = 8


class Pool(Protocol):
    """Maps a function over tasks."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield ``function`` of each item, in order. What was begun for a caller that stops is
        dropped.

        Args:
            function: as of :func:`each`; it is called for an item again where a worker was lost.
            items: what to work on.

        Raises:
            UnavailableError, Exception: as :func:`each`.
        """


@dataclass(frozen=True)
class Processes:
    """A pool of processes of this machine.

    Attributes:
        count: how many work side by side; 0: one for each core that this process may use.
    """

    count: int = 0

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield ``function`` of each item, in order; see :meth:`Pool.map`."""
        count = min(self.count or cores(), PROCESSES_AT_MOST)
        listed = [*items] if count > 1 and can_fork() else []
        count = min(count, len(listed))
        if count < 2:
            yield from _alone(function, listed or items)
            return
        early: dict[int, Result] = {}
        number = 0
        for place, result in _forked(function, listed, count):
            early[place] = result
            while number in early:
                yield early.pop(number)
                number += 1


_pool: ContextVar[Pool | None] = ContextVar("pool", default=None)


def current_pool() -> Pool | None:
    """Return the pool that work goes to here; None where nobody said."""
    return _pool.get()


@contextmanager
def using(pool: Pool) -> Iterator[None]:
    """Within it, work that is divided goes to this pool."""
    token = _pool.set(pool)
    try:
        yield
    finally:
        _pool.reset(token)


def mapped(
    function: Callable[[Item], Result], items: Iterable[Item], pool: Pool | None
) -> Iterator[Result]:
    """Yield ``function`` of each item, in order, by a pool; None: by this process, with all of its
    threads."""
    return map(function, items) if pool is None else pool.map(function, items)


def each(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    processes: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """Return ``function`` of each item, in order.

    Args:
        function: of one item alone. It must not draw from a generator that is shared, and what it
            changes may be lost. Its results are sent between processes: arrays, no tensors.
        processes: how many work side by side; 0: one for each core that this process may use.
            Where a pool is given (:func:`using`), that decides.

    Raises:
        UnavailableError: a process was ended from outside, for want of memory, say.
        Exception: what ``function`` raised.
    """
    pool = current_pool() or Processes(processes)
    results: list[Result] = []
    for result in pool.map(function, items):
        results.append(result)
        if progress:
            progress(len(results), len(items))
    return results


def spread(
    function: Callable[[Item], Result], items: Iterable[Item], *, processes: int = 0
) -> Iterator[Result]:
    """Yield ``function`` of each item, in order, each worked out by a process of its own.

    A process copies the memory that it touches, and is gone after its item: this is for few large
    items. They are drawn one by one, while others are worked on.

    Args:
        function: as of :func:`each`.
        items: what to work on.
        processes: as of :func:`each`.

    Raises:
        UnavailableError, Exception: as :func:`each`.
    """
    count = min(processes or cores(), PROCESSES_AT_MOST)
    if count == 1 or not can_fork():
        yield from _alone(function, items)
        return
    iterator = iter(items)
    ahead = deque(islice(iterator, 2))
    if len(ahead) < 2:
        yield from _alone(function, ahead)
        return
    at_work: deque[Fork] = deque()
    try:
        while ahead or at_work:
            # Who is through with an item that is not the next one keeps it until its turn.
            busy = [worker.results for worker in at_work if not worker.results.poll()]
            if ahead and len(busy) < count and len(at_work) <= count:
                at_work.append(_start(function, [ahead.popleft()], [0], at_work))
                ahead.extend(islice(iterator, 1))
            elif at_work[0].results in busy:
                wait(busy)
            else:
                _, result = forks.received(at_work[0].results)
                forks.end(at_work.popleft())
                yield result
    finally:
        for worker in at_work:
            forks.end(worker)


@contextmanager
def meanwhile(function: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Work something out in a process of its own while the block goes on with something else.

    Yields:
        What waits for the result and returns it, to be called once. It raises as :func:`each`.
        Where there is one core, or a system cannot fork safely, the work is done then.
    """
    if cores() == 1 or not can_fork():
        yield lambda: next(_alone(lambda _: function(), [None]))
        return
    worker = _start(lambda _: function(), [None], [0], ())
    try:
        yield lambda: forks.received(worker.results)[1]
    finally:
        forks.end(worker)


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _one_thread() -> Iterator[None]:
    torch = sys.modules.get("torch")
    if torch is None:  # Nobody else computes for long.
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with libraries().limit(limits=1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)


@cache
def libraries() -> ThreadpoolController:
    """Return the libraries that compute with threads; to look for them takes milliseconds."""
    return ThreadpoolController()


@contextmanager
def alone() -> Iterator[None]:
    """Within it this process works as one of many does: with one thread, and what it would divide
    it does itself."""
    with using(Processes(1)), _one_thread():
        yield


def _alone(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    for item in items:
        with alone():  # As another process would.
            result = function(item)
        yield result


def _forked(
    function: Callable[[Item], Result], items: Sequence[Item], count: int
) -> Iterator[tuple[int, Result]]:
    """Yield the number and the result of each item, by processes that work on every count-th item
    each; afterwards none of them is left."""
    workers: list[Fork] = []
    try:
        for first in range(count):
            workers.append(_start(function, items, range(first, len(items), count), workers))
        waiting = [worker.results for worker in workers]
        while waiting:
            for connection in wait(waiting):
                assert isinstance(connection, Connection)
                message = forks.received(connection)
                if message is None:
                    waiting.remove(connection)
                else:
                    yield message
    finally:
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            forks.end(worker)


def _start(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    numbers: Iterable[int],
    others: Sequence[Fork],
) -> Fork:
    def work() -> Iterator[tuple[int, Result]]:
        with alone():
            for number in numbers:
                yield number, function(items[number])

    return forks.start(work, others)
