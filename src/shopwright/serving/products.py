"""The routes that change products, and the feed of them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathParameter
from starlette.responses import StreamingResponse

from shopwright.catalogue.feeds.commerce_protocols import acp_product
from shopwright.catalogue.forms.table import Row, Table
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import MAXIMUM_ASIN_LENGTH, Product
from shopwright.catalogue.tables import products_in
from shopwright.errors import GoalError, InputError
from shopwright.serving.messages import ErrorRecord
from shopwright.serving.metrics import Metrics
from shopwright.serving.product_messages import (
    AcpProduct,
    OwnProduct,
    ProductsBody,
    ProductsRecord,
)
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.shop.update import Update

ACP = "acp"
PROBLEMS_SHOWN = 20
FEED_CHUNK = 100
_TUPLES = frozenset(("bullets", "attributes"))
_RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorRecord, "description": "No valid bearer token"},
    409: {"model": ErrorRecord, "description": "The products do not fit this shop"},
    413: {"model": ErrorRecord, "description": "The body is too large"},
    422: {"model": ErrorRecord, "description": "The input is not valid"},
    503: {"model": ErrorRecord, "description": "Overloaded; try again after some seconds"},
}


class Misfit(InputError):
    """Products that are valid, but cannot stand in this shop."""


def product_routes(service: Service, metrics: Metrics) -> APIRouter:
    """Return the routes that change products."""
    routes = APIRouter(tags=["products"])

    @routes.patch("/products", responses=_RESPONSES)
    def upsert(body: ProductsBody, request: Request) -> ProductsRecord:
        """Put products into the shop, new ones and others in the place of those with their ids, all
        at once. When this answers, they are on the disk, and in every answer from then on. Products
        that are not for sale are removed."""
        report = ImportReport()
        currency = service.shop.catalogue.currency
        products = _acp_products(body, currency, report)
        gone = [each.asin for each in report.not_for_sale]
        own = (each for each in body.products if isinstance(each, OwnProduct))
        edits = {each.asin: partial(_edited, each, currency) for each in own}
        update = service.generations.update(products, gone, by=_client(request), edits=edits)
        problems = [f"{each.place}: {each.reason}" for each in report.problems[:PROBLEMS_SHOWN]]
        return _record(update, metrics, problems)

    @routes.delete(
        "/products/{asin:path}",
        responses={
            404: {"model": ErrorRecord, "description": "There is no such product"},
            **_RESPONSES,
        },
    )
    def remove(
        asin: Annotated[str, PathParameter(min_length=1, max_length=MAXIMUM_ASIN_LENGTH)],
        request: Request,
    ) -> ProductsRecord:
        """Remove a product. From this answer on it is in no other."""
        update = service.generations.update([], [asin], by=_client(request))
        if not update.removed:
            raise GoalError(f"asin: expected a product of this shop, got {asin!r:.80}")
        return _record(update, metrics, [])

    @routes.get(
        "/feed",
        response_class=Response,
        responses={
            200: {
                "description": "A product a line, as the Agentic Commerce Protocol has it",
                "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
            },
            **_RESPONSES,
        },
    )
    def feed(
        offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
        limit: Annotated[int | None, Query(ge=1, le=1_000_000_000)] = None,
    ) -> StreamingResponse:
        """Return the products as they are now, all or a part, in their order."""
        shop = service.shop
        rows = shop.catalogue.rows[offset : None if limit is None else offset + limit]
        headers = {
            "x-feed-update-id": str(shop.changes),
            "x-product-count": str(len(shop.catalogue)),
        }
        return StreamingResponse(
            _lines(shop, rows), media_type="application/x-ndjson", headers=headers
        )

    return routes


def _lines(shop: Shop, rows: Sequence[int]) -> Iterator[bytes]:
    for start in range(0, len(rows), FEED_CHUNK):
        products = map(shop.catalogue.__getitem__, rows[start : start + FEED_CHUNK])
        yield b"".join(
            orjson.dumps(acp_product(product), option=orjson.OPT_APPEND_NEWLINE)
            for product in products
        )


def _client(request: Request) -> str:
    return f"http {request.client.host if request.client else 'unknown'}"


def _record(update: Update, metrics: Metrics, problems: list[str]) -> ProductsRecord:
    numbers = {name: getattr(update, name) for name in ("new", "changed", "unchanged", "removed")}
    for kind, number in numbers.items():
        metrics.products.labels(kind).inc(number)
    return ProductsRecord(
        id=update.shop.folder.name,
        accepted=True,
        feed_update_id=str(update.shop.changes),
        problems=problems,
        **numbers,
    )


def _acp_products(body: ProductsBody, currency: str, report: ImportReport) -> list[Product]:
    """The products of a body that are as the Agentic Commerce Protocol has them.

    Raises:
        Misfit: one is of another currency than the shop.
    """
    acp = [(n, each) for n, each in enumerate(body.products) if isinstance(each, AcpProduct)]
    for number, product in acp:
        for place, variant in enumerate(product.variants):
            if variant.price is not None and variant.price.currency != currency:
                raise Misfit(
                    f"products.{number}.variants.{place}.price.currency: expected {currency}, as "
                    f"the shop has it, got {variant.price.currency}"
                )
    rows = [Row("products", number, _cells(product)) for number, product in acp]
    report.file = "products"
    names = [*dict.fromkeys(name for row in rows for name in row.cells)]
    products = products_in(Table(names, iter(rows)), report, layout=ACP) if rows else []
    return [replace(product, currency=currency) for product in products]


def _cells(product: AcpProduct) -> dict[str, Any]:
    cells = product.model_dump(exclude_none=True)
    cells.setdefault("title", product.variants[0].title)
    return cells


def _edited(given: OwnProduct, currency: str, before: Product | None) -> Product:
    """A product with the given fields, and the others as they are.

    Raises:
        Misfit: it is new, and has no title.
    """
    fields = given.model_dump(exclude_none=True)
    if before is None and given.title is None:
        raise Misfit(f"product {given.asin!r:.80}: expected a title, as it is new, got none")
    if (price := fields.pop("price", None)) is not None:
        fields |= {
            "pricing_dollars": (price,),
            "price_dollars": price,
            "price_tag": format_price(price, currency),
            "priced": True,
        }
    for name in _TUPLES & fields.keys():
        fields[name] = tuple(fields[name]) or (("",) if name == "bullets" else ())
    if "options" in fields:
        fields["options"] = {name: tuple(values) for name, values in given.options.items()}  # type: ignore[union-attr]
        fields["variants"] = ()
    if "attributes" in fields:
        fields |= {"instruction": None, "instruction_attributes": (), "derived": ()}
    if before is None:
        return Product(currency=currency, **fields)
    if price is not None and "variants" not in fields:
        fields["variants"] = tuple(replace(v, price_dollars=price) for v in before.variants)
    return replace(before, **fields)
