"""The language model, adapted: what is trained, what comes of it, and that a killed run goes on."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from shopwright.encoding.language_model import LanguageModel
from shopwright.errors import InputError, UnavailableError
from shopwright.rollouts.records import Trajectory
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.training.methods import encoder
from shopwright.training.methods.encoder import AdaptationConfig, train_encoder
from tiny import perfect_trajectories, tiny_products


@pytest.fixture(scope="module")
def trajectories(tiny_shop: Shop) -> list[Trajectory]:
    return perfect_trajectories(tiny_shop)


@pytest.fixture(autouse=True)
def all_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "is_held_out", lambda request: False)


def config(model: Path, **changed: object) -> AdaptationConfig:
    small = AdaptationConfig(
        language_model=str(model),
        steps=12,
        batch_size=3,
        log_every=4,
        checkpoint_every=5,
        threads=1,
    )
    return replace(small, **changed)


def states_of(folder: Path) -> np.ndarray:
    model = LanguageModel(str(folder), precision="float32")
    (text,) = model.encode(["dishwasher safe coffee mug"], limits=[16])
    return text.states


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_a_killed_run_ends_at_the_same_weights(
    tuning: str,
    tiny_shop: Shop,
    trajectories: list[Trajectory],
    tiny_model_folder: Path,
    tmp_path: Path,
) -> None:
    wanted = config(tiny_model_folder, tuning=tuning)
    whole = train_encoder(tiny_shop, trajectories, tmp_path / "whole", wanted)
    calls = 0

    def kill(stage: str, done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_encoder(tiny_shop, trajectories, tmp_path / "broken", wanted, progress=kill)
    assert not (tmp_path / "broken" / "model").exists()
    train_encoder(tiny_shop, trajectories, tmp_path / "broken", wanted)
    for name in ("model/model.safetensors", "metrics.jsonl"):
        one, other = (tmp_path / run / name for run in ("whole", "broken"))
        assert one.read_bytes() == other.read_bytes(), name
    assert not (tmp_path / "whole" / "checkpoint").exists()
    in_all = sum(p.numel() for p in LanguageModel(str(tiny_model_folder)).network.parameters())
    assert (whole["parameters"] == in_all) == (tuning == "full")
    assert whole["parameters"] > 0


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_what_fulfils_a_request_comes_first(
    tuning: str,
    tiny_shop: Shop,
    trajectories: list[Trajectory],
    tiny_model_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Learned and measured on the same requests: that it learns, not that it generalises.
    purchases = [encoder._purchase(tiny_shop, trajectory) for trajectory in trajectories]
    teaching = [purchase for purchase in purchases if purchase]
    assert len(teaching) > 3
    wanted = config(tiny_model_folder, tuning=tuning, steps=60, learning_rate=5e-3)
    before = LanguageModel(str(tiny_model_folder), precision="float32")
    train_encoder(tiny_shop, trajectories, tmp_path / "run", wanted)
    after = LanguageModel(str(tmp_path / "run" / "model"), precision="float32")

    def loss(model: LanguageModel) -> float:
        rows = list(range(len(tiny_products())))
        with torch.no_grad():
            scores = encoder._scores(
                model, tiny_shop, [p.request for p in teaching], rows, wanted
            ).log_softmax(dim=1)
        return -float(np.mean([scores[n, p.row] for n, p in enumerate(teaching)]))

    assert loss(after) < 0.5 * loss(before)
    assert encoder._accuracy(after, tiny_shop, teaching, wanted) == 100.0


def test_an_adapted_model_is_another_one(
    tiny_shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path, tmp_path: Path
) -> None:
    train_encoder(tiny_shop, trajectories, tmp_path, config(tiny_model_folder, learning_rate=1e-2))
    adapted = tmp_path / "model"
    assert np.abs(states_of(adapted) - states_of(tiny_model_folder)).max() > 1e-3
    one, other = (LanguageModel(str(f)).checksum for f in (adapted, tiny_model_folder))
    assert one != other


def test_the_score_is_the_mean_of_the_best_cosines(
    tiny_shop: Shop, tiny_model_folder: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    wanted = config(tiny_model_folder, temperature=0.5)
    requests = ["red mug", "a lead free coffee mug for hot drinks"]
    scores = encoder._scores(model, tiny_shop, requests, [2, 0], wanted)
    for number, request in enumerate(requests):
        for place, row in enumerate([2, 0]):
            product = tiny_shop.catalogue[row]
            texts = [request, f"{product.title} {' '.join(product.bullets)}"]
            asked, shown = (
                text.states / np.linalg.norm(text.states, axis=1, keepdims=True)
                for text in model.encode(texts, limits=[64, 128])
            )
            expected = (asked @ shown.T).max(axis=1).mean() / 0.5
            assert scores[number, place].item() == pytest.approx(float(expected), abs=1e-4)


def test_the_clock_ends_a_run(
    tiny_shop: Shop, trajectories: list[Trajectory], tiny_model_folder: Path, tmp_path: Path
) -> None:
    result = train_encoder(
        tiny_shop, trajectories, tmp_path, config(tiny_model_folder, minutes=0.02)
    )
    assert 1.0 <= result["seconds"] < 8.0
    assert result["steps"] > 12


def test_trajectories_without_wrong_results_teach_nothing(
    tiny_shop: Shop, tiny_model_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="wrong products"):
        train_encoder(tiny_shop, [], tmp_path, config(tiny_model_folder))


def test_low_rank_updates_need_a_package_before_the_work(
    tiny_shop: Shop,
    trajectories: list[Trajectory],
    tiny_model_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(UnavailableError, match=r"tuning lora needs the package peft.*\[adapt\]"):
        train_encoder(tiny_shop, trajectories, tmp_path / "run", config(tiny_model_folder))
    assert not (tmp_path / "run").exists()


def test_one_product_is_refused_before_anything_is_written(
    tiny_model_folder: Path, tmp_path: Path
) -> None:
    products = tiny_products()[:1]
    shop = build_shop(products, tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger())
    with pytest.raises(InputError, match="expected at least two products, .*, got one"):
        train_encoder(shop, [], tmp_path / "run", config(tiny_model_folder))
    assert not (tmp_path / "run").exists()
