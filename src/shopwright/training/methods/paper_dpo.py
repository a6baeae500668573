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
import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from shopwright.agents.learned import LearnedAgent, log_probabilities
from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import set_threads
from shopwright.errors import InputError
from shopwright.policy.checkpoint import write_agent
from shopwright.policy.choice import ChoiceNetwork, collate, drop_words
from shopwright.policy.decisions import Decision
from shopwright.policy.evidence import Reader
from shopwright.rollouts.preferences import PreferencePair
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run
from shopwright.seeding import generator
from shopwright.shop.shop import Shop
from shopwright.training.best import Best
from shopwright.training.budget import Budget
from shopwright.training.checkpoint import forget_state, load_state, save_state, step_randomness
from shopwright.training.examples import Preference, demonstrate, imitation_examples
from shopwright.training.learner import open_learner
from shopwright.training.losses import dpo_loss, ipo_loss, kl_divergence, preference_margin
from shopwright.training.monitor import DevMonitor, fingerprint, pairs_checksum
from shopwright.training.preference_pairs import preferences_by_goal
from shopwright.training.recorder import Recorder
from shopwright.training.schedule import learning_rate_at, set_learning_rate

Progress = Callable[[str, int, int], None]
# The schedule of a run that the clock ends is read at this many points.
_SCHEDULE_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class PaperDPOConfig(Configuration):
    """How the choice policy learns from preferences, an episode at a time."""

    steps: int = setting(3000, help="gradient steps", minimum=1)
    minutes: float | None = setting(
        None, help="wall-budget budget; decides in the place of steps", above=0
    )
    episodes: int = setting(1, help="episodes of a gradient step", minimum=1)
    loss: Literal["dpo", "ipo"] = setting("dpo", help="the preference loss")
    temperature: float = setting(
        0.1, help="beta (IPO: tau): the larger, the closer to the reference", above=0
    )
    label_smoothing: float = setting(
        0.0, help="share of preferences taken to be the wrong way round (DPO)", minimum=0, below=0.5
    )
    learning_rate: float = setting(3e-4, help="highest learning rate", above=0)
    warmup_share: float = setting(0.1, help="share of the run to warm up", minimum=0, maximum=1)
    weight_decay: float = setting(0.1, help="weight decay of AdamW", minimum=0)
    gradient_norm: float = setting(1.0, help="gradients are clipped to this", above=0)
    word_dropout: float = setting(
        0.5, help="a request loses up to this share of its words", minimum=0, maximum=1
    )
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)
    dev_goals: int = setting(100, help="dev goals tried at each evaluation", minimum=0)
    evaluate_every: int = setting(250, help="steps between evaluations", minimum=1)
    log_every: int = setting(20, help="steps between log lines", minimum=1)
    checkpoint_every: int = setting(200, help="steps between checkpoints", minimum=1)
    threads: int = setting(0, help="threads to compute with; 0: all cores", minimum=0)
    seed: int = setting(0, help="decides everything random")


def train_paper_dpo(
    shop: Shop,
    start: Path,
    out: Path,
    config: PaperDPOConfig | None = None,
    *,
    trajectories: Sequence[Trajectory] = (),
    pairs: Sequence[PreferencePair] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a trained policy by preferences and write the best on dev goals into a run folder.

    A run that was killed goes on from its last checkpoint; unless the clock decides its end, it
    ends at the same weights. A finished one is returned as it is.

    Args:
        shop: where the preferences were made.
        start: the run folder of the policy to begin with; frozen, it is the reference.
        out: the run folder.
        config: see :class:`PaperDPOConfig`.
        trajectories: perfect ones of the pages protocol whose actions are chosen.
        pairs: preferences of which both sides are generated; one of the two must be given.
        progress: called with (stage, done, in all).

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        AgentError: ``start`` holds no trained agent.
        TrajectoryError: a trajectory or a preference cannot serve.
        InputError: neither or both are given, or the folder holds another run.
    """
    config = config or PaperDPOConfig()
    if bool(trajectories) == bool(pairs):
        raise InputError("expected either trajectories or preferences, got both or neither")
    set_threads(config.threads or None)
    learner = open_learner(shop, start, "", seed=config.seed)
    inputs = fingerprint(shop, trajectories) | {
        "pairs_sha256": pairs_checksum(pairs),
        "start_sha256": learner.checksum,
    }
    run = Run.open(out, "paper-dpo", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    policy, reader = learner.policy, learner.reader
    reference = copy.deepcopy(policy)
    if trajectories:
        episodes = [
            _demonstrated(trajectory, shop, reference, reader, config.step_limit)
            for trajectory in trajectories
        ]
    else:
        episodes = [
            _compared(preferences)
            for preferences in preferences_by_goal(
                pairs, shop, reader, step_limit=config.step_limit
            )
        ]
    episodes = [choices for choices in episodes if choices]
    if not episodes:
        raise InputError("trajectories: expected a decision between several actions, got none")
    best = Best(policy)
    optimizer = torch.optim.AdamW(
        policy.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    modules = {"policy": policy, "best": best.network}
    monitor = DevMonitor(
        shop, config.dev_goals, seed=config.seed, protocol="pages", step_limit=config.step_limit
    )
    agent = LearnedAgent(policy, reader, name="dpo")
    state = load_state(run, modules, optimizer)
    first = state["step"]
    budget = Budget(config.minutes, state.get("seconds", 0.0))
    best.restore(state)
    recorder = Recorder(run, budget, first_step=first)
    if first == 0:
        measured = monitor.measure(agent, 0, every=1, last=0)
        best.consider(policy, 0, measured)
        recorder.log({"step": 0, **measured})

    for step in itertools.count(first):
        share = budget.share(step, config.steps)
        if share >= 1.0:
            break
        draws = generator(config.seed, "paper-dpo", "step", step)
        numbers = draws.integers(0, len(episodes), size=config.episodes)
        chosen = [choice.draw(draws) for number in numbers for choice in episodes[number]]
        batch = collate([preference.decision for preference in chosen])
        better = torch.tensor([[preference.chosen] for preference in chosen])
        worse = torch.tensor([[preference.rejected] for preference in chosen])
        with step_randomness(config.seed, "paper-dpo", step) as randomness:
            batch = drop_words(batch, config.word_dropout, randomness)
            policy.train()
            scores = policy(batch)
            policy.eval()
        with torch.no_grad():
            reference_scores = reference(batch)
        compared = (
            scores.gather(1, better)[:, 0],
            scores.gather(1, worse)[:, 0],
            reference_scores.gather(1, better)[:, 0],
            reference_scores.gather(1, worse)[:, 0],
        )
        if config.loss == "ipo":
            loss = ipo_loss(*compared, temperature=config.temperature)
        else:
            loss = dpo_loss(
                *compared, temperature=config.temperature, label_smoothing=config.label_smoothing
            )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(policy.parameters(), config.gradient_norm)
        rate = learning_rate_at(
            int(share * _SCHEDULE_POINTS),
            steps=_SCHEDULE_POINTS,
            highest=config.learning_rate,
            warmup_share=config.warmup_share,
        )
        set_learning_rate(optimizer, rate)
        optimizer.step()

        done = step + 1
        measured = monitor.measure(agent, done, every=config.evaluate_every, last=config.steps)
        if measured or not monitor.measures:
            best.consider(policy, done, measured)
        if done % config.log_every == 0 or measured:
            margin = preference_margin(*(values.detach() for values in compared))
            recorder.log(
                {
                    "step": done,
                    "loss": loss.item(),
                    "reward_margin": config.temperature * margin.mean().item(),
                    "accuracy": (margin > 0).float().mean().item(),
                    "kl_reference": kl_divergence(scores.detach(), reference_scores).item(),
                    "learning_rate": rate,
                    **measured,
                }
            )
        if done % config.checkpoint_every == 0:
            save_state(run, done, modules, optimizer, {"seconds": budget.seconds, **best.record()})
        if progress:
            progress("dpo", int(100 * budget.share(done, config.steps)), 100)

    if config.minutes is not None:
        measured = monitor.measure(agent, step, every=1, last=step)
        best.consider(policy, step, measured)
        if measured:
            recorder.log({"step": step, **measured})
    recorder.close()
    result = {
        "operation": "paper-dpo",
        "steps": step,
        "best_step": best.step,
        "trajectories": len(trajectories),
        "pairs": len(pairs),
        "preferences": sum(len(episode) for episode in episodes),
    }
    write_agent(
        out, best.network, learner.model, learner.states, name="dpo", training=result, start=start
    )
    run.finish({**result, "seconds": budget.seconds})
    forget_state(run)
    return run.result()


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
