"""What the commands print: results to stdout, progress and remarks to stderr.

On a terminal a stage shows a progress bar; elsewhere it leaves one line when it ends. Texts of
catalogues and requests are untrusted: whatever could steer a terminal is shown as a sign instead.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console as RichConsole
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from shopwright.display import visible

# Where no terminal gives a width, long enough for every table, and the same everywhere.
PLAIN_WIDTH = 120


def harmless(text: str) -> str:
    """Return a text on one line and without characters that could steer a terminal.

    White space becomes one space; control characters become signs (ESC is ␛), other invisible ones
    their number (⟨U+202E⟩).
    """
    return visible(" ".join(text.split()))


def print_line(text: str) -> None:
    """Print a line of a result to stdout."""
    print(harmless(text))


def print_json(value: object) -> None:
    """Print a result to stdout as one JSON object, in ASCII: no terminal can be steered by it and
    no encoding can fail."""
    print(json.dumps(value, indent=2, allow_nan=False))


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int = 1
) -> None:
    """Print a table to stdout.

    Args:
        texts: how many columns, from the first, hold texts; the others hold numbers, which stand
            to the right and never wrap.
    """
    heading = Text(harmless(title), style="bold")
    table = Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD)
    for number, column in enumerate(columns):
        is_text = number < texts
        table.add_column(Text(column), justify="left" if is_text else "right", no_wrap=not is_text)
    for row in rows:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    RichConsole(width=width, highlight=False).print(table)


def note(text: str) -> None:
    """Print a remark to stderr, one line."""
    print(f"shopwright: {harmless(text)}", file=sys.stderr, flush=True)


# Elsewhere than on a terminal a line says so where nothing was heard of the work for so long.
SILENT_SECONDS = 5.0
# From this share of the work on, what is left is told.
_TOLD_FROM = 0.02


class Stages:
    """The progress of a command whose work falls into stages, shown on stderr.

    Calling it with (stage, done, total) shows how far a stage is; it ends when all is done, when
    another begins, or with the ``with`` block. A total of 0 means that it is not known.

    A terminal shows a bar for each stage or, of work that was planned, one over all stages, with
    the time that is left.

    Args:
        plan: the stages in their order, each with what it takes beside the others, in any unit; a
            stage that it does not name takes nothing. None where nobody knows.

    Example:
        >>> with Stages() as stages:
        ...     train_default(shop, out, config, progress=stages)
    """

    def __init__(self, plan: Sequence[tuple[str, float]] | None = None) -> None:
        self._plan = plan
        # The place of the stage in the plan (-1: none), and how many were begun.
        self._place, self._begun = -1, 0
        self._stage: str | None = None
        self._done = self._total = 0
        self._began = self._started = self._heard = time.monotonic()
        self._in_block = False
        self._task: TaskID | None = None
        self._told = ""
        self._ended = threading.Event()
        columns = (
            (TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[left]}"))
            if plan
            else (MofNCompleteColumn(), TextColumn("left:"), TimeRemainingColumn())
        )
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            *columns[:1],
            TimeElapsedColumn(),
            *columns[1:],
            console=RichConsole(stderr=True),
            disable=not sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        if self._bars.disable:
            threading.Thread(target=self._speak_up, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._end(failed=kind is not None)
        if not self._bars.disable:
            self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` parts of a stage are done."""
        if stage != self._stage:
            self._end()
            self._begin(stage)
        self._done, self._total = done, total
        self._draw()
        if 0 < total <= done and not self._in_block:
            self._end()

    def tell(self, text: str) -> None:
        """Show what was found out on the way, such as success on goals."""
        self._told = text
        self._draw()
        if self._bars.disable:
            self._say(text)

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """Show a stage from here to the end of the block, however little it tells; what it gives
        is called with (done, total)."""
        self._end()
        self._begin(name)
        self._in_block = True
        try:
            yield partial(self, name)
        finally:
            self._in_block = False
        self._end()

    def _begin(self, stage: str) -> None:
        self._stage, self._started = stage, time.monotonic()
        self._done = self._total = 0
        names = [name for name, _ in self._plan or ()]
        if stage in names[self._begun :]:
            self._place = names.index(stage, self._begun)
            self._begun = self._place + 1
        else:
            self._place = -1
        self._bars.start()
        if self._task is None or not self._plan:
            self._task = self._bars.add_task(harmless(stage), total=None, left="")
        self._draw()

    def _draw(self) -> None:
        if self._bars.disable or self._task is None or self._stage is None:
            return
        if not self._plan:
            self._bars.update(self._task, completed=self._done, total=self._total or None)
            return
        counts = f" {self._done:,} of {self._total:,}" if self._total else ""
        told = f" ({self._told})" if self._told else ""
        self._bars.update(
            self._task,
            description=harmless(f"{self._stage}{counts}{told}"),
            completed=self.share(),
            total=1.0,
            left=self._left(),
        )

    def share(self) -> float:
        """Return how much of the planned work is done, 0 to 1."""
        weights = [weight for _, weight in self._plan or ()]
        if not weights:
            return 0.0
        done = sum(weights[: self._begun])
        if self._place >= 0 and self._total:
            done -= weights[self._place] * (1.0 - min(1.0, self._done / self._total))
        elif self._place >= 0:
            done -= weights[self._place]
        return done / sum(weights)

    def _left(self) -> str:
        """How long it goes on, as it went so far; nothing while that is not known."""
        share = self.share()
        if share < _TOLD_FROM:
            return ""
        seconds = (time.monotonic() - self._began) * (1.0 - share) / share
        return (
            f"about {seconds / 60:.0f} min left" if seconds > 90 else f"about {seconds:.0f} s left"
        )

    def _speak_up(self) -> None:
        """Say how far the work is where nothing was heard for long."""
        while not self._ended.wait(SILENT_SECONDS / 10):
            if time.monotonic() - self._heard < SILENT_SECONDS:
                continue
            seconds = time.monotonic() - (self._started if self._stage else self._began)
            counts = f"{self._done:,} of {self._total:,}, " if self._stage and self._total else ""
            left = self._left() if self._stage else ""
            self._say(
                f"{self._stage or 'at work'}: {counts}{seconds:.0f} s{', ' if left else ''}{left}"
            )

    def _say(self, text: str) -> None:
        self._heard = time.monotonic()
        note(text)

    def _end(self, *, failed: bool = False) -> None:
        if self._stage is None:
            return
        stage, self._stage = self._stage, None
        if self._task is not None and not self._plan:
            if not failed and self._total == 0:
                # Without a total the bar would go on pulsing.
                done = max(self._done, 1)
                self._bars.update(self._task, completed=done, total=done)
            self._bars.stop_task(self._task)
        if self._bars.disable and not failed:
            parts = f"{self._done:,} of {self._total:,}" if self._total else "done"
            self._say(f"{stage}: {parts}, {time.monotonic() - self._started:.1f} s")
