"""Forks that work for a process."""

from __future__ import annotations

import signal
import time

import pytest

from shopwright import forks


@pytest.mark.skipif(not forks.can_fork(), reason="processes cannot be forked here")
def test_a_fork_of_who_blocks_sigterm_ends_by_it():
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        fork = forks.start(lambda: (time.sleep(600) for _ in "1"))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    try:
        fork.process.terminate()
        fork.process.join(10)
        assert fork.process.exitcode == -signal.SIGTERM
    finally:
        forks.end(fork)
