"""The service over HTTP: routes, their bodies and errors. Everything else is in service.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import FastAPI, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from shopwright import __version__
from shopwright.agents.registry import is_from_another_shop
from shopwright.catalogue.product import MAXIMUM_ASIN_LENGTH
from shopwright.errors import GoalError, InputError
from shopwright.serving.filters import Filters
from shopwright.serving.messages import (
    WORDS,
    ActionBody,
    EpisodeRecord,
    ErrorRecord,
    FeedbackBody,
    FeedbackRecord,
    HealthRecord,
    ProductRecord,
    RecommendationRecord,
    RecommendBody,
    SearchRecord,
    VisitBody,
    VisitRecord,
    WatchBody,
)
from shopwright.serving.metrics import CONTENT_TYPE, Metrics
from shopwright.serving.middleware import (
    AddSecurityHeaders,
    CountRequests,
    HideFailures,
    LimitBody,
    LimitLoad,
    LoadLimits,
    RequireToken,
    error_body,
)
from shopwright.serving.service import Service

STATIC = Path(__file__).parent / "static"
_Result = TypeVar("_Result")

_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorRecord, "description": "No valid bearer token"},
    413: {"model": ErrorRecord, "description": "The body is too large"},
    422: {"model": ErrorRecord, "description": "The input is not valid"},
    503: {
        "model": ErrorRecord,
        "description": "Overloaded; try again after some seconds",
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
    },
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorRecord, "description": "There is no such thing"},
    **_ERRORS,
}


class Overloaded(Exception):
    """Too many requests wait for an agent."""


def json_error(
    status: int, code: str, message: str, field: str | None = None, **headers: str
) -> Response:
    """Return the one form of error answers."""
    return Response(
        error_body(code, message, field),
        status_code=status,
        media_type="application/json",
        headers=headers,
    )


def _answer(record: Mapping[str, Any]) -> Response:
    """Return a record as it is; the framework would validate it twice more."""
    return Response(orjson.dumps(record), media_type="application/json")


class _Desk:
    """Where requests wait for the one thread in which agents compute."""

    def __init__(self, waiting: int) -> None:
        self._waiting = waiting
        self._count = 0
        self._computing = ThreadPoolExecutor(1, thread_name_prefix="agent")

    async def run(self, work: Callable[[], _Result]) -> _Result:
        if self._count > self._waiting:
            raise Overloaded
        self._count += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._computing, work)
        finally:
            self._count -= 1

    def close(self) -> None:
        self._computing.shutdown(wait=True)


def create_app(
    service: Service, limits: LoadLimits | None = None, *, token: str | None = None
) -> FastAPI:
    """Return the ASGI application of a service.

    Args:
        service: what it offers.
        limits: how many requests it takes at once.
        token: what clients must send as bearer token; None for none.
    """
    limits = limits or LoadLimits()
    metrics = Metrics()
    desk = _Desk(limits.waiting)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        # Requests that are being answered have ended by now: uvicorn waits for them.
        desk.close()
        service.store.close()

    app = FastAPI(
        title="shopwright",
        version=__version__,
        description="Recommendations of a trained shopping agent, and the feedback on them.",
        # Their pages would load scripts from another host.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # The first is the outermost.
        middleware=[
            Middleware(CountRequests, metrics=metrics),
            Middleware(AddSecurityHeaders),
            Middleware(HideFailures),
            Middleware(LimitLoad, requests_at_once=limits.requests_at_once, metrics=metrics),
            *([Middleware(RequireToken, token=token)] if token is not None else []),
            Middleware(LimitBody),
        ],
    )
    if token is not None:
        _describe_token(app)
    _add_error_handlers(app, metrics)

    @app.post(
        "/recommend", response_model=RecommendationRecord, responses=_ERRORS, tags=["recommend"]
    )
    async def recommend(body: RecommendBody) -> Response:
        """Recommend products for a request in plain words, best first, each with a reason."""
        filters = Filters(
            category=body.filters.category,
            kind=body.filters.kind,
            options=body.filters.options,
            exclude=frozenset(body.filters.exclude),
        )
        record = await desk.run(
            lambda: service.recommend(
                body.request, count=body.count, price_limit=body.price_limit, filters=filters
            )
        )
        return _answer(record)

    @app.post("/feedback", responses=_UNKNOWN, tags=["recommend"])
    def feedback(body: FeedbackBody) -> FeedbackRecord:
        """Say what was done with a recommendation. When this answers, the event is on the disk."""
        new = service.feedback(body.recommendation_id, body.kind, body.asin)
        metrics.feedback.labels(body.kind).inc(new)
        return FeedbackRecord(recommendation_id=body.recommendation_id, kind=body.kind, new=new)

    # Shops number their goods with slashes, too.
    @app.get("/products/{asin:path}", responses=_UNKNOWN, tags=["catalogue"])
    def product(
        asin: Annotated[
            str,
            PathParameter(min_length=1, max_length=MAXIMUM_ASIN_LENGTH, examples=["B000000001"]),
        ],
    ) -> ProductRecord:
        """Return what the catalogue has of a product."""
        return ProductRecord.model_validate(service.product(asin))

    @app.get("/search", responses=_ERRORS, tags=["catalogue"])
    def search(
        query: Annotated[
            str,
            Query(min_length=1, max_length=500, pattern=WORDS, examples=["throw blanket"]),
        ],
        limit: Annotated[int, Query(ge=1, le=50)] = 10,
    ) -> SearchRecord:
        """Return what the shop's search engine finds, without any agent."""
        return SearchRecord.model_validate(service.search(query, limit))

    @app.post("/watch", response_model=EpisodeRecord, responses=_UNKNOWN, tags=["page"])
    async def watch(body: WatchBody) -> Response:
        """Let an agent shop on pages and return its episode step by step."""
        record = await desk.run(
            lambda: service.watch(body.agent, request=body.request, goal_number=body.goal)
        )
        return _answer(record)

    @app.post("/visits", responses=_UNKNOWN, tags=["page"])
    def start_visit(body: VisitBody) -> VisitRecord:
        """Begin to shop yourself, for one of the shop's goals."""
        return VisitRecord.model_validate(service.visits.start(body.goal))

    @app.post("/visits/{visit_id}/actions", responses=_UNKNOWN, tags=["page"])
    def act(
        visit_id: Annotated[str, PathParameter(min_length=8, max_length=64)], body: ActionBody
    ) -> VisitRecord:
        """Carry out an action of a visit; a purchase is kept as a demonstration."""
        return VisitRecord.model_validate(service.act(visit_id, body.action))

    strangers = [
        label
        for label, agent in service.agents.items()
        if is_from_another_shop(agent, service.shop)
    ]

    @app.get("/health", tags=["operation"])
    async def health() -> HealthRecord:
        """Say that the service answers, and with what."""
        return HealthRecord(
            status="ok",
            products=len(service.shop.catalogue),
            goals=len(service.shop.goals),
            agents=[*service.agents],
            agents_of_another_shop=strangers,
            version=__version__,
        )

    @app.get(
        "/metrics",
        tags=["operation"],
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **_ERRORS},
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

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def _add_error_handlers(app: FastAPI, metrics: Metrics) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        # Where, and what was expected; never the input itself.
        place = ".".join(str(part) for part in first["loc"] if part != "body")
        message = str(first["msg"])
        if first["type"] == "string_pattern_mismatch":
            message = "expected a text without control characters and not of white space alone"
        return json_error(422, "invalid", message, place[:200] or None)

    @app.exception_handler(GoalError)
    async def unknown(_: Request, error: Exception) -> Response:
        return json_error(404, "not_found", str(error))

    @app.exception_handler(InputError)
    async def refused(_: Request, error: Exception) -> Response:
        return json_error(422, "invalid", str(error))

    @app.exception_handler(Overloaded)
    async def overloaded(_: Request, __: Exception) -> Response:
        metrics.overloads.inc()
        message = "expected fewer requests at once"
        return json_error(503, "overloaded", message, **{"Retry-After": "1"})

    @app.exception_handler(HTTPException)
    async def refused_by_routes(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        codes = {404: "not_found", 405: "method_not_allowed"}
        # A body that cannot be parsed at all is not valid either.
        status = 422 if error.status_code == 400 else error.status_code
        code = codes.get(status, "invalid")
        return json_error(status, code, str(error.detail), **dict(error.headers or {}))


def _describe_token(app: FastAPI) -> None:
    """Say in the OpenAPI description that all but the page and health need the token."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        schema = plain()
        schemes = schema.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["token"] = {"type": "http", "scheme": "bearer"}
        for path, operations in schema["paths"].items():
            if path != "/health":
                for operation in operations.values():
                    operation["security"] = [{"token": []}]
        return schema

    app.openapi = described  # type: ignore[method-assign]
