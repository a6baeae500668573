"""The Python interface: shops, goals and files by path, typed results, one line of error."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import shopwright
from shopwright.api import goals_of
from shopwright.errors import InputError
from shopwright.recommending.recommender import Recommender
from shopwright.rollouts.records import read_trajectories


def test_goals_are_a_split_a_file_or_goals(small_shop, tmp_path):
    goals, name = goals_of(small_shop, "test")
    assert (len(goals), name) == (len(small_shop.goals), "test")
    with pytest.raises(InputError, match="expected a split that has goals, got 'train'"):
        goals_of(small_shop, "train")
    with pytest.raises(InputError, match=r"expected test, dev, .* got 'tset'"):
        goals_of(small_shop, "tset")
    path = Path(tmp_path / "goals.jsonl")
    path.write_text('{"asin": "LAMP000001", "instruction": "a lamp"}\n')
    ((goal,), name) = goals_of(small_shop, path)
    assert (goal.instruction, name) == ("a lamp", str(path))
    assert goals_of(small_shop, [goal]) == ([goal], "given")


def test_an_evaluation_by_paths_and_names(small_shop):
    result = shopwright.evaluate("rule-options", str(small_shop.folder), step_limit=7, seed=3)
    assert (result.agent, result.goals, result.step_limit, result.seed) == (
        "rule-options", "test", 7, 3,
    )  # fmt: skip
    agent = shopwright.load_agent("rule-options", small_shop)
    assert shopwright.evaluate(agent, small_shop, step_limit=7).rewards == result.rewards


def test_a_recommendation_is_the_ranking(small_shop):
    found = shopwright.recommend("rule-options", small_shop, "running shoes in red", count=3)
    agent = shopwright.load_agent("rule-options", small_shop)
    recommender = Recommender.of(small_shop)
    understood = recommender.understand("running shoes in red")
    assert found == recommender.recommend(agent, understood, count=3)
    assert found[0].options == {"color": "red"}
    assert found[0].score > 0.9
    assert len(found) == 2
    assert repr(agent) == "<Rule 'rule-options'>"
    assert repr(found).startswith("<2 items for 'running shoes in red', best: <SHOE000001 'Red Run")
    assert "<td>SHOE000001</td>" in found._repr_html_()
    assert "<b>" not in shopwright.recommend("rule", small_shop, "<b> lamp")._repr_html_()


@pytest.mark.parametrize("wrong", [{"count": 0}, {"rollouts": -1}])
def test_a_recommendation_of_too_few_names_the_number(small_shop, wrong):
    with pytest.raises(InputError, match=f"^{next(iter(wrong))}: expected at least"):
        shopwright.recommend("rule", small_shop, "a lamp", **wrong)


def test_who_must_be_told_a_goal_cannot_recommend(small_shop):
    with pytest.raises(InputError, match="expected one that reads requests, got 'oracle'"):
        shopwright.recommend("oracle", small_shop, "a lamp")


def test_who_only_acts_on_pages_cannot_recommend(small_shop):
    agent = SimpleNamespace(name="hasty", visit=None)
    with pytest.raises(InputError, match="got 'hasty', which only acts on pages"):
        shopwright.recommend(agent, small_shop, "a lamp")


def test_what_is_no_agent_is_refused_in_one_line(small_shop):
    for call in (
        lambda: shopwright.evaluate(object(), small_shop),
        lambda: shopwright.recommend(None, small_shop, "a lamp"),
        lambda: shopwright.generate(3, small_shop, "test"),
    ):
        with pytest.raises(InputError, match=r"^agent: expected a run folder, .*, got [^\n]*$"):
            call()


def test_generated_rollouts_are_perfect_and_written(small_shop, tmp_path):
    out = tmp_path / "t.jsonl"
    generated = shopwright.generate("oracle", small_shop, "test", trajectories=2, out=str(out))
    assert generated.trajectories == read_trajectories(out)
    assert generated.perfect == 2
    assert repr(generated).startswith("<2 perfect rollouts of ")


def test_training_takes_what_its_method_takes(tiny_shop, tiny_model_folder, tmp_path):
    pytest.importorskip("torch")
    with pytest.raises(InputError, match="method: expected one of recipe, imitation, "):
        shopwright.train(tiny_shop, tmp_path / "x", method="alchemy")
    with pytest.raises(InputError, match=r"stepz: expected what dpo takes \(trajectories, start\)"):
        shopwright.train(tiny_shop, tmp_path / "x", method="dpo", stepz=3)
    with pytest.raises(InputError, match="trajectories: expected for imitation, got none"):
        shopwright.train(tiny_shop, tmp_path / "x", method="imitation")
    with pytest.raises(InputError, match="steps: expected a whole number of at least 1, got -5"):
        shopwright.train(tiny_shop, tmp_path / "x", method="imitation", steps=-5)
    assert not (tmp_path / "x").exists()
    training = shopwright.train(
        str(tiny_shop.folder),
        str(tmp_path / "run"),
        method="reward-model",
        goals="test",
        config=None,
        language_model=str(tiny_model_folder),
        purchases=2,
        steps=2,
    )
    assert training.summary["steps"] == 2
    assert repr(training).startswith("Training(method='reward-model', folder=")
    assert "<td>steps</td><td>2</td>" in training._repr_html_()
