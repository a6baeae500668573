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
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from shopwright.agents.learned import LearnedAgent
from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import LanguageModel, set_threads
from shopwright.encoding.token_states import StatesConfig, open_states
from shopwright.errors import InputError
from shopwright.memory.history import practising
from shopwright.policy.checkpoint import read_agent, write_agent
from shopwright.policy.choice import ChoiceNetwork, collate, drop_words
from shopwright.policy.evidence import TRAINING_REQUESTS, Reader
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run
from shopwright.seeding import generator, python_rng
from shopwright.shop.shop import Shop
from shopwright.training.budget import Budget
from shopwright.training.checkpoint import forget_state, load_state, save_state, step_randomness
from shopwright.training.examples import (
    Demonstration,
    Preference,
    collect_preferences,
    demonstrate,
)
from shopwright.training.losses import dpo_loss, preference_margin
from shopwright.training.monitor import DevMonitor, fingerprint
from shopwright.training.recorder import Recorder
from shopwright.training.schedule import learning_rate_at, set_learning_rate
from shopwright.training.workers import each

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class DPOConfig(Configuration):
    """How preferences are generated and learned."""

    rounds: int = setting(2, help="times the reference is renewed", minimum=1)
    steps: int = setting(150, help="gradient steps of a round", minimum=1)
    rollouts: int = setting(1, help="episodes of a demonstration in a round", minimum=1)
    follow: float = setting(
        0.5, help="share of mistakes after which the right action is taken", minimum=0, maximum=1
    )
    temperature: float = setting(0.1, help="beta: the larger, the closer to the reference", above=0)
    label_smoothing: float = setting(
        0.0, help="share of preferences taken to be the wrong way round", minimum=0, below=0.5
    )
    imitation_weight: float = setting(
        0.2, help="weight of the chosen action's log probability", minimum=0
    )
    batch_size: int = setting(32, help="preferences of a step", minimum=1)
    learning_rate: float = setting(2e-4, help="highest learning rate", above=0)
    warmup_share: float = setting(0.1, help="share of steps to warm up", minimum=0, maximum=1)
    weight_decay: float = setting(0.1, help="weight decay of AdamW", minimum=0)
    gradient_norm: float = setting(1.0, help="gradients are clipped to this", above=0)
    word_dropout: float = setting(
        0.5, help="a request loses up to this share of its words", minimum=0, maximum=1
    )
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)
    dev_goals: int = setting(60, help="dev goals tried at each evaluation", minimum=0)
    evaluate_every: int = setting(150, help="steps between evaluations", minimum=1)
    log_every: int = setting(10, help="steps between log lines", minimum=1)
    checkpoint_every: int = setting(50, help="steps between checkpoints", minimum=1)
    threads: int = setting(1, help="threads to compute with; 0: all cores", minimum=0)
    processes: int = setting(
        0, help="processes that read and shop; 0: one for each core", minimum=0
    )
    seed: int = setting(0, help="decides everything random")


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
        shop: where the trajectories were made.
        trajectories: perfect ones of the pages protocol.
        start: the run folder of the policy to begin with, the first reference.
        out: the run folder.
        config: see :class:`DPOConfig`.
        progress: called with (stage, done, in all).

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        AgentError: ``start`` holds no trained agent.
        TrajectoryError: a trajectory cannot serve.
        InputError: the folder holds another run.
    """
    config = config or DPOConfig()
    if not trajectories:
        raise InputError("trajectories: expected at least one, got none")
    policy, description = read_agent(start)
    inputs = fingerprint(shop, trajectories) | {"start_sha256": description["weights_sha256"]}
    run = Run.open(out, "dpo", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    started = time.perf_counter()
    set_threads(config.threads or None)
    model = LanguageModel(description["language_model"]["name"])
    states_config = StatesConfig(**description["states"])
    reader = Reader(
        shop.catalogue,
        model,
        open_states(shop, model, states_config),
        requests_kept=TRAINING_REQUESTS,
    )
    reader.recall = practising(policy.history, shop.catalogue)
    demonstrations = each(
        lambda trajectory: demonstrate(trajectory, shop, reader, policy),
        trajectories,
        processes=config.processes,
        progress=_named(progress, "read"),
    )

    reference = copy.deepcopy(policy)
    optimizer = torch.optim.AdamW(
        policy.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    modules = {"policy": policy, "reference": reference}
    monitor = DevMonitor(shop, config.dev_goals, seed=config.seed, processes=config.processes)
    agent = LearnedAgent(policy, reader, name="dpo")
    state = load_state(run, modules, optimizer)
    first, found = state["step"], state.get("preferences", [])
    budget = Budget(None, state.get("seconds", 0.0))
    recorder = Recorder(run, budget, first_step=first)
    last = config.rounds * config.steps
    for round_number in range(first // config.steps, config.rounds):
        begins = round_number * config.steps
        if first <= begins:
            reference.load_state_dict(policy.state_dict())
        preferences = _preferences(
            demonstrations, shop, reference, reader, config, round_number, progress
        )
        found = [*found[:round_number], len(preferences)]
        if not preferences:
            break  # The policy makes no mistake on its demonstrations any more.
        for step in range(max(first, begins), begins + config.steps):
            draws = generator(config.seed, "dpo", "batch", step)
            chosen = [
                preferences[number]
                for number in draws.integers(0, len(preferences), size=config.batch_size)
            ]
            batch = collate([preference.decision for preference in chosen])
            better = torch.tensor([[preference.chosen] for preference in chosen])
            worse = torch.tensor([[preference.rejected] for preference in chosen])
            with step_randomness(config.seed, "dpo", step) as randomness:
                batch = drop_words(batch, config.word_dropout, randomness)
                policy.train()
                scores = policy(batch)
                policy.eval()
            with torch.no_grad():
                reference_scores = reference(batch)
            log_probabilities = (
                scores.gather(1, better)[:, 0],
                scores.gather(1, worse)[:, 0],
                reference_scores.gather(1, better)[:, 0],
                reference_scores.gather(1, worse)[:, 0],
            )
            preference_loss = dpo_loss(
                *log_probabilities,
                temperature=config.temperature,
                label_smoothing=config.label_smoothing,
            )
            loss = preference_loss - config.imitation_weight * log_probabilities[0].mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), config.gradient_norm)
            rate = learning_rate_at(
                step, steps=last, highest=config.learning_rate, warmup_share=config.warmup_share
            )
            set_learning_rate(optimizer, rate)
            optimizer.step()

            done = step + 1
            if done % config.log_every == 0 or done == last:
                margin = preference_margin(*log_probabilities)
                recorder.log(
                    {
                        "step": done,
                        "loss": loss.item(),
                        "preference_loss": preference_loss.item(),
                        "reward_margin": config.temperature * margin.mean().item(),
                        "accuracy": (scores.gather(1, better) > scores.gather(1, worse))
                        .float()
                        .mean()
                        .item(),
                        "learning_rate": rate,
                        **monitor.measure(agent, done, every=config.evaluate_every, last=last),
                    }
                )
            if done % config.checkpoint_every == 0 and done < last:
                extra = {"preferences": found, "seconds": budget.seconds}
                save_state(run, done, modules, optimizer, extra)
            if progress:
                progress("dpo", done, last)

    recorder.close()
    result = {
        "operation": "dpo",
        "trajectories": len(trajectories),
        "preferences": found,
        "steps": last,
        "seconds": time.perf_counter() - started,
    }
    training = {name: value for name, value in result.items() if name != "seconds"}
    write_agent(out, policy, model, states_config, name="dpo", training=training, start=start)
    run.finish(result)
    forget_state(run)
    return result


def _preferences(
    demonstrations: Sequence[Demonstration],
    shop: Shop,
    reference: ChoiceNetwork,
    reader: Reader,
    config: DPOConfig,
    round_number: int,
    progress: Progress | None,
) -> list[Preference]:
    """The mistakes that the reference policy makes on the demonstrations' goals."""

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
                generator=python_rng(config.seed, "dpo", round_number, number, rollout),
            )
        ]

    found = each(
        shop_for,
        range(len(demonstrations)),
        processes=config.processes,
        progress=_named(progress, f"preferences {round_number + 1}"),
    )
    return [preference for preferences in found for preference in preferences]


def _named(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(stage, done, total)
