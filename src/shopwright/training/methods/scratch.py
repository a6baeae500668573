"""Imitation by the policy without pretraining: the row that shows what the language model adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from shopwright.agents.scratch import (
    ScratchNetwork,
    TextDecision,
    answer_decision,
    page_decision,
    write_scratch_agent,
)
from shopwright.config import setting
from shopwright.errors import InputError
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng
from shopwright.shop.pages import PageKind
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import step_randomness
from shopwright.training.examples import drawn
from shopwright.training.inputs import fingerprint
from shopwright.training.loop import TIMED_POINTS, Loop, Losses, Progress, TrainingConfig
from shopwright.training.losses import accuracy, imitation_loss
from shopwright.training.schedule import BudgetConfig


@dataclass(frozen=True, kw_only=True)
class ScratchTrainingConfig(TrainingConfig, BudgetConfig):
    """How the policy without pretraining imitates."""

    steps: int = setting(2000, help="gradient steps", minimum=1)
    batch_size: int = setting(32, help="decisions of a step", minimum=1)
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)
    warmup_share: float = 0.05
    log_every: int = 50
    checkpoint_every: int = 500


@one_at_a_time
def train_scratch(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    out: Path,
    config: ScratchTrainingConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train the policy without pretraining on perfect trajectories of the pages protocol."""
    config = config or ScratchTrainingConfig()
    settings = {"config": asdict(config), "inputs": fingerprint(shop, trajectories)}
    run = Run.open(out, "no-pretraining", settings)
    if run.finished:
        return run.result()
    with step_randomness(config.seed, "scratch", "initial weights"):
        network = ScratchNetwork()
    examples = [
        example
        for trajectory in trajectories
        for example in _examples(trajectory, shop, network.buckets, config.step_limit)
    ]
    if not examples:
        raise InputError("trajectories: expected at least one with a decision, got none")

    def losses(step: int) -> Losses:
        draws = numpy_rng(config.seed, "scratch", "batch", step)
        chosen = drawn(examples, config.batch_size, draws)
        scores = network([decision for decision, _ in chosen])
        targets = torch.zeros(scores.shape, dtype=torch.bool)
        targets[torch.arange(len(chosen)), torch.tensor([number for _, number in chosen])] = True
        loss = imitation_loss(scores, targets)
        yield loss, {"loss": loss, "accuracy": accuracy(scores, targets)}

    loop = Loop(
        run,
        config,
        {"network": network},
        stage="no-pretraining",
        steps=config.steps,
        points=TIMED_POINTS,
        progress=progress,
    )
    loop.descend(losses)
    result = {
        "operation": "no-pretraining",
        "trajectories": len(trajectories),
        "examples": len(examples),
        "steps": loop.step,
    }
    write_scratch_agent(out, network, result)
    return loop.finish(result)


def _examples(
    trajectory: Trajectory, shop: Shop, buckets: int, step_limit: int
) -> Iterator[tuple[TextDecision, int]]:
    """The decisions of a trajectory and what was done: on pages, and in answering at once."""
    request = trajectory.instruction
    episode = Episode(shop, trajectory.goal(shop), step_limit=step_limit)
    for page, choice, _ in episode.replay(trajectory.actions):
        if page.kind is not PageKind.SEARCH:
            decision = page_decision(page, buckets, step_limit=step_limit)
            if choice.action in decision.actions:
                yield decision, decision.actions.index(choice.action)
    bought = episode.page()
    rows = shop.search_rows(request)
    if bought.product is None or bought.product.row not in rows:
        return
    titles = {listing.asin: listing.title for listing in shop.catalogue.listings(rows)}
    yield answer_decision(request, titles, buckets, product=True), rows.index(bought.product.row)
    for group, values in bought.product.options.items():
        texts = {value: f"{group.lower()} {value}" for value in values}
        chosen = bought.chosen.get(group.lower())
        if chosen in texts:
            decision = answer_decision(request, texts, buckets, product=False)
            yield decision, decision.actions.index(chosen)
