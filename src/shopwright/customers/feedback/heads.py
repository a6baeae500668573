"""From judgments to a taste: a bandit head, or direct preference optimisation.

Both are logistic regressions on the features of products that were judged
(:func:`shopwright.agents.taste.features`), with a normal prior around no taste:

- bandit: of the rewards of what was looked at: a click and, of what was clicked, a purchase. Each
  place has an intercept of its own, which takes up that lower places are looked at less, and that
  they are only judged where something was clicked there or below.
- dpo: of preferences. The policy is a Boltzmann distribution over the products of a request, whose
  energies are those of the agent that served plus the taste's; so the log ratio to the reference is
  the taste's gain, and normalisers cancel within a pair: DPO's loss is the logistic loss of the
  difference of gains, and β is one over the prior's variance. A pair counts by one over the
  propensity of the place that was preferred. Features are taken less their mean at their place: of
  a list that is sorted by something, who passes the first would seem to dislike it.

How far the taste is held back, up to no taste at all, is decided on folds of the log that a fit has
not seen.

Source: Rafailov et al., 2023 (arXiv 2305.18290), equation 7; propensities as Joachims, Swaminathan
and Schnabel, 2017 (arXiv 1608.04468). The intercepts of places and the centred features are our
own.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shopwright.agents.taste import PRICE, RATING, SCORE
from shopwright.customers.feedback.judgments import JudgedList, examination

Floats = NDArray[np.float64]
Features = dict[str, float]
# What standard deviation, in nats, the weights of a kind of feature are expected to have.
_EXPECTED = {SCORE: 0.5, PRICE: 0.5, RATING: 0.5, "brand": 1.0, "detail": 1.0, "attribute": 0.5}
_EXPECTED_OF_OTHERS = 0.2
# The shares of that which are tried; none stands for no taste.
HELD_BACK = (0.25, 0.5, 1.0, 2.0)
# A feature that fewer judged products have tells nothing; of more, the most frequent are taken.
SEEN = 5
MOST_FEATURES = 500
FOLDS = 5
_INTERCEPT_DEVIATION = 3.0
_NO_INTERCEPT = -1
_NEWTON_STEPS = 25
_LEAST_CHANGE = 1e-5


class Seen(NamedTuple):
    """A judged list, with the features of the products at its places.

    Attributes:
        features: by place; None for a product that is no more.
    """

    judged: JudgedList
    features: Sequence[Features | None]

    @property
    def fold(self) -> int:
        """The fold that the list belongs to, by a hash of its id."""
        return int(hashlib.sha256(self.judged.entry.id.encode()).hexdigest(), 16) % FOLDS


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a logistic regression.

    Attributes:
        names: of the features.
        features: (rows, features).
        intercepts: the number of each row's intercept; :data:`_NO_INTERCEPT` for none.
        rewards: 0 or 1, (rows,).
        weights: how much each row counts, (rows,).
        lists: the number of the list that each row is of, (rows,).
        folds: of each row, (rows,).
        intercept_count: how many intercepts there are; some may have no row.
    """

    names: tuple[str, ...]
    features: Floats
    intercepts: NDArray[np.int64]
    rewards: Floats
    weights: Floats
    lists: NDArray[np.int64]
    folds: NDArray[np.int64]
    intercept_count: int = 0

    def part(self, chosen: NDArray[np.bool_]) -> Rows:
        """Return some of the rows."""
        return Rows(
            self.names,
            self.features[chosen],
            self.intercepts[chosen],
            self.rewards[chosen],
            self.weights[chosen],
            self.lists[chosen],
            self.folds[chosen],
            self.intercept_count,
        )


class Fit(NamedTuple):
    """A fitted regression.

    Attributes:
        weights: (features,).
        intercepts: (intercepts,).
    """

    weights: Floats
    intercepts: Floats

    def losses(self, rows: Rows) -> Floats:
        """Return what each row costs, weighted, in nats, (rows,)."""
        logits = rows.features @ self.weights
        logits = logits + np.append(self.intercepts, 0.0)[rows.intercepts]
        return np.asarray(rows.weights * np.logaddexp(0.0, np.where(rows.rewards, -logits, logits)))


def bandit_rows(lists: Sequence[Seen]) -> Rows:
    """Return a row for each judgment, a click or none, and one for each click, a purchase or
    none."""
    names = feature_names(lists)
    most = max((len(each.features) for each in lists), default=0)
    found: list[tuple[Features, int, bool, int]] = []
    for number, each in enumerate(lists):
        for judgment in each.judged.judgments:
            product = each.features[judgment.place]
            if product is None:
                continue
            found.append((product, judgment.place, judgment.clicked, number))
            if judgment.clicked:
                found.append((product, most, judgment.bought, number))
    return Rows(
        names,
        feature_matrix([product for product, *_ in found], names),
        np.array([intercept for _, intercept, *_ in found], dtype=np.int64),
        np.array([reward for *_, reward, _ in found], dtype=np.float64),
        np.ones(len(found)),
        *_lists_and_folds([number for *_, number in found], lists),
        intercept_count=most + 1,
    )


def preference_rows(lists: Sequence[Seen]) -> Rows:
    """Return a row for each preference: the features of what was preferred less those of the
    other."""
    names = feature_names(lists)
    looked_at = examination([each.judged for each in lists])
    matrices = [feature_matrix([row or {} for row in each.features], names) for each in lists]
    means = [
        np.mean([matrix[place] for matrix in matrices if len(matrix) > place], axis=0)
        for place in range(len(looked_at))
    ]
    differences, weights, numbers = [], [], []
    for number, (each, matrix) in enumerate(zip(lists, matrices, strict=True)):
        centred = matrix - means[: len(matrix)]
        for chosen, rejected in each.judged.preferences:
            if each.features[chosen] is not None and each.features[rejected] is not None:
                differences.append(centred[chosen] - centred[rejected])
                weights.append(1.0 / looked_at[chosen])
                numbers.append(number)
    count = len(weights)
    return Rows(
        names,
        np.array(differences).reshape(count, len(names)),
        np.full(count, _NO_INTERCEPT),
        np.ones(count),
        np.array(weights) / np.mean(weights) if weights else np.ones(0),
        *_lists_and_folds(numbers, lists),
    )


def deviations(names: Sequence[str]) -> Floats:
    """Return what standard deviation the weights of features are expected to have."""
    expected = (_EXPECTED.get(name.split(":")[0], _EXPECTED_OF_OTHERS) for name in names)
    return np.array([*expected])


def fit(rows: Rows, prior: Floats) -> Fit:
    """Fit a logistic regression by Newton's method.

    Args:
        prior: the standard deviation of each weight's normal prior around 0, (features,).
    """
    count = rows.intercept_count
    indicators = np.eye(count + 1)[rows.intercepts][:, :count]
    x = np.hstack([rows.features * prior, indicators])
    penalty = np.r_[np.ones(len(prior)), np.full(count, _INTERCEPT_DEVIATION**-2)]
    solution = np.zeros(len(penalty))
    for _ in range(_NEWTON_STEPS):
        chances = 1.0 / (1.0 + np.exp(-(x @ solution)))
        gradient = x.T @ (rows.weights * (rows.rewards - chances)) - penalty * solution
        curvature = (x * (rows.weights * chances * (1.0 - chances))[:, None]).T @ x
        change = np.linalg.solve(curvature + np.diag(penalty), gradient)
        solution += change
        if np.abs(change).max(initial=0.0) < _LEAST_CHANGE:
            break
    return Fit(prior * solution[: len(prior)], solution[len(prior) :])


class Learned(NamedTuple):
    """What a log taught.

    Attributes:
        held_back: the share of the expected size that weights were left; 0 for no taste.
        gained, error: by how many nats in all the taste predicts lists better that it has not
            learned from than no taste does, and the standard error of that.
        fit: of all lists.
        folds: the fits without each fold.
    """

    held_back: float
    gained: float
    error: float
    fit: Fit
    folds: tuple[Fit, ...]


def learn(rows: Rows) -> Learned:
    """Fit with as much of a taste as predicts best what it has not learned from; with none, unless
    that is better by more than its standard error."""
    prior = deviations(rows.names)

    def fits(share: float) -> tuple[Fit, ...]:
        return tuple(fit(rows.part(rows.folds != fold), share * prior) for fold in range(FOLDS))

    def losses(found: Sequence[Fit]) -> Floats:
        costs = np.zeros(len(rows.rewards))
        for fold, each in enumerate(found):
            held_out = rows.folds == fold
            costs[held_out] = each.losses(rows.part(held_out))
        return costs

    without = fits(0.0)
    plain = losses(without)
    best = Learned(0.0, 0.0, 0.0, fit(rows, 0.0 * prior), without)
    for share in HELD_BACK:
        found = fits(share)
        gains = plain - losses(found)
        total, error = float(gains.sum()), float(gains.std() * np.sqrt(len(gains)))
        if total > max(error, best.gained):
            best = Learned(share, total, error, fit(rows, share * prior), found)
    return best


def feature_names(lists: Sequence[Seen]) -> tuple[str, ...]:
    """Return the features that enough judged products have."""
    seen = Counter(
        name
        for each in lists
        for judgment in each.judged.judgments
        for name, value in (each.features[judgment.place] or {}).items()
        if value
    )
    frequent = sorted(seen.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_FEATURES]
    return tuple(sorted(name for name, count in frequent if count >= SEEN))


def _lists_and_folds(
    numbers: Sequence[int], lists: Sequence[Seen]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    folds = np.array([each.fold for each in lists], dtype=np.int64)
    chosen = np.array(numbers, dtype=np.int64)
    return chosen, folds[chosen]


def feature_matrix(rows: Sequence[Features], names: Sequence[str]) -> Floats:
    """Return the features of products, (rows, features); 0 where a product has none."""
    columns = {name: column for column, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        for name, value in row.items():
            if name in columns:
                matrix[number, columns[name]] = value
    return matrix
