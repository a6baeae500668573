"""`recommend`: products for a request in plain words."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from typing import Any

from shopwright.cli.command import (
    Command,
    add_agent,
    add_shop,
    open_agent_with_progress,
    whole_number,
)
from shopwright.cli.settings import add_settings, settings_of
from shopwright.console import Stages, print_json, print_table
from shopwright.errors import InputError
from shopwright.recommending.recommend import RecommendConfig, RecommendedItem, recommend
from shopwright.rollouts.rollout import PrivilegedAgent
from shopwright.shop.shop import Shop

COLUMNS = ("product", "options", "price", "score", "asin")
TITLE_CHARACTERS = 80
OPTIONS_CHARACTERS = 80


def _add_arguments(parser: ArgumentParser) -> None:
    add_shop(parser)
    add_agent(parser)
    parser.add_argument("request", metavar="REQUEST", help="what is wanted, in plain words")
    parser.add_argument(
        "-n", dest="count", type=whole_number(1), default=5, metavar="N", help="items (default: 5)"
    )
    add_settings(parser, RecommendConfig, skip=["count"])


def _run(arguments: Namespace) -> None:
    config = settings_of(RecommendConfig, arguments)
    shop = Shop.open(arguments.shop)
    with Stages() as stages:
        agent = open_agent_with_progress(stages, arguments.agent, shop, seed=arguments.seed)
        if isinstance(agent, PrivilegedAgent):
            raise InputError(
                f"--agent: expected one that reads requests, got {arguments.agent!r}, which must "
                "be told a goal"
            )
        with stages.stage("recommending"):
            items = recommend(agent, shop, arguments.request, config)
    if arguments.json:
        print_json(recommendation_record(arguments.request, items))
    else:
        print_items(arguments.request, items)


def recommendation_record(request: str, items: Sequence[RecommendedItem]) -> dict[str, Any]:
    """Return a recommendation as JSON types."""
    return {"request": request, "items": [item.record() for item in items]}


def print_items(request: str, items: Sequence[RecommendedItem]) -> None:
    """Print a table of recommended items, best first, under their request."""
    print_table(request, COLUMNS, _rows(items), texts=2)


def _rows(items: Sequence[RecommendedItem]) -> Iterator[list[str]]:
    for item in items:
        options = ", ".join(f"{group}: {value}" for group, value in item.options.items())
        yield [
            _shortened(item.title, TITLE_CHARACTERS),
            _shortened(options, OPTIONS_CHARACTERS),
            item.price,
            f"{item.score:.2f}",
            item.asin,
        ]


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


COMMANDS = {
    "recommend": Command(
        description=(
            "Lets an agent shop several times for a request and prints the products that it\n"
            "bought, best first, with their options and prices."
        ),
        example=(
            "shopwright recommend --shop shops/demo --agent runs/agent "
            "'a warm throw blanket in sage green, under 40 dollars' -n 5"
        ),
        add_arguments=_add_arguments,
        run=_run,
        seed="decides the sampled rollouts",
    )
}
