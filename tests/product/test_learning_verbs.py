"""The verbs that train and use a trained agent, run for real with next to no training."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import orjson
import pytest

pytest.importorskip("torch")

import shopwright
from shopwright.agents.registry import is_from_another_shop
from shopwright.cli import main
from shopwright.cli.loading import store_path
from shopwright.shop.shop import Shop

PRACTICE = ["--practice-rounds", 1, "--practice", 4, "--long-practice", 1, "--action-steps", 2]
PRACTICE += ["--term-weights-steps", 5]
FEW = ["--threads", 1, "--dev-goals", 0, "--log-every", 2, "--checkpoint-every", 3]


@pytest.fixture(scope="module")
def trajectories(done, demo_shop, goals_file) -> Path:
    path = demo_shop.parent / "trajectories.jsonl"
    done(
        *("generate", "--shop", demo_shop, "--agent", "oracle", "--goals", goals_file),
        *("--trajectories", 5, "--out", path),
    )
    return path


@pytest.fixture(scope="module")
def imitation(demo_shop, trajectories, tiny_model_folder):
    """The words of a command line that trains by imitation into a new folder, and that folder."""

    def words(name: str):
        out = demo_shop.parent / name
        return out, (
            *("train", "imitation", "--shop", demo_shop, "--trajectories", trajectories),
            *("--out", out, "--steps", 4, *PRACTICE, *FEW, "--language-model", tiny_model_folder),
            "--json",
        )

    return words


@pytest.fixture(scope="module")
def run_folder(done, imitation):
    folder, words = imitation("imitation")
    return folder, json.loads(done(*words).stdout)


def test_train_prints_a_summary_and_writes_a_run_folder(run_folder):
    folder, summary = run_folder
    assert summary["run"] == str(folder)
    # What a random language model has to say gives no decisions to practise.
    assert (summary["trajectories"], summary["steps"]) == (5, 4)
    steps = [orjson.loads(line)["step"] for line in (folder / "metrics.jsonl").open("rb")]
    assert steps == [2, 4]
    config = orjson.loads((folder / "run.json").read_bytes())["config"]
    assert (config["log_every"], config["seed"]) == (2, 0)


@pytest.mark.slow
def test_two_trainings_with_one_seed_give_the_same_bytes(apart, imitation, run_folder):
    first, _ = run_folder
    second, words = imitation("imitation-2")
    apart(*words, PYTHONHASHSEED="2")
    for name in ("choice.safetensors", "metrics.jsonl", "agent.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_commands_compute_with_one_thread_what_a_trained_agent_thinks(run_folder, demo_shop):
    import torch

    from shopwright.cli.command import open_agent_with_progress
    from shopwright.console import Stages

    folder, _ = run_folder
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with Stages() as stages:
            open_agent_with_progress(stages, "rule", Shop.open(demo_shop), seed=0)
            assert torch.get_num_threads() == 2
            open_agent_with_progress(stages, str(folder), Shop.open(demo_shop), seed=0)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_a_run_folder_of_other_settings_is_refused(refused, run_folder, imitation):
    folder, words = imitation("imitation")
    line = refused(*words, "--steps", 7)
    assert line.startswith(f"{folder / 'run.json'}: expected a run with the same settings")


def test_a_language_model_that_is_nowhere_leaves_no_run(
    refused, demo_shop, trajectories, tmp_path, monkeypatch
):
    def unreachable(*_, **__):
        raise ConnectionError("no network")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", unreachable)
    line = refused(
        *("train", "imitation", "--shop", demo_shop, "--trajectories", trajectories),
        *("--language-model", "nosuch", "--out", tmp_path / "run"),
    )
    assert line.startswith("language model: expected all-MiniLM-L6-v2, a folder or a model of ")
    assert not (tmp_path / "run").exists()


def test_dpo_starts_from_a_run_folder(here, run_folder, demo_shop, trajectories, tmp_path):
    folder, _ = run_folder
    text = here(
        *("train", "dpo", "--shop", demo_shop, "--trajectories", trajectories, "--from", folder),
        *("--out", tmp_path / "dpo", "--steps", 2, "--rounds", 1, "--rollouts", 1, *FEW, "--json"),
    )
    assert json.loads(text)["run"] == str(tmp_path / "dpo")
    assert (tmp_path / "dpo" / "choice.safetensors").is_file()


def test_dpo_needs_a_trained_agent(refused, demo_shop, trajectories, tmp_path):
    line = refused(
        *("train", "dpo", "--shop", demo_shop, "--trajectories", trajectories),
        *("--from", tmp_path / "none", "--out", tmp_path / "dpo"),
    )
    assert str(tmp_path / "none") in line
    assert list(tmp_path.iterdir()) == []


def test_the_default_recipe_needs_goals_to_train_on(refused, demo_shop, tmp_path):
    line = refused("train", "--shop", demo_shop, "--out", tmp_path / "run")
    assert line.startswith(f"{demo_shop}: expected a shop with goals to train on")
    assert list(tmp_path.iterdir()) == []


def test_a_trained_agent_is_evaluated_by_its_run_folder(here, run_folder, demo_shop, goals_file):
    folder, _ = run_folder
    text = here(
        *("evaluate", "--shop", demo_shop, "--agent", folder, "--goals", goals_file),
        *("--protocol", "catalogue", "--json"),
    )
    assert json.loads(text)["agent"] == "imitation"


def test_an_agent_of_another_shop_is_taken_with_a_note(done, run_folder, demo_shop, tiny_shop):
    folder, _ = run_folder
    words = ("recommend", "--agent", folder, "a red mug", "--json", "--shop")
    assert "trained in another shop" not in done(*words, demo_shop).stderr
    process = done(*words, tiny_shop.folder)
    assert (
        f"shopwright: {folder}: trained in another shop than {tiny_shop.folder}; "
        "it may do worse here\n"
    ) in process.stderr
    with pytest.warns(UserWarning, match="trained in another shop"):
        agent = shopwright.load_agent(folder, tiny_shop)
    assert is_from_another_shop(agent, tiny_shop)
    assert not is_from_another_shop(agent, Shop.open(demo_shop))
    assert repr(agent) == "<LearnedAgent 'imitation'>"


def test_a_service_keeps_its_feedback_in_a_run_or_beside_the_shop(run_folder, demo_shop):
    folder, _ = run_folder
    assert store_path(demo_shop, [str(folder), "rule"]) == folder / "feedback.sqlite"
    beside = demo_shop.parent / f"{demo_shop.name}.feedback.sqlite"
    assert store_path(demo_shop, ["rule", str(folder)]) == beside
    assert store_path(demo_shop, [str(folder)], of_another_shop=True) == beside


@pytest.mark.parametrize("more", [[], ["--rollouts", 5]])
def test_recommend_prints_what_the_interface_promises(done, run_folder, demo_shop, more):
    folder, _ = run_folder
    request = "something soft for the living room, under 900 dollars"
    process = done(
        *("recommend", "--shop", demo_shop, "--agent", folder, request, "-n", 3, "--json", *more)
    )
    record = json.loads(process.stdout)
    assert record["request"] == request
    assert 1 <= len(record["items"]) <= 3
    for item in record["items"]:
        assert item.keys() >= {"asin", "title", "options", "price", "score"}
        assert isinstance(item["options"], dict)
    # By rollouts, what the best rollout bought stands first.
    scores = [item["score"] for item in record["items"][bool(more) :]]
    assert scores == sorted(scores, reverse=True)


def test_recommend_prints_a_table_and_no_control_character(done, demo_shop):
    process = done("recommend", "--shop", demo_shop, "--agent", "rule", "soft \x1b[31mthrow\x07")
    assert "soft ␛[31mthrow␇" in process.stdout
    assert "\x1b" not in process.stdout


def test_an_agent_that_must_be_told_the_goal_cannot_recommend(refused, demo_shop):
    line = refused("recommend", "--shop", demo_shop, "--agent", "oracle", "a lamp")
    assert line.startswith("agent: expected one that reads requests, got 'oracle'")


def test_compare_writes_a_report_and_prints_what_it_says(
    here, run_folder, demo_shop, goals_file, tmp_path
):
    folder, _ = run_folder
    text = here(
        *("compare", "--shop", demo_shop, "--agents", folder, "rule", "--goals", goals_file),
        *("--rollouts", 40, "--runs", 2, "--out", tmp_path / "compared", "--json"),
    )
    record = json.loads(text)
    assert [result["agent"] for result in record["results"]] == [str(folder), "rule"]
    assert {e["allocation"] for e in record["experiments"]} == {"success", "score", "uniform"}
    assert record["costs"][str(folder)]["steps"] == 4
    assert (tmp_path / "compared" / "report.html").is_file()


@pytest.mark.parametrize("words", [
    ["compare", "--agents", "rule", "--goals", "test", "--shop", "SHOP"],
    ["reproduce", "--shop", "SHOP"],
    ["demo"],
])  # fmt: skip
def test_a_missing_package_of_reports_is_named_before_the_work(
    words, demo_shop, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    words = [str(demo_shop) if word == "SHOP" else word for word in words]
    assert main([*words, "--out", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("needs the package matplotlib, which is missing: pip install "
                         "'shopwright[report]'")  # fmt: skip
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("method", ["policy-gradient", "ppo"])
def test_reinforcement_learning_needs_nothing_but_a_shop_and_goals(
    here, demo_shop, goals_file, tiny_model_folder, tmp_path, method
):
    few = ["--updates", 2, "--episodes", 3, "--threads", 1, "--dev-goals", 0]
    few += ["--language-model", tiny_model_folder]
    text = here(
        *("train", method, "--shop", demo_shop, "--goals", goals_file, *few),
        *("--out", tmp_path / "run", "--json"),
    )
    assert json.loads(text)["updates"] == 2
    assert (tmp_path / "run" / "report.html").is_file()


def test_the_papers_dpo_takes_trajectories_or_generated_preferences(
    here, refused, run_folder, demo_shop, trajectories, goals_file, tmp_path
):
    folder, _ = run_folder
    pairs = tmp_path / "pairs.jsonl"
    here(
        *("generate", "preferences", "--shop", demo_shop, "--agent", folder),
        *("--goals", goals_file, "--pairs", 6, "--out", pairs),
    )
    few = ["--steps", 3, "--threads", 1, "--dev-goals", 0, "--json"]
    for number, given in enumerate((["--trajectories", trajectories], ["--preferences", pairs])):
        out = tmp_path / str(number)
        command = ["train", "paper-dpo", "--shop", demo_shop, "--from", folder, *given]
        assert json.loads(here(*command, "--out", out, *few))["steps"] == 3
    line = refused(
        *("train", "paper-dpo", "--shop", demo_shop, "--from", folder, "--out", tmp_path / "x")
    )
    assert line == "expected either trajectories or preferences, got both or neither"
