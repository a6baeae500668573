"""Perfect rollouts of an agent, without loops: demonstrations that need no people.

Source: Feng & Feng, 2024 (arXiv 2408.16032), self-learning: rollouts with reward 1, loops pruned,
serve as the chosen trajectories. Deviation: any agent may make them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from shopwright.config import Configuration, setting
from shopwright.rollouts.agent import AnyAgent
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.records import Step, Trajectory
from shopwright.rollouts.rollout import Outcome, in_order, recorded, roll_out
from shopwright.seeding import python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.page import Page
from shopwright.shop.pages import PageKind
from shopwright.shop.shop import Shop

# Products take turns among this many times the trajectories wanted.
_SPREAD = 10

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class GenerateConfig(Configuration):
    """How perfect rollouts are generated."""

    trajectories: int = setting(300, help="how many to find", minimum=1)
    tries_per_goal: int = setting(
        100, help="rollouts of a goal until a perfect one, at most (rules: one)", minimum=1
    )
    step_limit: int = setting(100, help="actions of a rollout at most", minimum=1)
    sample: bool = setting(
        False, help="let the agent sample its actions from the first try of a goal on"
    )
    keep_loops: bool = setting(
        False, help="keep what was looked at in vain, from which one learns when to look further"
    )
    seed: int = setting(0, help="decides the order of goals and the samples")


@dataclass(frozen=True, slots=True)
class Generated:
    """What a generation found and what it cost.

    Attributes:
        trajectories: the perfect ones, pruned unless loops are kept.
        tries: rollouts made. goals: goals tried. simulator_steps: steps taken.
    """

    trajectories: list[Trajectory]
    tries: int
    goals: int
    simulator_steps: int

    @property
    def perfect(self) -> int:
        """How many perfect rollouts were found."""
        return len(self.trajectories)

    @property
    def cost(self) -> dict[str, int]:
        """How many were found, and what that took, by name."""
        return {
            "perfect": self.perfect,
            "tries": self.tries,
            "goals": self.goals,
            "simulator_steps": self.simulator_steps,
        }

    def __repr__(self) -> str:
        return f"<{self.perfect} perfect rollouts of {self.tries} tries for {self.goals} goals>"


def generate_perfect(
    agent: AnyAgent,
    shop: Shop,
    goals: Sequence[Goal],
    config: GenerateConfig | None = None,
    *,
    progress: Progress | None = None,
) -> Generated:
    """Roll an agent out on goals, in random order, until enough rollouts are perfect.

    No product is asked for twice before each was once, so that few rollouts cover many products.
    Fewer are returned when the goals run out.

    Args:
        goals: the goals; each is tried at most ``tries_per_goal`` times.
    """
    config = config or GenerateConfig()
    order = list(range(len(goals)))
    python_rng(config.seed, "generate", "order").shuffle(order)
    _spread(order, goals, _SPREAD * config.trajectories)
    found: list[Trajectory] = []
    tries = tried_goals = steps = 0
    for outcomes in in_order(agent, partial(_tries, agent, shop, goals, config), order):
        tried_goals += 1
        for outcome in outcomes:
            recorded(agent, outcome)
            tries += 1
            steps += len(outcome.trajectory.steps)
        if outcomes[-1].trajectory.perfect:
            perfect = outcomes[-1].trajectory
            found.append(perfect if config.keep_loops else prune(perfect, shop))
            if progress:
                progress(len(found), config.trajectories)
            if len(found) == config.trajectories:
                break
    return Generated(found, tries, tried_goals, steps)


def _tries(
    agent: AnyAgent, shop: Shop, goals: Sequence[Goal], config: GenerateConfig, number: int
) -> list[Outcome]:
    """Rollouts of a goal until a perfect one, or as many as there may be."""
    outcomes: list[Outcome] = []
    for attempt in range(1 if agent.deterministic else config.tries_per_goal):
        samples = config.sample or attempt > 0
        rng = python_rng(config.seed, "generate", number, attempt)
        outcome = roll_out(
            agent,
            shop,
            goals[number],
            step_limit=config.step_limit,
            rng=rng if samples else None,
            keep_observations=True,
            provenance="generated",
        )
        outcomes.append(outcome)
        if outcome.trajectory.perfect:
            break
    return outcomes


def _spread(order: list[int], goals: Sequence[Goal], most: int) -> None:
    """Sort the first ``most`` goals of an order by how many of the same product come before."""
    asked: Counter[str] = Counter()
    turns: list[tuple[int, int, int]] = []
    for number in order[:most]:
        asin = goals[number].asin
        turns.append((asked[asin], len(turns), number))
        asked[asin] += 1
    order[:most] = [number for _, _, number in sorted(turns)]


def prune(trajectory: Trajectory, shop: Shop) -> Trajectory:
    """Return a trajectory without its loops: where a page is shown again unchanged, the steps in
    between are removed. The outcome stays the same.

    Going back to the search box is no loop: the results of one search may be the reason for the
    next."""
    episode = Episode(shop, trajectory.goal(shop))
    kept: list[Step] = []
    places: dict[object, int] = {}
    for step, turn in zip(trajectory.steps, episode.replay(trajectory.actions), strict=True):
        page = episode.page()
        if page.kind is PageKind.SEARCH:
            if turn.page.kind is not PageKind.SEARCH:
                kept.append(step)
            continue
        kept.append(step)
        place = _place(page)
        if place in places:
            kept = kept[: places[place]]
            places = {known: count for known, count in places.items() if count <= len(kept)}
        else:
            places[place] = len(kept)
    return replace(trajectory, steps=tuple(kept))


def _place(page: Page) -> object:
    """What identifies a page: everything but which products were opened before."""
    row = page.product.row if page.product else None
    chosen = tuple(page.chosen.items())
    return (page.kind, page.query, page.page_number, row, chosen, page.subpage)
