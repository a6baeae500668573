"""What people say beside what they wish for."""

from __future__ import annotations

import time

import pytest

from shopwright.conversations.messages.chat_words import in_full
from shopwright.conversations.messages.matters import budget_in, number_instead, quantity_alone
from shopwright.conversations.messages.pointing import pointed_at
from shopwright.conversations.messages.taking_back import taken_back
from shopwright.conversations.messages.talk import (
    Correction,
    begins_anew,
    correction_in,
    is_no_wish,
    is_talk,
    is_undoing,
    without_lead_in,
)
from shopwright.conversations.messages.things import is_beside_the_kind
from shopwright.understanding.request import ParsedRequest, Part, Piece

BLUE = Piece(part=Part.OPTION, text="blue", value="blue", group="color")
LIMIT = Piece(part=Part.PRICE, text="under $80", highest=80.0, hard=True)
REQUEST = ParsedRequest(text="", pieces=(BLUE, LIMIT))


@pytest.mark.parametrize(
    "message",
    [
        "thanks, bye",
        "cancel",
        "which one is best?",
        "ok",
        "hi",
        "this one looks good",
        "need 2 of them",
    ],
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
    in_full(message)
    without_lead_in(message)
    correction_in(message)
    pointed_at(message, 3)
    pointed_at(message, 3, (0,))
    number_instead(REQUEST, message)
    budget_in(REQUEST, message, "USD")
    quantity_alone(message)
    taken_back(REQUEST, message)
    begins_anew(message)
    is_beside_the_kind(Piece(part=Part.KIND, text="x", start=len(message) - 1), message)
    assert time.process_time() - began < 0.2


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
