"""`train feedback` and `release` as the command line has them."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch")

from shopwright.cli import main
from shopwright.store.store import Feedback, Recommendation, Store


def log_of(path, shop, lists: int, *, bought: int = 0) -> None:
    store = Store(path, shop.origin)
    items = ("SHOE000001", "SHOE000002")
    for number in range(lists):
        store.add_recommendation(
            Recommendation(
                id=str(number), at=float(number), agent="rule", propensities={"rule": 1.0},
                request="running shoes", settings={}, items=items,
            )
        )  # fmt: skip
        store.add_feedback(Feedback(str(number), "bought", items[bought], number + 1.0))
    store.close()


def test_an_agent_learns_from_a_log_and_is_released_or_refused(small_shop, tmp_path, capsys):
    log, run = tmp_path / "log.sqlite", tmp_path / "run"
    log_of(log, small_shop, 60, bought=1)
    of = ["--shop", str(small_shop.folder), "--feedback", str(log), "--json"]
    assert main(["train", "feedback", *of, "--from", "rule", "--out", str(run)]) == 0
    assert json.loads(capsys.readouterr().out)["judged_lists"] == 60
    code = main(["release", *of, "--candidate", str(run)])
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["step"] in ("started", "refused")


@pytest.mark.parametrize("lists", [1, 2, 3])
def test_a_log_of_the_first_day_is_no_fault(small_shop, tmp_path, capsys, lists):
    log_of(tmp_path / "log.sqlite", small_shop, lists)
    of = ["--shop", str(small_shop.folder), "--feedback", str(tmp_path / "log.sqlite"), "--json"]
    assert main(["train", "feedback", *of, "--from", "rule", "--out", str(tmp_path / "run")]) == 0
    assert json.loads(capsys.readouterr().out)["judged_lists"] == lists
    assert main(["release", *of, "--candidate", str(tmp_path / "run")]) in (0, 2)
    assert "Error:" not in capsys.readouterr().err


def test_what_cannot_be_learned_leaves_no_folder(small_shop, tmp_path, capsys):
    log_of(tmp_path / "log.sqlite", small_shop, 0)
    log_of(tmp_path / "more.sqlite", small_shop, 3)
    run = ["--shop", str(small_shop.folder), "--out", str(tmp_path / "run"), "--json"]
    empty = ["train", "feedback", *run, "--feedback", str(tmp_path / "log.sqlite")]
    assert main([*empty, "--from", "rule"]) == 2
    assert "expected lists that were clicked or bought from" in capsys.readouterr().err
    more = ["train", "feedback", *run, "--feedback", str(tmp_path / "more.sqlite")]
    assert main([*more, "--from", "nothing"]) == 2
    assert "--from: expected a run folder" in capsys.readouterr().err
    assert main([*more, "--from", "rule"]) == 0
