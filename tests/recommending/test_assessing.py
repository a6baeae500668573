"""What candidates meet, and which may be shown at all."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from shopwright.catalogue.product import Variant
from shopwright.recommending.assessing import Assessor
from shopwright.recommending.criteria import criteria_of
from shopwright.recommending.facets import AS_RANKED, Chosen, Dimension, Facet, View
from shopwright.recommending.ranking import Candidate, may_fit
from shopwright.recommending.recommender import Recommender
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop


@pytest.mark.parametrize(
    "request_text",
    [
        "running shoes",
        "running shoes under $25",
        "navy running shoes, not trail",
        "desk lamp with usb",
        "guitar",
        "soap or lamp under $100",
        "women's shoes",
        "zzz",
    ],
)
def test_what_may_be_shown_is_what_meets_all_that_is_insisted_on(small_shop, request_text):
    understood = Recommender.of(small_shop).understand(request_text)
    criteria = criteria_of(understood)
    assessor = Assessor(small_shop.catalogue, understood, criteria, AS_RANKED)
    everything = [Candidate(row=row) for row in range(len(small_shop.catalogue))]
    assessor.assess(everything)
    assert all(len(each.reasons) == len(criteria) for each in everything)
    some = [Candidate(row=each.row) for each in everything]
    expected = [asdict(each) for each in everything if may_fit(each, criteria)]
    assert [asdict(each) for each in assessor.fitting(some)] == expected


def test_prices_are_those_of_the_options_that_a_list_is_narrowed_to(small_products, tmp_path):
    variants = tuple(
        Variant(options={"size": size}, price_dollars=price)
        for size, price in (("small", 10.0), ("large", 30.0))
    )
    lamp = next(each for each in small_products if each.asin == "LAMP000001")
    lamp = replace(
        lamp,
        options={"size": ("small", "large")},
        variants=variants,
        pricing_dollars=(10.0, 30.0),
        price_tag="$10.0 to $30.0",
    )
    shop = build_shop([lamp], tmp_path / "shop", source={}, tagger=WordTagger())
    understood = Recommender.of(shop).understand("lamp")
    for size, price in (("small", 10.0), ("large", 30.0)):
        view = View(chosen=(Chosen(Dimension(Facet.OPTION, "size"), frozenset({size})),))
        candidate = Candidate(row=0)
        Assessor(shop.catalogue, understood, criteria_of(understood), view).assess([candidate])
        assert candidate.price == price


def test_of_what_is_of_another_kind_nothing_else_is_found_out(small_shop):
    understood = Recommender.of(small_shop).understand("running shoes")
    criteria = criteria_of(understood)
    assessor = Assessor(small_shop.catalogue, understood, criteria, AS_RANKED)
    lamp = Candidate(row=small_shop.catalogue.row_of("LAMP000001"))
    assert assessor.fitting([lamp]) == []
    assert lamp.reasons == ()
    assessor.assess([lamp])
    assert lamp.reasons[0].met is False
