"""Evaluation of agents on goals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shopwright.agents.oracle import Oracle
from shopwright.agents.registry import built_in
from shopwright.agents.rules import Random, Rule
from shopwright.errors import InputError
from shopwright.evaluation.episodes import Evaluation, evaluate
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.shop import Shop


@pytest.mark.parametrize("protocol", ["pages", "catalogue"])
@pytest.mark.parametrize("name", ["rule", "rule-options", "rule-page", "oracle"])
def test_every_goal_is_tried_once_in_order(tiny_shop: Shop, protocol: str, name: str) -> None:
    goals = list(tiny_shop.goals)
    calls: list[tuple[int, int]] = []
    result = evaluate(
        built_in(name), tiny_shop, goals, protocol=protocol, goals_name="all",
        progress=lambda *call: calls.append(call),
    )  # fmt: skip
    outcomes = [roll_out(built_in(name), tiny_shop, goal, protocol=protocol) for goal in goals]
    assert result.rewards == tuple(outcome.trajectory.reward for outcome in outcomes)
    assert result.steps == tuple(len(outcome.trajectory.steps) for outcome in outcomes)
    assert (result.agent, result.protocol, result.goals) == (name, protocol, "all")
    assert result.step_limit == (15 if protocol == "pages" else None)
    assert calls == [(number + 1, len(goals)) for number in range(len(goals))]


def evaluation(**fields: Any) -> Evaluation:
    return Evaluation(
        **{
            "agent": "a", "protocol": "pages", "goals": "g", "step_limit": 15, "sample": False,
            "seed": 0, "rewards": (1.0, 0.5, 0.999999, 0.0), "steps": (3, 4, 5, 15), "seconds": 1.0,
        }
        | fields
    )  # fmt: skip


def test_the_record_holds_percentages_and_intervals() -> None:
    record = evaluation().record()
    assert record["episodes"] == 4
    assert record["score"] == pytest.approx(62.499975)
    assert record["success_rate"] == 25.0
    assert record["steps_mean"] == 6.75
    low, high = record["success_interval"]
    # Wilson's interval of 1 in 4, by its formula with z = 1.959964.
    z, p, n = 1.959964, 0.25, 4
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert (low, high) == pytest.approx((100 * (middle - half), 100 * (middle + half)), abs=1e-3)
    low, high = record["score_interval"]
    assert 0.0 <= low < record["score"] < high <= 100.0


def test_only_a_reward_of_exactly_one_is_a_success() -> None:
    assert evaluation().successes == 1
    assert evaluation(rewards=(1.0, 1.0, 1.0, 1.0)).record()["success_rate"] == 100.0


def test_one_seed_gives_the_same_record_whatever_ran_before(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)

    def run(agent: Random, seed: int) -> dict[str, Any]:
        record = evaluate(agent, tiny_shop, goals, sample=True, seed=seed).record()
        del record["seconds"]
        return record

    used = Random(seed=7)
    run(used, 5)
    assert run(used, 1) == run(Random(seed=8), 1)
    assert run(used, 1) != run(used, 2)


def test_goals_do_not_share_their_samples(tiny_shop: Shop) -> None:
    one = tiny_shop.goals[0]
    together = evaluate(Random(), tiny_shop, [one] * 8, sample=True, seed=1)
    assert len(set(zip(together.rewards, together.steps, strict=True))) > 1
    alone = evaluate(Random(), tiny_shop, [one], sample=True, seed=1)
    assert alone.steps[0] == together.steps[0]


def test_the_step_limit_is_kept(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    cut = evaluate(Rule(choose_options=True), tiny_shop, goals, step_limit=4)
    assert set(cut.steps) == {4}
    assert set(cut.rewards) == {0.0}
    free = evaluate(Rule(choose_options=True), tiny_shop, goals, step_limit=None)
    assert free.step_limit is None
    assert max(free.rewards) == 1.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"goals": []}, "goals: expected at least one, got none"),
        ({"protocol": "mail"}, "protocol: expected one of pages, catalogue, got 'mail'"),
        ({"step_limit": 0}, "step_limit: expected a number above 0, got 0"),
    ],
)
def test_wrong_settings_are_refused(tiny_shop: Shop, wrong: dict[str, Any], message: str) -> None:
    settings = {"goals": list(tiny_shop.goals)} | wrong
    with pytest.raises(InputError, match=message):
        evaluate(Oracle(), tiny_shop, **settings)
