"""`evaluate`: what an agent reaches on goals, under one protocol."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Mapping
from typing import Any

from shopwright import api
from shopwright.cli.command import (
    AGENT,
    GOALS,
    SHOP,
    Argument,
    Command,
    note_on_goals,
    open_agent_with_progress,
    or_none,
    switch,
    whole_number,
)
from shopwright.cli.settings import settings_of
from shopwright.console import Stages, print_table
from shopwright.evaluation.episodes import STEP_LIMIT
from shopwright.language.config import LanguageConfig
from shopwright.rollouts.records import PROTOCOLS
from shopwright.shop.shop import Shop

RESULT_COLUMNS = ("agent", "score", "95 %", "success %", "95 %", "steps", "seconds")
# Further ones, in tables with a language model.
USAGE_COLUMNS = ("invalid", "tokens in", "out", "dollars")


def _run(arguments: Namespace) -> dict[str, Any]:
    shop = Shop.open(arguments.shop)
    with Stages() as stages:
        agent = open_agent_with_progress(
            stages,
            arguments.agent,
            shop,
            seed=arguments.seed,
            language=settings_of(LanguageConfig, arguments),
        )
        with stages.stage("evaluation") as progress:
            evaluation = api.evaluate(
                agent,
                shop,
                goals=arguments.goals,
                protocol=arguments.protocol,
                step_limit=arguments.step_limit,
                sample=arguments.sample,
                seed=arguments.seed,
                progress=progress,
            )
    note_on_goals(shop)
    return evaluation.record()


def print_results(records: Iterable[Mapping[str, Any]]) -> None:
    """Print a table of results for each protocol and each goals: they are never mixed."""
    tables: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        limit = record["step_limit"]
        steps = f", at most {limit} steps" if limit is not None else ""
        title = (
            f"{record['protocol']} protocol{steps}: {record['episodes']} goals ({record['goals']})"
        )
        tables.setdefault(title, []).append(record)
    for title, rows in tables.items():
        spoke = any("tokens_in" in record for record in rows)
        priced = any(record.get("cost_dollars") is not None for record in rows)
        further = USAGE_COLUMNS[: spoke * (3 + priced)]
        cells = [[*_cells(record), *_usage_cells(record)[: len(further)]] for record in rows]
        print_table(title, (*RESULT_COLUMNS, *further), cells)


def _usage_cells(record: Mapping[str, Any]) -> list[str]:
    """What a language model took; nothing of other agents, and no cost of one without prices."""
    if "tokens_in" not in record:
        return [""] * len(USAGE_COLUMNS)
    counts = (record[name] for name in ("invalid_actions", "tokens_in", "tokens_out"))
    cost = record["cost_dollars"]
    return [*(f"{count:,}" for count in counts), "–" if cost is None else f"{cost:.2f}"]


def _cells(record: Mapping[str, Any]) -> list[str]:
    return [
        record["agent"],
        f"{record['score']:.2f}",
        _interval(record["score_interval"]),
        f"{record['success_rate']:.1f}",
        _interval(record["success_interval"]),
        f"{record['steps_mean']:.1f}",
        f"{record['seconds']:.1f}",
    ]


def _interval(ends: Iterable[float]) -> str:
    return " to ".join(f"{end:.1f}" for end in ends)


COMMANDS = {
    "evaluate": Command(
        description=(
            "Lets an agent shop for every goal once and prints score (mean reward x 100) and\n"
            "success rate (reward exactly 1, in percent), each with its 95 % interval."
        ),
        example=(
            "shopwright evaluate --shop shops/demo --agent rule-options --goals test "
            "--protocol pages --step-limit 15"
        ),
        arguments=(
            SHOP,
            AGENT,
            GOALS,
            Argument(
                "--protocol",
                choices=PROTOCOLS,
                required=True,
                help="pages: by what the pages show; catalogue: as the shop's own recommender",
            ),
            Argument(
                "--step-limit",
                type=or_none(whole_number(1)),
                default=STEP_LIMIT,
                metavar="N|none",
                help=f"actions of an episode at most, under pages (default: {STEP_LIMIT})",
            ),
            switch("--sample", "let the agent sample its actions instead of taking the likeliest"),
        ),
        configs=(LanguageConfig,),
        run=_run,
        show=lambda record: print_results([record]),
        divided=True,
        seed="decides sampled actions, random's and explorer's, and the score's bootstrap",
    )
}
