from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from shopwright.customers.returning.agents import MostClicked, Random, follow
from shopwright.customers.returning.crowd import INDIFFERENT, RETURNING, Crowd, Integers, Outcome
from shopwright.customers.returning.policy import LearnedAgent, ReturningPolicy, ReturningValue
from shopwright.customers.returning.products import SHELF, Assortment
from shopwright.customers.returning.traces import LinearBandit
from shopwright.customers.returning.training import ReturningConfig, serve, train_returning
from shopwright.shop.shop import Shop

TINY = ReturningConfig(
    updates=2, customers=8, dev_customers=8, epochs=1, evaluate_every=1, threads=1
)


@pytest.fixture
def wide_shop(tiny_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop whose assortment is drawn: three mugs would not fill a shelf."""
    monkeypatch.setattr(Assortment, "of", classmethod(lambda cls, catalogue, seed=0: invented()))
    return tiny_shop


def invented() -> Assortment:
    rng = np.random.default_rng(0)
    allure, quality = rng.normal(size=(2, 60))
    sorts = rng.integers(8, size=60)
    asins = tuple(map(str, range(60)))
    return Assortment(asins, sorts, rng.uniform(size=60), allure, quality, allure, quality)


def test_sessions_lie_by_customer_and_end_when_they_leave() -> None:
    crowd = Crowd(invented(), RETURNING, 30, seed=1)
    lived = serve(crowd, ReturningPolicy(), ReturningValue(), TINY, seed=1)
    ended = lived.terminated | lived.truncated
    assert int(ended.sum()) == 30
    assert bool(ended[-1])
    assert lived.products.shape == (len(ended), SHELF, 7)
    # The number of the session rises within a customer and falls only after an end.
    numbers = lived.customer[:, 0]
    assert bool((numbers[1:][ended[:-1]] == 0).all())
    assert bool((numbers[1:] > numbers[:-1])[~ended[:-1]].all())
    follows = ~ended[:-1]
    assert torch.equal(lived.next_values[:-1][follows], lived.values[1:][follows])


def test_rewards_weigh_satisfaction_and_purchases() -> None:
    crowd = Crowd(invented(), INDIFFERENT, 30, seed=1)
    config = replace(TINY, satisfaction_weight=1.0, purchase_weight=0.5)
    lived = serve(crowd, ReturningPolicy(), ReturningValue(), config, seed=1)
    assert sorted(set(lived.rewards.tolist())) == pytest.approx([0.2, 1.5])


def test_training_writes_an_agent_and_is_the_same_twice(wide_shop: Shop, tmp_path: Path) -> None:
    results = [train_returning(wide_shop, tmp_path / name, TINY) for name in ("a", "b")]
    assert results[0]["dev_return"] == results[1]["dev_return"]
    weights = [(tmp_path / name / "returning.safetensors").read_bytes() for name in ("a", "b")]
    assert weights[0] == weights[1]
    agent = LearnedAgent.open(tmp_path / "a")
    stay = follow(agent, invented(), RETURNING, customers=20, seed=1)
    assert stay.sessions.min() >= 1


@pytest.mark.slow
def test_looking_ahead_pays(wide_shop: Shop, tmp_path: Path) -> None:
    config = replace(TINY, updates=60, customers=128, epochs=4)
    train_returning(wide_shop, tmp_path / "run", config)
    stays = [
        follow(agent, invented(), RETURNING, customers=2_000, seed=9)
        for agent in (LearnedAgent.open(tmp_path / "run"), MostClicked())
    ]
    assert stays[0].returns.mean() > stays[1].returns.mean()


def test_a_bandit_learns_more_than_chance() -> None:
    bandit = LinearBandit(decay=0.5).learn(invented(), RETURNING, rounds=5, customers=60, seed=1)
    stays = [
        follow(agent, invented(), RETURNING, customers=1_000, seed=9)
        for agent in (bandit, Random())
    ]
    assert stays[0].returns.mean() > stays[1].returns.mean()


@pytest.mark.parametrize("decay", [0.0, 0.5, 1.0])
def test_traces_carry_outcomes_to_earlier_choices(
    decay: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    gained = []
    show = Crowd.show

    def recorded(crowd: Crowd, places: Integers) -> Outcome:
        outcome = show(crowd, places)
        gained.append(float(outcome.satisfaction[0]))
        return outcome

    monkeypatch.setattr(Crowd, "show", recorded)
    bandit = LinearBandit(decay=decay)
    bandit.learn(invented(), RETURNING, rounds=1, customers=1, seed=3)
    assert len(gained) > 1
    # The first feature is always 1: each choice is owed all that followed, less by each session.
    owed = [
        sum(decay**later * each for later, each in enumerate(gained[session:]))
        for session in range(len(gained))
    ]
    assert bandit._target[0] == pytest.approx(sum(owed))
