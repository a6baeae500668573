"""A training that is killed at any moment leaves a run that goes on, and a folder that no agent is
loaded from before it is whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time

import pytest

pytest.importorskip("torch")

from shopwright.agents.registry import open_agent
from shopwright.customers.feedback.training import train_feedback
from shopwright.errors import AgentError
from shopwright.store.store import Feedback, Recommendation, Store


def write_log(path, lists, shop):
    store = Store(path, shop.origin)
    for number in range(lists):
        items = ("SHOE000001", "SHOE000002")
        store.add_recommendation(
            Recommendation(
                id=str(number), at=float(number), agent="rule", propensities={"rule": 1.0},
                request="running shoes", settings={}, items=items,
            )
        )  # fmt: skip
        store.add_feedback(Feedback(str(number), "bought", items[number % 3 > 0], number + 1.0))
    store.close()


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(small_shop, tmp_path):
    log, out, rng = tmp_path / "log.sqlite", tmp_path / "run", random.Random(0)
    write_log(log, 60, small_shop)
    expected = train_feedback(small_shop, log, "rule", tmp_path / "whole")

    def begin(folder):
        if child := os.fork():
            return child
        try:
            train_feedback(small_shop, log, "rule", folder)
        finally:
            os._exit(0)

    started = time.monotonic()
    os.waitpid(begin(tmp_path / "timed"), 0)
    seconds = time.monotonic() - started
    finished = 0
    for _ in range(50):
        child = begin(out)
        time.sleep(rng.uniform(0.0, 1.5 * seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        try:
            assert open_agent(str(out), small_shop).taste is not None
        except AgentError:
            assert not (out / "result.json").exists()
        if (out / "result.json").exists():
            finished += 1
            assert train_feedback(small_shop, log, "rule", out) == expected
            shutil.rmtree(out)
    assert finished
    assert train_feedback(small_shop, log, "rule", out) == expected
