"""Learning from a policy's own shopping: what policy gradient and PPO share.

In each update the policy shops for goals; a method makes losses of what it lived through.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shopwright.agents.learned import LearnedAgent
from shopwright.config import setting
from shopwright.encoding.language_model import BUNDLED
from shopwright.errors import InputError
from shopwright.policy.batch import Batch, collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import Reader
from shopwright.policy.value import ValueNetwork
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run
from shopwright.seeding import numpy_rng, python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.auxiliary_imitation import AuxiliaryImitation
from shopwright.training.checkpoint import step_randomness
from shopwright.training.dev import Best, DevMonitor, PagesConfig
from shopwright.training.experience import (
    Experience,
    RewardFunction,
    collect_experience,
    state_values,
)
from shopwright.training.inputs import checksum, fingerprint
from shopwright.training.learner import Learner, new_learner, open_learner
from shopwright.training.loop import TIMED_POINTS, Loop, Losses, Progress, TrainingConfig
from shopwright.training.losses import entropy, kl_divergence, value_loss
from shopwright.training.reward_function import model_checksum, model_reward, reward_agreement
from shopwright.training.schedule import BudgetConfig


@dataclass(frozen=True, kw_only=True)
class OnPolicyConfig(TrainingConfig, BudgetConfig, PagesConfig):
    """How a choice policy learns from its own shopping."""

    updates: int = setting(250, help="rounds of shopping and learning", minimum=1)
    episodes: int = setting(32, help="episodes of an update", minimum=1)
    gamma: float = setting(
        0.9, help="discount of a step later", minimum=0, maximum=1, formerly="discount"
    )
    limit_ends: bool = setting(
        True, help="the step limit is an end; else what was cut off is estimated"
    )
    value_weight: float = setting(0.5, help="weight of the value loss", minimum=0)
    entropy_weight: float = setting(0.005, help="weight of the entropy bonus", minimum=0)
    imitation_weight: float = setting(
        0.1, help="weight of the imitation loss, with trajectories", minimum=0
    )
    kl_weight: float = setting(
        0.0, help="weight of the divergence from the policy at the start", minimum=0
    )
    imitation_batch: int = setting(16, help="demonstrated decisions of a gradient step", minimum=1)
    value_learning_rate: float = setting(
        3e-3, help="highest learning rate of the value network", above=0
    )
    language_model: str = setting(BUNDLED, help="the encoder of a new policy, without --from")
    learning_rate: float = 1e-3
    warmup_share: float = 0.05
    weight_decay: float = 0.0
    evaluate_every: int = 25
    log_every: int = 1
    checkpoint_every: int = 10


@dataclass(frozen=True, slots=True)
class Update:
    """What a method makes its losses of.

    Attributes:
        experience: T decisions and what came of them.
        values, next_values: float32, (T,): V of the state before and after each step.
        terminated, truncated: bool, (T,): where an episode ended, and where it was cut off.
        rng: draws what the update needs.
    """

    experience: Experience
    values: Tensor
    next_values: Tensor
    terminated: Tensor
    truncated: Tensor
    rng: np.random.Generator


@dataclass(frozen=True, slots=True)
class Scored:
    """Some decisions of an update as the policy scores them now.

    Attributes:
        batch: the decisions, N of them.
        log_probabilities, reference: float, (N, A): of all actions, and under the reference.
        taken: float, (N,): of the actions taken.
    """

    batch: Batch
    log_probabilities: Tensor
    reference: Tensor
    taken: Tensor


@dataclass(frozen=True, slots=True)
class ActorCritic:
    """The networks, and what is added to every method's own loss."""

    config: OnPolicyConfig
    policy: ChoiceNetwork
    value: ValueNetwork
    reference: ChoiceNetwork
    auxiliary: AuxiliaryImitation

    def score(self, experience: Experience, rows: Tensor) -> Scored:
        """Score the decisions with these numbers, int64, (N,)."""
        batch = collate([experience.decisions[row] for row in rows.tolist()])
        scores = self.policy(batch)
        with torch.no_grad():
            reference = self.reference(batch)
        return Scored(
            batch, scores, reference, scores.gather(1, experience.actions[rows, None])[:, 0]
        )

    def loss(
        self, policy_loss: Tensor, scored: Scored, returns: Tensor, rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return policy loss + value loss − entropy + divergence + imitation, each with its
        weight; and each by itself.

        Args:
            policy_loss: the method's own, a scalar.
            returns: float32, (N,): what the value network is to predict.
            rng: draws demonstrated decisions.
        """
        config = self.config
        terms = {
            "policy_loss": policy_loss,
            "value_loss": value_loss(self.value(scored.batch, scored.log_probabilities), returns),
            "imitation_loss": self.auxiliary.loss(self.policy, rng),
            "entropy": entropy(scored.log_probabilities),
            "kl_reference": kl_divergence(scored.log_probabilities, scored.reference),
        }
        loss = (
            policy_loss
            + config.value_weight * terms["value_loss"]
            - config.entropy_weight * terms["entropy"]
            + config.kl_weight * terms["kl_reference"]
            + config.imitation_weight * terms["imitation_loss"]
        )
        return loss, {"loss": loss, **terms}


def train_on_policy(
    operation: str,
    losses_of: Callable[[ActorCritic, Update], Losses],
    shop: Shop,
    goals: Sequence[Goal],
    out: Path,
    config: OnPolicyConfig,
    *,
    start: Path | None,
    trajectories: Sequence[Trajectory],
    reward_model: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a policy by its own shopping and write the best on dev goals into a run folder.

    A run that was killed goes on from its last checkpoint; unless a time limit decides its end, it
    ends at the same weights. A finished one is returned as it is.

    Args:
        losses_of: the method: the losses of an update, one for each gradient step.
        start: the run folder of the policy to begin with, which is the reference too; None: a new
            policy with random weights.
        trajectories: perfect ones to go on imitating; may be none.
        reward_model: the run folder of a reward model to learn from in the place of the shop's
            rewards; these are still watched, and choose the best checkpoint on dev goals.

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        AgentError: ``start`` holds no trained agent.
        InputError: there is no goal, or the folder holds another run.
    """
    if not goals:
        raise InputError("goals: expected at least one, got none")
    learner = _learner(shop, start, config)
    inputs = _inputs(shop, goals, trajectories, learner, reward_model)
    run = Run.open(out, operation, {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    policy, reader = learner.policy, learner.reader
    networks = _networks(operation, learner, shop, trajectories, config)
    reward = None if reward_model is None else model_reward(reward_model, reader)
    record = {"used": {"simulator_steps": 0, "episodes": 0}}

    agent = LearnedAgent(policy, reader, name=operation)
    best = Best(policy)
    loop = Loop(
        run,
        config,
        {"policy": policy, "value": networks.value},
        stage=operation,
        steps=config.updates,
        minutes=config.minutes,
        points=TIMED_POINTS,
        learning_rates={"value": config.value_learning_rate},
        record=record,
        monitor=DevMonitor.on_pages(agent, shop, config, seed=config.seed),
        best=best,
        progress=progress,
    )
    step_losses = partial(_losses, operation, losses_of, networks, shop, reader, goals, reward)
    loop.descend(partial(step_losses, record["used"]))
    result = {
        "operation": operation,
        "updates": loop.step,
        "best_update": best.step,
        "goals": len(goals),
        "trajectories": len(trajectories),
        **record["used"],
    }
    learner.write(out, best.network, result, start)
    return loop.finish(result)


def _losses(
    operation: str,
    losses_of: Callable[[ActorCritic, Update], Losses],
    networks: ActorCritic,
    shop: Shop,
    reader: Reader,
    goals: Sequence[Goal],
    reward: RewardFunction | None,
    used: dict[str, int],
    step: int,
) -> Losses:
    """Yield a method's losses of an update, with what the policy reached in it."""
    update = _update(operation, networks, shop, reader, goals, step, reward)
    used["simulator_steps"] += update.experience.simulator_steps
    used["episodes"] += networks.config.episodes
    numbers = _numbers(update.experience, judged=reward is not None)
    for loss, terms in losses_of(networks, update):
        yield loss, {**terms, **numbers}


def _inputs(
    shop: Shop,
    goals: Sequence[Goal],
    trajectories: Sequence[Trajectory],
    learner: Learner,
    reward_model: Path | None,
) -> dict[str, str]:
    return fingerprint(shop, trajectories) | {
        "goals_sha256": checksum([goal.asin, goal.instruction] for goal in goals),
        "start_sha256": learner.checksum,
        **({} if reward_model is None else {"reward_model_sha256": model_checksum(reward_model)}),
    }


def _numbers(experience: Experience, *, judged: bool) -> dict[str, float]:
    """What the policy reached in an update."""
    return {
        "train_score": experience.score,
        "train_success_rate": experience.success_rate,
        "episode_decisions": len(experience.decisions) / len(experience.true_rewards),
        **(reward_agreement(experience) if judged else {}),
    }


def _learner(shop: Shop, start: Path | None, config: OnPolicyConfig) -> Learner:
    if start is None:
        return new_learner(shop, config.language_model, device=config.device, seed=config.seed)
    return open_learner(shop, start, device=config.device)


def _networks(
    operation: str,
    learner: Learner,
    shop: Shop,
    trajectories: Sequence[Trajectory],
    config: OnPolicyConfig,
) -> ActorCritic:
    with step_randomness(config.seed, operation, "initial value"):
        value = ValueNetwork()
    policy = learner.policy
    auxiliary = AuxiliaryImitation(
        trajectories,
        shop,
        learner.reader,
        policy,
        step_limit=config.step_limit,
        batch_size=config.imitation_batch,
    )
    return ActorCritic(config, policy, value, copy.deepcopy(policy), auxiliary)


def _update(
    operation: str,
    networks: ActorCritic,
    shop: Shop,
    reader: Reader,
    goals: Sequence[Goal],
    step: int,
    reward: RewardFunction | None,
) -> Update:
    """Let the policy shop for some goals."""
    config = networks.config
    rng = numpy_rng(config.seed, operation, "update", step)
    experience = collect_experience(
        networks.policy,
        reader,
        shop,
        [goals[n] for n in rng.integers(0, len(goals), size=config.episodes)],
        [python_rng(config.seed, operation, step, n) for n in range(config.episodes)],
        step_limit=config.step_limit,
        reward=reward,
    )
    values, following = state_values(networks.policy, networks.value, experience)
    terminated, truncated = experience.terminated, experience.truncated
    if config.limit_ends:
        terminated, truncated = terminated | truncated, torch.zeros_like(truncated)
    return Update(experience, values, following, terminated, truncated, rng)
