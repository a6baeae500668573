"""Imitation by the policy without pretraining: the row that shows what the language model adds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from shopwright.agents.scratch import (
    ScratchConfig,
    ScratchNetwork,
    TextDecision,
    answer_decision,
    page_decision,
    write_scratch_agent,
)
from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import set_threads
from shopwright.errors import InputError
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run
from shopwright.seeding import generator
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop
from shopwright.training.budget import Budget
from shopwright.training.checkpoint import forget_state, load_state, save_state, step_randomness
from shopwright.training.losses import imitation_loss
from shopwright.training.monitor import fingerprint
from shopwright.training.recorder import Recorder
from shopwright.training.schedule import learning_rate_at, set_learning_rate

Progress = Callable[[str, int, int], None]
# The schedule of a run that the clock ends is read at this many points.
_SCHEDULE_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class ScratchTrainingConfig(Configuration):
    """How the policy without pretraining imitates."""

    steps: int = setting(2000, help="gradient steps", minimum=1)
    minutes: float | None = setting(
        None, help="wall-budget budget; decides in the place of steps", above=0
    )
    batch_size: int = setting(32, help="decisions of a step", minimum=1)
    learning_rate: float = setting(3e-3, help="highest learning rate", above=0)
    warmup_share: float = setting(0.05, help="share of the run to warm up", minimum=0, maximum=1)
    weight_decay: float = setting(0.1, help="weight decay of AdamW", minimum=0)
    gradient_norm: float = setting(1.0, help="gradients are clipped to this", above=0)
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)
    log_every: int = setting(50, help="steps between log lines", minimum=1)
    checkpoint_every: int = setting(500, help="steps between checkpoints", minimum=1)
    threads: int = setting(0, help="threads to compute with; 0: all cores", minimum=0)
    seed: int = setting(0, help="decides everything random")


def train_scratch(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    out: Path,
    config: ScratchTrainingConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train the policy without pretraining on perfect trajectories and write it into a run folder.

    A run that was killed goes on from its last checkpoint; a finished one is returned as it is.

    Args:
        shop: where the trajectories were made.
        trajectories: perfect ones of the pages protocol.
        out: the run folder.
        config: see :class:`ScratchTrainingConfig`.
        progress: called with (stage, done, in all).

    Raises:
        InputError: there is no trajectory, or the folder holds another run.
    """
    config = config or ScratchTrainingConfig()
    settings = {"config": asdict(config), "inputs": fingerprint(shop, trajectories)}
    run = Run.open(out, "no-pretraining", settings)
    if run.finished:
        return run.result()
    set_threads(config.threads or None)
    with step_randomness(config.seed, "scratch", "initial weights"):
        network = ScratchNetwork(ScratchConfig())
    examples = [
        example
        for trajectory in trajectories
        for example in _examples(trajectory, shop, network.config.buckets, config.step_limit)
    ]
    if not examples:
        raise InputError("trajectories: expected at least one with a decision, got none")
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    state = load_state(run, {"network": network}, optimizer)
    budget = Budget(config.minutes, state.get("seconds", 0.0))
    recorder = Recorder(run, budget, first_step=state["step"])
    for step in itertools.count(state["step"]):
        share = budget.share(step, config.steps)
        if share >= 1.0:
            break
        draws = generator(config.seed, "scratch", "batch", step)
        chosen = [examples[n] for n in draws.integers(0, len(examples), size=config.batch_size)]
        scores = network([decision for decision, _ in chosen])
        targets = torch.zeros(scores.shape, dtype=torch.bool)
        targets[torch.arange(len(chosen)), torch.tensor([number for _, number in chosen])] = True
        loss = imitation_loss(scores, targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.gradient_norm)
        rate = learning_rate_at(
            int(share * _SCHEDULE_POINTS),
            steps=_SCHEDULE_POINTS,
            highest=config.learning_rate,
            warmup_share=config.warmup_share,
        )
        set_learning_rate(optimizer, rate)
        optimizer.step()

        done = step + 1
        if done % config.log_every == 0:
            right = targets.gather(1, scores.argmax(dim=1, keepdim=True)).float().mean().item()
            recorder.log(
                {"step": done, "loss": loss.item(), "accuracy": right, "learning_rate": rate}
            )
        if done % config.checkpoint_every == 0:
            save_state(run, done, {"network": network}, optimizer, {"seconds": budget.seconds})
        if progress:
            progress("no-pretraining", int(100 * budget.share(done, config.steps)), 100)
    recorder.close()
    result = {
        "operation": "no-pretraining",
        "trajectories": len(trajectories),
        "examples": len(examples),
        "steps": step,
    }
    write_scratch_agent(out, network, result)
    run.finish({**result, "seconds": budget.seconds})
    forget_state(run)
    return run.result()


def _examples(
    trajectory: Trajectory, shop: Shop, buckets: int, step_limit: int
) -> Iterator[tuple[TextDecision, int]]:
    """The decisions of a trajectory and what was done: on pages, and in answering at once."""
    request = trajectory.instruction
    session = Session(shop, trajectory.goal(shop))
    for number, step in enumerate(trajectory.steps, start=1):
        if session.state.page is not PageKind.SEARCH:
            left = max(0.0, 1.0 - number / step_limit)
            decision = page_decision(session, request, buckets, left)
            if step.action in decision.actions:
                yield decision, decision.actions.index(step.action)
        session.act(step.action)
    state = session.state
    rows = shop.search_rows(request)
    if state.row is None or state.row not in rows:
        return
    titles = {shop.catalogue.asin_of(row): shop.catalogue.listing(row).title for row in rows}
    yield answer_decision(request, titles, buckets, product=True), rows.index(state.row)
    for group, values in shop.catalogue[state.row].options.items():
        texts = {value: f"{group.lower()} {value}" for value in values}
        chosen = state.options.get(group.lower())
        if chosen in texts:
            decision = answer_decision(request, texts, buckets, product=False)
            yield decision, decision.actions.index(chosen)
