"""Wishes that a message takes back."""

from __future__ import annotations

import pytest

from shopwright.conversations.messages.chat_words import in_full
from shopwright.conversations.messages.taking_back import consents, contradicts, taken_back
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
    taken = taken_back(request(*PIECES), in_full(message))
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
    assert taken_back(request(KIND, peanuts), in_full(message)) is None


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
    ("message", "left"),
    [
        ("take off the blue", [KIND, LIMIT, SOFT]),
        ("i don't need soft", [KIND, BLUE, LIMIT]),
        ("i changed my mind about blue, red", [KIND, LIMIT, SOFT]),
        ("never mind the budget", [KIND, BLUE, SOFT]),
        ("drop earrings", None),
        ("i don't need a desk", None),
        ("any cookies?", None),
        ("any color is fine, but not soft", [KIND, LIMIT, SOFT]),
    ],
)
def test_a_clause_takes_back_what_it_names(message, left):
    taken = taken_back(request(*PIECES), in_full(message))
    assert (taken and taken.left) == left


def test_a_clause_may_give_up_what_was_looked_for():
    taken = taken_back(request(*PIECES), "forget the rug, i need pumps")
    assert taken is not None
    assert taken.gives_up
    assert not taken.holds(Piece(part=Part.FEATURE, text="pumps", start=23))
    assert taken.holds(Piece(part=Part.KIND, text="rug", start=11))


@pytest.mark.parametrize(
    "message",
    ["hoods are fine if it's cheap", "ok hoods would be fine too", "hoods are alright actually"],
)
def test_what_is_fine_is_not_ruled_out_any_more(message):
    hoods = Piece(part=Part.EXCLUSION, text="no hoods", value="hoods", hard=True)
    taken = taken_back(request(KIND, hoods), message)
    assert taken is not None
    assert taken.left == [KIND]


def test_the_opposite_of_a_wish_may_be_fine():
    unscented = Piece(part=Part.FEATURE, text="unscented", value="unscented")
    taken = taken_back(request(KIND, unscented), "scented is ok")
    assert taken is not None
    assert taken.left == [KIND]


def test_brands_are_known_by_those_of_the_products():
    canon = Piece(part=Part.FEATURE, text="canon", value="canon")
    taken = taken_back(request(KIND, canon), "any brand is fine", {"canon"})
    assert taken is not None
    assert taken.left == [KIND]
    without = taken_back(request(KIND, canon), "any brand is fine")
    assert without is not None
    assert without.left == [KIND, canon]


def test_what_is_fine_in_place_of_what_is_forgotten_is_a_wish():
    taken = taken_back(request(*PIECES), "forget blue, black is fine")
    assert taken is not None
    assert taken.left == [KIND, LIMIT, SOFT]
    assert not taken.holds(Piece(part=Part.OPTION, text="black", start=13))


def test_consent_is_all_that_a_message_says():
    assert consents("chocolate is fine")
    assert not consents("chocolate is fine, but no nuts")
    assert not consents("chocolate is not fine")


def test_what_is_wished_beside_what_is_taken_back_stays():
    taken = taken_back(request(*PIECES), "red ones, but forget the soft")
    assert taken is not None
    assert not taken.holds(Piece(part=Part.OPTION, text="red", start=0))
    assert taken.holds(Piece(part=Part.FEATURE, text="soft", start=25))
