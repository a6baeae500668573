"""The report of a run: one self-contained HTML file, and its plots beside it.

All text that comes from a catalogue or a request is untrusted. It reaches the page only through
the template's output expressions, which make control characters visible and escape HTML; the
page's content policy forbids scripts, other hosts and every style but its own.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from shopwright.evaluation.failures import Failures
from shopwright.evaluation.plots import Plot, learning_curves, visible
from shopwright.extras import require
from shopwright.files import replacing
from shopwright.rollouts.rollout import Outcome

PROTOCOLS = {
    "pages": "The agent sees only what the pages show and acts only with the actions they offer.",
    "catalogue": (
        "The agent is the shop's own recommender: it reads the stored texts of the search "
        "results and answers with a product and its options at once."
    ),
}


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


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that a report shows; a section whose sequence is empty is left out.

    Attributes:
        title: the heading.
        verdict: what came of it, in a sentence; shown first.
        grounds: sentences that support it.
        summary: names and values to show first: seed, versions, costs.
        results: records of evaluations (:meth:`~shopwright.evaluation.episodes.Evaluation.record`),
            in the order to show; the two protocols never share a table.
        metrics: training stage → its logged records, see
            :func:`~shopwright.evaluation.plots.learning_curves`.
        episodes: episodes to read, whose trajectories kept their observations.
        failures: episodes that failed, by what went wrong.
        recommendations: requests and what was recommended for them, best first; items have
            ``asin``, ``title``, ``options``, ``price`` (a text) and ``score``.
        notes: remarks to show last.
        tables: further tables, shown after the results, or last where there is a verdict.
        tables_title: what they are about.
        plots: further plots, shown after these.
    """

    title: str
    verdict: str = ""
    grounds: Sequence[str] = ()
    summary: Sequence[tuple[str, str]] = ()
    results: Sequence[Mapping[str, Any]] = ()
    metrics: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    episodes: Sequence[Outcome] = ()
    failures: Sequence[Failures] = ()
    recommendations: Sequence[tuple[str, Sequence[Any]]] = ()
    notes: Sequence[str] = ()
    tables: Sequence[Table] = ()
    tables_title: str = "Comparisons"
    plots: Sequence[Plot] = ()


def require_report_packages() -> None:
    """Make sure that a report can be written, before the work that it will report.

    Raises:
        UnavailableError: jinja2 or matplotlib is not installed.
    """
    for package in ("jinja2", "matplotlib"):
        require(package, "report", "a report")


def write_report(report: Report, folder: Path) -> Path:
    """Write ``report.html`` and, in ``plots/``, each learning curve and plot as PNG and CSV; return
    the path of the page.

    The page embeds its plots and needs no other file. Each file replaces an older one in one
    step, the page last, so that a failure leaves the older page whole. The same report gives the
    same bytes (with the same version of matplotlib).

    Raises:
        UnavailableError: jinja2 or matplotlib is not installed.
    """
    require_report_packages()
    names: set[str] = set()
    plots = [_Drawn(plot, _new_name(plot.name, names), plot.draw()) for plot in report.plots]
    curves = [
        _Drawn(plot, _new_name(f"curve-{plot.name}", names), plot.draw())
        for plot in learning_curves(report.metrics or {})
        if any(len(line) > 1 for line in plot.lines.values())  # One point is no curve.
    ]
    page = _render(report, plots, curves)
    for drawn in [*plots, *curves]:
        for ending, content in (("png", drawn.image), ("csv", drawn.plot.table())):
            with replacing(folder / "plots" / f"{drawn.name}.{ending}") as file:
                file.write(content)
    path = folder / "report.html"
    with replacing(path) as file:
        file.write(page)
    return path


@dataclass(frozen=True)
class _Drawn:
    """A plot, its file name without ending, and the PNG."""

    plot: Plot
    name: str
    image: bytes

    @property
    def data(self) -> str:
        return base64.b64encode(self.image).decode()


def _new_name(stem: str, taken: set[str]) -> str:
    """The stem, or the stem with the first number that no other has."""
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name


def _render(report: Report, plots: Sequence[_Drawn], curves: Sequence[_Drawn]) -> bytes:
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True,
        # Every output expression passes here, so that no untrusted text is left out.
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"exp": math.exp, "hash": _content_hash, "readable": _readable}
    source = resources.files("shopwright.evaluation").joinpath("report.html")
    template = environment.from_string(source.read_text("utf-8"))
    page: str = template.render(report=report, protocols=PROTOCOLS, plots=plots, curves=curves)
    return page.encode()


def _content_hash(text: str) -> str:
    """A style sheet's content as a content policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _readable(value: object) -> str:
    """A part of a reward, or a score, as a short text."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
