"""Preferences between two actions of a decision, scored by a policy and its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from shopwright.config import setting
from shopwright.policy.batch import collate, drop_words
from shopwright.policy.choice import ChoiceNetwork
from shopwright.training.checkpoint import dropping_out
from shopwright.training.examples import Preference
from shopwright.training.loop import TrainingConfig
from shopwright.training.losses import kl_divergence, preference_margin

# Log probabilities, float, (B,): of the chosen and the rejected actions under the policy, then of
# both under its reference; as the losses take them.
Compared = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, kw_only=True)
class PreferenceConfig(TrainingConfig):
    """What learning from preferences can be told."""

    beta: float = setting(
        0.1,
        help="beta (IPO: tau): the larger, the closer to the reference",
        above=0,
        formerly="temperature",
    )
    label_smoothing: float = setting(
        0.0,
        help="share of preferences taken to be the wrong way round (DPO)",
        minimum=0,
        below=0.5,
    )
    word_dropout: float = setting(
        0.5, help="a request loses up to this share of its words", minimum=0, maximum=1
    )
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)


def compare(
    preferences: Sequence[Preference],
    policy: ChoiceNetwork,
    reference: ChoiceNetwork,
    config: PreferenceConfig,
    *names: str | int,
) -> tuple[Compared, dict[str, Tensor]]:
    """Score a batch of preferences by a policy, whose units drop out, and by its frozen reference.

    Returns:
        The log probabilities, and what is watched: the implicit reward margin, how often it is
        right, and the divergence of the policy from the reference.
    """
    batch = collate([preference.decision for preference in preferences])
    pairs = torch.tensor([[one.chosen, one.rejected] for one in preferences])
    with dropping_out(policy, config.seed, *names) as rng:
        batch = drop_words(batch, config.word_dropout, rng)
        scores = policy(batch)
    with torch.no_grad():
        reference_scores = reference(batch)
    chosen, rejected = scores.gather(1, pairs).unbind(dim=1)
    compared = (chosen, rejected, *reference_scores.gather(1, pairs).unbind(dim=1))
    margin = preference_margin(*compared)
    return compared, {
        "reward_margin": config.beta * margin.mean(),
        "accuracy": (margin > 0).float().mean(),
        "kl_reference": kl_divergence(scores.detach(), reference_scores),
    }
