"""The HTTP interface: answers, errors, limits, headers."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any
from urllib.parse import quote, unquote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from shopwright.agents.rules import Rule
from shopwright.catalogue.product import Product
from shopwright.errors import UnavailableError
from shopwright.serving.agent_queue import AgentQueue
from shopwright.serving.app import _close, create_app
from shopwright.serving.middleware import BODY_BYTES
from shopwright.serving.service import Service
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop

BAD_TEXTS = ["", "   ", "a\x00b", "a\x1b[31m", "x" * 2001, "\u0085", "\x7f"]


def error_of(response) -> dict:
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "field"}
    assert "Traceback" not in response.text
    return body["error"]


def test_the_way_from_request_to_feedback(client, store):
    answer = client.post("/recommend", json={"request": "a lamp", "count": 1})
    assert answer.status_code == 200
    record = answer.json()
    assert len(record["items"]) == 1
    assert {"asin", "title", "options", "price", "score", "fits", "reason"} <= set(
        record["items"][0]
    )
    assert record["nothing_fits"] is False
    id, asin = record["recommendation_id"], record["items"][0]["asin"]
    for kind, new in (("shown", True), ("clicked", True), ("bought", True), ("bought", False)):
        body = {"recommendation_id": id, "kind": kind, "asin": asin}
        assert client.post("/feedback", json=body).json()["new"] is new
    assert [event.kind for event in store.feedback()] == ["shown", "clicked", "bought"]
    product = client.get(f"/products/{asin}").json()
    assert product["title"] == record["items"][0]["title"]


def test_what_was_understood_is_taken_back_changed(client):
    body = {"request": "a lamp under $900", "count": 20}
    first = client.post("/recommend", json=body).json()
    understood = first["understood"]
    assert {piece["part"] for piece in understood["pieces"]} >= {"kind", "price"}
    again = client.post("/recommend", json={**body, "understood": understood}).json()
    assert again["items"] == first["items"]
    assert again["understood"] == understood
    understood["pieces"] = [
        {**piece, "highest": 0.5} if piece["part"] == "price" else piece
        for piece in understood["pieces"]
    ]
    dear = client.post("/recommend", json={**body, "understood": understood}).json()
    assert dear["nothing_fits"] is True
    assert dear["price_limit"] == 0.5
    assert dear["items"]
    assert not any(item["fits"] for item in dear["items"])
    odd = [
        {"part": "price", "text": "x", "lowest": 500, "highest": 4},
        {"part": "order", "text": "x", "value": "odd"},
    ]
    taken = client.post("/recommend", json={**body, "understood": {"pieces": odd}}).json()
    (price,) = taken["understood"]["pieces"]
    assert (price["lowest"], price["highest"]) == (4.0, 500.0)
    none = client.post("/recommend", json={**body, "understood": {"pieces": []}}).json()
    assert none["understood"]["pieces"] == []
    assert none["price_limit"] is None


@pytest.mark.parametrize(
    ("piece", "field"),
    [
        ({"part": "mood", "text": "x"}, "understood.pieces.0.part"),
        ({"part": "kind"}, "understood.pieces.0.text"),
        ({"part": "kind", "text": "x" * 201}, "understood.pieces.0.text"),
        ({"part": "kind", "text": "x", "colour": 1}, "understood.pieces.0.colour"),
        ({"part": "price", "text": "x", "lowest": -1}, "understood.pieces.0.lowest"),
        ({"part": "kind", "text": "\x00"}, "understood.pieces.0.text"),
    ],
)
def test_pieces_that_are_not_valid(client, piece, field):
    response = client.post("/recommend", json={"request": "x", "understood": {"pieces": [piece]}})
    assert response.status_code == 422
    assert error_of(response)["field"] == field
    assert "\n" not in error_of(response)["message"]
    many = {"request": "x", "understood": {"pieces": [{"part": "kind", "text": "x"}] * 41}}
    assert client.post("/recommend", json=many).status_code == 422


def test_health_names_agents_of_another_shop(served_shop, store, client_of):
    stranger = Rule(choose_options=True)
    stranger.trained_in = "another manifest's checksum"
    agents = {"rule": Rule(choose_options=False), "stranger": stranger}
    health = client_of(Service(served_shop, agents, store)).get("/health").json()
    assert health["agents"] == ["rule", "stranger"]
    assert health["agents_of_another_shop"] == ["stranger"]


def test_search_health_and_metrics(client):
    hits = client.get("/search", params={"query": "lamp", "limit": 2}).json()
    assert len(hits["results"]) == 2
    assert client.get("/health").json()["status"] == "ok"
    client.get("/products/none")
    text = client.get("/metrics").text
    assert 'shopwright_requests_total{method="GET",route="/search",status="200"} 1' in text
    assert 'route="/products/{asin}",status="404"' in text
    assert 'shopwright_agent_propensity{agent="rule-page"} 1' in text
    for line in text.splitlines():
        assert line.startswith(("# TYPE ", "# HELP ")) or " " in line


def test_metrics_do_not_grow_with_what_clients_invent(client):
    for number in range(3):
        client.request(f'A{number}"', "/health")
    text = client.get("/metrics").text
    assert 'method="other"' in text
    assert "A1" not in text


@pytest.mark.parametrize("asin", ["AB/12", "a b", "50%", "x?y#z", "ünï", "..", "a//b"])
def test_numbers_of_any_form_are_found(client_of, tmp_path, store, asin):
    product = Product(asin=asin, title="A lamp")
    shop = build_shop([product], tmp_path / "s", source={}, tagger=WordTagger())
    client = client_of(Service(shop, {"rule": Rule(choose_options=False)}, store))
    quoted = quote(asin, safe="").replace("..", "%2E%2E")
    assert client.get(f"/products/{quoted}").json()["asin"] == asin
    answer = client.post("/recommend", json={"request": "lamp"}).json()
    assert [item["asin"] for item in answer["items"]] == [asin]


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_texts_that_are_none(client, text):
    response = client.post("/recommend", json={"request": text})
    assert response.status_code == 422
    error = error_of(response)
    assert error["field"] == "request"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "request"),
        ({"request": 5}, "request"),
        ({"request": "x", "count": "5"}, "count"),
        ({"request": "x", "count": 0}, "count"),
        ({"request": "x", "count": 21}, "count"),
        ({"request": "x", "count": True}, "count"),
        ({"request": "x", "price_limit": -1}, "price_limit"),
        ({"request": "x", "price_limit": "9"}, "price_limit"),
        ({"request": "x", "price_limit": 1e300}, "price_limit"),
        ({"request": "x", "filters": {"colour": "red"}}, "filters.colour"),
        ({"request": "x", "filters": {"options": {"": "x"}}}, "filters.options..[key]"),
        ({"request": "x", "more": 1}, "more"),
        ([1], None),
        ("text", None),
        (None, None),
    ],
)
def test_bodies_that_are_not_valid(client, body, field):
    response = client.post("/recommend", json=body)
    assert response.status_code == 422
    assert error_of(response)["field"] == field


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b'{"request": "\\ud800"}', b"[" * 5000, b'{"request": NaN}',
     b'{"request": "a", "price_limit": Infinity}', b'{"request":"a","count":1e999}'],
)  # fmt: skip
def test_content_that_is_no_json_of_ours(client, content):
    response = client.post(
        "/recommend", content=content, headers={"content-type": "application/json"}
    )
    assert response.status_code == 422
    error_of(response)


def test_a_body_without_its_content_type(client):
    response = client.post("/recommend", content=b'{"request": "a lamp"}')
    assert response.status_code == 422
    assert "content-type: application/json" in error_of(response)["message"]


def test_unknown_things(client):
    unknown = error_of(client.get("/products/none"))
    assert unknown["code"] == "not_found"
    assert unknown["message"] == "asin: expected a product of this shop, got 'none'"
    assert client.get("/nowhere").status_code == 404
    error_of(client.get("/nowhere"))
    assert error_of(client.delete("/recommend"))["code"] == "method_not_allowed"
    body = {"recommendation_id": "unknown-id", "kind": "shown"}
    response = client.post("/feedback", json=body)
    assert response.status_code == 404
    body = {"recommendation_id": "unknown-id", "kind": "eaten"}
    assert client.post("/feedback", json=body).status_code == 422
    assert client.post("/visits/unknown-id/actions", json={"action": "x"}).status_code == 404
    assert client.get("/visits/unknown-id").status_code == 404
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd"):
        assert client.get(path).status_code == 404


def test_large_bodies_are_refused_declared_or_not(client):
    large = b'{"request": "' + b"x" * BODY_BYTES + b'"}'
    response = client.post("/recommend", content=large)
    assert response.status_code == 413
    assert error_of(response)["code"] == "too_large"

    def chunks():
        for _ in range(20):
            yield b"x" * 8192

    assert client.post("/recommend", content=chunks()).status_code == 413


def test_security_headers_are_on_everything(client):
    for path in ("/", "/health", "/nowhere", "/static/page.js", "/products/x"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in headers
    response = client.options(
        "/recommend",
        headers={"origin": "https://evil.test", "access-control-request-method": "POST"},
    )
    assert "access-control-allow-origin" not in response.headers


def test_a_token_where_one_is_wanted(service, client_of):
    client = client_of(service, token="sesame-öffne")
    assert client.get("/health").status_code == 200
    assert client.get("/").status_code == 200
    for headers in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic sesame"},
        {"authorization": "Bearer"},
        {"authorization": b"Bearer \xff"},
    ):
        response = client.get("/search", params={"query": "lamp"}, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        error_of(response)
    right = {"authorization": b"Bearer " + "sesame-öffne".encode()}
    assert client.get("/search", params={"query": "lamp"}, headers=right).status_code == 200
    assert client.get("/metrics").status_code == 401


def test_internal_errors_show_no_trace(client, monkeypatch, caplog):
    def fail(self, asin):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Service, "product", fail)
    with caplog.at_level(logging.CRITICAL, "shopwright.serving"):
        response = client.get("/products/x")
    assert response.status_code == 500
    assert error_of(response)["code"] == "internal"
    assert "secret" not in response.text


def test_an_agent_that_cannot_answer_is_said_without_what_it_said(client, monkeypatch, caplog):
    def fail(self, *arguments, **named):
        raise UnavailableError("openai:m@http://10.0.0.1/v1: no answer")

    monkeypatch.setattr(Service, "recommend", fail)
    response = client.post("/recommend", json={"request": "lamp"})
    assert response.status_code == 503
    assert error_of(response)["code"] == "agent_unavailable"
    assert "10.0.0.1" not in response.text
    assert [line.levelname for line in caplog.records] == ["ERROR"]
    assert "10.0.0.1" in caplog.text


def test_overload_is_answered_at_once_with_retry_after(service, client_of, monkeypatch):
    release = threading.Event()
    plain = Service.recommend

    def slow(self, *arguments, **named):
        release.wait(10)
        return plain(self, *arguments, **named)

    monkeypatch.setattr(Service, "recommend", slow)
    client = client_of(service, waiting=2)
    with client, ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(client.post, "/recommend", json={"request": "lamp"}) for _ in range(8)
        ]
        # Refused ones are answered while the others still wait.
        ended = as_completed(asked, timeout=10)
        refused = [next(ended).result() for _ in range(5)]
        release.set()
        answers = [future.result() for future in asked]
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [503] * 5
    for answer in refused:
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert error_of(answer)["code"] == "overloaded"


def test_sixteen_clients_get_what_one_gets(client, served_shop):
    requests = [served_shop.goals[number].instruction for number in range(16)]

    def ask(request: str) -> list:
        return client.post("/recommend", json={"request": request}).json()["items"]

    alone = [ask(request) for request in requests]
    with client, ThreadPoolExecutor(16) as threads:
        together = list(threads.map(ask, requests))
    assert together == alone


def test_watching_and_shopping_over_http(client, served_shop):
    episode = client.post("/watch", json={"goal": 1}).json()
    assert episode["steps"][0]["saw"]["kind"] == "index"
    assert client.post("/watch", json={}).status_code == 422
    assert client.post("/watch", json={"goal": 1, "request": "x"}).status_code == 422
    assert client.post("/watch", json={"goal": 10**8}).status_code == 404
    visit = client.post("/visits", json={"goal": 1}).json()
    path = f"/visits/{visit['visit_id']}/actions"
    visit = client.post(path, json={"action": "search[lamp]"}).json()
    assert client.get(f"/visits/{visit['visit_id']}").json() == visit
    assert visit["page"]["kind"] == "search_results"
    assert client.post(path, json={"action": "click[nothing]"}).status_code == 422
    opened = client.post(path, json={"action": visit["page"]["results"][0]["action"]}).json()
    assert opened["page"]["item"]["title"]
    bought = client.post(path, json={"action": "click[buy now]"}).json()
    assert bought["done"]
    assert 0.0 <= bought["page"]["reward"]["total"] <= 1.0


def test_the_openapi_description_has_examples(client):
    schema = client.get("/openapi.json").json()
    for path, method in (
        ("/recommend", "post"), ("/feedback", "post"), ("/watch", "post"), ("/visits", "post")
    ):  # fmt: skip
        reference = schema["paths"][path][method]["requestBody"]["content"]["application/json"]
        name = reference["schema"]["$ref"].rpartition("/")[2]
        (example,) = schema["components"]["schemas"][name]["examples"]
        assert client.post(path, json=example).status_code in (200, 404)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=8,
    ),
    st.sampled_from(["/recommend", "/feedback", "/watch", "/visits", "/visits/some-visit/actions"]),
)
def test_any_json_is_answered_in_order(client, value, path):
    try:
        content = orjson.dumps(value)
    except orjson.JSONEncodeError:
        return
    for body in (content, b'{"request": ' + content + b"}", b'{"action": ' + content + b"}"):
        response = client.post(path, content=body, headers={"content-type": "application/json"})
        assert response.status_code in (200, 404, 422)
        if response.status_code != 200:
            error_of(response)


@pytest.mark.parametrize(("trouble", "status"), [("full", 507), ("locked", 503)])
def test_a_store_that_cannot_be_written_is_said_at_once_and_recovers(
    client, store, trouble, status, caplog
):
    visit = client.post("/visits", json={"goal": 1}).json()
    path = f"/visits/{visit['visit_id']}/actions"
    visit = client.post(path, json={"action": "search[lamp]"}).json()
    client.post(path, json={"action": visit["page"]["results"][0]["action"]})
    buy = {"action": "click[buy now]"}
    other = sqlite3.connect(store.place, isolation_level=None)
    if trouble == "locked":
        other.execute("BEGIN EXCLUSIVE")
    else:
        store.database.connection.execute("PRAGMA max_page_count = 1")
        large = "x" * 2000
        asked = [client.post("/recommend", json={"request": large}) for _ in range(20)]
        assert asked[-1].status_code == 507
    caplog.clear()
    refused = client.post("/recommend", json={"request": "a " * 999})
    assert refused.status_code == status
    assert refused.headers["retry-after"] == "1"
    error_of(refused)
    assert [line.getMessage().partition(":")[0] for line in caplog.records] == [
        "nothing can be written"
    ]
    if trouble == "locked":
        assert client.post(path, json=buy).status_code == 503
        assert client.get("/health").json()["status"].startswith("cannot write: ")
        other.execute("ROLLBACK")
        assert client.post(path, json=buy).json()["done"]
        assert len(store.demonstrations()) == 1
        assert client.post(path, json=buy).status_code == 422
    else:
        store.database.connection.execute("PRAGMA max_page_count = 1000000")
    other.close()
    assert client.get("/health").json()["status"] == "ok"
    assert client.post("/recommend", json={"request": "a lamp"}).status_code == 200


def test_head_is_get_without_a_body_and_slashes_lead_nowhere_else(client):
    assert client.head("/health").status_code == 200
    assert client.head("/products/NOTHING").status_code == 404
    assert client.head("/recommend").status_code == 405
    assert client.delete("/customers/ann%2F", follow_redirects=False).status_code == 404


async def asked(app: Any, target: bytes, method: str = "GET", **headers: str) -> int:
    """The status with which a target is answered, as the server hands it over."""
    given = {"host": "own.example", **headers}
    scope = {
        "type": "http", "method": method, "path": unquote(target.decode()), "raw_path": target,
        "query_string": b"", "headers": [(k.encode(), v.encode()) for k, v in given.items()],
    }  # fmt: skip
    status = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        status.append(message.get("status"))

    await app(scope, receive, send)
    return status[0]


def test_a_whole_address_passes_the_same_guards(service):
    app = create_app(service, token="secret", hosts=["own.example"])
    statuses = [
        asyncio.run(asked(app, target, method, **headers))
        for target, method, headers in (
            (b"http://own.example/health", "HEAD", {}),
            (b"http://evil.example/health", "GET", {}),
            (b"http://own.example/traffic", "GET", {}),
            (b"http://own.example/traffic", "HEAD", {"authorization": "Bearer secret"}),
            (b"http://own.example@evil.example/health", "GET", {}),
        )
    ]
    assert statuses == [200, 421, 401, 200, 401]
    client = TestClient(app, base_url="http://own.example")
    told = client.get("/metrics", headers={"authorization": "Bearer secret"}).text
    assert 'method="GET",route="/traffic",status="200"} 1' in told


def test_a_databases_address_is_not_told(client, store, monkeypatch):
    monkeypatch.setattr(store, "place", "postgresql+psycopg://ann@db.example/shop")
    monkeypatch.setattr(type(store), "trouble", lambda _: "connection to db.example refused")
    assert client.get("/health").json()["status"] == "cannot write: the database refuses writes"


def test_a_thread_that_hangs_does_not_hold_up_the_end(service, monkeypatch):
    monkeypatch.setattr("shopwright.serving.app.CLOSING_SECONDS", 0.05)
    released, closed = threading.Event(), threading.Event()
    monkeypatch.setattr(service, "close", closed.set)

    async def ending() -> None:
        queue = AgentQueue(1)
        working = asyncio.create_task(queue.run(released.wait))
        await asyncio.sleep(0.01)
        working.cancel()
        await _close(queue, service)

    asyncio.run(ending())
    assert not closed.is_set()
    released.set()
    assert closed.wait(10.0)
