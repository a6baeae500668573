"""What stands before every route: size and load limits, the token, headers, one form of errors."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson

from shopwright.config import Configuration, setting
from shopwright.serving.metrics import Metrics

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES = 64 * 1024
_TOO_LARGE = f"expected a body of at most {BODY_BYTES} bytes"
# What anyone may read: the page itself, which holds no data, and whether the service lives.
PUBLIC = ("/", "/health", "/static/", "/favicon.ico")
HEADERS: Mapping[str, str] = {
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
}
_LOG = logging.getLogger("shopwright.serving")


@dataclass(frozen=True, kw_only=True)
class GuardConfig(Configuration):
    """What the service bears."""

    requests_at_once: int = setting(
        64, help="requests in progress at most; more are answered with 503", minimum=1
    )
    waiting: int = setting(
        32, help="requests that may wait for an agent; more are answered with 503", minimum=1
    )


def error_body(code: str, message: str, field: str | None = None) -> bytes:
    """Return the body of an error, in ASCII escapes where a text is no valid Unicode."""
    clean = message.encode("utf-8", "replace").decode()
    return orjson.dumps({"error": {"code": code, "message": clean, "field": field}})


class Guard:
    """An ASGI application around another.

    Args:
        app: the other.
        config: limits.
        token: what "Authorization: Bearer" must name; None for no check.
        metrics: counts.
    """

    def __init__(
        self, app: App, config: GuardConfig, *, token: str | None, metrics: Metrics
    ) -> None:
        self._app = app
        self._config = config
        self._token = token.encode() if token else None
        self._metrics = metrics
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        answer = _Answer(send)
        limited = _Limited(scope, receive, answer)
        path = scope["path"]
        if self._in_progress >= self._config.requests_at_once and path != "/health":
            self._metrics.overloads += 1
            await answer.error(503, "overloaded", "expected fewer requests at once")
        elif not self._may(scope, path):
            await answer.error(401, "unauthorized", "expected a bearer token, got no valid one")
        elif limited.exceeded:
            await answer.error(413, "too_large", _TOO_LARGE)
        else:
            self._in_progress += 1
            try:
                await self._app(scope, limited.receive, answer.send)
            except Exception as error:
                # A failure of ours: its place goes to the log, never to the client.
                if not limited.exceeded:
                    _LOG.exception("%s %s failed", scope["method"], path)
                if not answer.begun:
                    message = f"a failure of ours: {type(error).__name__}"
                    await answer.error(500, "internal", message)
            finally:
                self._in_progress -= 1
        route = getattr(scope.get("route"), "path_format", "other")
        seconds = time.perf_counter() - started
        self._metrics.observe(scope["method"], route, answer.status, seconds)

    def _may(self, scope: Scope, path: str) -> bool:
        if self._token is None or path in PUBLIC or path.startswith("/static/"):
            return True
        given = dict(scope["headers"]).get(b"authorization", b"")
        kind, _, token = given.partition(b" ")
        # Both in the same time, whatever they are.
        right = hmac.compare_digest(token.strip(), self._token)
        return right and kind.lower() == b"bearer"


class BodyTooLarge(Exception):
    """More bytes came than a body may have."""


class _Limited:
    """Counts what a client sends."""

    def __init__(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        self._receive = receive
        self._answer = answer
        self._bytes = 0
        length = dict(scope["headers"]).get(b"content-length", b"0")
        self.exceeded = length.isdigit() and (len(length) > 18 or int(length) > BODY_BYTES)

    async def receive(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > BODY_BYTES:
            self.exceeded = True
            # The framework would answer something else.
            await self._answer.error(413, "too_large", _TOO_LARGE)
            raise BodyTooLarge
        return message


class _Answer:
    """What goes to the client: once, with the security headers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._ended = False
        self.begun = False
        self.status = 500

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if self._ended:
            return
        if message["type"] == "http.response.start":
            self.begun, self.status = True, message["status"]
            headers = list(message.get("headers", ()))
            names = {name.lower() for name, _ in headers}
            wanted = {**HEADERS, "cache-control": "no-store"}
            message["headers"] = headers + [
                (name.encode(), value.encode())
                for name, value in wanted.items()
                if name.encode() not in names
            ]
        await self._send(message)

    async def error(self, status: int, code: str, message: str) -> None:
        body = error_body(code, message)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        if status == 503:
            headers.append((b"retry-after", b"1"))
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
        self._ended = True
