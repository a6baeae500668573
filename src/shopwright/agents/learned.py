"""The choice policy as an agent, under both protocols."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from shopwright.agents.buying import named_option, next_to_buy, steps_to_buy
from shopwright.agents.options import Group, choose_options, pick
from shopwright.agents.rules import BUY, START_AGAIN
from shopwright.agents.taste import Taste
from shopwright.policy.batch import Batch, collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.complete_choice import CompleteRelevance, option_scores
from shopwright.policy.decisions import (
    Decision,
    Results,
    option_decision,
    product_decision,
    with_products,
)
from shopwright.policy.evidence import Reader
from shopwright.policy.term_weights import weighted_query, with_title
from shopwright.policy.tracker import EpisodeTracker
from shopwright.rollouts.agent import Answer, Choice
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.actions import search
from shopwright.shop.page import Page
from shopwright.shop.pages import PageKind

# How many retrieved products are considered, and with which share of the relevance of all that are
# known one is worth two steps: on dev goals of 10,000 invented products 0.05 to 0.2 did as well, of
# 100,000 less did worse.
RETRIEVED = 5
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


def ranked(actions: Sequence[str], scores: Sequence[float]) -> tuple[tuple[str, float], ...]:
    """Return (action, probability), likeliest first, from log probabilities."""
    pairs = zip(actions, map(math.exp, scores), strict=True)
    return tuple(sorted(pairs, key=lambda pair: -pair[1]))


def query_for(network: ChoiceNetwork, reader: Reader, request: str) -> str:
    """Return what the policy types into the search box for a request."""
    if network.term_weights is None:
        return request
    (reading,) = reader.requests([request])
    return weighted_query(network.term_weights, reading)


class LearnedVisitor:
    """The policy in one episode.

    On its first page of results it retrieves products that it bought for requests like this one.
    If the most relevant of them is not there, it searches again, with its title beside the query.
    And once the steps that are left suffice for nothing but to buy the most relevant product of
    those that it opened and can still buy, it buys that. Both are rules, beside what the policy's
    distribution says.

    Args:
        request: what is to be bought, in words.
        rng: draws its actions; None: it takes the likeliest.

    Attributes:
        searched_for: the row of the product that it searches again for; None without one.
    """

    def __init__(self, agent: LearnedAgent, request: str, rng: random.Random | None) -> None:
        self._agent = agent
        self._query = query_for(agent.network, agent.reader, request)
        self._rng = rng
        self._retrieved = False
        self.searched_for: int | None = None
        self._tracker = EpisodeTracker(agent.reader, request)
        self._decision: Decision | None = None

    def relevance(self) -> list[float]:
        """Return how likely each product is the right one by what was seen when the last action
        was chosen, in the order in which the products were seen; empty before the first page of
        results."""
        if self._decision is None or not self._decision.products:
            return []
        return self._shares(self._decision).tolist()

    def _shares(self, decision: Decision) -> Tensor:
        agent = self._agent
        return relevance_of(agent.network, collate([decision]), agent.perturb)[0].softmax(dim=0)

    def choose(self, page: Page) -> Choice:
        """Return what to do on a page."""
        agent, decision = self._agent, self._tracker.observe(page)
        if decision is None:
            return Choice.certain(search(self._query))
        self._decision = decision
        if page.kind is PageKind.RESULTS and not self._retrieved:
            self._retrieved = True
            self.searched_for = self._missing(page, decision)
            if self.searched_for is not None:
                title = agent.reader.catalogue[self.searched_for].title
                self._query = with_title(self._query, title)
                return Choice.certain(START_AGAIN)
        due = self._due(page, decision)
        if due is not None:
            return Choice.certain(due)
        scores = log_probabilities(agent.network, decision, agent.perturb)
        action = decision.actions[pick(scores, self._rng)]
        if action == BUY and self._rng is None and page.steps_left != 1:
            option = named_option(agent.network, self._tracker, page, decision)
            if option is not None:
                return Choice.certain(option)
        return Choice(action, ranked(decision.actions, scores))

    def _due(self, page: Page, decision: Decision) -> str | None:
        """The next step to buy the most relevant product of those opened that there is time to
        buy, once there is time for nothing else; None before that."""
        left = page.steps_left
        if left is None:
            return None
        needed: dict[int, int] = {}
        for row in self._tracker.opened:
            steps = steps_to_buy(self._tracker, page, row)
            if steps is not None and steps <= left:
                needed[row] = steps
        # Relevance is asked for only where it may be time.
        if all(left - steps >= A_LOOK for steps in needed.values()):
            return None
        shares = dict(zip(self._tracker.rows, self.relevance(), strict=True))
        best = max(needed, key=lambda row: shares.get(row, 0.0))
        if left - needed[best] >= A_LOOK:
            return None
        return next_to_buy(self._agent.network, self._tracker, page, decision, best)

    def _missing(self, page: Page, decision: Decision) -> int | None:
        """The row of the most relevant product among those retrieved that the page does not show,
        if that is worth a search; None if not, or if a search would leave no time to buy."""
        if START_AGAIN not in decision.actions:
            return None
        reader = self._agent.reader
        shown = {product.row for product in page.results}
        found = reader.retrieved(decision.request, RETRIEVED + len(shown))
        rows = [row for row in found if row not in shown][:RETRIEVED]
        if not rows:
            return None
        shares = self._shares(with_products(decision, reader, rows))
        share, number = shares[len(decision.products) :].max(dim=0)
        return rows[int(number)] if share.item() > WORTH_A_SEARCH else None


@dataclass(eq=False, repr=False)
class LearnedAgent:
    """A trained choice policy.

    Attributes:
        network: the policy, in evaluation mode.
        perturb: changes relevance on pages; None leaves it as it is.
        trained_in: the checksum of the manifest of the shop that it was trained in; None where that
            is not known.
        taste: what customers like, which orders what it recommends; None without.
    """

    network: ChoiceNetwork
    reader: Reader
    name: str
    perturb: Perturbation | None = None
    trained_in: str | None = None
    deterministic: bool = False
    independent: bool = True
    taste: Taste | None = None

    def __repr__(self) -> str:
        return f"<LearnedAgent {self.name!r}>"

    def at(self, catalogue: SearchableCatalogue) -> LearnedAgent:
        """Return this agent in the same shop after changes. It waits for :meth:`reading`."""
        moved = copy(self)
        moved.reader = self.reader.at(catalogue, patient=True)
        return moved

    def reading(self, row: int) -> Iterator[None]:
        """Read a product's texts, some at each step; until then it is judged by its words."""
        return self.reader.states.reading(row)

    def visit(
        self, request: str, *, step_limit: int | None, rng: random.Random | None
    ) -> LearnedVisitor:
        """Begin an episode under the pages protocol."""
        return LearnedVisitor(self, request, rng)

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        """Answer with a product of the search results and its options; None without results. The
        texts are read by its own reader."""
        answers = self.rollouts(request, [rng])
        return answers[0] if answers else None

    def rollouts(self, request: str, rngs: Sequence[random.Random | None]) -> list[Answer]:
        """Answer a request once for each ``rng``, None for what is likeliest; nothing without
        results. What does not depend on chance is computed once."""
        found = self._results(request)
        if found is None:
            return []
        results, scores = found
        decision, rows = results.decision, results.rows
        candidates = ranked(decision.actions, scores)
        groups: dict[int, list[Group]] = {}
        answers = []
        for rng in rngs:
            chosen = pick(scores, rng)
            if chosen not in groups:
                (groups[chosen],) = self._groups(results, [chosen])
            asin, score = decision.actions[chosen], scores[chosen]
            options, also = self._options(decision, rows[chosen], groups[chosen], rng)
            answers.append(Answer(asin, options, candidates, score + also))
        return answers

    def read_ahead(self, requests: Sequence[str]) -> None:
        """Read a few requests that it is going to be asked for."""
        self.reader.requests(requests)

    def consider(self, request: str) -> LearnedOpinion | None:
        """Return what it thinks of all search results; None without results."""
        found = self._results(request)
        return None if found is None else LearnedOpinion(self, *found)

    def _options(
        self, decision: Decision, row: int, groups: Sequence[Group], rng: random.Random | None
    ) -> tuple[dict[str, str], float]:
        product = self.reader.catalogue[row]
        return choose_options(product, groups, decision.request.limit_dollars, rng)

    def _results(self, request: str) -> tuple[Results, list[float]] | None:
        """The choice among the results, and their log probabilities; None without results."""
        query = query_for(self.network, self.reader, request)
        found = product_decision(self.reader, request, query, history=False)
        if found is None:
            return None
        # Among products of which everything is known relevance alone decides.
        relevance = self._relevance_for(found.decision).among(found.decision.products)
        return found, torch.from_numpy(relevance).log_softmax(dim=0).tolist()

    def _relevance_for(self, decision: Decision) -> CompleteRelevance:
        return CompleteRelevance(self.network, decision.request)

    def _groups(self, results: Results, chosen: Sequence[int]) -> list[list[Group]]:
        """The choices of options of some results, given by their numbers. None depends on another,
        so the network looks at all of them at once."""
        decision = results.decision
        steps: list[Decision] = []
        owners: list[tuple[int, str]] = []
        first_steps: dict[int, int] = {}  # place → its first step
        for place, number in enumerate(chosen):
            options = results.options[number]
            names = list(dict.fromkeys(options.groups))
            for count, name in enumerate(names):
                about = decision.products[number]
                step = option_decision(decision.request, about, options, names[:count])
                assert step is not None
                first_steps.setdefault(place, len(steps))
                steps.append(step)
                owners.append((place, name))
        groups: list[list[Group]] = [[] for _ in chosen]
        if steps:
            # Whatever group is chosen from, a product's relevance is the same.
            firsts = [decision.products[chosen[place]] for place in first_steps]
            relevances = self._relevance_for(decision).alone(firsts).tolist()
            known = dict(zip(first_steps, relevances, strict=True))
            found = option_scores(self.network, steps, [known[place] for place, _ in owners])
            for (place, name), step, scores in zip(owners, steps, found, strict=True):
                groups[place].append(Group(name, step.actions[:-1], scores))
        return groups


class LearnedOpinion:
    """What the policy thinks of the search results for a request.

    Args:
        results, scores: the choice among them, and their log probabilities.

    Attributes:
        probabilities: asin → probability, likeliest first.
    """

    def __init__(self, agent: LearnedAgent, results: Results, scores: Sequence[float]) -> None:
        self._agent, self._results = agent, results
        actions = results.decision.actions
        self._number_of = {asin: number for number, asin in enumerate(actions)}
        self.probabilities = dict(ranked(actions, scores))

    def options(self, asins: Sequence[str]) -> list[dict[str, str]]:
        """Return the likeliest options of some of the products."""
        agent, results = self._agent, self._results
        numbers = [self._number_of[asin] for asin in asins]
        found = agent._groups(results, numbers)
        return [
            agent._options(results.decision, results.rows[number], groups, None)[0]
            for number, groups in zip(numbers, found, strict=True)
        ]
