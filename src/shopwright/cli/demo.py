"""`demo`: the whole way on an invented shop."""

from __future__ import annotations

import itertools
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopwright.cli.command import Command, new_folder, path
from shopwright.cli.evaluate import print_results
from shopwright.cli.recommend import print_recommendation
from shopwright.console import Stages, note, print_line
from shopwright.locks import locked

DEFAULT_FOLDER = Path("runs")


def _run(arguments: Namespace) -> dict[str, Any]:
    folder = new_folder(arguments.out or _free_folder())
    from shopwright.demo import STAGES, run_demo

    with locked(folder, wait_seconds=0), Stages(STAGES) as stages:
        record = run_demo(folder, seed=arguments.seed, progress=stages)
    for remark in record["notes"]:
        note(remark)
    return record


def _show(record: Mapping[str, Any]) -> None:
    folder = Path(record["run"])
    print_results(record["results"])
    for recommendation in record["recommendations"]:
        print_recommendation(recommendation)
    print_line(f"verdict: the trained agent is {record['verdict']}")
    print_line(f"report: {record['report']}")
    print_line(f"next: shopwright serve --shop {folder / 'shop'} --agent {folder / 'agent'}")
    print_line(str(folder))


def _free_folder() -> Path:
    names = (DEFAULT_FOLDER / f"demo-{number}" for number in itertools.count(1))
    return next(path for path in names if not path.exists())


COMMANDS = {
    "demo": Command(
        description=(
            "Goes the whole way on an invented shop of 1,000 products: builds it, finds perfect\n"
            "rollouts by trial and error, trains by imitation and DPO, measures the agents beside\n"
            "rules, recommends products and writes report.html. Takes minutes on two cores.\n"
            "The last line is the folder with everything."
        ),
        example="shopwright demo --out runs/demo",
        arguments=(
            path(
                "--out",
                "DIR",
                f"a new folder for everything (default: {DEFAULT_FOLDER}/demo-1, -2, ...)",
            ),
        ),
        run=_run,
        show=_show,
    )
}
