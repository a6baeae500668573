"""A reward model from comparisons of purchases: the first half of InstructGPT's way.

Source: Ouyang et al., 2022 (arXiv 2203.02155), equation 1: the Bradley-Terry loss on which of two
answers is better; the second half is PPO against it (ppo.py, ``reward_model``). Deviation: the
simulator compares, in the place of people: which of two purchases for a request earns more. The
model sees no reward, only which is higher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch

from shopwright.agents.rules import Explorer, options_in_request
from shopwright.config import setting
from shopwright.encoding.pretrained import BUNDLED
from shopwright.errors import InputError
from shopwright.policy.evidence import Reader
from shopwright.policy.reward_model import (
    Purchase,
    RewardModel,
    RewardNetwork,
    read_purchase,
    write_reward_model,
)
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng, python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import step_randomness
from shopwright.training.examples import drawn
from shopwright.training.inputs import checksum
from shopwright.training.learner import new_reader
from shopwright.training.loop import Loop, Losses, Progress, TrainingConfig
from shopwright.training.losses import bradley_terry_loss

# One goal in so many is kept to score the model on.
_HELD_OUT_SHARE = 10


@dataclass(frozen=True, kw_only=True)
class RewardModelConfig(TrainingConfig):
    """How a reward model learns."""

    goals: int = setting(400, help="requests that purchases are compared for", minimum=1)
    purchases: int = setting(6, help="different purchases for a request", minimum=2)
    steps: int = setting(600, help="gradient steps", minimum=1)
    batch_size: int = setting(64, help="comparisons of a step", minimum=1)
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    weight_decay: float = 0.05


@one_at_a_time
def train_reward_model(
    shop: Shop,
    goals: Sequence[Goal],
    out: Path,
    config: RewardModelConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a reward model on comparisons of purchases for goals; a tenth of these is held out.

    The summary says on held-out requests how often the model orders two purchases as the true
    reward does, and its rank correlation with it.
    """
    config = config or RewardModelConfig()
    inputs = {"goals_sha256": checksum([goal.asin, goal.instruction] for goal in goals)}
    run = Run.open(out, "reward-model", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    reader = new_reader(shop, config.language_model, device=config.device)
    found = _collect(shop, goals, reader, config, progress)
    with step_randomness(config.seed, "reward model", "initial weights"):
        network = RewardNetwork()

    def losses(step: int) -> Losses:
        draws = numpy_rng(config.seed, "reward model", "batch", step)
        pairs = drawn(found.training, config.batch_size, draws)
        chosen = network([found.purchases[number] for number, _ in pairs])
        rejected = network([found.purchases[number] for _, number in pairs])
        loss = bradley_terry_loss(chosen, rejected)
        accuracy = (chosen > rejected).float().mean()
        margin = (chosen - rejected).mean()
        yield loss, {"loss": loss, "reward_margin": margin, "accuracy": accuracy}

    parts = {"network": network}
    loop = Loop(run, config, parts, stage="reward model", steps=config.steps, progress=progress)
    loop.descend(losses)
    network.eval()
    with torch.no_grad():
        scores = network(found.purchases).numpy()
    model = RewardModel(network, float(scores.mean()), float(scores.std()) or 1.0)
    write_reward_model(out, model, reader)
    right = [scores[better] > scores[worse] for better, worse in found.held_out]
    return loop.finish(
        {
            "operation": "reward-model",
            "goals": min(config.goals, len(goals)),
            "purchases": len(found.purchases),
            "comparisons": len(found.training),
            "held_out_comparisons": len(found.held_out),
            "held_out_accuracy": float(np.mean(right)) if right else None,
            "rank_correlation": rank_correlation(scores, np.array(found.rewards)),
            "steps": config.steps,
        }
    )


@dataclass(frozen=True, slots=True)
class _Collected:
    """Purchases for goals, their rewards, and comparisons of them by number, the better first."""

    purchases: list[Purchase] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    training: list[tuple[int, int]] = field(default_factory=list)
    held_out: list[tuple[int, int]] = field(default_factory=list)


def _collect(
    shop: Shop,
    goals: Sequence[Goal],
    reader: Reader,
    config: RewardModelConfig,
    progress: Progress | None,
) -> _Collected:
    order = list(range(len(goals)))
    python_rng(config.seed, "reward model", "goals").shuffle(order)
    chosen = order[: config.goals]
    found = _Collected()
    for place, number in enumerate(chosen):
        first = len(found.purchases)
        for row, options in _purchases(shop, goals[number], number, config):
            found.purchases.append(read_purchase(reader, goals[number].instruction, row, options))
            found.rewards.append(shop.reward_of_row(goals[number], row, options).total)
        pairs = found.held_out if place % _HELD_OUT_SHARE == 0 else found.training
        for one, other in combinations(range(first, len(found.rewards)), 2):
            if found.rewards[one] != found.rewards[other]:
                better = found.rewards[one] > found.rewards[other]
                pairs.append((one, other) if better else (other, one))
        if progress:
            progress("purchases", place + 1, len(chosen))
    if not found.training:
        raise InputError(
            f"goals: expected purchases of different reward for some, got {len(goals)}"
        )
    return found


def _purchases(
    shop: Shop, goal: Goal, number: int, config: RewardModelConfig
) -> Iterator[tuple[int, dict[str, str]]]:
    """Different purchases for a goal, found by trial: a random result, its options as they stand
    in the request or, in every second, some of them at random."""
    draws = python_rng(config.seed, "purchases", number)
    agent, seen = Explorer(), set()
    for attempt in range(4 * config.purchases):
        answer = agent.answer(shop.catalogue, goal.instruction, rng=draws)
        if answer is None:
            return
        row = shop.catalogue.row_of(answer.asin)
        assert row is not None
        product = shop.catalogue[row]
        options = options_in_request(product.options, goal.instruction)
        for group, values in product.options.items():
            if attempt % 2 and values and draws.random() < 0.5:
                options[group.lower()] = draws.choice(list(values))
        key = row, tuple(sorted(options.items()))
        if key not in seen:
            seen.add(key)
            yield row, options
        if len(seen) == config.purchases:
            return


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return Spearman's rank correlation, ties sharing their mean rank; 0 without variation."""
    ranks = [_mean_ranks(values) for values in (one, other)]
    return float(np.corrcoef(ranks)[0, 1]) if all(map(np.ptp, ranks)) else 0.0


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return ranks
