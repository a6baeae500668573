"""What an agent may do in a conversation: ask, offer several products, recommend one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shopwright.errors import InputError
from shopwright.shop.actions import split_action

MOST_OFFERED = 3
# Of the values of a group a question names so many at most; or few, which are easier to tell apart.
MOST_CHOICES, FEW_CHOICES = 6, 3
LIMIT = "price"
_CHARACTERS = 2_000


class Kind(StrEnum):
    """The kinds of acts."""

    OPTION = "option"
    ATTRIBUTES = "attributes"
    LIMIT = "limit"
    OFFER = "offer"
    RECOMMEND = "recommend"


ASKS = frozenset((Kind.OPTION, Kind.ATTRIBUTES, Kind.LIMIT))


@dataclass(frozen=True, slots=True)
class Item:
    """A product with options, as it is offered: its row, and option group → value."""

    row: int
    options: Mapping[str, str]

    @property
    def key(self) -> tuple[int, frozenset[tuple[str, str]]]:
        """What tells it from other items."""
        return self.row, frozenset(self.options.items())


@dataclass(frozen=True, slots=True)
class Act:
    """Something that an agent does.

    Attributes:
        kind: which kind of act.
        group: of a question for an option: the group.
        choices: the answers that a question names.
        items: what is offered or recommended.
    """

    kind: Kind
    group: str = ""
    choices: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.kind in ASKS


def read_act(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the name and the arguments of an act's text.

    ``ask[size]``, ``ask[price]`` and ``ask[attributes: light, cotton]`` are questions;
    ``offer[ASIN; color: red | ASIN]`` offers products, ``recommend[ASIN; size: 9]`` one; without
    brackets the last two mean what fits best. Arguments are split at "|".

    Raises:
        InputError: it is none of these.
    """
    if not isinstance(text, str) or len(text) > _CHARACTERS:
        raise InputError(f"act: expected a text of at most {_CHARACTERS} characters")
    name, argument = split_action(text.strip())
    given = tuple(part.strip() for part in (argument or "").split("|") if part.strip())
    if name not in ("ask", Kind.OFFER, Kind.RECOMMEND) or (name == "ask" and len(given) != 1):
        raise InputError(f"act: expected ask[...], offer[...] or recommend[...], got {text!r:.80}")
    return name, given
