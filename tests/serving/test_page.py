"""The page in a real browser: its three views, hostile texts, accessibility, demonstrations.

Needs Debian's chromium (or SHOPWRIGHT_CHROMIUM) and playwright. Screenshots stay in
build/screenshots for a person to look at.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shopwright.agents.oracle import Oracle
from shopwright.agents.rules import Rule, RulePage
from shopwright.catalogue.product import Product
from shopwright.rollouts.records import read_trajectories
from shopwright.rollouts.rollout import roll_out
from shopwright.serving.service import Service
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.store.store import Store

from hostile import HOSTILE, ORDERS  # isort: skip
from running import Running  # isort: skip

pytestmark = pytest.mark.slow

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
AXE = "4.14.1"
AXE_INTEGRITY = (
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3N"
    "PjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def running(served_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service of the small demo shop."""
    store = Store(tmp_path_factory.mktemp("page") / "f.sqlite", "shop")
    service = Running(Service(served_shop, {"rule-page": RulePage()}, store))
    yield service
    service.end()


@pytest.fixture
def page(browser: Any, running: Running) -> Iterator[Any]:
    """A tab whose faults fail the test."""
    yield from tab(browser, running.address)


def tab(browser: Any, address: str, **settings: Any) -> Iterator[Any]:
    context = browser.new_context(**settings)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss())
    )
    opened.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(address)
            else faults.append(f"another host: {request.url}")
        ),
    )
    opened.goto(address)
    # A text to evaluate would be forbidden by the page's own policy.
    opened.locator("#about", has_text="products").wait_for(state="attached")
    yield opened
    context.close()
    assert not faults, faults


def screenshot(page: Any, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def ask(page: Any, request: str) -> None:
    page.evaluate("document.getElementById('ask-result').replaceChildren()")
    page.fill("#request", request)
    page.keyboard.press("Enter")
    page.wait_for_selector("#ask-result h2")


def details(card: Any) -> Any:
    """Opens what is known of a product, and returns the dialog."""
    card.locator(".actions button", has_text="Details").click()
    dialog = card.page.get_by_role("dialog")
    dialog.get_by_role("heading", name="Description").wait_for()
    return dialog


def test_ask_choose_and_give_feedback(page, running, served_shop):
    ask(page, served_shop.goals[0].instruction)
    assert 1 <= page.locator("#ask-result article").count() <= 12
    first = page.locator("#ask-result article").first
    dialog = details(first)
    assert dialog.locator(".reasons li").count() >= 1
    screenshot(page, "details")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Details"
    first.get_by_role("button", name="Choose this").click()
    first.get_by_role("button", name="Chosen ✓").wait_for()
    screenshot(page, "ask")
    page.get_by_role("button", name="None of these").click()
    page.get_by_role("button", name="Dismissed").wait_for()


def test_what_was_understood_can_be_changed_and_taken_away(page):
    ask(page, "a lamp under $900")
    assert page.locator("#ask-result .fits").count() >= 1
    pieces = page.get_by_role("list", name="Understood as")
    pieces.get_by_role("button", name="Change under $900").click()
    page.keyboard.press("Escape")
    pieces.get_by_role("button", name="Change under $900").click()
    pieces.get_by_label("up to").fill("0.5")
    pieces.get_by_role("button", name="Ask again").click()
    page.get_by_role("heading", name="Nothing here fits. Nearest:").wait_for()
    assert page.locator("#ask-result article").count() >= 1
    assert page.locator("#ask-result .fits").count() == 0
    screenshot(page, "nothing-fits")
    pieces.get_by_role("button", name="Remove up to 0.5").click()
    page.get_by_role("heading", name="product").wait_for()
    assert pieces.get_by_text("price").count() == 0


def shown(page: Any) -> list[str]:
    return page.locator("#ask-result .product h3").all_inner_texts()


def test_the_list_is_narrowed_sorted_and_its_address_shared(page, browser, running):
    ask(page, "something soft")
    whole = shown(page)
    box = page.get_by_role("group", name="Kind").get_by_role("checkbox").first
    count = int(box.locator("xpath=..").locator(".count").inner_text())
    box.focus()
    page.keyboard.press("Space")
    page.get_by_role("heading", name=f"{count} product").wait_for()
    # The list is another one, and the focus is where it was.
    assert page.evaluate("document.activeElement.type") == "checkbox"
    assert page.evaluate("document.activeElement.checked") is True
    page.get_by_label("Sort").focus()
    page.get_by_label("Sort").select_option("Price, low to high")
    page.wait_for_selector("#sort option[value=cheapest][selected]", state="attached")
    narrowed = shown(page)
    assert page.evaluate("document.activeElement.id") == "sort"
    other = browser.new_context().new_page()
    other.goto(page.url)
    other.get_by_role("heading", name=f"{count} product").wait_for()
    assert shown(other) == narrowed
    assert other.title().startswith("something soft")
    other.context.close()
    page.go_back()
    page.go_back()
    page.wait_for_url(lambda url: "kind=" not in url)
    assert shown(page) == whole


def test_more_of_the_list_is_shown(page):
    ask(page, "made for home and office, easy clean")
    first = len(shown(page))
    total = int(page.locator("#ask-result h2").inner_text().split()[0])
    assert total > first == 12
    page.get_by_role("button", name="Show more").click()
    page.locator("#ask-result .product").nth(first).wait_for()
    assert len(shown(page)) == min(total, 24)


def test_examples_of_the_shop_are_asked_by_a_click(page):
    example = page.locator("#examples button").first
    words = example.inner_text()
    example.click()
    page.wait_for_selector("#ask-result .product")
    assert page.input_value("#request") == words
    assert page.locator("#examples").is_hidden()


def test_a_conversation_is_had_and_its_address_shared(page):
    page.click("nav a[data-view=chat]")
    page.fill("#chat-message", "something for the home")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat-said .said.service")
    assert page.evaluate("document.activeElement.id") == "chat-message"
    page.wait_for_url(lambda url: "id=" in url)
    choice = page.locator("#chat-said .choices button").first
    if choice.count():
        words = choice.inner_text()
        choice.click()
        page.locator("#chat-said .said.you").nth(1).wait_for()
        assert page.locator("#chat-said .said.you").nth(1).inner_text().endswith(words)
        page.locator("#chat-said .said.service").nth(1).wait_for()
    screenshot(page, "chat")
    heard = page.locator("#chat-said .said.you").all_inner_texts()
    page.reload()
    page.locator("#chat-said .said.you").nth(len(heard) - 1).wait_for()
    assert page.locator("#chat-said .said.you").all_inner_texts() == heard
    page.click("#chat-new")
    page.locator("#chat-said > *").first.wait_for(state="detached")


def test_watch_an_episode(page):
    page.click("nav a[data-view=watch]")
    page.fill("#watch-goal", "3")
    page.click("#watch-form button")
    page.wait_for_selector("#watch-result .total")
    strip = page.get_by_role("list", name="Steps")
    frames = strip.get_by_role("button")
    assert frames.count() >= 3
    first = frames.first
    first.click()
    assert first.get_attribute("aria-pressed") == "true"
    page.keyboard.press("ArrowRight")
    assert frames.nth(1).get_attribute("aria-pressed") == "true"
    # Titles, no identifiers, and what is unlikely is folded away.
    assert "click[" not in page.locator("#watch-result").inner_text()
    assert page.locator("#step .bars").first.locator("li").count() >= 1
    screenshot(page, "watch")
    page.fill("#watch-request", "a lamp")
    page.click("#watch-form button")
    page.get_by_text("A request of your own has no reward").wait_for()
    page.go_back()
    page.wait_for_selector("#watch-result .total")
    assert page.input_value("#watch-goal") == "3"
    page.go_forward()
    page.get_by_text("A request of your own has no reward").wait_for()
    page.reload()
    page.get_by_text("A request of your own has no reward").wait_for()
    assert page.input_value("#watch-request") == "a lamp"
    page.click("nav a[data-view=watch]")
    page.locator("#watch-result > *").first.wait_for(state="detached")


def act(page: Any, action: str) -> None:
    """Does on the page what an action says, as a person would: by typing and clicking."""
    before = page.locator("#visit").inner_text()
    name, argument = action[:-1].split("[", 1)
    if name == "search":
        page.fill("#shop-query", argument)
        page.click("#visit form button")
    else:
        buttons = page.locator("#visit button")
        labels = [label.lower() for label in buttons.all_inner_texts()]
        if argument in labels:
            buttons.nth(labels.index(argument)).click()
        else:
            place = page.evaluate(
                "async ([asin]) => [...document.querySelectorAll('#visit .items li')]"
                ".findIndex((entry) => entry.dataset.asin.toLowerCase() === asin)",
                [argument],
            )
            page.locator("#visit .items li button").nth(place).click()
    from playwright.sync_api import expect

    expect(page.locator("#visit")).not_to_have_text(before, use_inner_text=True)


def shop_perfectly(page: Any, shop: Shop, number: int) -> None:
    page.goto(page.url.split("#")[0] + "#shop")
    page.fill("#shop-goal", str(number))
    page.click("#shop-form button")
    page.get_by_text(shop.goals[number].instruction[:40]).first.wait_for()
    for action in roll_out(Oracle(), shop, shop.goals[number]).trajectory.actions:
        act(page, action)
    page.wait_for_selector("#visit .total")
    assert page.locator("#visit .total").inner_text() == "Reward 1.00"


def test_shop_yourself(page, served_shop):
    page.click("nav a[data-view=shop]")
    page.fill("#shop-goal", "2")
    page.click("#shop-form button")
    page.wait_for_selector("#shop-query")
    page.fill("#shop-query", served_shop.goals[2].title)
    page.keyboard.press("Enter")
    page.locator("#visit .items button").first.click()
    page.get_by_role("button", name="description").click()
    page.get_by_role("button", name="< prev").click()
    page.get_by_role("button", name="features").wait_for()
    screenshot(page, "shop")
    shown = page.locator("#visit").inner_text()
    page.reload()
    page.get_by_role("button", name="features").wait_for()
    assert page.locator("#visit").inner_text() == shown
    page.go_back()
    page.locator("#visit").wait_for(state="detached")
    page.go_forward()
    page.get_by_role("button", name="features").wait_for()
    page.get_by_role("button", name="buy now").click()
    page.wait_for_selector("#visit .total")
    screenshot(page, "shop-reward")


def test_demonstrations_made_on_the_page_are_exported(browser, served_shop, tmp_path):
    from shopwright.cli import main

    path = tmp_path / "f.sqlite"
    service = Running(Service(served_shop, {"rule-page": RulePage()}, Store(path, "shop")))
    tabs = tab(browser, service.address)
    page = next(tabs)
    for number in range(3):
        shop_perfectly(page, served_shop, number)
    next(tabs, None)
    service.end()
    out = tmp_path / "demonstrations.jsonl"
    assert main(["demonstrations", "--feedback", str(path), "--out", str(out)]) == 0
    trajectories = read_trajectories(out)
    assert [t.instruction for t in trajectories] == [
        served_shop.goals[number].instruction for number in range(3)
    ]
    assert all(t.perfect and t.provenance == "human" for t in trajectories)


def test_the_keyboard_alone_is_enough(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    while page.evaluate("document.activeElement.id") != "request":
        page.keyboard.press("Tab")
    page.keyboard.type("a warm lamp")
    page.keyboard.press("Enter")
    page.wait_for_selector("#ask-result h2")
    # The focus stays where somebody types; what was found is announced.
    assert page.evaluate("document.activeElement.id") == "request"
    assert "shown" in page.locator("#status").inner_text()
    for wanted in ("Recommend", "Remove ", "Not this", "Choose this", "Details"):
        page.keyboard.press("Tab")
        while not focused(page).startswith(wanted):
            page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    assert focused(page).startswith("Details")


def focused(page: Any) -> str:
    return page.evaluate(
        "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_without_scrolling_sideways(browser, running, served_shop, scheme):
    tabs = tab(browser, running.address, viewport=PHONE, color_scheme=scheme)
    page = next(tabs)
    ask(page, served_shop.goals[1].instruction)
    for view in ("ask", "chat", "watch", "shop", "dashboard"):
        if view == "dashboard":
            page.goto(f"{running.address}/dashboard")
            page.wait_for_selector(".chart")
        elif view != "ask":
            page.click(f"nav a[data-view={view}]")
        if view == "chat":
            page.fill("#chat-message", "something for the home")
            page.keyboard.press("Enter")
            page.wait_for_selector("#chat-said .said.service")
        if view == "watch":
            page.click("#watch-form button")
            page.wait_for_selector("#watch-result .strip")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], view
        screenshot(page, f"phone-{scheme}-{view}")
    next(tabs, None)


def test_a_token_is_asked_for_and_used(browser, served_shop, tmp_path):
    store = Store(tmp_path / "f.sqlite", "shop")
    service = Running(Service(served_shop, {"rule-page": RulePage()}, store), token="sesame")
    context = browser.new_context()
    page = context.new_page()
    page.goto(service.address)
    page.fill("#request", "a lamp")
    page.click("#ask-form button")
    page.fill("#token", "sesame")
    page.click("#token-form button")
    ask(page, "a lamp")
    assert page.locator("#ask-result article").count() >= 1
    context.close()
    service.end()


def axe_source() -> str:
    """axe-core, kept in a cache outside of the repository; its checksum is verified."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "shopwright-tests"
    packed = cache / f"axe-core-{AXE}.tgz"
    if not packed.exists():
        if shutil.which("npm") is None:
            pytest.skip("needs axe-core: npm is not installed")
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", f"axe-core@{AXE}", "--pack-destination", str(cache)]
        process = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if process.returncode:
            pytest.skip("needs axe-core: npm could not fetch it")
    content = packed.read_bytes()
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    assert f"sha512-{digest}" == AXE_INTEGRITY
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, running, served_shop, scheme):
    source = axe_source()
    tabs = tab(browser, running.address, color_scheme=scheme)
    page = next(tabs)
    page.evaluate(source)
    ask(page, "something soft")
    found = {}
    views = ("ask", "details", "chat", "watch", "shop", "dashboard")
    for view in views:
        if view == "details":
            details(page.locator("#ask-result article").first)
        elif view == "dashboard":
            page.goto(f"{running.address}/dashboard")
            page.wait_for_selector(".chart")
            page.evaluate(source)
        elif view != "ask":
            page.keyboard.press("Escape")
            page.click(f"nav a[data-view={view}]")
        if view == "chat":
            page.fill("#chat-message", "something for the home")
            page.keyboard.press("Enter")
            page.wait_for_selector("#chat-said .said.service")
        if view == "watch":
            page.click("#watch-form button")
            page.wait_for_selector("#watch-result .strip")
        if view == "shop":
            page.click("#shop-form button")
            page.fill("#shop-query", "lamp")
            page.keyboard.press("Enter")
            page.locator("#visit .items button").first.click()
            page.get_by_role("button", name="buy now").wait_for()
        result = page.evaluate("axe.run(document)")
        found[view] = [
            (entry["id"], entry["impact"], [node["html"][:120] for node in entry["nodes"]][:3])
            for entry in result["violations"]
        ]
    next(tabs, None)
    assert found == {view: [] for view in views}


@pytest.fixture(scope="module")
def hostile_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A product for every hostile text, which is its title, option, description and feature."""
    products = [
        Product(
            asin=f"H{number:04}",
            title=f"lamp marker{number} {text}",
            description=f"{text} A lamp. {text}",
            bullets=(text, "Warm light"),
            pricing_dollars=(10.0,),
            price_tag="$10.00",
            options={f"finish {text}"[:60].lower(): (text.lower(), "plain")},
            attributes=(text,),
            category=text,
            query=f"lamps {text}",
            product_category=f"Home › {text}",
            instruction=f"Find me marker{number} lamp {text}",
            instruction_attributes=(text,),
        )
        for number, text in enumerate(HOSTILE)
    ]
    folder = tmp_path_factory.mktemp("hostile") / "shop"
    return build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())


def test_no_hostile_text_runs_in_any_view(browser, hostile_shop, tmp_path):
    assert len(set(HOSTILE)) >= 100
    store = Store(tmp_path / "f.sqlite", "shop")
    service = Running(Service(hostile_shop, {"rule": Rule(choose_options=True)}, store))
    tabs = tab(browser, service.address)
    page = next(tabs)
    elements = "document.querySelectorAll('script, svg, iframe, object, embed, base, video, math')"
    numbers = {hostile_shop.goals[number].asin: number for number in range(len(hostile_shop.goals))}
    for number, text in enumerate(HOSTILE):
        # What cannot be typed would leave another text, which may be another product's kind.
        words = text if all(c.isprintable() or c in "\t\n" for c in text) else ""
        ask(page, f"marker{number} lamp {words}")
        details(page.locator("#ask-result article", has_text=f"lamp marker{number} ").first)
        page.keyboard.press("Escape")
        page.evaluate("location.hash = '#watch'")
        page.evaluate("document.getElementById('watch-result').replaceChildren()")
        page.fill("#watch-goal", str(numbers[f"H{number:04}"]))
        page.click("#watch-form button")
        page.wait_for_selector("#watch-result .strip")
        page.evaluate("location.hash = '#shop'")
        page.fill("#shop-goal", str(numbers[f"H{number:04}"]))
        page.click("#shop-form button")
        page.wait_for_selector("#shop-query")
        page.fill("#shop-query", f"marker{number}")
        page.keyboard.press("Enter")
        page.locator("#visit .items button").first.click()
        for name in ("description", "< prev", "features", "< prev"):
            page.get_by_role("button", name=name, exact=True).first.click()
            page.wait_for_load_state()
        page.get_by_role("button", name="buy now", exact=True).first.click()
        page.wait_for_selector("#visit .total")
        assert page.evaluate("window.hits") is None, text
        assert page.evaluate(f"{elements}.length") == 1, text
        assert page.url.startswith(service.address)
        page.evaluate("location.hash = '#ask'")
    screenshot(page, "hostile")
    next(tabs, None)
    service.end()


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_in_a_product_moves_no_ranking(order, served_shop, tmp_path):
    """The same shop with the order in the descriptions of all but the best product: it stays."""
    from dataclasses import replace

    goal = served_shop.goals[0]
    best = RulePage().answer(served_shop.catalogue, goal.instruction, rng=None).asin
    products = [
        product
        if product.asin == best
        else replace(product, description=f"{product.description} {order}")
        for product in served_shop.catalogue
    ]
    shop = build_shop(products, tmp_path / "shop", source={}, tagger=WordTagger())
    assert RulePage().answer(shop.catalogue, goal.instruction, rng=None).asin == best
