"""Learning to converse: imitation of a rule, then PPO, or DPO on preferences between conversations.

Source: PPO: Schulman et al., 2017 (arXiv 1707.06347), with generalised advantages (arXiv
1506.02438); DPO: Rafailov et al., 2023 (arXiv 2305.18290). What is preferred are conversations:
one shopper is talked with several times, alike up to a decision, each time with another act there
and then as the frozen reference goes on. Of two of them that with the higher return is chosen; they
are told apart by the probability of the act at which they part. Deviation: pairs are drawn in
proportion to the difference of their returns, since a turn saved often is not worth a purchase
missed at times.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import permutations
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from shopwright.config import setting
from shopwright.conversations.agents import IMITATED, Converser
from shopwright.conversations.conversation import Openings
from shopwright.conversations.features import situation_of
from shopwright.conversations.policy import (
    ConversationPolicy,
    ConversationValue,
    collate,
    write_policy,
)
from shopwright.conversations.simulation import Episode, Task, tasks_of
from shopwright.conversations.talking import Parting, part, talk, worth
from shopwright.errors import GoalError
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import step_randomness
from shopwright.training.dev import Best, DevConfig
from shopwright.training.inputs import checksum, fingerprint
from shopwright.training.loop import Loop, Losses, Progress, TrainingConfig
from shopwright.training.losses import (
    clip_fraction,
    clipped_policy_loss,
    dpo_loss,
    entropy,
    imitation_loss,
    value_loss,
)
from shopwright.training.returns import (
    explained_variance,
    generalised_advantages,
    mean_of_the_others,
)


@dataclass(frozen=True, kw_only=True)
class ConversationConfig(TrainingConfig, DevConfig):
    """How a policy learns to converse."""

    method: Literal["ppo", "dpo", "imitation"] = setting("ppo", help="how it learns")
    imitation_steps: int = setting(
        30, help="gradient steps of imitating the rule before that", minimum=1
    )
    updates: int = setting(150, help="rounds of talking and learning", minimum=0)
    episodes: int = setting(128, help="conversations of an update", minimum=2)
    attempts: int = setting(
        1, help="ppo: conversations with each shopper, compared with each other", minimum=1
    )
    epochs: int = setting(
        4, help="ppo, imitation: times that a step's decisions are used", minimum=1
    )
    minibatches: int = setting(4, help="gradient steps of an epoch", minimum=1)
    clip: float = setting(0.2, help="ppo: ratios count up to 1 plus or minus this", above=0)
    gae_lambda: float = setting(0.95, help="ppo: lambda of the advantages", minimum=0, maximum=1)
    entropy_weight: float = setting(0.01, help="ppo: weight of the entropy bonus", minimum=0)
    value_weight: float = setting(0.5, help="ppo: weight of the value loss", minimum=0)
    success_bonus: float = setting(
        0.2, help="ppo, dpo: what all that was wanted counts above its reward", minimum=0
    )
    beta: float = setting(0.1, help="dpo: the larger, the closer to the reference", above=0)
    pairs: int = setting(256, help="dpo: preferences of an update", minimum=1)
    renewals: int = setting(5, help="dpo: updates after which the reference is renewed", minimum=1)
    world: Literal["diverse", "even"] = setting(
        "diverse", help="whether shoppers mind questions, lists or neither, or all the same"
    )
    train_goals: int = setting(
        3_000, help="goals that shoppers want, drawn of those given", minimum=1
    )
    dev_goals: int = 140
    evaluate_every: int = 50
    learning_rate: float = 3e-3
    warmup_share: float = 0.05
    weight_decay: float = 0.0
    log_every: int = 1
    checkpoint_every: int = 25
    threads: int = 1


class ReturnMonitor:
    """Measures the mean return of a policy with shoppers for dev goals."""

    def __init__(
        self,
        policy: ConversationPolicy,
        openings: Openings,
        tasks: Sequence[Task],
        every: int,
        success_bonus: float,
    ) -> None:
        self.every = every
        self._policy, self._openings, self._tasks = policy, openings, tasks
        self._success_bonus = success_bonus

    @property
    def measures(self) -> bool:
        """Whether there is a dev goal."""
        return bool(self._tasks)

    def measure(self) -> dict[str, float]:
        """Return ``dev_worth``, which is the mean of :func:`worth`, ``dev_return``,
        ``dev_success_rate`` in percent and ``dev_questions``."""
        if not self._tasks:
            return {}
        found = talk(self._policy, self._openings, self._tasks, None).episodes
        return {
            "dev_worth": float(np.mean([worth(each, self._success_bonus) for each in found])),
            "dev_return": float(np.mean([each.total for each in found])),
            "dev_success_rate": 100.0 * float(np.mean([each.success for each in found])),
            "dev_questions": float(np.mean([each.conversation.asked for each in found])),
        }


@one_at_a_time
def train_conversation(
    shop: Shop,
    goals: Sequence[Goal],
    out: Path,
    config: ConversationConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a policy of conversations and write the best on dev goals into a run folder.

    Args:
        goals: of the shoppers to learn from, who are of all tempers.

    Raises:
        GoalError: there is no goal.
    """
    config = config or ConversationConfig()
    if not goals:
        raise GoalError("goals: expected at least one, got none")
    inputs = fingerprint(shop, ()) | {
        "goals_sha256": checksum([goal.asin, goal.instruction] for goal in goals)
    }
    run = Run.open(out, "conversation", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    with step_randomness(config.seed, "conversation", "initial weights"):
        policy, value = ConversationPolicy(), ConversationValue()
    openings = Openings(shop)
    drawn = numpy_rng(config.seed, "conversation", "goals").permutation(len(goals))
    goals = [goals[number] for number in drawn[: config.train_goals]]
    dev = shop.goals.numbers("dev")
    numpy_rng(config.seed, "conversation", "dev").shuffle(dev)
    chosen = [shop.goals[number] for number in dev[: config.dev_goals]]
    dev_tasks = tasks_of(chosen, world=config.world)
    reference = copy.deepcopy(policy)
    best = Best(policy, by=("dev_worth",))
    updates = 0 if config.method == "imitation" else config.updates
    loop = Loop(
        run,
        config,
        {"policy": policy, "value": value},
        stage="conversation",
        steps=config.imitation_steps + updates,
        kept={"reference": reference},
        monitor=ReturnMonitor(
            policy, openings, dev_tasks, config.evaluate_every, config.success_bonus
        ),
        best=best,
        progress=progress,
    )
    learning = _Learning(config, openings, goals, policy, value, reference, IMITATED)
    loop.descend(learning.imitation, end=config.imitation_steps)
    if updates:
        loop.descend(
            learning.ppo if config.method == "ppo" else learning.dpo, begin=config.imitation_steps
        )
    result = {
        "operation": "conversation",
        "method": config.method,
        "updates": updates,
        "best_update": best.step,
        "goals": len(goals),
    }
    write_policy(out, best.network, result)
    return loop.finish(result)


class _Learning(NamedTuple):
    """The losses of each step, by method."""

    config: ConversationConfig
    openings: Openings
    goals: Sequence[Goal]
    policy: ConversationPolicy
    value: ConversationValue
    reference: ConversationPolicy
    rule: Converser

    def _tasks(self, step: int, count: int) -> list[Task]:
        rng = numpy_rng(self.config.seed, "conversation", "tasks", step)
        drawn = rng.integers(0, len(self.goals), size=count)
        goals = [self.goals[number] for number in drawn]
        return tasks_of(goals, int(rng.integers(2**31)), world=self.config.world)

    def imitation(self, step: int) -> Losses:
        """Yield the loss of imitating the rule in some conversations of it."""
        situations, right = [], []
        for task in self._tasks(step, self.config.episodes // 4):
            episode = Episode(self.openings, task.shopper(self.openings.shop))
            while not episode.is_over:
                situation = situation_of(episode.conversation)
                chosen = self.rule.choose(episode.conversation)
                situations.append(situation)
                right.append(situation.acts.index(chosen))
                episode.act(situation.acts[right[-1]])
        batch = collate(situations)
        targets = torch.zeros_like(batch.offered)
        targets[torch.arange(len(right)), torch.tensor(right)] = True
        for _ in range(self.config.epochs):
            loss = imitation_loss(self.policy(batch), targets)
            yield loss, {"loss": loss}

    def ppo(self, step: int) -> Losses:
        """Yield the loss of each minibatch of an update."""
        config = self.config
        rng = numpy_rng(config.seed, "conversation", "update", step)
        shoppers = self._tasks(step, max(1, config.episodes // config.attempts))
        tasks = [shopper for shopper in shoppers for _ in range(config.attempts)]
        talked = talk(self.policy, self.openings, tasks, rng)
        with torch.no_grad():
            values = self.value(talked.batch)
        ends, rewards = talked.ends, talked.rewards_with(config.success_bonus)
        advantages = generalised_advantages(
            rewards,
            values,
            values.roll(-1),  # Not read at ends.
            ends,
            torch.zeros_like(ends),
            gamma=1.0,
            gae_lambda=config.gae_lambda,
        )
        returns = advantages + values
        watched = {
            **_watched(talked.episodes),
            "explained_variance": explained_variance(values, returns),
        }
        # How hard a shopper is to serve: its other conversations tell that better than the value.
        total = torch.zeros(len(tasks)).index_add(0, talked.episode, rewards)
        beyond = mean_of_the_others(total - values[talked.begins], config.attempts)
        advantages = advantages - beyond[talked.episode]
        advantages = (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-6)
        for _ in range(config.epochs):
            order = torch.from_numpy(rng.permutation(len(advantages)))
            for rows in order.chunk(config.minibatches):
                batch = talked.batch.rows(rows)
                scores = self.policy(batch)
                taken = scores.gather(1, talked.taken[rows, None])[:, 0]
                before = talked.log_probabilities[rows]
                loss = (
                    clipped_policy_loss(taken, before, advantages[rows], clip=config.clip)
                    + config.value_weight * value_loss(self.value(batch), returns[rows])
                    - config.entropy_weight * entropy(scores)
                )
                clipped = clip_fraction(taken.detach(), before, clip=config.clip)
                yield loss, {"loss": loss, **watched, "clip_fraction": clipped}

    def dpo(self, step: int) -> Losses:
        """Yield the loss of each minibatch of an update's preferences."""
        config = self.config
        if (step - config.imitation_steps) % config.renewals == 0:
            self.reference.load_state_dict(self.policy.state_dict())
        rng = numpy_rng(config.seed, "conversation", "update", step)
        tasks = self._tasks(step, config.episodes // 4)
        partings, begun = part(self.reference, self.openings, tasks, rng, config.success_bonus)
        pairs = preferences(partings, config.pairs, rng)
        batch = collate([parting.situation for parting in partings])
        if not len(pairs):  # All acts were worth the same: there is nothing to learn.
            loss = 0.0 * torch.stack([each.sum() for each in self.policy.parameters()]).sum()
            yield loss, {"loss": loss, **_watched(begun)}
            return
        with torch.no_grad():
            reference = self.reference(batch)
        for rows in torch.from_numpy(rng.permutation(len(pairs))).chunk(config.minibatches):
            place, chosen, rejected = torch.from_numpy(pairs)[rows].T
            scores = self.policy(batch)
            loss = dpo_loss(
                scores[place, chosen],
                scores[place, rejected],
                reference[place, chosen],
                reference[place, rejected],
                beta=config.beta,
            )
            yield loss, {"loss": loss, **_watched(begun)}


def preferences(partings: Sequence[Parting], count: int, rng: np.random.Generator) -> np.ndarray:
    """Return pairs of conversations that part at a decision, drawn in proportion to the difference
    of their returns: the number of the decision, the act of the better one, that of the other.

    Returns:
        int64, (pairs, 3); none where all returns are equal.
    """
    pairs = [
        (place, better, worse, parting.returns[better] - parting.returns[worse])
        for place, parting in enumerate(partings)
        for better, worse in permutations(range(len(parting.returns)), 2)
        if parting.returns[better] - parting.returns[worse] > 1e-6
    ]
    if not pairs:
        return np.zeros((0, 3), dtype=np.int64)
    *found, differences = zip(*pairs, strict=True)
    chances = np.array(differences) / sum(differences)
    return np.array(found, dtype=np.int64).T[rng.choice(len(pairs), count, p=chances)]


def _watched(episodes: Sequence[Episode]) -> dict[str, float]:
    return {
        "train_return": float(np.mean([each.total for each in episodes])),
        "train_success_rate": 100.0 * float(np.mean([each.success for each in episodes])),
        "questions": float(np.mean([each.conversation.asked for each in episodes])),
    }
