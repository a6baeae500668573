"""Counters and latencies for Prometheus."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import mkdtemp
from typing import Any

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Any other method is counted as "other": a client may send what it likes.
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)


# Where prometheus_client keeps what several processes count, if they are to be counted together.
_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_counters() -> Iterator[None]:
    """Have the processes that are forked within count together: each tells the sums of all."""
    owner = os.getpid()
    os.environ[_FOLDER_VARIABLE] = folder = mkdtemp(prefix="shopwright-metrics-")
    try:
        yield
    finally:
        if os.getpid() == owner:
            del os.environ[_FOLDER_VARIABLE]
            shutil.rmtree(folder, ignore_errors=True)


class Metrics:
    """What one service counts. Labels are known methods, routes and agents, never what a client
    sent, so that their number is bounded.

    Attributes:
        feedback: events by kind.
        products: updated products by kind.
        overloads: requests that were refused.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._registry = CollectorRegistry()
        self._requests = Counter(
            "shopwright_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "shopwright_request_seconds",
            "Time until the answer was sent.",
            ("route",),
            buckets=BUCKETS_SECONDS,
            registry=self._registry,
        )
        self.feedback = Counter(
            "shopwright_feedback",
            "New feedback events.",
            ("kind",),
            registry=self._registry,
        )
        self.products = Counter(
            "shopwright_product_updates",
            "Products that were new, changed, unchanged or removed in an update.",
            ("kind",),
            registry=self._registry,
        )
        self.overloads = Counter(
            "shopwright_overloads",
            "Requests refused because of load.",
            registry=self._registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, gauges: Mapping[str, float | Mapping[str, float]]) -> bytes:
        """Return everything in Prometheus's text format.

        Args:
            gauges: what is measured now: a name without its prefix → a value, or agent → value.
        """
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        counted = self._registry
        if _FOLDER_VARIABLE in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        measured = CollectorRegistry()
        measured.register(_Measured(gauges))
        return generate_latest(counted) + generate_latest(measured)


class _Measured:
    """What is measured when it is asked for, and so is no process's own."""

    def __init__(self, gauges: Mapping[str, float | Mapping[str, float]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        for name, value in self._gauges.items():
            full, help = f"shopwright_{name}", f"{name.replace('_', ' ').capitalize()}."
            if isinstance(value, Mapping):
                gauge = GaugeMetricFamily(full, help, labels=("agent",))
                for agent, number in value.items():
                    gauge.add_metric((agent,), number)
            else:
                gauge = GaugeMetricFamily(full, help, value=value)
            yield gauge
