"""What the dashboard shows: traffic, success by agent, what was asked and not found, latency."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from shopwright.serving.log_report import arms
from shopwright.serving.metrics import Metrics
from shopwright.store.store import Store

HOUR = 3_600.0
DAY = 24 * HOUR
DAYS = 14
# Of the log the latest recommendations, however long it is.
LOOKED_AT = 20_000
REQUESTS_SHOWN = 20
_LATEST = """
SELECT at, request, settings, outcome FROM recommendations
WHERE at >= :since ORDER BY number DESC LIMIT :most
"""
_PULLS = "SELECT agent, COUNT(*) FROM recommendations GROUP BY agent"


def traffic_record(
    store: Store, metrics: Metrics, chances: Mapping[str, float], now: float | None = None
) -> dict[str, Any]:
    """Return what there is to see of a service, as JSON types.

    Args:
        chances: agent → the probability with which it gets the next request.
    """
    now = time.time() if now is None else now
    latest = store.database.read(_LATEST, since=now - DAYS * DAY, most=LOOKED_AT)
    asked = Counter(request for _, request, _, _ in latest)
    found_nothing = Counter(
        request
        for _, request, settings, _ in latest
        if orjson.loads(settings).get("nothing_fits", False)
    )
    bought = [(at, outcome == 1) for at, _, _, outcome in latest]
    succeeded, failed = store.counts()
    pulls: Counter[str] = Counter(dict(store.database.read(_PULLS)))
    return {
        "recommendations": sum(pulls.values()),
        "looked_at": len(latest),
        "hours": _periods(bought, HOUR, 24, now),
        "days": _periods(bought, DAY, DAYS, now),
        "agents": [
            {**arm, "share_now": chances.get(arm["agent"])}
            for arm in arms(pulls, succeeded, failed)
        ],
        "asked": _most(asked),
        "not_found": _most(found_nothing),
        "latency": metrics.latency("/recommend"),
        "refused": metrics.refused(),
    }


def _periods(
    bought: list[tuple[float, bool]], width: float, count: int, now: float
) -> list[dict[str, Any]]:
    """Recommendations and purchases in each of the latest periods, the oldest first."""
    last = int(now // width)
    asked = Counter(int(at // width) for at, _ in bought)
    led = Counter(int(at // width) for at, is_bought in bought if is_bought)
    return [
        {"since": number * width, "recommendations": asked[number], "bought": led[number]}
        for number in range(last - count + 1, last + 1)
    ]


def _most(requests: Counter[str]) -> list[dict[str, Any]]:
    most = requests.most_common(REQUESTS_SHOWN)
    return [{"request": request, "count": count} for request, count in most]
