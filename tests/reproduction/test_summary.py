"""What the comparison says, on evaluations written here."""

from __future__ import annotations

import numpy as np
import pytest

from shopwright.files import write_json
from shopwright.reproduction.report import results_tables, write_reproduction
from shopwright.reproduction.summary import Setting, summarise

PAGES = Setting("pages, 15 steps", "pages", 15)
CATALOGUE = Setting("catalogue", "catalogue", None)
GOALS = 200
# Method → success rate of each seed.
RATES = {
    "imitation": (0.5, 0.52),
    "PPO": (0.5, 0.5),
    "DPO, demonstrations": (0.8, 0.82),
    "DPO, 20 generated": (0.6, 0.6),
    "DPO, 40 generated": (0.6, 0.61),
}


def write_evaluation(out, setting, agent, rate, seed):
    # Nested successes: who has the higher rate fulfils all that the other does.
    order = np.random.default_rng(1).permutation(GOALS)
    rewards = np.where(order < rate * GOALS, 1.0, 0.5).tolist()
    record = {
        "agent": agent, "protocol": setting.protocol, "goals": "test",
        "step_limit": setting.step_limit, "sample": False, "seed": seed, "rewards": rewards,
        "steps": [4] * GOALS, "seconds": 2.0,
    }  # fmt: skip
    write_json(setting.file(out, agent), record)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    out = tmp_path_factory.mktemp("reproduction")
    for setting in (PAGES, CATALOGUE):
        write_evaluation(out, setting, "rule-page", 0.7, 0)
        for method, rates in RATES.items():
            for seed, rate in enumerate(rates):
                write_evaluation(out, setting, f"{method} {seed}", rate, seed)
    for method, rates in RATES.items():
        for seed in range(len(rates)):
            folder = out / "runs" / method.replace(" ", "-") / f"seed-{seed}"
            write_json(folder / "result.json", {"seconds": 10.0, "steps": 5})
    write_json(out / "demonstrations.json", {"perfect": 60, "tries": 100})
    write_json(out / "generated-20.json", {"perfect": 20, "tries": 50, "seconds": 3.0})
    results = summarise(
        out,
        methods={method: len(rates) for method, rates in RATES.items()},
        rules=["rule-page"],
        settings=[PAGES, CATALOGUE],
        start="imitation",
        seed=0,
    )
    given = {
        "shop": {"kind": "test"},
        "config": {"minutes": 1.0, "seeds": 2},
        "demonstrations": "a scripted demonstrator",
        "online": {},
        "environments": [],
    }
    return out, {**given, **results}


def test_every_seed_stands_in_the_table_of_its_setting(found):
    _, results = found
    pages, catalogue = results["settings"]
    assert (pages["setting"], catalogue["setting"]) == ("pages, 15 steps", "catalogue")
    by_method = {row["method"]: row for row in pages["rows"]}
    assert by_method["DPO, demonstrations"]["success"]["seeds"] == pytest.approx([80.0, 82.0])
    assert by_method["DPO, demonstrations"]["success"]["interquartile_mean"] == pytest.approx(81)
    assert by_method["imitation"]["score"]["seeds"] == pytest.approx([75.0, 76.0])
    assert pages["rules"]["rule-page"]["success"] == pytest.approx(70.0)


def test_answers_say_what_is_better_and_where_no_difference_is_shown(found):
    _, results = found
    answers = [answer for answer in results["answers"] if answer.startswith("pages")]
    (ppo,) = [a for a in answers if "PPO against imitation" in a]
    assert "no difference shown, +0.0 points" in ppo
    (dpo,) = [a for a in answers if "DPO, demonstrations against imitation" in a]
    assert "better than the imitation it began from, +31.0 points" in dpo
    (equal_time,) = [a for a in answers if "DPO, demonstrations against PPO" in a]
    assert "better than PPO, +31.0 points" in equal_time
    (more,) = [a for a in answers if "20 generated against DPO, 40 generated" in a]
    assert "no difference shown" in more


def test_costs_are_added_up(found):
    _, results = found
    # Ten runs, two settings of eleven agents, and what was generated.
    assert results["seconds"] == pytest.approx(10 * 10.0 + 2 * 11 * 2.0 + 3.0)
    assert results["generated"]["demonstrations"] == {"perfect": 60, "tries": 100}


def test_every_table_says_whose_demonstrations_they_are(found):
    pytest.importorskip("matplotlib")
    pytest.importorskip("jinja2")
    out, results = found
    tables = results_tables(results)
    assert len(tables) == 5
    assert all("a scripted demonstrator" in table.explanation for table in tables)
    page = write_reproduction(out, results, metrics={}, episodes=[], plots=[]).read_text()
    assert page.count("a scripted demonstrator") >= 3
    assert "80.0 / 82.0" in page
