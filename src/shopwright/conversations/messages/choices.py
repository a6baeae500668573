"""Which of a question's choices a person can choose among."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.messages.matters import COLOUR, matter_of
from shopwright.understanding.request import ParsedRequest, Part, Piece
from shopwright.understanding.words import stems_in

# Sellers' own marks, which say nothing to others: "a", "gs2900", "b-12".
_MARK = re.compile(
    r"(?![sml]$)[a-z]|0\d+|(?!us|uk|eu|no)[a-z]{1,3}[-_]?\d{2,}[a-z]?\d*|\d{5,}", re.I
)


def answerable(act: Act, understood: ParsedRequest, is_kind: Callable[[str], bool]) -> Act:
    """Return a question without choices that were ruled out; what offers products in place of one
    with fewer than two choices left, with sellers' marks among them, or about what was said. Other
    kinds of things are no attributes.

    Args:
        is_kind: whether the shop files products under a name.
    """
    if act.kind is Kind.ATTRIBUTES:
        left = [choice for choice in act.choices if not is_kind(choice)]
        return replace(act, choices=tuple(left)) if left else Act(Kind.OFFER)
    if act.kind is not Kind.OPTION or not act.choices:
        return act
    asked = matter_of(Piece(part=Part.OPTION, text=act.group, value=act.group, group=act.group))
    known = {matter_of(piece) for piece in understood.pieces}
    sized = {matter_of(Piece(part=Part.FEATURE, text=choice)) for choice in act.choices}
    has_group = any(piece.group == act.group for piece in understood.pieces)
    if has_group or asked in known or (sized & known) - {None}:
        return Act(Kind.OFFER)
    ruled_out = [set(stems_in(piece.value)) for piece in understood.of(Part.EXCLUSION)]
    left = [
        choice
        for choice in act.choices
        if not any(words and words <= set(stems_in(choice)) for words in ruled_out)
    ]
    is_plain = asked != COLOUR or not any(choice.strip().isdigit() for choice in left)
    if len(left) < 2 or not is_plain or any(_MARK.fullmatch(choice.strip()) for choice in left):
        return Act(Kind.OFFER)
    return replace(act, choices=tuple(left))
