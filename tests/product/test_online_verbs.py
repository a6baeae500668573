"""`demonstrations` and `online-report`, on logs that a service wrote."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

pytest.importorskip("torch")

from shopwright.agents.oracle import Oracle
from shopwright.agents.registry import built_in
from shopwright.rollouts.records import read_trajectories
from shopwright.rollouts.rollout import roll_out
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.store.store import Store


@pytest.fixture
def log(demo_shop: Path, tmp_path: Path) -> Path:
    """What a service of two rules has logged: purchases, dismissals and three visits."""
    shop = Shop.open(demo_shop)
    store = Store(tmp_path / "feedback.sqlite", shop.origin)
    agents = {name: built_in(name) for name in ("rule", "rule-page")}
    service = Service(shop, agents, store)
    for number in range(40):
        record = service.recommend(shop.goals[number].instruction, count=3)
        asin = record["items"][0]["asin"]
        event = ("bought", asin) if number % 3 else ("dismissed", None)
        service.feedback(record["recommendation_id"], *event)
    for number in range(2):
        visit = service.visits.start(number)
        for action in roll_out(Oracle(), shop, shop.goals[number]).trajectory.actions:
            visit = service.act(visit["visit_id"], action)
    visit = service.visits.start(5)
    for action in ("search[x shoe lamp chair]", None, "click[buy now]"):
        action = action or visit["page"]["results"][-1]["action"]
        visit = service.act(visit["visit_id"], action)
    assert not visit["page"]["reward"]["success"]
    store.close()
    return tmp_path / "feedback.sqlite"


def test_perfect_demonstrations_are_exported(here, log, tmp_path):
    out = tmp_path / "demonstrations.jsonl"
    record = orjson.loads(here("demonstrations", "--feedback", log, "--out", out, "--json"))
    assert record == {"out": str(out), "demonstrations": 2, "imperfect_left_out": 1}
    assert all(trajectory.perfect for trajectory in read_trajectories(out))
    here("demonstrations", "--feedback", log, "--out", out, "--all")
    assert [trajectory.perfect for trajectory in read_trajectories(out)] == [True, True, False]


def test_a_store_is_backed_up(here, log, tmp_path):
    record = orjson.loads(here("store", "backup", log, "--out", tmp_path / "copy", "--json"))
    assert record == {"out": str(tmp_path / "copy"), "recommendations": 40}
    assert here("online-report", "--feedback", tmp_path / "copy") == here(
        "online-report", "--feedback", log
    )


def test_nothing_to_export_is_said(refused, tmp_path):
    Store(tmp_path / "f.sqlite", "shop").close()
    out = tmp_path / "out.jsonl"
    line = refused("demonstrations", "--feedback", tmp_path / "f.sqlite", "--out", out)
    assert "expected demonstrations with a reward of 1, got none (0 with less" in line
    assert not out.exists()
    assert "found none" in refused("demonstrations", "--feedback", tmp_path / "x", "--out", out)
    assert "expected recommendations, got none yet" in refused(
        "online-report", "--feedback", tmp_path / "f.sqlite"
    )


def test_the_online_report(here, log):
    record = orjson.loads(here("online-report", "--feedback", log, "--json"))
    assert record["recommendations"] == record["judged"] == 40
    assert record["successes"] == 26
    assert {arm["agent"] for arm in record["agents"]} == {"rule", "rule-page"}
    assert sum(arm["pulls"] for arm in record["agents"]) == 40
    assert "regret:" in here("online-report", "--feedback", log)


def test_what_another_agent_would_have_earned(here, refused, log, demo_shop):
    words = ("online-report", "--feedback", log, "--target", "rule-options")
    served = ("--shop", demo_shop, "--agent", "rule", "rule-page")
    other = orjson.loads(here(*words, *served, "--json"))["off_policy"]
    assert other["target"] == "rule-options"
    assert other["entries"] == 40
    for name in ("inverse_propensity", "self_normalised", "doubly_robust"):
        assert 0.0 <= other[name]["value"] <= 1.5
        assert other[name]["interval"][0] < other[name]["interval"][1]
    assert "doubly robust" in here(*words, *served)
    assert "--target: expected --shop and the served --agent" in refused(*words)
