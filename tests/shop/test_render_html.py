"""The ``html`` observation, read as agents of the original read theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from shopwright.catalogue.product import Product
from shopwright.shop.environment import ShopEnvironment
from shopwright.shop.nouns import WordTagger
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop, build_shop

VOID = {"meta", "img", "input", "br"}
INVISIBLE = {"style", "script", "head", "title", "meta"}


class Element:
    """An element of a parsed page."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.text = ""
        self.classes = attributes.get("class", "").split()


class Page(HTMLParser):
    """A page as the parser of the original's agents sees it: elements, and text nodes, those of
    white space alone shortened to a line break or a space (but in ``pre``)."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.nodes: list[tuple[Element, str]] = []
        self._open: Element | None = None
        self._data: list[str] = []
        self.feed(page)
        self.close()
        self._end_text()
        assert self._open is None, "an element was never closed"

    def _end_text(self) -> None:
        text = "".join(self._data)
        self._data = []
        if not text or self._open is None:
            return
        ancestor: Element | None = self._open
        preserved = False
        while ancestor is not None:
            preserved = preserved or ancestor.tag == "pre"
            ancestor.text += text
            ancestor = ancestor.parent
        if not preserved and not text.strip(" \n\t\f\r"):
            text = "\n" if "\n" in text else " "
        self.nodes.append((self._open, text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_text()
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self.elements.append(element)
        if tag not in VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        self._end_text()
        assert self._open is not None
        assert self._open.tag == tag
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._data.append(data)

    def with_id(self, identifier: str) -> Element:
        (element,) = (e for e in self.elements if e.attributes.get("id") == identifier)
        return element

    def visible(self) -> list[tuple[Element, str]]:
        return [(e, t) for e, t in self.nodes if e.tag not in INVISIBLE and t != "\n"]

    def observation(self) -> str:
        """What the original makes of a page in mode ``text``."""
        return " [SEP] ".join(text.strip() for _, text in self.visible())

    def rich_observation(self, location: str, opened: frozenset[str]) -> str:
        """What the original makes of a page in mode ``text_rich``."""
        observation = ""
        for element, text in self.visible():
            if element.tag == "button":
                text = f"[button] {text} [button_]"
            elif element.tag == "label" and f'"{text}"' in location:
                observation = f"You have clicked {text}.\n" + observation
                text = f"  [clicked button] {text} [clicked button_]"
            elif element.tag == "label":
                text = f"  [button] {text} [button_]"
            elif element.attributes.get("class") == "product-link":
                kind = "clicked button" if text in opened else "button"
                text = f"\n[{kind}] {text} [{kind}_]"
            observation += text + "\n"
        return observation

    def available_actions(self) -> dict[str, Any]:
        """What the original finds to do on a page."""
        buttons = [e for e in self.elements if "btn" in e.classes]
        links = [e for e in self.elements if "product-link" in e.classes]
        names = dict.fromkeys(element.text.lower() for element in buttons + links)
        for element in self.elements:
            if element.tag == "input" and element.attributes.get("type") == "radio":
                names[element.attributes["value"]] = None
        search_bar = any(e.attributes.get("id") == "search_input" for e in self.elements)
        return {"has_search_bar": search_bar, "clickables": list(names)}


def check(session: Session) -> Page:
    """The page, read, says what the session says."""
    page = Page(session.html())
    assert page.observation() == session.text()
    rich = page.rich_observation(session.location, session.state.opened)
    assert rich == session.text_rich()
    assert page.available_actions() == {
        "has_search_bar": session.has_search_bar,
        "clickables": list(session.clickables),
    }
    return page


def test_recorded_episodes_read_from_html(
    webshop_shop: Shop, vectors: Callable[[str], list[dict[str, Any]]]
) -> None:
    steps = 0
    for episode in vectors("episodes"):
        goal = webshop_shop.goals[episode["goal_idx"]]
        session = Session(webshop_shop, goal, show_attributes=episode["show_attrs"])
        for step in episode["steps"]:
            if step["action"] is not None:
                session.act(step["action"])
            page = check(session)
            if "error" not in step and not step["done"]:
                assert page.observation() == step["obs_text"]
                assert page.available_actions() == step["available"]
            steps += 1
    assert steps > 300


HOSTILE = "</label></div><script>alert(1)</script> &amp; &#39; \"quoted\" 'single' <b>x</b> <!-- y"


@pytest.fixture(scope="module")
def hostile_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    products = [
        Product(
            asin="<B>\"&'",
            title=f"lamp {HOSTILE}",
            description=f"{HOSTILE}\n\n\t{HOSTILE}",
            bullets=(HOSTILE, " ", "\n", "", "\t"),
            price_tag="$1 <i>",
            options={
                f"group {HOSTILE}": (HOSTILE.lower(), '"', "constructor", "buy now", " "),
                "": ("", "\n", "]]>"),
            },
            attributes=(HOSTILE, "‮right to left"),
            category=HOSTILE,
            query=HOSTILE,
            product_category=HOSTILE,
            image='x" onerror="alert(1)',
            rating=HOSTILE,
            instruction=f"lamp {HOSTILE}",
            instruction_attributes=(HOSTILE,),
        )
    ]
    folder = tmp_path_factory.mktemp("hostile") / "shop"
    return build_shop(products, folder, source={}, tagger=WordTagger())


def test_hostile_texts_stay_texts(hostile_shop: Shop) -> None:
    session = Session(hostile_shop, hostile_shop.goals[0], show_attributes=True)
    check(session)
    session.act("search[lamp]")
    assert check(session).available_actions()["clickables"][-1] == "<b>\"&'"
    for option in next(iter(hostile_shop.catalogue[0].options.values())):
        session.act("search[lamp]")
        session.act("click[<b>\"&']")
        assert session.state.row == 0
        session.act(f"click[{option}]")
        page = check(session)
        assert not [e for e in page.elements if e.tag in ("script", "b", "i")]
        assert not [e for e in page.elements if any(a.startswith("on") for a in e.attributes)]
    session.act("search[lamp]")
    session.act("click[<b>\"&']")
    for subpage in ("description", "features", "reviews", "attributes"):
        session.act(f"click[{subpage}]")
        assert session.state.subpage is not None
        check(session)
        session.act("click[< prev]")
    session.act("click[buy now]")
    assert session.state.reward is not None
    check(session)


def test_ids_and_classes_that_agents_look_for(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0], show_attributes=True)
    page = check(session)
    assert page.with_id("search_input").tag == "input"
    heading = next(e for e in page.elements if e.parent is page.with_id("instruction-text"))
    assert heading.tag == "h4"
    assert heading.text == f"Instruction: {small_shop.goals[0].instruction}"

    session.act("search[lamp]")
    page = check(session)
    texts = {name: [e.text for e in page.elements if name in e.classes] for name in
             ("product-link", "product-title", "product-price")}  # fmt: skip
    assert texts == {
        "product-link": ["LAMP000001"],
        "product-title": ["Desk Lamp with USB Port"],
        "product-price": ["$12.99"],
    }

    session.act("click[lamp000001]")
    session.act('click[52" long]')
    page = check(session)
    radios = [e.attributes for e in page.elements if e.attributes.get("type") == "radio"]
    assert [(r["name"], r["value"]) for r in radios if "checked" in r] == [("length", '52" long')]
    labels = [e.attributes["for"] for e in page.elements if e.tag == "label"]
    assert labels == [radio["id"] for radio in radios]
    assert len(set(labels)) == len(labels) == 6
    assert "purchase" in next(e for e in page.elements if e.text == "Buy Now" and e.classes).classes

    session.act("click[features]")
    page = check(session)
    assert [e.text for e in page.elements if "product-info" in e.classes] == [
        "    ", " Warm light", " \n",
    ]  # fmt: skip
    session.act("click[< prev]")
    session.act("click[attributes]")
    assert [e.text for e in check(session).elements if "attribute" in e.classes] == [" easy use"]
    session.act("click[< prev]")
    session.act("click[buy now]")
    page = check(session)
    score = next(e for e in page.elements if e.parent is page.with_id("reward"))
    assert session.state.reward is not None
    assert float(score.text) == session.state.reward.total
    assert page.with_id("asin").text == "asinLAMP000001"


def test_pages_load_nothing_from_elsewhere(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0])
    session.act("search[shoes]")
    session.act("click[shoe000001]")
    page = check(session)
    assert page.with_id("product-image").attributes["data-src"] == "https://example.test/shoe.jpg"
    for element in page.elements:
        assert element.tag not in ("script", "link", "iframe", "style")
        for name, value in element.attributes.items():
            assert name == "data-src" or not re.match(r"(?i)\s*(https?:|//|javascript:)", value)


def test_html_through_the_environment(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop, observation="html")
    observation, _ = environment.reset(options={"goal": 0})
    assert environment.session is not None
    assert Page(observation).observation() == environment.session.text()
