"""The tables of comparisons: pairs of agents, online experiments, costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shopwright.evaluation.bandits import OnlineConfig
from shopwright.evaluation.report import Table


def pairs_table(pairs: Sequence[Mapping[str, Any]]) -> Table:
    """Return the records of paired comparisons as a table."""
    return Table(
        title="Pairs of agents",
        explanation=(
            "The same goals for both. Success: goals that only the one or only the other fulfils, "
            "McNemar's exact test. Score: mean difference with its 95 % bootstrap interval, "
            "randomisation test. p values are adjusted for all pairs of the table (Holm)."
        ),
        columns=[
            *("first", "second", "success, points", "only first", "only second", "p"),
            *("score, points", "95 %", "p"),
        ],
        rows=[
            [
                pair["first"],
                pair["second"],
                f"{pair['success_difference']:+.1f}",
                str(pair["only_first_succeeds"]),
                str(pair["only_second_succeeds"]),
                _p(pair["success_p_adjusted"]),
                f"{pair['score_difference']:+.2f}",
                " to ".join(f"{end:+.2f}" for end in pair["score_interval"]),
                _p(pair["score_p_adjusted"]),
            ]
            for pair in pairs
        ],
        texts=2,
    )


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def online_table(record: Mapping[str, Any]) -> Table:
    """Return an experiment's record as a table."""
    rows = []
    for name, arm in record["arms"].items():
        runs = arm["runs"]
        rows.append(
            [
                name,
                f"{arm['pulls_mean']:.0f}",
                _spread([run["success_rate"] for run in runs]),
                f"{arm['success_rate_on_all_goals']:.1f}",
                f"{arm['success_covered_runs']} of {len(runs)}",
                _spread([run["score"] for run in runs]),
                f"{arm['score_on_all_goals']:.1f}",
                f"{arm['score_covered_runs']} of {len(runs)}",
            ]
        )
    regret = sum(record["success_regret"]) / len(record["success_regret"]) / 100.0
    return Table(
        title=record["description"],
        explanation=(
            f"{record['runs']} runs of {record['rollouts']} rollouts. Means over the runs, in "
            "brackets the least and the most; beside them the value on all goals, and in how many "
            "runs the posterior's 95 % interval covers it. Successes missed against the best "
            f"agent: {regret:.0f} a run."
        ),
        columns=[
            *("agent", "rollouts", "success %", "on all goals", "covered"),
            *("score", "on all goals", "covered"),
        ],
        rows=rows,
    )


def _spread(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    return f"{sum(known) / len(known):.1f} [{min(known):.1f}, {max(known):.1f}]"


def costs_table(costs: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return what trainings cost as a table.

    Args:
        costs: agent → values by name; a value that is missing is shown as a dash.
    """
    columns = {
        "seconds": "seconds",
        "steps": "steps or updates",
        "kept": "kept",
        "goals": "goals",
        "trajectories": "trajectories",
        "simulator_steps": "simulator steps",
        "tries": "tries",
        "perfect_per_try": "perfect per try",
    }
    rows = []
    for name, cost in costs.items():
        kept = cost.get("best_update", cost.get("best_step"))
        given = {"steps": cost.get("updates"), "kept": kept, **cost}
        cells = [given.get(key) for key in columns]
        rows.append([name, *(_amount(value) for value in cells)])
    return Table(
        title="What training cost",
        explanation=(
            "Wall-clock seconds of the last stage alone; an agent that improves another needs the "
            "other's, too. Kept is the step whose weights did best on dev goals; at 0 nothing that "
            "the training tried did better there than what it began from. Steps in the simulator "
            "are those of training, not of evaluation."
        ),
        columns=["agent", *columns.values()],
        rows=rows,
    )


def _amount(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def online_notes(config: OnlineConfig) -> list[str]:
    """Return what a reader of online experiments must know."""
    notes = [
        "The posteriors' intervals hold for one run, not for repeated runs: an arm that looked bad "
        "early was rarely tried again.",
    ]
    if not config.sample:
        notes.append(
            "Agents took the action they found likeliest, so an agent's episode for a goal is "
            "always the same: it was carried out once, and chance lies in the goals drawn."
        )
    return notes
