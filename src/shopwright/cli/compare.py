"""`compare`: agents on the same goals, in pairs, and as the arms of bandits."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopwright.agents.registry import BUILT_IN
from shopwright.api import goals_of
from shopwright.cli.command import (
    AGENT_HELP,
    GOALS_HELP,
    SHOP,
    Argument,
    Command,
    note_on_goals,
    open_agent_with_progress,
    path,
)
from shopwright.cli.evaluate import print_results
from shopwright.cli.settings import settings_of
from shopwright.console import Stages, print_line, print_table
from shopwright.errors import InputError
from shopwright.evaluation.bandits import OnlineConfig
from shopwright.evaluation.contest import compare_agents
from shopwright.evaluation.report import require_report_packages
from shopwright.evaluation.tables import online_table
from shopwright.files import read_json
from shopwright.language.agent import LanguageAgent
from shopwright.language.config import LanguageConfig
from shopwright.shop.shop import Shop


def _run(arguments: Namespace) -> dict[str, Any]:
    config = settings_of(OnlineConfig, arguments)
    language = settings_of(LanguageConfig, arguments)
    require_report_packages()  # Before agents are opened, which may take long.
    if len(set(arguments.agents)) < len(arguments.agents):
        raise InputError(f"--agents: expected different ones, got {' '.join(arguments.agents)}")
    shop = Shop.open(arguments.shop)
    goals, _ = goals_of(shop, arguments.goals)
    costs: dict[str, dict[str, Any]] = {}
    weights: dict[str, str] = {}
    with Stages() as stages:
        agents = {}
        for name in arguments.agents:
            agent = agents[name] = open_agent_with_progress(
                stages, name, shop, seed=config.seed, language=language
            )
            if isinstance(agent, LanguageAgent):
                weights[name] = agent.fingerprint
            elif name not in BUILT_IN:
                weights[name] = read_json(Path(name) / "agent.json")["weights_sha256"]
                if (Path(name) / "result.json").is_file():
                    costs[name] = read_json(Path(name) / "result.json")
        record, _ = compare_agents(
            shop,
            agents,
            goals,
            arguments.out,
            config,
            goals_name=arguments.goals,
            costs=costs,
            weights=weights,
            progress=stages,
        )
    note_on_goals(shop)
    return {"out": str(arguments.out), **record}


def _show(record: Mapping[str, Any]) -> None:
    print_results(record["results"])
    for experiment in record["experiments"]:
        table = online_table(experiment)
        print_table(table.title, table.columns, table.rows)
    print_line(f"report: {Path(record['out']) / 'report.html'}")


COMMANDS = {
    "compare": Command(
        description=(
            "Compares agents: each on all goals, every two on the same goals (McNemar, bootstrap,\n"
            "Holm), and as the arms of Thompson sampling, several runs of so many rollouts, next\n"
            "to a uniform allocation. Writes comparison.json, plots and report.html."
        ),
        example=(
            "shopwright compare --shop shops/demo --agents runs/imitation runs/dpo rule-page "
            "--rollouts 1000 --runs 5 --out runs/compared"
        ),
        arguments=(
            SHOP,
            Argument(
                "--agents",
                nargs="+",
                required=True,
                metavar="AGENT",
                help=f"the arms: {AGENT_HELP}",
            ),
            Argument(
                "--goals",
                default="test",
                metavar="GOALS",
                help=f"what to shop for: {GOALS_HELP} (default: test)",
            ),
            path(
                "--out",
                "DIR",
                "the folder for the report; a comparison that was interrupted there goes on",
                required=True,
            ),
        ),
        configs=(OnlineConfig, LanguageConfig),
        run=_run,
        show=_show,
        divided=True,
    )
}
