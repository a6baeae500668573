"""Rolling agents out under both protocols."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from shopwright.agents.registry import built_in
from shopwright.agents.rules import Random
from shopwright.errors import InputError
from shopwright.rollouts.agent import Answer, Choice
from shopwright.rollouts.rollout import roll_out
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.goals import Goal
from shopwright.shop.page import Page
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop


class Scripted:
    """Does what a list says, again and again, and gives a fixed answer."""

    name = "scripted"
    deterministic = True

    def __init__(self, actions: Sequence[str] = (), answer: Answer | None = None) -> None:
        self._actions = actions
        self._answer = answer
        self.seen: list[tuple[int | None, random.Random | None]] = []

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Scripted:
        self.seen.append((step_limit, rng))
        self._left = iter(self._actions * 2000)
        return self

    def choose(self, page: Page) -> Choice:
        action = next(self._left)
        return Choice(action, ((action, 0.5), ("other", 0.5)))

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        return self._answer


PURCHASE = ["search[running shoes]", "click[shoe000001]", "click[red]", "click[buy now]"]


def goal_of(shop: Shop, asin: str) -> Goal:
    return next(goal for goal in shop.goals if goal.asin == asin)


@pytest.mark.parametrize("limit", [1, 3, 4, 5, 15])
def test_an_episode_at_its_step_limit_ends_with_reward_0(small_shop: Shop, limit: int) -> None:
    goal = small_shop.goals[0]
    outcome = roll_out(Scripted(PURCHASE), small_shop, goal, step_limit=limit)
    bought = limit >= 4
    assert outcome.trajectory.actions == PURCHASE[:limit]
    assert outcome.trajectory.purchased is bought
    assert (outcome.reward is not None) is bought
    if not bought:
        assert outcome.trajectory.reward == 0.0


def test_a_purchase_earns_the_reward_of_the_shop(small_shop: Shop) -> None:
    for goal in small_shop.goals:
        outcome = roll_out(Scripted(PURCHASE), small_shop, goal)
        expected = small_shop.reward(goal, "SHOE000001", {"color": "red"})
        assert outcome.reward == expected
        assert outcome.trajectory.reward == expected.total
        assert [step.reward for step in outcome.trajectory.steps] == [0, 0, 0, expected.total]


def test_steps_hold_page_actions_and_log_probability(small_shop: Shop) -> None:
    goal = small_shop.goals[0]
    outcome = roll_out(Scripted(PURCHASE), small_shop, goal, keep_observations=True)
    session = Session(small_shop, goal)
    for step in outcome.trajectory.steps:
        assert step.observation == session.text()
        assert step.available_actions == (step.action, "other")
        assert step.log_probability == pytest.approx(math.log(0.5))
        session.act(step.action)
    plain = roll_out(Scripted(PURCHASE), small_shop, goal).trajectory
    assert {step.observation for step in plain.steps} == {""}


def test_an_endless_episode_is_stopped(small_shop: Shop) -> None:
    agent = Scripted(["search[shoes]"])
    trajectory = roll_out(agent, small_shop, small_shop.goals[0], step_limit=None).trajectory
    assert len(trajectory.steps) == 1000
    assert not trajectory.purchased


def test_the_agent_is_told_step_limit_and_rng(small_shop: Shop) -> None:
    agent, rng = Scripted(PURCHASE), random.Random(3)
    roll_out(agent, small_shop, small_shop.goals[0], step_limit=7, rng=rng)
    roll_out(agent, small_shop, small_shop.goals[0], step_limit=None)
    assert agent.seen == [(7, rng), (None, None)]


def test_an_answer_under_the_catalogue_protocol_is_rewarded_at_once(small_shop: Shop) -> None:
    goal = goal_of(small_shop, "SHOE000001")
    answer = Answer("SHOE000001", {"color": "red"}, log_probability=-0.25)
    outcome = roll_out(Scripted(answer=answer), small_shop, goal, protocol="catalogue")
    trajectory = outcome.trajectory
    assert outcome.reward == small_shop.reward(goal, "SHOE000001", {"color": "red"})
    assert trajectory.reward == outcome.reward.total > 0
    assert trajectory.purchased
    assert trajectory.protocol == "catalogue"
    assert trajectory.actions == ["answer SHOE000001 with color: red"]
    assert trajectory.steps[0].log_probability == -0.25


def test_no_answer_is_no_purchase(small_shop: Shop) -> None:
    outcome = roll_out(Scripted(), small_shop, small_shop.goals[0], protocol="catalogue")
    assert outcome.reward is None
    assert outcome.trajectory.reward == 0.0
    assert not outcome.trajectory.purchased
    assert len(outcome.trajectory.steps) == 1


def test_an_unknown_protocol_is_refused(small_shop: Shop) -> None:
    with pytest.raises(InputError, match="expected one of pages, catalogue, got 'mail'"):
        roll_out(Scripted(PURCHASE), small_shop, small_shop.goals[0], protocol="mail")


def test_available_actions_leave_out_the_search_button_only(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0])
    assert session.page().actions == []
    session.act("search[running shoes]")
    actions = session.page().actions
    assert {"click[back to search]", "click[next >]", "click[shoe000001]"} <= set(actions)
    session.act("click[shoe000001]")
    assert "click[navy blue]" in session.page().actions


def test_the_rng_decides_what_a_sampling_agent_does(small_shop: Shop) -> None:
    def run(seed: int) -> list[list[str]]:
        return [
            roll_out(Random(), small_shop, goal, rng=random.Random(seed)).trajectory.actions
            for goal in small_shop.goals
        ]

    assert run(1) == run(1)
    assert run(1) != run(2)


@pytest.mark.parametrize("protocol", ["pages", "catalogue"])
def test_a_privileged_agent_is_told_the_goal(tiny_shop: Shop, protocol: str) -> None:
    for goal in tiny_shop.goals:
        outcome = roll_out(built_in("oracle"), tiny_shop, goal, protocol=protocol)
        assert outcome.trajectory.agent == "oracle"
        assert outcome.trajectory.reward == 1.0
