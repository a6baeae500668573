"""The bodies behind the page: watching an agent, shopping oneself."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, model_validator

from shopwright.serving.messages import GoalNumber, Message, Name, Words, example


class ExamplesRecord(Message):
    """Requests that this shop can fulfil."""

    requests: list[str]


class PeriodRecord(Message):
    """A period: when it began, in seconds since 1970, and what happened in it."""

    since: float
    recommendations: int
    bought: int


class TrafficRecord(Message):
    """What the dashboard shows."""

    recommendations: int
    looked_at: int
    hours: list[PeriodRecord]
    days: list[PeriodRecord]
    agents: list[dict[str, Any]]
    asked: list[dict[str, Any]]
    not_found: list[dict[str, Any]]
    latency: dict[str, float | None]
    refused: int


class LearnedRecord(Message):
    """What was learned from customers."""

    releases: dict[str, Any]
    conversations: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    customers: dict[str, Any]


class WatchBody(Message):
    """What an agent is to shop for: either a request or the number of one of the shop's goals."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"request": "a warm throw blanket in sage green"}],
            "oneOf": [
                {
                    "required": [one],
                    "properties": {one: {"not": {"type": "null"}}, other: {"type": "null"}},
                }
                for one, other in (("request", "goal"), ("goal", "request"))
            ],
        }
    )
    request: Words | None = None
    goal: GoalNumber | None = None
    agent: Name | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> WatchBody:
        if (self.request is None) == (self.goal is None):
            raise ValueError("expected either request or goal")
        return self


class EpisodeRecord(Message):
    """An episode step by step."""

    agent: str
    request: str
    goal: int | None
    steps: list[dict[str, Any]]
    purchased: dict[str, Any] | None
    reward: dict[str, Any] | None


class VisitBody(Message):
    """A visit begins; without a goal one is drawn by chance."""

    model_config = example(goal=0)
    goal: GoalNumber | None = None


class ActionBody(Message):
    """An action on the page: ``search[words]`` or ``click[name]``."""

    model_config = example(action="search[throw blanket]")
    action: Words


class VisitRecord(Message):
    """Where a visit stands."""

    visit_id: str
    goal: int
    steps: int
    steps_left: int
    done: bool
    page: dict[str, Any]
