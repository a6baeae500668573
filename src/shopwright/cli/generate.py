"""`generate`: perfect rollouts of an agent, without loops."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from shopwright.cli.command import (
    Command,
    add_agent,
    add_goals,
    add_shop,
    goals_named,
    open_agent_with_progress,
    output_file,
)
from shopwright.cli.settings import add_settings, settings_of
from shopwright.console import Stages, note, print_json, print_line
from shopwright.errors import InputError
from shopwright.rollouts.generate import GenerateConfig, generate_perfect
from shopwright.rollouts.records import write_trajectories
from shopwright.shop.shop import Shop


def _add_arguments(parser: ArgumentParser) -> None:
    add_shop(parser)
    add_agent(parser)
    add_goals(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.jsonl", help="the file to write"
    )
    add_settings(parser, GenerateConfig)


def _run(arguments: Namespace) -> None:
    started = time.perf_counter()
    config = settings_of(GenerateConfig, arguments)
    out = output_file(arguments.out)
    shop = Shop.open(arguments.shop)
    goals = goals_named(shop, arguments.goals)
    with Stages() as stages:
        agent = open_agent_with_progress(stages, arguments.agent, shop, seed=config.seed)
        with stages.stage("generation") as progress:
            generated = generate_perfect(agent, shop, goals, config, progress=progress)
            if not generated.trajectories:
                raise InputError(
                    f"--goals: expected goals that {arguments.agent} can fulfil, got no perfect "
                    f"rollout in {generated.tries} tries"
                )
    write_trajectories(out, generated.trajectories)
    if generated.perfect < config.trajectories:
        note(
            f"the goals ran out: {generated.perfect} perfect rollouts of the "
            f"{config.trajectories} asked for"
        )
    record = {
        "out": str(out),
        "trajectories": generated.perfect,
        "tries": generated.tries,
        "goals": generated.goals,
        "simulator_steps": generated.simulator_steps,
        "seconds": time.perf_counter() - started,
    }
    if arguments.json:
        print_json(record)
        return
    print_line(
        f"{generated.perfect} perfect rollouts of {generated.tries} tries, "
        f"{generated.simulator_steps} simulator steps: {out}"
    )


COMMANDS = {
    "generate": Command(
        description=(
            "Lets an agent shop in the simulator and keeps its perfect rollouts (reward 1),\n"
            "without their loops: trajectories to train on that cost no human labels."
        ),
        example=(
            "shopwright generate --shop shops/demo --agent oracle --goals train "
            "--trajectories 300 --out trajectories.jsonl"
        ),
        add_arguments=_add_arguments,
        run=_run,
        seed="decides the order of the goals and the samples",
    )
}
