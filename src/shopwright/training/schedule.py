"""How long a training goes on, and the learning rate meanwhile."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from shopwright.config import Configuration, setting


@dataclass(frozen=True, kw_only=True)
class BudgetConfig(Configuration):
    """A training that a number of steps ends, or a number of minutes."""

    minutes: float | None = setting(
        None, help="minutes to train; they decide in the place of steps", above=0
    )


class Budget:
    """How much of a training's time is used; the time before it was killed counts.

    Args:
        minutes: how long the training may take; None: its steps decide.
        seconds_before: what earlier processes of the same run have used.
    """

    def __init__(self, minutes: float | None, seconds_before: float = 0.0) -> None:
        self._limit_seconds = None if minutes is None else 60.0 * minutes
        self._started = time.perf_counter() - seconds_before

    @property
    def seconds(self) -> float:
        """The time used so far."""
        return time.perf_counter() - self._started

    def share(self, step: int, steps: int) -> float:
        """Return which share of the budget is used, 0 to 1.

        Args:
            steps: of the whole run, where no time limit decides.
        """
        if self._limit_seconds is None:
            return min(1.0, step / steps) if steps else 1.0
        return min(1.0, self.seconds / self._limit_seconds)


def learning_rate_at(step: int, *, steps: int, highest: float, warmup_share: float) -> float:
    """Return the learning rate of a step: linear warm-up, then a half cosine down to 0.

    Args:
        step: from 0.
        steps: of the whole run.
        highest: after the warm-up.
        warmup_share: of the steps, 0 to 1.
    """
    warmup = max(1, round(steps * warmup_share))
    if step < warmup:
        return highest * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return highest * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))
