"""Pictures of products, as the page shows them: fetched by the service, and kept for a while.

A customer's browser asks this service alone, so that no other host learns of them, and the page's
content policy allows no other host. What is fetched is named by product, never by address.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from shopwright.catalogue.product import Product
from shopwright.serving.agent_queue import Overloaded
from shopwright.serving.fetching import Picture, Unfetched, fetch_picture

KEPT_BYTES = 128 * 1024 * 1024
FETCHES_AT_ONCE = 8
WAITING_AT_MOST = 256
# A picture that could not be had is tried again after so long.
PATIENCE_SECONDS = 300.0
_LOG = logging.getLogger("shopwright.serving")


class _Kept(NamedTuple):
    picture: Picture | None
    at: float


class Pictures:
    """The pictures of a service; belongs to one event loop.

    Args:
        hosts: where pictures may come from, as :func:`fetch_picture` takes them.
        secret: the service's token; paths then carry a key that only those can have who have seen
            the product. Empty where anyone may ask.
        fetch: gets the picture at an address.
    """

    def __init__(
        self,
        hosts: Sequence[str] = (),
        secret: str = "",
        fetch: Callable[[str], Awaitable[Picture]] | None = None,
    ) -> None:
        self._secret = secret.encode()
        self._fetch = fetch or partial(fetch_picture, hosts=hosts)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._kept_bytes = 0
        self._coming: dict[str, asyncio.Task[Picture | None]] = {}
        self._turn = asyncio.Semaphore(FETCHES_AT_ONCE)

    def path_of(self, product: Product, options: Mapping[str, str]) -> str:
        """Return where this service has a product's picture with these options; empty if the
        catalogue names none."""
        number = next(
            (
                number
                for number, variant in enumerate(product.variants)
                if variant.image and options.items() <= variant.options.items()
            ),
            None,
        )
        if number is None and not product.image:
            return ""
        query = {"asin": product.asin}
        if number is not None:
            query["variant"] = str(number)
        if self._secret:
            query["key"] = self._key(product.asin)
        return f"/pictures?{urlencode(query)}"

    def admits(self, asin: str, key: str) -> bool:
        """Whether somebody with a key may see a product's picture."""
        return not self._secret or hmac.compare_digest(key.encode(), self._key(asin).encode())

    def _key(self, asin: str) -> str:
        return hmac.new(self._secret, asin.encode(), hashlib.sha256).hexdigest()[:32]

    async def get(self, address: str) -> Picture | None:
        """Return the picture at an address of the catalogue; None if it cannot be had.

        Raises:
            Overloaded: too many wait for pictures.
        """
        kept = self._kept.get(address)
        if kept and (kept.picture or time.monotonic() - kept.at < PATIENCE_SECONDS):
            self._kept.move_to_end(address)
            return kept.picture
        task = self._coming.get(address)
        if task is None:
            if len(self._coming) >= WAITING_AT_MOST:
                raise Overloaded
            task = self._coming[address] = asyncio.create_task(self._come(address))
        # Who leaves does not take it away from the others.
        return await asyncio.shield(task)

    async def _come(self, address: str) -> Picture | None:
        picture = None
        try:
            async with self._turn:
                picture = await self._fetch(address)
        except Unfetched as error:
            _LOG.warning("no picture of %.200r: %s", address, error)
        finally:
            del self._coming[address]
        self._keep(address, picture)
        return picture

    def _keep(self, address: str, picture: Picture | None) -> None:
        before = self._kept.pop(address, None)
        self._kept[address] = _Kept(picture, time.monotonic())
        self._kept_bytes += _size(address, picture) - (_size(address, before[0]) if before else 0)
        while self._kept_bytes > KEPT_BYTES:
            oldest, (dropped, _) = self._kept.popitem(last=False)
            self._kept_bytes -= _size(oldest, dropped)


def address_of(product: Product, variant: int | None) -> str:
    """Return the address of a product's picture, or of one of its variants'; empty without one."""
    if variant is None:
        return product.image
    return product.variants[variant].image if variant < len(product.variants) else ""


def _size(address: str, picture: Picture | None) -> int:
    return 500 + len(address) + (len(picture.content) if picture else 0)
