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


def heard(text: str, *pieces: Piece) -> ParsedRequest:
    return ParsedRequest(text=text, pieces=pieces)


def test_what_was_said_last_of_a_wish_and_its_exclusion_counts() -> None:
    black = Piece(part=Part.OPTION, text="black", value="black", group="color")
    no_black = Piece(part=Part.EXCLUSION, text="not black", value="black", hard=True)
    wanted = and_then(BEFORE, heard("black", black), Answer(), None, "USD")
    ruled_out = and_then(wanted, heard("not black", no_black), Answer(), None, "USD")
    assert black not in ruled_out.pieces
    assert no_black in ruled_out.pieces
    again = and_then(ruled_out, heard("black please", black), Answer(), None, "USD")
    assert black in again.pieces
    assert no_black not in again.pieces


def test_wishes_are_taken_back_and_all_of_them() -> None:
    assert and_then(BEFORE, heard("no limit"), Answer(), None, "USD").pieces == (KIND,)
    assert and_then(BEFORE, heard("start over"), Answer(), None, "USD").pieces == ()
    named = Piece(part=Part.KIND, text="lamp", value="lamps", hard=True)
    lamp = heard("start over: a lamp", named)
    assert and_then(BEFORE, lamp, Answer(), None, "USD") is lamp


def test_what_is_no_wish_changes_nothing() -> None:
    one = Piece(part=Part.FEATURE, text="second one", value="second one")
    assert and_then(BEFORE, heard("the second one", one), Answer(), None, "USD") is BEFORE
    mind = Piece(part=Part.KIND, text="mind", value="mind")
    careless = and_then(BEFORE, heard("I don't mind", mind), Answer(indifferent=True), None, "USD")
    assert careless.pieces == BEFORE.pieces


def test_a_kind_in_a_clause_becomes_a_soft_wish() -> None:
    dolls = Piece(part=Part.KIND, text="dolls", value="dolls", start=10, hard=True)
    found = and_then(BEFORE, heard("she likes dolls", dolls), Answer(), None, "USD")
    assert found.of(Part.KIND) == (KIND,)
    (soft,) = found.of(Part.FEATURE)
    assert (soft.value, soft.hard) == ("dolls", False)


def test_what_is_said_beside_what_is_taken_back_counts() -> None:
    text = "the price doesn't matter, but not plastic"
    plastic = Piece(part=Part.EXCLUSION, text="not plastic", value="plastic", start=30, hard=True)
    matter = Piece(part=Part.KIND, text="matter", value="matter", start=18)
    found = and_then(BEFORE, heard(text, matter, plastic), Answer(), None, "USD")
    assert found.pieces == (KIND, plastic)


def test_what_is_fine_begins_nothing_anew() -> None:
    peanuts = Piece(part=Part.EXCLUSION, text="no peanuts", value="peanuts", hard=True)
    before = ParsedRequest(text="", pieces=(KIND, peanuts))
    chocolate = Piece(part=Part.KIND, text="chocolate", value="chocolate", start=0, hard=True)
    fine = Piece(part=Part.FEATURE, text="fine", value="fine", start=13)
    found = and_then(before, heard("chocolate is fine", chocolate, fine), Answer(), None, "USD")
    assert found.pieces[:2] == (KIND, peanuts)
    assert [piece.value for piece in found.of(Part.FEATURE)] == ["chocolate"]
