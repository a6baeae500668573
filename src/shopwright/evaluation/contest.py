"""Agents compared: on the same goals one by one, in pairs, and as the arms of bandits.

Files of the folder:
    run.json: settings, versions.
    evaluations/NUMBER.json: an agent's reward and steps for every goal; a comparison that was
        interrupted does not repeat them.
    comparison.json: everything that the report shows, as numbers.
    report.html, plots/: to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from shopwright.errors import InputError
from shopwright.evaluation.comparison import PairedComparison, compare_pairs
from shopwright.evaluation.episodes import Evaluation, evaluate
from shopwright.evaluation.online import (
    OnlineConfig,
    Rollouts,
    regret_figure,
    run_experiments,
)
from shopwright.evaluation.report import (
    Episode,
    EpisodeStep,
    Report,
    ResultRow,
    Table,
    write_report,
)
from shopwright.files import read_json, write_json
from shopwright.rollouts.rollout import Agent, PrivilegedAgent, roll_out
from shopwright.runs import Run
from shopwright.seeding import generator
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop

Progress = Callable[[str, int, int], None]

EPISODE_GOALS = 2
EPISODE_ACTIONS = 6


def compare_agents(
    shop: Shop,
    agents: Mapping[str, Agent | PrivilegedAgent],
    goals: Sequence[Goal],
    out: Path,
    config: OnlineConfig | None = None,
    *,
    goals_name: str = "",
    costs: Mapping[str, Mapping[str, Any]] | None = None,
    weights: Mapping[str, str] | None = None,
    known: Mapping[str, Evaluation] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compare agents and write what comes of it into a folder.

    Args:
        shop: where.
        agents: name → agent, at least one.
        goals: what for.
        out: the folder; one that was interrupted goes on.
        config: see :class:`~shopwright.evaluation.online.OnlineConfig`.
        goals_name: what tables call the goals.
        costs: agent → what its training cost, as its result.json has it.
        weights: agent → checksum of its weights, so that another agent of the same name is not
            taken for it.
        known: agent → its evaluation on these goals, where there is one already.
        progress: called with (stage, done, in all).

    Returns:
        What comparison.json holds.

    Raises:
        InputError: there is no agent or no goal, or the folder holds something else.
    """
    config = config or OnlineConfig()
    if not agents or not goals:
        raise InputError(f"agents, goals: expected some, got {len(agents)} and {len(goals)}")
    digest = hashlib.sha256()
    for goal in goals:
        digest.update(orjson.dumps([goal.asin, goal.instruction]))
    run = Run.open(
        out,
        "compare",
        {
            "config": asdict(config),
            "agents": list(agents),
            "weights": dict(weights or {}),
            "goals_sha256": digest.hexdigest(),
        },
    )
    evaluations = [
        (known or {}).get(name)
        or _evaluated(out, number, name, agent, shop, goals, config, goals_name, progress)
        for number, (name, agent) in enumerate(agents.items())
    ]
    rewards = {evaluation.agent: evaluation.rewards for evaluation in evaluations}
    pairs = compare_pairs(rewards, generator=generator(config.seed, "pairs"))
    rollouts = Rollouts(shop, agents, goals, config, known=rewards)
    experiments = run_experiments(rollouts, rewards, config, progress=progress)
    record = {
        "shop": shop.manifest["source"],
        "goals": goals_name,
        **asdict(config),
        "results": [evaluation.record() for evaluation in evaluations],
        "pairs": [pair.record() for pair in pairs],
        "experiments": [experiment.record(config.seed) for experiment in experiments],
        "costs": {name: dict(cost) for name, cost in (costs or {}).items()},
    }
    write_json(out / "comparison.json", record)
    report = Report(
        title="Agents compared",
        summary=[
            ("goals", f"{len(goals)} ({goals_name})"),
            ("protocol", config.protocol),
            ("step limit", str(config.step_limit)),
            ("actions", "sampled" if config.sample else "the likeliest"),
            ("runs", f"{config.runs} of {config.rollouts} rollouts"),
            ("seed", str(config.seed)),
        ],
        results=[result_row(evaluation.record()) for evaluation in evaluations],
        metrics={},
        episodes=list(episodes_to_read(agents, shop, goals[:EPISODE_GOALS], config)),
        recommendations=[],
        tables=[
            pairs_table(pairs),
            *(online_table(e.record(config.seed)) for e in experiments),
            *([costs_table(costs)] if costs else []),
        ],
        figures=[
            *(figure for experiment in experiments for figure in experiment.figures()),
            regret_figure(experiments),
        ],
        notes=online_notes(config),
    )
    write_report(report, out)
    run.finish({"agents": list(agents), "goals": len(goals)})
    return record


def _evaluated(
    out: Path,
    number: int,
    name: str,
    agent: Agent | PrivilegedAgent,
    shop: Shop,
    goals: Sequence[Goal],
    config: OnlineConfig,
    goals_name: str,
    progress: Progress | None,
) -> Evaluation:
    """An agent's evaluation, read from the folder if it is there already."""
    path = out / "evaluations" / f"{number}.json"
    if not path.is_file():
        evaluation = evaluate(
            agent,
            shop,
            goals,
            protocol=config.protocol,
            step_limit=config.step_limit,
            sample=config.sample,
            seed=config.seed,
            goals_name=goals_name,
            progress=None if progress is None else _stage(progress, name),
        )
        write_json(path, {**asdict(evaluation), "agent": name})
    return Evaluation.from_record(read_json(path))


def _stage(progress: Progress, name: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(name, done, total)


def result_row(record: Mapping[str, Any]) -> ResultRow:
    """Return an evaluation's record as a row of a report."""
    return ResultRow(
        agent=record["agent"],
        protocol=record["protocol"],
        goals=record["goals"],
        episodes=record["episodes"],
        score=record["score"],
        score_interval=tuple(record["score_interval"]),
        success_rate=record["success_rate"],
        success_interval=tuple(record["success_interval"]),
        steps_mean=record["steps_mean"],
        seconds=record["seconds"],
    )


def pairs_table(pairs: Sequence[PairedComparison], title: str = "Pairs of agents") -> Table:
    """Return paired comparisons as a table."""
    return Table(
        title=title,
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
                pair.first,
                pair.second,
                f"{pair.success_difference:+.1f}",
                str(pair.success.first_only),
                str(pair.success.second_only),
                _p(pair.success_p_adjusted),
                f"{pair.score.mean:+.2f}",
                f"{pair.score.interval.low:+.2f} to {pair.score.interval.high:+.2f}",
                _p(pair.score_p_adjusted),
            ]
            for pair in pairs
        ],
        texts=2,
    )


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def online_table(record: Mapping[str, Any], heading: str = "") -> Table:
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
    prefix = f"{heading}: " if heading else ""
    return Table(
        title=f"{prefix}{record['description']}",
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
            "Wall-budget seconds of the last stage alone; an agent that improves another needs the "
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
        "The posteriors' intervals hold what was believed after a run, not a promise about "
        "repeated runs: an arm that looked bad early was rarely tried again.",
    ]
    if not config.sample:
        notes.append(
            "Agents took the action they found likeliest, so an agent's episode for a goal is "
            "always the same: it was carried out once, and chance lies in the goals drawn."
        )
    return notes


def episodes_to_read(
    agents: Mapping[str, Agent | PrivilegedAgent],
    shop: Shop,
    goals: Sequence[Goal],
    config: OnlineConfig,
) -> Iterator[Episode]:
    """Yield each agent's episode for each goal, to read step by step.

    Args:
        agents: name → agent.
        shop: where.
        goals: what for.
        config: protocol and step limit.
    """
    for goal in goals:
        for name, agent in agents.items():
            outcome = roll_out(
                agent,
                shop,
                goal,
                protocol=config.protocol,
                step_limit=config.step_limit,
                keep_observations=True,
            )
            choices = outcome.choices or [None] * len(outcome.trajectory.steps)
            yield Episode(
                request=goal.instruction,
                agent=name,
                protocol=outcome.trajectory.protocol,
                steps=tuple(
                    EpisodeStep(
                        observation=step.observation,
                        actions=choice.candidates[:EPISODE_ACTIONS] if choice else (),
                        action=step.action,
                        reward=step.reward,
                    )
                    for step, choice in zip(outcome.trajectory.steps, choices, strict=True)
                ),
                score=100.0 * outcome.trajectory.reward,
                parts={} if outcome.reward is None else asdict(outcome.reward),
            )
