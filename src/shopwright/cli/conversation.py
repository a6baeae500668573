"""`train conversation` and `benchmark conversations`: agents that ask."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopwright.api import goals_of
from shopwright.cli.command import (
    GOALS_HELP,
    SHOP,
    Argument,
    Command,
    number,
    path,
    print_fields,
)
from shopwright.cli.settings import settings_of
from shopwright.console import Stages, print_line, print_table
from shopwright.shop.shop import Shop

_OUT = path(
    "--out", "RUN", "the run folder; a run that was interrupted there goes on", required=True
)
_TEMPERS = "all; see docs/conversations.md"


def _configs() -> list[type[Any]]:
    from shopwright.conversations.learning import ConversationConfig

    return [ConversationConfig]


def _train(arguments: Namespace) -> dict[str, Any]:
    from shopwright.conversations.learning import ConversationConfig, train_conversation

    shop = Shop.open(arguments.shop).check_is_built()
    goals, _ = goals_of(shop, arguments.goals)
    config = settings_of(ConversationConfig, arguments)
    with Stages() as stages:
        summary = train_conversation(shop, goals, Path(arguments.out), config, progress=stages)
    return {"run": str(arguments.out), "shop": str(arguments.shop), **summary}


def _show_training(record: Mapping[str, Any]) -> None:
    print_fields(record)
    print_line(
        f"next: shopwright benchmark conversations --shop {record['shop']} "
        f"--run {record['run']} --goals test-unseen"
    )


def _benchmark(arguments: Namespace) -> dict[str, Any]:
    from shopwright.conversations.agents import Converser, baselines_of
    from shopwright.conversations.conversation import Openings
    from shopwright.conversations.evaluate import difference, evaluate_converser
    from shopwright.conversations.policy import LearnedConverser, open_policy
    from shopwright.conversations.simulation import tasks_of

    shop = Shop.open(arguments.shop)
    goals, name = goals_of(shop, arguments.goals)
    goals = goals[: arguments.conversations]
    tasks = tasks_of(goals, arguments.seed, arguments.temper, arguments.world)
    rules = baselines_of(arguments.world)
    agents: list[Converser | None] = [*rules]
    agents += [LearnedConverser(open_policy(run), name=run.name) for run in arguments.run]
    agents.append(None)
    openings = Openings(shop)
    found = []
    with Stages() as stages:
        for agent in agents:
            with stages.stage(agent.name if agent else "told at once") as progress:
                found.append(evaluate_converser(agent, openings, tasks, progress=progress))
    best = max(found[: len(rules)], key=lambda each: each.returns.mean())
    learned = found[len(rules) : -1]
    return {
        "goals": name,
        "world": arguments.world,
        "agents": [each.record(arguments.seed) for each in found],
        "best_baseline": best.agent,
        "differences": [difference(each, best, arguments.seed) for each in learned],
    }


def _show_benchmark(record: Mapping[str, Any]) -> None:
    rows = [
        [
            each["agent"],
            f"{each['return']:.3f}",
            "{:.3f} to {:.3f}".format(*each["return_interval"]),
            f"{each['success_rate']:.1f}",
            f"{each['questions']:.2f}",
            f"{each['left_percent']:.1f}",
        ]
        for each in record["agents"]
    ]
    columns = ("agent", "return", "95 %", "success %", "questions", "left %")
    print_table(f"conversations, goals {record['goals']}", columns, rows)
    for each in record["differences"]:
        low, high = each["return_interval"]
        print_line(
            f"{each['first']} less {each['second']}: return {each['return']:+.3f} "
            f"({low:+.3f} to {high:+.3f}), success {each['success']:+.1f} points"
        )


COMMANDS = {
    "train conversation": Command(
        description=(
            "Trains a policy of conversations: when to ask a shopper, what, and when to offer or\n"
            "recommend. Imitates a rule, then learns by PPO, or by DPO on preferences between\n"
            "conversations; without any language model."
        ),
        example="shopwright train conversation --shop shops/demo --out runs/conversation",
        arguments=(
            SHOP,
            Argument(
                "--goals",
                default="train",
                metavar="GOALS",
                help=f"what shoppers want: {GOALS_HELP} (default: train)",
            ),
            _OUT,
        ),
        configs=_configs,
        run=_train,
        show=_show_training,
    ),
    "benchmark conversations": Command(
        description=(
            "Measures agents that converse with simulated shoppers of several tempers: rules,\n"
            "trained policies, and one that is told all at once."
        ),
        example=(
            "shopwright benchmark conversations --shop shops/demo --run runs/conversation "
            "--goals test-unseen"
        ),
        arguments=(
            SHOP,
            Argument(
                "--run",
                nargs="+",
                default=[],
                type=Path,
                metavar="RUN",
                help="run folders of `shopwright train conversation`",
            ),
            Argument(
                "--goals", default="test", metavar="GOALS", help=f"{GOALS_HELP} (default: test)"
            ),
            number("--conversations", "N", "conversations at most", default=1_000),
            Argument(
                "--temper",
                nargs="+",
                default=[],
                metavar="NAME",
                help=f"tempers of the shoppers, by turns (default: {_TEMPERS})",
            ),
            Argument(
                "--world",
                default="diverse",
                choices=("diverse", "even"),
                help="whether shoppers mind questions, lists or neither, or all the same "
                "(default: diverse)",
            ),
        ),
        run=_benchmark,
        show=_show_benchmark,
    ),
}
