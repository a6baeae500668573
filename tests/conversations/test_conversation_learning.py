"""Learning to converse, in the shop of three mugs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from shopwright.conversations import learning
from shopwright.conversations.agents import RuleConverser, converse
from shopwright.conversations.conversation import Openings
from shopwright.conversations.evaluate import AfterQuestions, difference, evaluate_converser
from shopwright.conversations.features import situation_of
from shopwright.conversations.learning import (
    ConversationConfig,
    preferences,
    train_conversation,
)
from shopwright.conversations.policy import ConversationPolicy, LearnedConverser, open_policy
from shopwright.conversations.simulation import Episode, tasks_of
from shopwright.conversations.talking import Parting, part, talk
from shopwright.errors import AgentError, GoalError
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop

TINY = {"imitation_steps": 2, "updates": 2, "episodes": 8, "epochs": 1, "minibatches": 2}


@pytest.mark.parametrize("method", ["ppo", "dpo"])
def test_two_trainings_of_one_seed_are_equal(tiny_shop: Shop, tmp_path: Path, method: str) -> None:
    config = ConversationConfig(method=method, **TINY)  # type: ignore[arg-type]
    goals = tiny_shop.goals.split("test")
    summaries = [
        train_conversation(tiny_shop, goals, tmp_path / name, config) for name in ("a", "b")
    ]
    assert summaries[0]["method"] == method
    weights = [(tmp_path / name / "conversation.safetensors").read_bytes() for name in "ab"]
    assert weights[0] == weights[1]
    agent = LearnedConverser(open_policy(tmp_path / "a"))
    openings = Openings(tiny_shop)
    episode = Episode(openings, tasks_of(goals)[0].shopper(tiny_shop))
    assert converse(episode, agent).is_over


def test_each_shopper_is_talked_with_several_times(
    tiny_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talked = []

    def recorded(policy, openings, tasks, rng):
        if rng is not None:  # Not to measure.
            talked.append(tasks)
        return talk(policy, openings, tasks, rng)

    monkeypatch.setattr(learning, "talk", recorded)
    config = ConversationConfig(attempts=4, **TINY)  # type: ignore[arg-type]
    train_conversation(tiny_shop, tiny_shop.goals.split("test"), tmp_path / "run", config)
    assert [len(tasks) for tasks in talked] == [8, 8]
    for tasks in talked:
        assert tasks == [tasks[0]] * 4 + [tasks[4]] * 4
        assert tasks[0] != tasks[4]


def test_where_all_acts_are_worth_the_same_nothing_breaks(
    tiny_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = np.zeros((0, 3), dtype=np.int64)
    monkeypatch.setattr(learning, "preferences", lambda *_: nothing)
    config = ConversationConfig(method="dpo", **TINY)  # type: ignore[arg-type]
    train_conversation(tiny_shop, tiny_shop.goals.split("test"), tmp_path / "run", config)
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").open()]
    assert [line["loss"] for line in lines[-2:]] == [0.0, 0.0]


def test_decisions_are_those_of_their_episodes(tiny_shop: Shop) -> None:
    torch.manual_seed(0)
    tasks = tasks_of(tiny_shop.goals.split("test")[:6])
    talked = talk(ConversationPolicy(), Openings(tiny_shop), tasks, numpy_rng(0))
    sums = np.bincount(talked.episode, weights=talked.rewards.numpy())
    assert sums == pytest.approx([episode.total for episode in talked.episodes])
    steps = [episode.steps for episode in talked.episodes]
    assert np.bincount(talked.episode).tolist() == steps
    assert talked.ends.nonzero()[:, 0].tolist() == (np.cumsum(steps) - 1).tolist()
    assert talked.begins.nonzero()[:, 0].tolist() == (np.cumsum(steps) - steps).tolist()


def test_success_may_count_above_its_reward(tiny_shop: Shop) -> None:
    torch.manual_seed(0)
    tasks = tasks_of(tiny_shop.goals.split("test"))
    policy, openings = ConversationPolicy(), Openings(tiny_shop)
    talked = talk(policy, openings, tasks, numpy_rng(0))
    succeeded = [episode.success for episode in talked.episodes]
    assert 0 < sum(succeeded) < len(succeeded)
    bonus = talked.rewards_with(0.5) - talked.rewards.float()
    sums = np.bincount(talked.episode, weights=bonus.numpy())
    assert sums == pytest.approx([0.5 * success for success in succeeded])
    assert not bonus[~talked.ends].any()
    plain, _ = part(policy, openings, tasks, numpy_rng(1))
    with_bonus, _ = part(policy, openings, tasks, numpy_rng(1), 0.5)
    gained = np.concatenate(
        [more.returns - less.returns for more, less in zip(with_bonus, plain, strict=True)]
    )
    assert set(gained.round(6)) == {0.0, 0.5}


def test_preferences_are_drawn_by_the_difference_of_returns(tiny_shop: Shop) -> None:
    conversation = Episode(
        Openings(tiny_shop), tasks_of(tiny_shop.goals.split("test"))[0].shopper(tiny_shop)
    ).conversation
    situation = situation_of(conversation)
    partings = [
        Parting(situation, np.array([0.2, 0.2])),
        Parting(situation, np.array([0.9, 0.1, 0.9])),
    ]
    pairs = preferences(partings, 50, numpy_rng(0))
    assert {tuple(pair) for pair in pairs.tolist()} == {(1, 0, 1), (1, 2, 1)}
    assert preferences(partings[:1], 50, numpy_rng(0)).shape == (0, 3)


def test_conversations_part_at_one_act(tiny_shop: Shop) -> None:
    torch.manual_seed(0)
    tasks = tasks_of(tiny_shop.goals.split("test")[:4])
    policy, openings = ConversationPolicy(), Openings(tiny_shop)
    partings, begun = part(policy, openings, tasks, numpy_rng(1))
    assert len(partings) == len(begun) == 4
    for parting in partings:
        assert parting.returns.shape == (len(parting.situation.acts),)
        assert parting.returns.max() <= 1.0


def test_asking_pays_and_is_measured_in_pairs(tiny_shop: Shop) -> None:
    openings, tasks = Openings(tiny_shop), tasks_of(tiny_shop.goals.split("test"))
    asks = RuleConverser(name="asks", least_gain=0.1)
    blind = RuleConverser(name="recommends at once", most_questions=0, most_offers=0)
    found = [evaluate_converser(agent, openings, tasks) for agent in (asks, blind, None)]
    assert found[0].successes.sum() > found[1].successes.sum()
    assert found[2].returns.mean() >= found[0].returns.mean()
    assert found[2].record()["agent"] == "told at once"
    assert difference(found[0], found[1])["success"] > 0
    one = evaluate_converser(AfterQuestions(asks, 1), openings, tasks)
    assert one.questions.max() == 1


def test_bad_input(tiny_shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(GoalError, match="goals: expected at least one"):
        train_conversation(tiny_shop, [], tmp_path / "run")
    with pytest.raises(AgentError, match="expected a run folder with a policy of conversations"):
        open_policy(tmp_path)
