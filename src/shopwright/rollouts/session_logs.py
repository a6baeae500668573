"""WebShop's session logs: how people shopped.

A log holds the pages that a person saw, by address: queries, the products that results pages
showed, products opened, options chosen, the purchase and its reward. The actions follow from these.
A log holds neither the texts of pages nor the options that a product offered, so its pages cannot
be rebuilt without the product. Logs about products outside a shop show what people search for
(:func:`query_pairs`) and how they go about it, but not how they choose.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shopwright.errors import InputError, TrajectoryError
from shopwright.files import read_json_lines
from shopwright.json_fields import are_texts, take
from shopwright.rollouts.records import Step, Trajectory
from shopwright.shop.actions import (
    BACK_TO_SEARCH,
    BUY_NOW,
    NEXT_PAGE,
    PREVIOUS_PAGE,
    click,
    search,
)
from shopwright.shop.pages import PageKind

PRICE_TEXT = ", and price lower than"
_KINDS = {kind.value: kind for kind in PageKind}


@dataclass(frozen=True, slots=True)
class HumanSession:
    """A person's session.

    Attributes:
        trajectory: the episode; observations are empty and available actions unknown.
        queries: what the person searched for, in order.
    """

    trajectory: Trajectory
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _LogPage:
    """A page of a log: its kind, the goal, and what its kind has of the rest."""

    kind: PageKind
    goal: Mapping[str, Any]
    query: str = ""
    number: int = 1
    asin: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    subpage: str = ""
    reward: float = 0.0


def read_session_log(path: Path) -> HumanSession:
    """Read a session log: JSON lines, a page each.

    Raises:
        MissingFileError: there is no such file.
        TrajectoryError: a line is no page of a log, or cannot follow the page before.
    """
    pages = list(read_json_lines(path, _log_page, TrajectoryError))
    if not pages:
        raise TrajectoryError(f"{path}: expected at least one page, got none")
    actions: list[str] = []
    queries: list[str] = []
    for line, (before, after) in enumerate(itertools.pairwise(pages), start=2):
        try:
            actions += _actions_between(before, after)
        except TrajectoryError as error:
            raise TrajectoryError(f"{path}, line {line}, {error}") from None
        if before.kind is PageKind.SEARCH and after.kind is PageKind.RESULTS:
            queries.append(after.query)
    if not actions:
        raise TrajectoryError(f"{path}: expected at least one action, got none")
    steps = [Step(observation="", available_actions=(), action=action) for action in actions]
    last = pages[-1]
    purchased = last.kind is PageKind.DONE
    reward = last.reward if purchased else 0.0
    steps[-1] = replace(steps[-1], reward=reward)
    options = last.goal.get("goal_options") or []
    trajectory = Trajectory(
        asin=take(last.goal, "asin", str),
        instruction=take(last.goal, "instruction_text", str),
        attributes=tuple(last.goal.get("attributes") or ()),
        options=options if isinstance(options, dict) else tuple(options),
        price_upper=float(last.goal.get("price_upper") or 0.0),
        steps=tuple(steps),
        reward=reward,
        purchased=purchased,
        agent="human",
        provenance="human",
    )
    return HumanSession(trajectory, tuple(queries))


def _log_page(record: Any) -> _LogPage:
    if not isinstance(record, dict) or record.get("page") not in _KINDS:
        raise InputError(f"page: expected one of {', '.join(_KINDS)}, got {record!r:.60}")
    kind, goal = _KINDS[record["page"]], take(record, "goal", dict)
    if kind is PageKind.SEARCH:
        return _LogPage(kind, goal)
    content = take(record, "content", dict)
    if kind is PageKind.RESULTS:
        words = content.get("keywords")
        if not are_texts(words):
            raise InputError(f"content, keywords: expected a list of texts, got {words!r:.60}")
        return _LogPage(kind, goal, " ".join(words), take(content, "page", int))
    options = take(content, "options", dict)
    if not are_texts(list(options.values())):
        raise InputError(f"content, options: expected texts by name, got {options!r:.60}")
    reward = record.get("reward", 0.0)
    if isinstance(reward, bool) or not isinstance(reward, int | float) or not 0 <= reward <= 1:
        raise InputError(f"reward: expected 0 to 1, got {reward!r:.60}")
    # The address ends with the name of the subpage and the options.
    parts = str(record.get("url", "")).split("/")
    return _LogPage(
        kind,
        goal,
        asin=take(content, "asin", str),
        options=options,
        subpage=parts[-2] if kind is PageKind.SUBPAGE and len(parts) > 1 else "",
        reward=float(reward),
    )


def _actions_between(before: _LogPage, after: _LogPage) -> list[str]:
    """The actions that lead from a page of a log to the next; none if it was loaded again."""
    match before.kind, after.kind:
        case PageKind.SEARCH, PageKind.SEARCH:
            return []
        case _, PageKind.SEARCH:
            return [click(BACK_TO_SEARCH.lower())]
        case PageKind.SEARCH, PageKind.RESULTS:
            return [search(after.query)]
        case PageKind.RESULTS, PageKind.RESULTS if before.query == after.query:
            turn = NEXT_PAGE if after.number > before.number else PREVIOUS_PAGE
            return [click(turn.lower())] * abs(after.number - before.number)
        case (PageKind.ITEM, PageKind.RESULTS) | (PageKind.SUBPAGE, PageKind.ITEM):
            return [click(PREVIOUS_PAGE.lower())]
        case PageKind.RESULTS, PageKind.ITEM:
            return [click(after.asin.lower())]
        case PageKind.ITEM, PageKind.ITEM:
            options = after.options.items()
            return [click(v.lower()) for name, v in options if before.options.get(name) != v]
        case ((PageKind.ITEM | PageKind.SUBPAGE), PageKind.SUBPAGE):
            return [click(after.subpage.lower())]
        case PageKind.ITEM, PageKind.DONE:
            return [click(BUY_NOW.lower())]
    raise TrajectoryError(
        f"page: expected one that can follow {before.kind.value!r}, got {after.kind.value!r}"
    )


def query_pairs(sessions: Iterable[HumanSession]) -> dict[str, list[str]]:
    """Return what people searched for: request without its price → queries, in the form of
    WebShop's ``goal_query_map.json``."""
    pairs: dict[str, list[str]] = {}
    for session in sessions:
        request = session.trajectory.instruction.split(PRICE_TEXT)[0]
        queries = pairs.setdefault(request, [])
        queries += [query for query in session.queries if query not in queries]
    return pairs
