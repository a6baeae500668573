"""Conversations, feedback and returning customers, as `shopwright reproduce` compares them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from shopwright.agents.registry import open_agent
from shopwright.agents.rules import RulePage
from shopwright.customers.feedback.tastes import TasteConfig
from shopwright.reproduction.environments import FEEDBACK, answers, record_of
from shopwright.reproduction.market import HEADS, Market
from shopwright.reproduction.report import environment_table
from shopwright.shop.shop import Shop


def test_differences_are_paired_on_the_cases_and_told_in_a_sentence() -> None:
    served = [[10.0, 90.0, 20.0, 80.0] * 10, [20.0, 80.0, 10.0, 90.0] * 10]
    better = [[value + 10.0 for value in seed] for seed in served]
    record = record_of(FEEDBACK, {"as served": served, "DPO": better, "bandit": served}, seed=0)
    assert record["cases"] == 40
    assert record["rows"][1] == {"method": "DPO", "seeds": [60.0, 60.0]}
    gain, none = record["pairs"]
    assert gain["difference"] == 10.0
    assert gain["interval"] == [10.0, 10.0]
    assert gain["p_adjusted"] < 0.01
    assert (none["difference"], none["p_adjusted"]) == (0.0, 1.0)
    first, second = answers([record])
    assert first.startswith("feedback: DPO against as served: better, +10 (+10 to +10) of success")
    assert "no difference shown" in second
    table = environment_table(record)
    assert table.rows[0] == ["as served", "50 / 50", "–", "–", "–"]
    assert table.rows[1][:4] == ["DPO", "60 / 60", "+10.00", "+10.00 to +10.00"]


def test_the_same_seed_gives_the_same_market(demo_shop: Path, tmp_path: Path) -> None:
    shop = Shop.open(demo_shop)
    agent = open_agent("rule-page", shop)
    assert isinstance(agent, RulePage)
    found = [
        Market(shop, agent, tmp_path).measure(TasteConfig(seed=1), [60], 20, HEADS)
        for _ in range(2)
    ]
    for first, second in zip(*found, strict=True):
        assert first.bought > 0
        assert first.learned.tolist() == second.learned.tolist()
        assert (first.learned <= first.knowing + 1e-9).mean() > 0.5
