"""`train returning`: what to show customers so that they come back."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from shopwright.cli.command import SHOP, Command, path
from shopwright.cli.settings import settings_of
from shopwright.console import Stages
from shopwright.shop.shop import Shop


def _configs() -> list[type[Any]]:
    from shopwright.customers.returning.training import ReturningConfig

    return [ReturningConfig]


def _run(arguments: Namespace) -> dict[str, Any]:
    from shopwright.customers.returning.training import ReturningConfig, train_returning

    config = settings_of(ReturningConfig, arguments)
    shop = Shop.open(arguments.shop)
    with Stages() as stages:
        summary = train_returning(shop, arguments.out, config, progress=stages)
    return {"run": str(arguments.out), "shop": str(arguments.shop), **summary}


COMMANDS = {
    "train returning": Command(
        description=(
            "Trains an agent by PPO to keep simulated customers content, who come back or do not\n"
            "because of what they were shown. --gamma 0 --reward purchase trains the myopic one."
        ),
        example="shopwright train returning --shop shops/demo --out runs/returning",
        arguments=(
            SHOP,
            path(
                "--out",
                "RUN",
                "the run folder; a run that was interrupted there goes on",
                required=True,
            ),
        ),
        configs=_configs,
        run=_run,
    )
}
