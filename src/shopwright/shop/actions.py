"""Action strings: ``search[words]`` and ``click[name]``."""

from __future__ import annotations

from typing import NamedTuple

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


_NOT_IN_ARGUMENTS = str.maketrans("[\n", "  ")


class Action(NamedTuple):
    """A parsed action: its name, and its lower-cased argument (None without brackets)."""

    name: str
    argument: str | None


def parse_action(text: str) -> Action:
    """Return the parts of an action string; anything without brackets is all name.

    The original matches the pattern ``(.+)\\[(.+)\\]`` greedily at the start of the text, which
    takes quadratic time on many brackets. Here the match is found directly: in the first line, the
    last "]" and the last "[" that leaves at least one character on either side of it.

    Example:
        >>> parse_action("click[Buy Now]")
        Action(name='click', argument='buy now')
    """
    name, argument = split_action(text)
    return Action(name, None if argument is None else argument.lower())


def split_action(text: str) -> tuple[str, str | None]:
    """Return the parts of an action string as :func:`parse_action` does, but as they are written.

    Example:
        >>> split_action("click[Buy Now]")
        ('click', 'Buy Now')
    """
    end = text.find("\n")
    closing = text.rfind("]", 0, len(text) if end < 0 else end)
    opening = text.rfind("[", 1, max(closing - 1, 0))
    if opening < 0:
        return text, None
    return text[:opening], text[opening + 1 : closing]


def search(query: str) -> str:
    """Return the action that searches for a query.

    Opening brackets and line ends become spaces, which a search engine reads the same: an action's
    argument cannot have them.

    Example:
        >>> search("mugs [2 pack]")
        'search[mugs  2 pack]]'
    """
    return f"{SEARCH}[{query.translate(_NOT_IN_ARGUMENTS)}]"


def click(name: str) -> str:
    """Return the action that clicks a name."""
    return f"{CLICK}[{name}]"
