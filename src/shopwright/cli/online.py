"""`demonstrations` and `online-report`: what a service's log holds."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopwright.cli.command import (
    AGENT_HELP,
    Command,
    open_agent_with_progress,
    output_file,
    whole_number,
)
from shopwright.cli.serve import add_store
from shopwright.console import Stages, note, print_json, print_line, print_table
from shopwright.errors import InputError
from shopwright.rollouts.records import write_trajectories
from shopwright.shop.shop import Shop

MOST_ENTRIES = 2_000


def _add_demonstrations_arguments(parser: ArgumentParser) -> None:
    add_store(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the JSON lines file to write"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="purchases that earned less than 1 too; `train` takes perfect ones only",
    )


def _demonstrations(arguments: Namespace) -> None:
    from shopwright.serving.store import Store

    out = output_file(arguments.out)
    store = Store(arguments.feedback)
    recorded = store.demonstrations()
    store.close()
    kept = [each for each in recorded if arguments.all or each.perfect]
    if not kept:
        raise InputError(
            f"{arguments.feedback}: expected demonstrations with a reward of 1, got none "
            f"({len(recorded)} with less; --all exports them)"
        )
    write_trajectories(out, kept)
    record = {
        "out": str(out),
        "demonstrations": len(kept),
        "imperfect_left_out": len(recorded) - len(kept),
    }
    if arguments.json:
        print_json(record)
        return
    if len(kept) < len(recorded):
        note(f"{len(recorded) - len(kept)} with a reward below 1 left out (--all exports them)")
    print_line(f"{len(kept)} demonstrations: {out}")


def _add_report_arguments(parser: ArgumentParser) -> None:
    add_store(parser)
    parser.add_argument("--shop", type=Path, metavar="SHOP", help="the shop folder, for --target")
    parser.add_argument(
        "--agent",
        nargs="+",
        action="extend",
        default=[],
        metavar="AGENT",
        help="the agents that were served, for --target",
    )
    parser.add_argument(
        "--target",
        metavar="AGENT",
        help=f"estimate what this agent would have earned on the log: {AGENT_HELP}",
    )
    parser.add_argument(
        "--entries",
        type=whole_number(1),
        default=MOST_ENTRIES,
        metavar="N",
        help=f"how many log entries the estimate uses at most (default: {MOST_ENTRIES})",
    )


def _report(arguments: Namespace) -> None:
    from shopwright.serving.online import experiment_record, off_policy_record
    from shopwright.serving.service import Service, label_of
    from shopwright.serving.store import Store

    if arguments.target is not None and (arguments.shop is None or not arguments.agent):
        raise InputError("--target: expected --shop and the served --agent beside it, got none")
    store = Store(arguments.feedback)
    record: dict[str, Any] = experiment_record(store)
    if arguments.target is not None:
        shop = Shop.open(arguments.shop)
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
    if arguments.json:
        print_json(record)
    else:
        _print_report(record)


def _print_report(record: Mapping[str, Any]) -> None:
    rows = []
    for arm in record["agents"]:
        rate, interval = arm["success_rate"], arm["success_interval"]
        rows.append(
            [
                arm["agent"],
                f"{arm['pulls']:,}",
                f"{arm['judged']:,}",
                f"{arm['successes']:,}",
                "–" if rate is None else f"{100 * rate:.1f}",
                "–" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}",
                f"{arm['probability_of_being_best']:.3f}",
            ]
        )
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
        interval = estimate["interval"]
        rows.append(
            [
                name.replace("_", " "),
                "–" if estimate["value"] is None else f"{100 * estimate['value']:.1f}",
                "–" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}",
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


COMMANDS = {
    "demonstrations": Command(
        description=(
            "Exports what people did in the page's view `shop yourself` as trajectories: those\n"
            "that earned 1, which `shopwright train dpo` and `train imitation` take."
        ),
        example="shopwright demonstrations --feedback feedback.sqlite --out demonstrations.jsonl",
        add_arguments=_add_demonstrations_arguments,
        run=_demonstrations,
        seed="taken for symmetry; nothing is drawn",
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
        add_arguments=_add_report_arguments,
        run=_report,
        seed="of the random agent",
    ),
}
