"""The list behind the page over HTTP: narrowed, sorted, gone through, by an agent of choice; the
pictures and examples beside it."""

from __future__ import annotations

from shopwright.catalogue.product import Product
from shopwright.serving.examples import example_requests
from shopwright.serving.fetching import Picture, Unfetched
from shopwright.serving.pictures import Pictures
from shopwright.serving.service import Service
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop

SOFT = {"request": "something soft", "count": 20}


def asked(client, **view):
    answer = client.post("/recommend", json={**SOFT, "view": {"facets": True, **view}})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_list_without_facets_is_as_before(client):
    record = client.post("/recommend", json=SOFT).json()
    assert record["facets"] == []
    assert record["total"] >= len(record["items"])


def test_narrowed_by_a_facet_the_count_is_what_is_left(client):
    whole = asked(client)
    assert len(whole["facets"]) >= 2
    for facet in whole["facets"]:
        value = facet["values"][0]
        narrow = {name: facet[name] for name in ("facet", "group")}
        left = asked(client, narrow=[{**narrow, "values": [value["value"]]}])
        assert left["total"] == value["count"], facet
        (same,) = [each for each in left["facets"] if (each["facet"], each["group"]) == (
            facet["facet"], facet["group"])]  # fmt: skip
        assert [each["value"] for each in same["values"] if each["chosen"]] == [value["value"]]


def test_sorted_by_price_and_gone_through(client):
    record = asked(client, sort="cheapest")
    prices = [float(item["price"].removeprefix("$").split()[0]) for item in record["items"]]
    assert prices == sorted(prices)
    following = asked(client, sort="cheapest", offset=1)
    assert [item["asin"] for item in following["items"][:5]] == [
        item["asin"] for item in record["items"][1:6]
    ]
    assert asked(client, offset=10_000)["items"] == []


def test_what_is_looked_at_is_logged(two_agents, client_of, store):
    client = client_of(two_agents)
    body = {**SOFT, "agent": "rule", "view": {"sort": "dearest"}}
    assert {client.post("/recommend", json=body).json()["agent"] for _ in range(5)} == {"rule"}
    logged = next(store.recommendations())
    assert logged.settings["view"] == {"sort": "dearest"}
    assert logged.propensities == {"rule": 1.0}
    assert client.post("/recommend", json={**SOFT, "agent": "other"}).status_code == 404


def test_examples_can_be_fulfilled(client, served_shop):
    requests = client.get("/examples").json()["requests"]
    assert len(set(requests)) == 4
    assert requests == example_requests(served_shop.catalogue)
    for request in requests:
        record = client.post("/recommend", json={"request": request}).json()
        assert record["items"], request
        assert not record["nothing_fits"], request


async def fetch(address: str) -> Picture:
    if "gone" in address:
        raise Unfetched("gone")
    return Picture("image/png", b"picture")


def pictured(tmp_path, store, *, secret: str = "") -> Service:
    from shopwright.agents.rules import RulePage

    products = [
        Product(asin="A/1", title="red lamp", image="https://a.example/1"),
        Product(asin="B2", title="blue lamp", image="https://a.example/gone"),
        Product(asin="C3", title="green lamp"),
    ]
    shop = build_shop(products, tmp_path / "shop", source={}, tagger=WordTagger())
    shown = Pictures(secret=secret, fetch=fetch)
    return Service(shop, {"rule-page": RulePage()}, store, pictures=shown)


def test_pictures_come_from_the_service_alone(tmp_path, store, client_of):
    client = client_of(pictured(tmp_path, store))
    items = client.post("/recommend", json={**SOFT, "request": "a lamp"}).json()["items"]
    paths = {item["asin"]: item["picture"] for item in items}
    assert paths == {"A/1": "/pictures?asin=A%2F1", "B2": "/pictures?asin=B2", "C3": ""}
    shown = client.get(paths["A/1"])
    assert (shown.status_code, shown.content) == (200, b"picture")
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "max-age" in shown.headers["cache-control"]
    assert client.get(paths["B2"]).status_code == 404
    assert client.get("/pictures?asin=C3").status_code == 404
    assert client.get("/pictures?asin=other").status_code == 404
    assert client.get("/products/A/1").json()["picture"] == paths["A/1"]


def test_with_a_token_only_who_saw_a_product_sees_its_picture(tmp_path, store, client_of):
    client = client_of(pictured(tmp_path, store, secret="sesame"), token="sesame")
    bearer = {"authorization": "Bearer sesame"}
    path = client.get("/products/A/1", headers=bearer).json()["picture"]
    assert client.get(path).status_code == 200
    assert client.get(path.partition("&key=")[0]).status_code == 404


def test_no_pictures_unless_they_are_asked_for(client):
    assert client.post("/recommend", json=SOFT).json()["items"][0]["picture"] == ""
    assert client.get("/pictures?asin=A").status_code == 404
