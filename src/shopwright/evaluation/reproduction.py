"""What came of the paper's comparison: tables over training seeds, plain answers, the report."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.evaluation.comparison import interquartile_interval, interquartile_mean
from shopwright.evaluation.contest import costs_table, online_table
from shopwright.evaluation.episodes import Evaluation
from shopwright.evaluation.figures import Figure
from shopwright.evaluation.report import Episode, Report, Table, write_report
from shopwright.files import read_json
from shopwright.intervals import PairedDifference, holm, paired_bootstrap
from shopwright.seeding import generator

_LEVEL = 0.05
# Methods that do not begin from the imitation checkpoint.
FROM_SCRATCH = ("no pretraining",)
_ONLINE_FIGURES = {"success": "success %", "score": "score"}


@dataclass(frozen=True, slots=True)
class Setting:
    """Under what agents are measured.

    Attributes:
        name: what tables call it.
        protocol: "pages" or "catalogue".
        step_limit: pages: actions of an episode at most.
    """

    name: str
    protocol: str
    step_limit: int | None

    def file(self, out: Path, agent: str) -> Path:
        """Return where an agent's evaluation under this setting is kept."""
        return out / "evaluations" / _slug(self.name) / f"{_slug(agent)}.json"

    def evaluation(self, out: Path, agent: str) -> Evaluation:
        """Return an agent's evaluation under this setting."""
        return Evaluation.from_record(read_json(self.file(out, agent)))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def summarise(
    out: Path,
    *,
    shop: Mapping[str, Any],
    config: Mapping[str, Any],
    source: str,
    methods: Mapping[str, int],
    rules: Sequence[str],
    settings: Sequence[Setting],
    start: str,
    online: Mapping[str, Path],
    seed: int,
) -> dict[str, Any]:
    """Return everything that the comparison found, as JSON types.

    Args:
        out: the comparison's folder, with all evaluations.
        shop: where the shop's products come from.
        config: the comparison's settings.
        source: where the demonstrations come from, in words.
        methods: method → how many seeds were trained.
        rules: agents without learning.
        settings: under what was measured.
        start: the method whose first seed all others begin from.
        online: heading → the folder of an online experiment.
        seed: of the bootstraps.
    """
    costs = {
        method: read_json(out / "runs" / method.replace(" ", "-") / "seed-0" / "result.json")
        for method in methods
    }
    generated = {path.stem: read_json(path) for path in sorted(out.glob("*.json")) if _cost(path)}
    tables = [_setting(out, s, methods, rules, start, seed) for s in settings]
    evaluated = sum(read_json(path)["seconds"] for path in out.glob("evaluations/*/*.json"))
    trained = sum(read_json(path)["seconds"] for path in out.glob("runs/*/*/result.json"))
    made = sum(cost.get("seconds", 0.0) for cost in generated.values())
    return {
        "shop": dict(shop),
        "config": dict(config),
        "demonstrations": source,
        "settings": tables,
        "answers": [answer for table in tables for answer in _answers(table, start)],
        "costs": costs,
        "generated": generated,
        "online": {
            heading: read_json(folder / "comparison.json")["experiments"]
            for heading, folder in online.items()
        },
        "seconds": evaluated + trained + made,
    }


def _cost(path: Path) -> bool:
    return path.stem.startswith(("demonstrations", "generated-", "preferences-"))


def _rewards(out: Path, setting: Setting, agent: str) -> np.ndarray:
    return np.array(setting.evaluation(out, agent).rewards)


def _setting(
    out: Path,
    setting: Setting,
    methods: Mapping[str, int],
    rules: Sequence[str],
    start: str,
    seed: int,
) -> dict[str, Any]:
    """One setting's table: every method's seeds, and what it adds over the checkpoint that all
    methods begin from."""
    begin = _rewards(out, setting, f"{start} 0")
    rows = []
    per_goal: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for method, seeds in methods.items():
        rewards = np.array([_rewards(out, setting, f"{method} {n}") for n in range(seeds)])
        successes = 100.0 * (rewards == 1.0)
        per_goal[method] = successes.mean(axis=0), 100.0 * rewards.mean(axis=0)
        row: dict[str, Any] = {"method": method, "goals": rewards.shape[1]}
        for name, values in (("success", successes), ("score", 100.0 * rewards)):
            by_seed = values.mean(axis=1)
            draws = generator(seed, "seeds", setting.name, method, name)
            interval = interquartile_interval(by_seed[:, None], generator=draws)
            row[name] = {
                "seeds": by_seed.tolist(),
                "interquartile_mean": interquartile_mean(by_seed),
                "interval": [interval.low, interval.high],
            }
        rows.append(row)
    pairs = [(method, f"{start} 0") for method in methods if method != start]
    per_goal[f"{start} 0"] = 100.0 * (begin == 1.0), 100.0 * begin
    more = [m for m in methods if re.fullmatch(r"DPO, \d+ generated", m)]
    pairs += [("DPO, demonstrations", "PPO"), *([(more[0], more[1])] if len(more) > 1 else [])]
    return {
        "setting": setting.name,
        "rows": rows,
        "rules": {
            name: {
                "success": 100.0 * float((_rewards(out, setting, name) == 1.0).mean()),
                "score": 100.0 * float(_rewards(out, setting, name).mean()),
            }
            for name in rules
        },
        "pairs": _pairs(pairs, per_goal, setting, seed),
    }


def _pairs(
    pairs: Sequence[tuple[str, str]],
    per_goal: Mapping[str, tuple[np.ndarray, np.ndarray]],
    setting: Setting,
    seed: int,
) -> list[dict[str, Any]]:
    """Paired differences of methods, means over seeds goal by goal; p adjusted by Holm."""
    found: dict[str, list[PairedDifference]] = {"success": [], "score": []}
    for first, second in pairs:
        for place, name in enumerate(found):
            draws = generator(seed, "pairs", setting.name, first, second, name)
            one, other = per_goal[first][place], per_goal[second][place]
            found[name].append(paired_bootstrap(one, other, generator=draws))
    adjusted = {name: holm([d.p_value for d in each]) for name, each in found.items()}
    return [
        {
            "first": first,
            "second": second,
            **{
                name: {
                    "difference": found[name][number].mean,
                    "interval": [
                        found[name][number].interval.low,
                        found[name][number].interval.high,
                    ],
                    "p_adjusted": adjusted[name][number],
                }
                for name in found
            },
        }
        for number, (first, second) in enumerate(pairs)
    ]


def _answers(table: Mapping[str, Any], start: str) -> list[str]:
    """The setting's answers in plain sentences."""
    answers = []
    for pair in table["pairs"]:
        success = pair["success"]
        low, high = success["interval"]
        amount = f"{success['difference']:+.1f} points of success ({low:+.1f} to {high:+.1f})"
        sure = success["p_adjusted"] < _LEVEL and (low > 0 or high < 0)
        first, second = pair["first"], pair["second"].removesuffix(" 0")
        where = f"{table['setting']}: {first} against {second}"
        if not sure:
            answers.append(f"{where}: no difference shown, {amount}.")
        else:
            better = "better" if success["difference"] > 0 else "worse"
            begins = second == start and first not in FROM_SCRATCH
            what = f"than the {start} it began from" if begins else f"than {second}"
            answers.append(f"{where}: {better} {what}, {amount}.")
    return answers


def write_reproduction(
    out: Path,
    results: Mapping[str, Any],
    *,
    metrics: Mapping[str, Sequence[Mapping[str, float]]],
    episodes: Sequence[Episode],
) -> Path:
    """Write the comparison's report and return the page.

    Args:
        out: the comparison's folder.
        results: as :func:`summarise` gives it.
        metrics: method → what its first seed's training logged.
        episodes: to read.
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
        results=[],
        metrics=metrics,
        episodes=episodes,
        recommendations=[],
        tables=[
            *results_tables(results),
            costs_table({**results["costs"], **results["generated"]}),
            *(
                online_table(experiment, heading)
                for heading, experiments in results["online"].items()
                for experiment in experiments
            ),
        ],
        figures=_figures(out, results),
        notes=[
            f"Demonstrations: {results['demonstrations']}.",
            "With three training seeds the interval over seeds is too narrow: for a nominal 95 % "
            "it covers about 72 % (docs/reproduce.md). The paired differences take means over "
            "seeds goal by goal: their intervals hold the chance of the goals, not of the seeds.",
            "A method's budget counts what it generated; DPO on DPO has the budget of the DPO that "
            "it begins from besides its own.",
            "The best checkpoint on dev goals is kept, the one to begin with among them.",
        ],
    )
    return write_report(report, out)


def results_tables(results: Mapping[str, Any]) -> list[Table]:
    """Return the tables that answer the question: the answers, then each setting's."""
    tables = [_answers_table(results)]
    for setting in results["settings"]:
        tables += [_rows_table(setting), _pairs_table(setting)]
    remark = f" Demonstrations: {results['demonstrations']}."
    return [replace(table, explanation=table.explanation + remark) for table in tables]


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
            *(
                cell
                for name in ("success", "score")
                for cell in (
                    " / ".join(f"{value:.1f}" for value in row[name]["seeds"]),
                    f"{row[name]['interquartile_mean']:.1f}",
                    " to ".join(f"{end:.1f}" for end in row[name]["interval"]),
                )
            ),
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


def _pairs_table(table: Mapping[str, Any]) -> Table:
    return Table(
        title=f"{table['setting']}: differences",
        explanation="Paired on the goals, means over seeds; p adjusted for all rows (Holm).",
        columns=["first", "second", *("success", "95 %", "p"), *("score", "95 %", "p")],
        rows=[
            [
                pair["first"],
                pair["second"],
                *(
                    cell
                    for name in ("success", "score")
                    for cell in (
                        f"{pair[name]['difference']:+.2f}",
                        " to ".join(f"{end:+.2f}" for end in pair[name]["interval"]),
                        f"{pair[name]['p_adjusted']:.4f}",
                    )
                ),
            ]
            for pair in table["pairs"]
        ],
        texts=2,
    )


def _figures(out: Path, results: Mapping[str, Any]) -> list[Figure]:
    """The paper's figures in our terms: running success and score of the arms, from the points
    that each online experiment wrote beside its own plots."""
    figures = []
    for heading in results["online"]:
        folder = out / "online" / heading.replace(" ", "-") / "plots"
        for allocation, vertical in _ONLINE_FIGURES.items():
            path = folder / f"{_slug(f'{vertical}, allocation by {allocation}')}.csv"
            lines: dict[str, list[tuple[float, float]]] = {}
            bands: dict[str, list[tuple[float, float, float]]] = {}
            for name, x, y, low, high in _points(path):
                lines.setdefault(name, []).append((x, y))
                bands.setdefault(name, []).append((x, low, high))
            figures.append(
                Figure(
                    title=f"{heading}: {vertical} by Thompson",
                    horizontal="rollout",
                    vertical=vertical,
                    lines=lines,
                    bands=bands,
                )
            )
    return figures


def _points(path: Path) -> list[tuple[str, float, float, float, float]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return [(name, float(x), float(y), float(low), float(high)) for name, x, y, low, high in rows]
