"""`demonstrations`, `online-report`, `store backup` and `store migrate`: what a service keeps."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

from shopwright.cli.command import (
    READING_AGENT_HELP,
    UNUSED_SEED,
    Argument,
    Command,
    agents,
    number,
    open_agent_with_progress,
    output_file,
    path,
    store_place,
    switch,
)
from shopwright.console import Stages, note, print_line, print_table
from shopwright.errors import InputError
from shopwright.files import PRIVATE
from shopwright.rollouts.records import write_trajectories
from shopwright.shop.shop import Shop
from shopwright.store.database import is_address

MOST_ENTRIES = 2_000


STORE = store_place("where the service keeps feedback and demonstrations", required=True)


def _demonstrations(arguments: Namespace) -> dict[str, Any]:
    from shopwright.store.store import Store

    out = output_file(arguments.out)
    store = Store(arguments.store)
    recorded = store.demonstrations()
    store.close()
    kept = [each for each in recorded if arguments.all or each.perfect]
    if not kept:
        raise InputError(
            f"{arguments.store}: expected demonstrations with a reward of 1, got none "
            f"({len(recorded)} with less; --all exports them)"
        )
    write_trajectories(out, kept, permissions=PRIVATE)
    return {
        "out": str(out),
        "demonstrations": len(kept),
        "imperfect_left_out": len(recorded) - len(kept),
    }


def _show_demonstrations(record: Mapping[str, Any]) -> None:
    if record["imperfect_left_out"]:
        left_out = record["imperfect_left_out"]
        note(f"{left_out} with a reward below 1 left out (--all exports them)")
    print_line(f"{record['demonstrations']} demonstrations: {record['out']}")


def _report(arguments: Namespace) -> dict[str, Any]:
    from shopwright.serving.labels import label_of
    from shopwright.serving.log_report import experiment_record, off_policy_record
    from shopwright.serving.service import Service
    from shopwright.store.store import Store

    if arguments.target is not None and (arguments.shop is None or not arguments.agent):
        raise InputError("--target: expected --shop and the served --agent beside it, got none")
    store = Store(arguments.store)
    record: dict[str, Any] = experiment_record(store)
    if arguments.target is not None:
        shop = Shop.open(arguments.shop)
        store.check_shop(shop.origin)
        target = label_of(arguments.target)
        with Stages() as stages:
            names = {label_of(name): name for name in (*arguments.agent, arguments.target)}
            agents = {
                label: open_agent_with_progress(stages, name, shop, seed=arguments.seed)
                for label, name in names.items()
            }
            service = Service(shop, agents, store)
            with stages.stage("log") as progress:
                record["off_policy"] = off_policy_record(
                    service, target, most=arguments.entries, progress=progress
                )
    store.close()
    return record


def _back_up(arguments: Namespace) -> dict[str, Any]:
    from shopwright.store.backup import back_up

    return {"out": str(arguments.out), "recommendations": back_up(arguments.place, arguments.out)}


def _migrate(arguments: Namespace) -> dict[str, Any]:
    from shopwright.store.postgresql import migrate
    from shopwright.store.schema import VERSION

    if not is_address(arguments.place):
        raise InputError(
            f"{arguments.place}: expected postgresql://..., got a file; files are brought to the "
            "newest version when they are served"
        )
    return {"from": migrate(arguments.place), "to": VERSION}


def _show_report(record: Mapping[str, Any]) -> None:
    rows = [
        [
            arm["agent"],
            f"{arm['pulls']:,}",
            f"{arm['judged']:,}",
            f"{arm['successes']:,}",
            *_percentages(arm["success_rate"], arm["success_interval"]),
            f"{arm['probability_of_being_best']:.3f}",
        ]
        for arm in record["agents"]
    ]
    columns = ("agent", "pulls", "judged", "bought", "success %", "95 %", "P(best)")
    print_table("online experiment", columns, rows)
    print_line(
        f"regret: {record['regret']:.1f} purchases fewer than the best observed rate would give "
        f"on {record['judged']:,} judged recommendations"
    )
    other = record.get("off_policy")
    if other is None:
        return
    rows = []
    for name in ("inverse_propensity", "self_normalised", "doubly_robust"):
        estimate = other[name]
        rows.append(
            [
                name.replace("_", " "),
                *_percentages(estimate["value"], estimate["interval"]),
                f"{estimate['effective_size']:.0f}",
            ]
        )
    print_table(
        f"what {other['target']} would have earned on {other['entries']:,} entries",
        ("estimator", "success %", "95 %", "effective entries"),
        rows,
    )
    print_line(
        f"its first item, with its options, was shown in {other['agreeing']:,} of them; "
        f"logged mean {100 * other['logged_mean']:.1f} %; "
        f"{other['unexplained']:,} entries of other agents"
    )


def _percentages(value: float | None, interval: Sequence[float] | None) -> tuple[str, str]:
    shown = "–" if value is None else f"{100 * value:.1f}"
    ends = "–" if interval is None else " to ".join(f"{100 * end:.1f}" for end in interval)
    return shown, ends


COMMANDS = {
    "demonstrations": Command(
        description=(
            "Exports what people did in the page's view `shop yourself` as trajectories: those\n"
            "that earned 1, which `shopwright train dpo` and `train imitation` take."
        ),
        example="shopwright demonstrations --feedback feedback.sqlite --out demonstrations.jsonl",
        arguments=(
            STORE,
            path("--out", "FILE", "the JSON lines file to write", required=True),
            switch(
                "--all", "purchases that earned less than 1 too; `train` takes perfect ones only"
            ),
        ),
        run=_demonstrations,
        show=_show_demonstrations,
        seed=UNUSED_SEED,
    ),
    "online-report": Command(
        description=(
            "Reports an online experiment: how often each agent answered, what was bought, and\n"
            "the regret. With --target also what another agent would have earned on the log."
        ),
        example=(
            "shopwright online-report --feedback feedback.sqlite --shop shops/demo "
            "--agent runs/agent rule-page --target runs/other"
        ),
        arguments=(
            STORE,
            path("--shop", "SHOP", "the shop folder, for --target"),
            agents("the agents that were served, for --target"),
            Argument(
                "--target",
                metavar="AGENT",
                help=f"estimate what this agent would have earned on the log: {READING_AGENT_HELP}",
            ),
            number(
                "--entries", "N", "log entries that the estimate uses at most", default=MOST_ENTRIES
            ),
        ),
        run=_report,
        show=_show_report,
        seed="of the agents that draw",
    ),
    "store backup": Command(
        description=(
            "Copies a service's feedback and demonstrations into one new SQLite file, while it\n"
            "serves: a plain copy of its file would miss what still lies in the log beside it."
        ),
        example="shopwright store backup runs/agent/feedback.sqlite --out backup.sqlite",
        arguments=(
            store_place("where the service keeps them", name="place"),
            path("--out", "FILE", "the file to write; there must be none", required=True),
        ),
        run=_back_up,
        seed=UNUSED_SEED,
    ),
    "store migrate": Command(
        description=(
            "Makes a service's tables in PostgreSQL, or brings them to the newest version: once,\n"
            "before `serve --store` begins. A password is taken from PGPASSWORD, or from the file\n"
            "that libpq reads."
        ),
        example="shopwright store migrate postgresql://shopwright@localhost/shop",
        arguments=(store_place("where the service keeps feedback", name="place"),),
        run=_migrate,
        seed=UNUSED_SEED,
    ),
}
