"""Every method's killed run ends at the bytes of an unbroken one; a time limit ends a run."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

torch = pytest.importorskip("torch")
from shopwright.errors import AgentError, InputError
from shopwright.training.learner import new_learner
from shopwright.training.methods.dpo import DPOConfig, train_dpo
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.training.methods.paper_dpo import PaperDPOConfig, train_paper_dpo
from shopwright.training.methods.policy_gradient import PolicyGradientConfig, train_policy_gradient
from shopwright.training.methods.ppo import PPOConfig, train_ppo
from shopwright.training.methods.query import QueryConfig, train_query
from shopwright.training.methods.reward_model import RewardModelConfig, train_reward_model
from shopwright.training.methods.scratch import ScratchTrainingConfig, train_scratch
from shopwright.training.methods.term_weights import TermWeightConfig
from tiny import perfect_trajectories, write_tiny_model

QUIET = {"checkpoint_every": 2, "log_every": 1, "threads": 1}


@pytest.fixture(scope="module")
def start(tiny_shop, tiny_model_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    learner = new_learner(tiny_shop, str(tiny_model_folder), seed=3)
    learner.write(folder, learner.policy, {"operation": "start"})
    return folder


def imitation(shop, start, out, progress=None, **settings):
    model = orjson.loads((start / "agent.json").read_bytes())["language_model"]["name"]
    few = {"steps": 3, "action_steps": 3, "practice_rounds": 2, "practice": 4, "long_practice": 2}
    config = ImitationConfig(
        language_model=model,
        dev_goals=1,
        term_weights=TermWeightConfig(steps=3, log_every=1, checkpoint_every=2),
        **{**few, **QUIET, "processes": 1, **settings},
    )
    return train_imitation(shop, perfect_trajectories(shop)[:4], out, config, progress=progress)


def dpo(shop, start, out, progress=None):
    config = DPOConfig(steps=3, rounds=2, processes=1, dev_goals=1, **QUIET)
    trajectories = perfect_trajectories(shop)[:4]
    return train_dpo(shop, trajectories, start, out, config, progress=progress)


def ppo(shop, start, out, progress=None, **settings):
    config = PPOConfig(**{"updates": 5, "episodes": 4, **QUIET, **settings})
    trajectories = perfect_trajectories(shop)[:3]
    return train_ppo(
        shop,
        list(shop.goals),
        out,
        config,
        start=start,
        trajectories=trajectories,
        progress=progress,
    )


def policy_gradient(shop, start, out, progress=None, **settings):
    config = PolicyGradientConfig(**{"updates": 5, "episodes": 4, **QUIET, **settings})
    goals = list(shop.goals)
    return train_policy_gradient(shop, goals, out, config, start=start, progress=progress)


def paper_dpo(shop, start, out, progress=None, **settings):
    config = PaperDPOConfig(**{"steps": 5, **QUIET, **settings})
    trajectories = perfect_trajectories(shop)
    return train_paper_dpo(shop, start, out, config, trajectories=trajectories, progress=progress)


def scratch(shop, start, out, progress=None, **settings):
    config = ScratchTrainingConfig(**{"steps": 5, "batch_size": 4, **QUIET, **settings})
    return train_scratch(shop, perfect_trajectories(shop)[:3], out, config, progress=progress)


def reward_model(shop, start, out, progress=None):
    model = orjson.loads((start / "agent.json").read_bytes())["language_model"]["name"]
    config = RewardModelConfig(goals=5, steps=5, batch_size=4, language_model=model, **QUIET)
    return train_reward_model(shop, list(shop.goals), out, config, progress=progress)


def query(shop, start, out, progress=None):
    model = orjson.loads((start / "agent.json").read_bytes())["language_model"]["name"]
    pairs = {goal.instruction: ["mug"] for goal in shop.goals}
    config = QueryConfig(steps=5, batch_size=4, language_model=model, **QUIET)
    return train_query(shop, pairs, out, config, progress=progress)


# Method → stage, steps after which it is killed.
KILLED = {
    # The steps of each round are counted from 1: what is killed in the second was begun there.
    imitation: [("query", 3), ("imitation", 2), ("practice 2", 2), ("imitation", 2)],
    dpo: [("dpo", 3), ("dpo", 5)],
    ppo: [("ppo", 3)],
    policy_gradient: [("policy-gradient", 3)],
    paper_dpo: [("dpo", 3)],
    scratch: [("no-pretraining", 3)],
    reward_model: [("reward model", 3)],
    query: [("query", 3)],
}
BUDGETED = [ppo, policy_gradient, paper_dpo, scratch]
TIMED = ("timings.jsonl", "result.json")


def bytes_of(folder: Path) -> dict[str, bytes]:
    """The files of a run folder whose bytes depend on nothing but what was asked for."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        str(name): path.read_bytes()
        for name, path in files.items()
        if path.name not in TIMED and "tensorboard" not in name.parts
    }


@pytest.mark.parametrize("train", KILLED, ids=lambda train: train.__name__)
def test_a_killed_run_ends_at_the_same_bytes(train, tiny_shop, start, tmp_path):
    train(tiny_shop, start, tmp_path / "whole")
    for killed_at in KILLED[train]:

        def kill(stage, done, total, killed_at=killed_at):
            if (stage, done) == killed_at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(tiny_shop, start, tmp_path / "broken", kill)
        assert not (tmp_path / "broken" / "result.json").exists()
    train(tiny_shop, start, tmp_path / "broken")
    whole = bytes_of(tmp_path / "whole")
    assert {"run.json", "metrics.jsonl"} < whole.keys()
    assert any(name.endswith(".safetensors") for name in whole)
    assert whole == bytes_of(tmp_path / "broken")
    assert not (tmp_path / "broken" / "checkpoint").exists()
    # A finished run is returned as it is.
    assert train(tiny_shop, start, tmp_path / "broken")["operation"]


@pytest.mark.parametrize("train", BUDGETED, ids=lambda train: train.__name__)
def test_minutes_end_a_run_and_other_settings_are_refused(train, tiny_shop, start, tmp_path):
    result = train(tiny_shop, start, tmp_path / "run", minutes=0.005)
    assert 0.3 <= result["seconds"] < 6.0
    assert result.get("updates", result.get("steps", 0)) > 0
    timings = [orjson.loads(line) for line in (tmp_path / "run" / "timings.jsonl").open("rb")]
    assert max(timing["steps_per_second"] for timing in timings) > 0
    with pytest.raises(InputError, match="expected a run with the same settings"):
        train(tiny_shop, start, tmp_path / "run", minutes=0.01)


@pytest.mark.parametrize("train", [dpo, ppo, policy_gradient, paper_dpo], ids=lambda t: t.__name__)
def test_a_language_model_with_other_weights_is_refused(
    train, tiny_shop, tiny_model_folder, tmp_path
):
    model = write_tiny_model(tmp_path / "model", seed=1)
    learner = new_learner(tiny_shop, str(model), seed=3)
    start = tmp_path / "start"
    start.mkdir()
    learner.write(start, learner.policy, {"operation": "start"})
    write_tiny_model(model, seed=2)
    with pytest.raises(AgentError, match="got one with other weights"):
        train(tiny_shop, start, tmp_path / "run")


@pytest.mark.parametrize("train", [ppo, policy_gradient, paper_dpo], ids=lambda t: t.__name__)
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
        ppo(tiny_shop, start, folder, episodes=8, learning_rate=1e-2,
            imitation_weight=0.0, kl_weight=weight)  # fmt: skip
        line = (folder / "metrics.jsonl").read_bytes().splitlines()[-1]
        divergences.append(orjson.loads(line)["kl_reference"])
    assert divergences[1] < divergences[0] / 4
