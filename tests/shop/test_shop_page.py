"""Pages: what they show, and that nothing else can be reached from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from reach import FORBIDDEN, reached_kinds
from shopwright.shop.page import Page
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

WALK = [
    "search[running shoes]",
    "click[shoe000001]",
    "click[red]",
    "click[description]",
    "click[< prev]",
    "click[features]",
    "click[< prev]",
    "click[buy now]",
]


def pages(shop: Shop, actions: Sequence[str] = WALK) -> list[Page]:
    """The pages of a visit, from the search page to the one after the purchase."""
    session = Session(shop, next(goal for goal in shop.goals if goal.asin == "SHOE000001"))
    shown = [session.page(steps_left=9)]
    for action in actions:
        session.act(action)
        shown.append(session.page(steps_left=9))
    return shown


def test_pages_have_the_texts_and_clickables_of_the_session(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0])
    for action in (*WALK, "search[x]"):
        page = session.page()
        assert page.text == session.text()
        assert page.clickables == session.clickables
        assert page.has_search_bar == session.has_search_bar
        assert (page.kind, page.query) == (session.state.page, session.state.query)
        assert page.request == session.goal.instruction
        session.act(action)


def test_a_page_of_results_lists_its_products_in_order(small_shop: Shop) -> None:
    results = pages(small_shop)[1]
    rows = small_shop.search_rows("running shoes")
    assert results.result_count == len(rows)
    assert not results.has_next_page
    assert [product.row for product in results.results] == list(rows)
    assert [product.place for product in results.results] == list(range(len(rows)))
    for product in results.results:
        listing = small_shop.catalogue.listing(product.row)
        assert (product.asin, product.title, product.price) == listing
        assert results.links[product.asin.lower()] == product.row


def test_places_go_on_over_the_pages_of_results(
    small_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("page", "pages"):
        monkeypatch.setattr(f"shopwright.shop.{module}.RESULTS_PER_PAGE", 1)
    first, second = pages(small_shop, ["search[running shoes]", "click[next >]"])[1:]
    rows = small_shop.search_rows("running shoes")
    assert len(rows) == 2
    assert [(p.row, p.place) for p in first.results] == [(rows[0], 0)]
    assert [(p.row, p.place) for p in second.results] == [(rows[1], 1)]
    assert first.has_next_page
    assert not second.has_next_page


def test_item_pages_show_the_product_and_what_was_chosen(small_shop: Shop) -> None:
    _, _, item, chosen, description, _, features, _, done = pages(small_shop)
    product = small_shop.product("SHOE000001")
    assert item.product is not None
    assert item.product.asin == product.asin
    assert item.product.title == product.title
    assert item.product.options == product.options
    assert item.chosen == {}
    assert chosen.chosen == {"color": "red"}
    assert chosen.opened == {"SHOE000001"}
    assert (description.subpage, description.lines) == ("Description", (product.description,))
    assert (features.subpage, features.lines) == ("Features", product.bullets)
    assert done.kind is PageKind.DONE


def test_available_actions_leave_out_the_search_button_only(small_shop: Shop) -> None:
    search, results, item, *_ = pages(small_shop)
    assert search.actions == []
    assert {"click[back to search]", "click[next >]", "click[shoe000001]"} <= set(results.actions)
    assert "click[navy blue]" in item.actions


def test_no_text_that_is_not_shown_can_be_reached(small_shop: Shop) -> None:
    product = small_shop.product("SHOE000001")
    _, _, item, _, description, *_ = pages(small_shop)
    assert product.description not in repr(dataclasses.asdict(item))
    assert product.description in repr(dataclasses.asdict(description))
    for bullet in product.bullets:
        assert bullet not in repr(dataclasses.asdict(description))


def test_neither_a_goal_nor_a_reward_can_be_reached_from_a_page(small_shop: Shop) -> None:
    for page in pages(small_shop):
        assert not reached_kinds(page) & FORBIDDEN


def test_what_is_hidden_in_a_page_is_found(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0])
    hidden = dataclasses.replace(session.page(), lines=(session,))  # type: ignore[arg-type]
    assert {"Session", "Goal", "Goals"} <= reached_kinds(hidden)
    bound = dataclasses.replace(session.page(), lines=(session.act,))  # type: ignore[arg-type]
    assert "Session" in reached_kinds(bound)
    closure = dataclasses.replace(session.page(), lines=(lambda: session,))  # type: ignore[arg-type]
    assert "Session" in reached_kinds(closure)


def test_pages_cannot_be_changed(small_shop: Shop) -> None:
    page = pages(small_shop)[1]
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.request = "another"  # type: ignore[misc]
    assert not hasattr(page, "__dict__")


def test_pages_have_a_short_form_and_one_for_notebooks(small_shop: Shop) -> None:
    search, results, item, *_ = pages(small_shop)
    assert repr(search) == "<Page index, 1 clickables, 9 steps left>"
    assert repr(results).startswith("<Page search_results 1 of 2 results, ")
    assert repr(item).startswith("<Page item_page of SHOE000001, ")
    html = results._repr_html_()
    assert "<code>click[next &gt;]</code>" in html
    assert "SHOE000001" in html
