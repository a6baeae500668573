"""Plots of experiments: lines over a horizontal axis, with bands, as PNG and as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from shopwright.errors import UnavailableError
from shopwright.evaluation.visible import plain, visible

# Okabe and Ito's colours and four dashes: eight lines stay apart, for the colour-blind too.
_COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#a8447f", "#e69f00", "#56b4e9", "#000000", "#8a8a00",
)  # fmt: skip
_DASHES = ("-", "--", "-.", ":")
_PIXELS_PER_INCH = 200
_POINTS_AT_MOST = 400

Point = TypeVar("Point")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A plot.

    Attributes:
        title: what it shows.
        horizontal, vertical: what the axes are.
        lines: name → points (x, y), in order.
        bands: name of a line → points (x, low, high).
    """

    title: str
    horizontal: str
    vertical: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    bands: Mapping[str, Sequence[tuple[float, float, float]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its file name without ending."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower())[:80].strip("-") or "figure"

    @property
    def description(self) -> str:
        """The plot in words, for who cannot see it."""
        ends = [f"{name} ends at {line[-1][1]:.4g}" for name, line in self.lines.items() if line]
        return f"{self.title}: {'; '.join(ends)}"

    def table(self) -> bytes:
        """Return its points as CSV: line, x, y, low, high."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["line", self.horizontal, self.vertical, "low", "high"])
        for name, line in self.lines.items():
            bands = {x: (low, high) for x, low, high in self.bands.get(name, ())}
            for x, y in line:
                writer.writerow([visible(name), f"{x:g}", y, *bands.get(x, ("", ""))])
        return file.getvalue().encode()

    def draw(self) -> bytes:
        """Return it as a PNG, dark on white.

        Raises:
            UnavailableError: matplotlib is not installed.
        """
        try:
            from matplotlib.figure import Figure as Canvas
        except ImportError:
            raise UnavailableError(
                "a plot needs the package matplotlib, which is missing: "
                "pip install shopwright[report]"
            ) from None
        canvas = Canvas(figsize=(3.6, 2.4), dpi=_PIXELS_PER_INCH, layout="constrained")
        axes = canvas.add_subplot()
        handles = []
        for number, (name, line) in enumerate(self.lines.items()):
            colour = _COLOURS[number % len(_COLOURS)]
            dash = _DASHES[(number // len(_COLOURS) + number) % len(_DASHES)]
            points = _thinned(line)
            xs, ys = [x for x, _ in points], [y for _, y in points]
            handles += axes.plot(xs, ys, color=colour, linestyle=dash, linewidth=1.3)
            band = _thinned(self.bands.get(name, ()))
            if band:
                axes.fill_between(
                    [x for x, _, _ in band],
                    [low for _, low, _ in band],
                    [high for _, _, high in band],
                    color=colour,
                    alpha=0.12,
                    linewidth=0,
                )
        axes.set_title(plain(self.title), loc="left", fontsize=8.5, parse_math=False)
        for label, write in ((self.horizontal, axes.set_xlabel), (self.vertical, axes.set_ylabel)):
            write(plain(label), fontsize=7.5, color="#555555")
        axes.tick_params(labelsize=7.5, length=2.5, color="#999999", labelcolor="#333333")
        axes.grid(axis="y", color="#e4e4e4", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color("#999999")
        if len(handles) > 1:
            legend = axes.legend(handles, map(plain, self.lines), frameon=False, fontsize=6)
            for text in legend.get_texts():
                text.set_parse_math(False)
        file = io.BytesIO()
        # Without this the file would name the version of matplotlib.
        canvas.savefig(file, format="png", dpi=_PIXELS_PER_INCH, metadata={"Software": None})
        return file.getvalue()


def _thinned(line: Sequence[Point]) -> list[Point]:
    """Of a long line every so many points, the last included."""
    every = max(1, len(line) // _POINTS_AT_MOST)
    return [*line[:-1:every], *line[-1:]]
