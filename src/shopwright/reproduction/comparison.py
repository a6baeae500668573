"""The paper's comparison, unattended: what does each method add over imitation, on the same clock?

Read :func:`reproduce` from top to bottom. Everything that is finished stays finished: a comparison
that was killed goes on where it was.

Files of the folder:
    shop/: the demo shop, if no shop was given.
    demonstrations.jsonl, generated-N.jsonl, preferences-SEED.jsonl: what was learned from; beside
        each a .json that says what it cost.
    runs/METHOD/seed-N/: the trained agents.
    evaluations/: every agent's reward for every goal, under each setting.
    environments/: conversations, feedback and customers who come back (see
        :mod:`shopwright.reproduction.environments`).
    results.json, report.html, plots/: what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from shopwright.agents.registry import open_agent
from shopwright.demo import invented_shop
from shopwright.encoding.pretrained import model_source
from shopwright.errors import InputError
from shopwright.evaluation.bandits import OnlineConfig
from shopwright.evaluation.contest import compare_agents, episodes_to_read, kept_evaluation
from shopwright.evaluation.plots import Plot
from shopwright.evaluation.report import require_report_packages
from shopwright.files import read_json, write_json
from shopwright.reproduction import methods
from shopwright.reproduction.config import ReproduceConfig
from shopwright.reproduction.environments import answers, compare_environments
from shopwright.reproduction.report import write_reproduction
from shopwright.reproduction.summary import Setting, summarise
from shopwright.rollouts.agent import AnyAgent
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run, one_at_a_time
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop

Progress = Callable[[str, int, int], None]

# The paper's figures: success and score of the arms while Thompson sampling goes by the same.
SHOWN_PLOTS = ("success %, allocation by success", "score, allocation by score")
RULES = ("rule-options", "rule-page")
SETTINGS = (
    Setting("pages, 15 steps", "pages", 15),
    Setting("pages, 100 steps", "pages", 100),
    Setting("catalogue", "catalogue", None),
)


@one_at_a_time
def reproduce(
    shop: Shop | None,
    out: Path,
    config: ReproduceConfig | None = None,
    *,
    demonstrations: Path | None = None,
    progress: Progress,
) -> dict[str, Any]:
    """Train every method of the paper from one imitation checkpoint, measure and compare them.

    Args:
        shop: where; a demo shop is built in the folder if None.
        out: the folder; a comparison that was interrupted there goes on.
        demonstrations: perfect trajectories of this shop, e.g. people's; a scripted demonstrator
            makes them if None.

    Returns:
        What results.json holds.

    Raises:
        InputError: the shop has no goals to train on, there is no such language model, the file
            holds no perfect trajectory, or the folder holds something else.
        UnavailableError: a package that the report needs is not installed.
    """
    config = config or ReproduceConfig()
    demonstrated = _checked(shop, config, demonstrations)
    settings = {
        "config": asdict(config),
        "shop": "demo" if shop is None else shop.manifest["source"],
        "demonstrations": None if demonstrations is None else str(demonstrations),
    }
    run = Run.open(out, "reproduce", settings)
    if run.finished:
        return dict(read_json(out / "results.json"))
    shop = shop or _demo_shop(out / "shop", config.seed)
    train_goals = _train_goals(shop)

    # What there is to learn from; then each method, the same budget, from the same checkpoint.
    source, given = demonstrated or methods.demonstrate(shop, train_goals, out, config, progress)
    folders = methods.train_all(shop, train_goals, given, out, config, progress)

    # Every agent on the same goals, under every setting.
    goals = shop.goals.split("test")[: config.test_goals]
    agents = _open_agents(folders, shop)
    measured = [s for s in SETTINGS if config.long_episodes or s.step_limit != 100]
    _evaluate(agents, shop, goals, measured, out, config, progress)

    # The paper's online experiments: one agent of each method, then the seeds of each method.
    arms = _arms(folders)
    online = OnlineConfig(rollouts=config.rollouts, runs=config.runs, seed=config.seed)
    experiments, plots = _compare_online(arms, agents, shop, goals, out, online, progress)

    # Where nobody can demonstrate perfectly.
    records = compare_environments(shop, agents[f"{methods.START} 0"], out, config, progress)

    # What came of it.
    results = {
        "shop": shop.manifest["source"],
        "config": asdict(config),
        "demonstrations": source,
        **_summary(out, folders, measured, config.seed),
        "online": experiments,
        "environments": records,
    }
    results["answers"] += answers(records)
    write_json(out / "results.json", results)
    shown = {name: agents[name] for name in arms["all methods"]}
    write_reproduction(
        out,
        results,
        metrics={name: Run(runs[0], finished=True).metrics() for name, runs in folders.items()},
        episodes=list(episodes_to_read(shown, shop, goals[:1], online)),
        plots=plots,
    )
    run.finish({"seconds": results["seconds"]})
    return results


def _checked(
    shop: Shop | None, config: ReproduceConfig, file: Path | None
) -> tuple[str, list[Trajectory]] | None:
    """Refuse what cannot be, before anything is written, and return a file's demonstrations."""
    require_report_packages()
    model_source(config.language_model, download=True)
    if shop is not None:
        _train_goals(shop)
    return None if file is None else methods.read_demonstrations(file)


def _train_goals(shop: Shop) -> list[Goal]:
    goals = shop.goals.split("train")
    if not goals:
        raise InputError(
            f"{shop.folder}: expected a shop with more than 1,500 goals, whose first are kept for "
            f"test and dev, got {len(shop.goals)}"
        )
    return goals


def _summary(
    out: Path, folders: Mapping[str, Sequence[Path]], measured: Sequence[Setting], seed: int
) -> dict[str, Any]:
    trained = {method: len(runs) for method, runs in folders.items()}
    return summarise(
        out, methods=trained, rules=RULES, settings=measured, start=methods.START, seed=seed
    )


def _arms(folders: Mapping[str, Sequence[Path]]) -> dict[str, list[str]]:
    """Heading → the agents of an experiment."""
    arms = {"all methods": [f"{method} 0" for method in folders]}
    for method, runs in folders.items():
        if len(runs) > 1:
            arms[method] = [f"{method} {seed}" for seed in range(len(runs))]
    return arms


def _open_agents(folders: Mapping[str, Sequence[Path]], shop: Shop) -> dict[str, AnyAgent]:
    agents: dict[str, AnyAgent] = {name: open_agent(name, shop) for name in RULES}
    for method, trained in folders.items():
        for seed, folder in enumerate(trained):
            agents[f"{method} {seed}"] = open_agent(str(folder), shop)
    return agents


def _evaluate(
    agents: Mapping[str, AnyAgent],
    shop: Shop,
    goals: Sequence[Goal],
    settings: Sequence[Setting],
    out: Path,
    config: ReproduceConfig,
    progress: Progress,
) -> None:
    for setting in settings:
        for name, agent in agents.items():
            kept_evaluation(
                setting.file(out, name),
                name,
                agent,
                shop,
                goals,
                protocol=setting.protocol,
                step_limit=setting.step_limit or 15,
                seed=config.seed,
                goals_name="test",
                progress=partial(progress, f"{setting.name}: {name}"),
            )


def _compare_online(
    arms: Mapping[str, Sequence[str]],
    agents: Mapping[str, AnyAgent],
    shop: Shop,
    goals: Sequence[Goal],
    out: Path,
    config: OnlineConfig,
    progress: Progress,
) -> tuple[dict[str, list[dict[str, Any]]], list[Plot]]:
    """Let agents be the arms of bandits; return heading → records of the experiments, and the
    paper's figures of them."""
    experiments: dict[str, list[dict[str, Any]]] = {}
    plots = []
    for heading, names in arms.items():
        record, drawn = compare_agents(
            shop,
            {name: agents[name] for name in names},
            goals,
            out / "online" / heading.replace(" ", "-"),
            config,
            goals_name="test",
            known={name: SETTINGS[0].evaluation(out, name) for name in names},
            progress=progress,
        )
        experiments[heading] = record["experiments"]
        shown = (plot for plot in drawn if plot.title in SHOWN_PLOTS)
        plots += [replace(plot, title=f"{heading}: {plot.title}") for plot in shown]
    return experiments, plots


def _demo_shop(folder: Path, seed: int) -> Shop:
    if (folder / "manifest.json").is_file():
        return Shop.open(folder)
    return invented_shop(folder, seed)
