"""The report of one training run: what came of it, how it went, what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shopwright.evaluation.failures import Failures, failures_by_kind
from shopwright.evaluation.report import Report, Table, write_report
from shopwright.evaluation.tables import costs_table
from shopwright.files import read_json
from shopwright.rollouts.records import stream_trajectories
from shopwright.runs import FAILURES, Run

# Stages of the default recipe with run folders of their own.
_STAGES = ("imitation", "dpo")


def write_run_report(folder: Path) -> Path:
    """Write ``report.html`` and plots of a finished run into its folder and return the page.

    Raises:
        MissingFileError: it holds no finished run.
        UnavailableError: jinja2 or matplotlib is not installed.
    """
    asked = read_json(folder / "run.json")
    result = read_json(folder / "result.json")
    operation = asked["operation"]
    runs = {operation: folder}
    if operation == "recipe":
        runs = {name: folder / name for name in _STAGES if (folder / name / "run.json").is_file()}
    metrics = {name: Run(run, finished=True).metrics() for name, run in runs.items()}
    costs = {name: result if run == folder else result[name] for name, run in runs.items()}
    settings = Table(
        title="Settings",
        explanation="Everything that decided the result, beside the inputs' checksums.",
        columns=["setting", "value"],
        rows=[[name, _text(value)] for name, value in asked["config"].items()],
        texts=2,
    )
    return write_report(
        Report(
            title=f"Training: {_NAMES.get(operation, operation)}",
            verdict=_verdict(result, metrics),
            grounds=_grounds(result),
            summary=_summary(result, asked["versions"]),
            metrics=metrics,
            failures=_failures(folder),
            tables=[costs_table(costs), settings],
            tables_title="What it took",
            notes=[f"{name}: {checksum}" for name, checksum in asked.get("inputs", {}).items()],
        ),
        folder,
    )


_NAMES = {"recipe": "the default recipe", "dpo": "direct preference optimisation"}


def _verdict(result: Mapping[str, Any], metrics: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """What came of the training, in a sentence."""
    if "verdict" in result:
        return f"The agent is {result['verdict'].partition(':')[0]}."
    name = "dev_success_rate"
    rates = [record[name] for records in metrics.values() for record in records if name in record]
    if not rates:
        return ""
    first, best = rates[0], max(rates)
    if len(rates) == 1:
        return f"The agent succeeds in {first:.1f} % of the development goals."
    return (
        f"Success on development goals went from {first:.1f} % to {best:.1f} % at best, "
        f"{rates[-1]:.1f} % in the end."
    )


def _grounds(result: Mapping[str, Any]) -> list[str]:
    """Which agent was kept, why, and what the verdict rests on."""
    grounds = []
    if "against_baseline" in result:
        numbers = result["verdict"].partition(": ")[2]
        grounds.append(f"Success beside {result['baseline']}: {numbers}.")
    chosen = result.get("chosen")
    if chosen and "dpo_against_imitation" in result:
        told = ", ".join(
            f"{protocol} {one['success_rate']:.0f} % against {one['other_success_rate']:.0f} %"
            for protocol, one in result["dpo_against_imitation"].items()
        )
        why = "did significantly better" if chosen == "dpo" else "did not do significantly better"
        grounds.append(f"Kept is {chosen}: preferences (DPO) {why} than imitation: {told}.")
    grounds += [f"{measure}." for measure in result.get("measures", ())]
    return grounds


def _summary(result: Mapping[str, Any], versions: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Values that are no parts of others."""
    plain = {
        name.replace("_", " "): _text(value)
        for name, value in result.items()
        if not isinstance(value, Mapping | list) and name not in ("verdict", "operation")
    }
    return [*plain.items(), *((name, str(version)) for name, version in versions.items())]


def _failures(folder: Path) -> list[Failures]:
    path = folder / FAILURES
    return failures_by_kind(stream_trajectories(path)) if path.is_file() else []


def _text(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
