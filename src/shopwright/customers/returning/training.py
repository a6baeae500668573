"""Learning, by PPO, what to show customers so that they come back.

The policy serves many customers at once until they leave; the loss of a gradient step is that of
:mod:`shopwright.training.methods.ppo` without imitation, as nobody can demonstrate this.

Source: Schulman et al., 2017 (arXiv 1707.06347), with generalised advantages (arXiv 1506.02438).
Deviation: advantages are normalised over an update.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from shopwright.config import setting
from shopwright.customers.returning.agents import GAMMA, SESSIONS, follow
from shopwright.customers.returning.crowd import WORLDS, Crowd
from shopwright.customers.returning.policy import (
    FILES,
    LearnedAgent,
    ReturningPolicy,
    ReturningValue,
    tensors,
)
from shopwright.customers.returning.products import Assortment
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import derive, numpy_rng
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import step_randomness
from shopwright.training.loop import Loop, Losses, Progress, TrainingConfig
from shopwright.training.losses import clip_fraction, clipped_policy_loss, entropy, value_loss
from shopwright.training.returns import explained_variance, generalised_advantages
from shopwright.training.schedule import BudgetConfig


@dataclass(frozen=True, kw_only=True)
class ReturningConfig(TrainingConfig, BudgetConfig):
    """How an agent for returning customers learns."""

    world: Literal["returning", "indifferent"] = setting(
        "returning", help="whether customers come back because of what they were shown"
    )
    satisfaction_weight: float = setting(
        1.0, help="what the customer's satisfaction counts in a session's reward", minimum=0
    )
    purchase_weight: float = setting(
        0.2, help="what a purchase counts in it, beside satisfaction", minimum=0
    )
    gamma: float = setting(
        GAMMA, help="discount of a session later; 0: myopic", minimum=0, maximum=1
    )
    gae_lambda: float = setting(
        0.9, help="lambda of the advantages: 1 trusts returns alone", minimum=0, maximum=1
    )
    updates: int = setting(60, help="rounds of serving and learning", minimum=1)
    customers: int = setting(256, help="customers of a round", minimum=1)
    epochs: int = setting(4, help="times that a round's sessions are used", minimum=1)
    minibatches: int = setting(4, help="gradient steps of an epoch", minimum=1)
    clip: float = setting(0.2, help="probability ratios count up to 1 plus or minus this", above=0)
    value_weight: float = setting(0.5, help="weight of the value loss", minimum=0)
    entropy_weight: float = setting(0.003, help="weight of the entropy bonus", minimum=0)
    dev_customers: int = setting(500, help="others, on whom progress is measured", minimum=1)
    evaluate_every: int = setting(5, help="rounds between two measurements", minimum=1)
    weight_decay: float = 0.0
    warmup_share: float = 0.02
    log_every: int = 1
    checkpoint_every: int = 10


class Experience(NamedTuple):
    """Sessions of customers, one customer after the other, T in all.

    Attributes:
        products, customer: what was seen, float32, (T, 10, F) and (T, C).
        actions: int64, (T,): the place shown.
        log_probabilities: float32, (T,): of these.
        rewards, values, next_values: float32, (T,).
        terminated, truncated: bool, (T,): the customer left; nobody watched any longer.
    """

    products: Tensor
    customer: Tensor
    actions: Tensor
    log_probabilities: Tensor
    rewards: Tensor
    values: Tensor
    next_values: Tensor
    terminated: Tensor
    truncated: Tensor


@one_at_a_time
def train_returning(
    shop: Shop,
    out: Path,
    config: ReturningConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train an agent for customers who come back, and write it into a run folder."""
    config = config or ReturningConfig()
    settings = {"config": asdict(config), "inputs": {"products": len(shop.catalogue)}}
    run = Run.open(out, "returning", settings)
    if run.finished:
        return run.result()
    learning = _Learning(Assortment.of(shop.catalogue), config)
    loop = Loop(
        run,
        config,
        {"policy": learning.policy, "value": learning.value},
        stage="returning",
        steps=config.updates,
        progress=progress,
    )
    loop.descend(learning.losses)
    FILES.write(out, learning.policy, config=asdict(config))
    return loop.finish({"operation": "returning", "updates": loop.step, **learning.measure()})


class _Learning:
    """The networks, whom they serve, and what they learn from it."""

    def __init__(self, assortment: Assortment, config: ReturningConfig) -> None:
        self._assortment, self._world, self._config = assortment, WORLDS[config.world], config
        with step_randomness(config.seed, "returning", "networks"):
            self.policy, self.value = ReturningPolicy(), ReturningValue()

    def losses(self, step: int) -> Losses:
        """Serve new customers, and yield the loss of each minibatch."""
        config = self._config
        seed = derive(config.seed, "returning", "customers", step)
        numbers = self.measure() if step % config.evaluate_every == 0 else {}
        crowd = Crowd(self._assortment, self._world, config.customers, seed)
        experience = serve(crowd, self.policy, self.value, config, seed=seed)
        advantages = generalised_advantages(
            experience.rewards,
            experience.values,
            experience.next_values,
            experience.terminated,
            experience.truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        returns = advantages + experience.values
        numbers["explained_variance"] = explained_variance(experience.values, returns)
        numbers["sessions"] = len(returns) / config.customers
        advantages = (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-6)
        rng = numpy_rng(seed, "order")
        for _ in range(config.epochs):
            order = torch.from_numpy(rng.permutation(len(returns)))
            for rows in order.chunk(config.minibatches):
                loss, terms = self._loss(experience, rows, advantages[rows], returns[rows])
                yield loss, {**terms, **numbers}

    def _loss(
        self, experience: Experience, rows: Tensor, advantages: Tensor, returns: Tensor
    ) -> tuple[Tensor, dict[str, Any]]:
        config = self._config
        products, customer = experience.products[rows], experience.customer[rows]
        scores = self.policy(products, customer)
        taken = scores.gather(1, experience.actions[rows, None])[:, 0]
        before = experience.log_probabilities[rows]
        terms = {
            "policy_loss": clipped_policy_loss(taken, before, advantages, clip=config.clip),
            "value_loss": value_loss(self.value(products, customer), returns),
            "entropy": entropy(scores),
        }
        loss = (
            terms["policy_loss"]
            + config.value_weight * terms["value_loss"]
            - config.entropy_weight * terms["entropy"]
        )
        clipped = clip_fraction(taken.detach(), before, clip=config.clip)
        return loss, {"loss": loss, **terms, "clip_fraction": clipped}

    def measure(self) -> dict[str, float]:
        """Return how the policy, at its best, serves customers that it does not learn from."""
        config = self._config
        seed = derive(config.seed, "returning", "dev")
        stay = follow(
            LearnedAgent(self.policy),
            self._assortment,
            self._world,
            customers=config.dev_customers,
            seed=seed,
        )
        return {"dev_return": float(stay.returns.mean()), "dev_success": stay.success}


def serve(
    crowd: Crowd,
    policy: ReturningPolicy,
    value: ReturningValue,
    config: ReturningConfig,
    *,
    seed: int,
) -> Experience:
    """Serve customers until they leave, at most :data:`SESSIONS` times.

    Args:
        seed: of what the policy draws.
    """
    rng = torch.Generator().manual_seed(seed % 2**63)
    here = torch.ones(crowd.count, dtype=torch.bool)
    seen, served = [], []
    for session in range(SESSIONS):
        products, customer = tensors(crowd.observe())
        with torch.no_grad():
            scores, values = policy(products, customer), value(products, customer)
        actions = torch.multinomial(scores.exp(), 1, generator=rng)
        outcome = crowd.show(actions[:, 0].numpy())
        gained = (
            config.satisfaction_weight * outcome.satisfaction
            + config.purchase_weight * outcome.bought
        )
        stays = torch.from_numpy(outcome.returns)
        seen.append((products, customer, values))
        served.append(
            (
                actions[:, 0],
                scores.gather(1, actions)[:, 0],
                torch.from_numpy(gained.astype(np.float32)),
                ~stays,
                stays & (session == SESSIONS - 1),
                here,
            )
        )
        here = here & stays
        if not here.any():
            break
    with torch.no_grad():
        last = value(*tensors(crowd.observe()))
    # By customer, then by session; what came after a customer had left is nobody's.
    lived = torch.stack([row[-1] for row in served], dim=1)
    products, customer, values = (torch.stack(part, dim=1) for part in zip(*seen, strict=True))
    actions, taken, rewards, left, cut, _ = (
        torch.stack(part, dim=1)[lived] for part in zip(*served, strict=True)
    )
    next_values = torch.cat([values[:, 1:], last[:, None]], dim=1)
    return Experience(
        products[lived], customer[lived], actions, taken, rewards,
        values[lived], next_values[lived], left, cut,
    )  # fmt: skip
