"""Work that is divided among processes.

They are forks of this one: whatever it has read, they have, and only results travel. Where a system
cannot fork safely, this process does the work alone; the results are the same.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

import torch

from shopwright.encoding.compute import cores, threads, use_threads
from shopwright.errors import UnavailableError

Item = TypeVar("Item")
Result = TypeVar("Result")

# Each holds its own copies of what it caches; more were not tried.
PROCESSES_AT_MOST = 8


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

    Raises:
        UnavailableError: a process was ended from outside, for want of memory, say.
        Exception: what ``function`` raised.
    """
    count = min(processes or cores(), PROCESSES_AT_MOST, len(items))
    results: list[Any] = [None] * len(items)
    forks = count > 1 and _can_fork()
    found = _forked(function, items, count) if forks else _alone(function, items)
    for done, (number, result) in enumerate(found, start=1):
        results[number] = result
        if progress:
            progress(done, len(items))
    return results


def _can_fork() -> bool:
    # A fork of a process that uses a GPU cannot use it; elsewhere than on Linux, system libraries
    # may have threads that a fork breaks.
    return sys.platform == "linux" and not torch.cuda.is_initialized()  # type: ignore[no-untyped-call]


def _alone(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> Iterator[tuple[int, Result]]:
    for number, item in enumerate(items):
        with threads(1):  # As another process would.
            result = function(item)
        yield number, result


def _forked(
    function: Callable[[Item], Result], items: Sequence[Item], count: int
) -> Iterator[tuple[int, Result]]:
    with _workers(function, items, count) as waiting:
        while waiting:
            for connection in wait(list(waiting)):
                assert isinstance(connection, Connection)
                try:
                    message = connection.recv()
                except EOFError:
                    raise UnavailableError(
                        "a process that worked for this one: expected results, but it was ended"
                    ) from None
                if message is None:
                    waiting.remove(connection)
                elif isinstance(message, Exception):
                    raise message
                else:
                    yield message


@contextmanager
def _workers(
    function: Callable[[Any], Any], items: Sequence[Any], count: int
) -> Iterator[list[Connection]]:
    """The connections of processes that work on every count-th item each; afterwards none of them
    is left."""
    context = multiprocessing.get_context("fork")
    processes: list[BaseProcess] = []
    connections: list[Connection] = []
    try:
        for first in range(count):
            receiving, sending = context.Pipe(duplex=False)
            process = context.Process(
                target=_work,
                args=(function, items, first, count, sending, [*connections, receiving]),
                daemon=True,
            )
            with warnings.catch_warnings():
                # Threads that only wait for work, as a language model's do, do no harm.
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            sending.close()
            processes.append(process)
            connections.append(receiving)
        yield list(connections)
    finally:
        for started in processes:
            started.kill()
        for started in processes:
            started.join()
        for connection in connections:
            connection.close()


def _work(
    function: Callable[[Any], Any],
    items: Sequence[Any],
    first: int,
    count: int,
    to: Connection,
    inherited: Sequence[Connection],
) -> None:
    # Held open here, they would hide from a worker that the process it works for is gone.
    for connection in inherited:
        connection.close()
    # Who interrupts the training interrupts the process that waits for this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    use_threads(1)
    try:
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
