"""The reward model: it orders purchases as the shop does, and PPO learns from it alone."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import orjson
import pytest

torch = pytest.importorskip("torch")

from shopwright.agents.registry import open_agent
from shopwright.errors import AgentError, InputError
from shopwright.evaluation.episodes import evaluate
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import PurchaseHistory
from shopwright.policy.reward_model import read_reward_model
from shopwright.training.learner import new_learner
from shopwright.training.methods import reward_model as module
from shopwright.training.methods.ppo import PPOConfig, train_ppo
from shopwright.training.methods.reward_model import (
    RewardModelConfig,
    rank_correlation,
    train_reward_model,
)


def test_rank_correlation_by_hand():
    one = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(one, one**3) == pytest.approx(1.0)
    assert rank_correlation(one, -one) == pytest.approx(-1.0)
    # Ranks 1.5, 1.5, 3, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 · 5).
    assert rank_correlation(np.array([0.0, 0.0, 1.0, 2.0]), one) == pytest.approx(
        4.5 / np.sqrt(4.5 * 5)
    )
    assert rank_correlation(np.ones(4), one) == 0.0


def config(model, **settings):
    return RewardModelConfig(
        **{"language_model": str(model), "steps": 150, "threads": 1, "purchases": 12} | settings
    )


@pytest.fixture(scope="module")
def trained(tiny_shop, tiny_model_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reward") / "run"
    goals = list(tiny_shop.goals)
    return folder, train_reward_model(tiny_shop, goals, folder, config(tiny_model_folder))


def test_it_orders_purchases_of_requests_it_never_saw(trained):
    _, result = trained
    assert result["held_out_comparisons"] > 10
    assert result["held_out_accuracy"] > 0.85
    assert result["rank_correlation"] > 0.5


def test_with_the_sign_flipped_it_orders_them_the_other_way(
    tiny_shop, tiny_model_folder, tmp_path, monkeypatch
):
    loss = module.bradley_terry_loss
    monkeypatch.setattr(module, "bradley_terry_loss", lambda *given: loss(*reversed(given)))
    result = train_reward_model(
        tiny_shop, list(tiny_shop.goals), tmp_path / "run", config(tiny_model_folder)
    )
    assert result["held_out_accuracy"] < 0.15


def test_the_right_purchase_scores_more_than_wrong_ones(trained, tiny_shop, tiny_model_folder):
    model, _ = read_reward_model(trained[0])
    reader = new_learner(tiny_shop, str(tiny_model_folder), seed=0).reader
    right = 0
    for goal in tiny_shop.goals:
        scores = {
            asin: model.judge(
                reader, goal.instruction, row, {k.lower(): v for k, v in goal.options.items()}
            )
            for row, asin in enumerate(p.asin for p in tiny_shop.catalogue)
        }
        right += max(scores, key=scores.__getitem__) == goal.asin
    assert right >= 10


def test_what_was_bought_before_does_not_count(trained, tiny_shop, tiny_model_folder):
    model, _ = read_reward_model(trained[0])
    reader = new_learner(tiny_shop, str(tiny_model_folder), seed=0).reader
    goal = tiny_shop.goals[0]
    scores = model.judge(reader, goal.instruction, 0, {})
    asins = [product.asin for product in tiny_shop.catalogue]
    past = reader.past_requests([goal.instruction, "hand painted", "glass"])
    history = PurchaseHistory.of(asins, past, reader.states.projection)
    reader = replace(reader, retriever=Retriever(history, tiny_shop.catalogue))
    assert model.judge(reader, goal.instruction, 0, {}) == scores


def test_one_of_another_version_is_refused(trained, tmp_path):
    shutil.copytree(trained[0], tmp_path / "run")
    description = orjson.loads((tmp_path / "run" / "reward.json").read_bytes())
    (tmp_path / "run" / "reward.json").write_bytes(orjson.dumps(description | {"version": 1}))
    with pytest.raises(AgentError, match="version: expected 2, got 1"):
        read_reward_model(tmp_path / "run")


def test_a_killed_run_ends_at_the_same_bytes(tiny_shop, tiny_model_folder, tmp_path):
    few = config(tiny_model_folder, steps=6, checkpoint_every=2, log_every=1)
    goals = list(tiny_shop.goals)

    def kill(stage, done, total):
        if stage == "reward model" and done == 3:
            raise KeyboardInterrupt

    train_reward_model(tiny_shop, goals, tmp_path / "whole", few)
    with pytest.raises(KeyboardInterrupt):
        train_reward_model(tiny_shop, goals, tmp_path / "broken", few, progress=kill)
    train_reward_model(tiny_shop, goals, tmp_path / "broken", few)
    for name in ("reward.safetensors", "metrics.jsonl"):
        whole = (tmp_path / "whole" / name).read_bytes()
        assert whole == (tmp_path / "broken" / name).read_bytes()


@pytest.mark.slow
def test_ppo_learns_from_the_model_and_watches_the_true_reward(
    trained, tiny_shop, tiny_model_folder, tmp_path
):
    settings = PPOConfig(
        updates=25, episodes=24, learning_rate=1e-2, language_model=str(tiny_model_folder),
        dev_goals=0, threads=1,
    )  # fmt: skip
    goals = list(tiny_shop.goals)
    train_ppo(tiny_shop, goals, tmp_path / "run", settings, reward_model=trained[0])
    lines = [orjson.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").open("rb")]
    assert lines[-1]["learned_reward"] > lines[1]["learned_reward"]
    assert {"learned_reward_correlation", "train_score"} <= lines[-1].keys()
    agent = open_agent(str(tmp_path / "run"), tiny_shop)
    # Sampled, as it learned: which option its likeliest actions click last is left to chance.
    passes = [evaluate(agent, tiny_shop, goals, sample=True, seed=n).successes for n in range(3)]
    assert sum(passes) >= 3 * 8


def test_refuses(tiny_shop, tiny_model_folder, tmp_path):
    with pytest.raises(AgentError, match="reward model"):
        read_reward_model(tmp_path)
    with pytest.raises(InputError, match="different reward"):
        train_reward_model(tiny_shop, [], tmp_path / "run", config(tiny_model_folder))
