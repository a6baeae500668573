"""Direct preference optimisation of the choice policy on preferences that it generates itself.

Source: Rafailov et al., 2023 (arXiv 2305.18290); Feng & Feng, 2024 (arXiv 2408.16032): at each
decision the action of a perfect trajectory is chosen, an action that the frozen reference policy
generates there is rejected. Deviations: the decisions are those that the reference policy
meets when it shops itself; several rounds, each with the policy so far as its reference; a share of
the imitation loss on the chosen action, since DPO alone may lower both actions' probabilities
(Pang et al., 2024, arXiv 2404.19733).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from shopwright.agents.learned import LearnedAgent
from shopwright.config import setting
from shopwright.errors import InputError
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import Reader
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng, python_rng
from shopwright.shop.shop import Shop
from shopwright.training.comparisons import PreferenceConfig, compare
from shopwright.training.dev import DevConfig, DevMonitor
from shopwright.training.examples import (
    Demonstration,
    Preference,
    collect_preferences,
    demonstrate,
    drawn,
)
from shopwright.training.inputs import fingerprint
from shopwright.training.learner import open_learner
from shopwright.training.loop import Loop, Losses, Progress, staged
from shopwright.training.losses import dpo_loss
from shopwright.workers import each


@dataclass(frozen=True, kw_only=True)
class DPOConfig(PreferenceConfig, DevConfig):
    """How preferences are generated and learned."""

    rounds: int = setting(2, help="times the reference is renewed", minimum=1)
    steps: int = setting(150, help="gradient steps of a round", minimum=1)
    rollouts: int = setting(1, help="episodes of a demonstration in a round", minimum=1)
    follow: float = setting(
        0.5, help="share of mistakes after which the right action is taken", minimum=0, maximum=1
    )
    imitation_weight: float = setting(
        0.2, help="weight of the chosen action's log probability", minimum=0
    )
    batch_size: int = setting(32, help="preferences of a step", minimum=1)
    processes: int = setting(
        0, help="processes that read and shop; 0: one for each core", minimum=0
    )
    learning_rate: float = 2e-4
    dev_goals: int = 60
    evaluate_every: int = 150
    log_every: int = 10
    checkpoint_every: int = 50
    threads: int = 1


@one_at_a_time
def train_dpo(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    start: Path,
    out: Path,
    config: DPOConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a trained policy by preferences and write it into a run folder."""
    config = config or DPOConfig()
    if not trajectories:
        raise InputError("trajectories: expected at least one, got none")
    learner = open_learner(shop, start, device=config.device)
    inputs = fingerprint(shop, trajectories) | {"start_sha256": learner.checksum}
    run = Run.open(out, "dpo", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    policy, reader = learner.policy, learner.reader
    demonstrations = each(
        lambda trajectory: demonstrate(trajectory, shop, reader, policy),
        trajectories,
        processes=config.processes,
        progress=staged(progress, "read"),
    )
    reference = copy.deepcopy(policy)
    preferences: dict[int, list[Preference]] = {}  # By round.
    record: dict[str, Any] = {"preferences": []}

    def losses(step: int) -> Losses:
        round_number, step_of_round = divmod(step, config.steps)
        if step_of_round == 0:
            reference.load_state_dict(policy.state_dict())
        if step_of_round == 0 or round_number not in preferences:
            found = _mistakes(
                round_number, demonstrations, shop, reference, reader, config, progress
            )
            preferences[round_number] = found
            record["preferences"][round_number:] = [len(found)]
        if not preferences[round_number]:
            return  # The policy makes no mistake on its demonstrations any more.
        rng = numpy_rng(config.seed, "dpo", "batch", step)
        batch = drawn(preferences[round_number], config.batch_size, rng)
        compared, numbers = compare(batch, policy, reference, config, "dpo", step)
        dpo = dpo_loss(*compared, beta=config.beta, label_smoothing=config.label_smoothing)
        loss = dpo - config.imitation_weight * compared[0].mean()
        yield loss, {"loss": loss, "preference_loss": dpo, **numbers}

    agent = LearnedAgent(policy, reader, name="dpo")
    loop = Loop(
        run,
        config,
        {"policy": policy},
        stage="dpo",
        steps=config.rounds * config.steps,
        kept={"reference": reference},
        record=record,
        monitor=DevMonitor(agent, shop, config, seed=config.seed, processes=config.processes),
        progress=progress,
    )
    loop.descend(losses)
    result = {
        "operation": "dpo",
        "trajectories": len(trajectories),
        "preferences": record["preferences"],
        "steps": loop.step,
    }
    learner.write(out, policy, result, start)
    return loop.finish(result)


def _mistakes(
    round_number: int,
    demonstrations: Sequence[Demonstration],
    shop: Shop,
    reference: ChoiceNetwork,
    reader: Reader,
    config: DPOConfig,
    progress: Progress | None,
) -> list[Preference]:
    """The preferences of a round, from the reference's shopping for the demonstrations' goals."""

    def shop_for(number: int) -> list[Preference]:
        return [
            preference
            for rollout in range(config.rollouts)
            for preference in collect_preferences(
                demonstrations[number],
                shop,
                reference,
                reader,
                step_limit=config.step_limit,
                follow=config.follow,
                rng=python_rng(config.seed, "dpo", round_number, number, rollout),
            )
        ]

    by_goal = each(
        shop_for,
        range(len(demonstrations)),
        processes=config.processes,
        progress=staged(progress, f"preferences {round_number + 1}"),
    )
    return list(chain.from_iterable(by_goal))
