"""WebShop's site, read as ReAct's notebook reads it, and by its links."""

from __future__ import annotations

import random
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httpx")

from starlette.testclient import TestClient

from shopwright.cli import main
from shopwright.errors import InputError
from shopwright.serving import running
from shopwright.serving.webshop_site import create_site
from shopwright.shop.shop import Shop

Vectors = Callable[[str], list[dict[str, Any]]]


class Texts(HTMLParser):
    """A page's visible texts with tag and class around each, and its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[tuple[str, str, str]] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._open: list[tuple[str, str]] = [("", "")]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in ("img", "input", "meta", "br"):
            self._open.append((tag, attributes.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open[-1][0] not in ("title", "script"):
            self.texts.append((data, *self._open[-1]))


class ReActEnvironment:
    """What ReAct's notebook does for an action: an address, fetched, and the texts read."""

    def __init__(self, client: TestClient) -> None:
        self._client = client
        self.place: dict[str, Any] = {}

    def step(self, session: str, action: str) -> str:
        name, _, words = action.rstrip("]").partition("[")
        place = self.place
        if name == "reset":
            place = {"kind": "init"}
        elif name == "search":
            place = {"kind": "search", "query": words, "number": 1}
        elif words == "Buy Now":
            place["kind"] = "end"
        elif words == "Back to Search":
            place = {"kind": "init"}
        elif words == "< Prev":
            place["kind"] = "item" if place["kind"] == "sub" else "search"
        elif words in ("Description", "Features", "Reviews", "Attributes"):
            place.update(kind="sub", subpage=words)
        elif place["kind"] == "search":
            assert words in place["asins"]
            place.update(kind="item", asin=words, options={})
        else:
            place["options"] = {**place["options"], place["groups"][words]: words}
        self.place = place
        return self._read(session)

    def _read(self, session: str) -> str:
        place = self.place
        item = "{asin}/{query}/{number}".format(**{"asin": "", "query": "", "number": 1, **place})
        options = place.get("options", {})
        path = {
            "init": f"/{session}",
            "search": f"/search_results/{session}/{place.get('query')}/{place.get('number')}",
            "item": f"/item_page/{session}/{item}/{options}",
            "sub": f"/item_sub_page/{session}/{item}/{place.get('subpage')}/{options}",
            "end": f"/done/{session}/{place.get('asin')}/{options}",
        }[place["kind"]]
        response = self._client.get(path)
        assert response.status_code == 200, response.text
        shown, group, groups, asins = [], "", {}, []
        for text, tag, style in Texts(response.text).texts:
            if tag == "button":
                shown.append(f"[{text}]")
            elif tag == "label":
                groups[text] = group
                shown.append(f"[[{text}]]" if f"'{text}'" in path else f"[{text}]")
            elif style == "product-link":
                asins.append(text)
                shown.append(f"[{text}]")
            else:
                group = text
                shown.append(text)
        if place["kind"] == "end":
            place["reward"] = float(shown[shown.index("Your score (min 0.0, max 1.0)") + 1])
        found = {"groups": groups, "asins": asins}
        place.update({name: value for name, value in found.items() if value})
        return "\n".join(shown)


@pytest.fixture
def client(small_shop: Shop) -> TestClient:
    return TestClient(create_site(small_shop))


def test_react(client: TestClient, small_shop: Shop) -> None:
    (goal,) = small_shop.goals.human
    env = ReActEnvironment(client)
    page = env.step("fixed_0", "reset")
    assert page == f"WebShop\nInstruction: \n{goal.instruction}\n[Search]"
    page = env.step("fixed_0", "search[desk lamp]")
    assert page.splitlines()[:5] == [
        "Instruction:", goal.instruction, "[Back to Search]", "Page 1 (Total results: 1)",
        "[Next >]",
    ]  # fmt: skip
    page = env.step("fixed_0", "click[LAMP000001]")
    assert 'length\n[52" long]' in page
    assert "Price: $12.99\nRating: N.A.\n[Description]\n[Features]\n[Reviews]\n[Buy Now]" in page
    assert "[[us]]" in env.step("fixed_0", "click[us]")
    assert "[Back to Search]\n[< Prev]\nA lamp & a" in env.step("fixed_0", "click[Description]")
    assert "[[us]]" in env.step("fixed_0", "click[< Prev]")
    env.step("fixed_0", 'click[52" long]')
    assert env.place["options"] == {"plug": "us", "length": '52" long'}
    env.step("fixed_0", "click[Buy Now]")
    assert env.place["reward"] == 1.0


def test_fixed_sessions_are_the_goals_that_people_wrote(
    webshop_shop: Shop, vectors: Vectors
) -> None:
    client = TestClient(create_site(webshop_shop))
    for vector in vectors("goals_human"):
        page = client.get(f"/fixed_{vector['idx']}").text
        assert (vector["instruction_text"], "h4", "") in Texts(page).texts


def test_other_sessions_draw_a_goal_as_the_original_does(small_shop: Shop) -> None:
    client = TestClient(create_site(small_shop, human_goals=False))
    generator = random.Random(233)
    goals = list(small_shop.goals)
    generator.shuffle(list(goals))
    for name in ("abc", "def", "ghi"):
        (goal,) = generator.choices(goals, [goal.weight for goal in goals])
        for _ in range(2):  # A name keeps its goal.
            assert (goal.instruction, "h4", "") in Texts(client.get(f"/{name}").text).texts


def test_links_lead_on(client: TestClient) -> None:
    """The search form, a product's link, an option, a text, back, and the purchase."""
    assert client.get("/").url.path == "/abc"
    page = client.post("/abc", data={"search_query": "Red Running shoes / road"})
    assert "Page 1 (Total results: 2)" in page.text

    def follow(tag: str, attribute: str, **having: str) -> Any:
        for name, attributes in Texts(page.text).elements:
            if name == tag and having.items() <= attributes.items() and attribute in attributes:
                return client.get(attributes[attribute])
        raise AssertionError(page.text)

    def submit(label: str) -> Any:
        before = page.text[: page.text.index(f">{label}</button>")]
        address = before[before.rindex('action="') + 8 :].split('"')[0]
        return client.post(address.replace("&#x27;", "'").replace("&amp;", "&"))

    page = submit("Next &gt;")
    assert "Page 2" in page.text
    page = submit("&lt; Prev")
    page = follow("a", "href")
    page = follow("input", "data-url", value="red")
    assert 'value="red" checked' in page.text
    page = submit("Features")
    assert "Breathable mesh upper" in page.text
    page = submit("&lt; Prev")
    assert 'value="red" checked' in page.text
    page = submit("&lt; Prev")
    assert "Page 1 (Total results: 2)" in page.text
    page = follow("a", "href")
    page = submit("Buy Now")
    assert "Your score (min 0.0, max 1.0)" in page.text


def test_what_is_not_there(client: TestClient, small_shop: Shop) -> None:
    assert client.get("/search_results/unknown/shoes/1").status_code == 404
    client.get("/abc")
    assert client.get("/item_page/abc/NOTHING/shoes/1/{}").status_code == 404
    assert client.get("/item_page/abc/SHOE000001/shoes/1/{x").status_code == 400
    assert client.get("/done/abc/SHOE000001/7").status_code == 400
    assert client.get("/item_sub_page/abc/SHOE000001/shoes/1/Other/{}").status_code == 404
    assert client.get("/search_results/abc/[1]/1").status_code == 400
    assert "fixed_0 to fixed_0" in client.get("/fixed_9").text
    empty = TestClient(create_site(small_shop, human_goals=False))
    assert empty.get("/fixed_13").status_code == 200


def test_special_searches_are_those_of_lists(client: TestClient) -> None:
    client.get("/abc")
    in_garden = client.get("/search_results/abc/['<c>', 'garden']/1").text
    assert "Total results: 1" in in_garden
    assert "Total results: 0" in client.get("/search_results/abc/<c> garden/1").text
    assert "Total results: 5" in client.get("/search_results/abc/<r>/1").text


def test_a_shop_without_peoples_requests(tiny_shop: Shop) -> None:
    with pytest.raises(InputError, match="requests that people wrote"):
        create_site(tiny_shop)


def shown(app: Any, path: str) -> str:
    return unescape(TestClient(app, base_url="http://localhost").get(path).text)


def test_the_verb_serves_the_site(
    small_shop: Shop, tiny_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Any] = []
    monkeypatch.setattr(running, "serve", lambda app, *_: served.append(app))
    shop = ["serve", "--port", "0", "--shop", str(small_shop.folder)]
    assert main([*shop, "--webshop-site"]) == 0
    assert small_shop.goals.human[0].instruction in shown(served[0], "/fixed_0")
    assert main([*shop, "--webshop-site", "--site-goals", "synthetic"]) == 0
    assert small_shop.goals[3].instruction in shown(served[1], "/fixed_3")
    assert main(shop) == 2  # Neither an agent nor the site.
    assert main([*shop, "--webshop-site", "--agent", "rule"]) == 2
    assert main(["serve", "--shop", str(tiny_shop.folder), "--webshop-site"]) == 2
    assert len(served) == 2
