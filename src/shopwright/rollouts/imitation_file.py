"""WebShop's imitation file, ``il_trajs_finalized_images.jsonl``: demonstrations by people.

The file holds the texts of pages and all available actions, but neither the product of the goal nor
the reward. Episodes whose request is one of a shop's own are replayed there, which gives both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shopwright.errors import InputError, TrajectoryError
from shopwright.files import read_json_lines
from shopwright.json_fields import are_texts, take
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.records import Step, Trajectory, trajectory_of
from shopwright.rollouts.session_logs import PRICE_TEXT
from shopwright.shop.actions import SEARCH_BUTTON, click
from shopwright.shop.pages import PageKind
from shopwright.shop.shop import Shop

_HEADER = re.compile(r"^.*?instruction:", re.IGNORECASE | re.DOTALL)
_SEARCH_BUTTON = re.compile(re.escape(f"[button] {SEARCH_BUTTON} [button_]"), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """An episode of the imitation file.

    Attributes:
        request: as the first page shows it.
        actions: action strings, in order.
    """

    request: str
    actions: tuple[str, ...]


def stream_imitation_file(path: Path) -> Iterator[Demonstration]:
    """Yield the episodes of the imitation file.

    A line is an object of lists of one length: ``states`` (page texts), ``actions``,
    ``action_idxs`` (the action's place among the available ones, −1 for a search) and
    ``available_actions``; other fields are ignored.

    Raises:
        MissingFileError: there is no such file.
        TrajectoryError: a line is otherwise; the message names file, line and field.
    """
    return read_json_lines(path, _demonstration, TrajectoryError)


def _demonstration(record: Any) -> Demonstration:
    names = ("states", "actions", "action_idxs", "available_actions")
    states, actions, places, available = lists = [take(record, name, list) for name in names]
    for name, values in zip(names, lists, strict=True):
        if not values or len(values) != len(states):
            raise InputError(
                f"field {name}: expected {len(states) or 'some'} values as states has, got "
                f"{len(values)}"
            )
    for number, (action, place, offered) in enumerate(zip(actions, places, available, strict=True)):
        if not are_texts([states[number], action]) or not are_texts(offered):
            raise InputError(f"step {number}: expected texts for state and actions")
        is_listed = place in range(len(offered)) and offered[place] == action
        if not (place == -1 or is_listed):
            raise InputError(
                f"step {number}, action_idxs: expected the place of {action!r:.60} among "
                f"{len(offered)} available actions, got {place!r:.60}"
            )
    request = _SEARCH_BUTTON.sub("", _HEADER.sub("", states[0], count=1))
    return Demonstration(" ".join(request.split()), tuple(actions))


def replayed(demonstration: Demonstration, shop: Shop) -> Trajectory | None:
    """Return an episode with the pages, available actions and reward that this shop gives; None
    if its request is none of the shop's, or a page here lacks an action that was taken.

    Args:
        shop: where its request may be known.
    """
    goals = {_comparable(goal.instruction): goal for goal in shop.goals.human}
    goal = goals.get(_comparable(demonstration.request))
    if goal is None:
        return None
    episode = Episode(shop, goal)
    steps: list[Step] = []
    for page, choice, reward in episode.replay(demonstration.actions):
        searches = choice.action.startswith("search[")
        offered = () if searches else tuple(click(name) for name in page.clickables)
        # Nothing follows a purchase, which offers nothing.
        if (not searches and choice.action not in offered) or page.kind is PageKind.DONE:
            return None
        steps.append(
            Step(
                observation=page.text,
                available_actions=offered,
                action=choice.action,
                reward=reward,
            )
        )
    return trajectory_of(
        goal,
        steps,
        reward=episode.reward.total if episode.reward else 0.0,
        purchased=episode.purchased,
        agent="human",
        provenance="human",
    )


def _comparable(request: str) -> str:
    """A request without its price, quotes and case, in which files differ."""
    text = request.split(PRICE_TEXT)[0].lower().replace('"', "").replace("'", "")
    return " ".join(text.split()).strip(". ")
