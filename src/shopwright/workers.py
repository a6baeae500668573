"""Work that is divided: among processes of this machine, or wherever a pool takes it.

Processes are forks of this one: whatever it has read, they have, and only results travel. Where a
system cannot fork safely, this process does the work alone; the results are the same. Elsewhere
(cluster.py) the function travels, too: once for all items. Whoever owns the program says where::

    with using(RayPool("auto")):
        train("shops/own", "runs/own")
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, Protocol, TypeVar

from threadpoolctl import ThreadpoolController

from shopwright.errors import UnavailableError

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
        listed = [*items] if count > 1 and _can_fork() else []
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
    if count == 1 or not _can_fork():
        yield from _alone(function, items)
        return
    iterator = iter(items)
    ahead = deque(islice(iterator, 2))
    if len(ahead) < 2:
        yield from _alone(function, ahead)
        return
    at_work: deque[_Worker] = deque()
    try:
        while ahead or at_work:
            if ahead and len(at_work) < count:
                others = [worker.results for worker in at_work]
                at_work.append(_start(function, [ahead.popleft()], 0, 1, others))
                ahead.extend(islice(iterator, 1))
                continue
            _, result = _received(at_work[0].results)
            _end(at_work.popleft())
            yield result
    finally:
        for worker in at_work:
            _end(worker)


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _can_fork() -> bool:
    # A fork of a process that uses a GPU cannot use it; elsewhere than on Linux, system libraries
    # may have threads that a fork breaks. One of these processes has none of its own.
    torch = sys.modules.get("torch")
    return (
        sys.platform == "linux"
        and not multiprocessing.current_process().daemon
        and not (torch and torch.cuda.is_initialized())
    )


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
    with _workers(function, items, count) as waiting:
        while waiting:
            for connection in wait(list(waiting)):
                assert isinstance(connection, Connection)
                message = _received(connection)
                if message is None:
                    waiting.remove(connection)
                else:
                    yield message


def _received(connection: Connection) -> Any:
    """What a process sends: the number of an item and its result, or None at its end."""
    try:
        message = connection.recv()
    except EOFError:
        raise UnavailableError(
            "a process that worked for this one: expected results, but it was ended"
        ) from None
    if isinstance(message, Exception):
        raise message
    return message


class _Worker(NamedTuple):
    """A process, and where its results arrive."""

    process: BaseProcess
    results: Connection


@contextmanager
def _workers(
    function: Callable[[Any], Any], items: Sequence[Any], count: int
) -> Iterator[list[Connection]]:
    """The connections of processes that work on every count-th item each; afterwards none of them
    is left."""
    workers: list[_Worker] = []
    try:
        for first in range(count):
            others = [worker.results for worker in workers]
            workers.append(_start(function, items, first, count, others))
        yield [worker.results for worker in workers]
    finally:
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            _end(worker)


def _start(
    function: Callable[[Any], Any],
    items: Sequence[Any],
    first: int,
    count: int,
    others: Sequence[Connection],
) -> _Worker:
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(
        target=_work,
        args=(function, items, first, count, sending, [*others, receiving]),
        daemon=True,
    )
    with warnings.catch_warnings():
        # Threads that only wait for work, as a language model's do, do no harm.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sending.close()
    return _Worker(process, receiving)


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.results.close()


def _work(
    function: Callable[[Any], Any],
    items: Sequence[Any],
    first: int,
    count: int,
    to: Connection,
    inherited: Sequence[Connection],
) -> None:
    # What it has got from the process it works for stays as it is: to look through it for garbage
    # would copy all of it.
    gc.freeze()
    # Held open here, they would hide from a worker that the process it works for is gone.
    for connection in inherited:
        connection.close()
    # Who interrupts the work interrupts the process that waits for this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with alone():
            for number in range(first, len(items), count):
                to.send((number, function(items[number])))
        to.send(None)
    except BrokenPipeError:
        pass  # Nobody waits any more.
    except Exception as error:
        error.add_note(f"In a process that worked for this one:\n{traceback.format_exc()}")
        to.send(error)
    finally:
        # What a process does at its end may wait for threads that a fork leaves behind.
        os._exit(0)
