"""Processes that serve together, and one that watches over them.

Three levels: the supervisor holds the listening socket and loads nothing; below it a *generation*
loads the shop and the agents and is forked into its workers, which so share all of that memory
until they write to it. A worker that dies is forked anew. A reload starts another generation beside
the present one, which retires once the new one serves; nothing else touches the socket, so that no
connection is lost in between.

They talk by signals: queued real-time ones to say that a process serves, SIGUSR2 to retire, SIGTERM
to end. Linux only, as forking beside system threads is safe nowhere else.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from shopwright.errors import InputError

SERVES = signal.SIGRTMIN if sys.platform == "linux" else signal.SIGTERM
RETIRE = signal.SIGUSR2
_ENDING = {signal.SIGTERM, signal.SIGINT}
_HEARD = {*_ENDING, signal.SIGHUP, signal.SIGCHLD, SERVES, RETIRE}
# A worker that dies sooner than this is not forked again at once.
SHORT_LIFE_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1

# Serves as the worker of a number, from 0, until a signal ends it; calls what it is given once it
# takes requests.
Serve = Callable[[int, Callable[[], None]], None]


def supervise(
    load: Callable[[], Serve],
    workers: int,
    announce: Callable[[], None],
    say: Callable[[str], None],
    *,
    seconds_to_end: float,
) -> None:
    """Keep workers serving until SIGTERM or SIGINT; SIGHUP loads everything anew.

    Args:
        load: loads what workers share, and returns what each of them runs. Its exceptions are
            raised at the first start; later ones leave the present generation in place.
        workers: how many serve at a time.
        announce: called once they do.
        say: tells whoever watches what happened.
        seconds_to_end: for a worker's last requests; what has not ended then is killed.

    Raises:
        InputError: this system cannot do that.
        SystemExit: the first generation ended before it served, having said why.
    """
    if sys.platform != "linux":
        raise InputError("--workers: expected Linux, got another system; leave it out")
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    current: int | None = None
    starting: int | None = _fork_generation(load, workers, say, seconds_to_end)
    retiring: set[int] = set()
    while True:
        heard = signal.sigwaitinfo(_HEARD)
        if heard.si_signo in (signal.SIGTERM, signal.SIGINT):
            _end([each for each in (current, starting, *retiring) if each], seconds_to_end + 1.0)
            return
        if heard.si_signo == signal.SIGHUP and starting is None:
            starting = _fork_generation(load, workers, say, seconds_to_end)
        elif heard.si_signo == SERVES and heard.si_pid == starting:
            if current is not None:
                os.kill(current, RETIRE)
                retiring.add(current)
                say("reloaded")
            else:
                announce()
            current, starting = starting, None
        for ended, status in _reaped():
            retiring.discard(ended)
            if ended == starting:
                if current is None:
                    raise SystemExit(status)
                say("not reloaded; what was loaded before goes on")
                starting = None
            elif ended == current:
                say(f"all workers ended (status {status}); they are started again")
                current, starting = (
                    None,
                    starting or _fork_generation(load, workers, say, seconds_to_end),
                )


def _fork_generation(
    load: Callable[[], Serve], workers: int, say: Callable[[str], None], seconds_to_end: float
) -> int:
    """Fork the process of a generation, and return its id."""
    parent = os.getpid()
    child = os.fork()
    if not child:
        _be_generation(load, workers, say, parent, seconds_to_end)
    return child


def _be_generation(
    load: Callable[[], Serve],
    workers: int,
    say: Callable[[str], None],
    parent: int,
    seconds_to_end: float,
) -> NoReturn:
    _end_with(parent)
    os.setpgrp()  # What a terminal sends is for the supervisor alone, and reloading is, too.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with _can_be_ended():
        serve = load()
    # Collections would write to every object, and so copy it for each worker.
    gc.collect()
    gc.freeze()
    _keep_workers(serve, workers, say, parent, seconds_to_end)


@contextmanager
def _can_be_ended() -> Iterator[None]:
    """While something is loaded, a thread of its own takes the signals that end a process. All
    others block them, those too that libraries start: whichever thread does not block a signal
    may get it in place of the one that waits for it later."""
    is_over = threading.Event()

    def take() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        is_over.wait()

    taking = threading.Thread(target=take, daemon=True)
    taking.start()
    try:
        yield
    finally:
        is_over.set()
        taking.join()


def _keep_workers(
    serve: Serve, workers: int, say: Callable[[str], None], parent: int, seconds_to_end: float
) -> NoReturn:
    born: dict[int, float] = {}
    numbers: dict[int, int] = {}
    serving: set[int] = set()

    def fork(number: int) -> None:
        worker = _fork_worker(serve, number)
        born[worker], numbers[worker] = time.monotonic(), number

    for number in range(workers):
        fork(number)
    while True:
        heard = signal.sigwaitinfo(_HEARD)
        if heard.si_signo in (signal.SIGTERM, RETIRE):
            _end([*born], seconds_to_end, signal.Signals(heard.si_signo))
            os._exit(0)
        if heard.si_signo == SERVES:
            serving.add(heard.si_pid)
            if len(serving) == workers:
                os.kill(parent, SERVES)
        for ended, status in _reaped():
            lived = time.monotonic() - born.pop(ended)
            if len(serving) < workers:
                _end([*born], 0.0)
                os._exit(status or 1)
            say(f"a worker ended (status {status}); another takes its place")
            if lived < SHORT_LIFE_SECONDS:
                time.sleep(SHORT_LIFE_SECONDS)
            fork(numbers.pop(ended))


def _fork_worker(serve: Serve, number: int) -> int:
    parent = os.getpid()
    if child := os.fork():
        return child
    status = 1
    try:
        _end_with(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        serve(number, lambda: os.kill(parent, SERVES))
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        # What the processes above are to do when they end is not this one's to do.
        sys.stderr.flush()
        os._exit(status)


def _end(children: list[int], seconds: float, how: signal.Signals = signal.SIGTERM) -> None:
    """End children in good order, and kill those that have not ended in time."""
    left = set(children)
    for child in left:
        os.kill(child, how)
    deadline = time.monotonic() + seconds
    while left and (wait := deadline - time.monotonic()) > 0:
        signal.sigtimedwait({signal.SIGCHLD}, wait)
        left -= {ended for ended, _ in _reaped()}
    for child in left:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _reaped() -> Iterator[tuple[int, int]]:
    """Children that have ended, each with its exit status."""
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not child:
            return
        yield child, os.waitstatus_to_exitcode(status)


def _end_with(parent: int) -> None:
    """Have this process ended when the one that forked it is, however that ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
