"""What a policy lives through when it shops for goals: the decisions that it met, what it did and
what came of it.

All episodes go on side by side, so that one pass of the network decides for all of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from shopwright.agents.learned import pick, query_for
from shopwright.policy.choice import ChoiceNetwork, collate
from shopwright.policy.decisions import Decision
from shopwright.policy.evidence import Reader
from shopwright.policy.query import QUERIES, QueryPolicy, query_decision
from shopwright.policy.tracker import EpisodeTracker
from shopwright.policy.value import ValueNetwork
from shopwright.shop.actions import search
from shopwright.shop.goals import Goal
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

# Called with the session after a purchase; returns the reward to learn from.
RewardFunction = Callable[[Session], float]


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

    session: Session
    tracker: EpisodeTracker
    query: str
    generator: random.Random
    decisions: list[Decision] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    purchased: bool = False
    true_reward: float = 0.0
    next_decision: Decision | None = None
    queries: Decision | None = None

    def advance(self, step_limit: int) -> bool:
        """Go on to the next decision; False if no step is left for it. Without proposed queries a
        search is no decision: what the policy types for the request is searched."""
        while (
            self.session.state.page is PageKind.SEARCH
            and self.queries is None
            and self.tracker.steps < step_limit
        ):
            self.session.act(search(self.query))
            self.tracker.steps += 1
        self.tracker.look(self.session)
        on_search_page = self.session.state.page is PageKind.SEARCH
        self.next_decision = self.queries if on_search_page else self.tracker.decision(self.session)
        return self.tracker.steps < step_limit


@torch.no_grad()
def collect_experience(
    network: ChoiceNetwork,
    reader: Reader,
    shop: Shop,
    goals: Sequence[Goal],
    generators: Sequence[random.Random],
    *,
    step_limit: int,
    judge: RewardFunction | None = None,
    queries: QueryPolicy | None = None,
) -> Experience:
    """Let a policy shop for goals under the pages protocol, drawing its actions.

    Args:
        network: the policy, in evaluation mode.
        reader: reads texts.
        shop: where.
        goals: what for, an episode each.
        generators: one for each goal; it draws the actions.
        step_limit: actions of an episode at most, at least 2.
        judge: gives the reward to learn from at a purchase; the shop's own if None.
        queries: proposes queries, among which the policy picks; if None, requests are searched.
    """
    visits = [
        _Visit(
            Session(shop, goal),
            EpisodeTracker(reader, goal.instruction, step_limit=step_limit),
            query_for(network, reader, goal.instruction),
            generator,
            queries=None if queries is None else _proposed(queries, reader, goal.instruction),
        )
        for goal, generator in zip(goals, generators, strict=True)
    ]
    going = [visit for visit in visits if visit.advance(step_limit)]
    while going:
        decisions = [visit.next_decision for visit in going if visit.next_decision is not None]
        scores = network(collate(decisions)).tolist()
        for visit, decision, row in zip(going, decisions, scores, strict=True):
            row = row[: len(decision.actions)]
            chosen = pick(row, visit.generator)
            reward, visit.purchased = visit.session.act(decision.actions[chosen])
            visit.tracker.steps += 1
            visit.decisions.append(decision)
            visit.actions.append(chosen)
            visit.log_probabilities.append(row[chosen])
            if visit.purchased:
                visit.true_reward = reward
                reward = judge(visit.session) if judge else reward
            visit.rewards.append(reward)
        going = [visit for visit in going if not visit.purchased and visit.advance(step_limit)]
    return _joined(visits)


def _proposed(queries: QueryPolicy, reader: Reader, request: str) -> Decision:
    (reading,) = reader.requests([request])
    return query_decision(reading, queries.propose(request, QUERIES))


def _joined(visits: Sequence[_Visit]) -> Experience:
    terminated: list[bool] = []
    truncated: list[bool] = []
    cut_off: dict[int, Decision] = {}
    for visit in visits:
        before = [False] * (len(visit.decisions) - 1)
        terminated += [*before, visit.purchased]
        truncated += [*before, not visit.purchased]
        if not visit.purchased and visit.next_decision is not None:
            cut_off[len(truncated) - 1] = visit.next_decision
    return Experience(
        decisions=[decision for visit in visits for decision in visit.decisions],
        actions=torch.tensor([action for visit in visits for action in visit.actions]),
        log_probabilities=torch.tensor([p for visit in visits for p in visit.log_probabilities]),
        rewards=torch.tensor([reward for visit in visits for reward in visit.rewards]),
        terminated=torch.tensor(terminated),
        truncated=torch.tensor(truncated),
        cut_off=cut_off,
        true_rewards=[visit.true_reward for visit in visits],
        simulator_steps=sum(visit.tracker.steps for visit in visits),
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
