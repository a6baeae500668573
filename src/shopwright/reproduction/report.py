"""The report of the paper's comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shopwright.evaluation.plots import Plot
from shopwright.evaluation.report import Report, Table, write_report
from shopwright.evaluation.tables import costs_table, online_table
from shopwright.rollouts.rollout import Outcome


def write_reproduction(
    out: Path,
    results: Mapping[str, Any],
    *,
    metrics: Mapping[str, Sequence[Mapping[str, float]]],
    episodes: Sequence[Outcome],
    plots: Sequence[Plot],
) -> Path:
    """Write the comparison's report and return the page.

    Args:
        results: as :func:`summarise` gives it.
        metrics: method → what its first seed's training logged.
    """
    config = results["config"]
    report = Report(
        title="What does each method add over imitation?",
        summary=[
            ("products", str(results["shop"].get("kind", results["shop"]))),
            ("minutes for each method", f"{config['minutes']:g}"),
            ("seeds", str(config["seeds"])),
            ("test goals", str(results["settings"][0]["rows"][0]["goals"])),
            ("demonstrations", results["demonstrations"]),
            ("seconds in all", f"{results['seconds']:,.0f}"),
        ],
        metrics=metrics,
        episodes=episodes,
        tables=[
            *results_tables(results),
            costs_table({**results["costs"], **results["generated"]}),
            *(
                replace(table, title=f"{heading}: {table.title}")
                for heading, experiments in results["online"].items()
                for table in map(online_table, experiments)
            ),
        ],
        plots=plots,
        notes=[
            f"Demonstrations: {results['demonstrations']}.",
            "With three training seeds the interval over seeds is too narrow: for a nominal 95 % "
            "it covers about 72 % (docs/reproduce.md). The paired differences take means over "
            "seeds goal by goal: their intervals hold the chance of the goals, not of the seeds.",
            "A method's budget counts what it generated; DPO on DPO has the budget of the DPO that "
            "it begins from besides its own.",
            "Every method but the one without pretraining keeps the checkpoint that does best on "
            "dev goals, the one to begin with among them.",
        ],
    )
    return write_report(report, out)


def results_tables(results: Mapping[str, Any]) -> list[Table]:
    """Return the tables that answer the question: the answers, then each setting's."""
    tables = [_answers_table(results)]
    for setting in results["settings"]:
        tables += [_rows_table(setting), _pairs_table(setting)]
    remark = f" Demonstrations: {results['demonstrations']}."
    tables = [replace(table, explanation=table.explanation + remark) for table in tables]
    return [*tables, *map(environment_table, results["environments"])]


def _answers_table(results: Mapping[str, Any]) -> Table:
    return Table(
        title="Answers",
        explanation=(
            "Success on the same goals, 95 % bootstrap intervals; a difference is called one if "
            "its p value, adjusted over the setting's pairs (Holm), is below 0.05."
        ),
        columns=["answer"],
        rows=[[answer] for answer in results["answers"]],
    )


def _rows_table(table: Mapping[str, Any]) -> Table:
    rows = [
        [
            row["method"],
            *_seeds(row["success"]),
            *_seeds(row["score"]),
        ]
        for row in table["rows"]
    ]
    rows += [
        [name, f"{rule['success']:.1f}", "–", "–", f"{rule['score']:.1f}", "–", "–"]
        for name, rule in table["rules"].items()
    ]
    return Table(
        title=f"{table['setting']}: every method",
        explanation=(
            f"{table['rows'][0]['goals']} test goals; each seed, the interquartile mean over seeds "
            "and its bootstrap interval. Rules do not learn."
        ),
        columns=["method", *("success %", "mean", "95 %"), *("score", "mean", "95 %")],
        rows=rows,
    )


def _seeds(found: Mapping[str, Any]) -> tuple[str, str, str]:
    seeds = " / ".join(f"{value:.1f}" for value in found["seeds"])
    ends = " to ".join(f"{end:.1f}" for end in found["interval"])
    return seeds, f"{found['interquartile_mean']:.1f}", ends


def _pairs_table(table: Mapping[str, Any]) -> Table:
    return Table(
        title=f"{table['setting']}: differences",
        explanation="Paired on the goals, means over seeds; p adjusted for all rows (Holm).",
        columns=["first", "second", *("success", "95 %", "p"), *("score", "95 %", "p")],
        rows=[
            [
                pair["first"],
                pair["second"],
                *_difference(pair["success"]),
                *_difference(pair["score"]),
            ]
            for pair in table["pairs"]
        ],
        texts=2,
    )


def environment_table(record: Mapping[str, Any]) -> Table:
    """Return what an environment's methods reach, beside the one that they are compared with."""
    pairs = {pair["first"]: pair for pair in record["pairs"]}
    rows = []
    for row in record["rows"]:
        seeds = " / ".join(f"{value:.3g}" for value in row["seeds"])
        pair = pairs.get(row["method"])
        rows.append([row["method"], seeds, *(_difference(pair) if pair else ("–", "–", "–"))])
    start = next(iter(record["pairs"]))["second"]
    return Table(
        title=f"{record['environment']}: where nobody can demonstrate perfectly",
        explanation=(
            f"{record['measure']}, each seed, over {record['cases']:,} goals or customers that no "
            f'training saw; differences from "{start}" are paired on them, means over seeds; '
            "p adjusted for all rows (Holm)."
        ),
        columns=["method", record["measure"], "difference", "95 %", "p"],
        rows=rows,
    )


def _difference(found: Mapping[str, Any]) -> tuple[str, str, str]:
    ends = " to ".join(f"{end:+.2f}" for end in found["interval"])
    return f"{found['difference']:+.2f}", ends, f"{found['p_adjusted']:.4f}"
