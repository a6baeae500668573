"""Forks of this process that work for it: whatever it has read, they have, and only results travel,
through a pipe each."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from shopwright.errors import UnavailableError


def can_fork() -> bool:
    """Whether this process can be forked safely."""
    # A fork of a process that uses a GPU cannot use it; elsewhere than on Linux, system libraries
    # may have threads that a fork breaks. One of these processes has none of its own.
    torch = sys.modules.get("torch")
    return (
        sys.platform == "linux"
        and not multiprocessing.current_process().daemon
        and not (torch and torch.cuda.is_initialized())
    )


class Fork(NamedTuple):
    """A process, and where its results arrive."""

    process: BaseProcess
    results: Connection


def start(work: Callable[[], Iterable[Any]], others: Sequence[Fork] = ()) -> Fork:
    """Start a fork that sends what ``work`` yields, one by one, and None at its end.

    Args:
        work: is called in the fork.
        others: what else works for this process.
    """
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    inherited = [*(other.results for other in others), receiving]
    process = context.Process(target=_send, args=(work, sending, inherited), daemon=True)
    with warnings.catch_warnings():
        # Threads that only wait for work, as a language model's do, do no harm.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sending.close()
    return Fork(process, receiving)


def received(results: Connection) -> Any:
    """Return what a fork sends next, or None at its end.

    Raises:
        UnavailableError: it was ended from outside.
        Exception: what its work raised.
    """
    try:
        message = results.recv()
    except EOFError:
        raise UnavailableError(
            "a process that worked for this one: expected results, but it was ended"
        ) from None
    if isinstance(message, Exception):
        raise message
    return message


def end(fork: Fork) -> None:
    """End a fork, whatever it does."""
    fork.process.kill()
    fork.process.join()
    fork.results.close()


def _send(
    work: Callable[[], Iterable[Any]], to: Connection, inherited: Sequence[Connection]
) -> None:
    # What it has got from the process it works for stays as it is: to look through it for garbage
    # would copy all of it.
    gc.freeze()
    # Held open here, they would hide from a fork that the process it works for is gone.
    for connection in inherited:
        connection.close()
    # Who interrupts the work interrupts the process that waits for this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Who blocks it, as a service does that loads, is not to have forks that cannot be ended.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    try:
        for result in work():
            to.send(result)
        to.send(None)
    except BrokenPipeError:
        pass  # Nobody waits any more.
    except Exception as error:
        error.add_note(f"In a process that worked for this one:\n{traceback.format_exc()}")
        to.send(error)
    finally:
        # What a process does at its end may wait for threads that a fork leaves behind.
        os._exit(0)
