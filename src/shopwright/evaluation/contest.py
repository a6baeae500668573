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
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from shopwright.errors import InputError
from shopwright.evaluation.bandits import (
    OnlineConfig,
    pulls,
    regret_plot,
    run_experiments,
)
from shopwright.evaluation.comparison import compare_pairs
from shopwright.evaluation.episodes import Evaluation, evaluate
from shopwright.evaluation.plots import Plot
from shopwright.evaluation.report import Report, require_report_packages, write_report
from shopwright.evaluation.tables import costs_table, online_notes, online_table, pairs_table
from shopwright.files import read_json, write_json
from shopwright.rollouts.agent import AnyAgent
from shopwright.rollouts.rollout import Outcome, roll_out
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop

Progress = Callable[[str, int, int], None]

EPISODE_GOALS = 2


@one_at_a_time
def compare_agents(
    shop: Shop,
    agents: Mapping[str, AnyAgent],
    goals: Sequence[Goal],
    out: Path,
    config: OnlineConfig | None = None,
    *,
    goals_name: str = "",
    costs: Mapping[str, Mapping[str, Any]] | None = None,
    weights: Mapping[str, str] | None = None,
    known: Mapping[str, Evaluation] | None = None,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], list[Plot]]:
    """Compare agents, write what comes of it into a folder, and return what comparison.json holds,
    and the plots of the experiments.

    Args:
        agents: name → agent, at least one.
        out: the folder; one that was interrupted goes on.
        costs: agent → what its training cost, as its result.json has it.
        weights: agent → checksum of its weights, so that another agent of the same name is not
            taken for it.
        known: agent → its evaluation on these goals, where there is one already.

    Raises:
        InputError: there is no agent or no goal, or the folder holds something else.
        UnavailableError: a package that the report needs is not installed.
    """
    config = config or OnlineConfig()
    require_report_packages()
    if not agents or not goals:
        raise InputError(f"agents, goals: expected some, got {len(agents)} and {len(goals)}")
    settings = {
        "config": asdict(config),
        "agents": list(agents),
        "weights": dict(weights or {}),
        "goals_sha256": _checksum(goals),
    }
    run = Run.open(out, "compare", settings)
    evaluations = [
        (known or {}).get(name)
        or kept_evaluation(
            out / "evaluations" / f"{number}.json",
            name,
            agent,
            shop,
            goals,
            protocol=config.protocol,
            step_limit=config.step_limit,
            sample=config.sample,
            seed=config.seed,
            goals_name=goals_name,
            progress=None if progress is None else partial(progress, name),
        )
        for number, (name, agent) in enumerate(agents.items())
    ]
    rewards = {evaluation.agent: evaluation.rewards for evaluation in evaluations}
    pull = pulls(shop, agents, goals, rewards, config)
    experiments = run_experiments(pull, rewards, config, progress=progress)
    record = {
        "shop": shop.manifest["source"],
        "goals": goals_name,
        **asdict(config),
        "results": [evaluation.record() for evaluation in evaluations],
        "pairs": compare_pairs(rewards, rng=numpy_rng(config.seed, "pairs")),
        "experiments": [experiment.record(config.seed) for experiment in experiments],
        "costs": {name: dict(cost) for name, cost in (costs or {}).items()},
    }
    write_json(out / "comparison.json", record)
    episodes = list(episodes_to_read(agents, shop, goals[:EPISODE_GOALS], config))
    plots = [plot for experiment in experiments for plot in experiment.plots()]
    plots.append(regret_plot(experiments))
    write_report(_report(record, len(goals), config, plots, episodes), out)
    run.finish({"agents": list(agents), "goals": len(goals)})
    return record, plots


def _checksum(goals: Sequence[Goal]) -> str:
    digest = hashlib.sha256()
    for goal in goals:
        digest.update(orjson.dumps([goal.asin, goal.instruction]))
    return digest.hexdigest()


def _report(
    record: Mapping[str, Any],
    goals: int,
    config: OnlineConfig,
    plots: Sequence[Plot],
    episodes: Sequence[Outcome],
) -> Report:
    return Report(
        title="Agents compared",
        summary=[
            ("goals", f"{goals} ({record['goals']})"),
            ("protocol", config.protocol),
            ("step limit", str(config.step_limit)),
            ("actions", "sampled" if config.sample else "the likeliest"),
            ("runs", f"{config.runs} of {config.rollouts} rollouts"),
            ("seed", str(config.seed)),
        ],
        results=record["results"],
        episodes=episodes,
        tables=[
            pairs_table(record["pairs"]),
            *(online_table(experiment) for experiment in record["experiments"]),
            *([costs_table(record["costs"])] if record["costs"] else []),
        ],
        plots=plots,
        notes=online_notes(config),
    )


def kept_evaluation(
    path: Path,
    name: str,
    agent: AnyAgent,
    shop: Shop,
    goals: Sequence[Goal],
    **how: Any,
) -> Evaluation:
    """Return an agent's evaluation from a file, which is written first if it is not there yet.

    Args:
        name: what the evaluation calls the agent.
        how: as :func:`~shopwright.evaluation.episodes.evaluate` takes it.
    """
    if not path.is_file():
        evaluation = evaluate(agent, shop, goals, **how)
        write_json(path, {**asdict(evaluation), "agent": name})
    return Evaluation.from_record(read_json(path))


def episodes_to_read(
    agents: Mapping[str, AnyAgent],
    shop: Shop,
    goals: Sequence[Goal],
    config: OnlineConfig,
) -> Iterator[Outcome]:
    """Yield each agent's episode for each goal, to read step by step."""
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
            yield replace(outcome, trajectory=replace(outcome.trajectory, agent=name))
