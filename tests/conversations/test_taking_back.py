"""What messages take back, and what they say that is no wish."""

from __future__ import annotations

import time

import pytest

from shopwright.conversations.matters import number_instead
from shopwright.conversations.pointing import pointed_at
from shopwright.conversations.taking_back import (
    Correction,
    begins_anew,
    contradicts,
    correction_in,
    is_beside_the_kind,
    is_no_wish,
    is_talk,
    is_undoing,
    taken_back,
    without_lead_in,
)
from shopwright.understanding.request import ParsedRequest, Part, Piece

KIND = Piece(part=Part.KIND, text="rug", value="rugs", hard=True)
BLUE = Piece(part=Part.OPTION, text="blue", value="blue", group="color")
LIMIT = Piece(part=Part.PRICE, text="under $80", highest=80.0, hard=True)
SOFT = Piece(part=Part.FEATURE, text="soft", value="soft")
PIECES = (KIND, BLUE, LIMIT, SOFT)


def request(*pieces):
    return ParsedRequest(text="", pieces=pieces)


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("no limit", [KIND, BLUE, SOFT]),
        ("the price doesn't matter", [KIND, BLUE, SOFT]),
        ("a bit more expensive is ok", [KIND, BLUE, SOFT]),
        ("forget the price limit", [KIND, BLUE, SOFT]),
        ("forget the color", [KIND, LIMIT, SOFT]),
        ("color does not matter", [KIND, LIMIT, SOFT]),
        ("any color is fine", [KIND, LIMIT, SOFT]),
        ("any color", [KIND, LIMIT, SOFT]),
        ("never mind the soft", [KIND, BLUE, LIMIT]),
        ("forget the rug", list(PIECES)),
        ("it doesn't have to be blue", [KIND, LIMIT, SOFT]),
        ("soft isn't necessary", [KIND, BLUE, LIMIT]),
        ("no colour preference", [KIND, LIMIT, SOFT]),
        ("I don't care about the color", [KIND, LIMIT, SOFT]),
        ("any color really", [KIND, LIMIT, SOFT]),
        ("any brand", list(PIECES)),
        ("I don't care how soft", [KIND, BLUE, LIMIT]),
        ("dont mind which color", [KIND, LIMIT, SOFT]),
        ("no minimum", [KIND, BLUE, SOFT]),
        ("black is fine", None),
        ("price isn't important", [KIND, BLUE, SOFT]),
        ("don't forget the color", None),
        ("drop earrings in blue", None),
        ("drop the color", [KIND, LIMIT, SOFT]),
        ("green", None),
        ("under 60", None),
        ("it should be any day soon", None),
        ("", None),
    ],
)
def test_wishes_are_taken_back(message, left):
    taken = taken_back(request(*PIECES), message)
    assert (taken and taken.left) == left


def test_an_exclusion_may_be_lifted():
    stripes = Piece(part=Part.EXCLUSION, text="without stripes", value="stripes", hard=True)
    lifted = taken_back(request(KIND, stripes), "stripes are ok")
    assert lifted is not None
    assert lifted.left == [KIND]
    assert taken_back(request(KIND, BLUE), "stripes are ok") is None


@pytest.mark.parametrize(
    "message",
    ["peanuts are not ok", "no peanuts is fine", "peanuts arent fine", "peanuts aren't ok"],
)
def test_no_exclusion_is_lifted_by_what_is_not_fine(message):
    peanuts = Piece(part=Part.EXCLUSION, text="no peanuts", value="peanuts", hard=True)
    assert taken_back(request(KIND, peanuts), message) is None


@pytest.mark.parametrize(
    "message", ["thanks, bye", "cancel", "which one is best?", "ok", "hi", "this one looks good"]
)
def test_courtesies_are_no_wishes(message):
    assert is_no_wish(message)


@pytest.mark.parametrize(
    ("message", "undoes"),
    [
        ("undo", True), ("ok, go back please", True), ("scratch that", True),
        ("forget the last one", False), ("a back scratcher", False), ("back pain", False),
        ("show me the previous ones", True), ("forget that last one", True),
    ],
)  # fmt: skip
def test_undoing(message, undoes):
    assert is_undoing(message) is undoes


@pytest.mark.parametrize(
    ("message", "how"),
    [
        ("no, red", Correction.CORRECTS),
        ("red instead", Correction.CORRECTS),
        ("king actually", Correction.CORRECTS),
        ("make it a lamp", Correction.CORRECTS),
        ("ok never mind, a lamp", Correction.GIVES_UP),
        ("let's start with the rug", Correction.GIVES_UP),
        ("ok, red", Correction.NONE),
        ("a red lamp", Correction.NONE),
    ],
)
def test_corrections_say_so(message, how):
    assert correction_in(message) is how


@pytest.mark.parametrize(
    "message", ["", "one piece", "a lamp", "more colors", "size 2", "no sugar"]
)
def test_wishes_are_wishes(message):
    assert not is_no_wish(message)


@pytest.mark.parametrize(
    "message",
    ["1 " * 30, "no " * 1_000 + "x", "first first " * 5 + "x", "ok " * 19 + "x", "is " * 39],
)
def test_no_message_takes_long(message):
    began = time.process_time()
    is_no_wish(message)
    is_undoing(message)
    pointed_at(message, 3)
    pointed_at(message, 3, (0,))
    number_instead(request(*PIECES), message, "USD")
    taken_back(request(*PIECES), message)
    begins_anew(message)
    is_beside_the_kind(Piece(part=Part.KIND, text="x", start=len(message) - 1), message)
    assert time.process_time() - began < 0.2


def test_the_last_of_a_wish_and_its_exclusion_counts():
    no_black = Piece(part=Part.EXCLUSION, text="not black", value="black", hard=True)
    black = Piece(part=Part.OPTION, text="black", value="black", group="color")
    leather = Piece(part=Part.FEATURE, text="black leather", value="black leather")
    assert contradicts(no_black, black)
    assert contradicts(black, no_black)
    assert contradicts(leather, no_black)
    assert not contradicts(no_black, BLUE)
    assert not contradicts(black, leather)
    assert not contradicts(no_black, no_black)


@pytest.mark.parametrize(
    ("message", "kind", "beside"),
    [
        ("she likes dolls", "dolls", True),
        ("for left hand", "hand", True),
        ("a gift for my sister who plays guitar", "guitar", True),
        ("a desk lamp", "desk lamp", False),
        ("Actually I want a desk lamp instead", "desk lamp", False),
        ("I am looking for rugs", "rugs", False),
        ("do you have lamps", "lamps", False),
        ("for him: show me lamps", "lamps", False),
    ],
)
def test_a_kind_in_a_clause_is_not_looked_for(message, kind, beside):
    piece = Piece(part=Part.KIND, text=kind, value=kind, start=message.index(kind), hard=True)
    assert is_beside_the_kind(piece, message) is beside


@pytest.mark.parametrize(
    ("message", "rest"),
    [
        ("sorry, I meant a skirt", "a skirt"),
        ("I changed my mind, I want a black one", "I want a black one"),
        ("Actually for iphone 11", "for iphone 11"),
        ("no, red", "red"),
        ("no black", "no black"),
        ("no not blue either", "not blue either"),
        ("rather tea than coffee", "tea rather than coffee"),
        ("not 11, 10.5", "10.5"),
        ("not l but m", "m"),
        ("not red, blue", "not red, blue"),
        ("that's not what I asked for, a skirt", "a skirt"),
        ("ok never mind, beef jerky", "beef jerky"),
        ("sorry", "sorry"),
        ("wells for gardens", "wells for gardens"),
        ("", ""),
    ],
)
def test_lead_ins_are_left_out(message, rest):
    assert without_lead_in(message) == rest


def test_ways_to_talk_are_no_wishes():
    assert is_talk(Piece(part=Part.KIND, text="mind", value="mind"))
    assert is_talk(Piece(part=Part.EXCLUSION, text="no wait", value="wait", hard=True))
    assert not is_talk(Piece(part=Part.FEATURE, text="second hand", value="second hand"))
    assert not is_talk(Piece(part=Part.KIND, text="one", value="one", hard=True))
    assert not is_talk(BLUE)


def test_all_may_be_taken_back():
    assert begins_anew("let's start over")
    assert begins_anew("start from scratch please")
    assert not begins_anew("I bake from scratch, so a large pan")
    assert not begins_anew("a starter kit")
