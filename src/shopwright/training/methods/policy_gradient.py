"""WebShop's own reinforcement learning of the choice policy: policy gradient with a value
baseline, an entropy bonus and imitation.

Source: Yao et al., 2022 (arXiv 2207.01206), choice-IL-RL: the sum of policy gradient, value,
entropy and imitation loss; advantage = return − value. Deviations: the value network has weights
of its own; an update is one gradient step on whole episodes; the step limit is an end of the
episode unless ``--no-limit-ends`` is given, because the policy is told how many steps are left.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from shopwright.agents.learned import LearnedAgent
from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import BUNDLED, set_threads
from shopwright.errors import InputError
from shopwright.policy.checkpoint import write_agent
from shopwright.policy.choice import collate
from shopwright.policy.value import ValueNetwork
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run
from shopwright.seeding import generator, python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.auxiliary_imitation import AuxiliaryImitation
from shopwright.training.best import Best
from shopwright.training.budget import Budget
from shopwright.training.checkpoint import forget_state, load_state, save_state, step_randomness
from shopwright.training.experience import collect_experience, state_values
from shopwright.training.learner import open_learner
from shopwright.training.losses import (
    entropy,
    kl_divergence,
    policy_gradient_loss,
    value_loss,
)
from shopwright.training.monitor import DevMonitor, fingerprint, goals_checksum
from shopwright.training.recorder import Recorder
from shopwright.training.returns import discounted_returns, explained_variance
from shopwright.training.schedule import learning_rate_at, set_learning_rate

Progress = Callable[[str, int, int], None]
# The schedule of a run that the clock ends is read at this many points.
_SCHEDULE_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class PolicyGradientConfig(Configuration):
    """How the choice policy learns from its own shopping."""

    updates: int = setting(250, help="rounds of shopping and learning", minimum=1)
    minutes: float | None = setting(
        None, help="wall-budget budget; decides in the place of updates", above=0
    )
    episodes: int = setting(32, help="episodes of an update", minimum=1)
    discount: float = setting(0.9, help="gamma: of a step later; WebShop's", minimum=0, maximum=1)
    limit_ends: bool = setting(
        True, help="the step limit is an end; else what was cut off is estimated"
    )
    value_weight: float = setting(0.5, help="weight of the value loss", minimum=0)
    entropy_weight: float = setting(0.005, help="weight of the entropy bonus", minimum=0)
    imitation_weight: float = setting(
        0.1, help="weight of the imitation loss, with trajectories", minimum=0
    )
    kl_weight: float = setting(
        0.0, help="weight of the divergence from the policy at the start", minimum=0
    )
    imitation_batch: int = setting(16, help="demonstrated decisions of an update", minimum=1)
    learning_rate: float = setting(1e-3, help="highest learning rate", above=0)
    value_learning_rate: float = setting(3e-3, help="the same of the value network", above=0)
    warmup_share: float = setting(0.05, help="share of the run to warm up", minimum=0, maximum=1)
    weight_decay: float = setting(0.0, help="weight decay of AdamW", minimum=0)
    gradient_norm: float = setting(1.0, help="gradients are clipped to this", above=0)
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)
    language_model: str = setting(BUNDLED, help="the encoder of a new policy, without --from")
    dev_goals: int = setting(100, help="dev goals tried at each evaluation", minimum=0)
    evaluate_every: int = setting(25, help="updates between evaluations", minimum=1)
    checkpoint_every: int = setting(10, help="updates between checkpoints", minimum=1)
    threads: int = setting(0, help="threads to compute with; 0: all cores", minimum=0)
    seed: int = setting(0, help="decides everything random")


def train_policy_gradient(
    shop: Shop,
    goals: Sequence[Goal],
    out: Path,
    config: PolicyGradientConfig | None = None,
    *,
    start: Path | None = None,
    trajectories: Sequence[Trajectory] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a policy by policy gradient and write the best on dev goals into a run folder.

    A run that was killed goes on from its last checkpoint; unless the clock decides its end, it
    ends at the same weights. A finished one is returned as it is.

    Args:
        shop: where to shop.
        goals: what for.
        out: the run folder.
        config: see :class:`PolicyGradientConfig`.
        start: the run folder of the policy to begin with, which is the reference too; None: a new
            policy with random weights.
        trajectories: perfect ones to go on imitating.
        progress: called with (stage, done, in all).

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        AgentError: ``start`` holds no trained agent.
        InputError: there is no goal, or the folder holds another run.
    """
    config = config or PolicyGradientConfig()
    if not goals:
        raise InputError("goals: expected at least one, got none")
    set_threads(config.threads or None)
    learner = open_learner(shop, start, config.language_model, seed=config.seed)
    inputs = fingerprint(shop, trajectories) | {
        "goals_sha256": goals_checksum(goals),
        "start_sha256": learner.checksum,
    }
    run = Run.open(out, "policy-gradient", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    policy, reader = learner.policy, learner.reader
    auxiliary = AuxiliaryImitation(
        trajectories,
        shop,
        reader,
        policy,
        step_limit=config.step_limit,
        batch_size=config.imitation_batch,
    )
    with step_randomness(config.seed, "policy-gradient", "initial value"):
        value = ValueNetwork()
    reference = copy.deepcopy(policy)
    best = Best(policy)
    optimizer = torch.optim.AdamW(
        [{"params": policy.parameters()}, {"params": value.parameters()}],
        weight_decay=config.weight_decay,
    )
    modules = {"policy": policy, "value": value, "best": best.network}
    monitor = DevMonitor(
        shop, config.dev_goals, seed=config.seed, protocol="pages", step_limit=config.step_limit
    )
    agent = LearnedAgent(policy, reader, name="policy-gradient")
    state = load_state(run, modules, optimizer)
    first, used = state["step"], state.get("used", {"simulator_steps": 0, "episodes": 0})
    budget = Budget(config.minutes, state.get("seconds", 0.0))
    best.restore(state)
    recorder = Recorder(run, budget, first_step=first)
    if first == 0:
        measured = monitor.measure(agent, 0, every=1, last=0)
        best.consider(policy, 0, measured)
        recorder.log({"step": 0, **measured})

    for update in itertools.count(first):
        share = budget.share(update, config.updates)
        if share >= 1.0:
            break
        draws = generator(config.seed, "policy-gradient", "update", update)
        chosen = [goals[n] for n in draws.integers(0, len(goals), size=config.episodes)]
        experience = collect_experience(
            policy,
            reader,
            shop,
            chosen,
            [python_rng(config.seed, "policy-gradient", update, n) for n in range(config.episodes)],
            step_limit=config.step_limit,
        )
        values, following = state_values(policy, value, experience)
        terminated, truncated = experience.terminated, experience.truncated
        if config.limit_ends:
            terminated, truncated = terminated | truncated, torch.zeros_like(truncated)
        returns = discounted_returns(
            experience.rewards, following, terminated, truncated, discount=config.discount
        )
        advantages = returns - values

        rate = learning_rate_at(
            int(share * _SCHEDULE_POINTS),
            steps=_SCHEDULE_POINTS,
            highest=config.learning_rate,
            warmup_share=config.warmup_share,
        )
        set_learning_rate(optimizer, rate, rate * config.value_learning_rate / config.learning_rate)
        batch = collate(experience.decisions)
        scores = policy(batch)
        with torch.no_grad():
            reference_scores = reference(batch)
        taken = scores.gather(1, experience.actions[:, None])[:, 0]
        policy_term = policy_gradient_loss(taken, advantages)
        value_term = value_loss(value(batch, scores), returns)
        entropy_term = entropy(scores)
        divergence = kl_divergence(scores, reference_scores)
        imitation_term = auxiliary.loss(policy, draws)
        loss = (
            policy_term
            + config.value_weight * value_term
            - config.entropy_weight * entropy_term
            + config.kl_weight * divergence
            + config.imitation_weight * imitation_term
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for network in (policy, value):
            torch.nn.utils.clip_grad_norm_(network.parameters(), config.gradient_norm)
        optimizer.step()

        done = update + 1
        used["simulator_steps"] += experience.simulator_steps
        used["episodes"] += config.episodes
        measured = monitor.measure(agent, done, every=config.evaluate_every, last=config.updates)
        if measured or not monitor.measures:
            best.consider(policy, done, measured)
        recorder.log(
            {
                "step": done,
                "loss": loss.item(),
                "policy_loss": policy_term.item(),
                "value_loss": value_term.item(),
                "imitation_loss": imitation_term.item(),
                "entropy": entropy_term.item(),
                "kl_reference": divergence.item(),
                "explained_variance": explained_variance(values, returns),
                "train_score": experience.score,
                "train_success_rate": experience.success_rate,
                "episode_decisions": len(experience.decisions) / config.episodes,
                "learning_rate": rate,
                **measured,
            }
        )
        if done % config.checkpoint_every == 0:
            extra = {"seconds": budget.seconds, "used": used, **best.record()}
            save_state(run, done, modules, optimizer, extra)
        if progress:
            progress("policy-gradient", int(100 * budget.share(done, config.updates)), 100)

    if config.minutes is not None:
        measured = monitor.measure(agent, update, every=1, last=update)
        best.consider(policy, update, measured)
        if measured:
            recorder.log({"step": update, **measured})
    recorder.close()
    result = {
        "operation": "policy-gradient",
        "updates": update,
        "best_update": best.step,
        "goals": len(goals),
        "trajectories": len(trajectories),
        **used,
    }
    write_agent(
        out,
        best.network,
        learner.model,
        learner.states,
        name="policy-gradient",
        training=result,
        start=start,
    )
    run.finish({**result, "seconds": budget.seconds})
    forget_state(run)
    return run.result()
