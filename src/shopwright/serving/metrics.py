"""Counters and latencies for Prometheus."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
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

    def latency(self, route: str) -> dict[str, float | None]:
        """Return how long answers of a route took since the start: their number, and in seconds
        the median, the 95th and the 99th percentile, between the ends of their bucket."""
        buckets = {
            float(sample.labels["le"]): sample.value
            for sample in self._samples("shopwright_request_seconds_bucket")
            if sample.labels["route"] == route
        }
        ends = sorted(buckets.items())
        count = ends[-1][1] if ends else 0.0
        quantiles = {"median": 0.5, "p95": 0.95, "p99": 0.99}
        return {
            "count": count,
            **{name: _quantile(ends, share * count) for name, share in quantiles.items()},
        }

    def refused(self) -> int:
        """Return how many requests were refused because of load since the start."""
        return sum(int(sample.value) for sample in self._samples("shopwright_overloads_total"))

    def _samples(self, name: str) -> list[Any]:
        return [
            sample
            for metric in self._counted().collect()
            for sample in metric.samples
            if sample.name == name
        ]

    def _counted(self) -> Any:
        """What was counted, by all processes of the service."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        if _FOLDER_VARIABLE not in os.environ:
            return self._registry
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        return counted

    def text(self, gauges: Mapping[str, float | Mapping[str, float]]) -> bytes:
        """Return everything in Prometheus's text format.

        Args:
            gauges: what is measured now: a name without its prefix → a value, or agent → value.
        """
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import generate_latest

        measured = CollectorRegistry()
        measured.register(_Measured(gauges))
        return generate_latest(self._counted()) + generate_latest(measured)


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


def _quantile(ends: Sequence[tuple[float, float]], rank: float) -> float | None:
    """Where a rank lies among buckets (upper end, how many lie below it); of the last, which has no
    end, where it begins; None without any."""
    low, below = 0.0, 0.0
    for high, count in ends:
        if count >= rank and count > below:
            return (
                low if math.isinf(high) else low + (high - low) * (rank - below) / (count - below)
            )
        low, below = high, count
    return None
