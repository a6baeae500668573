"""`generate`: an agent's perfect rollouts, or preferences between its own episodes."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from shopwright import api
from shopwright.cli.command import (
    AGENT,
    GOALS,
    OUT_FILE,
    SHOP,
    Argument,
    Command,
    open_agent_with_progress,
    output_file,
)
from shopwright.cli.settings import settings_of
from shopwright.console import Stages, note, print_line
from shopwright.errors import InputError
from shopwright.language.config import LanguageConfig
from shopwright.rollouts.generate import GenerateConfig
from shopwright.rollouts.preferences import (
    PreferencesConfig,
    generate_preferences,
    write_preferences,
)
from shopwright.shop.shop import Shop


def _rollouts(arguments: Namespace) -> dict[str, Any]:
    started = time.perf_counter()
    config = settings_of(GenerateConfig, arguments)
    out = output_file(arguments.out)
    shop = Shop.open(arguments.shop)
    with Stages() as stages:
        agent = open_agent_with_progress(
            stages,
            arguments.agent,
            shop,
            seed=config.seed,
            language=settings_of(LanguageConfig, arguments),
        )
        with stages.stage("generation") as progress:
            generated = api.generate(
                agent, shop, arguments.goals, config=config, out=out, progress=progress
            )
    if generated.perfect < config.trajectories:
        note(
            f"the goals ran out: {generated.perfect} perfect rollouts of the "
            f"{config.trajectories} asked for"
        )
    return {
        "out": str(out),
        "trajectories": generated.perfect,
        "tries": generated.tries,
        "goals": generated.goals,
        "simulator_steps": generated.simulator_steps,
        "seconds": time.perf_counter() - started,
    }


def _preferences(arguments: Namespace) -> dict[str, Any]:
    started = time.perf_counter()
    config = settings_of(PreferencesConfig, arguments)
    out = output_file(arguments.out)
    shop = Shop.open(arguments.shop)
    goals, _ = api.goals_of(shop, arguments.goals)
    with Stages() as stages:
        agent = open_agent_with_progress(
            stages,
            arguments.agent,
            shop,
            seed=config.seed,
            language=settings_of(LanguageConfig, arguments),
        )
        with stages.stage("preferences") as progress:
            generated = generate_preferences(agent, shop, goals, config, progress=progress)
            if not generated.pairs:
                raise InputError(
                    f"goals: expected goals that {arguments.agent} fulfils now and then, got "
                    f"the same outcome in all of {generated.rollouts} episodes"
                )
    write_preferences(out, generated.pairs)
    return {
        "out": str(out),
        "pairs": len(generated.pairs),
        "rollouts": generated.rollouts,
        "goals": generated.goals,
        "simulator_steps": generated.simulator_steps,
        "seconds": time.perf_counter() - started,
    }


def _show_rollouts(record: Mapping[str, Any]) -> None:
    print_line(
        f"{record['trajectories']} perfect rollouts of {record['tries']} tries, "
        f"{record['simulator_steps']} simulator steps: {record['out']}"
    )


def _show_preferences(record: Mapping[str, Any]) -> None:
    print_line(
        f"{record['pairs']} preferences from {record['rollouts']} episodes for "
        f"{record['goals']} goals, {record['simulator_steps']} simulator steps: {record['out']}"
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
        arguments=(SHOP, AGENT, GOALS, OUT_FILE),
        configs=(GenerateConfig, LanguageConfig),
        run=_rollouts,
        show=_show_rollouts,
        divided=True,
        seed="decides the order of the goals and the samples",
    ),
    "generate preferences": Command(
        description=(
            "Lets an agent shop several times for each goal; where its episodes part, the action\n"
            "after which they ended better is chosen. Both sides are the agent's own."
        ),
        example=(
            "shopwright generate preferences --shop shops/demo --agent runs/dpo --goals train "
            "--pairs 500 --out preferences.jsonl"
        ),
        arguments=(
            SHOP,
            Argument(
                "--agent",
                required=True,
                metavar="AGENT",
                help="one that samples its actions: a run folder, or random, explorer, "
                "hf:FOLDER, openai:MODEL@URL",
            ),
            GOALS,
            OUT_FILE,
        ),
        configs=(PreferencesConfig, LanguageConfig),
        run=_preferences,
        show=_show_preferences,
        divided=True,
        seed="decides the order of the goals and the samples",
    ),
}
