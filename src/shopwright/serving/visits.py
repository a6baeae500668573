"""Visits of people who shop themselves, each of which can become a demonstration.

A visit is its goal and its actions, which lie in the store; the episode that follows from them is
made again where it is not at hand, as in another process.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from shopwright.errors import GoalError, InputError
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.records import Step, Trajectory, trajectory_of
from shopwright.serving.pages import page_record
from shopwright.shop.actions import SEARCH, parse_action
from shopwright.shop.shop import Shop
from shopwright.store.database import Database

VISITS_AT_MOST = 10_000
EPISODES_AT_HAND = 250
VISIT_SECONDS = 3_600.0
STEPS_AT_MOST = 100
SHOPPER = "person"


@dataclass
class Visit:
    """A person's visit.

    Attributes:
        episode: the shop as this visit left it.
        goal_number: of the shop's goals.
        steps: what was done.
    """

    episode: Episode
    goal_number: int
    steps: list[Step] = field(default_factory=list)

    def act(self, action: str) -> None:
        """Carry out an action.

        Raises:
            InputError: the page does not offer it, or the visit is over.
        """
        if self.episode.purchased:
            raise InputError("action: expected none after the purchase, got one")
        page = self.episode.page()
        name, argument = parse_action(action)
        offered = (action,) if name == SEARCH else tuple(page.actions)
        if argument is None or action not in offered:
            raise InputError(f"action: expected one that the page offers, got {action!r:.80}")
        reward = self.episode.act(action)
        self.steps.append(
            Step(observation=page.text, available_actions=offered, action=action, reward=reward)
        )

    def trajectory(self) -> Trajectory:
        """Return all of it after its purchase."""
        return trajectory_of(
            self.episode.shop.goals[self.goal_number],
            self.steps,
            reward=self.steps[-1].reward,
            purchased=True,
            agent=SHOPPER,
            provenance="human",
        )


class Visits:
    """The visits that are going on: the latest ones, for an hour each."""

    def __init__(self, shop: Callable[[], Shop], database: Database) -> None:
        self._shop = shop
        self._database = database
        self._at_hand: OrderedDict[str, Visit] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, goal_number: int | None) -> dict[str, Any]:
        """Begin a visit for a goal of the shop, or for one drawn by chance.

        Raises:
            GoalError: the shop has no goal of this number, or none at all.
        """
        shop = self._shop()
        count = len(shop.goals)
        if not count:
            raise GoalError("goal: expected a shop with requests, got one that has none")
        number = secrets.randbelow(count) if goal_number is None else goal_number
        if not 0 <= number < count:
            raise GoalError(f"goal: expected 0 to {count - 1}, got {number}")
        visit = self._new(number)
        id = secrets.token_urlsafe(16)
        now = time.time()
        with self._database.transaction() as execute:
            execute(
                "INSERT INTO visits (id, at, goal, actions) VALUES (:id, :at, :goal, '[]')",
                id=id,
                at=now,
                goal=number,
            )
            execute(
                "DELETE FROM visits WHERE at < :oldest "
                "OR number <= (SELECT MAX(number) FROM visits) - :most",
                oldest=now - VISIT_SECONDS,
                most=VISITS_AT_MOST,
            )
        with self._lock:
            self._keep_at_hand(id, visit)
        return _record(id, visit)

    def look(self, id: str) -> dict[str, Any]:
        """Return the page that a visit is at.

        Raises:
            GoalError: there is no such visit (any more).
        """
        with self._lock:
            return _record(id, self._visit(id))

    def act(
        self, id: str, action: str, keep: Callable[[str, Trajectory], object]
    ) -> dict[str, Any]:
        """Carry out an action and return the page that follows.

        Args:
            keep: takes the visit's id and all of it after its purchase. Where it fails, the same
                purchase can be tried again.

        Raises:
            GoalError: there is no such visit (any more).
            InputError: the page does not offer the action, or the visit is over.
        """
        with self._lock:
            visit = self._visit(id)
            before = _actions(visit)
            visit.act(action)
            # Until it is in the store, it has not happened.
            del self._at_hand[id]
            if visit.episode.purchased:
                keep(id, visit.trajectory())
            with self._database.transaction() as execute:
                if visit.episode.is_over and not visit.episode.purchased:
                    execute("DELETE FROM visits WHERE id = :id", id=id)
                    return _record(id, visit)
                found = execute(
                    "UPDATE visits SET at = :at, actions = :actions "
                    "WHERE id = :id AND actions = :before RETURNING number",
                    at=time.time(),
                    actions=_actions(visit),
                    id=id,
                    before=before,
                )
            if not found:
                raise InputError("action: expected one action at a time, got two at once")
            self._keep_at_hand(id, visit)
            return _record(id, visit)

    def _visit(self, id: str) -> Visit:
        """A visit as the store has it."""
        rows = self._database.read(
            "SELECT goal, actions FROM visits WHERE id = :id AND at >= :oldest",
            id=id,
            oldest=time.time() - VISIT_SECONDS,
        )
        if not rows:
            raise GoalError("visit: expected one that is going on, got an unknown id")
        ((goal, actions),) = rows
        visit = self._at_hand.get(id)
        if visit is None or _actions(visit) != actions:
            visit = self._new(goal)
            try:
                for action in orjson.loads(actions):
                    visit.act(action)
            except InputError:
                raise GoalError(
                    "visit: expected one that is going on, got one whose products have changed"
                ) from None
            self._keep_at_hand(id, visit)
        return visit

    def _new(self, goal: int) -> Visit:
        shop = self._shop()
        return Visit(Episode(shop, shop.goals[goal], step_limit=STEPS_AT_MOST), goal)

    def _keep_at_hand(self, id: str, visit: Visit) -> None:
        self._at_hand[id] = visit
        if len(self._at_hand) > EPISODES_AT_HAND:
            self._at_hand.popitem(last=False)

    def __len__(self) -> int:
        ((count,),) = self._database.read(
            "SELECT COUNT(*) FROM visits WHERE at >= :oldest", oldest=time.time() - VISIT_SECONDS
        )
        return int(count)


def _actions(visit: Visit) -> str:
    return orjson.dumps([step.action for step in visit.steps]).decode()


def _record(id: str, visit: Visit) -> dict[str, Any]:
    episode = visit.episode
    return {
        "visit_id": id,
        "goal": visit.goal_number,
        "steps": len(visit.steps),
        "steps_left": STEPS_AT_MOST - len(visit.steps),
        "done": episode.purchased,
        "page": page_record(episode.page(), episode.shop.catalogue, episode.reward),
    }
