"""Every method's killed run ends at the bytes of an unbroken one; a clock ends a run."""

from __future__ import annotations

import orjson
import pytest

torch = pytest.importorskip("torch")
from shopwright.errors import InputError
from shopwright.policy.checkpoint import write_agent
from shopwright.training.learner import new_learner
from shopwright.training.methods.paper_dpo import PaperDPOConfig, train_paper_dpo
from shopwright.training.methods.policy_gradient import PolicyGradientConfig, train_policy_gradient
from shopwright.training.methods.ppo import PPOConfig, train_ppo
from tiny import perfect_trajectories


@pytest.fixture(scope="module")
def start(tiny_shop, tiny_model_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    learner = new_learner(tiny_shop, str(tiny_model_folder), seed=3)
    write_agent(folder, learner.policy, learner.model, learner.states, name="start", training={})
    return folder


def ppo(shop, start, out, progress=None, **settings):
    config = PPOConfig(
        **{"updates": 5, "episodes": 4, "checkpoint_every": 2, "threads": 1} | settings
    )
    return train_ppo(
        shop,
        list(shop.goals),
        out,
        config,
        start=start,
        trajectories=perfect_trajectories(shop)[:3],
        progress=progress,
    )


def policy_gradient(shop, start, out, progress=None, **settings):
    config = PolicyGradientConfig(
        **{"updates": 5, "episodes": 4, "checkpoint_every": 2, "threads": 1} | settings
    )
    goals = list(shop.goals)
    return train_policy_gradient(shop, goals, out, config, start=start, progress=progress)


def paper_dpo(shop, start, out, progress=None, **settings):
    config = PaperDPOConfig(
        **{"steps": 5, "checkpoint_every": 2, "log_every": 1, "threads": 1} | settings
    )
    trajectories = perfect_trajectories(shop)
    return train_paper_dpo(shop, start, out, config, trajectories=trajectories, progress=progress)


TRAINERS = [ppo, policy_gradient, paper_dpo]


@pytest.mark.parametrize("train", TRAINERS)
def test_a_killed_run_ends_at_the_same_bytes(train, tiny_shop, start, tmp_path):
    calls = 0

    def kill(stage, done, total):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt

    train(tiny_shop, start, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(tiny_shop, start, tmp_path / "broken", kill)
    assert not (tmp_path / "broken" / "agent.json").exists()
    train(tiny_shop, start, tmp_path / "broken")
    for name in ("choice.safetensors", "metrics.jsonl", "agent.json"):
        whole = (tmp_path / "whole" / name).read_bytes()
        assert whole == (tmp_path / "broken" / name).read_bytes(), name
    before = (start / "choice.safetensors").read_bytes()
    assert before != (tmp_path / "whole" / "choice.safetensors").read_bytes()
    assert not (tmp_path / "broken" / "checkpoint").exists()


@pytest.mark.parametrize("train", TRAINERS)
def test_the_clock_ends_a_run_and_other_settings_are_refused(train, tiny_shop, start, tmp_path):
    result = train(tiny_shop, start, tmp_path / "run", minutes=0.02)
    assert 1.0 <= result["seconds"] < 6.0
    assert result.get("updates", result.get("steps", 0)) > 0
    timings = [orjson.loads(line) for line in (tmp_path / "run" / "timings.jsonl").open("rb")]
    assert max(timing["steps_per_second"] for timing in timings) > 0
    with pytest.raises(InputError, match="expected a run with the same settings"):
        train(tiny_shop, start, tmp_path / "run", minutes=0.01)


@pytest.mark.parametrize("train", TRAINERS)
def test_metrics_are_what_one_watches(train, tiny_shop, start, tmp_path):
    train(tiny_shop, start, tmp_path / "run")
    lines = [orjson.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").open("rb")]
    watched = {"step", "loss", "kl_reference", "learning_rate"}
    if train is paper_dpo:
        watched |= {"reward_margin", "accuracy"}
    else:
        watched |= {"policy_loss", "value_loss", "entropy", "explained_variance", "train_score"}
    if train is ppo:
        watched |= {"clip_fraction", "imitation_loss"}
    assert watched <= lines[-1].keys()
    assert all(line.get("kl_reference", 0.0) + 1e-6 >= 0 for line in lines)


def test_the_penalty_keeps_the_policy_near_the_reference(tiny_shop, start, tmp_path):
    divergences = []
    for weight in (0.0, 50.0):
        folder = tmp_path / str(weight)
        ppo(tiny_shop, start, folder, updates=8, episodes=12, learning_rate=1e-2,
            imitation_weight=0.0, kl_weight=weight)  # fmt: skip
        line = (folder / "metrics.jsonl").read_bytes().splitlines()[-1]
        divergences.append(orjson.loads(line)["kl_reference"])
    assert divergences[1] < divergences[0] / 4
