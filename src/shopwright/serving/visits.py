"""Visits of people who shop themselves, each of which can become a demonstration."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from shopwright.errors import GoalError, InputError
from shopwright.rollouts.records import Step, Trajectory, trajectory_of
from shopwright.rollouts.rollout import available_actions
from shopwright.serving.pages import page_record
from shopwright.shop.actions import SEARCH, parse_action
from shopwright.shop.goals import Goal
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

VISITS_AT_MOST = 250
VISIT_SECONDS = 3_600.0
STEPS_AT_MOST = 100
SHOPPER = "person"


@dataclass
class Visit:
    """A person's visit.

    Attributes:
        session: the shop as this visit left it.
        goal_number: of the shop's goals.
        steps: what was done.
        seen: when something was done last, by the monotonic budget.
    """

    session: Session
    goal_number: int
    steps: list[Step] = field(default_factory=list)
    seen: float = 0.0
    done: bool = False


class Visits:
    """The visits that are going on: the latest ones, for an hour each.

    Args:
        shop: where.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._visits: OrderedDict[str, Visit] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, goal_number: int | None) -> dict[str, Any]:
        """Begin a visit for a goal of the shop, or for one drawn by chance.

        Raises:
            GoalError: the shop has no goal of this number, or none at all.
        """
        count = len(self._shop.goals)
        if not count:
            raise GoalError("goal: expected a shop with requests, got one that has none")
        number = secrets.randbelow(count) if goal_number is None else goal_number
        if not 0 <= number < count:
            raise GoalError(f"goal: expected 0 to {count - 1}, got {number}")
        visit = Visit(Session(self._shop, self._shop.goals[number]), number)
        id = secrets.token_urlsafe(16)
        with self._lock:
            self._forget_old()
            visit.seen = time.monotonic()
            self._visits[id] = visit
            return self._record(id, visit)

    def act(self, id: str, action: str) -> tuple[dict[str, Any], Trajectory | None]:
        """Carry out an action and return the page that follows, and after a purchase the whole
        visit as a trajectory.

        Raises:
            GoalError: there is no such visit (any more).
            InputError: the page does not offer the action, or the visit is over.
        """
        with self._lock:
            visit = self._visits.get(id)
            if visit is None:
                raise GoalError("visit: expected one that is going on, got an unknown id")
            if visit.done:
                raise InputError("action: expected none after the purchase, got one")
            session = visit.session
            if not _is_offered(session, action):
                raise InputError(f"action: expected one that the page offers, got {action!r:.80}")
            name = parse_action(action).name
            offered = (action,) if name == SEARCH else tuple(available_actions(session))
            observation = session.text()
            reward, visit.done = session.act(action)
            visit.steps.append(
                Step(
                    observation=observation,
                    available_actions=offered,
                    action=action,
                    reward=reward,
                )
            )
            visit.seen = time.monotonic()
            self._visits.move_to_end(id)
            trajectory = _trajectory(visit, session.goal, reward) if visit.done else None
            if len(visit.steps) >= STEPS_AT_MOST and not visit.done:
                del self._visits[id]
            return self._record(id, visit), trajectory

    def _record(self, id: str, visit: Visit) -> dict[str, Any]:
        return {
            "visit_id": id,
            "goal": visit.goal_number,
            "steps": len(visit.steps),
            "steps_left": STEPS_AT_MOST - len(visit.steps),
            "done": visit.done,
            "page": page_record(visit.session),
        }

    def _forget_old(self) -> None:
        oldest = time.monotonic() - VISIT_SECONDS
        while self._visits:
            id, visit = next(iter(self._visits.items()))
            if visit.seen > oldest and len(self._visits) < VISITS_AT_MOST:
                return
            del self._visits[id]

    def __len__(self) -> int:
        return len(self._visits)


def _is_offered(session: Session, action: str) -> bool:
    name, argument = parse_action(action)
    if argument is None:
        return False
    return name == SEARCH or action in available_actions(session)


def _trajectory(visit: Visit, goal: Goal, reward: float) -> Trajectory:
    return trajectory_of(
        goal,
        visit.steps,
        reward=reward,
        purchased=True,
        protocol="pages",
        agent=SHOPPER,
        provenance="human",
    )
