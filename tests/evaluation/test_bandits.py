"""Online experiments: the goals drawn, what is kept, and what is written about them."""

from __future__ import annotations

import orjson
import pytest

from shopwright.agents.oracle import Oracle
from shopwright.agents.rules import Random, Rule
from shopwright.errors import InputError
from shopwright.evaluation.bandits import OnlineConfig, pulls
from shopwright.evaluation.contest import compare_agents

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

CONFIG = OnlineConfig(rollouts=60, runs=3)


class Counting(Rule):
    """Remembers what it was asked for."""

    def __init__(self):
        super().__init__(choose_options=False)
        self.requests = []

    @property
    def visits(self):
        return len(self.requests)

    def visit(self, request, **named):
        self.requests.append(request)
        return super().visit(request, **named)


def test_an_agent_without_chance_need_not_shop_again(tiny_shop):
    agent = Counting()
    goals = list(tiny_shop.goals)
    rewards = [number / len(goals) for number in range(len(goals))]
    pull = pulls(tiny_shop, {"rule": agent}, goals, {"rule": rewards}, CONFIG)
    assert {pull(0, run, number) for run in range(3) for number in range(60)} == set(rewards)
    assert not agent.requests


def test_a_sampling_agent_shops_anew_and_the_goal_is_the_same_for_every_arm(tiny_shop):
    config = OnlineConfig(rollouts=60, runs=3, sample=True)
    first, second = Counting(), Counting()
    goals = list(tiny_shop.goals)
    pull = pulls(tiny_shop, {"one": first, "other": second}, goals, {}, config)
    for number in range(20):
        pull(0, 0, number)
        pull(1, 0, number)
    assert first.requests == second.requests
    assert first.visits == 20
    assert len(set(first.requests)) > 5


@pytest.fixture(scope="module")
def compared(tiny_shop, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared") / "out"
    agents = {
        "oracle": Oracle(),
        "rule": Rule(choose_options=False),
        "<b>random</b>": Random(3),
    }
    costs = {"oracle": {"seconds": 1.5, "simulator_steps": 1200}}
    record, _ = compare_agents(
        tiny_shop, agents, list(tiny_shop.goals), folder, CONFIG, goals_name="all", costs=costs
    )
    return folder, record


def test_everything_is_written(compared):
    folder, record = compared
    written = orjson.loads((folder / "comparison.json").read_bytes())
    assert written == orjson.loads(orjson.dumps(record))
    assert {path.suffix for path in (folder / "plots").iterdir()} == {".png", ".csv"}
    assert len(list((folder / "plots").iterdir())) == 2 * (3 * 3 + 1)
    page = (folder / "report.html").read_text()
    assert "&lt;b&gt;random&lt;/b&gt;" in page
    assert "<b>random</b>" not in page
    assert "1,200" in page


def test_the_estimates_are_those_of_what_was_pulled(compared):
    _, record = compared
    for experiment in record["experiments"]:
        pulls = [
            sum(arm["runs"][run]["pulls"] for arm in experiment["arms"].values())
            for run in range(3)
        ]
        assert pulls == [60, 60, 60]
    by_success, _, uniform = record["experiments"]
    assert by_success["arms"]["oracle"]["success_rate_on_all_goals"] == 100.0
    assert by_success["arms"]["oracle"]["pulls_mean"] > 40
    assert by_success["success_regret"] < uniform["success_regret"]
    assert [arm["pulls_mean"] for arm in uniform["arms"].values()] == [20, 20, 20]


def test_pairs_are_adjusted_and_the_oracle_wins(compared):
    _, record = compared
    (pair,) = [p for p in record["pairs"] if (p["first"], p["second"]) == ("oracle", "rule")]
    assert pair["only_first_succeeds"] > 0
    assert pair["only_second_succeeds"] == 0
    assert pair["success_p"] <= pair["success_p_adjusted"] < 0.05


def test_a_comparison_goes_on_where_it_was_interrupted(tiny_shop, tmp_path):
    goals = list(tiny_shop.goals)

    def kill(stage, done, total):
        if stage == "second":
            raise KeyboardInterrupt

    agent = Counting()
    agents = {"first": agent, "second": Oracle()}
    with pytest.raises(KeyboardInterrupt):
        compare_agents(tiny_shop, agents, goals, tmp_path / "out", CONFIG, progress=kill)
    assert agent.visits == len(goals)
    compare_agents(tiny_shop, agents, goals, tmp_path / "out", CONFIG)
    # Two more are the episodes to read.
    assert agent.visits == len(goals) + 2
    with pytest.raises(InputError, match="another agents"):
        compare_agents(tiny_shop, {"first": agent}, goals, tmp_path / "out", CONFIG)


def test_refuses(tiny_shop, tmp_path):
    with pytest.raises(InputError, match="got 0 and 12"):
        compare_agents(tiny_shop, {}, list(tiny_shop.goals), tmp_path / "out")
    with pytest.raises(InputError, match="rollouts: expected a whole number of at least 1"):
        OnlineConfig(rollouts=0)
