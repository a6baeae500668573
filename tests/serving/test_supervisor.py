"""The processes above the workers, without what they load."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

# Libraries start threads while they are loaded, and workers begin at one moment.
SERVICE = """
import signal, sys, threading, time
from shopwright.serving.supervisor import supervise

def load():
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    print("loading", flush=True)
    time.sleep(float(sys.argv[1]))
    def serve(number, ready):
        ready()
        signal.pause()
    return serve

supervise(load, 16, lambda: print("serving", flush=True), print, seconds_to_end=2.0)
"""


def children(pid: int) -> list[int]:
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


@contextmanager
def service(seconds_to_load: float) -> Iterator[tuple[subprocess.Popen[str], TextIO]]:
    """A service that loads, and what it says."""
    command = [sys.executable, "-c", SERVICE, str(seconds_to_load)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "loading\n"
            yield process, process.stdout
        finally:
            process.kill()


@pytest.mark.parametrize("_attempt", range(2))
def test_what_workers_say_at_one_moment_ends_nothing_where_loading_started_threads(_attempt):
    with service(0.0) as (process, said):
        assert said.readline() == "serving\n"
        (generation,) = children(process.pid)
        for worker in children(generation):
            os.kill(worker, signal.SIGKILL)
        for _ in range(16):
            assert "another takes its place" in said.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_ended_while_it_loads(how):
    with service(600.0) as (process, _):
        (generation,) = children(process.pid)
        process.send_signal(how)
        assert process.wait(2) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(generation, 0)
