"""The search box in another origin's page: who may ask, and that it works in a browser."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from shopwright.agents.rules import Rule
from shopwright.catalogue.product import Product
from shopwright.errors import InputError
from shopwright.serving.app import create_app
from shopwright.serving.origins import check_origin
from shopwright.serving.service import Service
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.store.store import Store

from hostile import HOSTILE  # isort: skip
from running import Running  # isort: skip

REPOSITORY = Path(__file__).resolve().parents[2]
SCREENSHOTS = REPOSITORY / "build" / "screenshots"
EXAMPLE = REPOSITORY / "examples" / "embed" / "index.html"
SHOP = "https://shop.example"


@pytest.fixture
def embedded(service):
    """A client of a service that a shop's pages may embed."""
    return TestClient(create_app(service, token="sesame", origins=(SHOP,)))


def ask(client, origin=SHOP, path="/recommend", body=None):
    headers = {"origin": origin, "sec-fetch-site": "cross-site"}
    return client.post(path, json=body or {"request": "a lamp"}, headers=headers)


def test_a_shops_page_may_ask_and_tell_without_a_token(embedded):
    preflight = embedded.options(
        "/recommend",
        headers={
            "origin": SHOP,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == SHOP
    assert preflight.headers["access-control-allow-headers"] == "content-type"
    answer = ask(embedded)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["vary"] == "origin"
    assert "access-control-allow-credentials" not in answer.headers
    shown = {"recommendation_id": answer.json()["recommendation_id"], "kind": "shown"}
    assert ask(embedded, path="/feedback", body=shown).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null",
     "https://shop.example:444", "HTTPS://SHOP.EXAMPLE/", ""],
)  # fmt: skip
def test_other_pages_may_not(embedded, origin):
    answer = ask(embedded, origin)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_shops_page_may_do_nothing_else(embedded):
    for path in ("/watch", "/visits", "/mcp"):
        assert ask(embedded, path=path).status_code == 403
    patched = embedded.patch("/products", json={}, headers={"origin": SHOP})
    assert patched.status_code == 403
    searched = embedded.get("/search?query=lamp", headers={"origin": SHOP})
    assert searched.status_code == 401
    assert "access-control-allow-origin" not in searched.headers


def test_errors_can_be_read_by_the_page_too(embedded):
    answer = ask(embedded, body={"request": ""})
    assert answer.status_code == 422
    assert answer.headers["access-control-allow-origin"] == SHOP


def test_the_script_may_be_loaded_by_any_page(embedded, client):
    script = embedded.get("/embed.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "innerHTML" not in script.text
    assert client.get("/embed.js").status_code == 404


def test_without_origins_no_page_may_ask(client):
    assert ask(client).status_code == 403


@pytest.mark.parametrize(
    "text",
    ["*", "shop.example", "https://", "https://shop.example/", "https://a@shop.example", "ftp://a",
     "https://shop.example:x", "https://shop.example?", "null"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(InputError, match="expected origins"):
        check_origin(text)


def test_origins_are_written_as_browsers_do():
    assert check_origin("HTTPS://Shop.Example:8443") == "https://shop.example:8443"


class Pages:
    """Somebody's shop: a folder of pages on a port of its own.

    Attributes:
        origin: where it answers.
    """

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(QuietHandler, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A handler that says nothing of its requests."""

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def shop_page(browser, service, tmp_path):
    """The example page in a tab, the service behind it, and what went wrong."""
    pages = Pages(tmp_path)
    running = Running(service, origins=(pages.origin,), token="sesame")
    page = EXAMPLE.read_text().replace("http://127.0.0.1:8000", running.address)
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "favicon.ico").touch()  # A browser asks for it.
    context = browser.new_context(viewport={"width": 900, "height": 700})
    tab = context.new_page()
    faults: list[str] = []
    tab.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(pages.origin)
    yield tab
    context.close()
    running.end()
    pages.end()
    assert not faults, faults


@pytest.mark.slow
def test_the_example_page_searches_and_its_checkout_knows_the_recommendation(
    shop_page, service, served_shop
):
    box = shop_page.get_by_role("searchbox", name="What are you looking for?")
    box.fill(served_shop.goals[0].instruction)
    box.press("Enter")
    items = shop_page.locator("shopwright-search li")
    items.first.wait_for()
    assert box.evaluate("element => element.getRootNode().activeElement === element")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    shop_page.screenshot(path=SCREENSHOTS / "embed.png", full_page=True)
    link = items.first.get_by_role("link")
    asin = link.get_attribute("href").removeprefix("/products/")
    link.click(modifiers=["Control"])
    id = shop_page.evaluate("(asin) => shopwright.recommendationOf(asin)", asin)
    assert asin in service.store.recommendation(id).items
    shop_page.wait_for_timeout(300)
    assert {event.kind for event in service.store.feedback()} == {"shown", "clicked"}


@pytest.mark.slow
def test_a_page_of_another_origin_gets_nothing(browser, service, tmp_path):
    pages, running = Pages(tmp_path), Running(service, origins=(SHOP,))
    page = EXAMPLE.read_text().replace("http://127.0.0.1:8000", running.address)
    (tmp_path / "index.html").write_text(page)
    tab = browser.new_page()
    tab.goto(pages.origin)
    tab.get_by_role("searchbox").fill("a lamp")
    tab.get_by_role("button", name="Search").click()
    tab.get_by_text("does not answer now").wait_for()
    assert service.store.size() == 0
    tab.close()
    running.end()
    pages.end()


@pytest.mark.slow
def test_texts_of_the_catalogue_stay_texts(browser, tmp_path):
    products = [
        Product(
            asin=f"H{number}",
            title=f"lamp {text}",
            query="lamps",
            options={f"finish {text}"[:60].lower(): (text.lower(),)},
            category=text,
        )
        for number, text in enumerate(HOSTILE[:60])
    ]
    built = build_shop(products, tmp_path / "shop", source={"kind": "t"}, tagger=WordTagger())
    service = Service(
        built, {"rule": Rule(choose_options=True)}, Store(tmp_path / "f.sqlite", "shop")
    )
    (tmp_path / "pages").mkdir()
    pages = Pages(tmp_path / "pages")
    running = Running(service, origins=(pages.origin,))
    (tmp_path / "pages" / "index.html").write_text(
        f'<script src="{running.address}/embed.js"></script>'
        '<shopwright-search request="lamp" count="20"></shopwright-search>'
    )
    tab = browser.new_page()
    faults: list[str] = []
    tab.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    tab.goto(pages.origin)
    tab.locator("shopwright-search li").first.wait_for()
    count = tab.locator("shopwright-search").evaluate(
        "element => element.shadowRoot.querySelectorAll('script, img, svg, iframe, object').length"
    )
    tab.close()
    running.end()
    pages.end()
    assert (count, faults) == (0, [])
