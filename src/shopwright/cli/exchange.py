"""`import` and `export`: people's shopping in, other trainers' formats out."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from shopwright.cli.command import Command, add_shop, output_file
from shopwright.console import print_json, print_line
from shopwright.errors import InputError
from shopwright.files import write_json, write_json_lines
from shopwright.rollouts.export import dpo_record, sft_record
from shopwright.rollouts.imitation_file import replayed, stream_imitation_file
from shopwright.rollouts.preferences import read_preferences
from shopwright.rollouts.records import stream_trajectories, write_trajectories
from shopwright.rollouts.session_logs import query_pairs, read_session_log
from shopwright.shop.shop import Shop


def _add_out(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.jsonl", help="the file to write"
    )


def _print(record: dict[str, object], arguments: Namespace) -> None:
    if arguments.json:
        print_json(record)
        return
    for name, value in record.items():
        print_line(f"{name}: {value}")


def _add_sessions_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("logs", nargs="+", type=Path, metavar="LOG.jsonl", help="session logs")
    _add_out(parser)
    parser.add_argument(
        "--pairs",
        type=Path,
        metavar="FILE.json",
        help="write what people searched for here, for `shopwright train query`",
    )


def _sessions(arguments: Namespace) -> None:
    sessions = [read_session_log(path) for path in arguments.logs]
    pairs = query_pairs(sessions)
    write_trajectories(output_file(arguments.out), (session.trajectory for session in sessions))
    if arguments.pairs:
        write_json(output_file(arguments.pairs), pairs)
    rewards = [session.trajectory.reward for session in sessions]
    record = {
        "out": str(arguments.out),
        "sessions": len(sessions),
        "perfect": sum(reward == 1.0 for reward in rewards),
        "score": 100.0 * sum(rewards) / len(rewards),
        "queries": sum(map(len, pairs.values())),
    }
    _print(record, arguments)


def _add_imitation_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="WebShop's imitation file")
    add_shop(parser)
    _add_out(parser)


def _imitation(arguments: Namespace) -> None:
    shop = Shop.open(arguments.shop)
    out = output_file(arguments.out)
    read = 0
    found = []
    for demonstrated in stream_imitation_file(arguments.file):
        read += 1
        trajectory = replayed(demonstrated, shop)
        if trajectory is not None:
            found.append(trajectory)
    if not found:
        raise InputError(
            f"{arguments.file}: expected episodes for requests of {arguments.shop}, got none "
            f"among {read}"
        )
    write_trajectories(out, found)
    record = {
        "out": str(out),
        "episodes": read,
        "replayed": len(found),
        "perfect": sum(trajectory.perfect for trajectory in found),
    }
    _print(record, arguments)


def _add_export_arguments(parser: ArgumentParser) -> None:
    add_shop(parser)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        "--trajectories", type=Path, metavar="FILE.jsonl", help="episodes, for SFTTrainer"
    )
    group.add_argument(
        "--preferences", type=Path, metavar="FILE.jsonl", help="preferences, for DPOTrainer"
    )
    _add_out(parser)


def _export(arguments: Namespace) -> None:
    shop = Shop.open(arguments.shop)
    out = output_file(arguments.out)
    if arguments.trajectories:
        trajectories = stream_trajectories(arguments.trajectories)
        count = write_json_lines(out, (sft_record(each, shop) for each in trajectories))
    else:
        pairs = read_preferences(arguments.preferences)
        count = write_json_lines(out, (dpo_record(each, shop) for each in pairs))
    _print({"out": str(out), "records": count}, arguments)


COMMANDS = {
    "import sessions": Command(
        description=(
            "Reads WebShop's session logs: what people searched for, opened, chose and bought.\n"
            "Without their products the pages cannot be rebuilt: such trajectories have no\n"
            "observations; their queries can train a query policy."
        ),
        example=(
            "shopwright import sessions logs/20220427_1_12.jsonl --out human.jsonl "
            "--pairs pairs.json"
        ),
        add_arguments=_add_sessions_arguments,
        run=_sessions,
    ),
    "import imitation": Command(
        description=(
            "Reads WebShop's il_trajs_finalized_images.jsonl and replays the episodes whose\n"
            "requests are among the shop's human ones; the others are counted."
        ),
        example=(
            "shopwright import imitation il_trajs_finalized_images.jsonl --shop shops/webshop "
            "--out human.jsonl"
        ),
        add_arguments=_add_imitation_arguments,
        run=_imitation,
    ),
    "export": Command(
        description=(
            "Writes episodes or preferences as the conversations that TRL's trainers read:\n"
            "messages for SFTTrainer; prompt, chosen and rejected for DPOTrainer."
        ),
        example=(
            "shopwright export --shop shops/demo --trajectories trajectories.jsonl --out sft.jsonl"
        ),
        add_arguments=_add_export_arguments,
        run=_export,
    ),
}
