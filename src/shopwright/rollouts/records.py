"""Trajectories: what an agent did for a request and how it ended. Their file is JSON lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from shopwright.errors import TrajectoryError
from shopwright.files import replacing, stream_json_lines
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop

FORMAT_VERSION = 1
PROTOCOLS = ("pages", "catalogue")
PROVENANCES = ("human", "generated", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        observation: the page before the action, as ``text``; empty if it was not kept.
        available_actions: the actions that the agent chose from, as action strings; empty if they
            are not known, else the one it took is among them.
        action: the one it took.
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
class Trajectory:
    """An episode.

    Attributes:
        asin, instruction, attributes, options, price_upper: of the goal; see
            :class:`~shopwright.shop.goals.Goal`.
        steps: what was done, in order; under the catalogue protocol the single purchase.
        reward: of the purchase; 0 without one.
        purchased: whether it ended with a purchase.
        protocol: "pages" or "catalogue".
        agent: the agent's name.
        provenance: "human", "generated" (kept because it was perfect) or "agent".
        parts: the parts of the reward by name (see :class:`~shopwright.shop.reward.Reward`);
            empty if they were not kept.
    """

    asin: str
    instruction: str
    attributes: tuple[str, ...]
    options: Mapping[str, str] | tuple[str, ...]
    price_upper: float
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

    def goal(self, shop: Shop) -> Goal:
        """Return the goal, with what the shop knows of its product.

        Raises:
            GoalError: the product is not in this shop.
        """
        product = shop.product(self.asin)
        return Goal(
            asin=self.asin,
            instruction=self.instruction,
            attributes=self.attributes,
            options=self.options,
            price_upper=self.price_upper,
            category=product.category,
            query=product.query,
            product_category=product.product_category,
            title=product.title,
            nouns=product.nouns,
        )

    def to_record(self) -> dict[str, Any]:
        """Return the trajectory as JSON types."""
        options = self.options
        return {
            "version": self.version,
            "provenance": self.provenance,
            "agent": self.agent,
            "protocol": self.protocol,
            "goal": {
                "asin": self.asin,
                "instruction": self.instruction,
                "attributes": list(self.attributes),
                "options": dict(options) if isinstance(options, Mapping) else list(options),
                "price_upper": self.price_upper,
            },
            "steps": [
                {
                    "observation": step.observation,
                    "available_actions": list(step.available_actions),
                    "action": step.action,
                    "log_probability": step.log_probability,
                    "reward": step.reward,
                }
                for step in self.steps
            ],
            "reward": self.reward,
            "purchased": self.purchased,
            "parts": dict(self.parts),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Trajectory:
        """Return the trajectory that :meth:`to_record` wrote.

        Raises:
            TrajectoryError: a field is missing or of another type; the message names it.
        """
        goal = _field(record, "goal", dict)
        options = _field(goal, "options", dict | list)
        values = options.values() if isinstance(options, dict) else options
        if not all(isinstance(value, str) for value in values):
            raise TrajectoryError(f"field options: expected texts, got {options!r:.60}")
        return cls(
            version=_field(record, "version", int),
            provenance=_field(record, "provenance", str),
            agent=_field(record, "agent", str),
            protocol=_field(record, "protocol", str),
            asin=_field(goal, "asin", str),
            instruction=_field(goal, "instruction", str),
            attributes=_texts(goal, "attributes"),
            options=options if isinstance(options, dict) else tuple(options),
            price_upper=_field(goal, "price_upper", int | float),
            steps=tuple(_step(step) for step in _field(record, "steps", list)),
            reward=_field(record, "reward", int | float),
            purchased=_field(record, "purchased", bool),
            parts=_parts(record),
        )


def trajectory_of(goal: Goal, steps: Iterable[Step], **fields: Any) -> Trajectory:
    """Return a trajectory for a goal."""
    return Trajectory(
        asin=goal.asin,
        instruction=goal.instruction,
        attributes=goal.attributes,
        options=goal.options,
        price_upper=goal.price_upper,
        steps=tuple(steps),
        **fields,
    )


def _step(record: Any) -> Step:
    return Step(
        observation=_field(record, "observation", str),
        available_actions=_texts(record, "available_actions"),
        action=_field(record, "action", str),
        log_probability=float(_field(record, "log_probability", int | float)),
        reward=float(_field(record, "reward", int | float)),
    )


def _field(record: Any, name: str, kind: Any) -> Any:
    if not isinstance(record, Mapping):
        raise TrajectoryError(f"expected an object with {name!r}, got {record!r:.60}")
    value = record.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        wanted = getattr(kind, "__name__", str(kind))
        raise TrajectoryError(f"field {name}: expected {wanted}, got {value!r:.60}")
    return value


def _parts(record: Any) -> dict[str, float | None]:
    # Files of before there were parts have none.
    parts = _field({"parts": {}, **record}, "parts", dict)
    for name, value in parts.items():
        if value is not None and not isinstance(value, int | float):
            raise TrajectoryError(f"field parts, {name}: expected a number, got {value!r:.60}")
    return dict(parts)


def _texts(record: Any, name: str) -> tuple[str, ...]:
    values = _field(record, name, list)
    if not all(isinstance(value, str) for value in values):
        raise TrajectoryError(f"field {name}: expected texts, got {values!r:.60}")
    return tuple(values)


def write_trajectories(path: Path, trajectories: Iterable[Trajectory]) -> int:
    """Write a file of trajectories, whole or not at all, and return how many there are."""
    count = 0
    with replacing(path) as file:
        for trajectory in trajectories:
            file.write(orjson.dumps(trajectory.to_record(), option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def stream_trajectories(path: Path) -> Iterator[Trajectory]:
    """Yield the trajectories of a file one by one; only one line is held at a time.

    Raises:
        MissingFileError: there is no such file.
        TrajectoryError: a line is wrong; the message names file, line, field.
    """
    for line, record in stream_json_lines(path):
        try:
            yield Trajectory.from_record(record)
        except TrajectoryError as error:
            raise TrajectoryError(f"{path}, line {line}, {error}") from None


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
