"""`train`: the default recipe, or one method on trajectories at hand."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopwright.cli.command import Command, add_device, add_shop
from shopwright.cli.settings import add_settings, settings_of
from shopwright.console import Stages, note, print_json, print_line
from shopwright.errors import UnavailableError
from shopwright.evaluation.run_report import write_run_report
from shopwright.rollouts.records import read_trajectories
from shopwright.shop.shop import Shop


def add_out(parser: ArgumentParser) -> None:
    """Add ``--out``, a run folder."""
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="RUN",
        help="the run folder; a run that was interrupted there goes on",
    )
    add_device(parser)


def _add_trajectories(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--trajectories",
        type=Path,
        required=True,
        metavar="FILE.jsonl",
        help="perfect trajectories, as `shopwright generate` writes them",
    )


def _add_recipe_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.recipe import RecipeConfig

    add_shop(parser)
    add_out(parser)
    add_settings(parser, RecipeConfig)


def _recipe(arguments: Namespace) -> None:
    from shopwright.training.recipe import RecipeConfig, train_default

    config = settings_of(RecipeConfig, arguments)
    shop = Shop.open(arguments.shop)
    with Stages() as stages:
        summary = train_default(shop, arguments.out, config, progress=stages)
    print_summary(summary, arguments)


def _add_imitation_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.imitation import ImitationConfig

    add_shop(parser)
    _add_trajectories(parser)
    add_out(parser)
    add_settings(parser, ImitationConfig)


def _imitation(arguments: Namespace) -> None:
    from shopwright.training.methods.imitation import ImitationConfig, train_imitation

    config = settings_of(ImitationConfig, arguments)
    shop = Shop.open(arguments.shop)
    trajectories = read_trajectories(arguments.trajectories)
    with Stages() as stages:
        summary = train_imitation(shop, trajectories, arguments.out, config, progress=stages)
    print_summary(summary, arguments)


def _add_dpo_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.dpo import DPOConfig

    add_shop(parser)
    _add_trajectories(parser)
    parser.add_argument(
        "--from",
        dest="start",
        type=Path,
        required=True,
        metavar="RUN",
        help="the run folder of the agent to improve; it is the frozen reference too",
    )
    add_out(parser)
    add_settings(parser, DPOConfig)


def _dpo(arguments: Namespace) -> None:
    from shopwright.training.methods.dpo import DPOConfig, train_dpo

    config = settings_of(DPOConfig, arguments)
    shop = Shop.open(arguments.shop)
    trajectories = read_trajectories(arguments.trajectories)
    with Stages() as stages:
        summary = train_dpo(
            shop, trajectories, arguments.start, arguments.out, config, progress=stages
        )
    print_summary(summary, arguments)


def _add_encoder_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.encoder import AdaptationConfig

    add_shop(parser)
    _add_trajectories(parser)
    add_out(parser)
    add_settings(parser, AdaptationConfig)


def _encoder(arguments: Namespace) -> None:
    from shopwright.training.methods.encoder import AdaptationConfig, train_encoder

    config = settings_of(AdaptationConfig, arguments)
    shop = Shop.open(arguments.shop)
    trajectories = read_trajectories(arguments.trajectories)
    with Stages() as stages:
        summary = train_encoder(shop, trajectories, arguments.out, config, progress=stages)
    print_summary(summary, arguments)


def print_summary(summary: Mapping[str, Any], arguments: Namespace) -> None:
    """Print the summary of a run and write its report, where the packages for it are."""
    if (arguments.out / "metrics.jsonl").is_file():
        try:
            write_run_report(arguments.out)
        except UnavailableError as error:
            note(f"no report: {error}")
    if arguments.json:
        print_json({"run": str(arguments.out), **summary})
        return
    for name, value in summary.items():
        print_line(f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}")
    print_line(f"run: {arguments.out}")


COMMANDS = {
    "train": Command(
        description=(
            "Trains an agent by the default recipe, from nothing: generates perfect rollouts in\n"
            "the simulator, for the shop's goals and for goals that the catalogue invents,\n"
            "imitates them, tries DPO, and keeps it where dev goals show a gain. For one method\n"
            "alone: shopwright train imitation, shopwright train dpo and the others."
        ),
        example="shopwright train --shop shops/demo --out runs/agent",
        add_arguments=_add_recipe_arguments,
        run=_recipe,
    ),
    "train imitation": Command(
        description=(
            "Trains the choice policy on perfect trajectories: what to type, what to want, and,\n"
            "by practice with these relevance, what to open and when to stop."
        ),
        example=(
            "shopwright train imitation --shop shops/demo --trajectories trajectories.jsonl "
            "--out runs/imitation"
        ),
        add_arguments=_add_imitation_arguments,
        run=_imitation,
    ),
    "train dpo": Command(
        description=(
            "Improves a trained agent by direct preference optimisation: at each decision the\n"
            "action of a perfect trajectory is chosen to another that the agent would take."
        ),
        example=(
            "shopwright train dpo --shop shops/demo --trajectories trajectories.jsonl "
            "--from runs/imitation --out runs/dpo"
        ),
        add_arguments=_add_dpo_arguments,
        run=_dpo,
    ),
    "train encoder": Command(
        description=(
            "Adapts the language model to a shop on perfect trajectories, by low-rank updates or\n"
            "as a whole; RUN/model is what other trainers then take as --language-model."
        ),
        example=(
            "shopwright train encoder --shop shops/demo --trajectories trajectories.jsonl "
            "--tuning lora --minutes 10 --out runs/encoder"
        ),
        add_arguments=_add_encoder_arguments,
        run=_encoder,
    ),
}
