"""What the dashboard shows."""

from __future__ import annotations

import pytest

from shopwright.serving.metrics import Metrics
from shopwright.serving.traffic import DAY, HOUR, traffic_record
from shopwright.store.store import Feedback, Recommendation, Store

NOW = 1_800_000_000.0


def ask(store: Store, number: int, at: float, *, request: str, found: bool, bought: bool) -> None:
    store.add_recommendation(
        Recommendation(
            id=f"id-{number:06}",
            at=at,
            agent=f"agent-{number % 2}",
            propensities={"agent-0": 0.5, "agent-1": 0.5},
            request=request,
            settings={"nothing_fits": not found} if number else {},
            items=("A",),
        )
    )
    kind = "bought" if bought else "dismissed"
    store.add_feedback(Feedback(f"id-{number:06}", kind, "A", at))


def test_an_empty_log_has_nothing_to_show(store):
    record = traffic_record(store, Metrics(), {"agent": 1.0}, NOW)
    assert (record["recommendations"], record["agents"], record["not_found"]) == (0, [], [])
    assert len(record["hours"]) == 24
    assert record["latency"] == {"count": 0.0, "median": None, "p95": None, "p99": None}


def test_traffic_success_and_what_was_not_found(store):
    for number in range(6):
        ask(store, number, NOW - number * HOUR, request="rug", found=number < 4, bought=number < 2)
    ask(store, 6, NOW - 3 * DAY, request="lamp", found=False, bought=False)
    ask(store, 7, NOW - 30 * DAY, request="old", found=False, bought=False)
    record = traffic_record(store, Metrics(), {"agent-0": 0.25}, NOW)
    assert [hour["recommendations"] for hour in record["hours"][-6:]] == [1] * 6
    assert sum(hour["bought"] for hour in record["hours"]) == 2
    assert sum(day["recommendations"] for day in record["days"]) == 7
    assert record["not_found"] == [
        {"request": "rug", "count": 2},
        {"request": "lamp", "count": 1},
    ]
    assert record["asked"][0] == {"request": "rug", "count": 6}
    first, second = record["agents"]
    assert (first["agent"], first["successes"], first["judged"]) == ("agent-0", 1, 4)
    assert first["success_interval"][0] < first["success_rate"] < first["success_interval"][1]
    assert (first["share_now"], second["share_now"]) == (0.25, None)
    assert record["recommendations"] == 8


def test_latencies_lie_in_the_bucket_of_their_rank():
    metrics = Metrics()
    for seconds in [0.02] * 90 + [0.3] * 9 + [60.0]:
        metrics.observe("POST", "/recommend", 200, seconds)
    metrics.observe("GET", "/health", 200, 0.001)
    latency = metrics.latency("/recommend")
    assert latency["count"] == 100
    assert 0.01 <= latency["median"] <= 0.025
    assert 0.2 <= latency["p95"] <= 0.4
    assert latency["p99"] == pytest.approx(0.4)
    metrics.overloads.inc(3)
    assert metrics.refused() == 3


def test_over_http_it_wants_the_token_and_the_page_does_not(service, client_of):
    client = client_of(service, token="sesame")
    assert client.get("/dashboard").status_code == 200
    assert client.get("/traffic").status_code == 401
    bearer = {"authorization": "Bearer sesame"}
    client.post("/recommend", json={"request": "a lamp"}, headers=bearer)
    record = client.get("/traffic", headers=bearer).json()
    assert record["recommendations"] == 1
    assert record["latency"]["count"] == 1
