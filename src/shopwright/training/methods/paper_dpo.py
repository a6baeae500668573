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
from pathlib import Path
from typing import Any, Literal

import numpy as np

from shopwright.agents.learned import LearnedAgent, log_probabilities
from shopwright.config import setting
from shopwright.errors import InputError, TrajectoryError
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import Decision
from shopwright.policy.evidence import Reader
from shopwright.policy.tracker import EpisodeTracker
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.preferences import PreferencePair
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop
from shopwright.training.comparisons import PreferenceConfig, compare
from shopwright.training.dev import Best, DevConfig, DevMonitor
from shopwright.training.examples import Preference, demonstrate, drawn, imitation_examples
from shopwright.training.inputs import checksum, fingerprint
from shopwright.training.learner import open_learner
from shopwright.training.loop import TIMED_POINTS, Loop, Losses, Progress
from shopwright.training.losses import dpo_loss, ipo_loss
from shopwright.training.schedule import BudgetConfig


@dataclass(frozen=True, kw_only=True)
class PaperDPOConfig(PreferenceConfig, BudgetConfig, DevConfig):
    """How the choice policy learns from preferences, an episode at a time."""

    steps: int = setting(3000, help="gradient steps", minimum=1)
    episodes: int = setting(1, help="episodes of a gradient step", minimum=1)
    loss: Literal["dpo", "ipo"] = setting("dpo", help="the preference loss")
    learning_rate: float = 3e-4


@one_at_a_time
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

    Args:
        start: the run folder of the policy to begin with; frozen, it is the reference.
        trajectories: perfect ones of the pages protocol whose actions are chosen.
        preferences: of which both sides are generated; one of the two must be given.
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

    def losses(step: int) -> Losses:
        rng = numpy_rng(config.seed, "paper-dpo", "step", step)
        chosen = drawn(episodes, config.episodes, rng)
        batch = [choice.draw(rng) for episode in chosen for choice in episode]
        compared, numbers = compare(batch, policy, reference, config, "paper-dpo", step)
        if config.loss == "ipo":
            loss = ipo_loss(*compared, tau=config.beta)
        else:
            loss = dpo_loss(*compared, beta=config.beta, label_smoothing=config.label_smoothing)
        yield loss, {"loss": loss, **numbers}

    agent, limit = LearnedAgent(policy, reader, name="dpo"), config.step_limit
    monitor = DevMonitor(agent, shop, config, seed=config.seed, step_limit=limit)
    best = Best(policy)
    loop = Loop(
        run,
        config,
        {"policy": policy},
        stage="dpo",
        steps=config.steps,
        points=TIMED_POINTS,
        monitor=monitor,
        best=best,
        progress=progress,
    )
    loop.descend(losses)
    result = {
        "operation": "paper-dpo",
        "steps": loop.step,
        "best_step": best.step,
        "trajectories": len(trajectories),
        "pairs": len(preferences),
        "preferences": sum(map(len, episodes)),
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

    def draw(self, rng: np.random.Generator) -> Preference:
        return Preference(self.decision, self.chosen, int(rng.choice(self.others, p=self.chances)))


def _episodes(
    trajectories: Sequence[Trajectory],
    preferences: Sequence[PreferencePair],
    shop: Shop,
    reference: ChoiceNetwork,
    reader: Reader,
    config: PaperDPOConfig,
) -> list[list[_Choice]]:
    """The choices of each demonstration, or of each goal that there are preferences for."""
    limit = config.step_limit
    episodes = [_demonstrated(one, shop, reference, reader, limit) for one in trajectories]
    by_goal: dict[tuple[str, str], list[_Choice]] = {}
    for pair in preferences:
        choices = by_goal.setdefault((pair.asin, pair.instruction), [])
        choices.append(_compared(pair, shop, reader, limit))
    episodes = [choices for choices in [*episodes, *by_goal.values()] if choices]
    if not episodes:
        raise InputError("trajectories: expected a decision between several actions, got none")
    return episodes


def _demonstrated(
    trajectory: Trajectory, shop: Shop, reference: ChoiceNetwork, reader: Reader, step_limit: int
) -> list[_Choice]:
    """The decisions of a demonstration; the reference draws the rejected action at each use."""
    choices = []
    demonstration = demonstrate(trajectory, shop, reader, reference)
    for example in imitation_examples(demonstration, shop, reader, step_limit=step_limit):
        right, others = np.flatnonzero(example.targets), np.flatnonzero(~example.targets)
        if len(others):
            scores = np.array(log_probabilities(reference, example.decision))
            chances = np.exp(scores[others] - scores[others].max())
            chosen = int(right[scores[right].argmax()])
            choices.append(_Choice(example.decision, chosen, others, chances / chances.sum()))
    return choices


def _compared(pair: PreferencePair, shop: Shop, reader: Reader, step_limit: int) -> _Choice:
    """A preference both of whose sides are generated, at the state that its actions lead to."""
    tracker = EpisodeTracker(reader, pair.instruction)
    episode = Episode(shop, pair.goal(shop), step_limit=step_limit)
    for turn in episode.replay(pair.actions):
        tracker.observe(turn.page)
    decision = tracker.observe(episode.page())
    if decision is None or not {pair.chosen, pair.rejected} <= set(decision.actions):
        raise TrajectoryError(
            f"preference for {pair.instruction!r:.60}: expected a page that offers "
            f"{pair.chosen!r:.40} and {pair.rejected!r:.40} after {len(pair.actions)} actions, "
            "got another"
        )
    chosen, rejected = map(decision.actions.index, (pair.chosen, pair.rejected))
    return _Choice(decision, chosen, np.array([rejected]), np.ones(1))
