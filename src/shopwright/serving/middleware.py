"""What stands before every route, one concern a middleware: targets, load, token, size, headers,
errors.

Each is an ASGI application around another (https://asgi.readthedocs.io), and knows nothing of the
others. The order is in :func:`shopwright.serving.app.create_app`.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import secrets
import time
from collections.abc import Mapping
from contextvars import ContextVar
from urllib.parse import unquote

import orjson
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopwright.serving.metrics import Metrics

BODY_BYTES = 64 * 1024
PRODUCTS_BYTES = 8 * 1024 * 1024
BODY_SECONDS = 20.0
# What tells whether the service is up; answered under any load.
PROBES = ("/health", "/live", "/ready")
# What anyone may read: pages and scripts, which hold no data, and those. Webhooks are signed.
PUBLIC = ("/", "/dashboard", "/favicon.ico", "/.well-known/ucp", "/embed.js", "/webhooks", *PROBES)
PUBLIC_FOLDER = "/static/"
# An <img> sends no token: pictures want the key in their own address.
PICTURES = "/pictures"
# Set in the scope of requests of pages that may embed the search box.
EMBEDDED = "shopwright.embedded"
SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
request_id: ContextVar[str] = ContextVar("request_id", default="")
_WHOLE_ADDRESS = re.compile(rb"https?://([^/?#@]*)(?=[/?#]|$)", re.IGNORECASE)
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_LOG = logging.getLogger("shopwright.serving")
_ACCESS = logging.getLogger("shopwright.access")


def error_response(
    status: int,
    code: str,
    message: str,
    field: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the one form of error answers; letters that are no valid Unicode become "?"."""
    clean = message.encode("utf-8", "replace").decode()
    body = orjson.dumps({"error": {"code": code, "message": clean, "field": field}})
    return Response(body, status, headers, media_type="application/json")


def overloaded() -> Response:
    """Return the answer to requests that are too many."""
    message = "expected fewer requests at once"
    return error_response(503, "overloaded", message, headers={"Retry-After": "1"})


class Middleware:
    """An ASGI application around another; only HTTP requests are its concern."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or pass on anything else, such as the start of the service."""
        handle = self.handle if scope["type"] == "http" else self.app
        await handle(scope, receive, send)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        raise NotImplementedError


class ReadTargets(Middleware):
    """Brings targets into the one form that all others read: HEAD is GET, and the host of a whole
    address counts in place of ``Host`` (RFC 9110, 9.3.2; RFC 9112, 3.2.2)."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = scope.get("raw_path") or b""
        if scope["method"] == "HEAD":  # uvicorn, whose scope says so, leaves out the body.
            scope = {**scope, "method": "GET"}
        if whole := _WHOLE_ADDRESS.match(target):
            path = target[whole.end() :] or b"/"
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            headers = [*others, (b"host", whole[1])]
            decoded = unquote(path.decode("latin-1"))
            scope = {**scope, "path": decoded, "raw_path": path, "headers": headers}
        await self.app(scope, receive, send)


class NameRequests(Middleware):
    """Gives each request an id, which its answer and the log name: the client's ``X-Request-ID``
    where it is a plain word, else a new one.

    Args:
        log: whether each answer gets a line in the log ``shopwright.access``.
    """

    def __init__(self, app: ASGIApp, *, log: bool = False) -> None:
        super().__init__(app)
        self._log = log

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        id = given if _PLAIN_WORD.fullmatch(given) else secrets.token_urlsafe(12)
        request_id.set(id)
        started = time.perf_counter()

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = id
                if self._log:
                    fields = {
                        "client": (scope.get("client") or ("unknown",))[0],
                        "method": scope["method"],
                        "path": scope["path"][:200],
                        "status": message["status"],
                        "milliseconds": round(1000 * (time.perf_counter() - started)),
                    }
                    line = "%(client)s %(method)s %(path)r %(status)d %(milliseconds)d ms"
                    _ACCESS.info(f"{line} [{id}]", fields, extra={"fields": fields})
            await send(message)

        await self.app(scope, receive, naming)


class CountRequests(Middleware):
    """Counts requests and measures how long they take."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        super().__init__(app)
        self._metrics = metrics

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = 499  # As nginx has it: nobody waited for an answer.

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:
            status = 500
            raise
        finally:
            route = getattr(scope.get("route"), "path_format", "other")
            seconds = time.perf_counter() - started
            self._metrics.observe(scope["method"], route, status, seconds)


class AddSecurityHeaders(Middleware):
    """Adds :data:`SECURITY_HEADERS` to every answer, but for those that it has already."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def completing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, completing)


class HideFailures(Middleware):
    """Answers 500 where the application fails: the details go to the log, never to the client."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except asyncio.CancelledError:
            # The service ends, and its time for that is over.
            if not begun:
                await overloaded()(scope, receive, send)
        except Exception as error:
            method, path = scope["method"], scope["path"][:200]
            _LOG.exception("%s %r failed [%s]", method, path, request_id.get())
            if not begun:
                message = f"internal error ({type(error).__name__}); the service's log says more"
                await error_response(500, "internal", message)(scope, receive, send)


class LimitLoad(Middleware):
    """Refuses requests while too many are in progress. :data:`PROBES` are always answered; pictures
    wait for other hosts, in a line of their own.
    """

    def __init__(self, app: ASGIApp, *, requests_at_once: int, metrics: Metrics) -> None:
        super().__init__(app)
        self._limit = requests_at_once
        self._metrics = metrics
        self._in_progress = 0

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_free = scope["path"] in (*PROBES, PICTURES)
        if self._in_progress >= self._limit and not is_free:
            self._metrics.overloads.inc()
            await overloaded()(scope, receive, send)
            return
        self._in_progress += not is_free
        try:
            await self.app(scope, receive, send)
        finally:
            self._in_progress -= not is_free


class RequireToken(Middleware):
    """Refuses requests without the bearer token, but for :data:`PUBLIC`."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        super().__init__(app)
        self._token = token.encode()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        is_public = (
            path in (*PUBLIC, PICTURES) or path.startswith(PUBLIC_FOLDER) or EMBEDDED in scope
        )
        if is_public or self._has_token(scope):
            await self.app(scope, receive, send)
        else:
            _LOG.warning(
                "%s %r of %s: no valid token [%s]",
                scope["method"],
                path[:200],
                (scope.get("client") or ("unknown",))[0],
                request_id.get(),
            )
            message = "expected a bearer token, got no valid one"
            headers = {"WWW-Authenticate": "Bearer"}
            refusal = error_response(401, "unauthorized", message, headers=headers)
            await refusal(scope, receive, send)

    def _has_token(self, scope: Scope) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"")
        scheme, _, token = given.partition(b" ")
        # The comparison takes the same time however much of the token is right.
        is_right = hmac.compare_digest(token.strip(), self._token)
        return is_right and scheme.lower() == b"bearer"


class LimitBody(Middleware):
    """Reads bodies whole before anything else begins, so that only requests that have come count.

    Refused are bodies of more than :data:`BODY_BYTES`, updates of products of more than
    :data:`PRODUCTS_BYTES`, whether their length is declared or not, and those that take longer than
    :data:`BODY_SECONDS`.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_update = scope["method"] == "PATCH" and scope["path"] == "/products"
        most = PRODUCTS_BYTES if is_update else BODY_BYTES
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        # More than 18 digits are too many whatever they are, and slow to convert.
        exceeded = declared.isdigit() and (len(declared) > 18 or int(declared) > most)
        body = bytearray()
        more = not exceeded
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body += message.get("body", b"")
                    exceeded = len(body) > most
                    more = message.get("more_body", False) and not exceeded
        except TimeoutError:
            refusal = f"expected the whole body within {BODY_SECONDS:.0f} seconds"
            await _close(408, "too_slow", refusal)(scope, receive, send)
            return
        if exceeded:
            refusal = f"expected a body of at most {most} bytes"
            await _close(413, "too_large", refusal)(scope, receive, send)
            return
        whole: Message | None = {"type": "http.request", "body": bytes(body), "more_body": False}

        async def replaying() -> Message:
            nonlocal whole
            message, whole = whole, None
            return message or await receive()

        await self.app(scope, replaying, send)


def _close(status: int, code: str, message: str) -> Response:
    """An answer before the body was read: what is left of it is not waited for."""
    return error_response(status, code, message, headers={"Connection": "close"})
