"""Preferences between two actions of a decision, scored by a policy and its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from shopwright.policy.batch import collate, drop_words
from shopwright.policy.choice import ChoiceNetwork
from shopwright.training.checkpoint import dropping_out
from shopwright.training.examples import Preference
from shopwright.training.losses import kl_divergence, preference_margin


@dataclass(frozen=True, slots=True)
class Comparison:
    """A batch of preferences as the policy and its frozen reference score them.

    Attributes:
        chosen, rejected: float, (B,): log probabilities of both actions under the policy.
        reference_chosen, reference_rejected: float, (B,): under the reference.
        kl: of the policy from the reference, in nats, a scalar.
    """

    chosen: Tensor
    rejected: Tensor
    reference_chosen: Tensor
    reference_rejected: Tensor
    kl: Tensor

    @property
    def log_probabilities(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """All four, as the losses take them."""
        return self.chosen, self.rejected, self.reference_chosen, self.reference_rejected

    def numbers(self, beta: float) -> dict[str, Tensor]:
        """Return what is watched: the implicit reward margin, how often it is right, and KL."""
        margin = preference_margin(*self.log_probabilities)
        return {
            "reward_margin": beta * margin.mean(),
            "accuracy": (margin > 0).float().mean(),
            "kl_reference": self.kl,
        }


def compare(
    preferences: Sequence[Preference],
    policy: ChoiceNetwork,
    reference: ChoiceNetwork,
    *,
    word_dropout: float,
    seed: int,
    names: Sequence[str | int],
) -> Comparison:
    """Score a batch of preferences.

    Args:
        policy: is trained; its units drop out.
        reference: is frozen.
        word_dropout: a request loses up to this share of its words.
        seed, names: decide what drops out.
    """
    batch = collate([preference.decision for preference in preferences])
    chosen = torch.tensor([[preference.chosen] for preference in preferences])
    rejected = torch.tensor([[preference.rejected] for preference in preferences])
    with dropping_out(policy, seed, *names) as rng:
        batch = drop_words(batch, word_dropout, rng)
        scores = policy(batch)
    with torch.no_grad():
        reference_scores = reference(batch)
    return Comparison(
        chosen=scores.gather(1, chosen)[:, 0],
        rejected=scores.gather(1, rejected)[:, 0],
        reference_chosen=reference_scores.gather(1, chosen)[:, 0],
        reference_rejected=reference_scores.gather(1, rejected)[:, 0],
        kl=kl_divergence(scores.detach(), reference_scores),
    )
