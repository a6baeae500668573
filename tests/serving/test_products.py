"""Products changed over HTTP: they show at once, whole, and in one generation at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from shopwright.agents.rules import Rule
from shopwright.catalogue.generate import generate_products
from shopwright.serving.service import Service
from shopwright.shop.compact import compact_shop
from shopwright.shop.living import LivingShop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.store.store import Store

EUROS = {"amount": 5, "currency": "EUR"}
PRODUCTS = list(generate_products(40, seed=6))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return build_shop(PRODUCTS, tmp_path / "shop", source={}, tagger=WordTagger())


@pytest.fixture
def client(shop: Shop, store: Store, client_of: Callable[..., TestClient]) -> TestClient:
    return client_of(Service(shop, {"rule": Rule(choose_options=True)}, store))


def acp(id: str, title: str, amount: int = 1250, **fields: Any) -> dict[str, Any]:
    variant = {
        "id": f"{id}-1",
        "title": title,
        "price": {"amount": amount, "currency": "USD"},
        "availability": {"available": True, "status": "in_stock"},
        "variant_options": [{"name": "Color", "value": "Zinc"}],
    }
    return {"id": id, "title": title, "variants": [variant | fields]}


def patch(client: TestClient, *products: dict[str, Any]) -> Any:
    return client.patch("/products", json={"products": products})


def asins(client: TestClient, request: str) -> list[str]:
    answer = client.post("/recommend", json={"request": request, "count": 5}).json()
    return [item["asin"] for item in answer["items"]]


def test_a_new_product_is_found_recommended_and_shown_at_once(client, shop):
    answer = patch(client, acp("new/1", "Xyzzy Desk Gadget"))
    assert answer.status_code == 200
    expected = {"accepted": True, "new": 1, "changed": 0, "problems": [], "feed_update_id": "1"}
    assert expected.items() <= answer.json().items()
    assert asins(client, "a xyzzy gadget") == ["new/1"]
    (found,) = client.get("/search", params={"query": "xyzzy"}).json()["results"]
    assert found["price"] == "$12.50"
    assert client.get("/products/new/1").json()["options"] == {"color": ["zinc"]}
    # It is on the disk.
    assert Shop.open(shop.folder).product("new/1").title == "Xyzzy Desk Gadget"
    assert client.get("/health").json()["products"] == 41


def test_own_fields_change_and_others_stay(client):
    before = client.get(f"/products/{PRODUCTS[0].asin}").json()
    answer = patch(client, {"asin": PRODUCTS[0].asin, "price": 3.5})
    assert answer.json()["changed"] == 1
    after = client.get(f"/products/{PRODUCTS[0].asin}").json()
    assert after.pop("price") == "$3.50"
    before.pop("price")
    assert after == before
    assert patch(client, {"asin": PRODUCTS[0].asin, "price": 3.5}).json()["unchanged"] == 1


def test_a_removed_product_is_in_no_answer(client):
    gone = asins(client, "a lamp")[0]
    assert client.delete(f"/products/{gone}").json()["removed"] == 1
    assert gone not in asins(client, "a lamp")
    assert client.get(f"/products/{gone}").status_code == 404
    assert client.delete(f"/products/{gone}").status_code == 404
    assert client.delete("/products/nothing").json()["error"]["code"] == "not_found"


def test_what_is_no_longer_for_sale_is_removed(client):
    patch(client, acp("new", "Xyzzy Gadget"))
    gone = {"available": False, "status": "out_of_stock"}
    assert patch(client, acp("new", "Xyzzy Gadget", availability=gone)).json()["removed"] == 1
    assert "new" not in asins(client, "xyzzy gadget")


def test_the_feed_has_all_products_and_reads_back(client):
    lines = client.get("/feed").content.splitlines()
    assert [orjson.loads(line)["id"] for line in lines] == [p.asin for p in PRODUCTS]
    part = client.get("/feed", params={"offset": 38, "limit": 10})
    assert part.content.splitlines() == lines[38:]
    assert part.headers["x-product-count"] == "40"
    first = patch(client, *map(orjson.loads, lines)).json()
    again = patch(client, *map(orjson.loads, lines)).json()
    assert (first["problems"], again["unchanged"]) == ([], 40)


@pytest.mark.parametrize(
    ("products", "status", "message"),
    [
        ([], 422, "at least 1"),
        ([{"id": "a", "variants": []}], 422, "at least 1"),
        ([{"asin": "a", "price": -1, "title": "t"}], 422, "greater than or equal to 0"),
        ([{"asin": "a"}], 409, "expected a title"),
        ([{"asin": " ", "title": "x"}], 422, "white space"),
        (
            [acp("a", "b", price={"amount": 5, "currency": "EUR"})],
            409,
            "variants.0.price.currency: expected USD",
        ),
        ([{"asin": "a", "title": "t", "other": 1}], 422, "xtra"),
        (["x"], 422, ""),
    ],
)
def test_what_is_refused_changes_nothing(client, shop, products, status, message):
    answer = patch(client, acp("good", "Good"), *products) if products else patch(client)
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]
    assert "\n" not in answer.json()["error"]["message"]
    assert not (shop.folder / "changes.jsonl").exists()


def test_updates_may_be_large_but_not_too_large(client):
    products = [acp(f"n{n}", "Xyzzy " * 40) for n in range(200)]
    assert patch(client, *products).json()["new"] == 200
    body = b'{"products": ["' + b"x" * (9 << 20) + b'"]}'
    headers = {"content-type": "application/json"}
    assert client.patch("/products", content=body, headers=headers).status_code == 413


def test_writes_need_the_token(shop, store, client_of):
    client = client_of(Service(shop, {"rule": Rule(choose_options=False)}, store), token="sesame")
    assert patch(client, acp("a", "b")).status_code == 401
    assert client.delete(f"/products/{PRODUCTS[0].asin}").status_code == 401
    assert client.get("/feed").status_code == 401


def test_metrics_count_products(client):
    patch(client, acp("a", "b"))
    assert 'shopwright_product_updates_total{kind="new"} 1.0' in client.get("/metrics").text


def test_another_process_and_a_compaction_show(client, shop):
    other = LivingShop.open(shop.folder)
    gone = asins(client, "a lamp")[0]
    from shopwright.shop.changes import Change

    other.apply([Change(gone)], by="other")
    assert gone not in asins(client, "a lamp")
    compact_shop(shop.folder, tagger=WordTagger())
    assert patch(client, acp("new", "Xyzzy Gadget")).json()["new"] == 1
    assert asins(client, "xyzzy gadget") == ["new"]
    assert Shop.open(shop.folder).pending == {"new": 1, "changed": 0, "removed": 0}


def test_answers_beside_updates_are_of_one_generation(client):
    # Two products of one update always have the same price; no answer shows two.
    pair = ("Twin Xyzzy Left", "Twin Xyzzy Right")
    done = threading.Event()

    def update() -> None:
        for number in range(60):
            assert patch(
                client, *(acp(f"twin{n}", title, 100 + number) for n, title in enumerate(pair))
            ).is_success
        done.set()

    update_once = patch(client, *(acp(f"twin{n}", title, 99) for n, title in enumerate(pair)))
    assert update_once.is_success

    def ask(_: int) -> int:
        answers = 0
        while not done.is_set():
            answer = client.post("/recommend", json={"request": "twin xyzzy", "count": 2})
            assert answer.status_code == 200, answer.text
            prices = {item["price"] for item in answer.json()["items"]}
            found = client.get("/search", params={"query": "twin xyzzy"}).json()["results"]
            assert len(prices) == len({each["price"] for each in found[:2]}) == 1
            answers += 1
        return answers

    with ThreadPoolExecutor(5) as threads:
        asked = [threads.submit(ask, number) for number in range(4)]
        threads.submit(update).result(60)
        assert sum(future.result(60) for future in asked) > 4
