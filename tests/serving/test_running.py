"""How a process that serves ends."""

from __future__ import annotations

import os
import threading

import pytest

pytest.importorskip("uvicorn", reason="needs pip install 'shopwright[serve]'")

from shopwright.serving import running


@pytest.mark.parametrize("hangs", [True, False])
def test_a_thread_that_hangs_in_the_store_holds_nothing_up(monkeypatch, hangs):
    left, released = [], threading.Event()
    monkeypatch.setattr(os, "_exit", left.append)
    monkeypatch.setattr(running, "HANGING_SECONDS", 0.01 if hangs else 10.0)
    if not hangs:
        released.set()
    before = {*threading.enumerate()}
    thread = threading.Thread(target=released.wait, name="AnyIO worker thread")
    thread.start()
    running.leave_hanging(before)
    released.set()
    thread.join()
    assert left == ([1] if hangs else [])


def test_threads_that_were_there_before_are_not_waited_for(monkeypatch):
    left, released = [], threading.Event()
    monkeypatch.setattr(os, "_exit", left.append)
    monkeypatch.setattr(running, "HANGING_SECONDS", 0.01)
    thread = threading.Thread(target=released.wait, name="AnyIO worker thread")
    thread.start()
    running.leave_hanging({*threading.enumerate()})
    released.set()
    thread.join()
    assert left == []
