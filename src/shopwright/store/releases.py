"""Releases of agents, step by step; a step that was logged never changes.

Who writes a step says which one it follows, so that of several processes one is heard.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from shopwright.store.database import Database

REFUSED, STARTED, RAISED = "refused", "started", "raised"
TAKEN_BACK, ADOPTED = "taken back", "adopted"
_STEPS = "SELECT number, at, agent, run, step, share, details FROM releases ORDER BY number"
_INSERT = """
INSERT INTO releases (at, agent, run, step, share, details)
VALUES (:at, :agent, :run, :step, :share, :details)
"""
_OUTCOMES_SINCE = """
SELECT agent, outcome, COUNT(*) FROM recommendations
WHERE outcome IS NOT NULL AND at >= :since GROUP BY agent, outcome
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a release.

    Attributes:
        agent: the candidate, by the label of the log.
        run: its run folder.
        step: what was done.
        share: of the traffic that it gets from then on.
        details: why, JSON types.
        number: the steps of a store are numbered upwards from 1.
        at: seconds since 1970.
    """

    agent: str
    run: str
    step: str
    share: float
    details: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    at: float = field(default_factory=time.time)

    @property
    def open(self) -> bool:
        """Whether the candidate is on trial."""
        return self.step in (STARTED, RAISED)


class Releases:
    """The releases of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def steps(self) -> list[Step]:
        """Return all steps, oldest first."""
        return [
            Step(
                number=number, at=at, agent=agent, run=run, step=step, share=share,
                details=orjson.loads(details),
            )
            for number, at, agent, run, step, share, details in self._database.read(_STEPS)
        ]  # fmt: skip

    def latest(self) -> Step | None:
        """Return the last step that was not a refusal; None before the first."""
        taken = [step for step in self.steps() if step.step != REFUSED]
        return taken[-1] if taken else None

    def add(self, step: Step, *, after: int) -> bool:
        """Log a step; it is on the disk when this returns.

        Args:
            after: the number of the last step that is known; 0 for none.

        Returns:
            Whether it was logged; it is not if another one came first.
        """
        with self._database.transaction() as execute:
            # Others that add a step wait.
            execute("UPDATE about SET value = value WHERE name = 'version'")
            ((last,),) = execute("SELECT COALESCE(MAX(number), 0) FROM releases")
            if last != after:
                return False
            execute(
                _INSERT,
                at=step.at,
                agent=step.agent,
                run=step.run,
                step=step.step,
                share=step.share,
                details=orjson.dumps(dict(step.details)).decode(),
            )
        return True

    def outcomes_since(self, at: float) -> tuple[dict[str, int], dict[str, int]]:
        """Return agent → recommendations of after a time that succeeded, and that failed."""
        succeeded: dict[str, int] = {}
        failed: dict[str, int] = {}
        for agent, outcome, count in self._database.read(_OUTCOMES_SINCE, since=at):
            (succeeded if outcome else failed)[agent] = count
        return succeeded, failed
