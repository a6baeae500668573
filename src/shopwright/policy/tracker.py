"""What an agent has seen in an episode, and the decision that it faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from shopwright.encoding.token_states import FIELDS
from shopwright.policy.decisions import (
    ACTION_FEATURES,
    ActionKind,
    Decision,
)
from shopwright.policy.evidence import OPTION_FEATURES, OptionReading, ProductReading, Reader
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
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind, Target
from shopwright.shop.session import Session

_LONG_EPISODE = 15
PRODUCTS_TRACKED = 60

_BUTTONS = {
    BUY_NOW.lower(): ActionKind.BUY,
    PREVIOUS_PAGE.lower(): ActionKind.PREVIOUS,
    NEXT_PAGE.lower(): ActionKind.NEXT,
    BACK_TO_SEARCH.lower(): ActionKind.START_AGAIN,
    FEATURES.lower(): ActionKind.FEATURES,
    DESCRIPTION.lower(): ActionKind.DESCRIPTION,
}

# How many further steps a purchase needs after each kind of action.
_STEPS_TO_BUY_AFTER = {
    ActionKind.PRODUCT: 1,
    ActionKind.OPTION: 1,
    ActionKind.BUY: 0,
    ActionKind.PREVIOUS: 2,
    ActionKind.NEXT: 2,
    ActionKind.START_AGAIN: 3,
    ActionKind.FEATURES: 2,
    ActionKind.DESCRIPTION: 2,
    ActionKind.OTHER: 2,
}


class EpisodeTracker:
    """What a visitor has seen in an episode.

    Args:
        reader: reads texts.
        request: the request.
        step_limit: of the episode; None for none.
    """

    def __init__(self, reader: Reader, request: str, *, step_limit: int | None) -> None:
        self._reader = reader
        (self.request,) = reader.requests([request])
        self._step_limit = step_limit
        self.steps = 0
        self._readings: dict[int, ProductReading] = {}
        self._seen: dict[int, np.ndarray] = {}
        self._opened: set[int] = set()
        self._last_page = 1
        self._options: dict[int, OptionReading] = {}

    @property
    def opened(self) -> frozenset[int]:
        """The rows of the products whose pages were opened."""
        return frozenset(self._opened)

    def unread(self, row: int) -> str | None:
        """The button of the first page about a row's product, of its features and its
        description, that was not shown; None if both were."""
        seen = self._seen[row]
        pages = ((FEATURES, "bullets"), (DESCRIPTION, "description"))
        return next((button for button, name in pages if not seen[FIELDS.index(name)]), None)

    def on_last_page(self, session: Session) -> bool:
        """Whether no page of results beyond the present one was seen."""
        return session.state.page_number >= self._last_page

    @property
    def rows(self) -> list[int]:
        """The rows of the products that a decision tells of, in its order."""
        return [*self._readings][-PRODUCTS_TRACKED:]

    @property
    def steps_left(self) -> int | None:
        """The number of steps that remain; None without a limit."""
        return None if self._step_limit is None else self._step_limit - self.steps

    def look(self, session: Session) -> None:
        """Take in the page that a session shows."""
        state = session.state
        if state.page is PageKind.RESULTS:
            self._last_page = max(self._last_page, state.page_number)
            new = [row for row in state.shown_rows if row not in self._readings]
            places = {row: place for place, row in enumerate(state.rows)}
            if new:
                read = self._reader.products(self.request, new, [places[row] for row in new])
                self._readings.update(zip(new, read, strict=True))
                for row in new:
                    self._seen[row] = _shown("title")
        elif state.row is not None and state.row in self._seen:
            shown = {FEATURES: "bullets", DESCRIPTION: "description"}.get(state.subpage or "")
            if state.page is PageKind.ITEM:
                self._opened.add(state.row)
                self._seen[state.row] = np.maximum(self._seen[state.row], _shown("options"))
            elif shown:
                self._seen[state.row] = np.maximum(self._seen[state.row], _shown(shown))

    def options_of(self, row: int) -> OptionReading:
        """Return the options of an opened product as read for the request."""
        if row not in self._options:
            self._options[row] = self._reader.options(self.request, row)
        return self._options[row]

    def decision(self, session: Session) -> Decision:
        """Return the decision on the page that a session shows; :meth:`look` comes before.

        Actions after which no purchase would fit into the step limit are left out, as are the
        search button and, on the last page of results, the way to the next.
        """
        state = session.state
        rows = self.rows
        number_of = {row: number for number, row in enumerate(rows)}
        current = -1
        if state.page is not PageKind.RESULTS and state.row is not None:
            current = number_of.get(state.row, -1)
        on_item = state.page is PageKind.ITEM and state.row is not None
        options = self.options_of(state.row) if on_item and state.row is not None else None
        groups = list(dict.fromkeys(options.groups)) if options else []
        unset = [group for group in groups if group not in state.options]
        option_at = (
            {(g, v): n for n, (g, v) in enumerate(zip(options.groups, options.values, strict=True))}
            if options
            else {}
        )
        on_results = state.page is PageKind.RESULTS
        at_end = on_results and state.page_number * RESULTS_PER_PAGE >= len(state.rows)
        offered = [
            (name, target, _kind(name, target))
            for name, target in session.clickables.items()
            if name != SEARCH_BUTTON.lower() and not (name == NEXT_PAGE.lower() and at_end)
        ]
        # Without time for a purchase nothing is left out, so that something remains.
        offered = [entry for entry in offered if self._allows(entry[2])] or offered
        product_of, option_rows, features = [], [], []
        for name, target, _ in offered:
            option = np.zeros(OPTION_FEATURES, dtype=np.float32)
            own = number_of.get(target, -1) if isinstance(target, int) else current
            chosen = already = first = 0.0
            if isinstance(target, str):
                already = float(target in state.options)
                chosen = float(state.options.get(target) == name)
                first = float(bool(unset) and unset[0] == target)
                if options and (target, name) in option_at:
                    option = options.features[option_at[target, name]]
            row = rows[own] if own >= 0 else None
            seen = self._seen[row] if row is not None else _shown()
            product_of.append(own)
            option_rows.append(option)
            features.append(
                (
                    self._time_left(),
                    float(row in self._opened),
                    (state.page_number - 1) / 4.0,
                    already,
                    chosen,
                    first,
                    len(unset) / 3.0,
                    seen[FIELDS.index("bullets")],
                    seen[FIELDS.index("description")],
                    len(self._opened) / 5.0,
                    float(self.on_last_page(session)),
                )
            )
        return Decision(
            request=self.request,
            products=tuple(self._readings[row] for row in rows),
            seen=_stacked([self._seen[row] for row in rows]),
            actions=tuple(click(name) for name, _, _ in offered),
            kinds=np.array([int(kind) for _, _, kind in offered], dtype=np.int64),
            product_of=np.array(product_of, dtype=np.int64),
            option_features=np.array(option_rows, dtype=np.float32).reshape(-1, OPTION_FEATURES),
            features=np.array(features, dtype=np.float32).reshape(-1, ACTION_FEATURES),
        )

    def imagined(self, decision: Decision, rows: Sequence[int]) -> Decision:
        """Return a decision on the first page of results as if the next page had shown further
        products, too, which no action is about.

        Args:
            decision: the decision.
            rows: the products', none of which was seen.
        """
        places = range(RESULTS_PER_PAGE, RESULTS_PER_PAGE + len(rows))
        seen = _stacked([_shown("title") for _ in rows])
        return replace(
            decision,
            products=(*decision.products, *self._reader.products(self.request, rows, places)),
            seen=np.concatenate([decision.seen, seen]),
        )

    def _allows(self, kind: ActionKind) -> bool:
        left = self.steps_left
        return left is None or 1 + _STEPS_TO_BUY_AFTER[kind] <= left

    def _time_left(self) -> float:
        left = self.steps_left
        return 1.0 if left is None else min(left, _LONG_EPISODE) / _LONG_EPISODE


def _kind(name: str, target: Target) -> ActionKind:
    if isinstance(target, int):
        return ActionKind.PRODUCT
    if isinstance(target, str):
        return ActionKind.OPTION
    return _BUTTONS.get(name, ActionKind.OTHER)


def _shown(*names: str) -> np.ndarray:
    return np.array([name in names for name in FIELDS], dtype=np.float32)


def _stacked(masks: list[np.ndarray]) -> np.ndarray:
    return np.array(masks, dtype=np.float32).reshape(-1, len(FIELDS))
