"""The gradient loop that every method shares.

A method is its configuration and the loss of a step. It hands the loop a function that yields
losses, each with the numbers to watch; the loop descends each before it asks for the next one, and
owns everything else: going on after a kill, clipping, the learning rate, metrics, checkpoints,
measuring on dev goals and keeping the best network, the budget in steps or minutes, progress::

    def losses(step: int) -> Losses:
        batch = draw(generator(config.seed, "example", step))
        loss = imitation_loss(network(batch), batch.targets)
        yield loss, {"loss": loss}

    loop = Loop(run, config, {"network": network}, stage="example", steps=config.steps)
    loop.descend(losses)
    return loop.finish({"operation": "example", "steps": loop.step})
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from shopwright.config import Configuration, setting
from shopwright.encoding.compute import threads
from shopwright.runs import Run
from shopwright.training.checkpoint import load_state, save_state
from shopwright.training.dev import Best, Monitor
from shopwright.training.recorder import Recorder
from shopwright.training.schedule import Budget, BudgetConfig, learning_rate_at

# Called with the stage of a training, what is done of it, and what there is to do in all.
Progress = Callable[[str, int, int], None]


@runtime_checkable
class Telling(Protocol):
    """A progress that also shows what was found out on the way."""

    def tell(self, text: str) -> None:
        """Show a short text."""


# The losses of a step, in the order of descent, each with the numbers to watch.
Losses = Iterator[tuple[Tensor, Mapping[str, Tensor | float]]]

# A schedule that must suit a run whose steps nobody knows in advance is read at so many points.
TIMED_POINTS = 10_000
_PROGRESS_POINTS = 100


@dataclass(frozen=True, kw_only=True)
class LoopConfig(Configuration):
    """What the gradient loop can be told."""

    learning_rate: float = setting(3e-3, help="highest learning rate", above=0)
    warmup_share: float = setting(0.1, help="share of the steps to warm up", minimum=0, maximum=1)
    weight_decay: float = setting(0.1, help="weight decay of AdamW", minimum=0)
    gradient_norm: float | None = setting(1.0, help="gradients are clipped to this", above=0)
    log_every: int = setting(20, help="steps between log lines", minimum=1)
    checkpoint_every: int = setting(200, help="steps between checkpoints", minimum=1)
    threads: int = setting(0, help="threads to compute with; 0: all cores", minimum=0)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(LoopConfig):
    """What every training can be told."""

    device: str = setting(
        "auto", help="where the language model computes: cpu, cuda, or auto, a GPU if there is one"
    )
    seed: int = setting(0, help="decides everything random")


class Loop:
    """Descends losses by AdamW, for the steps or minutes given, and keeps the run folder.

    Args:
        run: the run; a checkpoint in it is taken up.
        trained: name → module that learns. The gradients of each are clipped by themselves.
        steps: of the whole run, where no time limit decides.
        points: at how many points the schedule is read; None: at every step.
        learning_rates: highest rates of modules that have one of their own.
        kept: further modules of which a checkpoint must know.
        record: further values, JSON types, that checkpoints keep; restored in place.
        monitor: measures on dev goals; None for no measuring.
        best: keeps the network that does best there, the one to begin with among them; None for
            no keeping.

    Attributes:
        step: how many steps are done.
    """

    def __init__(
        self,
        run: Run,
        config: LoopConfig,
        trained: Mapping[str, nn.Module],
        *,
        stage: str,
        steps: int,
        points: int | None = None,
        learning_rates: Mapping[str, float] | None = None,
        kept: Mapping[str, nn.Module] | None = None,
        record: dict[str, Any] | None = None,
        monitor: Monitor | None = None,
        best: Best[Any] | None = None,
        fused: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self._run, self._config, self._stage, self._steps = run, config, stage, steps
        self._minutes = config.minutes if isinstance(config, BudgetConfig) else None
        self._points, self._progress = points, progress
        self._monitor, self._best = monitor, best
        self._record = {} if record is None else record
        self._modules = {**trained, **(kept or {}), **({"best": best.network} if best else {})}
        groups = []
        for name, module in trained.items():
            highest = (learning_rates or {}).get(name, config.learning_rate)
            learning = [p for p in module.parameters() if p.requires_grad]
            groups.append({"params": learning, "lr": highest, "highest": highest})
        self._optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay, fused=fused)
        state = load_state(run, self._modules, self._optimizer)
        self.step: int = state["step"]
        self._record.update({name: state[name] for name in self._record.keys() & state.keys()})
        self._budget = Budget(self._minutes, state.get("seconds", 0.0))
        self._recorder = Recorder(run, self._budget, first_step=self.step)
        if best is not None:
            best.restore(state)
            if self.step == 0 and (measured := self._measure(due=True)):
                self._recorder.log({"step": 0, **measured})

    def descend(
        self,
        losses: Callable[[int], Losses],
        *,
        begin: int = 0,
        end: int | None = None,
        measures: bool = True,
    ) -> None:
        """Go on to the end of the budget, or of a phase.

        Args:
            losses: called with the number of a step; a step without a loss ends the phase.
            begin, end: the steps of the phase, over which the learning rate rises and falls; None:
                to the end of the run. What was done of it before a kill is not done again.
            measures: whether the dev goals are tried meanwhile.
        """
        end = self._steps if end is None else end
        self.step = max(self.step, begin)
        share = self._budget.share(self.step - begin, end - begin)
        with threads(self._config.threads):
            while share < 1.0:
                rate = self._set_learning_rate(begin, end, share)
                watched = [self._descend_once(*loss) for loss in losses(self.step)]
                if not watched:
                    return
                self.step += 1
                share = self._budget.share(self.step - begin, end - begin)
                self._keep(watched, rate, ends=share >= 1.0, measures=measures)
                if self._progress and self._minutes is None:
                    self._progress(self._stage, self.step - begin, end - begin)
                elif self._progress:
                    self._progress(self._stage, int(_PROGRESS_POINTS * share), _PROGRESS_POINTS)

    def _keep(
        self, watched: Sequence[Mapping[str, Any]], rate: float, *, ends: bool, measures: bool
    ) -> None:
        """Measure, log and save after a step, where it is time for that."""
        due = self._monitor is not None and self.step % self._monitor.every == 0
        measured = self._measure(due=due or ends) if measures else {}
        if self.step % self._config.log_every == 0 or measured or ends:
            means = {
                name: sum(float(numbers[name]) for numbers in watched) / len(watched)
                for name in watched[0]
            }
            self._recorder.log({"step": self.step, **means, "learning_rate": rate, **measured})
        if self.step % self._config.checkpoint_every == 0 or ends:
            best = {} if self._best is None else self._best.record()
            extra = {**self._record, **best, "seconds": self._budget.seconds}
            save_state(self._run, self.step, self._modules, self._optimizer, extra)

    def finish(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Write the run's summary, with the seconds that it took, and return it."""
        self._recorder.close()
        self._run.finish({"seconds": self._budget.seconds, **result})
        shutil.rmtree(self._run.checkpoint, ignore_errors=True)
        return self._run.result()

    def _set_learning_rate(self, begin: int, end: int, share: float) -> float:
        points = self._points or end - begin
        if self._minutes is None:  # In whole numbers: a share of steps is not exact.
            point = (self.step - begin) * points // (end - begin)
        else:
            point = int(share * points)
        for group in self._optimizer.param_groups:
            share = self._config.warmup_share
            highest = group["highest"]
            group["lr"] = learning_rate_at(point, steps=points, highest=highest, warmup_share=share)
        return float(self._optimizer.param_groups[0]["lr"])

    def _descend_once(self, loss: Tensor, numbers: Mapping[str, Tensor | float]) -> dict[str, Any]:
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._config.gradient_norm is not None:
            for group in self._optimizer.param_groups:
                torch.nn.utils.clip_grad_norm_(group["params"], self._config.gradient_norm)
        self._optimizer.step()
        return {n: v.detach() if isinstance(v, Tensor) else v for n, v in numbers.items()}

    def _measure(self, *, due: bool) -> dict[str, float]:
        """Measure if it is time, and keep the network if it is the best."""
        measured = self._monitor.measure() if due and self._monitor is not None else {}
        if measured and isinstance(self._progress, Telling):
            rate = measured["dev_success_rate"]
            self._progress.tell(f"{rate:.1f} % of dev goals fulfilled at step {self.step}")
        if self._best is not None and (measured or not (self._monitor and self._monitor.measures)):
            self._best.consider(self.step, measured)
        return measured


def staged(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    """Return the progress of one stage, called with what is done and what there is in all."""
    return None if progress is None else lambda done, total: progress(stage, done, total)
