"""Relevance that is less sure of itself: for requests that it was trained on, a policy hardly ever
hesitates, and what to do when in two minds has to be learned, too."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from shopwright.agents.learned import Perturbation
from shopwright.policy.decisions import PRODUCTS_TRACKED

# The highest temperature, and the largest scale of the noise, in nats.
TEMPERATURE_AT_MOST = 6.0
NOISE_AT_MOST = 2.0


def perturbed_relevance(relevance: Tensor, temperature: float, noise: Tensor) -> Tensor:
    """Return relevance divided by a temperature, with noise added.

    Args:
        relevance: float32, (..., products), in nats.
        temperature: above 0.
        noise: float32, (most products,), in nats; the first products take theirs in order.
    """
    return relevance / temperature + noise[: relevance.shape[-1]]


def draw_perturbation(rng: np.random.Generator, *, strength: float = 1.0) -> Perturbation:
    """Return a perturbation of relevance as strong as chance has it, from none to ``strength``;
    1 divides by up to six."""
    temperature = float(TEMPERATURE_AT_MOST ** (strength * rng.random()))
    scale = NOISE_AT_MOST * strength * rng.random()
    noise = torch.from_numpy((scale * rng.standard_normal(PRODUCTS_TRACKED)).astype(np.float32))
    return lambda relevance: perturbed_relevance(relevance, temperature, noise)
