"""Learning from a policy's own shopping: what policy gradient and PPO share.

In each update the policy shops for goals; a method makes losses of what it lived through.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from shopwright.agents.learned import LearnedAgent
from shopwright.config import setting
from shopwright.encoding.pretrained import BUNDLED
from shopwright.errors import InputError
from shopwright.policy.batch import Batch, collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import Reader
from shopwright.policy.reward_model import page_reward
from shopwright.policy.value import ValueNetwork
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng, python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import step_randomness
from shopwright.training.dev import Best, DevConfig, DevMonitor
from shopwright.training.examples import (
    Example,
    batch_of,
    demonstrate,
    drawn,
    imitation_examples,
)
from shopwright.training.experience import (
    Experience,
    RewardFunction,
    collect_experience,
    state_values,
)
from shopwright.training.inputs import checksum, fingerprint
from shopwright.training.learner import new_learner, open_learner
from shopwright.training.loop import TIMED_POINTS, Loop, Losses, Progress, TrainingConfig
from shopwright.training.losses import entropy, imitation_loss, kl_divergence, value_loss
from shopwright.training.methods.reward_model import rank_correlation
from shopwright.training.schedule import BudgetConfig


@dataclass(frozen=True, kw_only=True)
class OnPolicyConfig(TrainingConfig, BudgetConfig, DevConfig):
    """How a choice policy learns from its own shopping."""

    updates: int = setting(250, help="rounds of shopping and learning", minimum=1)
    episodes: int = setting(32, help="episodes of an update", minimum=1)
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)
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
        rng: draws what the update needs.
    """

    experience: Experience
    values: Tensor
    next_values: Tensor
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
    """The networks, and what is added to every method's own loss; ``demonstrated`` decisions are
    imitated beside it, if there are any."""

    config: OnPolicyConfig
    policy: ChoiceNetwork
    value: ValueNetwork
    reference: ChoiceNetwork
    demonstrated: Sequence[Example]

    def score(self, experience: Experience, rows: Tensor) -> Scored:
        """Score the decisions with these numbers, int64, (N,)."""
        batch = collate([experience.decisions[row] for row in rows.tolist()])
        scores = self.policy(batch)
        with torch.no_grad():
            reference = self.reference(batch)
        taken = scores.gather(1, experience.actions[rows, None])[:, 0]
        return Scored(batch, scores, reference, taken)

    def loss(
        self, policy_loss: Tensor, scored: Scored, returns: Tensor, rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return policy loss + value loss − entropy + divergence + imitation, each with its
        weight; and each by itself.

        Args:
            policy_loss: the method's own, a scalar.
            returns: float32, (N,): what the value network is to predict.
        """
        config = self.config
        terms = {
            "policy_loss": policy_loss,
            "value_loss": value_loss(self.value(scored.batch, scored.log_probabilities), returns),
            "imitation_loss": self._imitation_loss(rng),
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

    def _imitation_loss(self, rng: np.random.Generator) -> Tensor:
        if not self.demonstrated:
            return torch.zeros(())
        batch, right = batch_of(drawn(self.demonstrated, self.config.imitation_batch, rng))
        return imitation_loss(self.policy(batch), right)


@one_at_a_time
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

    Args:
        losses_of: the method: the losses of an update, one for each gradient step.
        start: the run folder of the policy to begin with, which is the reference too; None: a new
            policy with random weights.
        trajectories: perfect ones to go on imitating; may be none.
        reward_model: the run folder of a reward model to learn from in the place of the shop's
            rewards; these are still watched, and choose the best checkpoint on dev goals.
    """
    if not goals:
        raise InputError("goals: expected at least one, got none")
    if start is None:
        learner = new_learner(shop, config.language_model, device=config.device, seed=config.seed)
    else:
        learner = open_learner(shop, start, device=config.device)
    policy, reader = learner.policy, learner.reader
    inputs = fingerprint(shop, trajectories) | {
        "goals_sha256": checksum([goal.asin, goal.instruction] for goal in goals),
        "start_sha256": learner.checksum,
    }
    reward = None
    if reward_model is not None:
        reward, inputs["reward_model_sha256"] = page_reward(reward_model, reader)
    run = Run.open(out, operation, {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    with step_randomness(config.seed, operation, "initial value"):
        value = ValueNetwork()
    demonstrated: list[Example] = []
    for trajectory in trajectories:
        one = demonstrate(trajectory, shop, reader, policy)
        demonstrated += imitation_examples(one, shop, reader, step_limit=config.step_limit)
    networks = ActorCritic(config, policy, value, copy.deepcopy(policy), demonstrated)
    record = {"used": {"simulator_steps": 0, "episodes": 0}}
    agent, limit = LearnedAgent(policy, reader, name=operation), config.step_limit
    monitor = DevMonitor(agent, shop, config, seed=config.seed, step_limit=limit)
    best = Best(policy)
    loop = Loop(
        run,
        config,
        {"policy": policy, "value": value},
        stage=operation,
        steps=config.updates,
        points=TIMED_POINTS,
        learning_rates={"value": config.value_learning_rate},
        record=record,
        monitor=monitor,
        best=best,
        progress=progress,
    )
    shopping = _Shopping(operation, networks, shop, reader, goals, reward, record["used"])
    loop.descend(partial(shopping.losses, losses_of))
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


@dataclass(frozen=True, slots=True)
class _Shopping:
    """Lets the policy shop; ``used`` counts what that takes."""

    operation: str
    networks: ActorCritic
    shop: Shop
    reader: Reader
    goals: Sequence[Goal]
    reward: RewardFunction | None
    used: dict[str, int]

    def losses(self, losses_of: Callable[[ActorCritic, Update], Losses], step: int) -> Losses:
        """Yield a method's losses of an update, with what the policy reached in it."""
        networks, config = self.networks, self.networks.config
        rng = numpy_rng(config.seed, self.operation, "update", step)
        experience = collect_experience(
            networks.policy,
            self.reader,
            self.shop,
            [self.goals[n] for n in rng.integers(0, len(self.goals), size=config.episodes)],
            [python_rng(config.seed, self.operation, step, n) for n in range(config.episodes)],
            step_limit=config.step_limit,
            reward=self.reward,
        )
        self.used["simulator_steps"] += experience.simulator_steps
        self.used["episodes"] += config.episodes
        numbers = {
            "train_score": experience.score,
            "train_success_rate": experience.success_rate,
            "episode_decisions": len(experience.decisions) / config.episodes,
            **(_agreement(experience) if self.reward is not None else {}),
        }
        values = state_values(networks.policy, networks.value, experience)
        if config.limit_ends:
            ends = experience.terminated | experience.truncated
            experience = replace(experience, terminated=ends, truncated=torch.zeros_like(ends))
        for loss, terms in losses_of(networks, Update(experience, *values, rng)):
            yield loss, {**terms, **numbers}


def _agreement(experience: Experience) -> dict[str, float]:
    """The mean learned reward of purchases and its rank correlation with the true one, which falls
    when a policy finds what the model overrates."""
    bought = experience.terminated
    if not bought.any():
        return {}
    learned = experience.rewards[bought].numpy()
    ends = (experience.terminated | experience.truncated).nonzero()[:, 0]
    true = np.array(experience.true_rewards)[bought[ends].numpy()]
    return {
        "learned_reward": float(learned.mean()),
        "learned_reward_correlation": rank_correlation(learned, true),
    }
