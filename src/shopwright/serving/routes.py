"""The routes of the service, grouped as its description groups them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathParameter

from shopwright import __version__
from shopwright.agents.registry import is_from_another_shop
from shopwright.catalogue.product import MAXIMUM_ASIN_LENGTH
from shopwright.errors import GoalError, StoreError
from shopwright.serving.agent_queue import AgentQueue
from shopwright.serving.learned import learned_record
from shopwright.serving.messages import (
    CUSTOMER,
    WORDS,
    Asin,
    ErrorRecord,
    FeedbackBody,
    FeedbackRecord,
    ForgottenRecord,
    HealthRecord,
    ProductRecord,
    RecommendationRecord,
    RecommendBody,
    SearchRecord,
)
from shopwright.serving.metrics import CONTENT_TYPE, Metrics
from shopwright.serving.page_messages import (
    ActionBody,
    EpisodeRecord,
    ExamplesRecord,
    LearnedRecord,
    TrafficRecord,
    VisitBody,
    VisitRecord,
    WatchBody,
)
from shopwright.serving.pictures import address_of
from shopwright.serving.service import Service
from shopwright.serving.traffic import traffic_record

ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorRecord, "description": "No valid bearer token"},
    413: {"model": ErrorRecord, "description": "The body is too large"},
    422: {"model": ErrorRecord, "description": "The input is not valid"},
    507: {"model": ErrorRecord, "description": "The disk is full"},
    503: {
        "model": ErrorRecord,
        "description": "Overloaded, or the store is locked; try again after some seconds",
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
    },
}
UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorRecord, "description": "There is no such thing"},
    **ERRORS,
}
VisitId = Annotated[str, PathParameter(min_length=8, max_length=64)]


def _answer(record: Mapping[str, Any]) -> Response:
    """Return a record as it is; the framework would validate it twice more."""
    return Response(orjson.dumps(record), media_type="application/json")


def recommend_routes(service: Service, queue: AgentQueue, metrics: Metrics) -> APIRouter:
    """Return the routes that recommend and take feedback."""
    routes = APIRouter(tags=["recommend"])

    @routes.post("/recommend", response_model=RecommendationRecord, responses=UNKNOWN)
    async def recommend(body: RecommendBody, client: Request) -> Response:
        """Recommend products for a request in plain words, best first, each with a reason.

        The answer says what was understood. Sent back with pieces taken away or changed, that is
        what products are recommended for.
        """
        understood = body.understood.parsed() if body.understood else None
        record = await queue.run(
            lambda: service.recommend(
                body.request,
                count=body.count,
                price_limit=body.price_limit,
                filters=body.filters,
                understood=understood,
                agent=body.agent,
                view=body.view,
                customer_id=body.customer_id,
            ),
            client,
            text=lambda: service.text_to_read(
                body.request,
                price_limit=body.price_limit,
                filters=body.filters,
                understood=understood,
                agent=body.agent,
            ),
        )
        return _answer(record)

    @routes.post("/feedback", responses=UNKNOWN)
    def feedback(body: FeedbackBody) -> FeedbackRecord:
        """Say what was done with a recommendation. When this answers, the event is on the disk."""
        new = service.feedback(body.recommendation_id, body.kind, body.asin)
        metrics.feedback.labels(body.kind).inc(new)
        return FeedbackRecord(recommendation_id=body.recommendation_id, kind=body.kind, new=new)

    @routes.delete("/customers/{customer_id}", responses=ERRORS)
    def forget(
        customer_id: Annotated[
            str, PathParameter(min_length=1, max_length=200, pattern=CUSTOMER, examples=["4711"])
        ],
    ) -> ForgottenRecord:
        """Delete all that a customer asked for and did with it, for good. What is exported later
        is without it; copies that were made before are where they are."""
        return ForgottenRecord(**service.customers.forget(customer_id))

    return routes


def catalogue_routes(service: Service) -> APIRouter:
    """Return the routes that show products, without any agent."""
    routes = APIRouter(tags=["catalogue"])

    # Shops number their goods with slashes, too.
    @routes.get("/products/{asin:path}", response_model=ProductRecord, responses=UNKNOWN)
    def product(
        asin: Annotated[
            str,
            PathParameter(min_length=1, max_length=MAXIMUM_ASIN_LENGTH, examples=["B000000001"]),
        ],
    ) -> Response:
        """Return what the catalogue has of a product."""
        return _answer(service.product(asin))

    @routes.get(
        "/pictures",
        response_class=Response,
        responses={200: {"content": {"image/*": {}}, "description": "The picture"}, **UNKNOWN},
    )
    async def picture(
        asin: Asin,
        variant: Annotated[int | None, Query(ge=0, le=100_000)] = None,
        key: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        """Return a product's picture, if the service shows pictures: `picture` of an item or a
        product names it, and has the key that is wanted in place of a token."""
        pictures, row = service.pictures, service.shop.catalogue.row_of(asin)
        if pictures is None or row is None or not pictures.admits(asin, key):
            raise GoalError("asin: expected a product whose picture is shown here")
        address = address_of(service.shop.catalogue[row], variant)
        found = await pictures.get(address) if address else None
        if found is None:
            raise GoalError("asin: expected a product with a picture that can be had")
        headers = {"cache-control": "private, max-age=86400"}
        return Response(found.content, headers=headers, media_type=found.media_type)

    @routes.get("/search", response_model=SearchRecord, responses=ERRORS)
    def search(
        query: Annotated[
            str,
            Query(min_length=1, max_length=500, pattern=WORDS, examples=["throw blanket"]),
        ],
        limit: Annotated[int, Query(ge=1, le=50)] = 10,
    ) -> Response:
        """Return what the shop's search engine finds, without any agent."""
        return _answer(service.search(query, limit))

    return routes


def page_routes(service: Service, queue: AgentQueue) -> APIRouter:
    """Return the routes behind the page: watching an agent, and shopping oneself."""
    routes = APIRouter(tags=["page"])

    @routes.get("/examples", responses=ERRORS)
    def examples() -> ExamplesRecord:
        """Return a few requests that this shop can fulfil."""
        return ExamplesRecord(requests=service.examples())

    @routes.post("/watch", response_model=EpisodeRecord, responses=UNKNOWN)
    async def watch(body: WatchBody, client: Request) -> Response:
        """Let an agent shop on pages and return its episode step by step."""
        record = await queue.run(
            lambda: service.watch(body.agent, request=body.request, goal_number=body.goal), client
        )
        return _answer(record)

    @routes.post("/visits", response_model=VisitRecord, responses=UNKNOWN)
    def start_visit(body: VisitBody) -> Response:
        """Begin to shop yourself, for one of the shop's goals."""
        return _answer(service.visits.start(body.goal))

    @routes.get("/visits/{visit_id}", response_model=VisitRecord, responses=UNKNOWN)
    def visit(visit_id: VisitId) -> Response:
        """Return the page that a visit is at."""
        return _answer(service.visits.look(visit_id))

    @routes.post("/visits/{visit_id}/actions", response_model=VisitRecord, responses=UNKNOWN)
    def act(visit_id: VisitId, body: ActionBody) -> Response:
        """Carry out an action of a visit; a purchase is kept as a demonstration."""
        return _answer(service.act(visit_id, body.action))

    return routes


def health_routes(service: Service) -> APIRouter:
    """Return the route that anyone may ask."""
    routes = APIRouter(tags=["operation"])
    strangers = [
        label
        for label, agent in service.agents.items()
        if is_from_another_shop(agent, service.shop)
    ]

    @routes.get("/live", response_class=Response, status_code=204)
    async def live() -> None:
        """Say that this process answers; whether the store does is not its concern."""

    @routes.get("/ready", response_class=Response, status_code=204, responses={503: ERRORS[503]})
    def ready() -> None:
        """Say whether requests can be answered and what they lead to be kept."""
        if trouble := service.store.trouble():
            raise StoreError(trouble)

    @routes.get("/health")
    def health() -> HealthRecord:
        """Say that the service answers, with what, and whether it can write what it must keep."""
        trouble = service.store.trouble()
        if trouble and "://" in service.store.place:
            trouble = "the database refuses writes"  # What it says may name its server.
        return HealthRecord(
            status=f"cannot write: {trouble}" if trouble else "ok",
            products=len(service.shop.catalogue),
            goals=len(service.shop.goals),
            agents=[*service.agents],
            agents_of_another_shop=strangers,
            version=__version__,
        )

    return routes


def metrics_routes(service: Service, metrics: Metrics) -> APIRouter:
    """Return the route for those who watch the service."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/traffic", response_model=TrafficRecord, responses=ERRORS)
    def traffic() -> Response:
        """Return what the dashboard shows: traffic, success by agent, what was asked and not found,
        latency."""
        return _answer(traffic_record(service.store, metrics, service.chances()))

    @routes.get("/learned", response_model=LearnedRecord, responses=ERRORS)
    def learned() -> Response:
        """Return what was learned from customers: how releases went, what questions brought,
        whether customers come back and buy."""
        return _answer(learned_record(service.store))

    @routes.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **ERRORS},
    )
    def metrics_text() -> Response:
        """Return counters and latencies in Prometheus' text format."""
        succeeded, failed = service.store.counts()
        text = metrics.text(
            {
                "agent_propensity": service.chances(),
                "agent_successes": {name: succeeded[name] for name in service.agents},
                "agent_failures": {name: failed[name] for name in service.agents},
                "recommendations": service.store.size(),
                "visits": len(service.visits),
            }
        )
        return Response(text, media_type=CONTENT_TYPE)

    return routes
