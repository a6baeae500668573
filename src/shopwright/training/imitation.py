"""Imitation: the choice policy learns the actions of perfect trajectories.

Source: the imitation learning of WebShop's choice model (Yao et al., 2022) and of Feng & Feng,
2024. Deviations: the trajectories are generated, not human; the policy learns to answer at once
(catalogue protocol) from the same trajectories.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from shopwright.errors import InputError
from shopwright.policies.checkpoints import write_agent
from shopwright.policies.choice import ChoiceConfig, ChoiceNetwork, collate, drop_words
from shopwright.policies.decisions import ActionKind
from shopwright.policies.encoder import BUNDLED, LanguageModel, set_threads
from shopwright.policies.evidence import Reader
from shopwright.policies.learned import LearnedAgent
from shopwright.policies.states import StatesConfig, open_states
from shopwright.runs import Run
from shopwright.seeding import generator
from shopwright.shop.shop import Shop
from shopwright.training.examples import Example, demonstrate, imitation_examples
from shopwright.training.losses import imitation_loss
from shopwright.training.monitoring import DevMonitor, fingerprint
from shopwright.training.resuming import forget_state, load_state, save_state, step_randomness
from shopwright.training.schedule import learning_rate_at, set_learning_rate
from shopwright.trajectories.records import Trajectory

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class ImitationConfig:
    """How the choice policy imitates."""

    steps: int = field(default=600, metadata={"help": "gradient steps"})
    answers: int = field(
        default=10, metadata={"help": "choices among all search results in a step's batch"}
    )
    clicks: int = field(default=4, metadata={"help": "choices of a product on a page in a batch"})
    others: int = field(default=6, metadata={"help": "other decisions in a batch"})
    learning_rate: float = field(default=3e-3, metadata={"help": "highest learning rate"})
    warmup_share: float = field(default=0.1, metadata={"help": "share of steps to warm up"})
    weight_decay: float = field(default=0.1, metadata={"help": "weight decay of AdamW"})
    gradient_norm: float = field(default=1.0, metadata={"help": "gradients are clipped to this"})
    word_dropout: float = field(
        default=0.5, metadata={"help": "a request loses up to this share of its words"}
    )
    step_limit: int = field(default=15, metadata={"help": "actions of an episode at most"})
    language_model: str = field(
        default=BUNDLED, metadata={"help": "the encoder: bundled, a folder, or a hub name"}
    )
    dev_goals: int = field(default=60, metadata={"help": "dev goals tried at each evaluation"})
    evaluate_every: int = field(default=200, metadata={"help": "steps between evaluations"})
    log_every: int = field(default=20, metadata={"help": "steps between log lines"})
    checkpoint_every: int = field(default=100, metadata={"help": "steps between checkpoints"})
    threads: int = field(default=0, metadata={"help": "threads to compute with; 0: all cores"})
    seed: int = field(default=0, metadata={"help": "decides everything random"})


def train_imitation(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    out: Path,
    config: ImitationConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a choice policy on perfect trajectories and write it into a run folder.

    A run that was killed goes on from its last checkpoint and ends at the same weights; a finished
    one is returned as it is.

    Args:
        shop: where the trajectories were made.
        trajectories: perfect ones of the pages protocol.
        out: the run folder.
        config: see :class:`ImitationConfig`.
        progress: called with (stage, done, in all).

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        TrajectoryError: a trajectory cannot serve.
        InputError: the folder holds another run.
    """
    config = config or ImitationConfig()
    if not trajectories:
        raise InputError("trajectories: expected at least one, got none")
    settings = {"config": asdict(config), "inputs": fingerprint(shop, trajectories)}
    run = Run.open(out, "imitation", settings)
    if run.finished:
        return run.result()
    started = time.perf_counter()
    set_threads(config.threads or None)
    model = LanguageModel(config.language_model)
    states = open_states(shop, model, progress=_named(progress, "encode"))
    reader = Reader(shop, model, states)

    examples: list[Example] = []
    for number, trajectory in enumerate(trajectories):
        demonstration = demonstrate(trajectory, reader)
        examples += imitation_examples(demonstration, reader, step_limit=config.step_limit)
        if progress:
            progress("read", number + 1, len(trajectories))
    pools = _pools(examples)
    shares = {"answers": config.answers, "clicks": config.clicks, "others": config.others}

    with step_randomness(config.seed, "imitation", "initial weights"):
        network = ChoiceNetwork(ChoiceConfig(state_dimensions=model.dimensions))
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    monitor = DevMonitor(shop, config.dev_goals, seed=config.seed)
    agent = LearnedAgent(network, reader, name="imitation")
    first = load_state(run, {"network": network}, optimizer)["step"]
    for step in range(first, config.steps):
        draws = generator(config.seed, "imitation", "batch", step)
        chosen = [
            int(number)
            for name, pool in pools.items()
            for number in draws.choice(pool, size=shares[name])
        ]
        batch = collate([examples[number].decision for number in chosen])
        targets = torch.zeros_like(batch.action_mask)
        for row, number in enumerate(chosen):
            right = examples[number].targets
            targets[row, : len(right)] = torch.from_numpy(right)
        network.train()
        with step_randomness(config.seed, "imitation", step) as randomness:
            scores = network(drop_words(batch, config.word_dropout, randomness))
        loss = imitation_loss(scores, targets)
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
        network.eval()
        if done % config.log_every == 0 or done == config.steps:
            is_right = targets.gather(1, scores.argmax(dim=1, keepdim=True))
            run.log(
                {
                    "step": done,
                    "loss": loss.item(),
                    "accuracy": is_right.float().mean().item(),
                    "learning_rate": rate,
                    **monitor.measure(agent, done, every=config.evaluate_every, last=config.steps),
                }
            )
        if done % config.checkpoint_every == 0 and done < config.steps:
            save_state(run, done, {"network": network}, optimizer)
        if progress:
            progress("imitation", done, config.steps)

    result = {
        "operation": "imitation",
        "trajectories": len(trajectories),
        "examples": len(examples),
        "steps": config.steps,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "seconds": time.perf_counter() - started,
    }
    training = {name: value for name, value in result.items() if name != "seconds"}
    write_agent(out, network, model, StatesConfig(), name="imitation", training=training)
    run.finish(result)
    forget_state(run)
    return result


def _pools(examples: Sequence[Example]) -> dict[str, list[int]]:
    """The examples' numbers by what is chosen: one of all results, a product on a page, or
    anything else. Each has its share of every batch, whatever the trajectories hold of it."""
    pools: dict[str, list[int]] = {"answers": [], "clicks": [], "others": []}
    for number, example in enumerate(examples):
        decision = example.decision
        if not np.any(decision.kinds[example.targets] == int(ActionKind.PRODUCT)):
            pools["others"].append(number)
        elif decision.seen.all():
            pools["answers"].append(number)
        else:
            pools["clicks"].append(number)
    return {name: pool for name, pool in pools.items() if pool}


def _named(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(stage, done, total)
