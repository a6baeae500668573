"""From a parsed request to products."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, replace

import pytest

from shopwright import api
from shopwright.agents.registry import built_in
from shopwright.catalogue.product import Product
from shopwright.errors import InputError
from shopwright.recommending.assessing import Assessor
from shopwright.recommending.facets import Chosen, Dimension, Facet, View
from shopwright.recommending.recommendation import score_text
from shopwright.recommending.recommender import Recommender, check_request
from shopwright.recommending.retrieval import Found, Retrieval
from shopwright.rollouts.agent import Answer
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.understanding.parse import own_words, with_pieces
from shopwright.understanding.request import Order, ParsedRequest, Part, Piece

RULE = built_in("rule")


def asks(search_text: str, *pieces: Piece) -> ParsedRequest:
    return ParsedRequest(text=search_text or "x", search_text=search_text, pieces=pieces)


def kind(value: str) -> Piece:
    return Piece(part=Part.KIND, text=value, value=value, hard=True)


def price(highest: float | None = None, lowest: float | None = None) -> Piece:
    return Piece(part=Part.PRICE, text="price", highest=highest, lowest=lowest, hard=True)


def excluded(value: str) -> Piece:
    return Piece(part=Part.EXCLUSION, text=f"not {value}", value=value, hard=True)


@pytest.fixture
def recommend(small_shop):
    def found(parsed, agent=RULE, **settings):
        return Recommender.of(small_shop).recommend(agent, parsed, **settings)

    return found


def asins(recommendation) -> list[str]:
    return [item.asin for item in recommendation]


class Considering:
    """An agent that says how likely each of three products is, and their options."""

    name, deterministic = "considering", False

    def __init__(self):
        self.probabilities = {"SHOE000002": 0.6, "LAMP000001": 0.3, "SHOE000001": 0.1}

    def consider(self, request):
        return self

    def options(self, asins):
        return [{"color": "blue"} if asin == "SHOE000002" else {} for asin in asins]

    def answer(self, catalogue, request, *, rng):
        return None


def test_an_agents_probabilities_and_options_count(recommend):
    found = recommend(asks("zzz"), Considering())
    assert asins(found) == ["SHOE000002", "LAMP000001", "SHOE000001"]
    assert found[0].options == {"color": "blue"}
    assert sum(item.score for item in found) == pytest.approx(1.0)
    assert asins(recommend(asks("zzz"), Considering(), count=1)) == ["SHOE000002"]
    kept = recommend(asks("zzz"), Considering(), keep=lambda asin: asin.startswith("SHOE"))
    assert asins(kept) == ["SHOE000002", "SHOE000001"]


@pytest.mark.parametrize("name", ["rule", "rule-options", "rule-page", "random"])
def test_every_agent_recommends(recommend, name):
    found = recommend(asks("running shoes", kind("running shoes")), built_in(name))
    assert set(asins(found)) == {"SHOE000001", "SHOE000002"}
    assert not found.nothing_fits
    assert all(item.fits for item in found)


def test_words_find_twice_by_what_is_understood_and_vectors_by_the_own_words(
    small_shop, monkeypatch
):
    looked_for = []

    def found(self, agent, words, *args, asked, thing, **settings):
        looked_for.append((words, asked, thing))
        return Found([], [])

    monkeypatch.setattr(Retrieval, "found", found)
    recommender = Recommender.of(small_shop)
    understood = recommender.understand("please, running shoes for trails under $40")
    recommender.recommend(RULE, understood)
    own = own_words(understood)
    assert "please" in own
    assert "40" not in own
    asked = f"{own}, and price lower than 40.00 dollars"
    assert looked_for == [(f"{own} {understood.search_text}", asked, own)]
    # What a person changed is searched for as it is understood.
    changed = with_pieces(understood, [kind("running shoes")])
    recommender.recommend(RULE, changed)
    assert looked_for[1] == (changed.search_text,) * 3


def test_what_is_above_the_limit_is_left_out(recommend):
    found = recommend(asks("running shoes", kind("running shoes"), price(25.0)))
    assert asins(found) == ["SHOE000001"]
    # Of its range of prices a part is above.
    assert not found[0].fits
    assert asins(recommend(asks("running shoes", price(lowest=40.0)))) == ["SHOE000002"]


def test_what_is_excluded_is_left_out(recommend):
    assert asins(recommend(asks("shoes", excluded("trail")))) == ["SHOE000001"]
    assert asins(recommend(asks("shoes", excluded("breathable")))) == ["SHOE000002"]


def test_whom_it_is_not_for_is_left_out(recommend):
    women = Piece(part=Part.AUDIENCE, text="women", value="women", hard=True)
    assert asins(recommend(asks("running shoes", women))) == ["SHOE000001"]


def test_scores_are_shares_among_what_may_be_shown(recommend):
    # The soap, too, is found by these words.
    everything = recommend(asks("running shoes and soap"))
    shoes = recommend(asks("running shoes and soap", kind("running shoes")))
    assert set(asins(shoes)) < set(asins(everything))
    for found in (everything, shoes):
        assert sum(item.score for item in found) == pytest.approx(1.0)


def test_nothing_fits_and_the_nearest_is_shown(recommend):
    found = recommend(asks("running shoes", kind("running shoes"), price(5.0)))
    assert found.nothing_fits
    assert set(asins(found)) == {"SHOE000001", "SHOE000002"}
    assert not any(item.fits for item in found)
    assert recommend(asks("usb guitar", kind("guitar"))).nothing_fits
    assert recommend(asks("zzz")).nothing_fits


def test_what_meets_everything_fits_though_the_kind_has_no_name_here(recommend, monkeypatch):
    unnamed = Piece(part=Part.KIND, text="lamp", value="lamp", confidence=0.9)
    monkeypatch.setattr("shopwright.recommending.recommender.Understanding.lacking", lambda *_: 0.9)
    assert not recommend(asks("lamp", unnamed)).nothing_fits
    assert recommend(asks("lamp", kind("guitar"))).nothing_fits


def test_something_that_may_fit_is_not_enough_where_nothing_is_surely_of_the_kind(recommend):
    # The lamp has one, and may be called so.
    found = recommend(asks("lamp", kind("usb port")))
    assert found.nothing_fits
    assert [reason.met for reason in found[0].reasons] == [None]


def test_confidence_is_less_where_the_shop_may_have_nothing_of_the_kind(recommend, monkeypatch):
    def confidences(lacking: float) -> list[float]:
        name = "shopwright.recommending.recommender.Understanding.lacking"
        monkeypatch.setattr(name, lambda *_: lacking)
        found = recommend(asks("running shoes", kind("guitar")))
        assert found.nothing_fits
        return [item.confidence for item in found]

    assert confidences(0.75) == pytest.approx([0.25 * each for each in confidences(0.0)])
    assert sum(confidences(0.0)) > 0


def test_nothing_is_found_out_twice(recommend, monkeypatch):
    assessed: list[str] = []
    assess = Assessor._assess

    def noted(self, candidate, product):
        assessed.append(product.asin)
        assess(self, candidate, product)

    monkeypatch.setattr(Assessor, "_assess", noted)
    for parsed in (asks("running shoes and soap"), asks("running shoes", kind("guitar"))):
        assessed.clear()
        recommend(parsed)
        assert len(assessed) == len({*assessed}) > 1


def test_further_products_of_the_kind_are_looked_at(recommend):
    # The search finds the lamp alone, and shoes, of which there are more than enough.
    for words in ("desk lamp", "running shoes"):
        assert asins(recommend(asks(words, kind("soaps")), count=1)) == ["SOAP000001"]


def test_the_options_that_are_asked_for_are_chosen(recommend):
    navy = Piece(part=Part.OPTION, text="navy", value="navy", group="color")
    found = recommend(asks("running shoes", navy))
    assert found[0].asin == "SHOE000001"
    assert found[0].options == {"color": "navy blue"}


def test_an_item_as_json(recommend, small_shop):
    record = recommend(asks("desk lamp", kind("desk lamp"))).record()
    assert set(record) == {"request", "nothing_fits", "understood", "items"}
    item = record["items"][0]
    assert item == {
        "asin": "LAMP000001",
        "title": "Desk Lamp with USB Port",
        "options": {},
        "price": small_shop.product("LAMP000001").shown_price,
        "score": 1.0,
        "fits": True,
        "confidence": pytest.approx(0.8, abs=0.2),
        "reason": "Meets 1 of 1 things asked for: “desk lamp” (kind and title).",
        "met_share": 1.0,
        "reasons": item["reasons"],
    }
    assert score_text(0.001) == "<0.01"


def test_a_ranking_names_every_candidate_those_that_may_fit_first(small_shop):
    parsed = asks("running shoes", kind("running shoes"), price(25.0))
    ranked = Recommender.of(small_shop).rank(RULE, parsed)
    assert [(each.asin, each.may_fit) for each in ranked] == [
        ("SHOE000001", True),
        ("SHOE000002", False),
    ]
    assert not any(each.fits for each in ranked)


def test_agents_read_what_is_to_be_found_and_the_limit(small_shop):
    recommender = Recommender.of(small_shop)
    parsed = asks("shoes", excluded("red"), price(20.0))
    assert recommender.asked(parsed) == "shoes, and price lower than 20.00 dollars"
    assert recommender.asked(ParsedRequest(text="not red")) == "not red"
    parsed = recommender.understand("runing shoes, not red, under $20")
    assert recommender.asked(parsed) == "runing shoes, and price lower than 20.00 dollars"


class Sampler:
    """An agent that finds the lamp best and samples shoes in two of three cases."""

    name, deterministic = "sampler", False

    def answer(self, catalogue, request, *, rng):
        if rng is None:
            return Answer("LAMP000001", {}, (), math.log(0.4))
        shoe = rng.random() < 0.66
        return Answer("SHOE000001" if shoe else "SHOE000002", {}, (), math.log(0.3))


def test_by_rollouts_the_score_is_the_share_of_purchases(small_shop):
    recommender = Recommender.of(small_shop)
    found = recommender.recommend_by_rollouts(Sampler(), asks("shoes"), rollouts=50)
    assert asins(found) == ["LAMP000001", "SHOE000001", "SHOE000002"]
    assert found[0].score == pytest.approx(1 / 51)
    assert sum(item.score for item in found) == pytest.approx(1.0)
    again = recommender.recommend_by_rollouts(Sampler(), asks("shoes"), rollouts=50)
    assert list(map(asdict, found)) == list(map(asdict, again))
    assert asins(recommender.recommend_by_rollouts(RULE, asks("zzz"))) == []


def test_requests_that_cannot_be_read_are_refused():
    assert check_request("a lamp") == "a lamp"
    with pytest.raises(InputError, match="expected some words, got none"):
        check_request(" \n")
    with pytest.raises(InputError, match="at most 2000 characters, got 2001"):
        check_request("x" * 2001)


def test_long_requests_and_texts_take_bounded_time(small_products, tmp_path):
    long = replace(small_products[0], description="a b red " * 20_000, bullets=("no a " * 20_000,))
    products = [replace(long, asin=f"LONG{n:06}") for n in range(20)]
    shop = build_shop([*products, Product(asin="P", title="P")], tmp_path / "s", source={},
                      tagger=WordTagger())  # fmt: skip
    pieces = [Piece(part=Part.FEATURE, text="a b " * 50) for _ in range(20)]
    pieces += [Piece(part=Part.EXCLUSION, text="x", value="a b red " * 25) for _ in range(20)]
    recommender = Recommender.of(shop)
    started = time.process_time()
    recommender.recommend(RULE, asks("red shoes", *pieces), count=20)
    assert time.process_time() - started < 2.0


class Refusing:
    """An agent that must not be asked."""

    name, deterministic = "refusing", True

    def answer(self, *arguments, **named):
        raise AssertionError("asked")


def test_a_fast_answer_needs_no_agent(recommend, small_shop):
    parsed = asks("desk lamp", kind("lamp"))
    fast = recommend(parsed, agent=None)
    assert "LAMP" in fast[0].asin
    assert all(item.reasons for item in fast)
    assert api.recommend(Refusing(), small_shop, "desk lamp", fast=True)[0].asin == fast[0].asin
    with pytest.raises(InputError, match="rollouts"):
        api.recommend(Refusing(), small_shop, "desk lamp", fast=True, rollouts=2)


def test_a_list_is_narrowed_sorted_and_gone_through(recommend):
    whole = recommend(asks("shoe lamp"), view=View(counted=True), count=50)
    assert whole.total == len(whole) > 1
    prices = [item.price for item in recommend(asks("shoe lamp"), view=by_price(), count=50)]
    amounts = [float(price.removeprefix("$").split()[0]) for price in prices]
    assert amounts == sorted(amounts)
    assert len(amounts) == whole.total
    pages = [
        item.asin
        for offset in range(whole.total)
        for item in recommend(asks("shoe lamp"), count=1, view=View(counted=True, offset=offset))
    ]
    assert pages == asins(whole)
    (kinds,) = [facet for facet in whole.facets if facet.facet is Facet.KIND]
    for value in kinds.values:
        chosen = Chosen(Dimension(Facet.KIND), frozenset((value.value,)))
        left = recommend(asks("shoe lamp"), view=View(counted=True, chosen=(chosen,)), count=1)
        assert left.total == value.count


def by_price() -> View:
    return View(counted=True, order=Order.CHEAPEST)
