"""What several messages ask for together."""

from __future__ import annotations

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.answers import Answer
from shopwright.conversations.requests import and_then
from shopwright.understanding.request import ParsedRequest, Part, Piece

KIND = Piece(part=Part.KIND, text="mug", value="mugs", hard=True)
LIMIT = Piece(part=Part.PRICE, text="under $20", highest=20.0, hard=True)
BEFORE = ParsedRequest(text="mug under $20", pieces=(KIND, LIMIT))
COLOR = Act(Kind.OPTION, "color", ("red", "blue"))
RED = Answer(options=(("color", "red"),))


def said(*pieces: Piece) -> ParsedRequest:
    return ParsedRequest(text="", pieces=pieces)


def values(parsed: ParsedRequest, part: Part) -> list[str]:
    return [piece.value or piece.text for piece in parsed.of(part)]


def test_answers_are_added_and_corrected() -> None:
    red = and_then(BEFORE, said(), RED, COLOR, "USD")
    assert values(red, Part.OPTION) == ["red"]
    assert red.price_limit == 20.0
    blue = and_then(red, said(), Answer(options=(("color", "blue"),)), COLOR, "USD")
    assert values(blue, Part.OPTION) == ["blue"]
    limit = and_then(blue, said(), Answer(limit=9.5), Act(Kind.LIMIT), "USD")
    assert limit.price_limit == 9.5
    assert values(limit, Part.PRICE) == ["up to $9.50"]


def test_what_is_added_to_an_answer_counts() -> None:
    without = Piece(part=Part.EXCLUSION, text="not plastic", value="plastic", hard=True)
    cheaper = Piece(part=Part.PRICE, text="under $10", highest=10.0, hard=True)
    both = and_then(BEFORE, said(without, cheaper), RED, COLOR, "USD")
    assert values(both, Part.EXCLUSION) == ["plastic"]
    assert both.price_limit == 10.0
    other = Piece(part=Part.KIND, text="red", value="red wine", hard=True)
    assert and_then(BEFORE, said(other), RED, COLOR, "USD").of(Part.KIND) == (KIND,)


def test_another_kind_begins_anew() -> None:
    lamp = said(Piece(part=Part.KIND, text="lamp", value="lamps", hard=True))
    assert and_then(BEFORE, lamp, Answer(), COLOR, "USD") is lamp
    same = and_then(BEFORE, said(KIND), Answer(), None, "USD")
    assert same.pieces.count(KIND) == 1


def test_what_does_not_matter_changes_nothing() -> None:
    assert and_then(BEFORE, said(), Answer(indifferent=True), COLOR, "USD").pieces == BEFORE.pieces
