"""Which hosts are served, and pages of which origins may ask.

Pages of other origins write nothing, but for those that embed the search box: they may call two
routes, without a token (visitors have none) and without cookies. Any program can name an origin, so
this keeps other shops' pages out, and nobody else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopwright.errors import InputError
from shopwright.serving.middleware import EMBEDDED, Middleware, error_response

EMBEDDED_PATHS = ("/recommend", "/feedback")
SCRIPT = "/embed.js"
PREFLIGHT_SECONDS = 600


class CheckHost(Middleware):
    """Refuses requests for another host, as a page sends them whose name was bound to this address
    (DNS rebinding). Addresses in figures and localhost are always allowed.

    Args:
        hosts: further names; ``*.example.com`` for all below one, ``*`` for any.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str] = ()) -> None:
        super().__init__(app)
        self._hosts = ("localhost", "*.localhost", *(host.lower() for host in hosts))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if self._allows(given):
            await self.app(scope, receive, send)
        else:
            message = "expected a host that is served here, got another; see --allowed-hosts"
            await error_response(421, "wrong_host", message)(scope, receive, send)

    def _allows(self, given: str) -> bool:
        try:
            host = (urlsplit(f"//{given}").hostname or "").removesuffix(".")
        except ValueError:
            host = ""
        with contextlib.suppress(ValueError):
            ip_address(host)
            return True
        return any(
            host == allowed or (allowed[0] == "*" and host.endswith(allowed[1:]))
            for allowed in self._hosts
        )


class RefuseForeignWrites(Middleware):
    """Refuses what a page of another origin would write. A client that is no browser sends neither
    header, and passes.

    Source: Go's ``net/http.CrossOriginProtection``.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
        if site is not None:
            is_own = site in (b"same-origin", b"none")
        else:
            is_own = origin is None or origin.partition(b"://")[2] == headers.get(b"host")
        if is_own or EMBEDDED in scope or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
        else:
            message = "expected a request of this page or of no page, got another page's"
            await error_response(403, "foreign_origin", message)(scope, receive, send)


def check_origin(text: str) -> str:
    """Return an origin as browsers write it.

    Raises:
        InputError: it is none, such as ``*`` or an address with a path.
    """
    try:
        parts = urlsplit(text)
        is_origin = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and parts.netloc == text.partition("://")[2]
            and "@" not in text
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        is_origin = False
    if not is_origin:
        raise InputError(f"--embed-origins: expected origins as https://shop.example, got {text!r}")
    return text.lower()


class AllowShopPages(Middleware):
    """Lets pages of some origins call :data:`EMBEDDED_PATHS`: answers what browsers ask beforehand,
    and says who may read answers (CORS). It marks such requests for the middleware within.

    Args:
        origins: as browsers write them.
    """

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        super().__init__(app)
        self._origins = origins

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
        if scope["path"] not in EMBEDDED_PATHS or origin not in self._origins:
            await self.app(scope, receive, send)
            return
        allowed = {"access-control-allow-origin": origin, "vary": "origin"}
        if scope["method"] == "OPTIONS":
            allowed |= {
                "access-control-allow-methods": "POST",
                "access-control-allow-headers": "content-type",
                "access-control-max-age": str(PREFLIGHT_SECONDS),
            }
            await Response(status_code=204, headers=allowed)(scope, receive, send)
            return

        async def allowing(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(allowed)
            await send(message)

        await self.app({**scope, EMBEDDED: True}, receive, allowing)
