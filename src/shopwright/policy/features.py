"""The features that a policy sees, by name; their order is that of the columns.

A new feature is one more field of a record here, and its value where the record is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from shopwright.encoding.product_states import FIELDS

# Per token of the request and product: similarity and exact match, field by field; then the same
# for the past requests that the product fulfilled.
TEXT_EVIDENCE = 2 * len(FIELDS)
EVIDENCE = TEXT_EVIDENCE + 2


class ProductFeatures(NamedTuple):
    """What is known of a product for a request; the last three are what the retriever says."""

    reciprocal_rank: float = 0.0  # of its place in the search results
    log_rank: float = 0.0  # its logarithm
    search_score: float = 0.0  # relative to the best; 0 on pages, which show none
    above_limit: float = 0.0  # whether what is asked for costs more than the request's limit
    within_limit: float = 0.0  # whether there is a limit, and a price within it
    share_within_limit: float = 0.0  # what part of that price range is within it
    bought: float = 0.0  # whether it was ever bought
    nearness: float = 0.0  # of the nearest request that it fulfilled
    nearness_below_best: float = 0.0  # that, less the nearest of any product


class OptionSummary(NamedTuple):
    """What the best value of each group of a product's options says, once they are known."""

    has_options: float = 0.0  # whether there are any
    groups: float = 0.0  # how many, in threes
    share_named: float = 0.0  # of the groups, those with a value that stands in the request
    unnamed: float = 0.0  # how many groups have none such, in threes
    named: float = 0.0  # how many groups have one, in threes
    characters_named: float = 0.0  # of the values that stand there, in twenties
    mean_similarity: float = 0.0  # the mean over groups of the best similarity
    least_similarity: float = 0.0  # the least of these
    mean_share: float = 0.0  # the mean over groups of the best share of tokens
    least_share: float = 0.0  # the least of these
    least_minimum: float = 0.0  # the least over groups of the best least similarity


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
    """What is known of an action."""

    steps_left: float = 0.0  # as a share of a short episode
    opened: float = 0.0  # whether its product was opened before
    results_page: float = 0.0  # the number of the page of results
    group_set: float = 0.0  # for options, whether its group has a value
    chosen: float = 0.0  # for options, whether it is that value
    first_unset: float = 0.0  # whether its group is the first without a value
    unset_groups: float = 0.0  # how many groups have no value, in threes
    bullets_seen: float = 0.0  # whether those of its product were read
    description_seen: float = 0.0  # whether that of its product was read
    products_opened: float = 0.0  # how many were opened, in fives
    last_page: float = 0.0  # whether no later page of results was seen


PRODUCT_FEATURES = len(ProductFeatures._fields)
OPTION_SUMMARY = len(OptionSummary._fields)
OPTION_FEATURES = len(OptionFeature)
ACTION_FEATURES = len(ActionFeatures._fields)
HISTORY = ProductFeatures._fields.index("bought")  # where what the retriever says begins
SEARCH_SCORE = ProductFeatures._fields.index("search_score")


RARITY_SCALE = 8.0  # of inverse document frequencies


def feature_rows(records: Sequence[tuple[float, ...]], width: int) -> np.ndarray:
    """Return records of features as float32, (records, width)."""
    return np.array(records, dtype=np.float32).reshape(-1, width)
