"""The networks of an agent for returning customers."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from shopwright.customers.returning.agents import best
from shopwright.customers.returning.crowd import (
    CUSTOMER_FEATURES,
    PRODUCT_FEATURES,
    Crowd,
    Observation,
)
from shopwright.customers.returning.products import Integers
from shopwright.policy.checkpoint import NetworkFiles

FILES = NetworkFiles(
    "an agent for returning customers",
    "shopwright-returning",
    1,
    "returning.safetensors",
    "returning.json",
)
_HIDDEN = 32  # units


class ReturningPolicy(nn.Module):
    """Says with what probability each product of a shelf is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Sequential(
            nn.Linear(PRODUCT_FEATURES + CUSTOMER_FEATURES, _HIDDEN),
            nn.Tanh(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.Tanh(),
            nn.Linear(_HIDDEN, 1),
        )

    def forward(self, products: Tensor, customer: Tensor) -> Tensor:
        """Return log probabilities, float32, (N, 10), of what an :class:`Observation` holds."""
        beside = customer[:, None].expand(-1, products.shape[1], -1)
        scores: Tensor = self.score(torch.cat([products, beside], dim=2)).squeeze(2)
        return scores.log_softmax(dim=1)


class ReturningValue(nn.Module):
    """Says what satisfaction, discounted, can still be expected of a customer."""

    def __init__(self) -> None:
        super().__init__()
        self.state = nn.Sequential(
            nn.Linear(2 * PRODUCT_FEATURES + CUSTOMER_FEATURES, _HIDDEN),
            nn.Tanh(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.Tanh(),
            nn.Linear(_HIDDEN, 1),
        )

    def forward(self, products: Tensor, customer: Tensor) -> Tensor:
        """Return values, float32, (N,)."""
        shelf = [products.mean(dim=1), products.amax(dim=1)]
        values: Tensor = self.state(torch.cat([*shelf, customer], dim=1))
        return values.squeeze(1)


class LearnedAgent:
    """Shows what its policy finds best, or draws by its probabilities.

    Args:
        rng: for drawing; None for the best.
    """

    def __init__(self, policy: ReturningPolicy, rng: torch.Generator | None = None) -> None:
        self.policy, self._rng = policy, rng

    @classmethod
    def open(cls, run: Path) -> LearnedAgent:
        """Return the agent of a run folder.

        Raises:
            AgentError: there is none.
        """
        return cls(FILES.fill(run, FILES.read(run), ReturningPolicy))

    def choose(self, crowd: Crowd) -> Integers:
        """Return places."""
        with torch.no_grad():
            scores = self.policy(*tensors(crowd.observe()))
        if self._rng is None:
            return best(scores.numpy())
        drawn = torch.multinomial(scores.exp(), 1, generator=self._rng)
        places: Integers = drawn[:, 0].numpy()
        return places


def tensors(observation: Observation) -> tuple[Tensor, Tensor]:
    """Return an observation's arrays as tensors."""
    return torch.from_numpy(observation.products), torch.from_numpy(observation.customer)
