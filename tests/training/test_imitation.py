"""What imitation remembers, and what it may know of it while it trains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from shopwright.policies.agents import open_agent
from shopwright.policies.encoder import LanguageModel
from shopwright.policies.evidence import HISTORY, Reader
from shopwright.policies.history import ONE
from shopwright.policies.learned import LearnedAgent
from shopwright.policies.rules import Oracle
from shopwright.policies.states import open_states
from shopwright.shop.shop import Shop
from shopwright.training.emphasis import EmphasisConfig
from shopwright.training.examples import demonstrate, purchase
from shopwright.training.imitation import ImitationConfig, _remembered, train_imitation
from shopwright.trajectories.generate import GenerateConfig, generate_perfect
from shopwright.trajectories.purchases import Purchase
from shopwright.trajectories.records import Trajectory
from tiny import build_tiny_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return build_tiny_shop(tmp_path_factory.mktemp("imitation") / "shop")


@pytest.fixture(scope="module")
def trajectories(shop: Shop) -> list[Trajectory]:
    return generate_perfect(
        Oracle(), shop, list(shop.goals), GenerateConfig(trajectories=6)
    ).trajectories


@pytest.mark.parametrize("forgotten", [0.0, 1.0])
def test_a_request_is_not_told_what_was_bought_for_itself(
    forgotten: float, shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), bfloat16=False)
    reader = Reader(shop, model, open_states(shop, model))
    studied = trajectories[:4]
    further = [Purchase(t.instruction, t.asin) for t in trajectories[4:]]
    further.append(Purchase(studied[0].instruction, trajectories[5].asin))
    first = [demonstrate(trajectory, reader) for trajectory in studied]
    again = [
        replace(d, goal=replace(d.goal, instruction=f"please {d.goal.instruction}")) for d in first
    ]
    config = ImitationConfig(forgotten=forgotten, rewordings=1)
    history, recall = _remembered([*first, *again], len(first), further, reader, config, None)
    bought = [shop.catalogue.asin_of(demonstration.row) for demonstration in [*first, *again]]
    assert history.asins == (*(purchase.asin for purchase in further), *bought)
    for number, demonstration in enumerate(first, start=len(further)):
        wordings = {number, number + len(first)}
        of_product = {n for n, asin in enumerate(history.asins) if asin == history.asins[number]}
        for itself, told in (
            (number, demonstration),
            (number + len(first), again[number - len(further)]),
        ):
            # Nor what was bought for the very same words.
            expected = {itself} | ({len(further) - 1} if told is first[0] else set())
            if of_product - wordings - expected:
                expected |= wordings
            if forgotten:
                expected |= of_product
            assert set(recall.left_out[told.goal.instruction].tolist()) == expected
    assert (np.abs(history.vectors).max(axis=1) == ONE).all()


def test_another_wording_stands_for_a_purchase_where_there_is_none(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), bfloat16=False)
    reader = Reader(shop, model, open_states(shop, model))
    only = demonstrate(trajectories[0], reader)
    again = replace(only, goal=replace(only.goal, instruction=f"please {only.goal.instruction}"))
    config = ImitationConfig(forgotten=0.0, rewordings=1)
    further = [Purchase("a mug", asin) for asin in ("MUG0000001", "MUG0000002", "MUG0000003")]
    others = [purchase for purchase in further if shop.catalogue.row_of(purchase.asin) != only.row]
    _, recall = _remembered([only, again], 1, others, reader, config, None)
    assert recall.left_out[only.goal.instruction].tolist() == [2]
    assert recall.left_out[again.goal.instruction].tolist() == [3]
    _, recall = _remembered([only, again], 1, further, reader, config, None)
    assert recall.left_out[only.goal.instruction].tolist() == [3, 4]
    assert recall.left_out[again.goal.instruction].tolist() == [3, 4]


def test_what_is_left_out_for_a_text_is_left_out_for_all_its_purchases(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), bfloat16=False)
    reader = Reader(shop, model, open_states(shop, model))
    first = [demonstrate(trajectory, reader) for trajectory in trajectories]
    other = next(d for d in first if d.row != first[0].row)
    again = replace(other, goal=replace(other.goal, instruction=first[0].goal.instruction))
    demonstrations = [*first, again]
    config = ImitationConfig(forgotten=1.0, rewordings=0)
    _, recall = _remembered(demonstrations, len(demonstrations), [], reader, config, None)
    alike = {n for n, d in enumerate(demonstrations) if d.row in (first[0].row, other.row)}
    assert set(recall.left_out[first[0].goal.instruction].tolist()) == alike


def short(model_folder: Path) -> ImitationConfig:
    return ImitationConfig(
        language_model=str(model_folder),
        steps=2,
        action_steps=2,
        practice_rounds=1,
        long_practice=0,
        rewordings=0,
        dev_goals=0,
        emphasis=EmphasisConfig(steps=2),
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
    monkeypatch.setattr("shopwright.training.imitation.TRAINING_REQUESTS", kept)
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
    assert any(stage == "lessons 1" and done == total for stage, done, total in stages)


def test_however_many_processes_read_and_practise_the_bytes_are_the_same(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path, tmp_path: Path
) -> None:
    for processes in (1, 2):
        config = replace(
            short(tiny_model_folder), practice_rounds=2, long_practice=2, processes=processes
        )
        train_imitation(shop, trajectories[:4], tmp_path / str(processes), config)
    for name in ("choice.safetensors", "history.safetensors", "practice-1-15-steps.jsonl"):
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
        train_imitation(shop, trajectories[:4], folder, config, remembered=further)
        agent = open_agent(str(folder), shop)
        assert isinstance(agent, LearnedAgent)
        if not history:
            assert agent.network.history is None
            assert agent.reader.recall is None
            continue
        assert agent.network.history is not None
        bought = {shop.catalogue.row_of(asin) for asin in agent.network.history.asins}
        assert agent.reader.recall is not None
        (reading,) = agent.reader.requests([trajectories[0].instruction])
        rows = range(len(shop.catalogue))
        found = agent.reader.products(reading, rows, rows)
        remembered = {row for row in rows if found[row].features[HISTORY]}
        assert remembered == bought == {purchase(t, shop)[0] for t in trajectories}
