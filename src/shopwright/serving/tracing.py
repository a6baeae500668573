"""OpenTelemetry traces: a span for each request, in the trace that its client began.

Where spans go is said as OpenTelemetry says it, by ``OTEL_EXPORTER_OTLP_ENDPOINT`` and others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.propagate import extract
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopwright import __version__
from shopwright.serving.middleware import Middleware, request_id

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Tracer


def new_tracer(processor: SpanProcessor | None = None) -> Tracer:
    """Return what makes spans; after a fork, as it sends them by a thread.

    Args:
        processor: takes the spans that ended; None to send them by OTLP over HTTP.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({SERVICE_NAME: "shopwright"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("shopwright.serving", __version__)


class TraceRequests(Middleware):
    """Makes a span of each request, by the names of OpenTelemetry's semantic conventions."""

    def __init__(self, app: ASGIApp, *, tracer: Tracer) -> None:
        super().__init__(app)
        self._tracer = tracer

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        method = scope["method"]
        with self._tracer.start_as_current_span(
            method, context=extract(headers), kind=SpanKind.SERVER
        ) as span:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            try:
                await self.app(scope, receive, noting)
            finally:
                route = getattr(scope.get("route"), "path_format", "other")
                span.update_name(f"{method} {route}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", route)
                span.set_attribute("shopwright.request_id", request_id.get())
