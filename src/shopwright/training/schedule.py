"""The learning rate over a run."""

from __future__ import annotations

import math

import torch


def learning_rate_at(step: int, *, steps: int, highest: float, warmup_share: float) -> float:
    """Return the learning rate of a step: linear warm-up, then a half cosine down to 0.

    Args:
        step: from 0.
        steps: of the whole run.
        highest: after the warm-up.
        warmup_share: of the steps, 0 to 1.
    """
    warmup = max(1, round(steps * warmup_share))
    if step < warmup:
        return highest * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return highest * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))


def set_learning_rate(optimizer: torch.optim.Optimizer, *rates: float) -> None:
    """Set the learning rate of each group of parameters; a single one is for all."""
    groups = optimizer.param_groups
    for group, rate in zip(groups, rates * len(groups) if len(rates) == 1 else rates, strict=True):
        group["lr"] = rate
