"""From a request to products: the one path of command line, HTTP, page and Python.

A request is understood, candidates are found, those that cannot be meant are left out, the rest is
ranked, and each product comes with its options and with what it meets.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

from shopwright.agents.taste import Offer
from shopwright.catalogue.storage import Catalogue
from shopwright.errors import InputError
from shopwright.recommending.assessing import Assessor
from shopwright.recommending.choosing import OptionWishes, choose
from shopwright.recommending.criteria import Criterion, criteria_of
from shopwright.recommending.facets import AS_RANKED, View
from shopwright.recommending.opinions import opinion_of, text_for_agents
from shopwright.recommending.ranking import (
    LENIENTLY,
    NOBODY,
    UNLIKELY,
    UNNAMED,
    WEIGHTS,
    Candidate,
    Weights,
    confidence,
    fits,
    is_meant,
    may_fit,
    scores,
)
from shopwright.recommending.recommendation import RankedProduct, Recommendation, RecommendedItem
from shopwright.recommending.retrieval import FOUND, FOUND_FAST, Found, Retrieval
from shopwright.recommending.rollouts import purchases
from shopwright.recommending.tasting import by_taste, considered, offers_of
from shopwright.recommending.viewing import look_at
from shopwright.rollouts.agent import CatalogueAgent, Opinion
from shopwright.shop.shop import Shop
from shopwright.understanding.parse import Understanding, own_words
from shopwright.understanding.request import ParsedRequest, Part
from shopwright.understanding.uses import is_use

REQUEST_CHARACTERS = 2_000
RECOMMENDERS_KEPT = 4
PARSES_KEPT = 64
# So many more products of a kind are looked at where few that were found are within the limits; of
# all kinds that a request names, at most so many times as many.
OF_KIND = 200
KINDS_IN_FULL = 3
# A list whose facets are counted has at least so many that may fit, if the shop has them.
WHOLE_LIST = 100
# If it is likelier than this that the shop has nothing of a kind, that is said.
LACKING = 0.5

Keep = Callable[[str], bool]


def check_request(request: str) -> str:
    """Return a request that can be read.

    Raises:
        InputError: it is empty or too long.
    """
    if not request.strip():
        raise InputError("request: expected some words, got none")
    if len(request) > REQUEST_CHARACTERS:
        raise InputError(
            f"request: expected at most {REQUEST_CHARACTERS} characters, got {len(request)}"
        )
    return request


class Recommender:
    """Recommends products of a shop, with any agent.

    Args:
        shop: the shop as it is; after changes another recommender is needed.
        weights: how much each opinion counts.
    """

    def __init__(self, shop: Shop, weights: Weights = WEIGHTS) -> None:
        self.shop = shop
        self._weights = weights
        self._follow(Understanding.of(shop.catalogue), Retrieval(shop))

    @classmethod
    def of(cls, shop: Shop) -> Recommender:
        """Return the recommender of a shop. Those used lately are kept, and follow the shop through
        its changes."""
        base = shop.catalogue.base
        known = _used.pop(base, None)
        if known is None:
            known = cls(shop)
        elif known.shop is not shop:
            known = known.at(shop)
        _used[base] = known
        while len(_used) > RECOMMENDERS_KEPT:
            _used.popitem(last=False)
        return known

    def at(self, shop: Shop) -> Recommender:
        """Return the recommender of the same shop after changes."""
        moved = copy(self)
        moved.shop = shop
        moved._follow(self._understanding.at(shop.catalogue), self._retrieval.at(shop))
        return moved

    def _follow(self, understanding: Understanding, retrieval: Retrieval) -> None:
        self._understanding, self._retrieval = understanding, retrieval
        # The service asks for one before it asks for products, which needs it once more.
        self._parse = lru_cache(maxsize=PARSES_KEPT)(understanding.parse)

    def understand(self, request: str) -> ParsedRequest:
        """Return what a request asks for."""
        return self._parse(request)

    def is_kind(self, name: str) -> bool:
        """Return whether the shop files products under a name."""
        return len(self._understanding.rows_of_kind(name)) > 0

    def asked(self, understood: ParsedRequest) -> str:
        """Return a request as agents read it: in its own words, or as a person changed it."""
        thing = self._own_words(understood) or understood.search_text or understood.text
        return text_for_agents(thing, understood.price_limit, self.shop.catalogue.currency)

    def recommend(
        self,
        agent: CatalogueAgent | None,
        understood: ParsedRequest,
        *,
        count: int = 5,
        keep: Keep | None = None,
        view: View = AS_RANKED,
        leanings: Mapping[str, float] = NOBODY,
    ) -> Recommendation:
        """Return products for a request, best first unless they are sorted.

        Args:
            agent: None for a fast answer, of products that are found by words alone.
            understood: what the request asks for, perhaps changed by a person.
            count: how many at most.
            keep: which asins may be among them; all if None.
            view: how the list is narrowed and sorted, and where in it to begin.
            leanings: asin → how the customer leans to it, −1 to 1.
        """
        enough = max(count, WHOLE_LIST if view.counted else 0)
        ranking = self._ranking(agent, understood, keep, view, leanings, enough=enough, whole=False)
        nothing_fits, catalogue = ranking.nothing_fits, self.shop.catalogue
        found, facets = look_at(
            ranking.scored, view, catalogue, ranking.criteria, nothing_fits=nothing_fits
        )
        best = found[view.offset : view.offset + count]
        items = self._items(best, ranking, understood, view)
        if nothing_fits:
            there = 1.0 - ranking.lacking
            items = [
                replace(each, fits=False, confidence=each.confidence * there) for each in items
            ]
        return Recommendation(
            understood.text, tuple(items), understood, nothing_fits, len(found), facets
        )

    def rank(self, agent: CatalogueAgent | None, understood: ParsedRequest) -> list[RankedProduct]:
        """Return all candidates, best first: what may meet what the request insists on, but for
        kinds and exclusions, before the rest. Without the options that the agent prefers."""
        ranking = self._ranking(agent, understood, None, AS_RANKED, enough=1)
        criteria, scored = ranking.criteria, ranking.scored
        scored.sort(key=lambda pair: not may_fit(pair[1], criteria, leniently=LENIENTLY))
        return [
            RankedProduct(
                self.shop.catalogue.asin_of(candidate.row),
                may_fit(candidate, criteria),
                fits(candidate, criteria),
                confidence(candidate, criteria),
            )
            for _, candidate in scored
        ]

    def scored_rows(
        self, agent: CatalogueAgent | None, understood: ParsedRequest, *, only_fitting: bool = False
    ) -> list[tuple[int, float]]:
        """Return (row, score) of all candidates, best first; the scores of all sum to 1."""
        ranking = self._ranking(agent, understood, None, AS_RANKED, enough=1)
        criteria, scored = ranking.criteria, ranking.scored
        return [(c.row, score) for score, c in scored if not only_fitting or fits(c, criteria)]

    def offers(self, agent: CatalogueAgent | None, understood: ParsedRequest) -> list[Offer]:
        """Return the products that a taste would move, best first."""
        found = self._ranking(agent, understood, None, AS_RANKED, enough=1)
        return offers_of(considered(found.scored, found.criteria), self.shop.catalogue)

    def recommend_by_rollouts(
        self,
        agent: CatalogueAgent,
        understood: ParsedRequest,
        *,
        count: int = 5,
        rollouts: int = 20,
        seed: int = 0,
    ) -> Recommendation:
        """Return products by the share of sampled rollouts that bought them, which is the score.
        The agent reads the request as it stands."""
        items, criteria = [], criteria_of(understood)
        bought = purchases(agent, self.shop, understood.text, rollouts=rollouts, seed=seed)
        for answer, share in bought[:count]:
            product = self.shop.product(answer.asin)
            options = product.settled(answer.options, understood.price_limit)
            items.append(RecommendedItem.of(product, options, share, Candidate(row=0), criteria))
        return Recommendation(understood.text, tuple(items), understood)

    def _ranking(
        self,
        agent: CatalogueAgent | None,
        understood: ParsedRequest,
        keep: Keep | None,
        view: View,
        leanings: Mapping[str, float] = NOBODY,
        *,
        enough: int,
        whole: bool = True,
    ) -> _Ranking:
        """Candidates; more of the kind are looked at where not enough may fit. Without an agent
        fewer, found by words alone.

        Args:
            whole: whether all are wanted, not only those that may be shown: those that may meet
                what the request insists on, unless nothing does. How like products are is measured
                among those wanted, so that what is worth about the same may change places.
        """
        text, criteria = self.asked(understood), criteria_of(understood)
        opinion = opinion_of(agent, self.shop, text) if agent else None
        found = self._candidates(self._found(agent, understood, text), opinion, keep)
        assessor = Assessor(self.shop.catalogue, understood, criteria, view)
        fitting = assessor.fitting(found)
        if len(fitting) < enough:
            known = {each.row for each in found}
            more = self._of_kind(understood, known, keep, OF_KIND if agent else FOUND_FAST)
            found, fitting = [*found, *more], [*fitting, *assessor.fitting(more)]
        is_there = any(fits(each, criteria) for each in fitting)
        lacking = 0.0 if is_there else self._understanding.lacking(understood)
        nothing_fits = lacking > LACKING or not any(is_meant(each, criteria) for each in fitting)
        candidates = found if whole or nothing_fits else fitting
        assessor.assess([each for each in candidates if len(each.reasons) < len(criteria)])
        for each in candidates if leanings else ():
            each.leaning = leanings.get(self.shop.catalogue.asin_of(each.row), 0.0)
        likeness = partial(self._retrieval.likeness, agent)
        weights = self._weights.for_a_use() if is_use(understood.text) else self._weights
        worth = scores(candidates, criteria, understood.order, weights, likeness)
        scored = sorted(zip(worth, candidates, strict=True), key=lambda pair: -pair[0])
        liked = by_taste(agent, understood.order, scored, criteria, self.shop.catalogue)
        return _Ranking(criteria, opinion, liked, nothing_fits, lacking)

    def _found(self, agent: CatalogueAgent | None, understood: ParsedRequest, asked: str) -> Found:
        """What the finder finds, by words what was understood counts twice, by vectors once."""
        own, by_use = self._own_words(understood), is_use(understood.text)
        words = f"{own} {understood.search_text}".strip() or understood.text
        thing = own or words
        count = FOUND if agent else FOUND_FAST
        return self._retrieval.found(agent, words, count, asked=asked, thing=thing, by_use=by_use)

    def _candidates(
        self, found: Found, opinion: Opinion | None, keep: Keep | None
    ) -> list[Candidate]:
        """What the finder and the agent find."""
        catalogue = self.shop.catalogue
        by_row = {
            row: Candidate(row=row, found=score)
            for row, score in zip(found.rows, found.scores, strict=True)
        }
        probabilities = opinion.probabilities if opinion else {}
        for asin in probabilities:
            row = catalogue.row_of(asin)
            if row is not None:
                by_row.setdefault(row, Candidate(row=row))
        rest = UNNAMED if len(probabilities) == 1 else UNLIKELY
        for row, candidate in by_row.items():
            candidate.agent = probabilities.get(catalogue.asin_of(row), rest)
        return [each for each in by_row.values() if not keep or keep(catalogue.asin_of(each.row))]

    def _own_words(self, understood: ParsedRequest) -> str:
        """The request's own words; none of one that a person changed."""
        changed = understood.pieces != self.understand(understood.text).pieces
        return "" if changed else own_words(understood)

    def _of_kind(
        self, understood: ParsedRequest, known: set[int], keep: Keep | None, most: int
    ) -> list[Candidate]:
        """Further products of the kinds that are asked for, at most so many of each."""
        catalogue = self.shop.catalogue
        rows: dict[int, None] = {}
        kinds = understood.of(Part.KIND)
        most = min(most, KINDS_IN_FULL * most // max(1, len(kinds)))
        for piece in kinds:
            rows |= dict.fromkeys(map(int, self._understanding.rows_of_kind(piece.value)[:most]))
        return [
            Candidate(row=row)
            for row in rows
            if row not in known and (not keep or keep(catalogue.asin_of(row)))
        ]

    def _items(
        self,
        best: Sequence[tuple[float, Candidate]],
        ranking: _Ranking,
        understood: ParsedRequest,
        view: View,
    ) -> list[RecommendedItem]:
        """The products with the options that the agent prefers, as far as the request leaves them
        open; of a list that is narrowed or sorted with those by which it is."""
        products = [self.shop.catalogue[candidate.row] for _, candidate in best]
        preferred: dict[str, Mapping[str, str]] = {p.asin: view.options_of(p) for p in products}
        if view.as_ranked and (opinion := ranking.opinion):
            asins = [p.asin for p in products if p.options and p.asin in opinion.probabilities]
            preferred |= zip(asins, opinion.options(asins), strict=True)
        wishes = OptionWishes(understood)
        return [
            RecommendedItem.of(
                product,
                choose(product, wishes, preferred[product.asin]),
                score,
                candidate,
                ranking.criteria,
            )
            for product, (score, candidate) in zip(products, best, strict=True)
        ]


class _Ranking(NamedTuple):
    """Candidates with their scores, best first, and what they were measured by.

    Attributes:
        nothing_fits: whether none is what was asked for.
        lacking: how likely the shop has nothing of the kind.
    """

    criteria: Sequence[Criterion]
    opinion: Opinion | None
    scored: list[tuple[float, Candidate]]
    nothing_fits: bool
    lacking: float


# By the catalogue as it was built, the latest last.
_used: OrderedDict[Catalogue, Recommender] = OrderedDict()
