"""People's shopping: WebShop's session logs and its imitation file.

What can be used of them:
- A session log holds the pages that a person saw, by address: queries, the asins that results pages
  showed, products opened, options chosen, the purchase and its reward. From these the actions
  follow. It does not hold the pages' texts, nor which options a product offered: without the
  product itself its pages cannot be rebuilt. So logs about products outside a shop teach what to
  search for (:func:`query_pairs`) and how people go about it, but not what to choose.
- The imitation file (``il_trajs_finalized_images.jsonl``) holds the pages' texts and all available
  actions, but neither the goal's product nor the reward. Episodes whose request is one of a shop's
  own can be replayed there (:func:`replayed`), which gives both.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shopwright.errors import TrajectoryError
from shopwright.files import stream_json_lines
from shopwright.rollouts.records import Step, Trajectory, trajectory_of
from shopwright.shop.actions import (
    BACK_TO_SEARCH,
    BUY_NOW,
    NEXT_PAGE,
    PREVIOUS_PAGE,
    SEARCH_BUTTON,
    click,
    search,
)
from shopwright.shop.goals import Goal
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

_PAGES = {kind.value: kind for kind in PageKind}
_PRICE_TEXT = ", and price lower than"
_HEADER = re.compile(r"^.*?instruction:", re.IGNORECASE | re.DOTALL)
_SEARCH_BUTTON_TEXT = f"[button] {SEARCH_BUTTON} [button_]"


@dataclass(frozen=True, slots=True)
class HumanSession:
    """A person's session as a log has it.

    Attributes:
        trajectory: the episode; observations are empty and available actions unknown.
        queries: what the person searched for, in order.
        shown: for each search and each further results page, the asins that it showed.
        bought: the product's asin; None without a purchase.
    """

    trajectory: Trajectory
    queries: tuple[str, ...]
    shown: tuple[tuple[str, ...], ...]
    bought: str | None

    @property
    def asins(self) -> set[str]:
        """Every product that the session is about."""
        every = {asin for asins in self.shown for asin in asins} | {self.trajectory.asin}
        return every | ({self.bought} if self.bought else set())


def read_session_log(path: Path) -> HumanSession:
    """Read one of WebShop's session logs: JSON lines, a page each.

    Raises:
        MissingFileError: there is no such file.
        TrajectoryError: a line is no page of a log, or one cannot follow the page before.
    """
    pages = []
    for line, record in stream_json_lines(path):
        try:
            pages.append(_log_page(record))
        except TrajectoryError as error:
            raise TrajectoryError(f"{path}, line {line}, {error}") from None
    if not pages:
        raise TrajectoryError(f"{path}: expected at least one page, got none")
    steps: list[Step] = []
    for number, (before, after) in enumerate(itertools.pairwise(pages), start=2):
        try:
            actions = _actions_between(before, after)
        except TrajectoryError as error:
            raise TrajectoryError(f"{path}, line {number}, {error}") from None
        steps += [Step(observation="", available_actions=(), action=action) for action in actions]
    last = pages[-1]
    purchased = last.kind is PageKind.DONE
    if not steps:
        raise TrajectoryError(f"{path}: expected at least one action, got none")
    if purchased:
        steps[-1] = replace(steps[-1], reward=last.reward)
    goal = last.goal
    options = goal.get("goal_options") or []
    trajectory = Trajectory(
        asin=_text(goal, "asin"),
        instruction=_text(goal, "instruction_text"),
        attributes=tuple(goal.get("attributes") or ()),
        options=options if isinstance(options, dict) else tuple(options),
        price_upper=float(goal.get("price_upper") or 0.0),
        steps=tuple(steps),
        reward=last.reward if purchased else 0.0,
        purchased=purchased,
        agent="human",
        provenance="human",
    )
    return HumanSession(
        trajectory=trajectory,
        queries=tuple(page.query for page in _searches(pages)),
        shown=tuple(page.asins for page in pages if page.kind is PageKind.RESULTS),
        bought=last.asin if purchased else None,
    )


@dataclass(frozen=True, slots=True)
class _LogPage:
    kind: PageKind
    goal: Mapping[str, Any]
    query: str = ""
    number: int = 1
    asins: tuple[str, ...] = ()
    asin: str | None = None
    options: Mapping[str, str] | None = None
    subpage: str = ""
    reward: float = 0.0


def _log_page(record: Any) -> _LogPage:
    if not isinstance(record, dict) or record.get("page") not in _PAGES:
        raise TrajectoryError(f"page: expected one of {', '.join(_PAGES)}, got {record!r:.60}")
    kind, goal = _PAGES[record["page"]], record.get("goal")
    content = record.get("content", {})
    if not isinstance(goal, dict) or not isinstance(content, dict):
        raise TrajectoryError("goal, content: expected objects")
    if kind is PageKind.SEARCH:
        return _LogPage(kind, goal)
    if kind is PageKind.RESULTS:
        words: Any = content.get("keywords")
        asins: Any = content.get("search_result_asins")
        number = content.get("page")
        if not _all_texts(words) or not _all_texts(asins) or not isinstance(number, int):
            raise TrajectoryError(
                "content: expected keywords and search_result_asins as lists of texts and a page"
            )
        return _LogPage(kind, goal, " ".join(words), number, tuple(asins))
    options = content.get("options")
    if not isinstance(options, dict) or not _all_texts(list(options.values())):
        raise TrajectoryError(f"content, options: expected texts by name, got {options!r:.60}")
    reward = record.get("reward", 0.0)
    if isinstance(reward, bool) or not isinstance(reward, int | float) or not 0 <= reward <= 1:
        raise TrajectoryError(f"reward: expected 0 to 1, got {reward!r:.60}")
    # The address ends with the name of the subpage and the options.
    parts = str(record.get("url", "")).split("/")
    return _LogPage(
        kind,
        goal,
        asin=_text(content, "asin"),
        options=options,
        subpage=parts[-2] if kind is PageKind.SUBPAGE and len(parts) > 1 else "",
        reward=float(reward),
    )


def _actions_between(before: _LogPage, after: _LogPage) -> list[str]:
    """What leads from one page of a log to the next; nothing if it was loaded again."""
    if after.kind is PageKind.SEARCH:
        return [] if before.kind is PageKind.SEARCH else [click(BACK_TO_SEARCH.lower())]
    if after.kind is PageKind.RESULTS:
        if before.kind is PageKind.SEARCH:
            return [search(after.query)]
        if before.kind is PageKind.RESULTS and before.query == after.query:
            turn = NEXT_PAGE if after.number > before.number else PREVIOUS_PAGE
            return [click(turn.lower())] * abs(after.number - before.number)
        if before.kind is PageKind.ITEM:
            return [click(PREVIOUS_PAGE.lower())]
    if after.kind is PageKind.ITEM and after.asin is not None:
        if before.kind is PageKind.RESULTS:
            return [click(after.asin.lower())]
        if before.kind is PageKind.SUBPAGE:
            return [click(PREVIOUS_PAGE.lower())]
        if before.kind is PageKind.ITEM:
            known = before.options or {}
            chosen = [v for name, v in (after.options or {}).items() if known.get(name) != v]
            return [click(value.lower()) for value in chosen]
    if after.kind is PageKind.SUBPAGE and before.kind in (PageKind.ITEM, PageKind.SUBPAGE):
        return [click(after.subpage.lower())]
    if after.kind is PageKind.DONE and before.kind is PageKind.ITEM:
        return [click(BUY_NOW.lower())]
    raise TrajectoryError(
        f"page: expected one that can follow {before.kind.value!r}, got {after.kind.value!r}"
    )


def _searches(pages: list[_LogPage]) -> Iterator[_LogPage]:
    for before, after in itertools.pairwise(pages):
        if after.kind is PageKind.RESULTS and before.kind is PageKind.SEARCH:
            yield after


def query_pairs(sessions: Iterable[HumanSession]) -> dict[str, list[str]]:
    """Return what people searched for: request without its price → queries, in the form of
    WebShop's ``goal_query_map.json``."""
    pairs: dict[str, list[str]] = {}
    for session in sessions:
        request = session.trajectory.instruction.split(_PRICE_TEXT)[0]
        queries = pairs.setdefault(request, [])
        queries += [query for query in session.queries if query not in queries]
    return pairs


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """An episode of the imitation file.

    Attributes:
        request: as the first page shows it.
        steps: observation, available actions and action; a search has no available actions, as
            people type what they like.
    """

    request: str
    steps: tuple[Step, ...]


def stream_imitation_file(path: Path) -> Iterator[Demonstrated]:
    """Yield the episodes of WebShop's ``il_trajs_finalized_images.jsonl``.

    A line is an object of lists of one length: ``states`` (page texts), ``actions``,
    ``action_idxs`` (the action's place among the available ones, −1 for a search) and
    ``available_actions``; ``images`` and others are passed over.

    Raises:
        MissingFileError: there is no such file.
        TrajectoryError: a line is otherwise; the message names file, line and field.
    """
    for line, record in stream_json_lines(path):
        try:
            yield _demonstrated(record)
        except TrajectoryError as error:
            raise TrajectoryError(f"{path}, line {line}, {error}") from None


def _demonstrated(record: Any) -> Demonstrated:
    names = ("states", "actions", "action_idxs", "available_actions")
    lists: list[Any] = [record.get(n) if isinstance(record, dict) else None for n in names]
    for name, values in zip(names, lists, strict=True):
        if not isinstance(values, list) or not values:
            raise TrajectoryError(f"field {name}: expected a list that is not empty")
        if len(values) != len(lists[0]):
            raise TrajectoryError(
                f"field {name}: expected {len(lists[0])} values as states has, got {len(values)}"
            )
    states, actions, places, available = lists
    steps = []
    for number in range(len(states)):
        place, offered = places[number], available[number]
        texts = [states[number], actions[number]]
        if not _all_texts(texts) or not _all_texts(offered):
            raise TrajectoryError(f"step {number}: expected texts for state and actions")
        if isinstance(place, bool) or not isinstance(place, int):
            raise TrajectoryError(f"step {number}, action_idxs: expected a whole number")
        if place != -1 and not (0 <= place < len(offered) and offered[place] == actions[number]):
            raise TrajectoryError(
                f"step {number}, action_idxs: expected the place of {actions[number]!r:.60} among "
                f"{len(offered)} available actions, got {place}"
            )
        steps.append(
            Step(
                observation=states[number],
                available_actions=() if place == -1 else tuple(offered),
                action=actions[number],
            )
        )
    request = _HEADER.sub("", states[0], count=1)
    request = re.sub(re.escape(_SEARCH_BUTTON_TEXT), "", request, flags=re.IGNORECASE)
    return Demonstrated(request=" ".join(request.split()), steps=tuple(steps))


def replayed(demonstrated: Demonstrated, shop: Shop) -> Trajectory | None:
    """Return an episode as this shop would have it, its pages, available actions and reward; None
    if its request is none of the shop's, or a page here lacks an action that was taken.

    Args:
        demonstrated: the episode.
        shop: where its request may be known.
    """
    goal = _requests(shop).get(_comparable(demonstrated.request))
    if goal is None:
        return None
    session = Session(shop, goal)
    steps: list[Step] = []
    reward, purchased = 0.0, False
    for step in demonstrated.steps:
        searches = step.action.startswith("search[")
        offered = () if searches else tuple(click(name) for name in session.clickables)
        if purchased or (offered and step.action not in offered):
            return None
        observation = session.text()
        reward, purchased = session.act(step.action)
        steps.append(
            Step(
                observation=observation,
                available_actions=offered,
                action=step.action,
                reward=reward,
            )
        )
    return trajectory_of(
        goal, steps, reward=reward, purchased=purchased, agent="human", provenance="human"
    )


def _requests(shop: Shop) -> dict[str, Goal]:
    return {_comparable(goal.instruction): goal for goal in shop.goals.human}


def _comparable(request: str) -> str:
    """A request without its price, quotes and case: people's files differ in these."""
    text = request.split(_PRICE_TEXT)[0].lower().replace('"', "").replace("'", "")
    return " ".join(text.split()).strip(". ")


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise TrajectoryError(f"field {name}: expected a text that is not empty, got {value!r:.60}")
    return value


def _all_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
