"""Rules with the settings that suit a world best: all of a grid, in the same conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple, TypeVar

import numpy as np

from shopwright.conversations.acts import FEW_CHOICES, MOST_CHOICES, Act
from shopwright.conversations.agents import (
    Converser,
    CueConverser,
    MyopicConverser,
    RuleConverser,
)
from shopwright.conversations.conversation import Openings
from shopwright.conversations.simulation import Episode, Task
from shopwright.conversations.wording import OPENING_SIGNS, first_sign

Rule = TypeVar("Rule", bound=Converser)
# So many conversations of all count beside those of a way of wording, which are few.
_BORROWED = 40.0


def gain_grid(name: str) -> list[RuleConverser]:
    """Return the settings of the information gain that are compared: 240."""
    return [
        RuleConverser(name=name, least_gain=gain, enough=enough, most_offers=offers, most_choices=n)
        for gain, enough, offers, n in product(
            (0.1, 0.3, 0.5, 0.8, 1.2, 1.8),
            (0.25, 0.4, 0.55, 0.7, 0.85),
            (1, 2, 4, 6),
            (FEW_CHOICES, MOST_CHOICES),
        )
    ]


def myopic_grid(name: str) -> list[MyopicConverser]:
    """Return the settings of the myopic value that are compared: 240, about the average costs."""
    return [
        MyopicConverser(
            name=name, question_cost=question, offer_cost=offer, partial=partial, answered=answered
        )
        for question, offer, partial, answered in product(
            (0.01, 0.02, 0.03, 0.045, 0.07),
            (0.01, 0.02, 0.03, 0.05),
            (0.3, 0.5, 0.65, 0.8),
            (0.6, 0.8, 1.0),
        )
    ]


class Outcomes(NamedTuple):
    """What several agents reach in the same conversations.

    Attributes:
        returns, successes, questions: float, (agents, tasks).
    """

    returns: np.ndarray
    successes: np.ndarray
    questions: np.ndarray


def outcomes_of_all(
    agents: Sequence[Converser], openings: Openings, tasks: Sequence[Task]
) -> Outcomes:
    """Return what agents reach that do the same in the same conversation, as rules do; what several
    do alike is done once."""
    found = [_outcomes(agents, openings, task) for task in tasks]
    return Outcomes(*np.stack(found, axis=-1))


def _outcomes(agents: Sequence[Converser], openings: Openings, task: Task) -> np.ndarray:
    found = np.zeros((3, len(agents)))
    branches: list[tuple[list[Act], list[int]]] = [([], list(range(len(agents))))]
    while branches:
        done, together = branches.pop()
        episode = Episode(openings, task.shopper(openings.shop))
        for act in done:
            episode.act(act)
        while not episode.is_over:
            choices: dict[int, tuple[Act, list[int]]] = {}
            for number in together:
                act = agents[number].choose(episode.conversation)
                choices.setdefault(id(act), (act, []))[1].append(number)
            (act, together), *others = choices.values()
            branches += [([*done, other], numbers) for other, numbers in others]
            done.append(act)
            episode.act(act)
        reached = episode.total, episode.success, episode.conversation.asked
        found[:, together] = np.array(reached, dtype=np.float64)[:, None]
    return found


def best_of(rules: Sequence[Rule], returns: np.ndarray) -> Rule:
    """Return the rule with the highest mean of returns, (rules, tasks)."""
    return rules[int(returns.mean(axis=1).argmax())]


def best_by_wording(
    name: str, rules: Sequence[Rule], returns: np.ndarray, openings: Openings, tasks: Sequence[Task]
) -> CueConverser:
    """Return a rule that keeps to the best of several for each way in which the first message is
    worded.

    Args:
        returns: float, (rules, tasks).
    """
    overall = returns.mean(axis=1)
    signs = np.array([first_sign(task.shopper(openings.shop).open()) for task in tasks])

    def chosen(sign: str) -> Rule:
        return rules[int((returns[:, signs == sign].sum(axis=1) + _BORROWED * overall).argmax())]

    return CueConverser(
        name=name, rules={sign: chosen(sign) for sign in OPENING_SIGNS}, otherwise=chosen("")
    )


class Fitted(NamedTuple):
    """The baselines of a world with the settings that reach most in some conversations.

    Attributes:
        gain, myopic: of 240 settings each.
        by_wording: the same two, with settings for each way of wording; none in a world where all
            first messages are worded alike.
        successful: of the 240 of the information gain those with more success than all that ask
            as much or less there, whatever they cost.
        reached: name → the mean return there.
    """

    gain: RuleConverser
    myopic: MyopicConverser
    by_wording: tuple[CueConverser, ...]
    successful: tuple[RuleConverser, ...]
    reached: dict[str, float]


def fit(openings: Openings, tasks: Sequence[Task]) -> Fitted:
    """Return the baselines, each the best of 240 settings in the same conversations."""
    gains, values = gain_grid("information gain"), myopic_grid("myopic value")
    of_gains, of_values = (outcomes_of_all(rules, openings, tasks) for rules in (gains, values))
    by_wording: tuple[CueConverser, ...] = ()
    if len({task.manner.name for task in tasks}) > 1:
        by_wording = (
            best_by_wording("gain by wording", gains, of_gains.returns, openings, tasks),
            best_by_wording("value by wording", values, of_values.returns, openings, tasks),
        )
    asked, success = of_gains.questions.mean(axis=1), of_gains.successes.mean(axis=1)
    successful, most = [], -1.0
    for number in np.lexsort((-success, asked)).tolist():
        if success[number] > most:
            successful.append(gains[number])
            most = float(success[number])
    gain, myopic = best_of(gains, of_gains.returns), best_of(values, of_values.returns)
    return Fitted(
        gain,
        myopic,
        by_wording,
        tuple(successful),
        {
            gain.name: float(of_gains.returns.mean(axis=1).max()),
            myopic.name: float(of_values.returns.mean(axis=1).max()),
        },
    )


def families(fitted: Fitted) -> dict[str, list[Converser]]:
    """Return rules that ask more or less than the fitted ones, by what is changed of them."""
    gain, myopic = fitted.gain, fitted.myopic
    return {
        "least gain": [
            replace(gain, least_gain=nats)
            for nats in (0.0, 0.3, 0.5, 0.8, 1.2, 1.5, 1.8, 2.0, 2.2, 2.4, 2.6, 3.0, 3.5, 99.0)
        ],
        "enough": [
            replace(gain, enough=chance)
            for chance in (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.55, 0.7, 0.9)
        ],
        "question cost": [
            replace(myopic, question_cost=cost)
            for cost in (0.0, 0.01, 0.02, 0.03, 0.045, 0.07, 0.1, 0.15, 0.2, 0.3, 1.0)
        ],
        "most successful": list(fitted.successful),
    }


def success_at(outcomes: Outcomes, questions: float) -> np.ndarray:
    """Return the success, task by task, of a family at a mean number of questions: between the two
    of its members that ask least more and least less; of the nearest beyond them.

    Returns:
        float, (tasks,).
    """
    asked = outcomes.questions.mean(axis=1)
    order = np.argsort(asked, kind="stable")
    above = int(np.searchsorted(asked[order], questions))
    if above in (0, len(order)):
        nearest: np.ndarray = outcomes.successes[order[min(above, len(order) - 1)]]
        return nearest
    low, high = order[above - 1], order[above]
    share = (questions - asked[low]) / (asked[high] - asked[low])
    mixed: np.ndarray = (1.0 - share) * outcomes.successes[low] + share * outcomes.successes[high]
    return mixed
