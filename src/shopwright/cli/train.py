"""`train`: the default recipe, or one method.

What a method learns from and its settings are read off its function and its configuration.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from shopwright.api import Training, goals_of, train
from shopwright.cli.command import (
    GOALS_HELP,
    SHOP,
    Argument,
    Command,
    path,
    print_fields,
)
from shopwright.cli.settings import settings_of
from shopwright.console import Stages, note, print_line
from shopwright.errors import UnavailableError
from shopwright.language.prompts import PROMPT_FILE
from shopwright.shop.shop import Shop
from shopwright.training.registry import load_method

OUT = path(
    "--out", "RUN", "the run folder; a run that was interrupted there goes on", required=True
)
# Parameter of a training function → its flag, what the flag takes, its help.
INPUTS = {
    "trajectories": (
        "--trajectories",
        "FILE.jsonl",
        "perfect trajectories, as `shopwright generate` writes them",
    ),
    "preferences": (
        "--preferences",
        "FILE.jsonl",
        "in place of trajectories: preferences, as `shopwright generate preferences` writes them",
    ),
    "pairs": (
        "--pairs",
        "FILE.json",
        "queries by request, as WebShop's goal_query_map.json has them",
    ),
    "feedback": ("--feedback", "FILE", "the store of a service, which may go on meanwhile"),
    "start": ("--from", "RUN", "the run folder of the agent to improve; the frozen reference too"),
    "policy": ("--policy", "hf:FOLDER|NAME", "the causal language model to begin with"),
    "goals": ("--goals", "GOALS", f"what to shop for: {GOALS_HELP} (default: train)"),
    "reward_model": (
        "--reward-model",
        "RUN",
        "a run folder of `shopwright train reward-model`: learn from its rewards",
    ),
}


# Methods that read texts or practise in processes.
DIVIDED = ("recipe", "imitation", "dpo")


def _arguments(method: str) -> list[Argument]:
    found = load_method(method)
    settings = {each.name for each in fields(found.config)}
    arguments = [SHOP]
    for name, needed in found.inputs.items():
        if name not in INPUTS:
            continue
        flag, metavar, help = INPUTS[name]
        arguments.append(
            Argument(
                # Where a setting has that name: `reward-model` takes a number of goals, too.
                f"--from-{name}" if name in settings else flag,
                dest=f"input_{name}",
                metavar=metavar,
                required=needed and name != "goals",
                help=help,
            )
        )
    return [*arguments, OUT]


def _configs(method: str) -> list[type[Any]]:
    return [load_method(method).config]


def _run(method: str, arguments: Namespace) -> dict[str, Any]:
    (config,) = _configs(method)
    inputs = {
        name.removeprefix("input_"): value
        for name, value in vars(arguments).items()
        if name.startswith("input_")
    }
    settings = settings_of(config, arguments)
    with Stages(_plan(method)) as stages:
        training = train(
            arguments.shop,
            arguments.out,
            method=method,
            config=settings,
            progress=stages,
            **inputs,
        )
    _write_report(training)
    return {"run": str(training.folder), "shop": str(arguments.shop), **training.summary}


def _plan(method: str) -> Sequence[tuple[str, float]] | None:
    """The stages of a method that has many."""
    if method != "recipe":
        return None
    from shopwright.training.recipe import PLAN

    return PLAN


def _show(record: Mapping[str, Any]) -> None:
    """Print the summary, the verdict last where there is one, and what to type next."""
    last = ("verdict", "measures", "run")
    print_fields({name: value for name, value in record.items() if name not in last})
    print_fields({name: record[name] for name in last if name in record})
    run = Path(record["run"])
    agent = f"hf:{run / 'model'}" if (run / "model" / PROMPT_FILE).is_file() else str(run)
    if agent != str(run) or any((run / name).is_file() for name in ("agent.json", "scratch.json")):
        print_line(
            f"next: shopwright evaluate --shop {record['shop']} --agent {agent} --goals test "
            "--protocol pages"
        )


def _write_report(training: Training) -> None:
    from shopwright.evaluation.run_report import write_run_report

    if training.method == "recipe" or (training.folder / "metrics.jsonl").is_file():
        try:
            write_run_report(training.folder)
        except UnavailableError as error:
            note(f"no report: {error}")


def _grpo_configs() -> list[type[Any]]:
    from shopwright.integrations.grpo import GRPOConfig

    return [GRPOConfig]


def _grpo(arguments: Namespace) -> dict[str, Any]:
    from shopwright.integrations.grpo import GRPOConfig, train_grpo

    shop = Shop.open(arguments.shop).check_is_built()
    goals, _ = goals_of(shop, arguments.goals)
    config = settings_of(GRPOConfig, arguments)
    with Stages() as stages:
        summary = train_grpo(
            shop, arguments.policy, Path(arguments.out), goals, config, progress=stages
        )
    return {"run": str(arguments.out), "shop": str(arguments.shop), **summary}


def _command(method: str, description: str, example: str) -> Command:
    verb = "train" if method == "recipe" else f"train {method}"
    return Command(
        description=description,
        example=f"shopwright {verb} {example}",
        arguments=partial(_arguments, method),
        configs=partial(_configs, method),
        run=partial(_run, method),
        show=_show,
        divided=method in DIVIDED,
    )


COMMANDS = {
    "train": _command(
        "recipe",
        "Trains an agent by the default recipe, from nothing: generates perfect rollouts in\n"
        "the simulator, for the shop's goals and for goals that the catalogue invents,\n"
        "imitates them, tries DPO, and keeps it where dev goals show a gain.",
        "--shop shops/demo --out runs/agent",
    ),
    "train imitation": _command(
        "imitation",
        "Trains the choice policy on perfect trajectories: what to type, what is relevant, and,\n"
        "by DAgger, what to open and when to buy.",
        "--shop shops/demo --trajectories trajectories.jsonl --out runs/imitation",
    ),
    "train dpo": _command(
        "dpo",
        "Improves a trained agent by direct preference optimisation: at each decision the\n"
        "action of a perfect trajectory is preferred to another that the agent would take.",
        "--shop shops/demo --trajectories trajectories.jsonl --from runs/imitation --out runs/dpo",
    ),
    "train feedback": _command(
        "feedback",
        "Gives an agent a taste: what customers like beyond what they ask for, from what they\n"
        "clicked, bought and dismissed. It is given only as far as it predicts lists that it has\n"
        "not learned from.",
        "--feedback runs/agent/feedback.sqlite --shop shops/demo --from runs/agent "
        "--out runs/liked",
    ),
    "train sft": _command(
        "sft",
        "Fine-tunes a causal language model on perfect trajectories, by TRL; the result shops\n"
        "as --agent hf:RUN/model.",
        "--shop shops/demo --policy hf:models/smollm2 --trajectories trajectories.jsonl "
        "--out runs/sft",
    ),
    "train language-dpo": _command(
        "language-dpo",
        "Improves a causal language model by direct preference optimisation, by TRL; `train\n"
        "dpo --policy hf:...` is the same.",
        "--shop shops/demo --policy hf:runs/sft/model --preferences preferences.jsonl "
        "--out runs/language-dpo",
    ),
    "train grpo": Command(
        description=(
            "Improves a causal language model by group relative policy optimisation while it\n"
            "shops in the simulator, by TRL: several episodes of each goal are compared."
        ),
        example=(
            "shopwright train grpo --shop shops/demo --policy hf:runs/sft/model --out runs/grpo"
        ),
        arguments=(
            SHOP,
            Argument(
                "--policy",
                required=True,
                metavar="hf:FOLDER|NAME",
                help="the causal language model to begin with",
            ),
            Argument(
                "--goals",
                default="train",
                metavar="GOALS",
                help=f"what to shop for: {GOALS_HELP} (default: train)",
            ),
            OUT,
        ),
        configs=_grpo_configs,
        run=_grpo,
        show=_show,
    ),
    "train encoder": _command(
        "encoder",
        "Adapts the language model to a shop on perfect trajectories, by low-rank updates or\n"
        "as a whole; other trainers then take RUN/model as --language-model.",
        "--shop shops/demo --trajectories trajectories.jsonl --tuning lora --minutes 10 "
        "--out runs/encoder",
    ),
    "train reward-model": _command(
        "reward-model",
        "Trains a reward model on comparisons of purchases (Bradley-Terry). For PPO against\n"
        "it: shopwright train ppo --reward-model RUN.",
        "--shop shops/demo --out runs/reward",
    ),
    "train no-pretraining": _command(
        "no-pretraining",
        "Trains a policy without a language model, a bag of embeddings from scratch: the row\n"
        "that shows what the language model adds.",
        "--shop shops/demo --trajectories trajectories.jsonl --out runs/no-pretraining",
    ),
    "train query": _command(
        "query",
        "Trains the query policy: what of a request to type into the search box. By default a\n"
        "tagger that keeps or drops words; or a sequence-to-sequence model.",
        "--shop shops/webshop --pairs goal_query_map.json --out runs/query",
    ),
    "train policy-gradient": _command(
        "policy-gradient",
        "Improves an agent by WebShop's own reinforcement learning: policy gradient, value,\n"
        "entropy and imitation terms, while it shops in the simulator.",
        "--shop shops/demo --from runs/imitation --trajectories trajectories.jsonl --minutes 3 "
        "--out runs/policy-gradient",
    ),
    "train ppo": _command(
        "ppo",
        "Improves an agent by proximal policy optimisation while it shops in the simulator:\n"
        "the clipped objective, generalised advantages, value, entropy and imitation terms.",
        "--shop shops/demo --from runs/imitation --trajectories trajectories.jsonl --minutes 3 "
        "--out runs/ppo",
    ),
    "train paper-dpo": _command(
        "paper-dpo",
        "Improves an agent by direct preference optimisation as the paper does it: an update\n"
        "for each episode; at its decisions the demonstrated action is preferred to one that\n"
        "the frozen agent draws. Or from preferences whose both sides an agent generated.",
        "--shop shops/demo --trajectories trajectories.jsonl --from runs/imitation --minutes 3 "
        "--out runs/dpo",
    ),
}
