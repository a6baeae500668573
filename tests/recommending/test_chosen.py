"""Products that somebody names, with what they meet."""

from __future__ import annotations

from shopwright.recommending.chosen import recommendation_of
from shopwright.recommending.recommender import Recommender


def test_products_come_in_the_order_given_with_what_they_meet(tiny_shop):
    asins = [product.asin for product in tiny_shop.catalogue][::-1]
    understood = Recommender.of(tiny_shop).understand("a mug under 1 dollar")
    found = recommendation_of(tiny_shop, [asins[0], "gone", *asins[1:]], understood)
    assert [item.asin for item in found] == asins
    assert found.total == len(asins)
    (first, *_) = found
    assert [(reason.part, reason.met) for reason in first.reasons] == [
        ("kind", True),
        ("price", False),
    ]
