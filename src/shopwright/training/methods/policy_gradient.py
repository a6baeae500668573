"""WebShop's own reinforcement learning of the choice policy: policy gradient with a value
baseline, an entropy bonus and imitation.

The loss of an update is −mean(A log π(a)) + value loss − entropy + imitation loss, with the
advantage A = return − value.

Source: Yao et al., 2022 (arXiv 2207.01206), choice-IL-RL. Deviations: the value network has weights
of its own; an update is one gradient step on whole episodes; the step limit is an end of the
episode unless ``--no-limit-ends`` is given, because the policy is told how many steps are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from shopwright.rollouts.records import Trajectory
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.loop import Losses, Progress
from shopwright.training.losses import policy_gradient_loss
from shopwright.training.on_policy import ActorCritic, OnPolicyConfig, Update, train_on_policy
from shopwright.training.returns import discounted_returns, explained_variance


@dataclass(frozen=True, kw_only=True)
class PolicyGradientConfig(OnPolicyConfig):
    """How the choice policy learns from its own shopping."""


def train_policy_gradient(
    shop: Shop,
    goals: Sequence[Goal],
    out: Path,
    config: PolicyGradientConfig | None = None,
    *,
    start: Path | None = None,
    trajectories: Sequence[Trajectory] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a policy by policy gradient; see
    :func:`~shopwright.training.on_policy.train_on_policy`."""
    return train_on_policy(
        "policy-gradient",
        policy_gradient,
        shop,
        goals,
        out,
        config or PolicyGradientConfig(),
        start=start,
        trajectories=trajectories,
        progress=progress,
    )


def policy_gradient(networks: ActorCritic, update: Update) -> Losses:
    """Yield the loss of an update, over all its decisions at once."""
    experience = update.experience
    returns = discounted_returns(
        experience.rewards,
        update.next_values,
        experience.terminated,
        experience.truncated,
        gamma=networks.config.gamma,
    )
    scored = networks.score(experience, torch.arange(len(experience.decisions)))
    policy_loss = policy_gradient_loss(scored.taken, returns - update.values)
    loss, terms = networks.loss(policy_loss, scored, returns, update.rng)
    yield loss, {**terms, "explained_variance": explained_variance(update.values, returns)}
