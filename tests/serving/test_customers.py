"""What the service knows of customers who say who they are, and forgets."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwright.store.customers import deeds_of

REQUEST = "something warm in red"


def second_of(service) -> str:
    """The product that everybody gets in second place."""
    return service.recommend(REQUEST)["items"][1]["asin"]


def answer(service, customer_id: str | None) -> list[tuple[str, float]]:
    items = service.recommend(REQUEST, customer_id=customer_id)["items"]
    return [(item["asin"], item["score"]) for item in items]


def do(service, customer_id: str, kind: str, asin: str | None) -> None:
    record = service.recommend(REQUEST, customer_id=customer_id)
    service.feedback(record["recommendation_id"], kind, asin)


def test_what_a_customer_did_counts_for_them_alone(service):
    before, asin = answer(service, None), second_of(service)
    assert answer(service, "ann") == before
    do(service, "ann", "bought", asin)
    mine = dict(answer(service, "ann"))
    assert mine[asin] > dict(before)[asin]
    assert answer(service, "bob") == before
    assert answer(service, None) == before
    do(service, "bob", "dismissed", asin)
    assert dict(answer(service, "bob")).get(asin, 0.0) < dict(before)[asin]
    assert dict(answer(service, "ann")) == pytest.approx(mine, rel=1e-4)


def test_what_is_dismissed_as_a_whole_is_dismissed_item_by_item(service, store):
    record = service.recommend(REQUEST, customer_id="ann")
    service.feedback(record["recommendation_id"], "dismissed", None)
    deeds = deeds_of(store.database, "ann")
    assert {asin for _, asin, _ in deeds} == {item["asin"] for item in record["items"]}
    assert {kind for kind, _, _ in deeds} == {"dismissed"}


def test_a_deleted_customer_is_nowhere(client, service, store):
    before, asin = answer(service, None), second_of(service)
    do(service, "ann", "bought", asin)
    do(service, "bob", "clicked", asin)
    kept = {each.id for each in store.recommendations()}
    gone = client.delete("/customers/ann")
    assert gone.status_code == 200
    assert gone.json() == {
        "customer_id": "ann", "recommendations_deleted": 1, "feedback_deleted": 1,
    }  # fmt: skip
    # Exports and reports read these.
    assert len(kept - {each.id for each in store.recommendations()}) == 1
    assert {each.kind for each in store.feedback()} == {"clicked"}
    assert store.counts()[0].total() == 0
    assert answer(service, "ann") == before
    assert client.delete("/customers/stranger").json()["recommendations_deleted"] == 0


def test_nothing_of_a_deleted_customer_stays_in_the_file(client, store):
    words = "an unmistakable chartreuse accordion"
    asked = client.post("/recommend", json={"request": words, "customer_id": "ann-4711"})
    assert asked.status_code == 200
    client.delete("/customers/ann-4711")
    files = list(Path(store.place).parent.glob(f"{Path(store.place).name}*"))
    assert len(files) > 1  # The store is open: its log lies beside it.
    for file in files:
        content = file.read_bytes()
        assert b"chartreuse" not in content
        assert b"ann-4711" not in content


def test_customers_have_plain_names(client):
    for bad in ("", "a/b", "a b", "x" * 201, "é"):
        body = {"request": REQUEST, "customer_id": bad}
        assert client.post("/recommend", json=body).status_code == 422
    told = client.post("/recommend", json={"request": REQUEST, "customer_id": "a b"}).json()
    assert told["error"]["message"].startswith("expected letters, digits and . _ @ + -")
    good = {"request": REQUEST, "customer_id": "ann@example.org"}
    assert client.post("/recommend", json=good).status_code == 200
    assert client.delete("/customers/ann@example.org").json()["recommendations_deleted"] == 1
