"""`generate preferences`: preferences of which an agent generates both sides."""

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
from shopwright.console import Stages, print_json, print_line
from shopwright.errors import InputError
from shopwright.rollouts.preferences import (
    PreferencesConfig,
    generate_preferences,
    write_preferences,
)
from shopwright.shop.shop import Shop


def _add_arguments(parser: ArgumentParser) -> None:
    add_shop(parser)
    add_agent(parser)
    add_goals(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.jsonl", help="the file to write"
    )
    add_settings(parser, PreferencesConfig)


def _run(arguments: Namespace) -> None:
    started = time.perf_counter()
    config = settings_of(PreferencesConfig, arguments)
    out = output_file(arguments.out)
    shop = Shop.open(arguments.shop)
    goals = goals_named(shop, arguments.goals)
    with Stages() as stages:
        agent = open_agent_with_progress(stages, arguments.agent, shop, seed=config.seed)
        with stages.stage("preferences") as progress:
            generated = generate_preferences(agent, shop, goals, config, progress=progress)
            if not generated.pairs:
                raise InputError(
                    f"--goals: expected goals that {arguments.agent} fulfils now and then, got "
                    f"the same outcome in all of {generated.rollouts} episodes"
                )
    write_preferences(out, generated.pairs)
    record = {
        "out": str(out),
        "pairs": len(generated.pairs),
        "rollouts": generated.rollouts,
        "goals": generated.goals,
        "simulator_steps": generated.simulator_steps,
        "seconds": time.perf_counter() - started,
    }
    if arguments.json:
        print_json(record)
        return
    print_line(
        f"{len(generated.pairs)} preferences from {generated.rollouts} episodes for "
        f"{generated.goals} goals, {generated.simulator_steps} simulator steps: {out}"
    )


COMMANDS = {
    "generate preferences": Command(
        description=(
            "Lets an agent shop several times for each goal; where its episodes part, the action\n"
            "after which they ended better is chosen. Both sides are the agent's own."
        ),
        example=(
            "shopwright generate preferences --shop shops/demo --agent runs/dpo --goals train "
            "--pairs 500 --out preferences.jsonl"
        ),
        add_arguments=_add_arguments,
        run=_run,
        seed="decides the order of the goals and the samples",
    )
}
