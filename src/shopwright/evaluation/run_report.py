"""The report of one training run: what was asked for, how it went, what it cost."""

from __future__ import annotations

from pathlib import Path

from shopwright.evaluation.report import Report, Table, write_report
from shopwright.evaluation.tables import costs_table
from shopwright.files import read_json
from shopwright.runs import Run


def write_run_report(folder: Path) -> Path:
    """Write ``report.html`` and plots of a finished run into its folder and return the page.

    Raises:
        MissingFileError: it holds no finished run.
        UnavailableError: jinja2 or matplotlib is not installed.
    """
    asked = read_json(folder / "run.json")
    result = read_json(folder / "result.json")
    operation = asked["operation"]
    versions = [(name, str(version)) for name, version in asked["versions"].items()]
    report = Report(
        title=f"Run: {operation}",
        summary=[*((name, _text(value)) for name, value in result.items()), *versions],
        metrics={operation: Run(folder, finished=True).metrics()},
        tables=[
            costs_table({operation: result}),
            Table(
                title="Settings",
                explanation="Everything that decided the result, beside the inputs' checksums.",
                columns=["setting", "value"],
                rows=[[name, _text(value)] for name, value in asked["config"].items()],
                texts=2,
            ),
        ],
        notes=[f"{name}: {checksum}" for name, checksum in asked.get("inputs", {}).items()],
    )
    return write_report(report, folder)


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
