"""The default training."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from shopwright.agents.learned import LearnedAgent
from shopwright.agents.registry import open_agent
from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import TABLE_GOALS
from shopwright.errors import InputError
from shopwright.rollouts.records import read_trajectories
from shopwright.runs import Run
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.training import recipe
from shopwright.training.recipe import RecipeConfig, train_default


def test_a_shop_without_goals_to_train_on_is_refused(tiny_shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no goals to train on"):
        train_default(tiny_shop, tmp_path / "agent")


def test_a_wrong_device_is_refused_before_the_work(tiny_shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="^device: expected cpu, cuda or auto, got 'tpu'$"):
        train_default(tiny_shop, tmp_path / "agent", RecipeConfig(device="tpu"))


def test_other_settings_than_a_folders_are_refused_before_the_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = build_shop(
        generate_products(240), tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger()
    )
    out = tmp_path / "agent"

    def interrupted(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_default(shop, out, RecipeConfig(threads=1), progress=interrupted)
    before = {path.name for path in out.iterdir()}
    monkeypatch.setattr(recipe, "generate_perfect", lambda *_, **__: pytest.fail("it began"))
    with pytest.raises(InputError, match=r"another config\.steps; choose another folder"):
        train_default(shop, out, RecipeConfig(steps=3))
    assert {path.name for path in out.iterdir()} == before
    Run.open(out, "recipe", {}).finish({"chosen": "dpo"})
    # What it computes with does not make it another run.
    assert train_default(shop, out, RecipeConfig(threads=2)) == {"chosen": "dpo"}


@pytest.mark.slow
def test_each_product_has_two_purchases_to_remember(
    tiny_model_folder: Path, tmp_path: Path
) -> None:
    shop = build_shop(
        generate_products(240), tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger()
    )
    config = RecipeConfig(
        trajectories=3,
        history_purchases=1000,
        invented=2,
        steps=2,
        practice=2,
        action_steps=2,
        preferences=2,
        dev_goals=1,
        language_model=str(tiny_model_folder),
    )
    result = train_default(shop, tmp_path / "agent", config)
    agent = open_agent(str(tmp_path / "agent"), shop)
    assert isinstance(agent, LearnedAgent)
    assert agent.reader.retriever is not None
    studied = read_trajectories(tmp_path / "agent" / "trajectories.jsonl")
    bought = agent.reader.retriever.history.asins
    further = bought[: -len(studied)]
    assert len(further) == len(set(further)) == result["history_purchases"] > 20
    # Of each product there are two purchases, so that one can be left out.
    times = Counter(trajectory.asin for trajectory in studied)
    again = times.keys() & set(further)
    assert again
    assert all(times[asin] == 1 for asin in again)
    # Nothing is learned of products that are held out.
    assert not {goal.asin for goal in shop.goals.split("test-unseen")} & set(bought)
    assert json.loads((tmp_path / "agent" / "result.json").read_bytes()) == result


@pytest.mark.slow
def test_a_shop_of_one_product_is_trained(tiny_model_folder: Path, tmp_path: Path) -> None:
    products = [replace(each, goal_rule=TABLE_GOALS) for each in generate_products(1)]
    shop = build_shop(products, tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger())
    config = RecipeConfig(
        trajectories=3,
        invented=3,
        steps=2,
        practice=2,
        action_steps=2,
        preferences=2,
        preference_steps=2,
        dev_goals=1,
        language_model=str(tiny_model_folder),
    )
    result = train_default(shop, tmp_path / "agent", config)
    assert "one product" in " ".join(result["measures"])
    studied = read_trajectories(tmp_path / "agent" / "trajectories.jsonl")
    goals = [trajectory.goal(shop) for trajectory in studied]
    assert not any(shop.goals.keeps_back(g.asin, g.options, g.attributes) for g in goals)


def test_the_recipe_is_as_large_as_the_shop(tiny_shop: Shop, tmp_path: Path) -> None:
    products = [replace(each, goal_rule=TABLE_GOALS) for each in tiny_shop.catalogue]
    small = build_shop(products, tmp_path / "shop", source={}, tagger=WordTagger())
    full, given = RecipeConfig(), RecipeConfig(steps=7)
    assert recipe._scaled(full, tiny_shop) == full
    assert recipe._scaled(full, small).invented == 100
    assert recipe._scaled(replace(full, scale=1.0), small) == replace(full, scale=1.0)
    assert recipe._scaled(given, small).steps == 7
