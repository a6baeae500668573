"""A decision: everything that the choice policy knows when it chooses, as arrays.

The same record serves both protocols. On pages, the products are those seen in the episode, each
with the fields that its pages have shown, and for a moment such as are remembered; under the
catalogue protocol they are the search results with all fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from shopwright.encoding.token_states import FIELDS
from shopwright.policy.evidence import (
    OPTION_FEATURES,
    OptionReading,
    ProductReading,
    Reader,
    RequestReading,
)
from shopwright.search.searchable_catalogue import SEARCH_LIMIT

# Steps left, opened before, results page, group already set, value already chosen, first unset
# group, unset groups, bullets seen, description seen, products opened, last page of results seen.
ACTION_FEATURES = 11


class ActionKind(IntEnum):
    """What an action does."""

    PRODUCT = 0
    OPTION = 1
    BUY = 2
    PREVIOUS = 3
    NEXT = 4
    START_AGAIN = 5
    FEATURES = 6
    DESCRIPTION = 7
    OTHER = 8


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known when an action is chosen.

    Attributes:
        request: the request.
        products: the products known.
        seen: float32, (products, fields): 1 for a field that was shown.
        actions: the action strings; asins under the catalogue protocol.
        kinds: int64, (actions,): an :class:`ActionKind` each.
        product_of: int64, (actions,): the product that an action is about; −1 for none.
        option_features: float32, (actions, OPTION_FEATURES): zeros for other kinds.
        features: float32, (actions, ACTION_FEATURES).
    """

    request: RequestReading
    products: tuple[ProductReading, ...]
    seen: np.ndarray
    actions: tuple[str, ...]
    kinds: np.ndarray
    product_of: np.ndarray
    option_features: np.ndarray
    features: np.ndarray


def product_decision(
    reader: Reader, request: str, query: str | None = None, *, history: bool = True
) -> tuple[Decision, tuple[int, ...]] | None:
    """Return the choice among all search results with all their texts, and the results' rows;
    None if the search finds nothing.

    Args:
        reader: reads texts.
        request: what is wanted.
        query: what is searched for; None: the request.
        history: whether to recall what was bought: beside complete texts it does not count.
    """
    (reading,) = reader.requests([request])
    found, raw_scores = reader.catalogue.search_index.search(query or request, SEARCH_LIMIT)
    rows = tuple(map(int, found))
    if not rows:
        return None
    count = len(rows)
    scores = [float(score / raw_scores[0]) for score in raw_scores]
    features = np.zeros((count, ACTION_FEATURES), dtype=np.float32)
    features[:, 0] = 1.0
    decision = Decision(
        request=reading,
        products=tuple(reader.products(reading, rows, range(count), scores, history=history)),
        seen=np.ones((count, len(FIELDS)), dtype=np.float32),
        actions=tuple(reader.catalogue.asin_of(row) for row in rows),
        kinds=np.full(count, int(ActionKind.PRODUCT), dtype=np.int64),
        product_of=np.arange(count),
        option_features=np.zeros((count, OPTION_FEATURES), dtype=np.float32),
        features=features,
    )
    return decision, rows


def option_decision(
    reading: RequestReading,
    product: ProductReading,
    options: OptionReading,
    chosen: Sequence[str],
) -> Decision | None:
    """Return the choice of a value of the first group that is not in ``chosen``, or of none;
    None if no group is left.

    The last action, "none", stands for going on without a value of this group.
    """
    unset = [group for group in dict.fromkeys(options.groups) if group not in chosen]
    if not unset:
        return None
    members = [number for number, group in enumerate(options.groups) if group == unset[0]]
    count = len(members) + 1
    features = np.zeros((count, ACTION_FEATURES), dtype=np.float32)
    features[:, 0] = 1.0
    features[:-1, 5] = 1.0
    features[:, 1] = 1.0
    features[:, 6] = len(unset) / 3.0
    features[:, 7:9] = 1.0
    features[:, 9] = 1.0 / 5.0
    features[:, 10] = 1.0
    kinds = [int(ActionKind.OPTION)] * len(members) + [int(ActionKind.BUY)]
    return Decision(
        request=reading,
        products=(product,),
        seen=np.ones((1, len(FIELDS)), dtype=np.float32),
        actions=(*(options.values[number] for number in members), "none"),
        kinds=np.array(kinds, dtype=np.int64),
        product_of=np.zeros(count, dtype=np.int64),
        option_features=np.concatenate(
            [options.features[members], np.zeros((1, OPTION_FEATURES), dtype=np.float32)]
        ),
        features=features,
    )
