"""The verbs of the paper's methods: bad input is one line, and nothing is written."""

from __future__ import annotations

import json

import orjson
import pytest

pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["train", "ppo", "--episodes", 0],
            "episodes: expected a whole number of at least 1, got 0",
        ),
        (["train", "ppo", "--gamma", 1.5], "gamma: expected a number from 0 to 1, got 1.5"),
        (["train", "ppo", "--minutes", 0], "minutes: expected a number above 0 or none, got 0.0"),
        (["train", "ppo", "--clip", -1], "clip: expected a number above 0, got -1.0"),
        (["train", "policy-gradient", "--step-limit", 1], "step_limit: expected a whole number"),
        (["train", "paper-dpo", "--from", "x", "--loss", "hinge"], "argument --loss: invalid"),
        (["train", "paper-dpo", "--from", "x", "--beta", 0], "beta: expected a number above 0"),
        (["train", "paper-dpo", "--from", "x", "--label-smoothing", 0.7], "label_smoothing: exp"),
        (["train", "ppo", "--from", "nothing"], "nothing: expected a run folder"),
        (["train", "reward-model", "--purchases", 1], "purchases: expected a whole number of"),
        (["train", "query", "--pairs", "none.json"], "none.json: expected a file, found none"),
        (["compare", "--agents", "rule", "rule"], "--agents: expected different ones"),
        (
            ["compare", "--agents", "rule", "--runs", 0],
            "runs: expected a whole number of at least 1",
        ),
        (["compare", "--agents", "nobody"], "agent: expected random, rule"),
        (["reproduce", "--minutes", 0], "minutes: expected a number above 0"),
        (["export", "--seed", 1], "expected either --trajectories or --preferences"),
        (["export", "--trajectories", "none.jsonl"], "none.jsonl: expected a file, found none"),
    ],
)
def test_bad_input_is_one_line(words, message, refused, demo_shop, goals_file, tmp_path):
    goals = ["--goals", goals_file] if words[0] == "compare" or words[1] in (
        "ppo", "policy-gradient",
    ) else []  # fmt: skip
    goals = ["--from-goals", goals_file] if words[1] == "reward-model" else goals
    line = refused(*words, *goals, "--shop", demo_shop, "--out", tmp_path / "out")
    assert line.startswith(message), line
    assert not (tmp_path / "out" / "run.json").exists()


def test_peoples_sessions_come_in_and_conversations_go_out(here, shared, demo_shop, tmp_path):
    logs = sorted((shared / "webshop" / "human_trajectories").glob("*.jsonl"))
    text = here(
        *("import", "sessions", *logs, "--out", tmp_path / "human.jsonl"),
        *("--pairs", tmp_path / "pairs.json", "--json"),
    )
    record = json.loads(text)
    assert (record["sessions"], record["perfect"], record["queries"]) == (9, 2, 10)
    lines = [orjson.loads(line) for line in (tmp_path / "human.jsonl").open("rb")]
    assert {line["provenance"] for line in lines} == {"human"}
    assert len(orjson.loads((tmp_path / "pairs.json").read_bytes())) == 9


def test_generated_trajectories_are_exported(here, demo_shop, goals_file, tmp_path):
    here(
        *("generate", "--shop", demo_shop, "--agent", "oracle", "--goals", goals_file),
        *("--trajectories", 3, "--out", tmp_path / "t.jsonl"),
    )
    text = here(
        *("export", "--shop", demo_shop, "--trajectories", tmp_path / "t.jsonl"),
        *("--out", tmp_path / "sft.jsonl", "--json"),
    )
    assert json.loads(text)["records"] == 3
    first = orjson.loads((tmp_path / "sft.jsonl").read_bytes().splitlines()[0])
    assert [message["role"] for message in first["messages"][:3]] == ["system", "user", "assistant"]
