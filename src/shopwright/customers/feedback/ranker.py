"""LightGBM's ranker on the same judgments and features: the ecosystem's baseline.

Source: LambdaMART (Burges, "From RankNet to LambdaRank to LambdaMART", 2010) as LightGBM has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from shopwright.agents.taste import MOST_GAIN, Offer, features
from shopwright.customers.feedback.heads import (
    Features,
    Floats,
    Seen,
    feature_matrix,
    feature_names,
)
from shopwright.extras import require


class RankerTaste:
    """What LightGBM's ranker finds products to gain.

    Args:
        lists: what it learns from.
        trees: how many.

    Raises:
        UnavailableError: LightGBM is not installed.
    """

    def __init__(self, lists: Sequence[Seen], *, trees: int = 100, seed: int = 0) -> None:
        require("lightgbm", "ranker", "LightGBM's ranker")
        import lightgbm

        self._names = feature_names(lists)
        rows, places, grades, sizes = [], [], [], []
        for each in lists:
            judged = [j for j in each.judged.judgments if each.features[j.place] is not None]
            rows += [each.features[judgment.place] or {} for judgment in judged]
            places += [judgment.place for judgment in judged]
            grades += [int(judgment.clicked) + int(judgment.bought) for judgment in judged]
            sizes += [len(judged)] if judged else []
        settings: dict[str, Any] = {
            "objective": "lambdarank",
            "learning_rate": 0.05,
            "num_leaves": 15,
            "min_data_in_leaf": 10,
            "lambda_l2": 1.0,
            "num_threads": 1,
            "deterministic": True,
            "seed": seed,
            "verbose": -1,
        }
        data = lightgbm.Dataset(self._matrix(rows, places), grades, group=sizes)
        self._model = lightgbm.train(settings, data, num_boost_round=trees)

    def gains(self, offers: Sequence[Offer]) -> np.ndarray:
        """Return what each product of a list gains over their mean, float64, (offers,)."""
        if not offers:
            return np.zeros(0)
        found = np.asarray(self._model.predict(self._matrix(features(offers), [0] * len(offers))))
        return np.asarray(np.clip(found - found.mean(), -MOST_GAIN, MOST_GAIN))

    def _matrix(self, rows: Sequence[Features], places: Sequence[int]) -> Floats:
        """The features and the place, so that trees can tell what is due to the place."""
        return np.column_stack([feature_matrix(rows, self._names), places])
