"""Returns and advantages of episodes that lie one after the other in flat tensors.

Two flags mark where an episode ends. After a *terminated* step nothing follows: its state's value
is 0 by definition. After a *truncated* step the episode would have gone on: the value of the state
that was reached stands for what was cut off.
"""

from __future__ import annotations

import torch
from torch import Tensor

from shopwright.errors import InputError


def discounted_returns(
    rewards: Tensor,
    next_values: Tensor,
    terminated: Tensor,
    truncated: Tensor,
    *,
    gamma: float,
) -> Tensor:
    """Return each step's discounted sum, float, (T,), of the rewards from there to its episode's
    end; ``next_values`` are only read where it was truncated. For the arguments see
    :func:`generalised_advantages`.

    Source: Sutton & Barto, "Reinforcement Learning", 2018, equation 3.9; truncation: Pardo et al.,
    "Time limits in reinforcement learning", 2018 (arXiv 1712.00378), equation 6.
    """
    # Without a baseline and with a full trace the advantage is the return.
    return generalised_advantages(
        rewards,
        torch.zeros_like(rewards),
        torch.where(truncated, next_values, torch.zeros_like(next_values)),
        terminated,
        truncated,
        gamma=gamma,
        gae_lambda=1.0,
    )


def generalised_advantages(
    rewards: Tensor,
    values: Tensor,
    next_values: Tensor,
    terminated: Tensor,
    truncated: Tensor,
    *,
    gamma: float,
    gae_lambda: float,
) -> Tensor:
    """Return generalised advantage estimates.

    δ_t = r_t + γ V(s_{t+1}) − V(s_t), without the middle term after a terminated step;
    A_t = δ_t + γ λ A_{t+1}, without the last term at any end of an episode.

    Args:
        rewards: float, (T,): episodes in order, each episode's steps in order.
        values: float, (T,): V of the state before each step.
        next_values: float, (T,): V of the state after each step; not read after terminated ones.
        terminated, truncated: bool, (T,): where an episode ended; the last step has one of them.
        gamma: γ, 0 to 1.
        gae_lambda: λ, 0 (one step of lookahead) to 1 (the whole return).

    Returns:
        float, (T,). The value's targets are these plus ``values``.

    Raises:
        InputError: shapes differ, or the last episode has no end.

    Source: Schulman et al., "High-dimensional continuous control using generalized advantage
    estimation", 2016 (arXiv 1506.02438), equations 11 and 16.
    """
    columns = (rewards, values, next_values, terminated, truncated)
    shapes = [tuple(column.shape) for column in columns]
    if len(shapes[0]) != 1 or len(set(shapes)) != 1:
        raise InputError(f"rewards, values, ends: expected one shape (T,), got {shapes}")
    ended = terminated | truncated
    if len(ended) and not ended[-1]:
        raise InputError("ends: expected the last step to end its episode, got neither flag")
    following = torch.where(terminated, torch.zeros_like(next_values), next_values)
    errors = (rewards + gamma * following - values).tolist()
    advantages = [0.0] * len(errors)
    carried = 0.0
    for step, ends in reversed(list(enumerate(ended.tolist()))):
        carried = errors[step] + (0.0 if ends else gamma * gae_lambda * carried)
        advantages[step] = carried
    return torch.tensor(advantages, dtype=rewards.dtype, device=rewards.device)


def mean_of_the_others(values: Tensor, group: int) -> Tensor:
    """Return, for each of some values, the mean of the others of its group: a baseline that does
    not depend on what it is the baseline of.

    Args:
        values: float, (N,): groups one behind the other.
        group: how many values a group has; N is a multiple of it.

    Returns:
        float, (N,): 0 where a group has one value alone.

    Source: Kool et al., "Buy 4 REINFORCE samples, get a baseline for free!", 2019; as RLOO for
    language models: Ahmadian et al., 2024 (arXiv 2402.14740), equation 7.
    """
    grouped = values.view(-1, group)
    others = grouped.sum(dim=1, keepdim=True) - grouped
    return (others / max(group - 1, 1)).view(-1)


def explained_variance(predictions: Tensor, targets: Tensor) -> float:
    """Return the share of the targets' variance that predictions explain: 1 for perfect ones, 0
    for a constant, below 0 for worse; 0 if the targets do not vary."""
    variance = targets.var(correction=0)
    if variance <= 0:
        return 0.0
    return float(1.0 - (targets - predictions).var(correction=0) / variance)
