"""The service without HTTP: recommends, takes feedback, shows products and episodes."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shopwright.errors import AgentError, GoalError, InputError
from shopwright.recommending.asking import asked_for
from shopwright.recommending.chosen import recommendation_of
from shopwright.recommending.facets import AS_RANKED, View
from shopwright.recommending.ranking import NOBODY
from shopwright.recommending.recommendation import Recommendation
from shopwright.recommending.recommender import Recommender
from shopwright.rollouts.agent import PrivilegedAgent, ReadsAhead, Shopper
from shopwright.serving.allocation import AllocationConfig
from shopwright.serving.allocator import Allocator
from shopwright.serving.customers import Customers
from shopwright.serving.examples import example_requests
from shopwright.serving.generations import Agents, Generations
from shopwright.serving.labels import check_reads
from shopwright.serving.messages import Filters, ViewRecord
from shopwright.serving.pages import answer_record, product_record, search_record
from shopwright.serving.pictures import Pictures
from shopwright.serving.visits import Visits
from shopwright.serving.watching import episode_record
from shopwright.shop.shop import Shop
from shopwright.store import store as log
from shopwright.store.store import DISMISSED, SHOWN, Feedback, Store
from shopwright.understanding.request import ParsedRequest

# So often is an answer made again because what it names was removed meanwhile.
TRIES = 3


def new_id() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_urlsafe(16)


class Service:
    """Everything that the HTTP interface offers; may be called from several threads.

    Args:
        store: None to begin later, perhaps in a process that is forked from this one.

    Raises:
        AgentError: there is no agent, or one that must be told a goal.
    """

    def __init__(
        self,
        shop: Shop,
        agents: Mapping[str, Shopper | PrivilegedAgent],
        store: Store | None,
        allocation: AllocationConfig | None = None,
        reopen: Callable[[Shop], Agents] | None = None,
        *,
        fast: bool = False,
        pictures: Pictures | None = None,
    ) -> None:
        if not agents:
            raise AgentError("agents: expected at least one, got none")
        self.pictures = pictures
        self._fast = fast
        self._allocation = allocation or AllocationConfig()
        # An agent computes for one request at a time: with one core, more would only wait within.
        self._computing = threading.Lock()
        readers = {label: check_reads(label, agent) for label, agent in agents.items()}
        self.generations = Generations(shop, readers, self._computing, reopen)
        if store is not None:
            self.begin(store)

    def begin(self, store: Store, *, stream: str = "") -> None:
        """Begin to serve.

        Args:
            store: what others who serve the same agents share.
            stream: tells the draws among agents from those of others who share the store.
        """
        self.store = store
        self._allocator = Allocator(store, self._allocation, stream)
        self.customers = Customers(store.database)
        self.visits = Visits(lambda: self.shop, store.database)
        self.generations.begin()

    def close(self) -> None:
        """End what goes on in the background, and close the store."""
        self.generations.close()
        self.store.close()

    @property
    def shop(self) -> Shop:
        """The shop with all changes until now; it never changes itself."""
        return self.generations.current().shop

    @property
    def agents(self) -> Agents:
        """Label → agent, as of :attr:`shop`."""
        return self.generations.current().agents

    def recommend(
        self,
        request: str,
        *,
        count: int = 5,
        price_limit: float | None = None,
        filters: Filters | None = None,
        understood: ParsedRequest | None = None,
        agent: str | None = None,
        view: ViewRecord | None = None,
        customer_id: str | None = None,
        conversation: Mapping[str, Any] | None = None,
        only: Sequence[str] | None = None,
        id: str | None = None,
    ) -> dict[str, Any]:
        """Return products for a request, best first, with reasons; the recommendation is logged.

        Args:
            price_limit: in the catalogue's currency; products that cost more are left out.
            understood: what the request asks for, as a person changed it; None to find that out.
            agent: who answers; None to have one drawn.
            view: how the list is narrowed and sorted, and where in it to begin.
            customer_id: who asks, so that what they did before counts; None for anybody.
            conversation: its ``id`` and the number of ``questions`` before; None outside of any.
            only: the asins of the products that are wanted, whatever would be found.
            id: of the recommendation; None for a new one.

        Raises:
            GoalError: there is no such agent.
        """
        filters, view = filters or Filters(), view or ViewRecord()
        chances = self.chances() if agent is None else {self._label(agent): 1.0}
        label = self._allocator.draw(chances)
        parsed = self.understand(
            request, price_limit=price_limit, filters=filters, understood=understood
        )
        known = self.customers.leanings(customer_id)
        if only is None:
            answer = self.answer(
                label, parsed, known, count=count, filters=filters, view=view.view()
            )
        else:
            answer = recommendation_of(self.shop, only, parsed)
        id = id or new_id()
        settings = {
            "count": count,
            "price_limit": price_limit,
            **filters.model_dump(),
            "view": view.model_dump(exclude_defaults=True),
            "understood": understood.record() if understood else None,
            "nothing_fits": answer.nothing_fits,
            "first_options": dict(answer[0].options) if len(answer) else {},
            **({"conversation": dict(conversation)} if conversation else {}),
        }
        asins = tuple(item.asin for item in answer)
        self.store.add_recommendation(
            log.Recommendation(
                id=id,
                at=time.time(),
                agent=label,
                propensities=chances,
                request=request,
                settings=settings,
                items=asins,
            ),
            customer_id,
        )
        asked = Recommender.of(self.generations.latest.shop).asked(parsed)
        agent_record = (label, chances[label])
        shown = answer_record(
            answer, id=id, asked=asked, agent=agent_record, pictures=self.pictures
        )
        return {**shown, "request": request}

    def again(
        self, id: str, asins: Sequence[str], understood: ParsedRequest
    ) -> dict[str, Any] | None:
        """Return some products of a recommendation once more, with what they meet; nothing is
        logged, so that what is done with them counts for that one. None if it was never logged.

        Args:
            understood: what they are to meet.
        """
        logged = self.store.recommendation(id)
        if logged is None:
            return None
        answer = recommendation_of(self.shop, asins, understood)
        asked = Recommender.of(self.shop).asked(understood)
        agent = (logged.agent, logged.propensities.get(logged.agent, 1.0))
        return answer_record(answer, id=id, asked=asked, agent=agent, pictures=self.pictures)

    def _label(self, label: str) -> str:
        if label not in (agents := self.generations.latest.agents):
            raise GoalError(f"agent: expected one of {', '.join(agents)}, got another")
        return label

    def understand(
        self,
        request: str,
        *,
        price_limit: float | None = None,
        filters: Filters | None = None,
        understood: ParsedRequest | None = None,
    ) -> ParsedRequest:
        """Return what a request asks for, with a price limit and options that were given apart.

        Args:
            understood: as a person changed it; None to find that out.
        """
        return asked_for(
            Recommender.of(self.shop),
            request,
            price_limit=price_limit,
            options=filters.options if filters else None,
            understood=understood,
        )

    def answer(
        self,
        label: str,
        understood: ParsedRequest,
        leanings: Mapping[str, float] = NOBODY,
        *,
        count: int,
        filters: Filters,
        view: View = AS_RANKED,
    ) -> Recommendation:
        """Return what one agent recommends, without logging.

        The same arguments give the same items, whatever else is asked meanwhile.
        """
        for _ in range(TRIES):
            current = self.generations.current()
            shop, agent = current.shop, current.agents[label]

            def keep(asin: str, shop: Shop = shop) -> bool:
                return filters.allow(shop.product(asin))

            with self._computing:
                answer = Recommender.of(shop).recommend(
                    None if self._fast else agent,
                    understood,
                    count=count,
                    keep=None if filters == Filters() else keep,
                    view=view,
                    leanings=leanings,
                )
            # What was removed meanwhile may be among them.
            now = self.shop.catalogue
            if all(now.row_of(item.asin) is not None for item in answer):
                return answer
        items = tuple(item for item in answer if now.row_of(item.asin) is not None)
        return replace(answer, items=items)

    def text_to_read(
        self,
        request: str,
        *,
        price_limit: float | None = None,
        filters: Filters | None = None,
        understood: ParsedRequest | None = None,
        agent: str | None = None,
    ) -> str | None:
        """Return what the agent will read of a request to :meth:`recommend`; None if it does not
        read ahead, or if it is not known which agent will be asked."""
        known = (None, *self.generations.latest.agents)
        if self._fast or agent not in known or not self._ahead():
            return None
        asked = self.understand(
            request, price_limit=price_limit, filters=filters, understood=understood
        )
        return Recommender.of(self.generations.latest.shop).asked(asked)

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Have the agent read texts that :meth:`text_to_read` gave, in less time than one by
        one."""
        if agent := self._ahead():
            with self._computing:
                agent.read_ahead(texts)

    def _ahead(self) -> ReadsAhead | None:
        agents = [*self.generations.latest.agents.values()]
        return agents[0] if len(agents) == 1 and isinstance(agents[0], ReadsAhead) else None

    def chances(self) -> dict[str, float]:
        """Return the probability with which each agent gets the next request."""
        return self._allocator.chances([*self.generations.latest.agents])

    def feedback(self, recommendation_id: str, kind: str, asin: str | None) -> bool:
        """Log what was done with a recommendation, and return whether that is new.

        Args:
            asin: the item's; None for all of them, where it was shown or dismissed.

        Raises:
            GoalError: there is no such recommendation.
            InputError: the item is not among the recommended ones, or the kind needs one.
        """
        recommendation = self.store.recommendation(recommendation_id)
        if recommendation is None:
            raise GoalError("recommendation_id: expected one of a recommendation, got another")
        if asin is None and kind not in (SHOWN, DISMISSED):
            raise InputError(f"asin: expected an item for {kind!r}, got none")
        if asin is not None and asin not in recommendation.items:
            raise InputError("asin: expected one of the recommended items, got another")
        return self.store.add_feedback(Feedback(recommendation_id, kind, asin or "", time.time()))

    def product(self, asin: str) -> dict[str, Any]:
        """Return what the catalogue has of a product."""
        catalogue = self.shop.catalogue
        row = catalogue.row_of(asin)
        if row is None:
            raise GoalError(f"asin: expected a product of this shop, got {asin!r}")
        return product_record(catalogue[row], self.pictures)

    def examples(self) -> list[str]:
        """Return a few requests that this shop can fulfil."""
        return example_requests(self.shop.catalogue)

    def search(self, query: str, limit: int) -> dict[str, Any]:
        """Return what the shop's search finds, best first."""
        return search_record(query, self.shop.catalogue, limit)

    def watch(
        self, label: str | None, *, request: str | None = None, goal_number: int | None = None
    ) -> dict[str, Any]:
        """Let an agent shop on pages and return its episode step by step.

        Args:
            label: which agent; None for the first.
            request, goal_number: what it is asked for, without reward, or a goal of the shop.

        Raises:
            GoalError: there is no such agent or goal.
        """
        current = self.generations.current()
        label = self._label(label or next(iter(current.agents)))
        asked = (request, goal_number, self.pictures)
        with self._computing:
            episode = episode_record(current.agents[label], current.shop, *asked)
        return {"agent": label, **episode}

    def act(self, visit_id: str, action: str) -> dict[str, Any]:
        """Carry out a person's action; a purchase is kept as a demonstration."""
        return self.visits.act(visit_id, action, self.store.add_demonstration)
