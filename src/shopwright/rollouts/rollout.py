"""Rolls agents out, under each of the two protocols (agent.py says what they are)."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TypeVar

from shopwright.errors import InputError
from shopwright.rollouts.agent import (
    Agent,
    AnyAgent,
    CatalogueAgent,
    Choice,
    PrivilegedAgent,
    Recorder,
)
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.records import PROTOCOLS, Step, Trajectory, trajectory_of
from shopwright.shop.goals import Goal
from shopwright.shop.reward import Reward
from shopwright.shop.shop import Shop
from shopwright.workers import Pool, current_pool

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome:
    """An episode and its reward with all parts (None without a purchase)."""

    trajectory: Trajectory
    reward: Reward | None
    choices: tuple[Choice, ...] = ()


def roll_out(
    agent: AnyAgent,
    shop: Shop,
    goal: Goal,
    *,
    protocol: str = "pages",
    step_limit: int | None = 15,
    rng: random.Random | None = None,
    keep_observations: bool = False,
    provenance: str = "agent",
) -> Outcome:
    """Let an agent shop for a goal.

    Args:
        goal: what for; only a privileged agent is told more than the request.
        step_limit: pages: the number of actions at most; None for no limit.
        rng: makes the agent sample; None: it does what it finds best.

    Raises:
        InputError: the protocol is neither, or the agent does not act under it.
    """
    if protocol not in PROTOCOLS:
        raise InputError(f"protocol: expected one of {', '.join(PROTOCOLS)}, got {protocol!r}")
    shopper = agent.for_goal(goal, shop) if isinstance(agent, PrivilegedAgent) else agent
    if protocol == "catalogue" and isinstance(shopper, CatalogueAgent):
        return _answered(shopper, shop, goal, rng, provenance)
    if protocol == "catalogue" or not isinstance(shopper, Agent):
        raise InputError(
            f"agent: expected one that acts under the {protocol} protocol, got {agent.name!r}"
        )
    episode = Episode(shop, goal, step_limit=step_limit)
    turns = [*episode.play(shopper.visit(goal.instruction, step_limit=step_limit, rng=rng))]
    steps = [
        Step(
            observation=page.text if keep_observations else "",
            available_actions=tuple(action for action, _ in choice.candidates),
            action=choice.action,
            log_probability=choice.log_probability,
            reward=reward,
        )
        for page, choice, reward in turns
    ]
    choices = tuple(turn.choice for turn in turns)
    return _outcome(goal, steps, episode.reward, "pages", shopper.name, provenance, choices)


def in_order(
    agent: AnyAgent, play: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Result]:
    """Yield what comes of each item, in order, with as many at once as the agent allows: where work
    is divided, by the pool if its episodes are independent. When the caller stops, those that wait
    are dropped."""
    pool = pool_for(agent)
    if pool:
        yield from pool.map(play, items)
        return
    parallel = getattr(agent, "parallel", 1)
    if parallel == 1:
        yield from map(play, items)
        return
    left = iter(items)
    with ThreadPoolExecutor(parallel, thread_name_prefix="episode") as threads:
        running: deque[Future[Result]] = deque()
        try:
            running.extend(threads.submit(play, item) for item in islice(left, 2 * parallel))
            while running:
                result = running.popleft().result()
                running.extend(threads.submit(play, item) for item in islice(left, 1))
                yield result
        finally:
            for each in running:
                each.cancel()


def pool_for(agent: AnyAgent) -> Pool | None:
    """Return the pool that plays an agent's episodes; None where nobody divides work, or they must
    be played one after the other."""
    return current_pool() if getattr(agent, "independent", agent.deterministic) else None


def recorded(agent: AnyAgent, outcome: Outcome) -> Outcome:
    """Return an outcome after an agent that keeps a record has taken note of it; called in the
    order of the run."""
    if isinstance(agent, Recorder) and outcome.trajectory.protocol == "pages":
        trajectory = outcome.trajectory
        agent.record(trajectory.instruction, trajectory.reward, outcome.choices)
    return outcome


def _answered(
    agent: CatalogueAgent, shop: Shop, goal: Goal, rng: random.Random | None, provenance: str
) -> Outcome:
    answer = agent.answer(shop.catalogue, goal.instruction, rng=rng)
    reward, action, log_probability = None, "answer nothing", 0.0
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
    return _outcome(goal, [step], reward, "catalogue", agent.name, provenance)


def _outcome(
    goal: Goal,
    steps: list[Step],
    reward: Reward | None,
    protocol: str,
    agent: str,
    provenance: str,
    choices: tuple[Choice, ...] = (),
) -> Outcome:
    trajectory = trajectory_of(
        goal,
        steps,
        reward=reward.total if reward else 0.0,
        purchased=reward is not None,
        protocol=protocol,
        agent=agent,
        provenance=provenance,
        parts=asdict(reward) if reward else {},
    )
    return Outcome(trajectory, reward, choices)
