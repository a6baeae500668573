"""The formats that TRL reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shopwright.agents.oracle import Oracle
from shopwright.agents.rules import Random
from shopwright.errors import TrajectoryError
from shopwright.rollouts.export import dpo_record, sft_record
from shopwright.rollouts.preferences import PreferencesConfig, generate_preferences
from shopwright.rollouts.rollout import roll_out


def test_an_episode_is_a_conversation_of_pages_and_actions(tiny_shop):
    trajectory = roll_out(Oracle(), tiny_shop, tiny_shop.goals[0]).trajectory
    messages = sft_record(trajectory, tiny_shop)["messages"]
    roles = [message["role"] for message in messages]
    assert roles == ["system", *["user", "assistant"] * len(trajectory.steps)]
    assert [m["content"] for m in messages if m["role"] == "assistant"] == trajectory.actions
    for page, action in zip(messages[1::2], messages[2::2], strict=True):
        offered = page["content"].rpartition("Actions: ")[2].split(", ")
        assert action["content"] in offered or "search[words]" in offered
        assert tiny_shop.goals[0].instruction in page["content"]


def test_a_preference_is_a_prompt_and_two_answers(tiny_shop):
    config = PreferencesConfig(pairs=4, rollouts=6)
    pairs = generate_preferences(Random(), tiny_shop, list(tiny_shop.goals), config).pairs
    for pair in pairs:
        record = dpo_record(pair, tiny_shop)
        assert [m["role"] for m in record["prompt"]] == [
            "system", *["user", "assistant"] * len(pair.actions), "user",
        ]  # fmt: skip
        assert record["chosen"] == [{"role": "assistant", "content": pair.chosen}]
        assert record["rejected"] == [{"role": "assistant", "content": pair.rejected}]
        assert pair.chosen in record["prompt"][-1]["content"]


def test_catalogue_trajectories_are_refused(tiny_shop):
    trajectory = roll_out(Oracle(), tiny_shop, tiny_shop.goals[0]).trajectory
    with pytest.raises(TrajectoryError, match="expected pages, got 'catalogue'"):
        sft_record(replace(trajectory, protocol="catalogue"), tiny_shop)


def test_trl_accepts_the_records_as_conversations(tiny_shop):
    data_utils = pytest.importorskip("trl.data_utils")
    trajectory = roll_out(Oracle(), tiny_shop, tiny_shop.goals[0]).trajectory
    assert data_utils.is_conversational(sft_record(trajectory, tiny_shop))
    config = PreferencesConfig(pairs=1, rollouts=6)
    pairs = generate_preferences(Random(), tiny_shop, list(tiny_shop.goals), config).pairs
    assert data_utils.is_conversational(dpo_record(pairs[0], tiny_shop))
