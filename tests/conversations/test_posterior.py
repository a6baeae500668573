"""What is likely of the purchase that a shopper wants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.answers import Answer
from shopwright.conversations.candidates import Candidates
from shopwright.conversations.conversation import listed, sentence_of
from shopwright.conversations.posterior import Assumptions, Posterior
from shopwright.shop.shop import Shop

PLAIN = Assumptions(sharpness=1.0, lacking=0.0, wished=0.5, indifferent=1.0)


@pytest.fixture
def posterior(tiny_shop: Shop) -> Posterior:
    """Of three mugs, each with one attribute, two colours and two sizes; one colour is shared."""
    return Posterior(Candidates(tiny_shop, [(0, 0.5), (1, 0.3), (2, 0.2)]), PLAIN)


def test_information_gain_by_hand(posterior: Posterior) -> None:
    gains = {act.group or act.kind: gain for act, gain, _ in posterior.questions()}
    # Red is offered by the first and the last mug.
    chances = np.array([0.25 + 0.1, 0.25, 0.15, 0.15, 0.1])
    assert gains["color"] == pytest.approx(-(chances * np.log(chances)).sum())
    assert gains["Size"] == pytest.approx(np.log(2))

    def tells(share: float) -> float:  # Named with one half of the probability where it is so.
        named = 0.5 * share
        entropy = -named * np.log(named) - (1 - named) * np.log(1 - named)
        return float(entropy - share * np.log(2))

    assert gains[Kind.ATTRIBUTES] == pytest.approx(sum(map(tells, (0.5, 0.3, 0.2))))


def test_answers_shift_the_weights(posterior: Posterior) -> None:
    posterior.hear(Answer(options=(("color", "red"),)), Act(Kind.OPTION, "color"))
    assert posterior.weights == pytest.approx([5 / 7, 0.0, 2 / 7])
    posterior.hear(Answer(indifferent=True), Act(Kind.ATTRIBUTES, choices=("lead free",)))
    assert posterior.weights == pytest.approx([2.5 / 4.5, 0.0, 2 / 4.5])
    assert all(act.group != "color" for act, _, _ in posterior.questions())
    posterior.hear(Answer(options=(("color", "white"),)))  # What is said last counts.
    assert posterior.weights == pytest.approx([0.0, 0.0, 1.0])


def test_what_was_declined_and_then_named_counts_as_named(tiny_shop: Shop) -> None:
    candidates = Candidates(tiny_shop, [(0, 0.5), (1, 0.3), (2, 0.2)])
    named, declined = (Posterior(candidates, replace(PLAIN, lacking=0.5)) for _ in range(2))
    declined.hear(Answer(), Act(Kind.ATTRIBUTES, choices=("lead free",)))
    for each in (named, declined):
        each.hear(Answer(attributes=("lead free",)))
    assert declined.weights == pytest.approx(named.weights)


def test_a_limit_is_asked_for_once(tiny_shop: Shop) -> None:
    candidates = Candidates(tiny_shop, [(0, 0.5), (1, 0.3), (2, 0.2)])
    candidates.prices = np.array([10.0, 20.0, 40.0])
    posterior = Posterior(candidates, PLAIN)
    assert Act(Kind.LIMIT) in [act for act, _, _ in posterior.questions()]
    posterior.hear(Answer(unsure=True), Act(Kind.LIMIT))
    assert Act(Kind.LIMIT) not in [act for act, _, _ in posterior.questions()]


def test_the_best_purchases_are_those_not_refused(posterior: Posterior) -> None:
    posterior.hear(Answer(attributes=("hand painted",)))
    items, chance = posterior.best(3)
    assert chance == pytest.approx(3 / 4)
    assert {item.row for item in items} == {2}
    posterior.refuse(tuple(items))
    (left, *_), _ = posterior.best(1)
    assert left.key not in {item.key for item in items}
    assert posterior.safest()[0] == left


def test_a_wish_that_nothing_fulfils_leaves_a_purchase(tiny_shop: Shop) -> None:
    posterior = Posterior(Candidates(tiny_shop, [(0, 0.6), (1, 0.4)]))
    posterior.hear(Answer(limit=1.0), Act(Kind.LIMIT))
    assert posterior.weights.sum() == pytest.approx(1.0)
    assert posterior.safest()[0].row == 0


def test_nothing_found_is_nothing_to_ask(tiny_shop: Shop) -> None:
    posterior = Posterior(Candidates(tiny_shop, []))
    assert posterior.questions() == []
    assert posterior.best() == ([], 0.0)


def test_questions_are_sentences(posterior: Posterior) -> None:
    said = [sentence_of(act, posterior.candidates) for act, _, _ in posterior.questions()]
    assert said == [
        "Which color: red, blue, green, black or white?",
        "Which color: red, blue or green?",
        "Which Size: small or large?",
        "Which of these matter to you: lead free, dishwasher safe or hand painted?",
    ]


def test_who_cannot_name_a_value_is_asked_with_few_choices(posterior: Posterior) -> None:
    posterior.hear(
        Answer(unsure=True), Act(Kind.OPTION, "color", ("red", "blue", "green", "black"))
    )
    (few,) = [act for act, _, _ in posterior.questions() if act.group == "color"]
    assert few.choices == ("red", "blue", "green")
    posterior.hear(Answer(none_of_these=True), few)
    (left,) = [act for act, _, _ in posterior.questions() if act.group == "color"]
    assert left.choices == ("black", "white")
    # Of the first mug nothing is left, of the others half.
    assert posterior.weights == pytest.approx([0.0, 0.6, 0.4])
    posterior.hear(Answer(unsure=True), left)
    assert all(act.group != "color" for act, _, _ in posterior.questions())


def test_sentences_list_alternatives() -> None:
    assert listed(["8", "9", "10"]) == "8, 9 or 10"
    assert listed(["8"]) == "8"
