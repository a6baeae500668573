"""From trajectories to what the trainers learn from: decisions with their right actions, and
preferences between actions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from torch import Tensor

from shopwright.agents.learned import log_probabilities, query_for
from shopwright.agents.options import pick
from shopwright.agents.rules import BUY, NEXT, PREVIOUS
from shopwright.errors import TrajectoryError
from shopwright.policy.batch import Batch, collate, padded
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import Decision, option_decision, product_decision
from shopwright.policy.evidence import Reader
from shopwright.policy.tracker import EpisodeTracker
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.records import Trajectory
from shopwright.shop.actions import click, search
from shopwright.shop.goals import Goal
from shopwright.shop.page import Page
from shopwright.shop.pages import PageKind
from shopwright.shop.shop import Shop

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Example:
    """A decision and its right actions.

    Attributes:
        decision: what was known.
        targets: bool, (actions,): at least one.
    """

    decision: Decision
    targets: np.ndarray


@dataclass(frozen=True, slots=True)
class Preference:
    """A decision, an action that is chosen there and one that is not, by number."""

    decision: Decision
    chosen: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A perfect purchase, and what the simulator says about other products."""

    trajectory: Trajectory  # the trajectory
    goal: Goal  # its goal, in the trajectory's own words or in others
    query: str  # what is typed for its request
    row: int  # the product that was bought
    options: Mapping[str, str]  # option group → value, as bought
    right: frozenset[int]  # the rows of all results that would have earned 1 with these options


def drawn(items: Sequence[Item], count: int, rng: np.random.Generator) -> list[Item]:
    """Return some items, drawn with replacement."""
    return [items[int(number)] for number in rng.integers(0, len(items), size=count)]


def batch_of(examples: Sequence[Example], *, texts: bool = True) -> tuple[Batch, Tensor]:
    """Return the decisions of examples and their right actions, bool (B, A)."""
    batch = collate([example.decision for example in examples], texts=texts)
    right, _ = padded([example.targets for example in examples])
    return batch, right


def purchase(trajectory: Trajectory, shop: Shop) -> tuple[int, dict[str, str]]:
    """Replay a perfect trajectory and return the row of the product that was bought and its
    options.

    Raises:
        TrajectoryError: it is not perfect, not of the pages protocol, or ends otherwise in this
            shop.
    """
    episode = Episode(shop, trajectory.goal(shop))
    reward = 0.0
    for turn in episode.replay(trajectory.actions):
        reward = turn.reward
    page = episode.page()
    if trajectory.protocol != "pages" or reward != 1.0 or page.product is None:
        raise TrajectoryError(
            f"trajectory for {trajectory.instruction!r:.60}: expected one of the pages protocol "
            f"with reward 1 in this shop, got protocol {trajectory.protocol}, reward {reward}"
        )
    return page.product.row, dict(page.chosen)


def demonstrate(
    trajectory: Trajectory, shop: Shop, reader: Reader, network: ChoiceNetwork | None = None
) -> Demonstration:
    """Replay a perfect trajectory and ask the simulator which other results are as good.

    Args:
        network: the policy whose query for the request decides the results; None: the request is
            the query.

    Raises:
        TrajectoryError: it is not perfect, not of the pages protocol, or ends otherwise in this
            shop.
    """
    goal = trajectory.goal(shop)
    request = goal.instruction
    row, options = purchase(trajectory, shop)
    demonstration = Demonstration(trajectory, goal, request, row, options, frozenset())
    query = request if network is None else query_for(network, reader, request)
    return asked(demonstration, request, query, shop)


def asked(demonstration: Demonstration, request: str, query: str, shop: Shop) -> Demonstration:
    """Return a demonstration of the same purchase for another request or query."""
    goal = replace(demonstration.goal, instruction=request)
    options = demonstration.options
    right = {demonstration.row}
    for row in shop.search_rows(query):
        product = shop.catalogue[row]
        chosen = {
            group.lower(): options[group.lower()]
            for group, values in product.options.items()
            if options.get(group.lower()) in values
        }
        if shop.reward_of_row(goal, row, chosen).total == 1.0:
            right.add(row)
    return replace(demonstration, goal=goal, query=query, right=frozenset(right))


def decisions_of(
    rollout: Trajectory, shop: Shop, reader: Reader, *, step_limit: int
) -> Iterator[tuple[EpisodeTracker, Page, Decision, str]]:
    """Replay a rollout on pages and yield each of its decisions but what to search for.

    Args:
        step_limit: actions of an episode at most, as the policy knows it.

    Yields:
        What was seen so far, the page, the decision there, and what was done.
    """
    tracker = EpisodeTracker(reader, rollout.instruction)
    episode = Episode(shop, rollout.goal(shop), step_limit=step_limit)
    for page, choice, _ in episode.replay(rollout.actions):
        decision = tracker.observe(page)
        if decision is not None:
            yield tracker, page, decision, choice.action


def imitation_examples(
    demonstration: Demonstration, shop: Shop, reader: Reader, *, step_limit: int
) -> list[Example]:
    """Return what a demonstration teaches as it stands: each of its decisions on pages, the choice
    among all results, and the choice of each option. On a page of results every result that would
    have been as good is right."""

    examples = []
    for _, page, decision, action in decisions_of(
        demonstration.trajectory, shop, reader, step_limit=step_limit
    ):
        right = {action}
        if page.kind is PageKind.RESULTS:
            right |= _right_links(page, demonstration)
        targets = np.array([offered in right for offered in decision.actions])
        if targets.any() and len(targets) > 1:
            examples.append(Example(decision, targets))
    return examples + answer_examples(demonstration, reader)


def answer_examples(demonstration: Demonstration, reader: Reader) -> list[Example]:
    """Return the choices of answering at once: among all results, and of each option."""
    product = product_example(demonstration, reader)
    return [*([product] if product else []), *option_examples(demonstration, reader)]


def product_example(demonstration: Demonstration, reader: Reader) -> Example | None:
    """Return the choice among all results with all their texts; None if none of them is right."""
    found = product_decision(reader, demonstration.goal.instruction, demonstration.query)
    if found is None:
        return None
    targets = np.array([row in demonstration.right for row in found.rows])
    return Example(found.decision, targets) if targets.any() else None


def option_examples(demonstration: Demonstration, reader: Reader) -> list[Example]:
    """Return the choices of the options that were bought, group by group."""
    examples = []
    (request,) = reader.requests([demonstration.goal.instruction])
    (product,) = reader.products(request, [demonstration.row], [0], [1.0])
    options = reader.options(request, demonstration.row)
    settled: list[str] = []
    while step := option_decision(request, product, options, settled):
        group = next(group for group in options.groups if group not in settled)
        wanted = demonstration.options.get(group, "none")
        targets = np.array([action == wanted for action in step.actions])
        if targets.any():
            examples.append(Example(step, targets))
        settled.append(group)
    return examples


def right_actions(page: Page, demonstration: Demonstration) -> set[str]:
    """Return what someone who knows the demonstration's purchase would do on a page; nothing if
    no time is left to reach it."""
    if page.kind is PageKind.RESULTS:
        return _right_links(page, demonstration) or {NEXT}
    if page.kind is PageKind.SUBPAGE:
        return {PREVIOUS}
    if page.item is None:
        return set()
    if page.item.row in demonstration.right:
        for group, value in demonstration.options.items():
            if page.chosen.get(group) != value and page.clickables.get(value) == group:
                return {click(value)}
        return {BUY}
    needed = 2 + len(demonstration.options) + 1
    return {PREVIOUS} if page.steps_left is None or page.steps_left >= needed else set()


def _right_links(page: Page, demonstration: Demonstration) -> set[str]:
    return {click(name) for name, row in page.links.items() if row in demonstration.right}


def collect_preferences(
    demonstration: Demonstration,
    shop: Shop,
    network: ChoiceNetwork,
    reader: Reader,
    *,
    step_limit: int,
    follow: float,
    rng: random.Random,
) -> list[Preference]:
    """Let a policy shop for a demonstration's goal and answer it, and return a preference at each
    decision.

    What the demonstration's purchase asks for is chosen to a wrong action that the policy
    draws. The episode goes on with what the policy draws from all actions, or with the right
    action in a share of its mistakes, so that both its own mistakes and what comes after doing
    right are met. Decisions that it takes rightly count too: from its mistakes alone it unlearns
    the rest.

    Args:
        follow: the share of steps that go on with the right action.

    Source: Feng & Feng, 2024: the chosen action from a perfect trajectory, the rejected one
    generated by the reference policy at the same state. Deviation: states are those that the
    reference policy visits, too (as in DAgger, Ross et al., 2011), not only the trajectory's.
    """
    preferences = []
    episode = Episode(shop, demonstration.goal, step_limit=step_limit)
    tracker = EpisodeTracker(reader, episode.request)
    while not episode.is_over:
        page = episode.page()
        decision = tracker.observe(page)
        if decision is None:
            episode.act(search(demonstration.query))
            continue
        scores = log_probabilities(network, decision)
        taken = pick(scores, rng)
        right = right_actions(page, demonstration)
        numbers = [n for n, action in enumerate(decision.actions) if action in right]
        preference = _preference(decision, numbers, scores, rng)
        if preference:
            preferences.append(preference)
            if taken not in numbers and rng.random() < follow:
                taken = preference.chosen
        episode.act(decision.actions[taken])
    for example in answer_examples(demonstration, reader):
        scores = log_probabilities(network, example.decision)
        numbers = np.flatnonzero(example.targets).tolist()
        preference = _preference(example.decision, numbers, scores, rng)
        if preference:
            preferences.append(preference)
    return preferences


def _preference(
    decision: Decision, right: list[int], scores: list[float], rng: random.Random
) -> Preference | None:
    """The likeliest right action before a wrong one that the policy draws; None if all actions
    are right or none is."""
    wrong = [number for number in range(len(scores)) if number not in right]
    if not right or not wrong:
        return None
    rejected = wrong[pick([scores[number] for number in wrong], rng)]
    return Preference(decision, max(right, key=scores.__getitem__), rejected)
