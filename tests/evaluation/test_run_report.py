"""The report of a run: the verdict first, what failed, what it took."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shopwright.evaluation.run_report import write_run_report
from shopwright.files import write_json
from shopwright.runs import Run

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

COMPARED = {"success_rate": 91.0, "other_success_rate": 90.0}
RECIPE = {
    "chosen": "imitation",
    "baseline": "rule-page",
    "verdict": "better than rule-page under both protocols: pages 91 % against 80 %",
    "dpo_against_imitation": {"pages": COMPARED},
    "against_baseline": {},
    "imitation": {"seconds": 3.0, "steps": 2},
    "dpo": {"seconds": 1.0, "steps": 1},
    "seconds": 4.0,
}


def run_of(folder: Path, operation: str, result: dict, rates: tuple[float, ...] = ()) -> Path:
    run = Run.open(folder, operation, {"config": {"seed": 0}, "inputs": {}})
    for step, rate in enumerate(rates):
        run.log({"step": step, "dev_success_rate": rate, "loss": 1.0})
    write_json(folder / "result.json", result)
    return folder


def page_of(folder: Path) -> str:
    return write_run_report(folder).read_text("utf-8")


def test_a_recipe_begins_with_what_was_kept_and_whether_it_is_better(tmp_path: Path) -> None:
    out = run_of(tmp_path / "run", "recipe", RECIPE)
    run_of(out / "imitation", "imitation", RECIPE["imitation"], (50.0, 80.0))
    run_of(out / "dpo", "dpo", RECIPE["dpo"], (80.0,))
    page = page_of(out)
    assert re.search(r'class="verdict"[^>]*>(.*?)</p>', page)[1] == (
        "The agent is better than rule-page under both protocols."
    )
    assert "Kept is imitation: preferences (DPO) did not do significantly better" in page
    assert page.index("verdict") < page.index("Learning curves") < page.index("What it took")
    assert "success on development goals, %: imitation from 50 at step 0 to 80 at step 1" in page


def test_a_method_tells_its_success_on_development_goals(tmp_path: Path) -> None:
    page = page_of(run_of(tmp_path, "ppo", {"seconds": 1.0}, (40.0, 60.0, 55.0)))
    assert "went from 40.0 % to 60.0 % at best, 55.0 % in the end." in page


def test_a_run_that_measured_nothing_has_no_verdict(tmp_path: Path) -> None:
    page = page_of(run_of(tmp_path, "query", {"seconds": 1.0}))
    assert 'class="verdict"' not in page
