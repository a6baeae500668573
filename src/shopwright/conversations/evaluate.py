"""How well agents converse, with intervals, and at equal numbers of questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.agents import Converser, converse, tell
from shopwright.conversations.conversation import Conversation, Openings
from shopwright.conversations.simulation import Episode, Task
from shopwright.intervals import bootstrap_mean, paired_bootstrap, wilson
from shopwright.seeding import numpy_rng

Progress = Callable[[int, int], None]
TOLD = "told at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversed:
    """What an agent reached, task by task.

    Attributes:
        agent: its name.
        returns: rewards less the cost of turns.
        successes: whether all that was wanted was bought.
        questions, turns: how many there were.
        left: whether the shopper went without a purchase.
        tempers, manners: of the shoppers.
    """

    agent: str
    returns: np.ndarray
    successes: np.ndarray
    questions: np.ndarray
    turns: np.ndarray
    left: np.ndarray
    tempers: tuple[str, ...]
    manners: tuple[str, ...]

    def record(self, seed: int = 0) -> dict[str, Any]:
        """Return the result as JSON types; rates in percent, intervals of 95 %."""
        rng = numpy_rng(seed, "conversations", "bootstrap")
        count, successes = len(self.returns), int(self.successes.sum())
        return {
            "agent": self.agent,
            "conversations": count,
            "return": float(self.returns.mean()),
            "return_interval": list(bootstrap_mean(self.returns, rng=rng)),
            "success_rate": 100.0 * successes / count,
            "success_interval": [100.0 * end for end in wilson(successes, count)],
            "questions": float(self.questions.mean()),
            "turns": float(self.turns.mean()),
            "left_percent": 100.0 * float(self.left.mean()),
            "return_by_temper": _by(self.tempers, self.returns),
            "return_by_manner": _by(self.manners, self.returns),
            "questions_by_manner": _by(self.manners, self.questions),
        }


def _by(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: float(values[np.array(names) == name].mean()) for name in dict.fromkeys(names)}


def evaluate_converser(
    agent: Converser | None,
    openings: Openings,
    tasks: Sequence[Task],
    *,
    progress: Progress | None = None,
) -> Conversed:
    """Let an agent talk with a shopper for each task.

    Args:
        agent: None for one that is told the goal at once, at no cost.
        progress: called with (conversations done, in all).
    """
    episodes = []
    for number, task in enumerate(tasks):
        shopper = task.shopper(openings.shop)
        episode = Episode(openings, shopper)
        episodes.append(tell(episode, shopper) if agent is None else converse(episode, agent))
        if progress:
            progress(number + 1, len(tasks))
    return Conversed(
        agent=TOLD if agent is None else agent.name,
        returns=np.array([episode.total for episode in episodes]),
        successes=np.array([episode.success for episode in episodes]),
        questions=np.array([episode.conversation.asked for episode in episodes], dtype=np.float64),
        turns=np.array([episode.steps for episode in episodes], dtype=np.float64),
        left=np.array([episode.left for episode in episodes]),
        tempers=tuple(task.temper.name for task in tasks),
        manners=tuple(task.manner.name for task in tasks),
    )


def difference(first: Conversed, second: Conversed, seed: int = 0) -> dict[str, Any]:
    """Return the paired differences of two agents on the same tasks, first less second: of returns,
    and of success in percentage points."""
    rng = numpy_rng(seed, "conversations", "difference")
    returns = paired_bootstrap(first.returns, second.returns, rng=rng)
    success = paired_bootstrap(100.0 * first.successes, 100.0 * second.successes, rng=rng)
    return {
        "first": first.agent,
        "second": second.agent,
        "return": returns.mean,
        "return_interval": list(returns.interval),
        "return_p": returns.p_value,
        "success": success.mean,
        "success_interval": list(success.interval),
        "success_p": success.p_value,
    }


@dataclass(frozen=True, slots=True)
class AfterQuestions:
    """Asks the questions of an agent, so many of them as long as there are any, then recommends:
    what the questions alone are worth.

    Attributes:
        agent: whose questions.
        questions: how many.
    """

    agent: Converser
    questions: int

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.agent.name}, {self.questions} questions"

    def choose(self, conversation: Conversation) -> Act:
        """Return what to do next."""
        if conversation.asked < self.questions and (asked := self.question(conversation)):
            return asked
        acts = (act for act, _, _ in conversation.acts())
        return next(act for act in acts if act.kind is Kind.RECOMMEND)

    def question(self, conversation: Conversation) -> Act | None:
        """Return the question that it would ask now; None if there is none."""
        return self.agent.question(conversation)


def share_of_gap(
    learned: Mapping[str, Any], best: Mapping[str, Any], told: Mapping[str, Any]
) -> float:
    """Return which share of the way from the best baseline's return to that of an agent that is
    told at once a learned agent goes."""
    return float((learned["return"] - best["return"]) / (told["return"] - best["return"]))
