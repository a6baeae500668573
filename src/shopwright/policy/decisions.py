"""A decision: everything that the choice policy knows when it chooses, as arrays.

The same record serves both protocols. On pages, the products are those seen in the episode, each
with the fields that its pages have shown, and for a moment such as were retrieved; under the
catalogue protocol they are the search results with all fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from shopwright.encoding.product_states import FIELDS
from shopwright.policy.evidence import ProductReading, Reader
from shopwright.policy.features import (
    ACTION_FEATURES,
    OPTION_FEATURES,
    ActionFeatures,
    feature_rows,
)
from shopwright.policy.matching import OptionReading, RequestReading
from shopwright.search.searchable_catalogue import SEARCH_LIMIT
from shopwright.shop.actions import (
    BACK_TO_SEARCH,
    BUY_NOW,
    DESCRIPTION,
    FEATURES,
    NEXT_PAGE,
    PREVIOUS_PAGE,
    SEARCH_BUTTON,
    click,
)
from shopwright.shop.page import Page
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind, Target

_LONG_EPISODE = 15
PRODUCTS_TRACKED = 60


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


_BUTTONS = {
    BUY_NOW.lower(): ActionKind.BUY,
    PREVIOUS_PAGE.lower(): ActionKind.PREVIOUS,
    NEXT_PAGE.lower(): ActionKind.NEXT,
    BACK_TO_SEARCH.lower(): ActionKind.START_AGAIN,
    FEATURES.lower(): ActionKind.FEATURES,
    DESCRIPTION.lower(): ActionKind.DESCRIPTION,
}

# How many further steps a purchase needs after an action; two after all other kinds.
_STEPS_TO_BUY_AFTER = {
    ActionKind.BUY: 0,
    ActionKind.PRODUCT: 1,
    ActionKind.OPTION: 1,
    ActionKind.START_AGAIN: 3,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known when an action is chosen."""

    request: RequestReading  # the request
    products: tuple[ProductReading, ...]  # the products known
    seen: np.ndarray  # float32, (products, fields): 1 for a field that was shown
    actions: tuple[str, ...]  # the action strings; asins under the catalogue protocol
    kinds: np.ndarray  # int64, (actions,): an :class:`ActionKind` each
    product_of: np.ndarray  # int64, (actions,): the product that an action is about; −1 for none
    option_features: np.ndarray  # float32, (actions, OPTION_FEATURES): zeros for other kinds
    features: np.ndarray  # float32, (actions, ACTION_FEATURES)


@dataclass(slots=True)
class Seen:
    """What the pages of an episode have shown so far; products by row, in the order in which they
    were seen.

    Attributes:
        request: the request.
        products: each product as read for it.
        fields: float32, (fields,), for each product: 1 for a field that was shown.
        opened: the products whose pages were opened.
        last_page: the highest number of a page of results.
    """

    request: RequestReading
    products: dict[int, ProductReading] = field(default_factory=dict)
    fields: dict[int, np.ndarray] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)
    last_page: int = 1

    @property
    def rows(self) -> list[int]:
        """The rows of the latest products, which a decision tells of, in its order."""
        return [*self.products][-PRODUCTS_TRACKED:]


def fields_shown(*names: str) -> np.ndarray:
    """Return float32, (fields,): 1 for the fields named."""
    return np.array([name in names for name in FIELDS], dtype=np.float32)


def page_decision(seen: Seen, page: Page, options: OptionReading | None) -> Decision:
    """Return the decision on a page.

    Actions after which no purchase would fit into the step limit are left out, as are the search
    button and, on the last page of results, the way to the next.

    Args:
        seen: what was seen, on this page too.
        page: any but the search page.
        options: on an item page, the options of its product.
    """
    rows = seen.rows
    number_of = {row: number for number, row in enumerate(rows)}
    current = number_of.get(page.product.row, -1) if page.product else -1
    unset: list[str] = []
    features_of: dict[tuple[str, str], np.ndarray] = {}
    if options:
        unset = [group for group in dict.fromkeys(options.groups) if group not in page.chosen]
        named = zip(options.groups, options.values, strict=True)
        features_of = dict(zip(named, options.features, strict=True))
    at_end = page.kind is PageKind.RESULTS and not page.has_next_page
    offered = [
        (name, target, _kind(name, target))
        for name, target in page.clickables.items()
        if name != SEARCH_BUTTON.lower() and not (name == NEXT_PAGE.lower() and at_end)
    ]
    # Without time for a purchase nothing is left out, so that something remains.
    offered = [entry for entry in offered if _leaves_time(entry[2], page.steps_left)] or offered
    time_left = 1.0 if page.steps_left is None else min(page.steps_left / _LONG_EPISODE, 1.0)
    product_of, option_rows, features = [], [], []
    for name, target, _ in offered:
        option = np.zeros(OPTION_FEATURES, dtype=np.float32)
        own = number_of.get(target, -1) if isinstance(target, int) else current
        chosen = already = first = 0.0
        if isinstance(target, str):
            already = float(target in page.chosen)
            chosen = float(page.chosen.get(target) == name)
            first = float(bool(unset) and unset[0] == target)
            option = features_of.get((target, name), option)
        row = rows[own] if own >= 0 else None
        shown = seen.fields[row] if row is not None else fields_shown()
        product_of.append(own)
        option_rows.append(option)
        features.append(
            ActionFeatures(
                steps_left=time_left,
                opened=float(row in seen.opened),
                results_page=(page.page_number - 1) / 4.0,
                group_set=already,
                chosen=chosen,
                first_unset=first,
                unset_groups=len(unset) / 3.0,
                bullets_seen=shown[FIELDS.index("bullets")],
                description_seen=shown[FIELDS.index("description")],
                products_opened=len(seen.opened) / 5.0,
                last_page=float(page.page_number >= seen.last_page),
            )
        )
    return Decision(
        request=seen.request,
        products=tuple(seen.products[row] for row in rows),
        seen=_stacked([seen.fields[row] for row in rows]),
        actions=tuple(click(name) for name, _, _ in offered),
        kinds=np.array([int(kind) for _, _, kind in offered], dtype=np.int64),
        product_of=np.array(product_of, dtype=np.int64),
        option_features=np.array(option_rows, dtype=np.float32).reshape(-1, OPTION_FEATURES),
        features=feature_rows(features, ACTION_FEATURES),
    )


def with_products(decision: Decision, reader: Reader, rows: Sequence[int]) -> Decision:
    """Return a decision on the first page of results as if the next page had listed further
    products, too, which no action is about."""
    places = range(RESULTS_PER_PAGE, RESULTS_PER_PAGE + len(rows))
    seen = _stacked([fields_shown("title") for _ in rows])
    return replace(
        decision,
        products=(*decision.products, *reader.products(decision.request, rows, places)),
        seen=np.concatenate([decision.seen, seen]),
    )


def _leaves_time(kind: ActionKind, steps_left: int | None) -> bool:
    return steps_left is None or 1 + _STEPS_TO_BUY_AFTER.get(kind, 2) <= steps_left


def _kind(name: str, target: Target) -> ActionKind:
    if isinstance(target, int):
        return ActionKind.PRODUCT
    if isinstance(target, str):
        return ActionKind.OPTION
    return _BUTTONS.get(name, ActionKind.OTHER)


def _stacked(masks: list[np.ndarray]) -> np.ndarray:
    return np.array(masks, dtype=np.float32).reshape(-1, len(FIELDS))


class Results(NamedTuple):
    """The choice among search results.

    Attributes:
        decision: all of them, with all their texts.
        rows: theirs.
        options: theirs, as read for the request.
    """

    decision: Decision
    rows: Sequence[int]
    options: Sequence[OptionReading]


def product_decision(
    reader: Reader, request: str, query: str | None = None, *, history: bool = True
) -> Results | None:
    """Return the choice among all search results; None if the search finds nothing.

    Args:
        history: whether to retrieve what was bought: beside complete texts it does not count.
    """
    (reading,) = reader.requests([request])
    found, raw_scores = reader.catalogue.search_index.search(query or request, SEARCH_LIMIT)
    rows = tuple(map(int, found))
    if not rows:
        return None
    count = len(rows)
    scores = [float(score / raw_scores[0]) for score in raw_scores]
    products, options = reader.read(reading, rows, range(count), scores, history=history)
    decision = Decision(
        request=reading,
        products=tuple(products),
        seen=np.ones((count, len(FIELDS)), dtype=np.float32),
        actions=tuple(reader.catalogue.asin_of(row) for row in rows),
        kinds=np.full(count, int(ActionKind.PRODUCT), dtype=np.int64),
        product_of=np.arange(count),
        option_features=np.zeros((count, OPTION_FEATURES), dtype=np.float32),
        features=_rows_of((count, ActionFeatures(steps_left=1.0))),
    )
    return Results(decision, rows, options)


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
    none = ActionFeatures(
        steps_left=1.0,
        opened=1.0,
        unset_groups=len(unset) / 3.0,
        bullets_seen=1.0,
        description_seen=1.0,
        products_opened=1.0 / 5.0,
        last_page=1.0,
    )
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
        features=_rows_of((len(members), none._replace(first_unset=1.0)), (1, none)),
    )


def _rows_of(*actions: tuple[int, ActionFeatures]) -> np.ndarray:
    """The feature rows of actions, given as (how many are alike, their features)."""
    rows = feature_rows([features for _, features in actions], ACTION_FEATURES)
    return np.repeat(rows, [count for count, _ in actions], axis=0)
