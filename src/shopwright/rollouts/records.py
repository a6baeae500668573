"""Trajectories: what an agent did for a request, and how it ended. Files are JSON lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shopwright.display import html_table, shortened
from shopwright.errors import InputError, TrajectoryError
from shopwright.files import read_json_lines, write_json_lines
from shopwright.json_fields import Number, take, take_options, take_texts
from shopwright.shop.goals import Goal, goal_of
from shopwright.shop.shop import Shop

FORMAT_VERSION = 1
PROTOCOLS = ("pages", "catalogue")
PROVENANCES = ("human", "generated", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        observation: the page before the action, as ``text``; empty if it was not kept.
        available_actions: the actions that the agent chose from, as action strings; empty if
            unknown, else ``action`` is one of them.
        action: the action that it took.
        log_probability: of the action under the agent; 0 for a rule.
        reward: for the action.
    """

    observation: str
    available_actions: tuple[str, ...]
    action: str
    log_probability: float = 0.0
    reward: float = 0.0

    def __post_init__(self) -> None:
        if not self.action:
            raise TrajectoryError("step, action: expected a text that is not empty, got ''")
        if self.available_actions and self.action not in self.available_actions:
            raise TrajectoryError(
                f"step, action: expected one of the {len(self.available_actions)} available, got "
                f"{self.action!r:.60}"
            )
        if not self.log_probability <= 1e-6:
            raise TrajectoryError(
                f"step, log_probability: expected at most 0, got {self.log_probability}"
            )
        if not 0.0 <= self.reward <= 1.0:
            raise TrajectoryError(f"step, reward: expected 0 to 1, got {self.reward}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFields:
    """The goal of a record, without what its shop knows of the product.

    Attributes:
        asin, instruction, attributes, options, price_upper: see
            :class:`~shopwright.shop.goals.Goal`.
    """

    asin: str
    instruction: str
    attributes: tuple[str, ...]
    options: Mapping[str, str] | tuple[str, ...]
    price_upper: float

    def goal(self, shop: Shop) -> Goal:
        """Return the goal, with what the shop knows of its product.

        Raises:
            GoalError: the product is not in this shop.
        """
        return goal_of(shop.product(self.asin), **goal_fields(self))


def goal_fields(goal: Goal | GoalFields) -> dict[str, Any]:
    """Return the fields of a goal that its product does not give."""
    return {
        "instruction": goal.instruction,
        "attributes": goal.attributes,
        "options": goal.options,
        "price_upper": goal.price_upper,
    }


def take_goal(record: Any) -> dict[str, Any]:
    """Return the fields of :class:`GoalFields` of a JSON object.

    Raises:
        InputError: one is missing or of another type.
    """
    return {
        "asin": take(record, "asin", str),
        "instruction": take(record, "instruction", str),
        "attributes": take_texts(record, "attributes"),
        "options": take_options(record),
        "price_upper": take(record, "price_upper", Number),
    }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Trajectory(GoalFields):
    """An episode.

    Attributes:
        steps: what was done, in order; under the catalogue protocol the single purchase.
        reward: of the purchase; 0 without one.
        purchased: whether it ended with a purchase.
        protocol: "pages" or "catalogue".
        agent: the agent's name.
        provenance: "human", "generated" (kept because it was perfect) or "agent".
        parts: the parts of the reward by name (see :class:`~shopwright.shop.reward.Reward`);
            empty if they were not kept.
    """

    steps: tuple[Step, ...]
    reward: float
    purchased: bool
    protocol: str = "pages"
    agent: str = ""
    provenance: str = "agent"
    parts: Mapping[str, float | None] = field(default_factory=dict)
    version: int = field(default=FORMAT_VERSION)

    def __post_init__(self) -> None:
        if self.version != FORMAT_VERSION:
            raise TrajectoryError(f"version: expected {FORMAT_VERSION}, got {self.version!r}")
        if self.protocol not in PROTOCOLS:
            raise TrajectoryError(
                f"protocol: expected one of {', '.join(PROTOCOLS)}, got {self.protocol!r}"
            )
        if self.provenance not in PROVENANCES:
            raise TrajectoryError(
                f"provenance: expected one of {', '.join(PROVENANCES)}, got {self.provenance!r}"
            )
        if not self.steps:
            raise TrajectoryError("steps: expected at least one, got none")
        if not 0.0 <= self.reward <= 1.0 or math.isnan(self.reward):
            raise TrajectoryError(f"reward: expected 0 to 1, got {self.reward}")
        if self.parts and self.parts.get("total", self.reward) != self.reward:
            raise TrajectoryError(
                f"parts, total: expected the reward {self.reward}, got {self.parts['total']}"
            )

    @property
    def perfect(self) -> bool:
        """Whether it ended with a reward of 1."""
        return self.reward == 1.0

    @property
    def actions(self) -> list[str]:
        """The actions, in order."""
        return [step.action for step in self.steps]

    def __repr__(self) -> str:
        end = f"reward {self.reward:.2f}" if self.purchased else "no purchase"
        return f"<Trajectory {shortened(self.instruction)!r}, {len(self.steps)} steps, {end}>"

    def _repr_html_(self) -> str:
        rows = [(step.action, f"{step.reward:.2f}") for step in self.steps]
        return html_table(self.instruction, ("action", "reward"), rows)

    def to_record(self) -> dict[str, Any]:
        """Return the trajectory as orjson writes it."""
        return {
            "version": self.version,
            "provenance": self.provenance,
            "agent": self.agent,
            "protocol": self.protocol,
            "goal": {"asin": self.asin, **goal_fields(self)},
            "steps": self.steps,
            "reward": self.reward,
            "purchased": self.purchased,
            "parts": self.parts,
        }

    @classmethod
    def from_record(cls, record: Any) -> Trajectory:
        """Return the trajectory of a line of a file.

        Raises:
            InputError: a field is missing or of another type; the message names it.
        """
        return cls(
            version=take(record, "version", int),
            provenance=take(record, "provenance", str),
            agent=take(record, "agent", str),
            protocol=take(record, "protocol", str),
            **take_goal(take(record, "goal", dict)),
            steps=tuple(map(_step, take(record, "steps", list))),
            reward=take(record, "reward", Number),
            purchased=take(record, "purchased", bool),
            parts=_parts(record),
        )


def trajectory_of(goal: Goal, steps: Iterable[Step], **fields: Any) -> Trajectory:
    """Return a trajectory for a goal."""
    return Trajectory(asin=goal.asin, **goal_fields(goal), steps=tuple(steps), **fields)


def _step(record: Any) -> Step:
    return Step(
        observation=take(record, "observation", str),
        available_actions=take_texts(record, "available_actions"),
        action=take(record, "action", str),
        log_probability=float(take(record, "log_probability", Number)),
        reward=float(take(record, "reward", Number)),
    )


def _parts(record: Any) -> dict[str, float | None]:
    # Files written before there were parts have none.
    parts = take({"parts": {}, **record}, "parts", dict)
    for name, value in parts.items():
        if not isinstance(value, int | float | None):
            raise InputError(f"field parts, {name}: expected a number, got {value!r:.60}")
    return dict(parts)


def write_trajectories(
    path: Path, trajectories: Iterable[Trajectory], *, permissions: int = 0o666
) -> int:
    """Write a file of trajectories, whole or not at all, and return how many there are.

    Args:
        permissions: as of :func:`~shopwright.files.replacing`.
    """
    records = (trajectory.to_record() for trajectory in trajectories)
    return write_json_lines(path, records, permissions=permissions)


def stream_trajectories(path: Path) -> Iterator[Trajectory]:
    """Yield the trajectories of a file one by one; only one line is held at a time.

    Raises:
        MissingFileError: there is no such file.
        TrajectoryError: a line is wrong; the message names file, line, field.
    """
    return read_json_lines(path, Trajectory.from_record, TrajectoryError)


def read_trajectories(path: Path) -> list[Trajectory]:
    """Read a file of trajectories.

    Raises:
        MissingFileError: there is no such file.
        TrajectoryError: a line is wrong, or there is none; the message names file, line, field.
    """
    trajectories = list(stream_trajectories(path))
    if not trajectories:
        raise TrajectoryError(f"{path}: expected at least one trajectory, got none")
    return trajectories
