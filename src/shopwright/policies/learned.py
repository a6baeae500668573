"""The choice policy as an agent, under both protocols."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import torch

from shopwright.policies.choice import ChoiceNetwork, collate
from shopwright.policies.decisions import Decision, Memory, option_decision, product_decision
from shopwright.policies.emphasis import emphasised_query
from shopwright.policies.evidence import Reader
from shopwright.shop.actions import search
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop
from shopwright.trajectories.collect import Answer, Choice, Visitor


@torch.inference_mode()
def log_probabilities(network: ChoiceNetwork, decision: Decision) -> list[float]:
    """Return the log probability of each action of a decision."""
    scores: list[float] = network(collate([decision]))[0].tolist()
    return scores


def pick(scores: Sequence[float], generator: random.Random | None) -> int:
    """Return the number of the likeliest action, or of one drawn by its probability.

    Args:
        scores: log probabilities; they need not sum to 1.
        generator: draws; None for the likeliest.
    """
    if generator is None:
        return max(range(len(scores)), key=scores.__getitem__)
    highest = max(scores)
    weights = [math.exp(score - highest) for score in scores]
    return generator.choices(range(len(scores)), weights)[0]


def query_for(network: ChoiceNetwork, reader: Reader, request: str) -> str:
    """Return what the policy types into the search box for a request."""
    if network.emphasis is None:
        return request
    (reading,) = reader.requests([request])
    return emphasised_query(network.emphasis, reading)


class LearnedVisitor:
    """The policy in one episode."""

    def __init__(
        self,
        network: ChoiceNetwork,
        reader: Reader,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> None:
        self._network = network
        self._query = query_for(network, reader, request)
        self._generator = generator
        self.memory = Memory(reader, request, step_limit=step_limit)

    def choose(self, session: Session) -> Choice:
        """Return what to do on the page that the session shows."""
        self.memory.look(session)
        if session.state.page is PageKind.SEARCH:
            self.memory.steps += 1
            action = search(self._query)
            return Choice(action, ((action, 1.0),))
        decision = self.memory.decision(session)
        self.memory.steps += 1
        scores = log_probabilities(self._network, decision)
        chosen = pick(scores, self._generator)
        candidates = sorted(
            zip(decision.actions, map(math.exp, scores), strict=True), key=lambda pair: -pair[1]
        )
        return Choice(decision.actions[chosen], tuple(candidates))


class LearnedAgent:
    """A trained choice policy.

    Args:
        network: the policy, in evaluation mode.
        reader: reads the shop's texts.
        name: what tables call it.
    """

    deterministic = False

    def __init__(self, network: ChoiceNetwork, reader: Reader, *, name: str) -> None:
        self.network = network
        self.reader = reader
        self.name = name

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode under the pages protocol."""
        return LearnedVisitor(
            self.network, self.reader, request, step_limit=step_limit, generator=generator
        )

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer with a product of the search results and its options; None without results."""
        query = query_for(self.network, self.reader, request)
        found = product_decision(self.reader, request, query)
        if found is None:
            return None
        decision, rows = found
        scores = log_probabilities(self.network, decision)
        chosen = pick(scores, generator)
        total = scores[chosen]
        options = self.reader.options(decision.request, rows[chosen])
        values: dict[str, str] = {}
        settled: list[str] = []
        while True:
            step = option_decision(decision.request, decision.products[chosen], options, settled)
            if step is None:
                break
            step_scores = log_probabilities(self.network, step)
            number = pick(step_scores, generator)
            total += step_scores[number]
            group = next(g for g in options.groups if g not in settled)
            settled.append(group)
            if number < len(step.actions) - 1:
                values[group] = step.actions[number]
        candidates = sorted(
            zip(decision.actions, map(math.exp, scores), strict=True), key=lambda pair: -pair[1]
        )
        return Answer(decision.actions[chosen], values, tuple(candidates), total)
