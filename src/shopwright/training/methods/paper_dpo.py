"""Direct preference optimisation as the paper does it: one update for each episode.

Source: Rafailov et al., 2023 (arXiv 2305.18290); Feng & Feng, 2024 (arXiv 2408.16032): a
demonstrated episode is drawn; at each of its decisions the demonstrated action is chosen, and an
action that the frozen reference policy generates there is rejected. The demonstrations are
people's ("human") or the policy's own perfect rollouts ("generated"). With preferences of which
both sides are generated, the pairs of one goal make an update. Deviations: the reference draws
among the actions that the demonstration does not show, because from its mistakes alone the policy
unlearns what it does well; the choice among all search results is among the decisions.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from shopwright.agents.learned import LearnedAgent, log_probabilities
from shopwright.config import setting
from shopwright.errors import InputError
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import Decision
from shopwright.policy.evidence import Reader
from shopwright.rollouts.preferences import PreferencePair
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop
from shopwright.training.comparisons import compare
from shopwright.training.dev import Best, DevMonitor, PagesConfig
from shopwright.training.examples import Preference, demonstrate, imitation_examples
from shopwright.training.inputs import checksum, fingerprint
from shopwright.training.learner import open_learner
from shopwright.training.loop import TIMED_POINTS, Loop, Losses, Progress, TrainingConfig
from shopwright.training.losses import dpo_loss, ipo_loss
from shopwright.training.preference_pairs import preferences_by_goal
from shopwright.training.schedule import BudgetConfig


@dataclass(frozen=True, kw_only=True)
class PaperDPOConfig(TrainingConfig, BudgetConfig, PagesConfig):
    """How the choice policy learns from preferences, an episode at a time."""

    steps: int = setting(3000, help="gradient steps", minimum=1)
    episodes: int = setting(1, help="episodes of a gradient step", minimum=1)
    loss: Literal["dpo", "ipo"] = setting("dpo", help="the preference loss")
    beta: float = setting(
        0.1,
        help="beta (IPO: tau): the larger, the closer to the reference",
        above=0,
        formerly="temperature",
    )
    label_smoothing: float = setting(
        0.0,
        help="share of preferences taken to be the wrong way round (DPO)",
        minimum=0,
        below=0.5,
    )
    word_dropout: float = setting(
        0.5, help="a request loses up to this share of its words", minimum=0, maximum=1
    )
    learning_rate: float = 3e-4


def train_paper_dpo(
    shop: Shop,
    start: Path,
    out: Path,
    config: PaperDPOConfig | None = None,
    *,
    trajectories: Sequence[Trajectory] = (),
    preferences: Sequence[PreferencePair] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a trained policy by preferences and write the best on dev goals into a run folder.

    A run that was killed goes on from its last checkpoint; unless a time limit decides its end, it
    ends at the same weights. A finished one is returned as it is.

    Args:
        start: the run folder of the policy to begin with; frozen, it is the reference.
        trajectories: perfect ones of the pages protocol whose actions are chosen.
        preferences: of which both sides are generated; one of the two must be given.

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        AgentError: ``start`` holds no trained agent.
        TrajectoryError: a trajectory or a preference cannot serve.
        InputError: neither or both are given, or the folder holds another run.
    """
    config = config or PaperDPOConfig()
    if bool(trajectories) == bool(preferences):
        raise InputError("expected either trajectories or preferences, got both or neither")
    learner = open_learner(shop, start, device=config.device)
    inputs = fingerprint(shop, trajectories) | {
        "pairs_sha256": checksum(preferences),
        "start_sha256": learner.checksum,
    }
    run = Run.open(out, "paper-dpo", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    policy, reader = learner.policy, learner.reader
    reference = copy.deepcopy(policy)
    episodes = _episodes(trajectories, preferences, shop, reference, reader, config)
    agent = LearnedAgent(policy, reader, name="dpo")
    best = Best(policy)
    loop = Loop(
        run,
        config,
        {"policy": policy},
        stage="dpo",
        steps=config.steps,
        minutes=config.minutes,
        points=TIMED_POINTS,
        monitor=DevMonitor.on_pages(agent, shop, config, seed=config.seed),
        best=best,
        progress=progress,
    )
    loop.descend(partial(_losses, config, policy, reference, episodes))
    result = {
        "operation": "paper-dpo",
        "steps": loop.step,
        "best_step": best.step,
        "trajectories": len(trajectories),
        "pairs": len(preferences),
        "preferences": sum(len(episode) for episode in episodes),
    }
    learner.write(out, best.network, result, start)
    return loop.finish(result)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A decision, the action chosen there, and those of which one is drawn as rejected."""

    decision: Decision
    chosen: int
    others: np.ndarray
    chances: np.ndarray

    def draw(self, draws: np.random.Generator) -> Preference:
        rejected = int(draws.choice(self.others, p=self.chances))
        return Preference(self.decision, self.chosen, rejected)


def _losses(
    config: PaperDPOConfig,
    policy: ChoiceNetwork,
    reference: ChoiceNetwork,
    episodes: Sequence[Sequence[_Choice]],
    step: int,
) -> Losses:
    """Yield the loss of a step, over some episodes' decisions."""
    draws = numpy_rng(config.seed, "paper-dpo", "step", step)
    numbers = draws.integers(0, len(episodes), size=config.episodes)
    compared = compare(
        [choice.draw(draws) for number in numbers for choice in episodes[number]],
        policy,
        reference,
        word_dropout=config.word_dropout,
        seed=config.seed,
        names=("paper-dpo", step),
    )
    four = compared.log_probabilities
    if config.loss == "ipo":
        loss = ipo_loss(*four, tau=config.beta)
    else:
        loss = dpo_loss(*four, beta=config.beta, label_smoothing=config.label_smoothing)
    yield loss, {"loss": loss, **compared.numbers(config.beta)}


def _episodes(
    trajectories: Sequence[Trajectory],
    preferences: Sequence[PreferencePair],
    shop: Shop,
    reference: ChoiceNetwork,
    reader: Reader,
    config: PaperDPOConfig,
) -> list[list[_Choice]]:
    """The choices of each demonstration, or of each goal that there are preferences for."""
    if trajectories:
        episodes = [
            _demonstrated(t, shop, reference, reader, config.step_limit) for t in trajectories
        ]
    else:
        by_goal = preferences_by_goal(preferences, shop, reader, step_limit=config.step_limit)
        episodes = [_compared(preferences) for preferences in by_goal]
    episodes = [choices for choices in episodes if choices]
    if not episodes:
        raise InputError("trajectories: expected a decision between several actions, got none")
    return episodes


def _demonstrated(
    trajectory: Trajectory, shop: Shop, reference: ChoiceNetwork, reader: Reader, step_limit: int
) -> list[_Choice]:
    """The decisions of a demonstration; the reference draws the rejected action anew at each
    use."""
    choices = []
    demonstration = demonstrate(trajectory, shop, reader, reference)
    for example in imitation_examples(demonstration, shop, reader, step_limit=step_limit):
        right, others = np.flatnonzero(example.targets), np.flatnonzero(~example.targets)
        if len(others):
            scores = np.array(log_probabilities(reference, example.decision))
            scores = scores[: len(example.targets)]
            chances = np.exp(scores[others] - scores[others].max())
            chosen = int(right[scores[right].argmax()])
            choices.append(_Choice(example.decision, chosen, others, chances / chances.sum()))
    return choices


def _compared(preferences: Sequence[Preference]) -> list[_Choice]:
    """The preferences of a goal, both of whose sides are generated."""
    return [_Choice(p.decision, p.chosen, np.array([p.rejected]), np.ones(1)) for p in preferences]
