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
from pathlib import Path
from typing import Any

from shopwright.agents.learned import LearnedAgent
from shopwright.config import setting
from shopwright.errors import InputError
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run
from shopwright.seeding import numpy_rng, python_rng
from shopwright.shop.shop import Shop
from shopwright.training.comparisons import compare
from shopwright.training.dev import DevConfig, DevMonitor
from shopwright.training.examples import (
    Preference,
    collect_preferences,
    demonstrate,
)
from shopwright.training.inputs import fingerprint
from shopwright.training.learner import Learner, open_learner
from shopwright.training.loop import Loop, Losses, Progress, TrainingConfig, staged
from shopwright.training.losses import dpo_loss
from shopwright.training.workers import each


@dataclass(frozen=True, kw_only=True)
class DPOConfig(TrainingConfig, DevConfig):
    """How preferences are generated and learned."""

    rounds: int = setting(2, help="times the reference is renewed", minimum=1)
    steps: int = setting(150, help="gradient steps of a round", minimum=1)
    rollouts: int = setting(1, help="episodes of a demonstration in a round", minimum=1)
    follow: float = setting(
        0.5, help="share of mistakes after which the right action is taken", minimum=0, maximum=1
    )
    beta: float = setting(
        0.1, help="the larger, the closer to the reference", above=0, formerly="temperature"
    )
    label_smoothing: float = setting(
        0.0, help="share of preferences taken to be the wrong way round", minimum=0, below=0.5
    )
    imitation_weight: float = setting(
        0.2, help="weight of the chosen action's log probability", minimum=0
    )
    batch_size: int = setting(32, help="preferences of a step", minimum=1)
    word_dropout: float = setting(
        0.5, help="a request loses up to this share of its words", minimum=0, maximum=1
    )
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)
    processes: int = setting(
        0, help="processes that read and shop; 0: one for each core", minimum=0
    )
    learning_rate: float = 2e-4
    dev_goals: int = 60
    evaluate_every: int = 150
    log_every: int = 10
    checkpoint_every: int = 50
    threads: int = 1


def train_dpo(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    start: Path,
    out: Path,
    config: DPOConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a trained policy by preferences and write it into a run folder.

    A run that was killed goes on from its last checkpoint and ends at the same weights; a finished
    one is returned as it is.

    Args:
        trajectories: perfect ones of the pages protocol.
        start: the run folder of the policy to begin with, the first reference.

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        AgentError: ``start`` holds no trained agent, or its language model has other weights.
        TrajectoryError: a trajectory cannot serve.
        InputError: the folder holds another run.
    """
    config = config or DPOConfig()
    if not trajectories:
        raise InputError("trajectories: expected at least one, got none")
    learner = open_learner(shop, start, device=config.device)
    inputs = fingerprint(shop, trajectories) | {"start_sha256": learner.checksum}
    run = Run.open(out, "dpo", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    policy = learner.policy
    rounds = _Rounds(learner, shop, trajectories, config, progress)

    def losses(step: int) -> Losses:
        preferences = rounds.preferences(step)
        if not preferences:
            return  # The policy makes no mistake on its demonstrations any more.
        draws = numpy_rng(config.seed, "dpo", "batch", step)
        compared = compare(
            [preferences[n] for n in draws.integers(0, len(preferences), size=config.batch_size)],
            policy,
            rounds.reference,
            word_dropout=config.word_dropout,
            seed=config.seed,
            names=("dpo", step),
        )
        four = compared.log_probabilities
        dpo = dpo_loss(*four, beta=config.beta, label_smoothing=config.label_smoothing)
        loss = dpo - config.imitation_weight * compared.chosen.mean()
        yield loss, {"loss": loss, "preference_loss": dpo, **compared.numbers(config.beta)}

    agent = LearnedAgent(policy, learner.reader, name="dpo")
    loop = Loop(
        run,
        config,
        {"policy": policy},
        stage="dpo",
        steps=config.rounds * config.steps,
        kept={"reference": rounds.reference},
        record=rounds.record,
        monitor=DevMonitor(agent, shop, config, seed=config.seed, processes=config.processes),
        progress=progress,
    )
    loop.descend(losses)
    result = {
        "operation": "dpo",
        "trajectories": len(trajectories),
        "preferences": rounds.record["preferences"],
        "steps": loop.step,
    }
    learner.write(out, policy, result, start)
    return loop.finish(result)


class _Rounds:
    """The preferences of each round, of which the policy as it was when the round began generates
    the rejected side.

    Attributes:
        reference: that policy.
        record: how many preferences each round had.
    """

    def __init__(
        self,
        learner: Learner,
        shop: Shop,
        trajectories: Sequence[Trajectory],
        config: DPOConfig,
        progress: Progress | None,
    ) -> None:
        self._learner, self._shop, self._config, self._progress = learner, shop, config, progress
        self._demonstrations = each(
            lambda trajectory: demonstrate(trajectory, shop, learner.reader, learner.policy),
            trajectories,
            processes=config.processes,
            progress=staged(progress, "read"),
        )
        self._preferences: list[Preference] | None = None
        self.reference = copy.deepcopy(learner.policy)
        self.record: dict[str, Any] = {"preferences": []}

    def preferences(self, step: int) -> list[Preference]:
        """Return those of the round that a step belongs to."""
        round_number, step_of_round = divmod(step, self._config.steps)
        if step_of_round == 0:
            self.reference.load_state_dict(self._learner.policy.state_dict())
        if step_of_round == 0 or self._preferences is None:
            self._preferences = self._mistakes(round_number)
            self.record["preferences"][round_number:] = [len(self._preferences)]
        return self._preferences

    def _mistakes(self, round_number: int) -> list[Preference]:
        """What the reference does wrong when it shops for the demonstrations' goals."""
        config = self._config

        def shop_for(number: int) -> list[Preference]:
            return [
                preference
                for rollout in range(config.rollouts)
                for preference in collect_preferences(
                    self._demonstrations[number],
                    self._shop,
                    self.reference,
                    self._learner.reader,
                    step_limit=config.step_limit,
                    follow=config.follow,
                    rng=python_rng(config.seed, "dpo", round_number, number, rollout),
                )
            ]

        by_goal = each(
            shop_for,
            range(len(self._demonstrations)),
            processes=config.processes,
            progress=staged(self._progress, f"preferences {round_number + 1}"),
        )
        return [preference for preferences in by_goal for preference in preferences]
