"""The report of a run: one self-contained HTML file, and its plots beside it.

All text that comes from a catalogue or a request is untrusted. It reaches the page only through
the template's output expressions, which make control characters visible and escape HTML; the
page's content policy forbids scripts, other hosts and every style but its own.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import itertools
import math
import numbers
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from operator import itemgetter
from pathlib import Path

from shopwright.errors import InputError, UnavailableError
from shopwright.evaluation.figures import Figure
from shopwright.evaluation.visible import plain, visible

PROTOCOLS = {
    "pages": "The agent sees only what the pages show and acts only with the actions they offer.",
    "catalogue": (
        "The agent is the shop's own recommender: it reads the stored texts of the search "
        "results and answers with a product and its options at once."
    ),
}

# Colour and dash of the lines of a plot; Okabe and Ito's colours stay apart for the colour-blind.
_LINE_STYLES = (("#0072b2", "-"), ("#d55e00", "--"), ("#009e73", "-."), ("#a8447f", ":"))
# Up to this many points a line shows each of them.
_MARKED_POINTS = 25
_PIXELS_PER_INCH = 200


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    """What one agent reached under one protocol.

    Attributes:
        agent: its name.
        protocol: ``"pages"`` or ``"catalogue"``; the two never share a table.
        goals: the name of the goals, e.g. ``"test"``.
        episodes: how many were played, at least 1.
        score: mean reward × 100, 0 to 100.
        score_interval: its 95 % interval.
        success_rate: share of episodes with full reward, in percent.
        success_interval: its 95 % interval.
        steps_mean: mean number of steps of an episode.
        seconds: wall-budget time of the evaluation.
    """

    agent: str
    protocol: str
    goals: str
    episodes: int
    score: float
    score_interval: tuple[float, float]
    success_rate: float
    success_interval: tuple[float, float]
    steps_mean: float
    seconds: float

    def __post_init__(self) -> None:
        where = f"result of {self.agent!r} on {self.goals!r}"
        _check_protocol(self.protocol, where)
        if self.episodes < 1:
            raise InputError(f"{where}: expected at least 1 episode, got {self.episodes}")
        for name in ("score", "success"):
            low, high = getattr(self, f"{name}_interval")
            _check_range(low, f"{where}, low end of {name}_interval", 0, 100)
            _check_range(high, f"{where}, high end of {name}_interval", low, 100)
        _check_range(self.score, f"{where}, score", 0, 100)
        _check_range(self.success_rate, f"{where}, success_rate", 0, 100)
        _check_range(self.steps_mean, f"{where}, steps_mean", 0)
        _check_range(self.seconds, f"{where}, seconds", 0)


@dataclass(frozen=True, kw_only=True)
class EpisodeStep:
    """One step of an episode.

    Attributes:
        observation: what the agent saw.
        actions: the actions it could take, with their probabilities, most likely first; may be
            truncated or, for an agent without probabilities, empty.
        action: the one it took.
        reward: what that brought, 0 to 1.
    """

    observation: str
    actions: tuple[tuple[str, float], ...]
    action: str
    reward: float

    def __post_init__(self) -> None:
        _check_range(self.reward, f"reward of step {self.action!r}", 0, 1)
        for action, probability in self.actions:
            _check_range(probability, f"probability of action {action!r}", 0, 1)

    @property
    def probability(self) -> float | None:
        """The probability of the action taken; None where ``actions`` does not hold it."""
        return dict(self.actions).get(self.action)


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One episode to read.

    Attributes:
        request: what the shopper asked for.
        agent: the agent's name.
        protocol: ``"pages"`` or ``"catalogue"``.
        steps: what happened, in order.
        score: its reward × 100, 0 to 100.
        parts: the parts of its reward by name; numbers, texts or lists of them.
    """

    request: str
    agent: str
    protocol: str
    steps: tuple[EpisodeStep, ...]
    score: float
    parts: Mapping[str, object]

    def __post_init__(self) -> None:
        where = f"episode of {self.agent!r}"
        _check_protocol(self.protocol, where)
        _check_range(self.score, f"{where}, score", 0, 100)


@dataclass(frozen=True, kw_only=True)
class RecommendedItem:
    """One recommended product.

    Attributes:
        asin: its identifier.
        title: its name.
        options: option group → the value recommended.
        price: in dollars, or as a text to be shown as it stands.
        score: the agent's own, higher is better; without a unit.
    """

    asin: str
    title: str
    options: Mapping[str, str]
    price: float | str
    score: float

    def __post_init__(self) -> None:
        if not isinstance(self.price, str):
            _check_range(self.price, f"price of {self.asin!r}", 0)
        _check_range(self.score, f"score of {self.asin!r}", -math.inf)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A further table.

    Attributes:
        title: its heading.
        explanation: a sentence or two above it.
        columns: their names.
        rows: the cells, as texts.
        texts: how many columns, from the first, hold texts; the others hold numbers.
    """

    title: str
    explanation: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int = 1

    def __post_init__(self) -> None:
        for position, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise InputError(
                    f"table {self.title!r}, row {position}: expected {len(self.columns)} cells, "
                    f"got {len(row)}"
                )


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that a report shows; a section whose sequence is empty is left out.

    Attributes:
        title: the heading.
        summary: names and values to show first: seed, versions, costs.
        results: one row per agent, protocol and goals, in the order to show.
        metrics: training stage (``"imitation"``) → its logged records, each with a ``"step"`` and
            further numbers; values that are no numbers are passed over.
        episodes: episodes to read.
        recommendations: requests and what was recommended for them, best first.
        notes: remarks to show last.
        tables: further tables, shown after the results.
        figures: further plots, shown after these.
    """

    title: str
    summary: Sequence[tuple[str, str]]
    results: Sequence[ResultRow]
    metrics: Mapping[str, Sequence[Mapping[str, float]]]
    episodes: Sequence[Episode]
    recommendations: Sequence[tuple[str, Sequence[RecommendedItem]]]
    notes: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()


@dataclass(frozen=True)
class _Plot:
    """One plot: its file name without ending, its title, and stage → points (step, value)."""

    name: str
    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]

    @property
    def description(self) -> str:
        """The plot in words, for who cannot see it."""
        ends = (
            f"{stage} from {line[0][1]:.4g} at step {line[0][0]:.10g} "
            f"to {line[-1][1]:.4g} at step {line[-1][0]:.10g}"
            for stage, line in self.lines.items()
        )
        return f"{self.title}: {'; '.join(ends)}"


def write_report(report: Report, folder: Path) -> Path:
    """Write ``report.html`` and, in ``plots/``, each learning curve and figure as PNG and CSV.

    The page embeds its plots and needs no other file. Each file replaces an older one in one
    step, the page last, so that a failure leaves the older page whole. The same report gives the
    same bytes (with the same version of matplotlib).

    Args:
        report: what to show.
        folder: where to; made if missing.

    Returns:
        The path of the page.

    Raises:
        InputError: a record of the metrics without a step.
        UnavailableError: jinja2 or matplotlib is not installed.
    """
    plots = _plots(report.metrics)
    images = {plot.name: _draw(plot) for plot in plots}
    figures = {figure.name: figure.draw() for figure in report.figures}
    if len(figures) < len(report.figures):
        raise InputError("figures: expected different titles, got one twice")
    page = _render(report, plots, images, figures)
    for figure in report.figures:
        _replace(folder / "plots" / f"{figure.name}.png", figures[figure.name])
        _replace(folder / "plots" / f"{figure.name}.csv", figure.table())
    for plot in plots:
        _replace(folder / "plots" / f"{plot.name}.png", images[plot.name])
        _replace(folder / "plots" / f"{plot.name}.csv", _table(plot))
    path = folder / "report.html"
    _replace(path, page)
    return path


def _check_protocol(protocol: str, where: str) -> None:
    if protocol not in PROTOCOLS:
        raise InputError(f"{where}: expected protocol {' or '.join(PROTOCOLS)}, got {protocol!r}")


def _check_range(value: float, where: str, low: float, high: float = math.inf) -> None:
    # A mean of rewards may miss its bound by a rounding error.
    slack = 1e-6
    if not (low - slack <= value <= high + slack and math.isfinite(value)):
        raise InputError(f"{where}: expected a finite number, {low:g} to {high:g}, got {value!r}")


def _plots(metrics: Mapping[str, Sequence[Mapping[str, float]]]) -> list[_Plot]:
    """One plot per metric, in the order in which they were first logged.

    Stages share a plot, but for losses: each training method has its own, on its own scale.
    """
    lines: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
    for stage, records in metrics.items():
        for position, record in enumerate(records):
            step = _number(record.get("step"))
            if step is None or not math.isfinite(step):
                raise InputError(
                    f"metrics of {stage!r}, record {position}: expected a finite number as "
                    f"'step', got {record.get('step')!r}"
                )
            for metric, value in record.items():
                number = _number(value)
                if metric != "step" and number is not None:
                    key = metric, stage if "loss" in metric.lower() else ""
                    lines.setdefault(key, {}).setdefault(stage, []).append((step, number))
    plots: dict[str, _Plot] = {}
    for (metric, _), by_stage in lines.items():
        # A line alone has no legend to name its stage.
        title = metric if len(by_stage) > 1 else f"{metric} ({next(iter(by_stage))})"
        letters = re.sub(r"[^a-z0-9]+", "-", title.lower())[:80].strip("-")
        stem = f"curve-{letters or 'plot'}"
        names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
        name = next(name for name in names if name not in plots)
        # A resumed run may log its last steps again.
        ordered = {stage: sorted(line, key=itemgetter(0)) for stage, line in by_stage.items()}
        plots[name] = _Plot(name, title, ordered)
    return list(plots.values())


def _number(value: object) -> float | None:
    """A number as a float, anything else as None."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    return float(value)


def _draw(plot: _Plot) -> bytes:
    """The plot as a PNG, dark on white; the page inverts it where the reader prefers dark."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise _unavailable("matplotlib") from error
    figure = Figure(figsize=(3.6, 2.1), dpi=_PIXELS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    handles = []
    for number, line in enumerate(plot.lines.values()):
        colour, dash = _LINE_STYLES[number % len(_LINE_STYLES)]
        handles += axes.plot(
            *zip(*line, strict=True),
            color=colour,
            linestyle=dash,
            linewidth=1.3,
            marker="o" if len(line) <= _MARKED_POINTS else "",
            markersize=2.5,
        )
    axes.set_title(plain(plot.title), loc="left", fontsize=9, parse_math=False)
    # A line breaks off at a value that is not finite; a reader should not have to guess why.
    lost = sum(not math.isfinite(value) for line in plot.lines.values() for _, value in line)
    label = f"step ({lost} values not finite)" if lost else "step"
    axes.set_xlabel(label, fontsize=7.5, color="#555555")
    axes.tick_params(labelsize=7.5, length=2.5, color="#999999", labelcolor="#333333")
    axes.ticklabel_format(style="plain", axis="x", useOffset=False)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#999999")
    if len(handles) > 1:
        legend = axes.legend(handles, map(plain, plot.lines), frameon=False, fontsize=7.5)
        for text in legend.get_texts():
            text.set_parse_math(False)
    file = io.BytesIO()
    # Without this the file would name the version of matplotlib.
    figure.savefig(file, format="png", dpi=_PIXELS_PER_INCH, metadata={"Software": None})
    return file.getvalue()


def _table(plot: _Plot) -> bytes:
    """The points of a plot as CSV: stage, step, value."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["stage", "step", "value"])
    for stage, line in plot.lines.items():
        for step, value in line:
            writer.writerow([visible(stage), int(step) if step.is_integer() else step, value])
    return file.getvalue().encode()


def _render(
    report: Report,
    plots: Sequence[_Plot],
    images: Mapping[str, bytes],
    figures: Mapping[str, bytes],
) -> bytes:
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise _unavailable("jinja2") from error
    environment = jinja2.Environment(
        autoescape=True,
        # Every output expression passes here, so that no untrusted text can be forgotten.
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"hash": _content_hash, "readable": _readable, "dollars": _dollars}
    source = resources.files("shopwright.evaluation").joinpath("report.html")
    return (
        environment.from_string(source.read_text("utf-8"))
        .render(
            report=report,
            tables=list(_tables(report.results)),
            plots=[(plot, base64.b64encode(images[plot.name]).decode()) for plot in plots],
            figures=[
                (figure, base64.b64encode(figures[figure.name]).decode())
                for figure in report.figures
            ],
        )
        .encode()
    )


def _tables(
    results: Sequence[ResultRow],
) -> Iterator[tuple[str, str, Mapping[str, Sequence[ResultRow]]]]:
    """For each protocol that has results: its name, its explanation, and goals → rows."""
    for protocol, explanation in PROTOCOLS.items():
        by_goals: dict[str, list[ResultRow]] = {}
        for row in results:
            if row.protocol == protocol:
                by_goals.setdefault(row.goals, []).append(row)
        if by_goals:
            yield protocol, explanation, by_goals


def _content_hash(text: str) -> str:
    """A style sheet's content as a content policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _readable(value: object) -> str:
    """A part of a reward, or a score, as a short text."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return f"{float(value):.3g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_readable(part)}" for name, part in value.items())
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(map(_readable, value)))
    if isinstance(value, list | tuple):
        return ", ".join(map(_readable, value))
    return str(value)


def _dollars(price: float | str) -> str:
    return price if isinstance(price, str) else f"${price:,.2f}"


def _unavailable(package: str) -> UnavailableError:
    return UnavailableError(
        f"a report needs the package {package}, which is missing: pip install shopwright[report]"
    )


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever reads it sees the old content or the new, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.temporary")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
