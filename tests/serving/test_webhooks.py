"""Signed events: what is wrong with one is found, and what is right counts once."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from shopwright.errors import InputError
from shopwright.serving.app import create_app
from shopwright.serving.webhooks import TOLERANCE_SECONDS, Unsigned, check, read_secrets, signature

SECRET, OLDER = b"0123456789abcdef01234567", b"a secret that is replaced"


def headers(
    body: bytes, secret: bytes = SECRET, at: float | None = None, id: str = "msg_1"
) -> dict[str, str]:
    sent = int(time.time() if at is None else at)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(sent),
        "webhook-signature": signature(secret, id, sent, body),
        "content-type": "application/json",
    }


def order(*items: dict[str, Any], type: str = "order.paid", **fields: Any) -> bytes:
    return json.dumps({"type": type, "data": {"items": items}, **fields}).encode()


@pytest.fixture
def shop_system(service):
    """Sends events; the service's own clients need a token."""
    app = create_app(service, token="sesame", webhook_secrets=(OLDER, SECRET))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def recommended(service):
    """A recommendation's id and its first item."""
    answer = service.recommend("a lamp")
    return {"recommendation_id": answer["recommendation_id"], "asin": answer["items"][0]["asin"]}


def test_the_signature_is_the_standards():
    # Of the specification's example, recomputed with openssl.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    given = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body) == given


@pytest.mark.parametrize("secret", [SECRET, OLDER])
def test_a_paid_order_is_a_purchase_and_counts_once(shop_system, service, recommended, secret):
    other = {"asin": "bought without any recommendation"}
    body = order(recommended, other, timestamp="2026-11-28T12:00:00Z")
    sent = headers(body, secret)
    first = shop_system.post("/webhooks", content=body, headers=sent)
    assert (first.status_code, first.json()["new"], first.json()["known"]) == (200, 1, 0)
    again = shop_system.post("/webhooks", content=body, headers=sent)
    assert (again.status_code, again.json()["new"], again.json()["known"]) == (200, 0, 1)
    (event,) = service.store.feedback()
    assert (event.kind, event.asin) == ("bought", recommended["asin"])
    assert service.store.counts()[0].total() == 1


def test_a_cloud_event_is_read_as_well(shop_system, recommended):
    body = order(recommended, specversion="1.0", id="1", source="/orders")
    sent = headers(body) | {"content-type": "application/cloudevents+json"}
    assert shop_system.post("/webhooks", content=body, headers=sent).json()["new"] == 1


def spoilt(body: bytes, fault: str) -> dict[str, str]:
    sent = headers(body)
    right = sent["webhook-signature"]
    if fault == "another secret":
        return headers(body, b"a secret that nobody knows")
    if fault == "another body":
        return headers(body + b" ")
    if fault == "another id":
        return sent | {"webhook-id": "msg_2"}
    if fault == "another time":
        return sent | {"webhook-timestamp": str(int(sent["webhook-timestamp"]) + 1)}
    if fault == "another scheme":
        return sent | {"webhook-signature": right.replace("v1,", "v1a,")}
    if fault == "too late":
        return headers(body, at=time.time() - TOLERANCE_SECONDS - 5)
    if fault == "too early":
        return headers(body, at=time.time() + TOLERANCE_SECONDS + 5)
    return {name: value for name, value in sent.items() if name != fault}


@pytest.mark.parametrize(
    "fault",
    [
        "another secret", "another body", "another id", "another time", "another scheme",
        "too late", "too early", "webhook-id", "webhook-timestamp", "webhook-signature",
    ],
)  # fmt: skip
def test_what_is_not_signed_now_is_refused(shop_system, service, recommended, fault):
    body = order(recommended)
    answer = shop_system.post("/webhooks", content=body, headers=spoilt(body, fault))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert service.store.feedback() == []


def test_one_of_several_signatures_is_enough():
    sent = headers(b"{}")
    sent["webhook-signature"] = f"v1,bm90aGluZw== {sent['webhook-signature']} v2,x"
    check([SECRET], sent, b"{}")
    sent["webhook-signature"] = " ".join(["v1,x"] * 50)
    with pytest.raises(Unsigned):
        check([SECRET], sent, b"{}")


def test_an_unknown_recommendation_hides_no_known_one(shop_system, recommended):
    unknown = {"recommendation_id": "n" * 22, "asin": "B1"}
    body = order(unknown)
    answer = shop_system.post("/webhooks", content=body, headers=headers(body))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    body = order(unknown, recommended, recommended | {"asin": "never recommended"})
    record = shop_system.post("/webhooks", content=body, headers=headers(body)).json()
    assert record["new"] == 1
    assert [problem.partition(":")[0] for problem in record["problems"]] == [
        "data.items.0.recommendation_id", "data.items.2.asin",
    ]  # fmt: skip


def test_events_of_other_types_are_ignored(shop_system, recommended):
    body = order(recommended, type="order.created")
    record = shop_system.post("/webhooks", content=body, headers=headers(body)).json()
    assert record["ignored"]
    assert record["new"] == 0


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"type": 3}', order(type=""), b'{"type": "order.paid"}', b"\xff"]
)
def test_what_is_no_event_is_invalid(shop_system, body):
    answer = shop_system.post("/webhooks", content=body, headers=headers(body))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_without_a_secret_there_are_no_webhooks(client, recommended):
    body = order(recommended)
    assert client.post("/webhooks", content=body, headers=headers(body)).status_code == 404


def test_secrets_are_read_and_their_faults_named_without_them():
    texts = [f"whsec_{base64.b64encode(each).decode()}" for each in (SECRET, OLDER)]
    assert read_secrets(" ".join(texts)) == (SECRET, OLDER)
    assert read_secrets("") == ()
    for wrong in ("sesame", "whsec_c2hvcnQ=", "whsec_no base64!", texts[0].removeprefix("whsec_")):
        with pytest.raises(InputError, match="webhook secret") as raised:
            read_secrets(wrong)
        assert wrong not in str(raised.value)
