"""Training: a killed run ends where an unbroken one does, and perfect rollouts are learned."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from shopwright.agents.registry import open_agent
from shopwright.agents.rules import Explorer
from shopwright.errors import InputError
from shopwright.evaluation.episodes import evaluate
from shopwright.rollouts.generate import GenerateConfig, generate_perfect
from shopwright.rollouts.records import Trajectory
from shopwright.shop.shop import Shop
from shopwright.training.methods.dpo import DPOConfig, train_dpo
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.training.methods.term_weights import TermWeightConfig
from tiny import build_tiny_shop, write_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("model") / "tiny"
    write_tiny_model(folder)
    return str(folder)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return build_tiny_shop(tmp_path_factory.mktemp("resume") / "shop")


@pytest.fixture(scope="module")
def trajectories(shop: Shop) -> list[Trajectory]:
    config = GenerateConfig(trajectories=len(shop.goals))
    return generate_perfect(Explorer(), shop, list(shop.goals), config).trajectories


def train(
    shop: Shop,
    trajectories: list[Trajectory],
    model: str,
    folder: Path,
    *,
    kill_at: int | None,
    steps: int = 60,
    action_steps: int = 60,
) -> None:
    imitation = ImitationConfig(
        language_model=model,
        steps=steps,
        action_steps=action_steps,
        practice_rounds=2,
        long_practice=0,
        checkpoint_every=20,
        dev_goals=0,
        threads=1,
        term_weights=TermWeightConfig(steps=20),
    )
    dpo = DPOConfig(steps=20, rounds=2, checkpoint_every=7, dev_goals=0, threads=1)

    def killed(stage: str, done: int, total: int) -> None:
        if stage in ("imitation", "dpo") and done == kill_at:
            raise KeyboardInterrupt

    if kill_at is not None:
        with pytest.raises(KeyboardInterrupt):
            train_imitation(shop, trajectories, folder / "il", imitation, progress=killed)
        assert not (folder / "il" / "agent.json").exists()
    train_imitation(shop, trajectories, folder / "il", imitation)
    if kill_at is not None:
        with pytest.raises(KeyboardInterrupt):
            train_dpo(shop, trajectories, folder / "il", folder / "dpo", dpo, progress=killed)
    train_dpo(shop, trajectories, folder / "il", folder / "dpo", dpo)


def test_a_killed_run_ends_at_the_same_bytes(
    shop: Shop, trajectories: list[Trajectory], model: str, tmp_path: Path
) -> None:
    train(shop, trajectories, model, tmp_path / "whole", kill_at=None)
    train(shop, trajectories, model, tmp_path / "broken", kill_at=31)
    for run in ("il", "dpo"):
        for name in ("choice.safetensors", "metrics.jsonl", "agent.json"):
            whole = (tmp_path / "whole" / run / name).read_bytes()
            assert whole == (tmp_path / "broken" / run / name).read_bytes(), (run, name)
        assert not (tmp_path / "broken" / run / "checkpoint").exists()


def test_imitation_killed_in_practice_ends_at_the_same_bytes(
    shop: Shop, trajectories: list[Trajectory], model: str, tmp_path: Path
) -> None:
    config = ImitationConfig(
        language_model=model,
        steps=20,
        action_steps=30,
        practice_rounds=2,
        practice=8,
        long_practice=2,
        checkpoint_every=20,
        dev_goals=0,
        threads=1,
        term_weights=TermWeightConfig(steps=20),
    )
    train_imitation(shop, trajectories, tmp_path / "whole", config)
    for kill_at in (35, 71):  # in the first round and in the second

        def killed(stage: str, done: int, total: int, at: int = kill_at) -> None:
            if stage == "imitation" and done == at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train_imitation(shop, trajectories, tmp_path / "broken", config, progress=killed)
    train_imitation(shop, trajectories, tmp_path / "broken", config)
    for name in (
        "choice.safetensors",
        "metrics.jsonl",
        "practice-0-short.jsonl",
        "practice-1-long.jsonl",
    ):
        whole = (tmp_path / "whole" / name).read_bytes()
        assert whole == (tmp_path / "broken" / name).read_bytes(), name


def test_other_settings_are_refused(
    shop: Shop, trajectories: list[Trajectory], model: str, tmp_path: Path
) -> None:
    config = ImitationConfig(
        language_model=model, steps=2, practice_rounds=0, dev_goals=0, threads=1
    )
    train_imitation(shop, trajectories, tmp_path / "run", config)
    other = ImitationConfig(
        language_model=model, steps=3, practice_rounds=0, dev_goals=0, threads=1
    )
    with pytest.raises(InputError, match=r"run\.json: expected a run with the same settings"):
        train_imitation(shop, trajectories, tmp_path / "run", other)


def test_three_products_are_told_apart(
    shop: Shop, trajectories: list[Trajectory], model: str, tmp_path: Path
) -> None:
    assert trajectories
    train(shop, trajectories, model, tmp_path, kill_at=None, steps=200, action_steps=200)
    agent = open_agent(str(tmp_path / "dpo"), shop)
    for protocol in ("pages", "catalogue"):
        result = evaluate(agent, shop, list(shop.goals), protocol=protocol)
        assert set(result.rewards) == {1.0}, protocol
