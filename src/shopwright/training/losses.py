"""Losses as pure functions of log probabilities."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def imitation_loss(log_probabilities: Tensor, targets: Tensor) -> Tensor:
    """Return the mean negative log probability of the right actions.

    Args:
        log_probabilities: float, (B, A): of every action; padding very negative.
        targets: bool, (B, A): the right actions, at least one a row. With several, their
            probabilities add up: which of them the policy takes is its own affair.

    Returns:
        A scalar.

    Source: cross entropy on demonstrated actions (Feng & Feng, 2024, choice-IL). Deviation: sets
    of right actions.
    """
    right = log_probabilities.masked_fill(~targets, -torch.inf)
    return -right.logsumexp(dim=1).mean()


def dpo_loss(
    preferred: Tensor,
    dispreferred: Tensor,
    reference_preferred: Tensor,
    reference_dispreferred: Tensor,
    *,
    temperature: float,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the loss of direct preference optimisation.

    −(1 − ε) log σ(β h) − ε log σ(−β h), where h is how much more the policy prefers the preferred
    action to the dispreferred one than the reference does, in log probability.

    Args:
        preferred, dispreferred: float, (B,): log probabilities under the policy.
        reference_preferred, reference_dispreferred: float, (B,): under the frozen reference.
        temperature: β, above 0: the larger, the closer the policy stays to the reference.
        label_smoothing: ε, 0 to 0.5: the share of preferences taken to be the wrong way round.

    Returns:
        A scalar, the mean.

    Source: Rafailov et al., "Direct Preference Optimization", 2023 (arXiv 2305.18290), equation 7;
    label smoothing: Mitchell, "A note on DPO with noisy preferences", 2023.
    """
    margin = temperature * preference_margin(
        preferred, dispreferred, reference_preferred, reference_dispreferred
    )
    losses = -(1 - label_smoothing) * logsigmoid(margin) - label_smoothing * logsigmoid(-margin)
    return losses.mean()


def preference_margin(
    preferred: Tensor,
    dispreferred: Tensor,
    reference_preferred: Tensor,
    reference_dispreferred: Tensor,
) -> Tensor:
    """Return, (B,), how much more the policy prefers the preferred action than the reference
    does: the implicit reward margin of DPO divided by β."""
    return (preferred - reference_preferred) - (dispreferred - reference_dispreferred)
