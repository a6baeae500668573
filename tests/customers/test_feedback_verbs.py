"""`train feedback` and `release` as the command line has them."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch")

from shopwright.cli import main
from shopwright.store.store import Feedback, Recommendation, Store


def test_an_agent_learns_from_a_log_and_is_released_or_refused(small_shop, tmp_path, capsys):
    log, run = tmp_path / "log.sqlite", tmp_path / "run"
    store = Store(log, small_shop.origin)
    items = ("SHOE000001", "SHOE000002")
    for number in range(60):
        store.add_recommendation(
            Recommendation(
                id=str(number), at=float(number), agent="rule", propensities={"rule": 1.0},
                request="running shoes", settings={}, items=items,
            )
        )  # fmt: skip
        store.add_feedback(Feedback(str(number), "bought", items[1], number + 1.0))
    store.close()
    of = ["--shop", str(small_shop.folder), "--feedback", str(log), "--json"]
    assert main(["train", "feedback", *of, "--from", "rule", "--out", str(run)]) == 0
    assert json.loads(capsys.readouterr().out)["judged_lists"] == 60
    code = main(["release", *of, "--candidate", str(run)])
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["step"] in ("started", "refused")
