"""Products that somebody names, with what they meet of a request."""

from __future__ import annotations

from collections.abc import Sequence

from shopwright.recommending.choosing import OptionWishes, choose
from shopwright.recommending.criteria import criteria_of
from shopwright.recommending.ranking import Candidate
from shopwright.recommending.recommendation import Recommendation, RecommendedItem
from shopwright.shop.shop import Shop
from shopwright.understanding.request import ParsedRequest


def recommendation_of(
    shop: Shop, asins: Sequence[str], understood: ParsedRequest
) -> Recommendation:
    """Return products in the order given, with the options that a request asks for and with what
    they meet of it; those that the shop has no more are left out."""
    criteria, wishes = criteria_of(understood), OptionWishes(understood)
    items = []
    for asin in asins:
        row = shop.catalogue.row_of(asin)
        if row is not None:
            product = shop.catalogue[row]
            options = choose(product, wishes, {})
            items.append(RecommendedItem.of(product, options, 1.0, Candidate(row=row), criteria))
    return Recommendation(understood.text, tuple(items), understood, total=len(items))
