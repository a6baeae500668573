"""Rules with settings that suit a world, all of a grid in the same conversations."""

from __future__ import annotations

import numpy as np
import pytest

from shopwright.conversations.acts import ASKS, Act, Kind
from shopwright.conversations.agents import CueConverser, MyopicConverser, RuleConverser, converse
from shopwright.conversations.conversation import Openings
from shopwright.conversations.evaluate import evaluate_converser
from shopwright.conversations.fitting import (
    Outcomes,
    best_by_wording,
    fit,
    gain_grid,
    myopic_grid,
    outcomes_of_all,
    success_at,
)
from shopwright.conversations.simulation import Episode, tasks_of
from shopwright.conversations.wording import first_sign
from shopwright.shop.shop import Shop


def test_both_rules_have_as_many_settings() -> None:
    assert len(set(gain_grid("gain"))) == len(set(myopic_grid("value"))) == 240


def test_done_together_they_reach_what_each_reaches(tiny_shop: Shop) -> None:
    openings, tasks = Openings(tiny_shop), tasks_of(tiny_shop.goals.split("test"))
    agents = [*gain_grid("gain")[::40], *myopic_grid("value")[::40]]
    together = outcomes_of_all(agents, openings, tasks)
    assert len(set(together.returns.mean(axis=1).tolist())) > 1
    for row, agent in enumerate(agents):
        alone = evaluate_converser(agent, openings, tasks)
        np.testing.assert_allclose(together.returns[row], alone.returns)
        np.testing.assert_array_equal(together.successes[row], alone.successes)
        np.testing.assert_array_equal(together.questions[row], alone.questions)


def test_the_best_are_taken(tiny_shop: Shop) -> None:
    openings, tasks = Openings(tiny_shop), tasks_of(tiny_shop.goals.split("test"))
    fitted = fit(openings, tasks)
    best = evaluate_converser(fitted.gain, openings, tasks).returns.mean()
    assert best == pytest.approx(fitted.reached["information gain"])
    assert best == pytest.approx(
        outcomes_of_all(gain_grid("g"), openings, tasks).returns.mean(1).max()
    )
    assert len(fitted.by_wording) == 2
    assert not fit(openings, tasks_of(tiny_shop.goals.split("test")[:2], world="even")).by_wording


def test_wording_decides_which_rule_is_kept_to(tiny_shop: Shop) -> None:
    openings, tasks = Openings(tiny_shop), tasks_of(tiny_shop.goals.split("test"))
    rules = [RuleConverser(name=str(number), most_questions=number) for number in range(2)]
    signs = [not first_sign(task.shopper(tiny_shop).open()) for task in tasks]
    assert len(set(signs)) == 2
    plain = np.mean(signs)  # On average over all, both rules are worth the same.
    returns = np.array([signs / plain, np.logical_not(signs) / (1.0 - plain)])
    made = best_by_wording("by wording", rules, returns, openings, tasks)
    assert made.otherwise is rules[0]
    shown = {first_sign(task.shopper(tiny_shop).open()) for task in tasks} - {""}
    assert {made.rules[sign].name for sign in shown} == {"1"}
    kept = CueConverser(name="k", rules={"haste": rules[1]}, otherwise=rules[0])
    for opening, asks in (("Quickly, please. A mug.", True), ("A mug.", False)):
        episode = Episode(openings, tasks[0].shopper(tiny_shop))
        turn = episode.conversation.turns[0]
        episode.conversation.turns[0] = type(turn)(None, "", opening, turn.answer)
        assert kept.choose(episode.conversation).asks == asks


def test_success_lies_between_those_who_ask_more_and_less() -> None:
    questions = np.array([[2.0, 2.0], [0.0, 0.0]])
    outcomes = Outcomes(questions, np.array([[1.0, 1.0], [0.0, 1.0]]), questions)
    assert success_at(outcomes, 0.5).tolist() == [0.25, 1.0]
    assert success_at(outcomes, 5.0).tolist() == [1.0, 1.0]
    assert success_at(outcomes, -1.0).tolist() == [0.0, 1.0]


def test_what_costs_more_than_it_brings_is_not_done(tiny_shop: Shop) -> None:
    openings, tasks = Openings(tiny_shop), tasks_of(tiny_shop.goals.split("test"), world="even")

    def asked(question: float, offer: float) -> tuple[int, int]:
        agent = MyopicConverser(
            name="m", question_cost=question, offer_cost=offer, partial=0.0, answered=1.0
        )
        kinds = [
            converse(Episode(openings, task.shopper(tiny_shop)), agent).conversation.kinds
            for task in tasks
        ]
        questions = sum(sum(each[kind] for kind in ASKS) for each in kinds)
        return questions, sum(each[Kind.OFFER] for each in kinds)

    assert asked(9.0, 9.0) == (0, 0)
    assert asked(9.0, 0.01)[0] == 0
    assert asked(0.01, 9.0)[0] > 0
    assert asked(9.0, 0.01)[1] > 0


def test_no_more_questions_after_some_in_vain(tiny_shop: Shop) -> None:
    openings, task = Openings(tiny_shop), tasks_of(tiny_shop.goals.split("test"))[0]
    rule = RuleConverser(name="stops", most_in_vain=1)
    episode = Episode(openings, task.shopper(tiny_shop))
    assert rule.choose(episode.conversation).asks
    episode.conversation.go_on(Act(Kind.LIMIT), "It does not matter.")
    assert not rule.choose(episode.conversation).asks
    assert RuleConverser(name="goes on").choose(episode.conversation).asks
