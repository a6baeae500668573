"""Each verb, run for real: what it prints, what it writes, and that one seed gives one result."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import orjson
import pytest

from shopwright.catalogue.generate import generate_products
from shopwright.rollouts.records import read_trajectories
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop

EVALUATION_FIELDS = set(
    "episodes score score_interval success_rate success_interval steps_mean protocol step_limit "
    "agent goals seed seconds".split()
)


def checksums(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_shop_build_says_where_the_shop_is_and_what_it_holds(done, tmp_path):
    process = done("shop", "build", "--demo", "--products", 12, "--out", tmp_path / "shop")
    lines = dict(line.split(": ", 1) for line in process.stdout.splitlines())
    assert lines["shop"] == str(tmp_path / "shop")
    assert lines["products"].startswith("12 (")
    assert lines["goals"].split(" ")[0].isdigit()
    # A line at the end of each stage; others where the machine is slow, or lacks the tagger.
    stages = [line for line in process.stderr.splitlines() if re.search(r", \d+\.\d s$", line)]
    assert len(stages) == 2
    assert stages[0].startswith("shopwright: products: 12 of 12, ")
    assert stages[1].startswith("shopwright: merging: 4 of 4, ")


def test_the_fallback_tagger_is_named_with_its_reason_and_recorded(apart, without_spacy, tmp_path):
    process = apart(
        *("shop", "build", "--demo", "--products", 3, "--out", tmp_path / "shop", "--json"),
        **without_spacy,
    )
    remark, *_ = process.stderr.splitlines()
    assert remark.startswith("shopwright: nouns of titles come from the fallback tagger 'words': ")
    assert "spacy is not for this test" in remark
    assert orjson.loads(process.stdout)["nouns"] == "words"
    assert orjson.loads((tmp_path / "shop" / "manifest.json").read_bytes())["nouns"] == "words"


def test_shop_info_prints_the_manifest(done, demo_shop):
    record = json.loads(done("shop", "info", demo_shop, "--verify", "--json").stdout)
    manifest = orjson.loads((demo_shop / "manifest.json").read_bytes())
    assert record["shop"] == str(demo_shop)
    for name in ("products", "goals", "human_goals", "nouns", "source", "version"):
        assert record[name] == manifest[name]
    assert record["splits"]["test"] == min(500, record["goals"])
    # What training adds beside these files is no part of the shop.
    built = [demo_shop / name for name in manifest["files"]]
    assert record["files"] == len(built)
    assert record["bytes"] == sum(path.stat().st_size for path in built)


def test_two_builds_with_one_seed_give_the_same_bytes(done, apart, tmp_path):
    words = ("shop", "build", "--demo", "--products", 40, "--seed", 1, "--out")
    done(*words, tmp_path / "1")
    apart(*words, tmp_path / "2", PYTHONHASHSEED="2")
    assert checksums(tmp_path / "1") == checksums(tmp_path / "2")


def test_another_seed_gives_another_shop(done, tmp_path):
    for seed in (1, 2):
        done(
            *("shop", "build", "--demo", "--products", 8, "--seed", seed),
            *("--out", tmp_path / str(seed)),
        )
    products = [tmp_path / seed / "catalogue" / "products.bin" for seed in ("1", "2")]
    assert products[0].read_bytes() != products[1].read_bytes()


def generate(run, shop, goals, out, seed=0, **environment):
    return run(
        *("generate", "--shop", shop, "--agent", "oracle", "--goals", goals, "--out", out),
        *("--trajectories", 6, "--seed", seed, "--json"),
        **environment,
    )


def test_generate_writes_perfect_trajectories(done, demo_shop, goals_file, tmp_path):
    out = tmp_path / "trajectories.jsonl"
    record = json.loads(generate(done, demo_shop, goals_file, out).stdout)
    trajectories = read_trajectories(out)
    assert record["trajectories"] == len(trajectories) == 6
    assert record["out"] == str(out)
    assert all(trajectory.perfect for trajectory in trajectories)
    assert record["simulator_steps"] >= sum(len(t.steps) for t in trajectories)


def test_generate_says_when_the_goals_run_out(done, demo_shop, goals_file, tmp_path):
    process = done(
        *("generate", "--shop", demo_shop, "--agent", "oracle", "--goals", goals_file),
        *("--trajectories", 1000, "--out", tmp_path / "out.jsonl"),
    )
    found = len(read_trajectories(tmp_path / "out.jsonl"))
    assert process.stderr.splitlines()[-1] == (
        f"shopwright: the goals ran out: {found} perfect rollouts of the 1000 asked for"
    )


def test_two_generations_with_one_seed_give_the_same_bytes(
    done, apart, demo_shop, goals_file, tmp_path
):
    generate(done, demo_shop, goals_file, tmp_path / "first", 3)
    generate(apart, demo_shop, goals_file, tmp_path / "second", 3, PYTHONHASHSEED="2")
    generate(done, demo_shop, goals_file, tmp_path / "third", 4)
    first, second, third = ((tmp_path / name).read_bytes() for name in ("first", "second", "third"))
    assert first == second
    assert first != third


@pytest.mark.parametrize(("protocol", "limit"), [("pages", 7), ("catalogue", None)])
def test_evaluate_prints_what_the_interface_promises(done, demo_shop, goals_file, protocol, limit):
    process = done(
        *("evaluate", "--shop", demo_shop, "--agent", "rule-options", "--goals", goals_file),
        *("--protocol", protocol, "--step-limit", 7, "--seed", 3, "--json"),
    )
    record = json.loads(process.stdout)
    assert record.keys() >= EVALUATION_FIELDS
    goals = len(goals_file.read_bytes().splitlines())
    assert record["episodes"] == goals
    assert record["protocol"] == protocol
    assert record["step_limit"] == limit
    assert record["agent"] == "rule-options"
    assert record["goals"] == str(goals_file)
    assert record["seed"] == 3
    assert 0 <= record["score_interval"][0] <= record["score"] <= record["score_interval"][1] <= 100
    low, high = record["success_interval"]
    assert 0 <= low <= record["success_rate"] <= high <= 100


def test_evaluate_without_a_step_limit_and_with_samples(done, demo_shop, goals_file):
    words = ["evaluate", "--shop", demo_shop, "--agent", "random", "--goals", goals_file]
    words += ["--protocol", "pages", "--sample", "--json"]
    free = json.loads(done(*words, "--step-limit", "none").stdout)
    assert free["step_limit"] is None
    assert free["sample"] is True
    assert free["steps_mean"] > json.loads(done(*words, "--step-limit", 2).stdout)["steps_mean"]


def test_results_in_a_shop_of_the_fallback_tagger_say_so(here, tmp_path, monkeypatch):
    source = {"kind": "test"}
    build_shop(generate_products(80), tmp_path / "shop", source=source, tagger=WordTagger())
    said: list[str] = []
    monkeypatch.setattr("shopwright.cli.command.note", said.append)
    words = ("--shop", tmp_path / "shop", "--goals", "dev")
    here("evaluate", *words, "--agent", "rule", "--protocol", "catalogue")
    compared = ("--rollouts", 8, "--runs", 1, "--out", tmp_path / "compared")
    here("compare", *words, "--agents", "rule", "random", *compared)
    assert len(said) == 2
    assert all("fallback tagger 'words'" in remark for remark in said)


def test_evaluate_prints_a_table(done, demo_shop):
    process = done(
        *("evaluate", "--shop", demo_shop, "--agent", "rule", "--goals", "test-unseen"),
        *("--protocol", "pages"),
    )
    assert "pages protocol, at most 15 steps" in process.stdout
    assert "success %" in process.stdout
