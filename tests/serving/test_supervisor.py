"""The processes above the workers, without what they load."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")

# Libraries start threads while they are loaded, and workers begin at one moment.
SERVICE = """
import signal, threading, time
from shopwright.serving.supervisor import supervise

def load():
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    def serve(number, ready):
        ready()
        signal.pause()
    return serve

supervise(load, 16, lambda: print("serving", flush=True), print, seconds_to_end=2.0)
"""


def children(pid: int) -> list[int]:
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


@pytest.mark.parametrize("_attempt", range(2))
def test_what_workers_say_at_one_moment_ends_nothing_where_loading_started_threads(_attempt):
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE], stdout=subprocess.PIPE, text=True
    ) as service:
        try:
            assert service.stdout is not None
            assert service.stdout.readline() == "serving\n"
            (generation,) = children(service.pid)
            for worker in children(generation):
                os.kill(worker, signal.SIGKILL)
            for _ in range(16):
                assert "another takes its place" in service.stdout.readline()
            service.send_signal(signal.SIGTERM)
            assert service.wait(20) == 0
        finally:
            service.kill()
