"""What another ranking would have brought on a log, more than what was shown.

A product that both lists show counts with what the customer did, by how much more or less its new
place is looked at; what a list adds counts with what a model predicts of the lists that the model
was not fitted on: an estimate that is right if either the places' propensities, for what both
show, or the model is.

Source: the item-position model of Li et al., "Offline evaluation of ranking policies with click
models", 2018 (arXiv 1804.10488), made doubly robust as Dudik, Langford and Li, 2011 (arXiv
1103.4601). The lower end of its interval is one of sampling, not of a wrong model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from shopwright.customers.feedback.heads import (
    Features,
    Fit,
    Floats,
    Learned,
    Seen,
    bandit_rows,
    feature_matrix,
    learn,
)
from shopwright.customers.feedback.judgments import examination
from shopwright.evaluation.off_policy import Estimate, inverse_propensity, supported


class Reranked(NamedTuple):
    """A logged list beside another ranking's.

    Attributes:
        seen: as it was logged.
        items: what the other shows, best first.
        features: of these.
    """

    seen: Seen
    items: Sequence[str]
    features: Sequence[Features]


def gain_over_log(lists: Sequence[Reranked]) -> Estimate | None:
    """Return how many purchases a list another ranking would have brought more than what was
    shown; None, with a warning, where the log hardly ever showed what it would show."""
    seen = [each.seen for each in lists]
    looked_at = examination([each.judged for each in seen])
    rows = bandit_rows(seen)
    learned = learn(rows)
    gains, overlaps = [], []
    for each in lists:
        gain, overlap = _gain(each, looked_at, rows.names, _without(learned, each.seen.fold))
        gains.append(gain)
        overlaps.append(overlap)
    if not supported(overlaps):
        return None
    return inverse_propensity(gains, np.ones(len(gains)))


def _gain(
    each: Reranked, looked_at: Floats, names: Sequence[str], model: Fit
) -> tuple[float, float]:
    """The gain of a list, and by how much of what is looked at it is known from the log."""
    shown = {asin: place for place, asin in enumerate(each.seen.judged.entry.items)}
    bought = {judgment.place for judgment in each.seen.judged.judgments if judgment.bought}
    items = each.items[: len(looked_at)]
    chances = _chances(each.features[: len(items)], names, model)
    gain, known = -float(len(bought)), 0.0
    for place, (asin, chance) in enumerate(zip(items, chances, strict=True)):
        gain += looked_at[place] * chance
        if asin in shown:
            before = shown[asin]
            error = float(before in bought) - looked_at[before] * chance
            gain += looked_at[place] / looked_at[before] * error
            known += looked_at[place]
    return float(gain), float(known / looked_at[: len(items)].sum()) if items else 0.0


def _chances(rows: Sequence[Features], names: Sequence[str], model: Fit) -> Floats:
    """How likely each product is bought where it is looked at: clicked as in the first place, and
    then bought."""
    gains = feature_matrix(rows, names) @ model.weights
    clicked, bought = model.intercepts[0], model.intercepts[-1]
    return np.asarray(1.0 / (1.0 + np.exp(-gains - clicked)) / (1.0 + np.exp(-gains - bought)))


def _without(learned: Learned, fold: int) -> Fit:
    return learned.folds[fold]
