"""The ranking of products for a request, out of several opinions of them.

The opinions are pooled: what each finds a product to be worth is a logarithm, and their weighted
sum, over all candidates, gives the score. The agent's is the probability with which it would buy
the product, the finder's falls with the product's place, the judge's is the probability that the
product is exactly what was asked for, and each thing that the request asks for counts where it is
met or not.

Source: the logarithmic opinion pool (Genest & Zidek, "Combining probability distributions",
Statistical Science 1(1), 1986).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

from shopwright.recommending.reasons import Criterion, Reason
from shopwright.understanding.request import Order, Part

# What is not among an agent's products, it finds at most so likely.
UNLIKELY = 1e-4
_FIRST_PLACES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each opinion counts.

    Attributes:
        agent: of the log probability of a purchase.
        finder: of the finder's places.
        judge: of the log probability of an exact answer.
        met: by part of the request, what a product gains that meets a piece, in nats; half of it
            is lost where it does not.
        order: what the first by a wish of order gains over the last.
    """

    agent: float = 0.4
    finder: float = 1.0
    judge: float = 1.0
    met: Mapping[str, float] = field(
        default_factory=lambda: {
            Part.KIND: 2.0,
            Part.FEATURE: 1.0,
            Part.OPTION: 1.5,
            Part.BRAND: 1.5,
            Part.PRICE: 0.5,
            Part.EXCLUSION: 1.0,
            Part.AUDIENCE: 1.0,
        }
    )
    order: float = 3.0


WEIGHTS = Weights()


@dataclass(slots=True)
class Candidate:
    """A product that may be recommended, and what is known of it.

    Attributes:
        row: the product's.
        place: among what the finder found, from 0; None if it did not.
        agent: the probability with which the agent buys it; None if it was not asked about it.
        judge: the probability that it is exactly what was asked for; None without a judge.
        reasons: what it meets, in the order of the criteria.
        price: what it costs at least; None if that is not known.
    """

    row: int
    place: int | None = None
    agent: float | None = None
    judge: float | None = None
    reasons: Sequence[Reason] = ()
    price: float | None = None


def scores(
    candidates: Sequence[Candidate],
    criteria: Sequence[Criterion],
    order: Order | None = None,
    weights: Weights = WEIGHTS,
) -> list[float]:
    """Return the score of each candidate; they sum to 1.

    Args:
        criteria: what the candidates' reasons are about.
        order: what should come first.
    """
    worth = [_worth(candidate, criteria, weights) for candidate in candidates]
    for place, number in enumerate(_ordered(candidates, order)):
        worth[number] -= weights.order * place / len(candidates)
    highest = max(worth, default=0.0)
    shares = [exp(each - highest) for each in worth]
    return [share / sum(shares) for share in shares]


def _worth(candidate: Candidate, criteria: Sequence[Criterion], weights: Weights) -> float:
    worth = weights.agent * log(max(candidate.agent or 0.0, UNLIKELY))
    place = 100 if candidate.place is None else candidate.place
    worth -= weights.finder * log(_FIRST_PLACES + place)
    if candidate.judge is not None:
        worth += weights.judge * log(max(candidate.judge, UNLIKELY))
    for criterion, reason in zip(criteria, candidate.reasons, strict=True):
        gain = {True: 1.0, None: 0.0, False: -0.5}[reason.met]
        worth += weights.met[criterion.part] * criterion.confidence * gain
    return worth


def _ordered(candidates: Sequence[Candidate], order: Order | None) -> list[int]:
    """The numbers of the candidates in the order that is wished for, by price; those without one
    come last. Nothing if no such order is wished for."""
    if order not in (Order.CHEAPEST, Order.DEAREST):
        return []
    sign = 1.0 if order is Order.CHEAPEST else -1.0

    def key(number: int) -> tuple[bool, float]:
        price = candidates[number].price
        return price is None, sign * (price or 0.0)

    return sorted(range(len(candidates)), key=key)


# What is told of products whose texts say nothing about a thing that is asked for.
_UNKNOWN = 0.35
_ALL_MET = 0.8


def confidence(candidate: Candidate, criteria: Sequence[Criterion]) -> float:
    """Return how likely a product is what was asked for, 0 to 1: what the judge says if there is
    one; otherwise by what is met, each thing as certain as the reading of it."""
    certainty = _ALL_MET if candidate.judge is None else candidate.judge
    for criterion, reason in zip(criteria, candidate.reasons, strict=True):
        if reason.met is False or (reason.met is None and candidate.judge is None):
            share = _UNKNOWN if reason.met is None else 0.0
            certainty *= 1.0 - criterion.confidence * (1.0 - share)
    return certainty
