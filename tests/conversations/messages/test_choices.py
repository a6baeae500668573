"""Which of a question's choices a person can choose among."""

from __future__ import annotations

import pytest

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.messages.choices import answerable
from shopwright.understanding.request import ParsedRequest, Part, Piece

ANYTHING = ParsedRequest(text="")


def answer(act, understood, kinds=()):
    return answerable(act, understood, lambda name: name in kinds)


def test_what_was_ruled_out_is_no_choice():
    black = Piece(part=Part.EXCLUSION, text="not black", value="black", hard=True)
    request = ParsedRequest(text="", pieces=(black,))
    asked = answer(Act(Kind.OPTION, "color", ("black", "red", "blue", "matte black")), request)
    assert asked.choices == ("red", "blue")
    assert answer(Act(Kind.OPTION, "color", ("black", "red")), request).kind is Kind.OFFER


@pytest.mark.parametrize("mark", ["gs2900", "a", "b-12", "20019", "01"])
def test_sellers_marks_are_not_asked_for(mark):
    assert answer(Act(Kind.OPTION, "style", (mark, "plain")), ANYTHING).kind is Kind.OFFER


@pytest.mark.parametrize("value", ["9.5", "xl", "m", "us 9", "64 gb", "2 pack", "navy", "us10"])
def test_other_values_are(value):
    question = Act(Kind.OPTION, "size", (value, "other"))
    assert answer(question, ANYTHING) == question


@pytest.mark.parametrize(
    ("part", "said", "group"),
    [(Part.OPTION, "xl", "fit"), (Part.FEATURE, "size 10", ""), (Part.OPTION, "9", "Shoe Size")],
)
def test_what_was_said_is_not_asked_for(part, said, group):
    known = ParsedRequest(text="", pieces=(Piece(part=part, text=said, value=said, group=group),))
    assert answer(Act(Kind.OPTION, "size", ("small", "large")), known).kind is Kind.OFFER
    colours = Act(Kind.OPTION, "color", ("red", "blue"))
    assert answer(colours, known) is not None
    assert answer(colours, known).kind is Kind.OPTION


def test_other_acts_stay_as_they_are():
    slippers = Act(Kind.ATTRIBUTES, choices=("soft", "slippers"))
    assert answer(slippers, ANYTHING, {"slippers"}).choices == ("soft",)
    assert answer(slippers, ANYTHING, {"slippers", "soft"}).kind is Kind.OFFER
    for act in (Act(Kind.LIMIT), Act(Kind.ATTRIBUTES, choices=("a", "b")), Act(Kind.OFFER)):
        assert answer(act, ANYTHING) == act


def test_a_size_that_was_said_in_other_words_is_not_asked_for():
    known = ParsedRequest(text="", pieces=(Piece(part=Part.FEATURE, text="xl", value="xl"),))
    assert answer(Act(Kind.OPTION, "size", ("one", "two")), known).kind is Kind.OFFER
    assert answer(Act(Kind.OPTION, "style", ("one", "two")), known).kind is Kind.OPTION
