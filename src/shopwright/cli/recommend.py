"""`recommend`: products for a request in plain words."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from shopwright import api
from shopwright.cli.command import (
    READING_AGENT_HELP,
    SHOP,
    Argument,
    Command,
    number,
    open_agent_with_progress,
)
from shopwright.console import Stages, print_table
from shopwright.display import shortened
from shopwright.recommending.ranking import score_text
from shopwright.shop.shop import Shop

COLUMNS = ("product", "options", "price", "score", "asin")
TEXT_CHARACTERS = 80


def _run(arguments: Namespace) -> dict[str, Any]:
    shop = Shop.open(arguments.shop)
    with Stages() as stages:
        agent = open_agent_with_progress(stages, arguments.agent, shop, seed=arguments.seed)
        with stages.stage("recommending"):
            recommendation = api.recommend(
                agent,
                shop,
                arguments.request,
                count=arguments.count,
                rollouts=arguments.rollouts,
                seed=arguments.seed,
            )
    return recommendation.record()


def print_recommendation(record: Mapping[str, Any]) -> None:
    """Print a table of recommended items, best first, under their request."""
    rows = []
    for item in record["items"]:
        options = ", ".join(f"{group}: {value}" for group, value in item["options"].items())
        texts = [shortened(text, TEXT_CHARACTERS) for text in (item["title"], options)]
        rows.append([*texts, item["price"], score_text(item["score"]), item["asin"]])
    print_table(record["request"], COLUMNS, rows, texts=2)


COMMANDS = {
    "recommend": Command(
        description=(
            "Prints the products that an agent recommends for a request, best first, with their\n"
            "options and prices. The score is the probability with which the agent buys the\n"
            "product with these options; – marks search results that fill the list up."
        ),
        example=(
            "shopwright recommend --shop shops/demo --agent runs/agent "
            "'a warm throw blanket in sage green, under 40 dollars' -n 5"
        ),
        arguments=(
            SHOP,
            Argument("--agent", required=True, metavar="AGENT", help=READING_AGENT_HELP),
            Argument("request", metavar="REQUEST", help="what is wanted, in plain words"),
            number("-n", "N", "items at most", dest="count", default=5),
            number(
                "--rollouts",
                "N",
                "rank as in the paper's section 6: first what the agent finds best, then by score, "
                "the share of N sampled rollouts that bought the product",
                at_least=0,
            ),
        ),
        run=_run,
        show=print_recommendation,
        seed="decides sampled rollouts, and what random and explorer draw",
    )
}
