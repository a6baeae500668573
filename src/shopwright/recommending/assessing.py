"""What candidates meet of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shopwright.catalogue.product import Product
from shopwright.recommending.choosing import OptionWishes, choose
from shopwright.recommending.criteria import Criterion
from shopwright.recommending.facets import View
from shopwright.recommending.ranking import Candidate
from shopwright.recommending.reasons import verdict
from shopwright.recommending.texts import Texts

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def assess(
    candidate: Candidate,
    product: Product,
    criteria: Sequence[Criterion],
    wishes: OptionWishes,
    view: View,
) -> None:
    """Say of a candidate what it meets, with the options that suit the request best."""
    options = choose(product, wishes, view.options_of(product))
    texts = Texts(product, options, brief=True)
    candidate.reasons = [verdict(criterion, texts) for criterion in criteria]
    candidate.price = product.price_with(options) if product.priced else None
    rating = _NUMBER.match(product.rating)
    candidate.rating = float(rating[0]) if rating else None
