"""`reproduce`: the paper's comparison, unattended."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopwright.cli.command import Command, path, switch
from shopwright.cli.settings import settings_of
from shopwright.console import Stages, print_line, print_table
from shopwright.reproduction.config import ReproduceConfig
from shopwright.shop.shop import Shop


def _run(arguments: Namespace) -> dict[str, Any]:
    from shopwright.reproduction.comparison import reproduce

    config = settings_of(ReproduceConfig, arguments)
    if arguments.quick:
        config = config.quick()
    shop = None if arguments.shop is None else Shop.open(arguments.shop)
    with Stages() as stages:
        results = reproduce(
            shop, arguments.out, config, demonstrations=arguments.file, progress=stages
        )
    return {"out": str(arguments.out), **results}


def _show(results: Mapping[str, Any]) -> None:
    from shopwright.reproduction.report import results_tables

    for table in results_tables(results):
        print_table(table.title, table.columns, table.rows, texts=table.texts)
    print_line(f"demonstrations: {results['demonstrations']}")
    print_line(f"report: {Path(results['out']) / 'report.html'}")


COMMANDS = {
    "reproduce": Command(
        description=(
            "Makes the paper's comparison: imitation, policy gradient, PPO, DPO on demonstrations\n"
            "and on generated rollouts, DPO on DPO, and a policy without pretraining, each from\n"
            "the same imitation checkpoint, on the same budget, with several seeds; then Thompson\n"
            "sampling; then the same question in conversations, by feedback and with customers\n"
            "who come back, where nobody can demonstrate perfectly. Runs unattended, goes on\n"
            "after a kill, and writes report.html."
        ),
        example="shopwright reproduce --shop shops/webshop --minutes 3 --out runs/reproduction",
        arguments=(
            path("--shop", "SHOP", "the shop folder; without it a demo shop is built below --out"),
            path(
                "--out",
                "DIR",
                "the folder for everything; a comparison that was interrupted there goes on",
                required=True,
            ),
            path(
                "--demonstrations",
                "FILE.jsonl",
                "demonstrations of this shop, such as people's; without it a scripted "
                "demonstrator's",
                dest="file",
            ),
            switch(
                "--quick",
                "a few seconds for each method: shows that all of it runs, not what is better",
            ),
        ),
        configs=(ReproduceConfig,),
        run=_run,
        show=_show,
        divided=True,
        seed="decides everything random but where the time budget ends a training",
    )
}
