"""Generated preferences: which actions are compared, and files of them."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from shopwright.agents.rules import Random, Rule
from shopwright.errors import InputError, TrajectoryError
from shopwright.rollouts.preferences import (
    PreferencesConfig,
    generate_preferences,
    pairs_of,
    read_preferences,
    write_preferences,
)
from shopwright.rollouts.records import Step, trajectory_of
from shopwright.shop.session import Session


def episode(goal, reward, *actions):
    steps = [Step(observation="", available_actions=(), action=a) for a in actions]
    return trajectory_of(goal, steps, reward=reward, purchased=True, agent="someone")


def test_actions_are_compared_by_mean_reward_where_episodes_diverge(tiny_shop):
    goal = tiny_shop.goals[0]
    episodes = [
        episode(goal, 1.0, "s", "a", "x"),
        episode(goal, 0.2, "s", "a", "y"),
        episode(goal, 0.4, "s", "b", "x"),
        episode(goal, 0.5, "s", "b", "x"),
    ]
    found = [
        (p.actions, p.chosen, p.rejected, p.chosen_reward, p.rejected_reward)
        for p in pairs_of(episodes, margin=0.1)
    ]
    assert found == [
        (("s",), "a", "b", pytest.approx(0.6), pytest.approx(0.45)),
        (("s", "a"), "x", "y", 1.0, 0.2),
    ]
    # The first differs by 0.15 only.
    assert [p.actions for p in pairs_of(episodes, margin=0.2)] == [("s", "a")]


def test_generated_preferences_can_be_replayed(tiny_shop):
    config = PreferencesConfig(pairs=30, rollouts=6, seed=1)
    generated = generate_preferences(Random(), tiny_shop, list(tiny_shop.goals), config)
    assert len(generated.pairs) == 30
    assert generated.rollouts == 6 * generated.goals
    assert generated.simulator_steps >= generated.rollouts
    for pair in generated.pairs:
        session = Session(tiny_shop, pair.goal(tiny_shop))
        for action in pair.actions:
            session.act(action)
        offered = {f"click[{name}]" for name in session.clickables}
        assert {pair.chosen, pair.rejected} <= offered
    again = generate_preferences(Random(), tiny_shop, list(tiny_shop.goals), config)
    assert again.pairs == generated.pairs


def test_deterministic_agents_are_refused(tiny_shop):
    with pytest.raises(InputError, match="samples its actions"):
        generate_preferences(Rule(choose_options=True), tiny_shop, list(tiny_shop.goals))


def test_preferences_survive_a_file_and_wrong_lines_are_named(tiny_shop, tmp_path):
    config = PreferencesConfig(pairs=5, rollouts=6)
    pairs = generate_preferences(Random(), tiny_shop, list(tiny_shop.goals), config).pairs
    path = tmp_path / "pairs.jsonl"
    assert write_preferences(path, pairs) == 5
    assert read_preferences(path) == pairs
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b'"chosen":"', b'"chosen":1,"x":"', 1))
    with pytest.raises(TrajectoryError, match=r"pairs\.jsonl, line 2, "):
        read_preferences(path)
    path.write_bytes(b"")
    with pytest.raises(TrajectoryError, match="at least one"):
        read_preferences(path)


def test_a_file_of_version_1_is_read_by_its_older_names(tiny_shop, tmp_path):
    goal = tiny_shop.goals[0]
    (pair,) = pairs_of([episode(goal, 1.0, "a"), episode(goal, 0.0, "b")], margin=0.1)
    record = orjson.loads(orjson.dumps(pair)) | {"version": 1}
    for new, old in (("chosen", "preferred"), ("rejected", "dispreferred")):
        record[old] = record.pop(new)
        record[f"{old}_reward"] = record.pop(f"{new}_reward")
    (tmp_path / "pairs.jsonl").write_bytes(orjson.dumps(record))
    assert read_preferences(tmp_path / "pairs.jsonl") == [pair]
    (tmp_path / "pairs.jsonl").write_bytes(orjson.dumps(record | {"version": 3}))
    with pytest.raises(TrajectoryError, match="line 1, "):
        read_preferences(tmp_path / "pairs.jsonl")


def test_invalid_preferences_are_refused(tiny_shop):
    goal = tiny_shop.goals[0]
    (pair,) = pairs_of([episode(goal, 1.0, "a"), episode(goal, 0.0, "b")], margin=0.1)
    with pytest.raises(TrajectoryError, match="two different actions"):
        replace(pair, rejected=pair.chosen)
    with pytest.raises(TrajectoryError, match="the first higher"):
        replace(pair, rejected_reward=1.0)
