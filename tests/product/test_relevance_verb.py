"""`benchmark relevance` on a small demo shop: what it prints and writes, what it refuses."""

from __future__ import annotations

import json
import math

import orjson
import pytest

from shopwright import Shop

pytest.importorskip("ir_measures")

QUERIES = (0, 5, 9)  # Goals of the shop, whose requests find several products.
FIELDS = {"ndcg@10", "recall@50", "mrr", "judged_share", "interval", "queries"}


@pytest.fixture
def judgments(demo_shop, tmp_path):
    """Three queries, for each of which the second search result alone is right; another about
    what the shop does not have."""
    shop = Shop.open(demo_shop)
    file = tmp_path / "judgments.jsonl"
    lines = []
    for goal in QUERIES:
        query = shop.goals[goal].instruction
        first, second, *_ = shop.search(query)
        lines.append({"query": query, "judged": {first.asin: 0, second.asin: 2, "gone": 2}})
    lines.append({"query": "guitar", "judged": {"gone": 2}})
    file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return file


def measure(verb, shop, judgments, *arguments):
    return verb("benchmark", "relevance", "--shop", shop, "--judgments", judgments, *arguments)


def test_every_agent_has_a_record_and_bm25_is_one(done, demo_shop, judgments):
    process = measure(done, demo_shop, judgments, "--agent", "rule", "--halves", "--json")
    record = json.loads(process.stdout)
    assert list(record) == ["bm25", "rule"]
    assert record["bm25"].keys() >= FIELDS
    assert record["bm25"]["queries"] == 3
    assert record["bm25"]["ndcg@10"] == pytest.approx(100 / math.log2(3))
    assert record["bm25"]["recall@50"] == 100.0
    assert record["bm25"]["mrr"] == 50.0
    # What is recommended is found and ranked otherwise than by the search alone.
    assert record["rule"]["recall@50"] == 100.0
    assert -50.0 < record["rule"]["difference"]["mean"] < 50.0
    assert sum(half["queries"] for half in record["rule"]["halves"].values()) == 3
    assert "judged products that are not in the shop, and left out: 4\n" in process.stderr
    assert "graded above 0, and left out: 1\n" in process.stderr


def test_it_prints_a_table_and_writes_a_line_for_each_query(here, demo_shop, judgments, tmp_path):
    out = tmp_path / "queries.jsonl"
    words = ("--agent", "rule-page", "bm25", "--per-query", out, "--gains", "0,0.5,1")
    printed = measure(here, demo_shop, judgments, *words)
    assert "3 queries" in printed
    assert "minus that of rule-page" in printed
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(records) == 3
    assert list(records[0]["agents"]) == ["rule-page", "bm25"]
    assert records[0]["agents"]["bm25"]["mrr"] == 0.5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--gains", "0,1"], "--gains: expected 3 numbers, for the grades 0 to 2 in "),
        (["--gains", "0,one,2"], "expected numbers like 0,1,3,7, got '0,one,2'"),
        (["--gains", "0,0,-1"], "gains: expected numbers from 0 on"),
        (["--relevant-from", "3"], "--relevant-from: expected at most 2, the highest grade in "),
        (["--agent", "rule", "rule"], "--agent: expected different ones, got rule rule"),
        (["--agent", "oracle"], "agent: expected one that reads requests, got 'oracle'"),
        (["--agent", "nobody"], "agent: expected "),
        (["--per-query", "."], "--per-query: expected a file, got the folder ."),
    ],
)
def test_what_cannot_be_measured_is_refused(refused, demo_shop, judgments, words, said):
    assert said in measure(refused, demo_shop, judgments, *words)


def test_without_ir_measures_one_line_says_what_to_install(
    demo_shop, judgments, monkeypatch, capsys
):
    from shopwright.cli import main

    monkeypatch.setattr("shopwright.extras.find_spec", lambda package: None)
    words = ["--shop", str(demo_shop), "--judgments", str(judgments)]
    assert main(["benchmark", "relevance", *words]) == 1
    assert capsys.readouterr().err.endswith("pip install 'shopwright[relevance]'\n")
