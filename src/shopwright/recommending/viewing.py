"""A ranked list as a person looks at it: narrowed, sorted, and counted by facets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shopwright.catalogue.storage import Catalogue
from shopwright.recommending.criteria import Criterion
from shopwright.recommending.facets import CountedFacet, Described, View, counted, narrowed
from shopwright.recommending.ranking import Candidate, fits, in_order

Scored = Sequence[tuple[float, Candidate]]


class Looked(NamedTuple):
    """What is left of a list, in the order to show, and the facets of all of it."""

    scored: Scored
    facets: tuple[CountedFacet, ...]


def look_at(
    found: Scored,
    view: View,
    catalogue: Catalogue,
    criteria: Sequence[Criterion],
    *,
    nothing_fits: bool,
) -> Looked:
    """Narrow and sort a list.

    Args:
        found: the candidates with their scores, best first.
        criteria: what the candidates' reasons are about.
        nothing_fits: whether none of them is said to fit.
    """
    if view.as_ranked and not view.counted:
        return Looked(found, ())
    described = [
        Described(
            catalogue[candidate.row],
            candidate.price,
            not nothing_fits and fits(candidate, criteria),
        )
        for _, candidate in found
    ]
    left = [found[place] for place in narrowed(described, view.chosen)]
    if view.order:
        worth, candidates = [score for score, _ in left], [each for _, each in left]
        places = in_order(candidates, range(len(left)), worth, view.order)
        left = [left[place] for place in places] or left
    facets = counted(described, view.chosen, catalogue.currency) if view.counted else []
    return Looked(left, tuple(facets))
