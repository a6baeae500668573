"""Generation of perfect rollouts."""

from __future__ import annotations

import random

import pytest

from shopwright.agents.oracle import Oracle
from shopwright.agents.rules import Random, Rule, RulePage
from shopwright.rollouts.agent import Visitor
from shopwright.rollouts.generate import GenerateConfig, generate_perfect
from shopwright.rollouts.records import Trajectory
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop


def replayed_reward(trajectory: Trajectory, shop: Shop) -> float:
    session = Session(shop, trajectory.goal(shop))
    rewards = [session.act(step.action) for step in trajectory.steps]
    assert [done for _, done in rewards] == [False] * (len(rewards) - 1) + [True]
    return rewards[-1][0]


def test_the_number_asked_for_is_found_all_perfect(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    calls: list[tuple[int, int]] = []
    config = GenerateConfig(trajectories=3)
    generated = generate_perfect(
        Oracle(), tiny_shop, goals, config, progress=lambda *call: calls.append(call)
    )
    assert generated.perfect == len(generated.trajectories) == 3
    assert generated.tries == generated.goals == 3
    assert generated.simulator_steps == sum(len(t.steps) for t in generated.trajectories)
    assert calls == [(1, 3), (2, 3), (3, 3)]
    for trajectory in generated.trajectories:
        assert trajectory.perfect
        assert trajectory.purchased
        assert trajectory.provenance == "generated"
        assert trajectory.steps[0].observation
        assert replayed_reward(trajectory, tiny_shop) == 1.0
    assert len({t.instruction for t in generated.trajectories}) == 3


def test_what_was_looked_at_in_vain_is_kept_where_asked_for(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    kept, pruned = (
        generate_perfect(
            RulePage(), tiny_shop, goals, GenerateConfig(trajectories=3, keep_loops=keeps)
        ).trajectories
        for keeps in (True, False)
    )
    assert [each.instruction for each in kept] == [each.instruction for each in pruned]
    assert sum(each.actions.count("click[< prev]") for each in kept) > 0
    for whole, short in zip(kept, pruned, strict=True):
        assert "click[< prev]" not in short.actions
        assert replayed_reward(whole, tiny_shop) == 1.0


def test_products_take_turns(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    products = {goal.asin for goal in goals}
    assert len(goals) > 2 * len(products) > 2
    for seed in range(5):
        config = GenerateConfig(trajectories=2 * len(products), seed=seed)
        found = generate_perfect(Oracle(), tiny_shop, goals, config).trajectories
        assert {trajectory.asin for trajectory in found[: len(products)]} == products
        assert {trajectory.asin for trajectory in found[len(products) :]} == products
        assert len({trajectory.instruction for trajectory in found}) == len(found)


def test_products_take_turns_among_the_first_goals_only(
    tiny_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    goals = list(tiny_shop.goals)
    config = GenerateConfig(trajectories=len(goals))
    spread = generate_perfect(Oracle(), tiny_shop, goals, config).trajectories
    monkeypatch.setattr("shopwright.rollouts.generate._SPREAD", 0)
    plain = generate_perfect(Oracle(), tiny_shop, goals, config).trajectories
    assert [t.asin for t in plain] != [t.asin for t in spread]
    assert {t.instruction for t in plain} == {t.instruction for t in spread}


def test_fewer_are_returned_when_the_goals_run_out(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    generated = generate_perfect(
        Oracle(), tiny_shop, goals, GenerateConfig(trajectories=len(goals) + 5)
    )
    assert generated.perfect == generated.goals == len(goals)
    assert generate_perfect(Oracle(), tiny_shop, []).trajectories == []


class Noting(Rule):
    """Never finds a perfect purchase; notes for each visit whether it should sample."""

    deterministic = False

    def __init__(self) -> None:
        super().__init__(choose_options=False)
        self.sampled: list[bool] = []

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        self.sampled.append(rng is not None)
        return super().visit(request, step_limit=step_limit, rng=rng)


def test_a_goal_is_abandoned_after_its_tries(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    config = GenerateConfig(trajectories=len(goals), tries_per_goal=4)
    generated = generate_perfect(Noting(), tiny_shop, goals, config)
    assert generated.trajectories == []
    assert generated.tries == 4 * len(goals)
    assert generated.goals == len(goals)
    assert generated.simulator_steps == 3 * 4 * len(goals)


def test_a_deterministic_agent_is_tried_once(tiny_shop: Shop) -> None:
    config = GenerateConfig(tries_per_goal=4)
    generated = generate_perfect(
        Rule(choose_options=False), tiny_shop, list(tiny_shop.goals), config
    )
    assert generated.tries == generated.goals == len(tiny_shop.goals)


def test_an_agent_that_fails_at_first_samples_until_it_succeeds(tiny_shop: Shop) -> None:
    config = GenerateConfig(trajectories=20, tries_per_goal=200, step_limit=30)
    generated = generate_perfect(Random(), tiny_shop, list(tiny_shop.goals), config)
    assert generated.perfect > 0
    assert generated.tries > generated.goals
    for trajectory in generated.trajectories:
        assert replayed_reward(trajectory, tiny_shop) == 1.0
        assert len(trajectory.steps) <= 30


def test_the_first_try_samples_only_if_configured(tiny_shop: Shop) -> None:
    goals = [tiny_shop.goals[0]]
    for sample, expected in ((False, [False, True, True]), (True, [True, True, True])):
        agent = Noting()
        generate_perfect(agent, tiny_shop, goals, GenerateConfig(tries_per_goal=3, sample=sample))
        assert agent.sampled == expected


def test_the_seed_decides_the_order(tiny_shop: Shop) -> None:
    def run(seed: int) -> list[Trajectory]:
        config = GenerateConfig(trajectories=100, tries_per_goal=40, step_limit=30, seed=seed)
        return generate_perfect(
            Random(seed=99), tiny_shop, list(tiny_shop.goals), config
        ).trajectories

    def oracle_order(seed: int) -> list[str]:
        config = GenerateConfig(trajectories=100, seed=seed)
        found = generate_perfect(Oracle(), tiny_shop, list(tiny_shop.goals), config)
        return [trajectory.instruction for trajectory in found.trajectories]

    assert oracle_order(1) == oracle_order(1)
    assert oracle_order(1) != oracle_order(2)
    assert sorted(oracle_order(1)) == sorted(oracle_order(2))
    sampled = [
        generate_perfect(
            Random(seed=own), tiny_shop, list(tiny_shop.goals),
            GenerateConfig(trajectories=100, tries_per_goal=40, step_limit=30, sample=True, seed=5),
        ).trajectories
        for own in (1, 2)
    ]  # fmt: skip
    assert sampled[0] == sampled[1]
