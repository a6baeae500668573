"""What a training tells while it runs: metrics.jsonl, timings.jsonl, TensorBoard's events.

metrics.jsonl holds nothing that depends on the budget, so that equal runs give equal bytes; how
fast they went stands in timings.jsonl, line by line beside it. TensorBoard shows both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from shopwright.files import add
from shopwright.runs import Run
from shopwright.training.schedule import Budget


class Recorder:
    """Writes a run's metrics.

    Args:
        first_step: the step that the run begins or goes on at.
    """

    def __init__(self, run: Run, budget: Budget, *, first_step: int) -> None:
        self._run = run
        self._budget = budget
        self._last = (first_step, budget.seconds)
        self._events: Any = None
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            return  # Without the package there are no events; the files hold all the same.
        self._events = SummaryWriter(
            str(run.folder / "tensorboard"), purge_step=first_step + 1, flush_secs=10
        )

    def log(self, record: Mapping[str, Any]) -> None:
        """Write the metrics of a step; ``step`` is among them."""
        self._run.log(record)
        step, seconds = record["step"], self._budget.seconds
        before, seconds_before = self._last
        self._last = (step, seconds)
        timing = {
            "step": step,
            "seconds": seconds,
            "steps_per_second": (step - before) / max(seconds - seconds_before, 1e-9),
        }
        line = orjson.dumps(timing, option=orjson.OPT_APPEND_NEWLINE)
        add(self._run.folder / "timings.jsonl", line)
        if self._events is not None:
            for name, value in {**record, **timing}.items():
                if name != "step":
                    self._events.add_scalar(name, value, step)

    def close(self) -> None:
        """Write what is not written yet."""
        if self._events is not None:
            self._events.close()
