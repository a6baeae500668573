"""`train policy-gradient`, `ppo`, `paper-dpo`, `query`: the paper's methods, one at a time."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from shopwright.cli.command import GOALS_HELP, Command, add_shop, goals_named
from shopwright.cli.settings import add_settings, settings_of
from shopwright.cli.train import add_out, print_summary
from shopwright.console import Stages
from shopwright.rollouts.preferences import read_preferences
from shopwright.rollouts.records import read_trajectories
from shopwright.shop.shop import Shop


def _add_start(parser: ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--from",
        dest="start",
        type=Path,
        required=required,
        metavar="RUN",
        help="the run folder of the agent to improve; it is the frozen reference too"
        + ("" if required else " (without: a new agent)"),
    )


def _add_trajectories(parser: ArgumentParser, text: str) -> None:
    parser.add_argument("--trajectories", type=Path, metavar="FILE.jsonl", help=text)


def _add_actor_critic(parser: ArgumentParser, config: type) -> None:
    add_shop(parser)
    parser.add_argument(
        "--goals",
        default="train",
        metavar="GOALS",
        help=f"what to shop for: {GOALS_HELP} (default: train)",
    )
    _add_start(parser, required=False)
    _add_trajectories(parser, "perfect trajectories to go on imitating")
    add_out(parser)
    add_settings(parser, config)


def _add_policy_gradient_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.policy_gradient import PolicyGradientConfig

    _add_actor_critic(parser, PolicyGradientConfig)


def _policy_gradient(arguments: Namespace) -> None:
    from shopwright.training.methods.policy_gradient import (
        PolicyGradientConfig,
        train_policy_gradient,
    )

    config = settings_of(PolicyGradientConfig, arguments)
    shop = Shop.open(arguments.shop)
    goals = goals_named(shop, arguments.goals)
    trajectories = read_trajectories(arguments.trajectories) if arguments.trajectories else ()
    with Stages() as stages:
        summary = train_policy_gradient(
            shop,
            goals,
            arguments.out,
            config,
            start=arguments.start,
            trajectories=trajectories,
            progress=stages,
        )
    print_summary(summary, arguments)


def _add_ppo_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.ppo import PPOConfig

    _add_actor_critic(parser, PPOConfig)
    parser.add_argument(
        "--reward-model",
        type=Path,
        metavar="RUN",
        help="a run folder of `shopwright train reward-model`: learn from its rewards",
    )
    parser.add_argument(
        "--queries",
        type=Path,
        metavar="RUN",
        help="a run folder of `shopwright train query`: learn to pick among its proposals",
    )


def _ppo(arguments: Namespace) -> None:
    from shopwright.training.methods.ppo import PPOConfig, train_ppo

    config = settings_of(PPOConfig, arguments)
    shop = Shop.open(arguments.shop)
    goals = goals_named(shop, arguments.goals)
    trajectories = read_trajectories(arguments.trajectories) if arguments.trajectories else ()
    with Stages() as stages:
        summary = train_ppo(
            shop,
            goals,
            arguments.out,
            config,
            start=arguments.start,
            trajectories=trajectories,
            reward_model=arguments.reward_model,
            queries=arguments.queries,
            progress=stages,
        )
    print_summary(summary, arguments)


def _add_paper_dpo_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.paper_dpo import PaperDPOConfig

    add_shop(parser)
    _add_trajectories(parser, "perfect trajectories: people's, or generated ones")
    parser.add_argument(
        "--preferences",
        type=Path,
        metavar="FILE.jsonl",
        help="in their place: preferences as `shopwright generate preferences` writes them",
    )
    _add_start(parser, required=True)
    add_out(parser)
    add_settings(parser, PaperDPOConfig)


def _paper_dpo(arguments: Namespace) -> None:
    from shopwright.training.methods.paper_dpo import PaperDPOConfig, train_paper_dpo

    config = settings_of(PaperDPOConfig, arguments)
    shop = Shop.open(arguments.shop)
    trajectories = read_trajectories(arguments.trajectories) if arguments.trajectories else ()
    pairs = read_preferences(arguments.preferences) if arguments.preferences else ()
    with Stages() as stages:
        summary = train_paper_dpo(
            shop,
            arguments.start,
            arguments.out,
            config,
            trajectories=trajectories,
            pairs=pairs,
            progress=stages,
        )
    print_summary(summary, arguments)


def _add_query_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.query import QueryConfig

    add_shop(parser)
    parser.add_argument(
        "--pairs",
        type=Path,
        required=True,
        metavar="FILE.json",
        help="queries by request, as WebShop's goal_query_map.json has them",
    )
    add_out(parser)
    add_settings(parser, QueryConfig)


def _query(arguments: Namespace) -> None:
    from shopwright.training.methods.query import QueryConfig, read_pairs, train_query

    config = settings_of(QueryConfig, arguments)
    shop = Shop.open(arguments.shop)
    pairs = read_pairs(arguments.pairs)
    with Stages() as stages:
        summary = train_query(shop, pairs, arguments.out, config, progress=stages)
    print_summary(summary, arguments)


def _add_reward_model_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.reward_model import RewardModelConfig

    add_shop(parser)
    parser.add_argument(
        "--from-goals",
        dest="source",
        default="train",
        metavar="GOALS",
        help=f"what purchases are compared for: {GOALS_HELP} (default: train)",
    )
    add_out(parser)
    add_settings(parser, RewardModelConfig)


def _reward_model(arguments: Namespace) -> None:
    from shopwright.training.methods.reward_model import RewardModelConfig, train_reward_model

    config = settings_of(RewardModelConfig, arguments)
    shop = Shop.open(arguments.shop)
    goals = goals_named(shop, arguments.source)
    with Stages() as stages:
        summary = train_reward_model(shop, goals, arguments.out, config, progress=stages)
    print_summary(summary, arguments)


def _add_scratch_arguments(parser: ArgumentParser) -> None:
    from shopwright.training.methods.scratch import ScratchTrainingConfig

    add_shop(parser)
    parser.add_argument(
        "--trajectories",
        type=Path,
        required=True,
        metavar="FILE.jsonl",
        help="perfect trajectories, as `shopwright generate` writes them",
    )
    add_out(parser)
    add_settings(parser, ScratchTrainingConfig)


def _scratch(arguments: Namespace) -> None:
    from shopwright.training.methods.scratch import ScratchTrainingConfig, train_scratch

    config = settings_of(ScratchTrainingConfig, arguments)
    shop = Shop.open(arguments.shop)
    trajectories = read_trajectories(arguments.trajectories)
    with Stages() as stages:
        summary = train_scratch(shop, trajectories, arguments.out, config, progress=stages)
    print_summary(summary, arguments)


COMMANDS = {
    "train reward-model": Command(
        description=(
            "Trains a reward model on comparisons of purchases (Bradley-Terry). For PPO against\n"
            "it: shopwright train ppo --reward-model RUN."
        ),
        example="shopwright train reward-model --shop shops/demo --out runs/reward",
        add_arguments=_add_reward_model_arguments,
        run=_reward_model,
    ),
    "train no-pretraining": Command(
        description=(
            "Trains a policy without a language model, a bag of embeddings from scratch: the row\n"
            "that shows what the language model adds."
        ),
        example=(
            "shopwright train no-pretraining --shop shops/demo --trajectories trajectories.jsonl "
            "--out runs/no-pretraining"
        ),
        add_arguments=_add_scratch_arguments,
        run=_scratch,
    ),
    "train query": Command(
        description=(
            "Trains the query policy: what of a request to type into the search box. By default a\n"
            "tagger that keeps or drops words; or a sequence-to-sequence model."
        ),
        example=(
            "shopwright train query --shop shops/webshop --pairs goal_query_map.json "
            "--out runs/query"
        ),
        add_arguments=_add_query_arguments,
        run=_query,
    ),
    "train policy-gradient": Command(
        description=(
            "Improves an agent by WebShop's own reinforcement learning: policy gradient, value,\n"
            "entropy and imitation terms, while it shops in the simulator."
        ),
        example=(
            "shopwright train policy-gradient --shop shops/demo --from runs/imitation "
            "--trajectories trajectories.jsonl --minutes 3 --out runs/policy-gradient"
        ),
        add_arguments=_add_policy_gradient_arguments,
        run=_policy_gradient,
    ),
    "train ppo": Command(
        description=(
            "Improves an agent by proximal policy optimisation while it shops in the simulator:\n"
            "the clipped objective, generalised advantages, value, entropy and imitation terms."
        ),
        example=(
            "shopwright train ppo --shop shops/demo --from runs/imitation "
            "--trajectories trajectories.jsonl --minutes 3 --out runs/ppo"
        ),
        add_arguments=_add_ppo_arguments,
        run=_ppo,
    ),
    "train paper-dpo": Command(
        description=(
            "Improves an agent by direct preference optimisation as the paper does it: an update\n"
            "for each episode; at its decisions the demonstrated action is chosen to one that\n"
            "the frozen agent draws. Or from preferences whose both sides an agent generated."
        ),
        example=(
            "shopwright train paper-dpo --shop shops/demo --trajectories trajectories.jsonl "
            "--from runs/imitation --minutes 3 --out runs/dpo"
        ),
        add_arguments=_add_paper_dpo_arguments,
        run=_paper_dpo,
    ),
}
