"""A reward model from comparisons of purchases: the first half of InstructGPT's way.

Source: Ouyang et al., 2022 (arXiv 2203.02155), equation 1: the Bradley-Terry loss on which of two
answers is better; the second half is PPO against it (ppo.py, ``reward_model``). Deviation: the
simulator compares, in the place of people: which of two purchases for a request earns more. The
model sees no reward, only which is higher.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch

from shopwright.agents.rules import Explorer, options_in_request
from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import BUNDLED, LanguageModel, set_threads
from shopwright.encoding.token_states import StatesConfig, open_states
from shopwright.errors import InputError
from shopwright.policy.evidence import TRAINING_REQUESTS, Reader
from shopwright.policy.reward_model import (
    Purchase,
    RewardModel,
    RewardNetwork,
    read_purchase,
    write_reward_model,
)
from shopwright.runs import Run
from shopwright.seeding import generator, python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.budget import Budget
from shopwright.training.checkpoint import forget_state, load_state, save_state, step_randomness
from shopwright.training.losses import bradley_terry_loss
from shopwright.training.monitor import goals_checksum
from shopwright.training.recorder import Recorder
from shopwright.training.schedule import learning_rate_at, set_learning_rate

Progress = Callable[[str, int, int], None]

# One goal in so many is kept to score the model on.
_HELD_OUT_SHARE = 10


@dataclass(frozen=True, kw_only=True)
class RewardModelConfig(Configuration):
    """How a reward model learns."""

    goals: int = setting(400, help="requests that purchases are compared for", minimum=1)
    purchases: int = setting(6, help="different purchases for a request", minimum=2)
    steps: int = setting(600, help="gradient steps", minimum=1)
    batch_size: int = setting(64, help="comparisons of a step", minimum=1)
    learning_rate: float = setting(3e-3, help="highest learning rate", above=0)
    warmup_share: float = setting(0.1, help="share of steps to warm up", minimum=0, maximum=1)
    weight_decay: float = setting(0.05, help="weight decay of AdamW", minimum=0)
    gradient_norm: float = setting(1.0, help="gradients are clipped to this", above=0)
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    log_every: int = setting(20, help="steps between log lines", minimum=1)
    checkpoint_every: int = setting(200, help="steps between checkpoints", minimum=1)
    threads: int = setting(0, help="threads to compute with; 0: all cores", minimum=0)
    seed: int = setting(0, help="decides everything random")


def train_reward_model(
    shop: Shop,
    goals: Sequence[Goal],
    out: Path,
    config: RewardModelConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a reward model on comparisons of purchases and write it into a run folder.

    A run that was killed goes on from its last checkpoint and ends at the same weights; a finished
    one is returned as it is.

    Args:
        shop: where purchases are made.
        goals: what for; a tenth of those drawn is held out.
        out: the run folder.
        config: see :class:`RewardModelConfig`.
        progress: called with (stage, done, in all).

    Returns:
        The summary, as in the folder's result.json: on held-out requests, how often the model
        orders two purchases as the true reward does, and its rank correlation with it.

    Raises:
        InputError: no two purchases for a goal differ in reward, or the folder holds another run.
    """
    config = config or RewardModelConfig()
    inputs = {"goals_sha256": goals_checksum(goals)}
    run = Run.open(out, "reward-model", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    started = time.perf_counter()
    set_threads(config.threads or None)
    encoder, states = LanguageModel(config.language_model), StatesConfig()
    reader = Reader(
        shop.catalogue, encoder, open_states(shop, encoder, states), requests_kept=TRAINING_REQUESTS
    )
    order = list(range(len(goals)))
    python_rng(config.seed, "reward model", "goals").shuffle(order)
    purchases: list[Purchase] = []
    rewards: list[float] = []
    training: list[tuple[int, int]] = []
    held_out: list[tuple[int, int]] = []
    chosen = order[: config.goals]
    for place, number in enumerate(chosen):
        first = len(purchases)
        for row, options in _purchases(shop, goals[number], number, config):
            purchases.append(read_purchase(reader, goals[number].instruction, row, options))
            rewards.append(shop.reward_of_row(goals[number], row, options).total)
        pairs = [
            (one, other) if rewards[one] > rewards[other] else (other, one)
            for one, other in combinations(range(first, len(purchases)), 2)
            if rewards[one] != rewards[other]
        ]
        (held_out if place % _HELD_OUT_SHARE == 0 else training).extend(pairs)
        if progress:
            progress("purchases", place + 1, len(chosen))
    if not training:
        raise InputError(
            f"goals: expected purchases of different reward for some, got {len(goals)}"
        )

    with step_randomness(config.seed, "reward model", "initial weights"):
        network = RewardNetwork()
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    first_step = load_state(run, {"network": network}, optimizer)["step"]
    recorder = Recorder(run, Budget(None), first_step=first_step)
    for step in range(first_step, config.steps):
        draws = generator(config.seed, "reward model", "batch", step)
        drawn = [training[n] for n in draws.integers(0, len(training), size=config.batch_size)]
        better = network([purchases[number] for number, _ in drawn])
        worse = network([purchases[number] for _, number in drawn])
        loss = bradley_terry_loss(better, worse)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.gradient_norm)
        rate = learning_rate_at(
            step,
            steps=config.steps,
            highest=config.learning_rate,
            warmup_share=config.warmup_share,
        )
        set_learning_rate(optimizer, rate)
        optimizer.step()

        done = step + 1
        if done % config.log_every == 0 or done == config.steps:
            recorder.log(
                {
                    "step": done,
                    "loss": loss.item(),
                    "reward_margin": (better - worse).mean().item(),
                    "accuracy": (better > worse).float().mean().item(),
                    "learning_rate": rate,
                }
            )
        if done % config.checkpoint_every == 0 and done < config.steps:
            save_state(run, done, {"network": network}, optimizer)
        if progress:
            progress("reward model", done, config.steps)
    recorder.close()

    network.eval()
    with torch.no_grad():
        scores = network(purchases).numpy()
    result = {
        "operation": "reward-model",
        "goals": len(chosen),
        "purchases": len(purchases),
        "comparisons": len(training),
        "held_out_comparisons": len(held_out),
        "held_out_accuracy": _accuracy(scores, held_out),
        "rank_correlation": rank_correlation(scores, np.array(rewards)),
        "steps": config.steps,
    }
    model = RewardModel(network, float(scores.mean()), float(scores.std()) or 1.0)
    write_reward_model(out, model, encoder, states)
    run.finish({**result, "seconds": time.perf_counter() - started})
    forget_state(run)
    return run.result()


def _purchases(
    shop: Shop, goal: Goal, number: int, config: RewardModelConfig
) -> Iterator[tuple[int, dict[str, str]]]:
    """Different purchases for a goal, found by trial: a random result, its options as they stand
    in the request or, in every second, some of them at random."""
    draws = python_rng(config.seed, "purchases", number)
    agent, seen = Explorer(), set()
    for attempt in range(4 * config.purchases):
        answer = agent.answer(shop, goal.instruction, generator=draws)
        if answer is None:
            return
        row = shop.catalogue.row_of(answer.asin)
        assert row is not None
        product = shop.catalogue[row]
        options = options_in_request(product, goal.instruction)
        for group, values in product.options.items():
            if attempt % 2 and values and draws.random() < 0.5:
                options[group.lower()] = draws.choice(list(values))
        key = row, tuple(sorted(options.items()))
        if key not in seen:
            seen.add(key)
            yield row, options
        if len(seen) == config.purchases:
            return


def _accuracy(scores: np.ndarray, pairs: Sequence[tuple[int, int]]) -> float | None:
    if not pairs:
        return None
    return float(np.mean([scores[better] > scores[worse] for better, worse in pairs]))


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return Spearman's rank correlation, ties sharing their mean rank; 0 without variation."""
    ranks = [_mean_ranks(values) for values in (one, other)]
    deviations = [rank - rank.mean() for rank in ranks]
    spread = float(np.sqrt((deviations[0] ** 2).sum() * (deviations[1] ** 2).sum()))
    return float((deviations[0] * deviations[1]).sum() / spread) if spread else 0.0


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean = last - (counts - 1) / 2.0
    ranks: np.ndarray = mean[inverse]
    return ranks
