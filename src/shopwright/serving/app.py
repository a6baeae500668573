"""The service over HTTP: its routes, what stands before them, and the one form of errors."""

from __future__ import annotations

import asyncio
import errno
import logging
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from shopwright import __version__
from shopwright.errors import AgentError, GoalError, InputError, StoreError, UnavailableError
from shopwright.serving.agent_queue import Abandoned, AgentQueue, LoadLimits, Overloaded
from shopwright.serving.conversation_routes import conversation_routes
from shopwright.serving.conversations import Conversations
from shopwright.serving.messages import EXPECTED
from shopwright.serving.metrics import Metrics
from shopwright.serving.middleware import (
    AddSecurityHeaders,
    CountRequests,
    HideFailures,
    LimitBody,
    LimitLoad,
    NameRequests,
    ReadTargets,
    RequireToken,
    error_response,
    overloaded,
    request_id,
)
from shopwright.serving.origins import SCRIPT, AllowShopPages, CheckHost, RefuseForeignWrites
from shopwright.serving.products import Misfit, product_routes
from shopwright.serving.protocol_routes import protocol_routes, webhook_routes
from shopwright.serving.resident import giving_back
from shopwright.serving.routes import (
    catalogue_routes,
    health_routes,
    metrics_routes,
    page_routes,
    recommend_routes,
)
from shopwright.serving.service import Service
from shopwright.serving.webhooks import Unsigned

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from shopwright.serving.mcp_endpoint import McpEndpoint

CLOSING_SECONDS = 2.0
STATIC = Path(__file__).parent / "static"
_LOG = logging.getLogger("shopwright.serving")


def create_app(
    service: Service,
    limits: LoadLimits | None = None,
    *,
    token: str | None = None,
    hosts: Sequence[str] = ("*",),
    access_log: bool = False,
    tracer: Tracer | None = None,
    conversations: Conversations | None = None,
    origins: Sequence[str] = (),
    webhook_secrets: Sequence[bytes] = (),
) -> FastAPI:
    """Return the ASGI application of a service.

    Args:
        token: what clients must send as bearer token; None for none.
        hosts: names that it is served under, besides addresses and localhost; any by default.
        access_log: whether each answer gets a line in the log.
        tracer: makes a span of each request; None for none.
        conversations: of the service; None for those in which a rule asks.
        origins: of shop pages that may embed the search box.
        webhook_secrets: what a shop's own system signs its events with; none are taken without.
    """
    conversations = conversations or Conversations(service)
    limits = limits or LoadLimits()
    metrics = Metrics()
    queue = AgentQueue(limits.waiting, service.read_ahead)
    tools = _tools(service, queue)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with giving_back(), AsyncExitStack() as running:
            if tools:
                await running.enter_async_context(tools.running())
            yield
        # Requests that are being answered have ended by now, or their time is over.
        await _close(queue, service)

    app = FastAPI(
        title="shopwright",
        version=__version__,
        description="Recommendations of a trained shopping agent, and the feedback on them.",
        # Their pages would load scripts from another host.
        docs_url=None,
        redoc_url=None,
        # "DELETE /customers/ann%2F" must not reach ann.
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            *_observing(access_log, tracer, metrics),
            *_guarding(hosts, origins, token),
            Middleware(LimitLoad, requests_at_once=limits.requests_at_once, metrics=metrics),
        ],
    )
    _add_error_handlers(app, metrics)
    # The token itself is checked before the routes; this describes it in the OpenAPI schema.
    bearer = [] if token is None else [Security(HTTPBearer(scheme_name="token", auto_error=False))]
    for routes in (
        recommend_routes(service, queue, metrics),
        conversation_routes(conversations, queue),
        catalogue_routes(service),
        product_routes(service, metrics),
        page_routes(service, queue),
        metrics_routes(service, metrics),
    ):
        app.include_router(routes, dependencies=bearer)
    app.include_router(health_routes(service))
    if webhook_secrets:
        app.include_router(webhook_routes(service, metrics, webhook_secrets))
    _add_tools(app, tools)
    _add_files(app, is_embedded=bool(origins))
    return app


async def _close(queue: AgentQueue, service: Service) -> None:
    """Close a service, unless a thread of its agents hangs."""

    def closing() -> None:
        queue.close()
        service.close()

    # At its end asyncio waits for the threads of its own executor, however long they take.
    thread = threading.Thread(target=closing, name="closing", daemon=True)
    thread.start()
    deadline = time.monotonic() + CLOSING_SECONDS
    while thread.is_alive() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


def _tools(service: Service, queue: AgentQueue) -> McpEndpoint | None:
    """The catalogue's tools for assistants, where the package is installed."""
    if find_spec("mcp") is None:
        return None
    from shopwright.serving.mcp_endpoint import McpEndpoint, create_server

    return McpEndpoint(create_server(service, queue))


def _add_tools(app: FastAPI, tools: McpEndpoint | None) -> None:
    if tools:
        app.include_router(protocol_routes())
        app.router.routes.append(Route("/mcp", tools, methods=["POST"]))


def _observing(access_log: bool, tracer: Tracer | None, metrics: Metrics) -> list[Middleware]:
    """What sees every request, the outermost first."""
    middleware = [Middleware(ReadTargets), Middleware(NameRequests, log=access_log)]
    if tracer is not None:
        from shopwright.serving.tracing import TraceRequests

        middleware.append(Middleware(TraceRequests, tracer=tracer))
    return [*middleware, Middleware(CountRequests, metrics=metrics)]


def _guarding(hosts: Sequence[str], origins: Sequence[str], token: str | None) -> list[Middleware]:
    """What lets requests pass to the routes, the outermost first."""
    return [
        Middleware(AddSecurityHeaders),
        Middleware(HideFailures),
        Middleware(CheckHost, hosts=hosts),
        *([Middleware(AllowShopPages, origins=origins)] if origins else []),
        Middleware(RefuseForeignWrites),
        *([Middleware(RequireToken, token=token)] if token is not None else []),
        Middleware(LimitBody),
    ]


def _add_files(app: FastAPI, *, is_embedded: bool) -> None:
    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")

    @app.get("/dashboard", include_in_schema=False)
    def dashboard() -> FileResponse:
        return FileResponse(STATIC / "dashboard.html", media_type="text/html; charset=utf-8")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")

    if is_embedded:

        @app.get(SCRIPT, include_in_schema=False)
        def embed() -> FileResponse:
            # Other people's pages load it.
            headers = {"cross-origin-resource-policy": "cross-origin"}
            headers |= {"cache-control": "public, max-age=300"}
            return FileResponse(STATIC / "embed.js", headers=headers, media_type="text/javascript")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _add_error_handlers(app: FastAPI, metrics: Metrics) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        # Where, and what was expected; never the input itself.
        place = ".".join(str(part) for part in first["loc"] if part != "body")
        message = str(first["msg"])
        if first["type"] == "string_pattern_mismatch":
            plain = "expected a text without control characters and not of white space alone"
            message = EXPECTED.get(first["ctx"]["pattern"], plain)
        elif first["type"] == "model_attributes_type":
            message = "expected a JSON object, sent with content-type: application/json"
        return error_response(422, "invalid", message, place[:200] or None)

    @app.exception_handler(GoalError)
    async def unknown(_: Request, error: Exception) -> Response:
        return error_response(404, "not_found", str(error))

    @app.exception_handler(Unsigned)
    async def unsigned(_: Request, error: Exception) -> Response:
        _LOG.warning("an event was refused: %s [%s]", error, request_id.get())
        return error_response(401, "unauthorized", str(error))

    @app.exception_handler(Misfit)
    async def unfit(_: Request, error: Exception) -> Response:
        return error_response(409, "conflict", str(error))

    @app.exception_handler(InputError)
    async def refused(_: Request, error: Exception) -> Response:
        return error_response(422, "invalid", str(error))

    @app.exception_handler(AgentError)
    @app.exception_handler(UnavailableError)
    async def unanswered(_: Request, error: Exception) -> Response:
        # Of a language model behind an endpoint, which may refuse the service's key or model as
        # well as be down; what it said is for the log alone.
        _LOG.error("the agent cannot answer: %s [%s]", error, request_id.get())
        return error_response(
            503, "agent_unavailable", "expected an agent that can answer; try again later"
        )

    @app.exception_handler(StoreError)
    @app.exception_handler(OSError)
    async def unwritable(_: Request, error: Exception) -> Response:
        if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise error
        is_full = isinstance(error, OSError) or getattr(error, "is_full", False)
        _LOG.error("nothing can be written: %s [%s]", error, request_id.get())
        status, code = (507, "disk_full") if is_full else (503, "store_unavailable")
        message = "expected a place to write to; try again later"
        return error_response(status, code, message, headers={"Retry-After": "1"})

    @app.exception_handler(Overloaded)
    async def refused_by_queue(_: Request, __: Exception) -> Response:
        metrics.overloads.inc()
        return overloaded()

    @app.exception_handler(Abandoned)
    async def not_taken(_: Request, __: Exception) -> Response:
        # For the log alone, by the number that nginx gave it.
        return error_response(499, "abandoned", "expected a client that waits for its answer")

    @app.exception_handler(HTTPException)
    async def refused_by_routes(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        codes = {404: "not_found", 405: "method_not_allowed"}
        # A body that cannot be parsed at all is not valid either.
        status = 422 if error.status_code == 400 else error.status_code
        code = codes.get(status, "invalid")
        return error_response(status, code, str(error.detail), headers=error.headers)
