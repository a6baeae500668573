"""Visits: actions, pages and their quirks, on hand-made products."""

from __future__ import annotations

import copy
import pickle
import random
import time

import pytest

from shopwright.catalogue.product import Product
from shopwright.shop.actions import Action, click, parse_action, search
from shopwright.shop.nouns import WordTagger
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop, build_shop


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("search[red shoes]", "search", "red shoes"),
        ("click[Buy Now]", "click", "buy now"),
        ("search[a]b]", "search", "a]b"),
        ("search[a[b]", "search[a", "b"),
        ("search[foo [bar] baz]", "search[foo ", "bar] baz"),
        ("search[shoes] now", "search", "shoes"),
        ("search[]]", "search", "]"),
        ("search[]", "search[]", None),
        ("[x]", "[x]", None),
        ("[[x]", "[", "x"),
        ("search[ ]", "search", " "),
        ("search", "search", None),
        ("search[x", "search[x", None),
        ("search]x[", "search]x[", None),
        ("", "", None),
        ("]", "]", None),
        ("search[a\nb]", "search[a\nb]", None),
        ("search[a]\nb]", "search", "a"),
        ("\nsearch[a]", "\nsearch[a]", None),
        ("search[İ]", "search", "i̇"),
    ],
)
def test_parse_action(text: str, name: str, argument: str | None) -> None:
    assert parse_action(text) == Action(name, argument)


def test_actions_are_written_as_they_are_parsed() -> None:
    assert parse_action(search("red shoes")) == Action("search", "red shoes")
    assert parse_action(click("< Prev")) == Action("click", "< prev")


@pytest.mark.parametrize("query", ["cable [2 pack] new", "[", "]", "][", "a]b[c", "two\nlines [x]"])
def test_any_query_can_be_searched_for(query: str) -> None:
    name, argument = parse_action(search(query))
    assert name == "search"
    assert argument is not None
    assert argument.split() == query.replace("[", " ").split()


def test_long_actions_take_linear_time(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0])
    started = time.process_time()
    for action in ("[" * 100_000, "search[" + "[]" * 50_000 + "]", "search[" + "a" * 100_000 + "]",
                   "search[" + "1,a." * 25_000 + "]", "search[" + "_" * 100_000 + "]",
                   "click[" + "x]" * 50_000, "search[" + "x " * 50_000 + "]"):  # fmt: skip
        session.act(action)
        session.text()
        session.text_rich()
        session.html()
    assert time.process_time() - started < 5


def opened(shop: Shop, query: str, asin: str, *, show_attributes: bool = False) -> Session:
    """A session on a product's page."""
    goal = shop.goals[0] if len(shop.goals) else None
    assert goal is not None
    session = Session(shop, goal, show_attributes=show_attributes)
    session.act(search(query))
    session.act(click(asin))
    assert session.state.page is PageKind.ITEM
    return session


def test_search_works_on_every_page(small_shop: Shop) -> None:
    session = opened(small_shop, "lamp", "lamp000001")
    for before in ("click[features]", "click[buy now]", "click[back to search]", "search[soap]"):
        session.act(before)
        session.act("search[shoes]")
        assert session.state.page is PageKind.RESULTS
        assert "Page 1 (Total results: 2)" in session.text()
        assert session.state.options == {}
        session.act("click[shoe000001]")


def test_an_action_that_is_not_offered_changes_nothing(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0])
    for action in ("click[search]", "click[buy now]", "click[]", "search[]", "xsearch[lamp]", "",
                   "Search[lamp]", "click", "search[<a> lamp]", "search[<c>]"):  # fmt: skip
        before = session.state
        assert session.act(action) == (0.0, False)
        assert session.state is before


def test_next_goes_past_the_end_and_back(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0])
    session.act("search[shoes]")
    session.act("click[next >]")
    assert "Page 2 (Total results: 2) [SEP] < Prev [SEP] Next >" in session.text()
    assert list(session.clickables) == ["back to search", "< prev", "next >"]
    session.act("click[< prev]")
    assert list(session.clickables) == ["back to search", "next >", "shoe000001", "shoe000002"]


def test_prefixes_bypass_the_engine(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0], generator=random.Random(3))
    session.act("search[<q> running shoes]")
    assert [small_shop.catalogue.asin_of(row) for row in session.state.rows] == [
        "SHOE000001", "SHOE000002",
    ]  # fmt: skip
    session.act("search[<c> beauty nonsense]")
    assert [small_shop.catalogue.asin_of(row) for row in session.state.rows] == ["SOAP000001"]
    session.act("search[<q> nothing of the kind]")
    assert session.state.rows == ()
    session.act("search[<r>]")
    assert session.state.rows == tuple(random.Random(3).sample(range(5), 5))


def test_opened_products_are_marked_until_back_to_search(small_shop: Shop) -> None:
    session = opened(small_shop, "shoes", "shoe000001")
    session.act("click[< prev]")
    assert "[clicked button] SHOE000001 [clicked button_]" in session.text_rich()
    assert "[button] SHOE000002 [button_]" in session.text_rich()
    session.act("search[shoes]")
    assert "[clicked button] SHOE000001" in session.text_rich()
    session.act("click[back to search]")
    session.act("search[shoes]")
    assert "[clicked button]" not in session.text_rich()


def test_options_named_like_buttons(small_shop: Shop) -> None:
    session = opened(small_shop, "lamp", "lamp000001")
    offered = list(session.clickables)
    assert offered == [
        "back to search", "< prev", "description", "features", "reviews", "buy now",
        '52" long', "search", "us", "eu",
    ]  # fmt: skip
    # "search" is an option here, but the original never lets "search" be clicked.
    assert session.act("click[search]") == (0.0, False)
    assert session.state.options == {}
    # "< prev" leads back, "buy now" buys: the names count before what they stand on.
    session.act("click[us]")
    assert session.state.options == {"plug": "us"}
    session.act("click[< prev]")
    assert session.state.page is PageKind.RESULTS
    session.act("click[lamp000001]")
    _, done = session.act("click[buy now]")
    assert done
    assert session.state.options == {}


def test_an_option_value_with_a_quote_never_shows_as_clicked(small_shop: Shop) -> None:
    session = opened(small_shop, "lamp", "lamp000001")
    session.act('click[52" long]')
    session.act("click[eu]")
    assert session.state.options == {"length": '52" long', "plug": "eu"}
    rich = session.text_rich()
    assert rich.startswith("You have clicked eu.\nInstruction:")
    assert "  [clicked button] eu [clicked button_]\n" in rich
    assert '  [button] 52" long [button_]\n' in rich


def test_choosing_again_replaces_the_group(small_shop: Shop) -> None:
    session = opened(small_shop, "breathable shoes", "shoe000001")
    for value in ("red", "6", "navy blue"):
        session.act(click(value.upper()))
    assert session.state.options == {"color": "navy blue", "size": "6"}
    session.act("click[features]")
    session.act("click[< prev]")
    assert session.state.options == {"color": "navy blue", "size": "6"}
    assert session.text_rich().count("[clicked button]") == 2


def test_white_space_bullets(small_shop: Shop) -> None:
    """The parser makes one space of white space, and drops what has a line break."""
    session = opened(small_shop, "lamp", "lamp000001")
    session.act("click[features]")
    assert session.text().endswith("< Prev [SEP]  [SEP] Warm light")
    assert session.text_rich().endswith("[button] < Prev [button_]\n \n Warm light\n")
    session.act("search[soap]")
    session.act("click[soap000001]")
    session.act("click[features]")
    assert session.text().endswith("< Prev [SEP] ")
    session.act("click[< prev]")
    session.act("click[description]")
    assert session.text().endswith("< Prev [SEP] Sanfte Seife für alle.")
    session.act("click[< prev]")
    session.act("click[reviews]")
    assert session.text().endswith("Back to Search [SEP] < Prev")


def test_attributes_page_only_where_asked_for(small_shop: Shop) -> None:
    assert "attributes" not in opened(small_shop, "lamp", "lamp000001").clickables
    session = opened(small_shop, "lamp", "lamp000001", show_attributes=True)
    session.act("click[attributes]")
    assert session.text().endswith("easy use [SEP] garden [SEP] desk lamps [SEP] "
                                   "Home › Lighting › Lamps")  # fmt: skip


def test_a_visit_goes_on_after_a_purchase(small_shop: Shop) -> None:
    session = opened(small_shop, "lamp", "lamp000001")
    reward, done = session.act("click[buy now]")
    assert done
    assert session.state.reward is not None
    assert reward == session.state.reward.total
    assert session.clickables == {}
    assert session.act("click[buy now]") == (0.0, False)
    session.act("search[lamp]")
    assert session.state.reward is None
    session.act("click[lamp000001]")
    assert session.act("click[buy now]") == (reward, True)


def test_a_query_that_looks_like_an_address_confuses_as_in_the_original(small_shop: Shop) -> None:
    session = opened(small_shop, "search_results lamp", "lamp000001")
    # The item page's address holds "search_results", so "< prev" turns a results page back.
    session.act("click[< prev]")
    assert session.state.page is PageKind.RESULTS
    assert session.state.page_number == 0


def test_sessions_do_not_change_each_other(small_shop: Shop) -> None:
    first, second = (Session(small_shop, small_shop.goals[n]) for n in (0, 1))
    before = second.text_rich()
    for action in ("search[shoes]", "click[shoe000001]", "click[red]", "click[buy now]"):
        first.act(action)
    assert second.text_rich() == before
    clickables = opened(small_shop, "lamp", "lamp000001").clickables
    assert clickables is opened(small_shop, "lamp", "lamp000001").clickables  # Shared, unchanged.


def test_copies_and_pickles_go_their_own_way(small_shop: Shop) -> None:
    session = opened(small_shop, "shoes", "shoe000001")
    copied, pickled = copy.deepcopy(session), pickle.loads(pickle.dumps(session))
    assert copied.shop is session.shop
    session.act("click[red]")
    for other in (copied, pickled):
        assert other.state.options == {}
        other.act("click[red]")
        assert other.text_rich() == session.text_rich()


def test_asins_may_be_called_anything(tmp_path_factory: pytest.TempPathFactory) -> None:
    names = ("buy now", "Description", "back to search", "next >", "__proto__", "search")
    products = [
        Product(asin=name, title=f"thing {name}", options={"constructor": ("buy now", "red")},
                instruction="Find me thing", instruction_attributes=("x",))
        for name in names
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("names") / "shop"
    shop = build_shop(products, folder, source={}, tagger=WordTagger())
    for name in names:
        session = Session(shop, shop.goals[0])
        session.act("search[thing]")
        session.act(click(name))
        for action in ("click[buy now]", "click[next >]", "click[red]", "click[description]"):
            session.act(action)
            session.text(), session.text_rich(), session.html()
