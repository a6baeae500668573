"""Each variant has its own price: on pages, in rewards, in what is recommended."""

from __future__ import annotations

import random

import pytest
from variants import table_product

from shopwright.agents.options import Group, choose_options
from shopwright.agents.oracle import best_options
from shopwright.catalogue.product import Variant
from shopwright.recommending.choosing import OptionWishes, choose
from shopwright.recommending.reasons import reasons
from shopwright.serving.messages import Filters
from shopwright.shop.goals import Goal, goal_of
from shopwright.shop.nouns import WordTagger
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop, build_shop
from shopwright.understanding.request import ParsedRequest, Part, Piece

PRODUCT = table_product(0)
SMALL, LARGE = "VND 190000", "VND 285000"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("variants") / "shop"
    return build_shop([PRODUCT], folder, source={}, tagger=WordTagger())


def goal(limit: float) -> Goal:
    return goal_of(
        PRODUCT,
        instruction="a large red backpack",
        attributes=(),
        options={"color": "red", "size": "large"},
        price_upper=limit,
    )


def test_pages_show_the_price_of_what_is_chosen(shop: Shop) -> None:
    session = Session(shop, goal(1e9))
    session.act("search[backpacks]")
    session.act("click[p0]")
    seen = []
    for action in ("", "click[large]", "click[description]", "click[< prev]", "click[red]"):
        session.act(action)
        page = session.page()
        assert page.product is not None
        seen.append(page.product.price)
        if page.item:
            assert f"Price: {page.product.price}" in session.text()
            assert f"Price: {page.product.price}\n" in session.text_rich()
            assert f"Price: {page.product.price}<" in session.html()
    assert seen == [f"{SMALL} to {LARGE}", LARGE, LARGE, LARGE, LARGE]


def test_pages_offer_what_can_be_bought_with_what_is_chosen(shop: Shop) -> None:
    """Red and small are sold out together."""
    session = Session(shop, goal(1e9))
    session.act("search[backpacks]")
    session.act("click[p0]")
    assert {"red", "blue", "small", "large"} <= session.clickables.keys()
    session.act("click[red]")
    assert {"red", "blue", "small", "large"} - session.clickables.keys() == {"small"}
    assert "\n  small\n  [button] large [button_]\n" in session.text_rich()
    assert 'value="small" disabled' in session.html()
    session.act("click[large]")
    assert session.state.options == {"color": "red", "size": "large"}
    session.act("click[small]")
    assert session.state.options == {"size": "small"}
    assert "red" not in session.clickables
    session.act("click[blue]")
    assert session.state.options == {"color": "blue", "size": "small"}


def test_no_choice_ends_in_what_is_sold_out(shop: Shop) -> None:
    session = Session(shop, goal(1e9))
    session.act("search[backpacks]")
    session.act("click[p0]")
    rng = random.Random(3)
    sold = [PRODUCT.variants[number].options.items() for number in PRODUCT.offers]
    for _ in range(60):
        values = [name for name, target in session.clickables.items() if isinstance(target, str)]
        session.act(f"click[{rng.choice(values)}]")
        assert any(session.state.options.items() <= options for options in sold)


@pytest.mark.parametrize(("limit", "met"), [(284_999, False), (285_000, True)])
def test_a_purchase_costs_what_its_variant_costs(limit: float, met: bool, shop: Shop) -> None:
    chosen = {"color": "red", "size": "large"}
    assert shop.reward(goal(limit), "P0", chosen).price is met
    assert shop.reward(goal(limit), "P0", {}).price  # The first one costs less.
    assert not shop.reward(goal(limit), "P0", chosen, price=1e7).price


def test_what_is_recommended_can_be_bought() -> None:
    assert PRODUCT.settled({"color": "red", "size": "small"})["size"] == "large"
    assert PRODUCT.settled({}, 200_000) == {"color": "blue", "size": "small"}
    assert PRODUCT.settled({"size": "large"}, 200_000) == {"color": "red", "size": "large"}
    sold_out = table_product(0, variants=(Variant(options={"color": "red"}, stock=0),))
    assert sold_out.settled({}) == {"color": "red"}
    assert best_options(PRODUCT, goal(1e9)) == {"color": "red", "size": "large"}


def test_a_learned_agent_chooses_among_what_can_be_bought() -> None:
    color = Group("color", ("red", "blue"), [-0.1, -3.0, -9.0])
    size = Group("size", ("small", "large"), [-0.4, -1.0, -9.0])
    options, log_probability = choose_options(PRODUCT, [color, size], None, None)
    assert options == {"color": "red", "size": "large"}
    assert log_probability == pytest.approx(-1.1)
    # Above a limit something else is chosen only where the request leaves it open.
    assert choose_options(PRODUCT, [color, size], 200_000, None)[0] == options
    open_color = Group("color", ("red", "blue"), [-0.7, -0.7, -9.0])
    chosen, _ = choose_options(PRODUCT, [open_color, size], 200_000, None)
    assert chosen == {"color": "blue", "size": "small"}


def test_reasons_and_filters_go_by_the_variant() -> None:
    large = {"color": "red", "size": "large"}
    limit = Piece(part=Part.PRICE, text="under 200k", highest=200_000.0, hard=True)
    parsed = ParsedRequest(text="a backpack under 200k", pieces=(limit,))
    (price,) = reasons(parsed, PRODUCT, large)
    assert (price.met, price.evidence) == (False, LARGE)
    wanted = Filters(options={"size": "Large"})
    assert wanted.allow(PRODUCT)
    assert not Filters(options={"color": "red", "size": "small"}).allow(PRODUCT)
    wish = Piece(part=Part.OPTION, text="size: Large", value="Large", group="size", hard=True)
    asked = ParsedRequest(text="", pieces=(wish,))
    assert choose(PRODUCT, OptionWishes(asked), {"color": "blue"}) == large
