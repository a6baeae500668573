"""`shopwright reproduce`, the whole of it, as quick as it goes."""

from __future__ import annotations

from functools import partial

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from shopwright.catalogue.generate import generate_products
from shopwright.errors import InputError
from shopwright.files import read_json
from shopwright.reproduction.comparison import reproduce
from shopwright.reproduction.config import ReproduceConfig
from tiny import build_tiny_shop, write_tiny_model

METHODS = {
    "imitation", "policy gradient", "PPO", "DPO, demonstrations", "DPO, 3 generated",
    "DPO, 5 generated", "DPO on DPO", "no pretraining",
}  # fmt: skip


@pytest.mark.slow
def test_it_goes_on_after_a_kill_and_reports_every_method(tmp_path):
    model = write_tiny_model(tmp_path / "model", products=generate_products(1_000))
    config = ReproduceConfig(
        language_model=str(model),
        minutes=0.02,
        scripted=10,
        generated=3,
        generated_more=5,
        pairs=4,
        imitation_steps=60,
        practice=8,
        test_goals=6,
        dev_goals=2,
        rollouts=100,
        runs=1,
        lists=10,
        customers=8,
        conversation_updates=1,
        returning_updates=1,
        threads=1,
    ).quick()
    out = tmp_path / "out"

    def kill(at, stage, done, total):
        if stage == at:
            raise KeyboardInterrupt

    for killed_at in ("ppo", "returning customers: PPO, long term 0"):
        with pytest.raises(KeyboardInterrupt):
            reproduce(None, out, config, progress=partial(kill, killed_at))
    finished = [
        out / "runs" / "policy-gradient" / "seed-1" / "choice.safetensors",
        out / "environments" / "feedback.json",
        *out.glob("environments/conversations/*/seed-1/*.safetensors"),
    ]
    assert len(finished) == 5
    before = [path.stat().st_mtime_ns for path in finished]
    results = reproduce(None, out, config, progress=lambda *_: None)
    assert [path.stat().st_mtime_ns for path in finished] == before
    assert {row["method"] for row in results["settings"][0]["rows"]} == METHODS
    assert "scripted demonstrator" in results["demonstrations"]
    assert results["online"].keys() == {"all methods", *METHODS}
    assert [record["environment"] for record in results["environments"]] == [
        "conversations", "feedback", "returning",
    ]  # fmt: skip
    assert read_json(out / "results.json")["answers"] == results["answers"]
    page = (out / "report.html").read_text()
    assert "no person took part" in page
    assert reproduce(None, out, config, progress=lambda *_: None)["answers"] == results["answers"]


def test_a_shop_without_goals_to_train_on_is_refused(tmp_path):
    shop = build_tiny_shop(tmp_path / "shop")
    with pytest.raises(InputError, match="more than 1,500 goals"):
        reproduce(shop, tmp_path / "out", progress=lambda *_: None)
    assert not (tmp_path / "out").exists()


def test_the_quick_form_is_quicker_and_values_are_checked():
    quick = ReproduceConfig().quick()
    assert quick.minutes * quick.seeds * len(METHODS) < 5
    assert ReproduceConfig(minutes=0.01).quick().minutes == 0.01
    with pytest.raises(InputError, match="seeds: expected a whole number of at least 1"):
        ReproduceConfig(seeds=0)
    with pytest.raises(InputError, match="minutes"):
        ReproduceConfig(minutes=0.0)
