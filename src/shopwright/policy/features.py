"""The features that a policy sees, by name; their order is that of the columns.

A new feature is one more field of a record here, and its value where the record is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from shopwright.encoding.token_states import FIELDS

# Per token of the request and product: similarity and exact match, field by field; then the same
# for the past requests that the product fulfilled.
TEXT_EVIDENCE = 2 * len(FIELDS)
EVIDENCE = TEXT_EVIDENCE + 2


class ProductFeatures(NamedTuple):
    """What is known of a product for a request; the last three are what the retriever says.

    Attributes:
        reciprocal_rank, log_rank: of its place in the search results.
        search_score: relative to the best; 0 on pages, which show none.
        above_limit, within_limit: how its price stands to the limit that the request names.
        share_within_limit: what part of its price range is within it.
        bought: whether it was ever bought.
        nearness: of the nearest request that it fulfilled.
        nearness_below_best: that, less the nearest of any product.
    """

    reciprocal_rank: float = 0.0
    log_rank: float = 0.0
    search_score: float = 0.0
    above_limit: float = 0.0
    within_limit: float = 0.0
    share_within_limit: float = 0.0
    bought: float = 0.0
    nearness: float = 0.0
    nearness_below_best: float = 0.0


class OptionSummary(NamedTuple):
    """What the best value of each group of a product's options says, once they are known.

    Attributes:
        has_options: whether there are any.
        groups: their number, in threes.
        share_named: of the groups, those with a value that stands in the request.
        unnamed, named: how many groups have none such, and one, in threes.
        characters_named: of the values that stand there, in twenties.
        mean_similarity, least_similarity: over groups, of the best similarity.
        mean_share, least_share: over groups, of the best share of tokens.
        least_minimum: over groups, of the best least similarity.
    """

    has_options: float = 0.0
    groups: float = 0.0
    share_named: float = 0.0
    unnamed: float = 0.0
    named: float = 0.0
    characters_named: float = 0.0
    mean_similarity: float = 0.0
    least_similarity: float = 0.0
    mean_share: float = 0.0
    least_share: float = 0.0
    least_minimum: float = 0.0


class OptionFeature(IntEnum):
    """What is known of an option's value for a request."""

    MEAN_SIMILARITY = 0  # of its tokens to the request's best
    LEAST_SIMILARITY = 1
    WEIGHTED_SIMILARITY = 2  # by rarity
    SHARE_NAMED = 3  # of its tokens, those that stand in the request
    WEIGHTED_SHARE_NAMED = 4
    NAMED = 5  # whether the value stands there
    CHARACTERS_NAMED = 6  # its length if it does, in twenties
    TOKENS = 7  # their number's logarithm
    SIMILARITY_BELOW_BEST = 8  # less the best of its group
    SHARE_BELOW_BEST = 9
    CHARACTERS_BELOW_BEST = 10
    GROUP_SIZE = 11  # its logarithm
    GROUP_NAMED = 12
    WHOLE_WORDS = 13  # whether it stands there as whole words
    LONGEST = 14  # outside of a longer value that stands there
    AFTER_GROUP = 15  # right after its group's name
    AFTER_GROUP_BELOW_BEST = 16


class ActionFeatures(NamedTuple):
    """What is known of an action.

    Attributes:
        steps_left: as a share of a short episode.
        opened: whether its product was opened before.
        results_page: the number of the page of results.
        group_set, chosen: for options, whether its group has a value, and whether it is that.
        first_unset: whether its group is the first without a value.
        unset_groups: their number, in threes.
        bullets_seen, description_seen: what was read of its product.
        products_opened: their number, in fives.
        last_page: whether no later page of results was seen.
    """

    steps_left: float = 0.0
    opened: float = 0.0
    results_page: float = 0.0
    group_set: float = 0.0
    chosen: float = 0.0
    first_unset: float = 0.0
    unset_groups: float = 0.0
    bullets_seen: float = 0.0
    description_seen: float = 0.0
    products_opened: float = 0.0
    last_page: float = 0.0


PRODUCT_FEATURES = len(ProductFeatures._fields)
OPTION_SUMMARY = len(OptionSummary._fields)
OPTION_FEATURES = len(OptionFeature)
ACTION_FEATURES = len(ActionFeatures._fields)
HISTORY = ProductFeatures._fields.index("bought")  # where what the retriever says begins
SEARCH_SCORE = ProductFeatures._fields.index("search_score")


def feature_rows(records: Sequence[tuple[float, ...]], width: int) -> np.ndarray:
    """Return records of features as float32, (records, width)."""
    return np.array(records, dtype=np.float32).reshape(-1, width)
