"""What a policy lives through when it shops for goals: the decisions that it met, what it did and
what came of it.

All episodes go on side by side, so that one pass of the network decides for all of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from shopwright.agents.learned import query_for
from shopwright.agents.options import pick
from shopwright.policy.batch import collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import Decision
from shopwright.policy.evidence import Reader
from shopwright.policy.tracker import EpisodeTracker
from shopwright.policy.value import ValueNetwork
from shopwright.rollouts.episode import Episode
from shopwright.shop.actions import search
from shopwright.shop.goals import Goal
from shopwright.shop.page import Page
from shopwright.shop.shop import Shop

# Called with the page after a purchase; returns the reward to learn from.
RewardFunction = Callable[[Page], float]


@dataclass(frozen=True, slots=True)
class Experience:
    """Episodes, one after the other: T decisions in all.

    Attributes:
        decisions: what was known.
        actions: int64, (T,): the number of the action taken.
        log_probabilities: float32, (T,): of these actions under the policy that took them.
        rewards: float32, (T,): to learn from.
        terminated: bool, (T,): a purchase came of it.
        truncated: bool, (T,): the step limit came before a purchase.
        cut_off: number of a truncated step → the decision that would have been next.
        true_rewards: the shop's reward of each episode, 0 to 1.
        simulator_steps: actions carried out, all searches included.
    """

    decisions: list[Decision]
    actions: Tensor
    log_probabilities: Tensor
    rewards: Tensor
    terminated: Tensor
    truncated: Tensor
    cut_off: dict[int, Decision]
    true_rewards: list[float]
    simulator_steps: int

    @property
    def success_rate(self) -> float:
        """The share of episodes with a reward of exactly 1, in percent."""
        return 100.0 * sum(r == 1.0 for r in self.true_rewards) / len(self.true_rewards)

    @property
    def score(self) -> float:
        """The mean reward × 100."""
        return 100.0 * sum(self.true_rewards) / len(self.true_rewards)


@dataclass(slots=True)
class _Visit:
    """One episode that goes on."""

    episode: Episode
    tracker: EpisodeTracker
    query: str
    rng: random.Random
    decisions: list[Decision] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    next_decision: Decision | None = None

    def advance(self) -> bool:
        """Go on to the next decision; False if the episode is over. A search is no decision: what
        the policy types for the request is searched."""
        if self.episode.purchased:
            return False
        self.next_decision = self.tracker.observe(self.episode.page())
        while self.next_decision is None and not self.episode.is_over:
            self.episode.act(search(self.query))
            self.next_decision = self.tracker.observe(self.episode.page())
        return not self.episode.is_over


@torch.no_grad()
def collect_experience(
    network: ChoiceNetwork,
    reader: Reader,
    shop: Shop,
    goals: Sequence[Goal],
    rngs: Sequence[random.Random],
    *,
    step_limit: int,
    reward: RewardFunction | None = None,
) -> Experience:
    """Let a policy shop for goals under the pages protocol, drawing its actions.

    Args:
        network: the policy, in evaluation mode.
        rngs: one for each goal; it draws the actions.
        step_limit: actions of an episode at most, at least 2.
        reward: gives the reward to learn from at a purchase; the shop's own if None.
    """
    visits = [
        _Visit(
            Episode(shop, goal, step_limit=step_limit),
            EpisodeTracker(reader, goal.instruction),
            query_for(network, reader, goal.instruction),
            rng,
        )
        for goal, rng in zip(goals, rngs, strict=True)
    ]
    going = [visit for visit in visits if visit.advance()]
    while going:
        decisions = [visit.next_decision for visit in going if visit.next_decision is not None]
        scores = network(collate(decisions)).tolist()
        for visit, decision, row in zip(going, decisions, scores, strict=True):
            row = row[: len(decision.actions)]
            chosen = pick(row, visit.rng)
            earned = visit.episode.act(decision.actions[chosen])
            visit.decisions.append(decision)
            visit.actions.append(chosen)
            visit.log_probabilities.append(row[chosen])
            if reward is not None and visit.episode.purchased:
                earned = reward(visit.episode.page())
            visit.rewards.append(earned)
        going = [visit for visit in going if visit.advance()]
    return _joined(visits)


def _joined(visits: Sequence[_Visit]) -> Experience:
    ends = np.cumsum([len(visit.decisions) for visit in visits]) - 1
    purchased = torch.tensor([visit.episode.purchased for visit in visits])
    terminated = torch.zeros(int(ends[-1]) + 1, dtype=torch.bool)
    truncated = terminated.clone()
    terminated[ends], truncated[ends] = purchased, ~purchased
    rewards = [visit.episode.reward for visit in visits]
    return Experience(
        decisions=[decision for visit in visits for decision in visit.decisions],
        actions=torch.tensor([action for visit in visits for action in visit.actions]),
        log_probabilities=torch.tensor([p for visit in visits for p in visit.log_probabilities]),
        rewards=torch.tensor([reward for visit in visits for reward in visit.rewards]),
        terminated=terminated,
        truncated=truncated,
        cut_off={
            int(end): visit.next_decision
            for end, visit in zip(ends, visits, strict=True)
            if not visit.episode.purchased and visit.next_decision is not None
        },
        true_rewards=[reward.total if reward else 0.0 for reward in rewards],
        simulator_steps=sum(visit.episode.steps for visit in visits),
    )


@torch.no_grad()
def state_values(
    network: ChoiceNetwork, value: ValueNetwork, experience: Experience
) -> tuple[Tensor, Tensor]:
    """Return V of the state before and after each step, both float32, (T,); after a purchase 0."""
    decisions = [*experience.decisions, *experience.cut_off.values()]
    batch = collate(decisions)
    values = value(batch, network(batch))
    count = len(experience.decisions)
    following = torch.zeros(count)
    following[:-1] = values[1:count]
    following[experience.terminated | experience.truncated] = 0.0
    for place, number in enumerate(experience.cut_off):
        following[number] = values[count + place]
    return values[:count].clone(), following
