"""Rolls agents out: what an agent must offer, and the two protocols under which it acts.

- pages: the agent sees only what the pages show, remembers what it was trained on, and acts only
  with the available actions.
- catalogue: the agent is the shop's own recommender: it may read the stored texts of the search
  results, and answers with a product and its options at once.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol, runtime_checkable

from shopwright.errors import InputError
from shopwright.rollouts.records import PROTOCOLS, Step, Trajectory, trajectory_of
from shopwright.shop.actions import SEARCH_BUTTON, click
from shopwright.shop.goals import Goal
from shopwright.shop.reward import Reward
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

# An agent that neither buys nor gives up is stopped here if there is no step limit.
STEPS_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What an agent does next, and how likely it found each action.

    Attributes:
        action: an action string.
        candidates: (action, probability) of the actions it chose from.
    """

    action: str
    candidates: tuple[tuple[str, float], ...]

    @property
    def log_probability(self) -> float:
        """Of the action; 0 if it is the only one."""
        for action, probability in self.candidates:
            if action == self.action:
                return min(0.0, math.log(max(probability, 1e-30)))
        return 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An agent's recommendation under the catalogue protocol.

    Attributes:
        asin: the product.
        options: option group → value.
        candidates: (asin, probability) of the products it chose from.
        log_probability: of product and options together.
    """

    asin: str
    options: Mapping[str, str]
    candidates: tuple[tuple[str, float], ...] = ()
    log_probability: float = 0.0


class Visitor(Protocol):
    """An agent in one episode: it remembers what it saw there."""

    def choose(self, session: Session) -> Choice:
        """Return what to do on the page that the session shows."""


class Agent(Protocol):
    """Anything that shops. ``generator`` None: it does what it finds best; else it samples.

    Attributes:
        name: what tables call it.
        deterministic: whether it does the same with any generator.
    """

    name: str
    deterministic: bool

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode under the pages protocol."""

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer under the catalogue protocol; None if the search finds nothing."""


@runtime_checkable
class PrivilegedAgent(Protocol):
    """An agent that is told the goal, as a bound on what is possible: no fair competitor."""

    name: str
    deterministic: bool

    def for_goal(self, goal: Goal) -> Agent:
        """Return the agent for this goal."""


def available_actions(session: Session) -> list[str]:
    """Return the click actions that the page offers, without the search button."""
    return [click(name) for name in session.clickables if name != SEARCH_BUTTON.lower()]


@dataclass(frozen=True, slots=True)
class Outcome:
    """An episode and its reward with all parts (None without a purchase)."""

    trajectory: Trajectory
    reward: Reward | None
    choices: tuple[Choice, ...] = ()


def roll_out(
    agent: Agent | PrivilegedAgent,
    shop: Shop,
    goal: Goal,
    *,
    protocol: str = "pages",
    step_limit: int | None = 15,
    generator: random.Random | None = None,
    keep_observations: bool = False,
    provenance: str = "agent",
) -> Outcome:
    """Let an agent shop for a goal.

    Args:
        agent: who shops.
        shop: where.
        goal: what for; the agent is told the request only.
        protocol: "pages" or "catalogue".
        step_limit: pages: the number of actions at most; None for no limit.
        generator: makes the agent sample; None: it does what it finds best.
        keep_observations: whether the trajectory keeps the pages' texts.
        provenance: of the trajectory.

    Raises:
        InputError: the protocol is neither.
    """
    shopper: Agent = agent.for_goal(goal) if isinstance(agent, PrivilegedAgent) else agent
    if protocol == "catalogue":
        return _recommend(shopper, shop, goal, generator, provenance)
    if protocol != "pages":
        raise InputError(f"protocol: expected one of {', '.join(PROTOCOLS)}, got {protocol!r}")
    session = Session(shop, goal)
    visitor = shopper.visit(shop, goal.instruction, step_limit=step_limit, generator=generator)
    steps: list[Step] = []
    choices: list[Choice] = []
    done = False
    while not done and len(steps) < (step_limit or STEPS_AT_MOST):
        choice = visitor.choose(session)
        observation = session.text() if keep_observations else ""
        actions = tuple(action for action, _ in choice.candidates)
        reward, done = session.act(choice.action)
        steps.append(
            Step(
                observation=observation,
                available_actions=actions,
                action=choice.action,
                log_probability=choice.log_probability,
                reward=reward,
            )
        )
        choices.append(choice)
    trajectory = trajectory_of(
        goal,
        steps,
        reward=steps[-1].reward if done else 0.0,
        purchased=done,
        protocol="pages",
        agent=shopper.name,
        provenance=provenance,
        parts=asdict(session.state.reward) if done and session.state.reward else {},
    )
    return Outcome(trajectory, session.state.reward if done else None, tuple(choices))


def _recommend(
    agent: Agent, shop: Shop, goal: Goal, generator: random.Random | None, provenance: str
) -> Outcome:
    answer = agent.answer(shop, goal.instruction, generator=generator)
    reward = None
    action = "answer nothing"
    log_probability = 0.0
    if answer is not None:
        reward = shop.reward(goal, answer.asin, answer.options)
        chosen = ", ".join(f"{name}: {value}" for name, value in answer.options.items())
        action = f"answer {answer.asin}" + (f" with {chosen}" if chosen else "")
        log_probability = min(0.0, answer.log_probability)
    step = Step(
        observation="",
        available_actions=(),
        action=action,
        log_probability=log_probability,
        reward=reward.total if reward else 0.0,
    )
    trajectory = trajectory_of(
        goal,
        [step],
        reward=reward.total if reward else 0.0,
        purchased=reward is not None,
        protocol="catalogue",
        agent=agent.name,
        provenance=provenance,
        parts=asdict(reward) if reward else {},
    )
    return Outcome(trajectory, reward)
