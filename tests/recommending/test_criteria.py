"""What products are measured by."""

from __future__ import annotations

import pytest

from shopwright.recommending.criteria import criteria_of
from shopwright.understanding.request import ParsedRequest, Part, Piece


def option(text: str, words: str, group: str = "color") -> Piece:
    return Piece(part=Part.OPTION, text=words, value=words, group=group, start=text.find(words))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("dress in black or red", 1),
        ("dress black, red", 1),
        ("dress black red", 1),
        ("black dress with a red belt", 2),
    ],
)
def test_values_of_one_group_are_alternatives_where_nothing_else_stands_between(
    text: str, count: int
) -> None:
    parsed = ParsedRequest(text=text, pieces=(option(text, "black"), option(text, "red")))
    assert len(criteria_of(parsed)) == count


def test_values_that_were_added_are_alternatives() -> None:
    parsed = ParsedRequest(text="dress", pieces=(option("dress", "black"), option("dress", "red")))
    (criterion,) = criteria_of(parsed)
    assert len(criterion.pieces) == 2


def test_values_of_several_groups_are_several_wishes() -> None:
    text = "dress black xl"
    pieces = (option(text, "black"), option(text, "xl", "size"))
    assert len(criteria_of(ParsedRequest(text=text, pieces=pieces))) == 2


def test_a_kind_is_looked_for_as_the_shop_and_as_the_request_writes_it() -> None:
    joined = Piece(part=Part.KIND, text="bed frame", value="bedframes")
    (criterion,) = criteria_of(ParsedRequest(text="bed frame", pieces=(joined,)))
    assert [phrase.words for phrase in criterion.phrases] == [("bedframes",), ("bed", "frame")]
    plural = Piece(part=Part.KIND, text="bed", value="beds")
    (criterion,) = criteria_of(ParsedRequest(text="bed", pieces=(plural,)))
    assert [phrase.words for phrase in criterion.phrases] == [("beds",)]
