"""What candidates meet of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shopwright.catalogue.product import Product
from shopwright.recommending.choosing import OptionWishes, choose
from shopwright.recommending.criteria import Criterion
from shopwright.recommending.facets import View
from shopwright.recommending.ranking import Candidate, may_fit
from shopwright.recommending.reasons import verdict
from shopwright.recommending.texts import Texts
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.understanding.request import ParsedRequest, Part

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Assessor:
    """Says of candidates what they meet of a request.

    Args:
        catalogue: whose rows they are.
        understood: the request.
        criteria: what it measures products by.
        view: how the list is narrowed and sorted.
    """

    def __init__(
        self,
        catalogue: SearchableCatalogue,
        understood: ParsedRequest,
        criteria: Sequence[Criterion],
        view: View,
    ) -> None:
        self._catalogue, self._criteria, self._view = catalogue, criteria, view
        self._wishes = OptionWishes(understood)
        self._kinds = [each for each in criteria if each.part is Part.KIND and each.hard]

    def assess(self, candidates: Sequence[Candidate]) -> None:
        """Say of candidates what they meet, with the options that suit the request best."""
        for candidate in candidates:
            self._assess(candidate, self._catalogue[candidate.row])

    def fitting(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates that may meet everything that the request insists on, assessed;
        most others are told by their kind alone, in a fraction of the time."""
        found = []
        for candidate in candidates:
            product = self._catalogue[candidate.row]
            if not self._is_of_another_kind(product):
                self._assess(candidate, product)
                if may_fit(candidate, self._criteria):
                    found.append(candidate)
        return found

    def _is_of_another_kind(self, product: Product) -> bool:
        """Whether a product is not of the kind that is insisted on, which no options tell."""
        if not self._kinds:
            return False
        texts = Texts(product, {}, brief=True)
        return any(verdict(each, texts).met is False for each in self._kinds)

    def _assess(self, candidate: Candidate, product: Product) -> None:
        options = choose(product, self._wishes, self._view.options_of(product))
        texts = Texts(product, options, brief=True)
        candidate.reasons = [verdict(criterion, texts) for criterion in self._criteria]
        candidate.price = product.price_with(options) if product.priced else None
        rating = _NUMBER.match(product.rating)
        candidate.rating = float(rating[0]) if rating else None
