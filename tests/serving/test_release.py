"""A release: refused or started by the estimate, raised, adopted and taken back by itself."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from shopwright.errors import InputError
from shopwright.serving.release import (
    SHARES,
    advance,
    next_step,
    refuse,
    release_record,
    shares,
    start,
    take_back,
)
from shopwright.serving.service import Service
from shopwright.store.releases import ADOPTED, RAISED, STARTED, TAKEN_BACK, Releases, Step
from shopwright.store.store import Feedback, Recommendation, Store

TRIAL = Step(agent="new", run="runs/new", step=STARTED, share=SHARES[0])


@pytest.fixture
def releases(store):
    """The releases of a new store."""
    return Releases(store.database)


def outcomes(store, agent, bought, failed):
    for number in range(bought + failed):
        id = f"{agent}-{time.monotonic_ns()}-{number}"
        store.add_recommendation(
            Recommendation(
                id=id,
                at=time.time(),
                agent=agent,
                propensities={},
                request="r",
                settings={},
                items=("A",),
            )
        )
        kind, asin = ("bought", "A") if number < bought else ("dismissed", "")
        store.add_feedback(Feedback(id, kind, asin, time.time()))


@pytest.mark.parametrize(
    ("candidate", "others", "due"),
    [
        ((0, 5), (50, 50), None),  # Too few to tell.
        ((2, 30), (50, 50), TAKEN_BACK),
        ((17, 23), (50, 50), None),
        ((25, 15), (50, 50), RAISED),
    ],
)
def test_what_is_due(candidate, others, due):
    step = next_step(TRIAL, candidate, others, sum(candidate))
    assert (step and step.step) == due


def test_it_is_raised_step_by_step_and_adopted_when_it_is_surely_better():
    trial, seen = TRIAL, []
    while (step := next_step(trial, (80, 20), (50, 50), 100)).step != ADOPTED:
        seen.append(step.share)
        trial = replace(trial, step=step.step, share=step.share)
    assert seen == list(SHARES[1:])
    assert next_step(replace(trial, share=SHARES[-1]), (52, 48), (50, 50), 100) is None
    assert next_step(TRIAL, (25, 15), (50, 50), 5) is None


def test_shares_of_the_traffic():
    chances = {"old": 0.3, "older": 0.3, "new": 0.4}
    assert shares(chances, None) == chances
    found = shares(chances, TRIAL)
    assert found == pytest.approx({"old": 0.475, "older": 0.475, "new": 0.05})
    assert shares(chances, replace(TRIAL, step=TAKEN_BACK, share=0.0))["new"] == 0.0
    assert shares(chances, replace(TRIAL, step=ADOPTED, share=1.0)) == chances
    assert shares({"old": 1.0}, TRIAL) == {"old": 1.0}
    assert shares({"new": 1.0}, TRIAL) == {"new": 1.0}


def test_a_candidate_that_falls_behind_is_taken_back_by_itself(store, releases):
    start(releases, "new", "runs/new", {})
    outcomes(store, "old", 30, 30)
    outcomes(store, "new", 1, 30)
    assert advance(releases).step == TAKEN_BACK
    assert advance(releases).step == TAKEN_BACK
    record = release_record(releases)
    assert [step["step"] for step in record["steps"]] == [STARTED, TAKEN_BACK]
    assert record["latest"]["candidate"]["judged"] == 31
    assert record["latest"]["others"]["success_rate"] == 0.5


def test_what_was_before_the_release_does_not_count(store, releases):
    outcomes(store, "new", 0, 40)
    start(releases, "new", "runs/new", {})
    assert advance(releases).step == STARTED


def test_one_candidate_at_a_time(releases):
    assert take_back(releases) is None
    first = start(releases, "new", "runs/new", {})
    assert start(releases, "new", "runs/new", {}) == first
    with pytest.raises(InputError, match="expected that no other is on trial, got new"):
        start(releases, "other", "runs/other", {})
    refuse(releases, "third", "runs/third", {"gain": -1.0})
    assert releases.latest() == first
    assert take_back(releases).details == {"asked_for": True}
    assert start(releases, "other", "runs/other", {}).agent == "other"


def test_of_two_that_take_a_step_one_is_heard(releases):
    assert releases.add(TRIAL, after=0)
    assert not releases.add(replace(TRIAL, step=TAKEN_BACK), after=0)
    assert [step.step for step in releases.steps()] == [STARTED]


def test_the_service_gives_a_candidate_its_share(served_shop, store, two_agents):
    start(Releases(store.database), "rule-options", "rule-options", {})
    service = Service(served_shop, two_agents.agents, store)
    assert service.chances() == pytest.approx({"rule": 0.95, "rule-options": 0.05})
    outcomes(store, "rule", 30, 10)
    outcomes(store, "rule-options", 1, 29)
    service._allocator._count_again = 0.0
    assert service.chances() == {"rule": 1.0, "rule-options": 0.0}
    record = service.recommend("a lamp")
    assert record["agent"] == "rule"


WRITER = """
import sys
from shopwright.serving.release import start, take_back
from shopwright.store.releases import Releases
from shopwright.store.store import Store
releases = Releases(Store(sys.argv[1], "shop", shared=True).database)
print("ready", flush=True)
while True:
    start(releases, "new", "runs/new", {})
    print("started", flush=True)
    take_back(releases)
    print("taken back", flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_log_of_releases_is_right(tmp_path):
    path, rng = tmp_path / "log.sqlite", random.Random(0)
    Store(path, "shop").close()
    said = 0
    for _ in range(50):
        command = [sys.executable, "-c", WRITER, str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.05))
        os.kill(process.pid, signal.SIGKILL)
        said += len(process.stdout.read().splitlines())
        process.wait()
        store = Store(path, "shop", shared=True)
        steps = Releases(store.database).steps()
        store.close()
        assert [step.step for step in steps] == [STARTED, TAKEN_BACK] * (len(steps) // 2) + (
            [STARTED] * (len(steps) % 2)
        )
        # One start that goes on is said again by the next process, and is no new step.
        assert len(steps) >= said - 50
    assert np.all(np.diff([step.number for step in steps]) == 1)
