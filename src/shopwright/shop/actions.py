"""Action strings: ``search[words]`` and ``click[name]``."""

from __future__ import annotations

import re
from typing import NamedTuple

# Greedy, matched at the start, as in the original: "search[a]b]" asks for "a]b".
_ACTION = re.compile(r"(.+)\[(.+)\]")

SEARCH = "search"
CLICK = "click"

# Names on the pages, as shown; clicks use them in lower case.
BUY_NOW = "Buy Now"
NEXT_PAGE = "Next >"
PREVIOUS_PAGE = "< Prev"
BACK_TO_SEARCH = "Back to Search"
SEARCH_BUTTON = "Search"
DESCRIPTION = "Description"
FEATURES = "Features"
REVIEWS = "Reviews"
ATTRIBUTES = "Attributes"
SUBPAGES = (DESCRIPTION, FEATURES, REVIEWS, ATTRIBUTES)


class Action(NamedTuple):
    """A parsed action: its name, and its lower-cased argument (None without brackets)."""

    name: str
    argument: str | None


def parse_action(text: str) -> Action:
    """Return the parts of an action string; anything without brackets is all name."""
    match = _ACTION.match(text)
    if match is None:
        return Action(text, None)
    return Action(match.group(1), match.group(2).lower())


def search(query: str) -> str:
    """Return the action that searches for a query."""
    return f"{SEARCH}[{query}]"


def click(name: str) -> str:
    """Return the action that clicks a name."""
    return f"{CLICK}[{name}]"
