"""The history that imitation leaves, and what it may retrieve while it trains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import open_states
from shopwright.memory.store import ONE
from shopwright.policy.evidence import Reader
from shopwright.rollouts.purchases import Purchase
from shopwright.rollouts.records import Trajectory
from shopwright.shop.shop import Shop
from shopwright.training.examples import demonstrate
from shopwright.training.memory import build_memory


@pytest.mark.parametrize("dropout", [0.0, 1.0])
def test_a_request_is_not_told_what_was_bought_for_itself(
    dropout: float, shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    reader = Reader(shop.catalogue, model, open_states(shop, model))
    studied = trajectories[:4]
    further = [Purchase(t.instruction, t.asin) for t in trajectories[4:]]
    further.append(Purchase(studied[0].instruction, trajectories[5].asin))
    first = [demonstrate(trajectory, shop, reader) for trajectory in studied]
    again = [
        replace(d, goal=replace(d.goal, instruction=f"please {d.goal.instruction}")) for d in first
    ]
    retriever = build_memory(
        [*first, *again], further, reader, rewordings=1, dropout=dropout, seed=0
    )
    history = retriever.history
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
            if dropout:
                expected |= of_product
            assert set(retriever.mask.left_out[told.goal.instruction].tolist()) == expected
    assert (np.abs(history.vectors).max(axis=1) == ONE).all()


def test_another_wording_stands_for_a_purchase_where_there_is_none(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    reader = Reader(shop.catalogue, model, open_states(shop, model))
    only = demonstrate(trajectories[0], shop, reader)
    again = replace(only, goal=replace(only.goal, instruction=f"please {only.goal.instruction}"))
    chosen = {"rewordings": 1, "dropout": 0.0, "seed": 0}
    further = [Purchase("a mug", asin) for asin in ("MUG0000001", "MUG0000002", "MUG0000003")]
    others = [purchase for purchase in further if shop.catalogue.row_of(purchase.asin) != only.row]
    retriever = build_memory([only, again], others, reader, **chosen)
    assert retriever.mask.left_out[only.goal.instruction].tolist() == [2]
    assert retriever.mask.left_out[again.goal.instruction].tolist() == [3]
    retriever = build_memory([only, again], further, reader, **chosen)
    assert retriever.mask.left_out[only.goal.instruction].tolist() == [3, 4]
    assert retriever.mask.left_out[again.goal.instruction].tolist() == [3, 4]


def test_what_is_left_out_for_a_text_is_left_out_for_all_its_purchases(
    shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    reader = Reader(shop.catalogue, model, open_states(shop, model))
    first = [demonstrate(trajectory, shop, reader) for trajectory in trajectories]
    other = next(d for d in first if d.row != first[0].row)
    again = replace(other, goal=replace(other.goal, instruction=first[0].goal.instruction))
    demonstrations = [*first, again]
    retriever = build_memory(demonstrations, [], reader, rewordings=0, dropout=1.0, seed=0)
    alike = {n for n, d in enumerate(demonstrations) if d.row in (first[0].row, other.row)}
    assert set(retriever.mask.left_out[first[0].goal.instruction].tolist()) == alike
