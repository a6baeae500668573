"""Imitation: how it reads, and what goes with the agent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

pytest.importorskip("torch")

from shopwright.agents.learned import LearnedAgent
from shopwright.agents.registry import open_agent
from shopwright.policy.features import HISTORY
from shopwright.rollouts.purchases import Purchase
from shopwright.rollouts.records import Trajectory, read_trajectories
from shopwright.shop.shop import Shop
from shopwright.training.examples import purchase
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.training.methods.term_weights import TermWeightConfig


def short(model_folder: Path) -> ImitationConfig:
    return ImitationConfig(
        language_model=str(model_folder),
        steps=2,
        action_steps=2,
        practice_rounds=1,
        long_practice=0,
        rewordings=0,
        dev_goals=0,
        term_weights=TermWeightConfig(steps=2),
    )


@pytest.mark.parametrize(("kept", "dev_goals"), [(4, 0), (4, 1), (3, 0)])
def test_requests_are_read_together_only_if_none_is_forgotten(
    kept: int,
    dev_goals: int,
    shop: Shop,
    trajectories: list[Trajectory],
    tiny_model_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shopwright.training.learner.TRAINING_REQUESTS", kept)
    stages = []
    train_imitation(
        shop,
        trajectories[:4],
        tmp_path / "run",
        replace(short(tiny_model_folder), dev_goals=dev_goals),
        progress=lambda stage, done, total: stages.append((stage, done, total)),
    )
    together = [(done, total) for stage, done, total in stages if stage == "requests"]
    fits = 4 + dev_goals <= kept
    assert together == ([(1, 4), (2, 4), (3, 4), (4, 4)] if fits else [])
    assert any(stage == "label 1" and done == total for stage, done, total in stages)


def test_however_many_processes_read_and_practise_the_bytes_are_the_same(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path, tmp_path: Path
) -> None:
    for processes in (1, 2):
        config = replace(
            short(tiny_model_folder), practice_rounds=2, long_practice=2, processes=processes
        )
        train_imitation(shop, trajectories[:4], tmp_path / str(processes), config)
    for name in ("choice.safetensors", "history.safetensors", "practice-1-short.jsonl"):
        one, two = ((tmp_path / processes / name).read_bytes() for processes in "12")
        assert one == two, name


def test_the_history_goes_with_the_agent(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path, tmp_path: Path
) -> None:
    small = short(tiny_model_folder)
    for history in (True, False):
        folder = tmp_path / str(history)
        config = replace(small, history=history)
        further = [Purchase(t.instruction, t.asin) for t in trajectories[4:]]
        train_imitation(shop, trajectories[:4], folder, config, further=further)
        agent = open_agent(str(folder), shop)
        assert isinstance(agent, LearnedAgent)
        if not history:
            assert agent.reader.retriever is None
            continue
        assert agent.reader.retriever is not None
        history_kept = agent.reader.retriever.history
        bought = {shop.catalogue.row_of(asin) for asin in history_kept.asins}
        (reading,) = agent.reader.requests([trajectories[0].instruction])
        rows = range(len(shop.catalogue))
        found = agent.reader.products(reading, rows, rows)
        retrieved = {row for row in rows if found[row].features[HISTORY]}
        assert retrieved == bought == {purchase(t, shop)[0] for t in trajectories}


def test_short_and_long_practice_of_one_length_keep_their_own_rollouts(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path, tmp_path: Path
) -> None:
    config = replace(
        short(tiny_model_folder),
        practice_rounds=2,
        practice=4,
        long_practice=2,
        step_limit=20,
        long_step_limit=20,
    )
    train_imitation(shop, trajectories[:4], tmp_path, config)
    rollouts = {
        mode: read_trajectories(tmp_path / f"practice-1-{mode}.jsonl") for mode in ("short", "long")
    }
    assert {mode: len(kept) for mode, kept in rollouts.items()} == {"short": 4, "long": 2}


def test_each_stage_leaves_what_it_made(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path, tmp_path: Path
) -> None:
    train_imitation(shop, trajectories[:4], tmp_path, short(tiny_model_folder))
    lines = (tmp_path / "term-weights" / "queries.jsonl").read_bytes().splitlines()
    requests = [trajectory.instruction for trajectory in trajectories[:4]]
    assert [orjson.loads(line)["request"] for line in lines] == requests
    relevance = [orjson.loads(line) for line in (tmp_path / "relevance.jsonl").open("rb")]
    assert [line["request"] for line in relevance] == requests
    for line in relevance:
        probabilities = [result["probability"] for result in line["results"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1.0, abs=1e-5)  # of all three products
        right = [result["asin"] for result in line["results"] if result["right"]]
        assert line["bought"] in right
    assert read_trajectories(tmp_path / "practice-0-short.jsonl")
