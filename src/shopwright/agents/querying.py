"""A trained agent that also picks what to search for."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from shopwright.agents.learned import LearnedAgent, LearnedVisitor, log_probabilities, pick
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import Reader
from shopwright.policy.query import QUERIES, QueryPolicy, query_decision
from shopwright.rollouts.rollout import Answer, Choice, Visitor
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop


class _Querying:
    """A visit whose searches are picked among proposals, but for what it is reminded of."""

    def __init__(
        self,
        inner: LearnedVisitor,
        network: ChoiceNetwork,
        reader: Reader,
        queries: Sequence[str],
        request: str,
        generator: random.Random | None,
    ) -> None:
        self._inner = inner
        self._network = network
        (reading,) = reader.requests([request])
        self._decision = query_decision(reading, queries)
        self._generator = generator

    def choose(self, session: Session) -> Choice:
        """Return what to do on the page that the session shows."""
        if session.state.page is not PageKind.SEARCH or self._inner.reminded_of is not None:
            return self._inner.choose(session)
        self._inner.tracker.look(session)
        self._inner.tracker.steps += 1
        scores = log_probabilities(self._network, self._decision)
        chosen = pick(scores[: len(self._decision.actions)], self._generator)
        chances = [float(np.exp(score)) for score in scores]
        candidates = sorted(
            zip(self._decision.actions, chances, strict=False), key=lambda pair: -pair[1]
        )
        return Choice(self._decision.actions[chosen], tuple(candidates))


class QueryingAgent:
    """A trained choice policy that also picks what to search for.

    Args:
        agent: the choice policy.
        queries: proposes queries.
        count: how many are proposed.
    """

    deterministic = False

    def __init__(self, agent: LearnedAgent, queries: QueryPolicy, *, count: int = QUERIES) -> None:
        self._agent = agent
        self._queries = queries
        self._count = count
        self.name = f"{agent.name} with queries"

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode under the pages protocol."""
        network, reader = self._agent.network, self._agent.reader
        inner = LearnedVisitor(network, reader, request, step_limit=step_limit, generator=generator)
        queries = self._queries.propose(request, self._count)
        return _Querying(inner, network, reader, queries, request, generator)

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer under the catalogue protocol, where the shop itself searches the request."""
        return self._agent.answer(shop, request, generator=generator)
