"""How long a training may go on: a number of steps, or minutes on the budget."""

from __future__ import annotations

import time


class Budget:
    """Tells how much of a training's budget is used; the time before a kill counts.

    Args:
        minutes: the budget of wall-budget time; None for none.
        seconds_before: what earlier processes of the same run have used.
    """

    def __init__(self, minutes: float | None, seconds_before: float = 0.0) -> None:
        self._budget_seconds = None if minutes is None else 60.0 * minutes
        self._started = time.perf_counter() - seconds_before

    @property
    def seconds(self) -> float:
        """The time used so far."""
        return time.perf_counter() - self._started

    def share(self, step: int, steps: int) -> float:
        """Return which share of the budget is used, 0 to 1.

        Args:
            step: steps done.
            steps: of the whole run, where no clock decides.
        """
        if self._budget_seconds is None:
            return min(1.0, step / steps)
        return min(1.0, self.seconds / self._budget_seconds)
