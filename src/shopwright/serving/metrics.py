"""Counters and latencies in Prometheus' text format."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping

# Any other method is counted as "other": a client may send what it likes.
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)


class Metrics:
    """What the service counts. Labels are known methods and routes, not paths: their number is
    fixed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_SECONDS) + 1))
        self._seconds: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.overloads = 0

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        place = next(
            (n for n, bound in enumerate(BUCKETS_SECONDS) if seconds <= bound),
            len(BUCKETS_SECONDS),
        )
        with self._lock:
            known = method if method in METHODS else "other"
            self._requests[known, route, status] += 1
            self._buckets[route][place] += 1
            self._seconds[route] += seconds  # type: ignore[assignment]

    def text(self, gauges: Mapping[str, Mapping[str, float]]) -> str:
        """Return everything as Prometheus reads it.

        Args:
            gauges: name → (label value → value) of what is measured now; labels are agents, an
                empty one stands for none.
        """
        with self._lock:
            lines = ["# TYPE shopwright_requests_total counter"]
            for (method, route, status), count in sorted(self._requests.items()):
                labels = f'method="{method}",route="{_escaped(route)}",status="{status}"'
                lines.append(f"shopwright_requests_total{{{labels}}} {count}")
            lines.append("# TYPE shopwright_request_seconds histogram")
            for route, counts in sorted(self._buckets.items()):
                name = f'route="{_escaped(route)}"'
                total = 0
                for bound, count in zip((*BUCKETS_SECONDS, "+Inf"), counts, strict=True):
                    total += count
                    lines.append(
                        f'shopwright_request_seconds_bucket{{{name},le="{bound}"}} {total}'
                    )
                lines.append(f"shopwright_request_seconds_sum{{{name}}} {self._seconds[route]:.6f}")
                lines.append(f"shopwright_request_seconds_count{{{name}}} {total}")
            lines.append("# TYPE shopwright_feedback_total counter")
            for kind, count in sorted(self.events.items()):
                lines.append(f'shopwright_feedback_total{{kind="{kind}"}} {count}')
            lines.append("# TYPE shopwright_overloads_total counter")
            lines.append(f"shopwright_overloads_total {self.overloads}")
        for name, values in gauges.items():
            lines.append(f"# TYPE shopwright_{name} gauge")
            for label, value in values.items():
                labels = f'{{agent="{_escaped(label)}"}}' if label else ""
                lines.append(f"shopwright_{name}{labels} {value:g}")
        return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
