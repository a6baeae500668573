"""The routes of protocols that other systems speak: signed events, and where assistants look."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.responses import Response

from shopwright.serving import webhooks
from shopwright.serving.catalogue_tools import profile
from shopwright.serving.metrics import Metrics
from shopwright.serving.routes import UNKNOWN
from shopwright.serving.service import Service
from shopwright.store.store import BOUGHT


def webhook_routes(service: Service, metrics: Metrics, secrets: Sequence[bytes]) -> APIRouter:
    """Return the route that takes signed events of the shop's own system."""
    routes = APIRouter(tags=["recommend"])
    schema = {"content": {"application/json": {"schema": webhooks.Event.model_json_schema()}}}

    @routes.post("/webhooks", responses=UNKNOWN, openapi_extra={"requestBody": schema})
    async def webhook(request: Request) -> webhooks.EventRecord:
        """Take an event that is signed as Standard Webhooks has it. When this answers, the
        purchases of an order are on the disk; sent again, it changes nothing."""
        body = await request.body()
        webhooks.check(secrets, request.headers, body)
        try:
            event = webhooks.Event.model_validate_json(body)
            record = await asyncio.to_thread(webhooks.take, service, event)
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from None
        metrics.feedback.labels(BOUGHT).inc(record.new)
        return record

    return routes


def protocol_routes() -> APIRouter:
    """Return the route at which assistants find the catalogue's tools."""
    routes = APIRouter()

    @routes.get("/.well-known/ucp", include_in_schema=False)
    def ucp(request: Request) -> Response:
        address = f"{request.url.scheme}://{request.url.netloc}"
        headers = {"cache-control": "public, max-age=300"}
        return JSONResponse(profile(address), headers=headers)

    return routes
