"""Conversations that a policy learns from: many at once, so that it computes for all in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shopwright.conversations.conversation import Openings
from shopwright.conversations.features import MOST_ACTS, Situation, situation_of
from shopwright.conversations.policy import Batch, ConversationPolicy, collate
from shopwright.conversations.simulation import Episode, Task


@dataclass(frozen=True, slots=True)
class Talk:
    """Conversations of a policy; T decisions, those of an episode in order, episode by episode.

    Attributes:
        batch: the decisions.
        taken: int64, (T,): which act was done.
        log_probabilities: float, (T,): of these acts, when they were done.
        rewards: float, (T,).
        episode: int64, (T,): the number of the episode that a decision is of.
        episodes: all of them.
    """

    batch: Batch
    taken: Tensor
    log_probabilities: Tensor
    rewards: Tensor
    episode: Tensor
    episodes: list[Episode]

    @property
    def ends(self) -> Tensor:
        """Which decisions are the last of their episodes: bool, (T,)."""
        following = torch.cat([self.episode[1:], self.episode.new_tensor([-1])])
        return self.episode != following

    @property
    def begins(self) -> Tensor:
        """Which decisions are the first of their episodes: bool, (T,)."""
        return self.ends.roll(1)

    def rewards_with(self, success_bonus: float) -> Tensor:
        """Return the rewards, with a bonus at the end of episodes that succeed: float, (T,)."""
        succeeded = torch.tensor([episode.success for episode in self.episodes])
        return self.rewards.float() + success_bonus * (self.ends & succeeded[self.episode])


def worth(episode: Episode, success_bonus: float) -> float:
    """Return what is learned from: the return, and a bonus if all that was wanted was bought."""
    return episode.total + success_bonus * episode.success


def talk(
    policy: ConversationPolicy,
    openings: Openings,
    tasks: Sequence[Task],
    rng: np.random.Generator | None,
) -> Talk:
    """Let a policy talk with a shopper for each task.

    Args:
        rng: draws the acts; None: the policy does what it finds best.
    """
    episodes = [Episode(openings, task.shopper(openings.shop)) for task in tasks]
    situations, steps = [], []
    going = [number for number, episode in enumerate(episodes) if not episode.is_over]
    while going:
        now = [situation_of(episodes[number].conversation) for number in going]
        with torch.no_grad():
            scores = policy(collate(now)).numpy()
        if rng is not None:
            scores = scores + rng.gumbel(size=scores.shape)
        taken = scores.argmax(axis=1)
        for number, situation, act in zip(going, now, taken.tolist(), strict=True):
            reward = episodes[number].act(situation.acts[act])
            situations.append(situation)
            steps.append((number, act, reward))
        going = [number for number in going if not episodes[number].is_over]
    order = sorted(range(len(steps)), key=lambda step: steps[step][0])  # Stable.
    numbers, acts, rewards = zip(*(steps[step] for step in order), strict=True)
    batch, chosen = collate([situations[step] for step in order]), torch.tensor(acts)
    with torch.no_grad():
        log_probabilities = policy(batch).gather(1, chosen[:, None])[:, 0]
    return Talk(
        batch, chosen, log_probabilities, torch.tensor(rewards), torch.tensor(numbers), episodes
    )


@dataclass(frozen=True, slots=True)
class Parting:
    """A decision of a conversation, and what each act there leads to.

    Attributes:
        situation: the decision.
        returns: float, (acts,): :func:`worth` of the conversation that goes on with each act.
    """

    situation: Situation
    returns: np.ndarray


def part(
    policy: ConversationPolicy,
    openings: Openings,
    tasks: Sequence[Task],
    rng: np.random.Generator,
    success_bonus: float = 0.0,
) -> tuple[list[Parting], list[Episode]]:
    """Let conversations part at one decision each: the same shopper is talked with once for each
    act there, and the policy then does what it finds best.

    Args:
        rng: draws the acts before, and the decision.
        success_bonus: see :func:`worth`.

    Returns:
        The partings, and the conversations that the policy began with.
    """
    begun = talk(policy, openings, tasks, rng)
    lengths = np.bincount(begun.episode.numpy())
    branches: list[Episode] = []
    situations: list[Situation] = []
    for number, task in enumerate(tasks):
        turns = begun.episodes[number].conversation.turns[1:]
        place = int(rng.integers(lengths[number]))
        for act in range(MOST_ACTS):
            episode = Episode(openings, task.shopper(openings.shop))
            for turn in turns[:place]:
                assert turn.act is not None
                episode.act(turn.act)
            situation = situation_of(episode.conversation)
            if act >= len(situation.acts):
                break
            if act == 0:
                situations.append(situation)
            episode.act(situation.acts[act])
            branches.append(episode)
    finish(policy, branches)
    returns = iter([worth(episode, success_bonus) for episode in branches])
    partings = [
        Parting(situation, np.array([next(returns) for _ in situation.acts]))
        for situation in situations
    ]
    return partings, begun.episodes


def finish(policy: ConversationPolicy, episodes: Sequence[Episode]) -> None:
    """Let a policy end episodes by what it finds best."""
    going = [episode for episode in episodes if not episode.is_over]
    while going:
        now = [situation_of(episode.conversation) for episode in going]
        with torch.no_grad():
            taken = policy(collate(now)).argmax(dim=1)
        for episode, situation, act in zip(going, now, taken.tolist(), strict=True):
            episode.act(situation.acts[act])
        going = [episode for episode in going if not episode.is_over]
