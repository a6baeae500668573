"""The choice policy as an agent, under both protocols."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

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
        self._decision: Decision | None = None

    @torch.inference_mode()
    def beliefs(self) -> list[float]:
        """Return how likely each product is the right one by what was seen when the last action
        was chosen, in the order in which the products were seen; empty before the first page of
        results."""
        if self._decision is None or not self._decision.products:
            return []
        beliefs = self._network.beliefs(collate([self._decision]))[0]
        shares: list[float] = beliefs.softmax(dim=0).tolist()
        return shares

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
        self._decision = decision
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
        values, added = self._options(decision, rows, chosen, generator)
        candidates = sorted(
            zip(decision.actions, map(math.exp, scores), strict=True), key=lambda pair: -pair[1]
        )
        return Answer(decision.actions[chosen], values, tuple(candidates), scores[chosen] + added)

    def answers(
        self, shop: Shop, request: str, *, count: int, keep: Callable[[str], bool]
    ) -> list[Answer]:
        """Return the likeliest products with their likeliest options, best first.

        Args:
            shop: where.
            request: plain words.
            count: how many at most.
            keep: which asins may be among them.
        """
        query = query_for(self.network, self.reader, request)
        found = product_decision(self.reader, request, query)
        if found is None:
            return []
        decision, rows = found
        scores = log_probabilities(self.network, decision)
        order = sorted(range(len(scores)), key=lambda number: -scores[number])
        kept = [number for number in order if keep(decision.actions[number])][:count]
        options = self._likeliest_options(decision, [(number, rows[number]) for number in kept])
        return [
            Answer(decision.actions[number], values, (), scores[number] + added)
            for number, (values, added) in zip(kept, options, strict=True)
        ]

    def _likeliest_options(
        self, decision: Decision, products: Sequence[tuple[int, int]]
    ) -> list[tuple[dict[str, str], float]]:
        """What :meth:`_options` gives for (number, row) of products without a generator: no choice
        depends on another, so the network looks at all of them at once."""
        steps: list[tuple[int, str, Decision]] = []
        for place, (number, row) in enumerate(products):
            options = self.reader.options(decision.request, row)
            groups = list(dict.fromkeys(options.groups))
            for count, group in enumerate(groups):
                about = decision.products[number]
                step = option_decision(decision.request, about, options, groups[:count])
                assert step is not None
                steps.append((place, group, step))
        chosen: list[tuple[dict[str, str], float]] = [({}, 0.0) for _ in products]
        if not steps:
            return chosen
        with torch.inference_mode():
            batch = self.network(collate([step for _, _, step in steps])).tolist()
        for (place, group, step), row_scores in zip(steps, batch, strict=True):
            scores = row_scores[: len(step.actions)]
            best = pick(scores, None)
            values, total = chosen[place]
            if best < len(scores) - 1:
                values[group] = step.actions[best]
            chosen[place] = (values, total + scores[best])
        return chosen

    def _options(
        self,
        decision: Decision,
        rows: Sequence[int],
        number: int,
        generator: random.Random | None,
    ) -> tuple[dict[str, str], float]:
        """The options that are chosen of a decision's product, and their log probability."""
        options = self.reader.options(decision.request, rows[number])
        values: dict[str, str] = {}
        settled: list[str] = []
        total = 0.0
        while True:
            step = option_decision(decision.request, decision.products[number], options, settled)
            if step is None:
                return values, total
            scores = log_probabilities(self.network, step)
            chosen = pick(scores, generator)
            total += scores[chosen]
            group = next(g for g in options.groups if g not in settled)
            settled.append(group)
            if chosen < len(step.actions) - 1:
                values[group] = step.actions[chosen]
