"""Demonstrations that a policy goes on imitating while it learns from something else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from shopwright.policy.batch import collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import Reader
from shopwright.rollouts.records import Trajectory
from shopwright.shop.shop import Shop
from shopwright.training.examples import Example, demonstrate, imitation_examples
from shopwright.training.losses import imitation_loss


class AuxiliaryImitation:
    """Draws decisions of demonstrations, and what was done there.

    Args:
        trajectories: perfect ones of the pages protocol; may be none.
        policy: types the queries.
        batch_size: decisions of a draw.
    """

    def __init__(
        self,
        trajectories: Sequence[Trajectory],
        shop: Shop,
        reader: Reader,
        policy: ChoiceNetwork,
        *,
        step_limit: int,
        batch_size: int,
    ) -> None:
        self._batch_size = batch_size
        self._examples: list[Example] = []
        for trajectory in trajectories:
            self._examples += imitation_examples(
                demonstrate(trajectory, shop, reader, policy), shop, reader, step_limit=step_limit
            )

    def loss(self, policy: ChoiceNetwork, generator: np.random.Generator) -> Tensor:
        """Return the imitation loss on a draw, a scalar; 0 without demonstrations."""
        if not self._examples:
            return torch.zeros(())
        numbers = generator.integers(0, len(self._examples), size=self._batch_size)
        chosen = [self._examples[number] for number in numbers]
        batch = collate([example.decision for example in chosen])
        targets = torch.zeros_like(batch.action_mask)
        for row, example in enumerate(chosen):
            targets[row, : len(example.targets)] = torch.from_numpy(example.targets)
        return imitation_loss(policy(batch), targets)
