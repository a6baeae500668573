"""Proximal policy optimisation of the choice policy, by shopping in the simulator.

An update's decisions are used several times, in minibatches; each gradient step descends
−mean(min(ρ A, clip(ρ, 1 − ε, 1 + ε) A)) + value loss − entropy + imitation loss, where
ρ = π(a) / π_before(a) and A is the generalised advantage, normalised over the update.

Source: Schulman et al., 2017 (arXiv 1707.06347), with generalised advantages (arXiv 1506.02438)
and WebShop's other loss terms (Yao et al., 2022): Feng & Feng, 2024, put the clipped objective in
the place of WebShop's policy gradient. Deviations: the value network has weights of its own; the
advantages of an update are normalised; the step limit is an end of the episode unless
``--no-limit-ends`` is given, because the policy is told how many steps are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from shopwright.config import setting
from shopwright.rollouts.records import Trajectory
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.loop import Losses, Progress
from shopwright.training.losses import clip_fraction, clipped_policy_loss
from shopwright.training.on_policy import ActorCritic, OnPolicyConfig, Update, train_on_policy
from shopwright.training.returns import explained_variance, generalised_advantages


@dataclass(frozen=True, kw_only=True)
class PPOConfig(OnPolicyConfig):
    """How the choice policy learns from its own shopping."""

    updates: int = 150
    gamma: float = 0.99
    epochs: int = setting(3, help="times that an update's decisions are used", minimum=1)
    minibatches: int = setting(4, help="gradient steps of an epoch", minimum=1)
    clip: float = setting(0.2, help="probability ratios count up to 1 plus or minus this", above=0)
    gae_lambda: float = setting(
        0.95,
        help="lambda of the advantages: 1 trusts returns alone",
        minimum=0,
        maximum=1,
        formerly="trace_decay",
    )


def train_ppo(
    shop: Shop,
    goals: Sequence[Goal],
    out: Path,
    config: PPOConfig | None = None,
    *,
    start: Path | None = None,
    trajectories: Sequence[Trajectory] = (),
    reward_model: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a policy by PPO; see :func:`~shopwright.training.on_policy.train_on_policy`."""
    config = config or PPOConfig()

    def ppo(networks: ActorCritic, update: Update) -> Losses:
        """Yield the loss of each minibatch."""
        experience = update.experience
        advantages = generalised_advantages(
            experience.rewards,
            update.values,
            update.next_values,
            experience.terminated,
            experience.truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        returns = advantages + update.values
        explained = {"explained_variance": explained_variance(update.values, returns)}
        advantages = (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-6)
        for _ in range(config.epochs):
            order = torch.from_numpy(update.rng.permutation(len(experience.decisions)))
            for rows in order.chunk(config.minibatches):
                scored = networks.score(experience, rows)
                before = experience.log_probabilities[rows]
                policy_loss = clipped_policy_loss(
                    scored.taken, before, advantages[rows], clip=config.clip
                )
                loss, terms = networks.loss(policy_loss, scored, returns[rows], update.rng)
                clipped = clip_fraction(scored.taken.detach(), before, clip=config.clip)
                yield loss, {**terms, **explained, "clip_fraction": clipped}

    return train_on_policy(
        "ppo",
        ppo,
        shop,
        goals,
        out,
        config,
        start=start,
        trajectories=trajectories,
        reward_model=reward_model,
        progress=progress,
    )
