"""Plots: lines over a horizontal axis, with bands, as PNG and as CSV."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, TypeVar

from shopwright import display

# Okabe and Ito's colours and four dashes: eight lines stay apart, for the colour-blind too.
_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#a8447f", "#e69f00", "#56b4e9", "#000000", "#8a8a00",
)  # fmt: skip
_DASHES = ("-", "--", "-.", ":")
_PIXELS_PER_INCH = 200
_MAXIMUM_POINTS = 400
# Up to this many points a line shows each of them.
_MARKED_POINTS = 25
_NAME_LETTERS = 40
# What writing needs: line feed, tab, soft hyphen, the joiners of Persian and of emoji.
_KEPT = "\n\t\u00ad\u200c\u200d"

# Metric → what a reader calls it; others as they were logged.
_PLAIN_NAMES = {
    "dev_success_rate": "success on development goals, %",
    "dev_score": "score on development goals",
    "action_loss": "loss of actions",
    "action_accuracy": "actions like the expert's",
    "preference_loss": "loss of preferences",
    "learning_rate": "learning rate",
}

Point = TypeVar("Point")


def visible(text: str) -> str:
    """Return an untrusted text with its control characters as signs, other invisible ones as
    ⟨U+202E⟩."""
    return display.visible(text.replace("\r\n", "\n"), kept=_KEPT)


def _plain(name: str) -> str:
    """A name in letters that the plots' font has, short enough for a small plot."""
    letters = visible(name).encode("ascii", "backslashreplace").decode()
    return letters if len(letters) <= _NAME_LETTERS else letters[: _NAME_LETTERS - 3] + "..."


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A plot.

    Attributes:
        title: what it shows.
        horizontal, vertical: what the axes are; the title may say it in place of the latter.
        lines: name → points (x, y), in order.
        bands: name of a line → points (x, low, high).
    """

    title: str
    horizontal: str
    vertical: str = ""
    lines: Mapping[str, Sequence[tuple[float, float]]]
    bands: Mapping[str, Sequence[tuple[float, float, float]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A file name without ending, made of the title; two plots may have the same."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower())[:80].strip("-") or "plot"

    @property
    def description(self) -> str:
        """The plot in words, for readers who cannot see it."""
        ends = (
            f"{name} from {line[0][1]:.4g} at {self.horizontal} {line[0][0]:.10g} "
            f"to {line[-1][1]:.4g} at {self.horizontal} {line[-1][0]:.10g}"
            for name, line in self.lines.items()
            if line
        )
        return f"{self.title}: {'; '.join(ends)}"

    def table(self) -> bytes:
        """Return its points as CSV: line, x, y and, where there are bands, low and high."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        columns = ["line", self.horizontal, self.vertical or "value"]
        writer.writerow([*columns, *(("low", "high") if self.bands else ())])
        for name, line in self.lines.items():
            bands = {x: (low, high) for x, low, high in self.bands.get(name, ())}
            for x, y in line:
                step = int(x) if float(x).is_integer() else x
                writer.writerow([visible(name), step, y, *bands.get(x, ())])
        return file.getvalue().encode()

    def draw(self) -> bytes:
        """Return it as a PNG, dark on white; a page inverts it where its reader prefers dark."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(3.6, 2.4), dpi=_PIXELS_PER_INCH, layout="constrained")
        axes = figure.add_subplot()
        handles = []
        for number, (name, line) in enumerate(self.lines.items()):
            colour = _COLOURS[number % len(_COLOURS)]
            handles += axes.plot(
                *zip(*_thinned(line), strict=True),
                color=colour,
                linestyle=_DASHES[(number // len(_COLOURS) + number) % len(_DASHES)],
                linewidth=1.3,
                marker="o" if len(line) <= _MARKED_POINTS else "",
                markersize=2.5,
            )
            if self.bands.get(name):
                xs, low, high = zip(*_thinned(self.bands[name]), strict=True)
                axes.fill_between(xs, low, high, color=colour, alpha=0.12, linewidth=0)
        axes.set_title(_plain(self.title), loc="left", fontsize=8.5, parse_math=False)
        # A line breaks off at a value that is not finite; a reader should not have to guess why.
        lost = sum(not math.isfinite(y) for line in self.lines.values() for _, y in line)
        label = f"{self.horizontal} ({lost} values not finite)" if lost else self.horizontal
        axes.set_xlabel(_plain(label), fontsize=7.5, color="#555555")
        axes.set_ylabel(_plain(self.vertical), fontsize=7.5, color="#555555")
        axes.tick_params(labelsize=7.5, length=2.5, color="#999999", labelcolor="#333333")
        axes.ticklabel_format(style="plain", axis="x", useOffset=False)
        axes.grid(axis="y", color="#e4e4e4", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color("#999999")
        if len(handles) > 1:
            legend = axes.legend(handles, map(_plain, self.lines), frameon=False, fontsize=6)
            for text in legend.get_texts():
                text.set_parse_math(False)
        file = io.BytesIO()
        # Without this the file would name the version of matplotlib.
        figure.savefig(file, format="png", dpi=_PIXELS_PER_INCH, metadata={"Software": None})
        return file.getvalue()


def learning_curves(metrics: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Plot]:
    """Return one plot for each metric, in the order in which they were first logged.

    Stages share a plot, but for losses: each training method has its own, on its own scale.

    Args:
        metrics: training stage (``"imitation"``) → its logged records, each with a ``"step"`` and
            further numbers; values that are no numbers are passed over.
    """
    lines: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
    for stage, records in metrics.items():
        for record in records:
            for metric, value in record.items():
                if metric != "step" and type(value) in (int, float):
                    key = metric, stage if "loss" in metric.lower() else ""
                    point = float(record["step"]), float(value)
                    lines.setdefault(key, {}).setdefault(stage, []).append(point)
    return [
        Plot(
            title=_curve_title(metric, by_stage),
            horizontal="step",
            # A resumed run may log its last steps again.
            lines={stage: sorted(line, key=itemgetter(0)) for stage, line in by_stage.items()},
        )
        for (metric, _), by_stage in lines.items()
    ]


def _curve_title(metric: str, by_stage: Mapping[str, object]) -> str:
    name = _PLAIN_NAMES.get(metric, metric)
    # A line alone has no legend to name its stage.
    return name if len(by_stage) > 1 else f"{name} ({next(iter(by_stage))})"


def _thinned(line: Sequence[Point]) -> list[Point]:
    """Of a long line every so many points, the last included."""
    every = max(1, len(line) // _MAXIMUM_POINTS)
    return [*line[:-1:every], *line[-1:]]
