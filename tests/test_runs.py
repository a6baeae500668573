"""Run folders: begun, gone on with, finished."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

import shopwright
from shopwright.errors import InputError
from shopwright.files import read_json
from shopwright.locks import locked
from shopwright.runs import Run, one_at_a_time, versions

SETTINGS = {"config": {"steps": 3, "sizes": (1, 2)}, "inputs": {"shop": "abc"}}


def test_a_new_run_says_what_was_asked_for(tmp_path: Path) -> None:
    run = Run.open(tmp_path / "new" / "run", "imitation", SETTINGS)
    assert not run.finished
    record = read_json(run.folder / "run.json")
    assert record["operation"] == "imitation"
    assert record["config"] == {"steps": 3, "sizes": [1, 2]}
    assert record["inputs"] == {"shop": "abc"}
    assert record["versions"] == versions()
    assert {"shopwright", "python", "numpy", "torch"} <= versions().keys()
    assert run.metrics() == []


def test_the_same_run_goes_on_and_is_finished_by_its_result(tmp_path: Path) -> None:
    run = Run.open(tmp_path, "imitation", SETTINGS)
    before = (tmp_path / "run.json").read_bytes()
    run.log({"step": 1})
    again = Run.open(tmp_path, "imitation", SETTINGS)
    assert not again.finished
    assert (tmp_path / "run.json").read_bytes() == before
    assert again.metrics() == [{"step": 1}]
    assert again.finish({"seconds": 2.0}) == {"seconds": 2.0}
    third = Run.open(tmp_path, "imitation", SETTINGS)
    assert third.finished
    assert third.result() == {"seconds": 2.0}


@pytest.mark.parametrize(
    ("operation", "settings", "field"),
    [
        ("dpo", SETTINGS, "operation"),
        ("imitation", SETTINGS | {"config": {"steps": 4, "sizes": [1, 2]}}, "config.steps"),
        ("imitation", SETTINGS | {"inputs": {"shop": "abd"}}, "inputs.shop"),
        ("imitation", SETTINGS | {"another": 1}, "another"),
    ],
)
def test_another_run_is_refused_by_what_differs(
    tmp_path: Path, operation: str, settings: dict[str, object], field: str
) -> None:
    Run.open(tmp_path, "imitation", SETTINGS)
    before = (tmp_path / "run.json").read_bytes()
    with pytest.raises(InputError, match=rf"run\.json: .*another {field}; choose another folder"):
        Run.open(tmp_path, operation, settings)
    assert (tmp_path / "run.json").read_bytes() == before


def test_a_run_goes_on_with_other_threads_and_another_device(tmp_path: Path) -> None:
    config = {"steps": 3, "threads": 1, "device": "cpu", "processes": 2}
    Run.open(tmp_path, "imitation", {"config": config})
    before = (tmp_path / "run.json").read_bytes()
    elsewhere = {"steps": 3, "threads": 2, "device": "cuda", "processes": 0}
    Run.open(tmp_path, "imitation", {"config": elsewhere})
    assert (tmp_path / "run.json").read_bytes() == before
    with pytest.raises(InputError, match=r"another config\.steps;"):
        Run.open(tmp_path, "imitation", {"config": elsewhere | {"steps": 4}})


def test_a_run_begins_where_one_was_killed_as_it_began(tmp_path: Path) -> None:
    (tmp_path / ".run.json.new").write_bytes(b'{"version"')
    (tmp_path / ".run.json.lock").write_bytes(b"")
    run = Run.open(tmp_path, "imitation", SETTINGS)
    assert not run.finished
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == ["run.json"]


def test_a_folder_with_something_else_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="expected a new or empty folder, or a run to go on with"):
        Run.open(tmp_path, "imitation", SETTINGS)
    with pytest.raises(InputError, match="expected a new or empty folder"):
        Run.open(tmp_path / "letter.txt", "imitation", SETTINGS)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_run_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    Run.open(tmp_path, "imitation", SETTINGS)
    path = tmp_path / "run.json"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match=r"run\.json, line \d+"):
        Run.open(tmp_path, "imitation", SETTINGS)


def test_metrics_are_one_json_line_each_in_order(tmp_path: Path) -> None:
    run = Run.open(tmp_path, "imitation", SETTINGS)
    records = [{"step": step, "loss": 1.0 / step, "name": "ü"} for step in range(1, 6)]
    for record in records:
        run.log(record)
    lines = (tmp_path / "metrics.jsonl").read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert [orjson.loads(line) for line in lines] == records == run.metrics()


@pytest.mark.parametrize("broken", [b"", b'{"step": 5, "lo', b'{"step"', b"{"])
def test_what_a_killed_run_wrote_after_its_checkpoint_is_forgotten(
    tmp_path: Path, broken: bytes
) -> None:
    run = Run.open(tmp_path, "imitation", SETTINGS)
    for step in (1, 2, 3, 4):
        run.log({"step": step})
    path = tmp_path / "metrics.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + broken)
    run.forget_metrics_after(4)
    assert path.read_bytes() == whole
    run.forget_metrics_after(2)
    assert run.metrics() == [{"step": 1}, {"step": 2}]
    run.forget_metrics_after(-1)
    assert run.metrics() == []


def test_forgetting_without_metrics_makes_no_file(tmp_path: Path) -> None:
    run = Run.open(tmp_path, "imitation", SETTINGS)
    run.forget_metrics_after(3)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


@one_at_a_time
def train(first: int, *, out: Path) -> int:
    """Train within a run."""
    Run.open(out, "imitation", SETTINGS)
    if first:
        train(0, out=out / "stage")
    return first


def test_two_processes_do_not_work_in_one_run_folder(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with locked(out), pytest.raises(InputError, match=r"run: expected that no other process"):
        train(0, out=out)
    assert not out.exists()
    assert train(0, out=out) == 0
    with locked(out / "stage"), pytest.raises(InputError, match="stage: expected that no other"):
        train(1, out=out)
    assert train(1, out=out) == 1


def test_every_operation_with_a_run_folder_works_alone_in_it() -> None:
    found = []
    for path in Path(shopwright.__file__).parent.rglob("*.py"):
        before = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("def "):
                is_alone = before == "@one_at_a_time"
            elif " = Run.open(" in line:
                assert is_alone, f"{path}: expected @one_at_a_time where a run is opened"
                found.append(path.stem)
            before = line
    assert {"recipe", "imitation", "on_policy", "contest", "comparison", "grpo"} <= {*found}
