"""The value of a state: what reward the choice policy can still expect from where it stands.

A head beside the choice network with weights of its own: it reads what a decision offers and how
sure the policy is about it, and no gradient of its loss reaches the policy.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from shopwright.policy.batch import Batch
from shopwright.policy.decisions import ActionKind
from shopwright.policy.features import ACTION_FEATURES, OPTION_FEATURES

_LEAST_LOG_PROBABILITY = -10.0
_HIDDEN = 48  # units


class ValueNetwork(nn.Module):
    """Predicts the return that follows a decision."""

    def __init__(self) -> None:
        super().__init__()
        width = len(ActionKind) + ACTION_FEATURES + OPTION_FEATURES + 2
        self.action = nn.Sequential(nn.Linear(width, _HIDDEN), nn.GELU())
        self.state = nn.Sequential(
            nn.Linear(3 * _HIDDEN, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, 1)
        )

    def forward(self, batch: Batch, log_probabilities: Tensor) -> Tensor:
        """Return the expected return of each decision.

        Args:
            log_probabilities: float, (B, A): the policy's; no gradient flows into them.

        Returns:
            float, (B,).
        """
        bounded = log_probabilities.detach().clamp(min=_LEAST_LOG_PROBABILITY)
        probabilities = bounded.exp() * batch.action_mask
        read = self.action(
            torch.cat(
                [
                    nn.functional.one_hot(batch.kinds, len(ActionKind)).float(),
                    batch.features,
                    batch.option_features,
                    bounded[..., None] / -_LEAST_LOG_PROBABILITY,
                    probabilities[..., None],
                ],
                dim=-1,
            )
        )
        offered = batch.action_mask[..., None]
        mean = (read * offered).sum(dim=1) / offered.sum(dim=1).clamp(min=1)
        highest = read.masked_fill(~offered, -torch.inf).amax(dim=1)
        expected = (read * probabilities[..., None]).sum(dim=1)
        values: Tensor = self.state(torch.cat([mean, highest, expected], dim=-1))
        return values.squeeze(-1)
