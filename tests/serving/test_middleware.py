"""Each middleware alone, around the smallest application."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import unquote

import pytest

pytest.importorskip("prometheus_client", reason="needs pip install 'shopwright[serve]'")

from shopwright.serving.metrics import Metrics
from shopwright.serving.middleware import (
    BODY_BYTES,
    SECURITY_HEADERS,
    AddSecurityHeaders,
    CountRequests,
    HideFailures,
    LimitBody,
    LimitLoad,
    NameRequests,
    ReadTargets,
    RequireToken,
)
from shopwright.serving.origins import CheckHost, RefuseForeignWrites


class Answer:
    """What a client got."""

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        assert [message["type"] for message in sent] == [
            "http.response.start",
            "http.response.body",
        ]
        self.status = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.body = sent[1]["body"]

    @property
    def code(self) -> str:
        return json.loads(self.body)["error"]["code"]


async def read_and_answer(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


async def ask(app, path="/search", headers=(), chunks=(b"",), method="GET") -> Answer:
    coming = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, start=1)
    ]
    sent: list[dict[str, Any]] = []

    async def receive():
        return coming.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    await app(scope, receive, send)
    return Answer(sent)


def answer_of(app, **request) -> Answer:
    return asyncio.run(ask(app, **request))


def test_a_body_of_the_largest_size_passes_and_one_more_byte_does_not():
    app = LimitBody(read_and_answer)
    halves = (b"x" * (BODY_BYTES // 2), b"x" * (BODY_BYTES // 2))
    assert answer_of(app, chunks=halves).status == 200
    refused = answer_of(app, chunks=(*halves, b"x"))
    assert (refused.status, refused.code) == (413, "too_large")


@pytest.mark.parametrize("length", [str(BODY_BYTES + 1), "9" * 5000])
def test_a_declared_length_that_is_too_large_is_refused_unread(length):
    async def never(scope, receive, send):
        raise AssertionError("the application was called")

    headers = [(b"content-length", length.encode())]
    assert answer_of(LimitBody(never), headers=headers).status == 413


def test_the_size_limit_replaces_the_answer_of_an_application_that_hides_the_error():
    async def hiding(scope, receive, send):
        try:
            await read_and_answer(scope, receive, send)
        except Exception:
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b"cannot be parsed"})

    assert answer_of(LimitBody(hiding), chunks=(b"x" * (BODY_BYTES + 1),)).status == 413


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/search", b"Bearer sesame", 200),
        ("/search", b"bearer  sesame ", 200),
        ("/search", b"Bearer sesam", 401),
        ("/search", b"Basic sesame", 401),
        ("/search", b"", 401),
        ("/", b"", 200),
        ("/health", b"", 200),
        ("/static/page.js", b"", 200),
        ("/healthy", b"", 401),
    ],
)
def test_the_token_is_asked_for_all_but_public_paths(path, header, status):
    app = RequireToken(read_and_answer, token="sesame")
    answer = answer_of(app, path=path, headers=[(b"authorization", header)])
    assert answer.status == status
    assert ("www-authenticate" in answer.headers) is (status == 401)


def test_requests_beyond_the_limit_are_refused_until_one_has_ended():
    metrics = Metrics()

    async def run():
        entered, release = asyncio.Event(), asyncio.Event()

        async def waiting(scope, receive, send):
            entered.set()
            await release.wait()
            await read_and_answer(scope, receive, send)

        app = LimitLoad(waiting, requests_at_once=1, metrics=metrics)
        first = asyncio.create_task(ask(app))
        await entered.wait()
        refused = await ask(app)
        health = asyncio.create_task(ask(app, path="/health"))
        release.set()
        return await first, refused, await health, await ask(app)

    first, refused, health, later = asyncio.run(run())
    assert [first.status, refused.status, health.status, later.status] == [200, 503, 200, 200]
    assert refused.headers["retry-after"] == "1"
    assert b"shopwright_overloads_total 1.0" in metrics.text({})


def test_a_place_is_free_again_after_a_failure():
    async def failing(scope, receive, send):
        raise RuntimeError

    app = HideFailures(LimitLoad(failing, requests_at_once=1, metrics=Metrics()))
    assert [answer_of(app).status for _ in range(2)] == [500, 500]


def test_failures_are_answered_without_their_details_and_logged(caplog):
    async def failing(scope, receive, send):
        raise RuntimeError("secret detail")

    answer = answer_of(HideFailures(failing))
    assert (answer.status, answer.code) == (500, "internal")
    assert b"secret" not in answer.body
    assert "secret detail" in caplog.text


def test_security_headers_are_added_but_never_twice():
    async def answering(scope, receive, send):
        headers = [(b"cache-control", b"max-age=60")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = answer_of(AddSecurityHeaders(answering))
    assert answer.headers["cache-control"] == "max-age=60"
    assert set(answer.headers) == set(SECURITY_HEADERS)


def test_requests_are_counted_by_known_methods_routes_and_status():
    metrics = Metrics()
    answer_of(CountRequests(read_and_answer, metrics=metrics))
    metrics.observe("BREW", "/search", 418, 0.3)
    metrics.feedback.labels("bought").inc()
    text = metrics.text({"visits": 2, "agent_propensity": {'a"b': 0.5}}).decode()
    for line in (
        'shopwright_requests_total{method="GET",route="other",status="200"} 1.0',
        'shopwright_requests_total{method="other",route="/search",status="418"} 1.0',
        'shopwright_request_seconds_bucket{le="0.4",route="/search"} 1.0',
        'shopwright_request_seconds_bucket{le="0.2",route="/search"} 0.0',
        'shopwright_feedback_total{kind="bought"} 1.0',
        "shopwright_visits 2.0",
        'shopwright_agent_propensity{agent="a\\"b"} 0.5',
    ):
        assert line in text.splitlines()


def test_what_is_no_http_request_passes_through():
    async def starting(scope, receive, send):
        await send({"type": "lifespan.startup.complete"})

    sent = []

    async def send(message):
        sent.append(message)

    app = HideFailures(LimitBody(RequireToken(starting, token="x")))
    asyncio.run(app({"type": "lifespan"}, None, send))
    assert sent == [{"type": "lifespan.startup.complete"}]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"localhost:8000", 200),
        (b"127.0.0.1:8000", 200),
        (b"[::1]:8000", 200),
        (b"Shop.example", 200),
        (b"a.shops.example:80", 200),
        (b"shops.example.evil.test", 421),
        (b"evil.test:8000", 421),
        (b"127.0.0.1.evil.test", 421),
        (b"[::1", 421),
        (b"", 421),
    ],
)
def test_only_hosts_that_are_served_are_answered(host, status):
    app = CheckHost(read_and_answer, hosts=("shop.example", "*.shops.example"))
    answer = answer_of(app, headers=[(b"host", host)])
    assert answer.status == status
    assert b"evil" not in answer.body
    assert answer_of(CheckHost(read_and_answer, hosts=("*",))).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({b"sec-fetch-site": b"same-origin"}, 200),
        ({b"sec-fetch-site": b"none"}, 200),
        ({b"sec-fetch-site": b"same-site"}, 403),
        ({b"sec-fetch-site": b"cross-site"}, 403),
        ({b"origin": b"http://localhost:8000"}, 200),
        ({b"origin": b"http://localhost:9000"}, 403),
        ({b"origin": b"https://evil.test"}, 403),
        ({b"origin": b"null"}, 403),
    ],
)
def test_pages_of_other_origins_cannot_write(headers, status):
    app = RefuseForeignWrites(read_and_answer)
    sent = [(b"host", b"localhost:8000"), *headers.items()]
    assert answer_of(app, method="POST", headers=sent).status == status
    assert answer_of(app, headers=sent).status == 200


def test_answers_and_the_log_name_the_request(caplog):
    app = NameRequests(RequireToken(read_and_answer, token="sesame"), log=True)
    with caplog.at_level(logging.INFO):
        named = answer_of(app, path="/a\nb", headers=[(b"x-request-id", b"order-7")])
        forged = answer_of(app, headers=[(b"x-request-id", b"a b\n")])
    assert named.headers["x-request-id"] == "order-7"
    assert len(forged.headers["x-request-id"]) == 16
    refused, answered, *_ = (record.getMessage() for record in caplog.records)
    assert refused == r"GET '/a\nb' of unknown: no valid token [order-7]"
    assert answered.startswith(r"unknown GET '/a\nb' 401 ")
    assert answered.endswith("[order-7]")


@pytest.mark.parametrize(
    ("target", "path", "host"),
    [
        (b"/search", "/search", "own.example"),
        (b"http://other.example:80/a%20b", "/a b", "other.example:80"),
        (b"HTTPS://other.example", "/", "other.example"),
        (b"/http://other.example/", "/http://other.example/", "own.example"),
    ],
)
def test_a_whole_address_counts_as_its_path_and_host(target, path, host):
    seen = {}

    async def look(scope, receive, send):
        ((_, named),) = scope["headers"]
        seen.update(scope, host=named.decode())
        await read_and_answer(scope, receive, send)

    async def asking():
        scope = {
            "type": "http", "method": "HEAD", "path": unquote(target.decode()), "raw_path": target,
            "headers": [(b"host", b"own.example")],
        }  # fmt: skip
        sent = []

        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            sent.append(message)

        await ReadTargets(look)(scope, receive, send)
        assert scope["method"] == "HEAD"  # The server leaves the body out.

    asyncio.run(asking())
    assert (seen["path"], seen["host"], seen["method"]) == (path, host, "GET")


def test_who_leaves_before_the_end_is_no_failure_of_the_service():
    metrics = Metrics()

    async def asking():
        async def receive():
            return {"type": "http.disconnect"}

        async def send(message):
            raise AssertionError(message)

        scope = {"type": "http", "method": "POST", "path": "/recommend", "headers": []}
        await CountRequests(LimitBody(read_and_answer), metrics=metrics)(scope, receive, send)

    asyncio.run(asking())
    assert b'status="499"} 1.0' in metrics.text({})
    assert b'status="500"' not in metrics.text({})
