"""The ranking of products for a request, out of several opinions of them.

The opinions are pooled: what each finds a product to be worth is a logarithm, and their weighted
sum, over all candidates, gives the score. The agent's is the probability with which it would buy
the product, the finder's its own score, and each thing that the request asks for counts where it is
met or not.

Source: the logarithmic opinion pool (Genest & Zidek, "Combining probability distributions",
Statistical Science 1(1), 1986).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log
from types import MappingProxyType

import numpy as np

from shopwright.recommending.criteria import Criterion
from shopwright.recommending.reasons import Reason
from shopwright.understanding.request import Order, Part

UNLIKELY = 1e-3
# The leanings of somebody who is not known.
NOBODY: Mapping[str, float] = MappingProxyType({})
# Behind so many products of a ranking, those come first that are like its so many best ones:
# pseudo-relevance feedback, which finds more of what is meant, and does not help the first ones.
FIRST = 10
EXAMPLES = 5
_AND = " and "
# Python 3.11 takes longer to look up a member of an enumeration than all else here does.
_KIND, _EXCLUSION, _PRICE = Part.KIND, Part.EXCLUSION, Part.PRICE
# People and catalogues draw these lines differently: rankings weigh them.
LENIENTLY = (Part.KIND, Part.EXCLUSION)
# So likely is any other product to an agent that names only one.
UNNAMED = 0.1


# The rows of products and of examples → how like the former are to the latter, −1 to 1.
Likeness = Callable[[Sequence[int], Sequence[int]], "np.ndarray | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each opinion counts.

    Attributes:
        agent: of the log probability of a purchase.
        finder: of the finder's score.
        met: by part of the request, what a product gains that meets a piece, in nats; half of it
            is lost where it does not.
        order: by how much the first by a wish of order is above the worthiest of those that are
            meant; the others follow in equal steps.
        likeness: of the cosine similarity to the first, for those behind :data:`FIRST`.
        leaning: of the customer's leaning to a product, in nats.
    """

    agent: float = 0.1
    finder: float = 22.0
    met: Mapping[str, float] = field(
        default_factory=lambda: {
            Part.KIND: 2.0,
            Part.FEATURE: 1.0,
            Part.OPTION: 1.5,
            Part.BRAND: 1.5,
            Part.PRICE: 1.5,
            Part.MEASURE: 3.0,
            Part.EXCLUSION: 1.0,
            Part.AUDIENCE: 1.0,
        }
    )
    order: float = 10.0
    likeness: float = 4.0
    leaning: float = 1.0

    def for_a_use(self) -> Weights:
        """Return these for a request that says what a thing is for: what fits rarely has its
        words."""
        feature = 0.4 * self.met[Part.FEATURE]
        return replace(self, met={**self.met, Part.FEATURE: feature})


WEIGHTS = Weights()


@dataclass(slots=True)
class Candidate:
    """A product that may be recommended, and what is known of it.

    Attributes:
        row: the product's.
        found: the finder's score, 0 to 1; 0 if it did not find it.
        agent: the probability with which the agent buys it; None if it was not asked about it.
        reasons: what it meets, in the order of the criteria.
        price: what it costs at least; None if that is not known.
        rating: what customers give it; None if that is not known.
        leaning: how the customer who asks leans to it, −1 to 1; 0 if that is not known.
    """

    row: int
    found: float = 0.0
    agent: float | None = None
    reasons: Sequence[Reason] = ()
    price: float | None = None
    rating: float | None = None
    leaning: float = 0.0


def scores(
    candidates: Sequence[Candidate],
    criteria: Sequence[Criterion],
    order: Order | None = None,
    weights: Weights = WEIGHTS,
    likeness: Likeness | None = None,
) -> list[float]:
    """Return the score of each candidate; they sum to 1.

    Args:
        criteria: what the candidates' reasons are about.
        order: what should come first.
        likeness: tells how like products are to others; None where nothing does.
    """
    met = [weights.met[criterion.part] * criterion.confidence for criterion in criteria]
    worth = [_worth(candidate, criteria, weights, met) for candidate in candidates]
    meant = [n for n, candidate in enumerate(candidates) if is_meant(candidate, criteria)]
    # The cheapest of what is certainly of the kind, if anything is.
    of_kind = [number for number in meant if _is_of_kind(candidates[number], criteria)]
    by_order: list[int] = []
    if order:
        by_order = in_order(candidates, of_kind or meant, worth, order, by_met=True)
    if by_order:
        best = max(worth[number] for number in by_order)
        for place, number in enumerate(by_order):
            worth[number] = best + weights.order * (1.0 - place / len(by_order))
    elif likeness and len(candidates) > FIRST:
        _follow_the_best(worth, candidates, criteria, weights.likeness, likeness)
    highest = max(worth, default=0.0)
    shares = [exp(each - highest) for each in worth]
    total = sum(shares)
    return [share / total for share in shares]


def _follow_the_best(
    worth: list[float],
    candidates: Sequence[Candidate],
    criteria: Sequence[Criterion],
    weight: float,
    likeness: Likeness,
) -> None:
    """Lessen the worth of candidates behind the first ones by how unlike the best they are."""
    places = sorted(range(len(worth)), key=lambda place: -worth[place])
    places.sort(key=lambda place: not may_fit(candidates[place], criteria, leniently=LENIENTLY))
    rows = [candidates[place].row for place in places]
    cosines = likeness(rows[FIRST:], rows[:EXAMPLES])
    if cosines is not None:
        for place, cosine in zip(places[FIRST:], cosines.tolist(), strict=True):
            worth[place] -= weight * (1.0 - cosine)


def _worth(
    candidate: Candidate, criteria: Sequence[Criterion], weights: Weights, met: Sequence[float]
) -> float:
    worth = weights.agent * log(max(candidate.agent or 0.0, UNLIKELY))
    worth += weights.finder * candidate.found
    worth += weights.leaning * candidate.leaning
    for criterion, reason, weight in zip(criteria, candidate.reasons, met, strict=True):
        worth += weight * _gain(criterion.part, criterion.hard, reason)
    return worth


# What may have what is ruled out comes behind what is not said to have it.
_MAY_HAVE_IT, _HAS_IT = -1.0, -1.5


def _gain(part: Part, hard: bool, reason: Reason) -> float:
    """What a product gains, as a share of a weight."""
    if reason.met:
        # Filed under it and called so; said to be without it, not only not said to have it.
        is_sure = part is _KIND and _AND in reason.known_from
        is_sure |= part is _EXCLUSION and bool(reason.known_from)
        return 1.5 if is_sure else 1.0
    if hard and part is _EXCLUSION:
        return _MAY_HAVE_IT if reason.met is None else _HAS_IT
    # Nobody knows the price.
    is_open = reason.met is None and (part is not _PRICE or bool(reason.known_from))
    return 0.0 if is_open else -0.5


def in_order(
    candidates: Sequence[Candidate],
    numbers: Sequence[int],
    worth: Sequence[float],
    order: Order,
    *,
    by_met: bool = False,
) -> list[int]:
    """Return the numbers of some candidates by price or rating, those without one last, of equal
    ones the worthiest first; none where no price or rating is known.

    Args:
        by_met: whether those that meet most come first, by price or rating among themselves.
    """
    sign = 1.0 if order is Order.CHEAPEST else -1.0

    def value(number: int) -> float | None:
        candidate = candidates[number]
        return candidate.rating if order is Order.BEST_RATED else candidate.price

    def key(number: int) -> tuple[bool, int, float, float]:
        known, reasons = value(number), candidates[number].reasons
        met = sum((reason.met is True) - (reason.met is False) for reason in reasons if by_met)
        return known is None, -met, sign * (known or 0.0), -worth[number]

    if all(value(number) is None for number in numbers):
        return []
    return sorted(numbers, key=key)


def may_fit(
    candidate: Candidate, criteria: Sequence[Criterion], *, leniently: Collection[Part] = ()
) -> bool:
    """Return whether a product meets, or may meet, everything that the request insists on.

    Args:
        leniently: parts that it need not meet.
    """
    for criterion, reason in zip(criteria, candidate.reasons, strict=True):
        if reason.met is False and criterion.hard and criterion.part not in leniently:
            return False
    return True


def is_meant(candidate: Candidate, criteria: Sequence[Criterion]) -> bool:
    """Return whether a product may fit, is certainly of a kind that the request insists on, and has
    a price if there is a limit."""
    for criterion, reason in zip(criteria, candidate.reasons, strict=True):
        if reason.met or not criterion.hard:
            continue
        is_unpriced = criterion.part is _PRICE and not reason.known_from
        if reason.met is False or criterion.part is _KIND or is_unpriced:
            return False
    return True


def _is_of_kind(candidate: Candidate, criteria: Sequence[Criterion]) -> bool:
    return all(
        reason.met is True
        for criterion, reason in zip(criteria, candidate.reasons, strict=True)
        if criterion.part is _KIND
    )


# How likely people find a product right that meets everything, and by how much less one of which
# something is open or not met; of the development halves of ESCI and Chorus.
_ALL_MET = 0.8
_SHARES: Mapping[bool | None, float] = {True: 1.0, None: 0.85, False: 0.6}
_OF_THE_KIND = 1.1  # Of a kind that the shop has a name for; others may be read wrongly.
_KIND_SHARES: Mapping[bool | None, float] = {True: 0.85, None: 0.9, False: 0.45}
# Too dear is too dear.
_STRICT = (Part.PRICE, Part.AUDIENCE)
_BEYOND = 0.05
# What is read with more confidence than this has to be met by what is said to fit.
_SURE_READING = 0.55


def confidence(candidate: Candidate, criteria: Sequence[Criterion]) -> float:
    """Return how likely a product is what was asked for, 0 to 1, by what is met, each thing as
    certain as the reading of it."""
    certainty = _ALL_MET
    for criterion, reason in zip(criteria, candidate.reasons, strict=True):
        certainty *= 1.0 - criterion.confidence * (1.0 - _share(criterion, reason))
    return certainty


def _share(criterion: Criterion, reason: Reason) -> float:
    if criterion.part is Part.KIND:
        return _OF_THE_KIND if reason.met and criterion.hard else _KIND_SHARES[reason.met]
    if reason.met is False and criterion.part in _STRICT:
        return _BEYOND
    return _SHARES[reason.met]


def fits(candidate: Candidate, criteria: Sequence[Criterion]) -> bool:
    """Return whether a product can be said to fit: it meets something, all that was surely read,
    and nothing tells that it does not meet the rest. A price is not enough where more is asked for.
    Nothing fits what asks for nothing."""
    of_prices = all(criterion.part is _PRICE for criterion in criteria)
    return any(
        reason.met and (of_prices or criterion.part is not _PRICE)
        for criterion, reason in zip(criteria, candidate.reasons, strict=True)
    ) and not any(
        reason.met is False
        or (reason.met is None and (criterion.hard or criterion.confidence > _SURE_READING))
        for criterion, reason in zip(criteria, candidate.reasons, strict=True)
    )
