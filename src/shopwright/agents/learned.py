"""The choice policy as an agent, under both protocols."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from shopwright.agents.buying import next_to_buy, steps_to_buy
from shopwright.agents.rules import START_AGAIN, certain
from shopwright.policy.choice import Batch, ChoiceNetwork, collate
from shopwright.policy.decisions import Decision, option_decision, product_decision
from shopwright.policy.evidence import Reader
from shopwright.policy.term_weights import weighted_query, with_title
from shopwright.policy.tracker import EpisodeTracker
from shopwright.rollouts.rollout import Answer, Choice, Visitor
from shopwright.shop.actions import search
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

# How many remembered products are thought of, and with which share of the belief in all that are
# known one is worth two steps: on dev goals of 10,000 invented products 0.05 to 0.2 did as well, of
# 100,000 less did worse.
REMEMBERED = 5
WORTH_A_SEARCH = 0.1
# Steps to open a page and to go back.
A_LOOK = 2


# Changes relevance, float32 (..., products): in training, so that it is less sure of itself.
Perturbation = Callable[[Tensor], Tensor]


@torch.inference_mode()
def relevance_of(
    network: ChoiceNetwork, batch: Batch, perturb: Perturbation | None = None
) -> Tensor:
    """Return the relevance of each product, (B, P), perturbed if need be; padding is very
    negative."""
    relevance = network.relevance(batch)
    if perturb is None:
        return relevance
    return torch.where(batch.product_mask, perturb(relevance), relevance)


@torch.inference_mode()
def log_probabilities(
    network: ChoiceNetwork, decision: Decision, perturb: Perturbation | None = None
) -> list[float]:
    """Return the log probability of each action of a decision."""
    batch = collate([decision])
    scores: list[float] = network(batch, relevance_of(network, batch, perturb))[0].tolist()
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
    return weighted_query(network.emphasis, reading)


class LearnedVisitor:
    """The policy in one episode.

    Its first page of results reminds it of products that it bought for requests like this one. If
    it believes in one that is not there, it searches again, with that one's title beside its query.
    And once the steps that are left suffice for nothing but to buy the product that it believes in
    most of those it opened and can still buy, it buys that. Both are rules, beside what the
    policy's distribution says.

    Attributes:
        reminded_of: the row of the product that it searches again for; None without one.
    """

    def __init__(
        self,
        network: ChoiceNetwork,
        reader: Reader,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
        perturb: Perturbation | None = None,
    ) -> None:
        self._network = network
        self._perturb = perturb
        self._reader = reader
        self._query = query_for(network, reader, request)
        self._generator = generator
        self._reminded = False
        self.reminded_of: int | None = None
        self.tracker = EpisodeTracker(reader, request, step_limit=step_limit)
        self._decision: Decision | None = None

    @torch.inference_mode()
    def relevance(self) -> list[float]:
        """Return how likely each product is the right one by what was seen when the last action
        was chosen, in the order in which the products were seen; empty before the first page of
        results."""
        if self._decision is None or not self._decision.products:
            return []
        relevance = relevance_of(self._network, collate([self._decision]), self._perturb)[0]
        shares: list[float] = relevance.softmax(dim=0).tolist()
        return shares

    def choose(self, session: Session) -> Choice:
        """Return what to do on the page that the session shows."""
        self.tracker.look(session)
        choice = self._next(session)
        self.tracker.steps += 1
        return choice

    def _next(self, session: Session) -> Choice:
        if session.state.page is PageKind.SEARCH:
            return certain(search(self._query))
        decision = self.tracker.decision(session)
        self._decision = decision
        if session.state.page is PageKind.RESULTS and not self._reminded:
            self._reminded = True
            self.reminded_of = self._missing(session, decision)
            if self.reminded_of is not None:
                title = self._reader.catalogue[self.reminded_of].title
                self._query = with_title(self._query, title)
                return certain(START_AGAIN)
        due = self._due(session, decision)
        if due is not None:
            return certain(due)
        scores = log_probabilities(self._network, decision, self._perturb)
        chosen = pick(scores, self._generator)
        candidates = sorted(
            zip(decision.actions, map(math.exp, scores), strict=True), key=lambda pair: -pair[1]
        )
        return Choice(decision.actions[chosen], tuple(candidates))

    def _due(self, session: Session, decision: Decision) -> str | None:
        """The next step to buy the product that is most believed in of those opened that there is
        time to buy, once there is time for nothing else; None before that."""
        left = self.tracker.steps_left
        if left is None:
            return None
        needed: dict[int, int] = {}
        for row in self.tracker.opened:
            steps = steps_to_buy(self.tracker, session, row)
            if steps is not None and steps <= left:
                needed[row] = steps
        # Relevance are asked only where it may be time.
        if all(left - steps >= A_LOOK for steps in needed.values()):
            return None
        shares = dict(zip(self.tracker.rows, self.relevance(), strict=True))
        best = max(needed, key=lambda row: shares.get(row, 0.0))
        if left - needed[best] >= A_LOOK:
            return None
        return next_to_buy(self._network, self.tracker, session, decision, best)

    @torch.inference_mode()
    def _missing(self, session: Session, decision: Decision) -> int | None:
        """The row of the remembered product that is most believed in and that the page does not
        show, if that is worth a search; None if not, or if a search would leave no time to buy."""
        if START_AGAIN not in decision.actions:
            return None
        shown = session.state.shown_rows
        remembered = self._reader.remembered(self.tracker.request, REMEMBERED + len(shown))
        rows = [row for row in remembered if row not in shown][:REMEMBERED]
        if not rows:
            return None
        imagined = self.tracker.imagined(decision, rows)
        relevance = relevance_of(self._network, collate([imagined]), self._perturb)[0].softmax(
            dim=0
        )
        belief, number = relevance[len(decision.products) :].max(dim=0)
        return rows[int(number)] if belief.item() > WORTH_A_SEARCH else None


class _Group(NamedTuple):
    """A group of options: its values, and their log probabilities; the last is that of none."""

    name: str
    values: tuple[str, ...]
    scores: list[float]


class LearnedAgent:
    """A trained choice policy.

    Args:
        network: the policy, in evaluation mode.
        reader: reads the shop's texts.
        name: what tables call it.
        perturb: changes relevance on pages; None leaves it as it is.

    Attributes:
        trained_in: the checksum of the manifest of the shop that it was trained in; None where that
            is not known.
    """

    deterministic = False
    trained_in: str | None = None

    def __init__(
        self,
        network: ChoiceNetwork,
        reader: Reader,
        *,
        name: str,
        perturb: Perturbation | None = None,
    ) -> None:
        self._perturb = perturb
        self.network = network
        self.reader = reader
        self.name = name

    def __repr__(self) -> str:
        return f"<LearnedAgent {self.name!r}>"

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
            self.network,
            self.reader,
            request,
            step_limit=step_limit,
            generator=generator,
            perturb=self._perturb,
        )

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer with a product of the search results and its options; None without results."""
        answers = self.rollouts(shop, request, [generator])
        return answers[0] if answers else None

    def rollouts(
        self, shop: Shop, request: str, generators: Sequence[random.Random | None]
    ) -> list[Answer]:
        """Answer a request once for each generator, None for what is likeliest; nothing without
        results. What does not depend on a generator is computed once."""
        query = query_for(self.network, self.reader, request)
        found = product_decision(self.reader, request, query, history=False)
        if found is None:
            return []
        decision, rows = found
        scores = log_probabilities(self.network, decision)
        candidates = tuple(
            sorted(
                zip(decision.actions, map(math.exp, scores), strict=True), key=lambda pair: -pair[1]
            )
        )
        settled: dict[int, list[_Group]] = {}
        answers = []
        for generator in generators:
            chosen = pick(scores, generator)
            if chosen not in settled:
                (settled[chosen],) = self._groups(decision, [(chosen, rows[chosen])])
            values: dict[str, str] = {}
            total = scores[chosen]
            for group in settled[chosen]:
                number = pick(group.scores, generator)
                total += group.scores[number]
                if number < len(group.values):
                    values[group.name] = group.values[number]
            answers.append(Answer(decision.actions[chosen], values, candidates, total))
        return answers

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
        found = product_decision(self.reader, request, query, history=False)
        if found is None:
            return []
        decision, rows = found
        scores = log_probabilities(self.network, decision)
        order = sorted(range(len(scores)), key=lambda number: -scores[number])
        kept = [number for number in order if keep(decision.actions[number])][:count]
        answers = []
        found_groups = self._groups(decision, [(number, rows[number]) for number in kept])
        for number, groups in zip(kept, found_groups, strict=True):
            values, total = {}, scores[number]
            for group in groups:
                best = pick(group.scores, None)
                total += group.scores[best]
                if best < len(group.values):
                    values[group.name] = group.values[best]
            answers.append(Answer(decision.actions[number], values, (), total))
        return answers

    def _groups(
        self, decision: Decision, products: Sequence[tuple[int, int]]
    ) -> list[list[_Group]]:
        """The choices of options of a decision's products, given by (number, row). None depends on
        another, so the network looks at all of them at once."""
        steps: list[Decision] = []
        owners: list[tuple[int, str]] = []
        for place, (number, row) in enumerate(products):
            options = self.reader.options(decision.request, row)
            names = list(dict.fromkeys(options.groups))
            for count, name in enumerate(names):
                about = decision.products[number]
                step = option_decision(decision.request, about, options, names[:count])
                assert step is not None
                steps.append(step)
                owners.append((place, name))
        groups: list[list[_Group]] = [[] for _ in products]
        if steps:
            with torch.inference_mode():
                batch = self.network(collate(steps)).tolist()
            for (place, name), step, scores in zip(owners, steps, batch, strict=True):
                groups[place].append(_Group(name, step.actions[:-1], scores[: len(step.actions)]))
        return groups
