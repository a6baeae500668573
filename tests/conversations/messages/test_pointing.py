"""Messages that point at what was shown."""

from __future__ import annotations

import pytest

from shopwright.conversations.messages.pointing import Wants, pointed_at


@pytest.mark.parametrize(
    ("message", "places", "wants"),
    [
        ("tell me about the second one", (1,), Wants.LOOK),
        ("is the first vegan?", (0,), Wants.LOOK),
        ("how much is the 2nd", (1,), Wants.LOOK),
        ("the last one please", (2,), Wants.LOOK),
        ("I'll take number two", (1,), Wants.LOOK),
        ("option 2 in black", (1,), Wants.LOOK),
        ("#3", (2,), Wants.LOOK),
        ("2", (1,), Wants.LOOK),
        ("compare 1 and 3", (0, 2), Wants.LOOK),
        ("compare the first and the third", (0, 2), Wants.LOOK),
        ("can u compare the first two", (0, 1), Wants.LOOK),
        ("which one is the largest", (0, 1, 2), Wants.LOOK),
        ("what sizes does it come in", (0, 1, 2), Wants.LOOK),
        ("I like the first one", (0,), Wants.LOOK),
        ("more like number 3", (2,), Wants.ALIKE),
        ("something similar to the first", (0,), Wants.ALIKE),
        ("cheaper than the second one", (1,), Wants.CHEAPER),
        ("the first is too expensive", (0,), Wants.CHEAPER),
        ("not the first one", (0,), Wants.OTHERS),
        ("anything but the first", (0,), Wants.OTHERS),
        ("show me more", (), Wants.OTHERS),
        ("anything cheaper?", (0,), Wants.CHEAPER),
        ("what ages is number 2 for?", (1,), Wants.LOOK),
        ("cheaper than that please", (0,), Wants.CHEAPER),
        ("these are all too expensive", (0,), Wants.CHEAPER),
        ("size?", (0, 1, 2), Wants.LOOK),
        ("what colors are there?", (0, 1, 2), Wants.LOOK),
        ("which one is the cheapest", (0, 1, 2), Wants.CHEAPEST),
        ("Something else, please", (), Wants.OTHERS),
        ("I don't like any of these", (), Wants.OTHERS),
    ],
)
def test_what_points(message, places, wants):
    found = pointed_at(message, 3)
    assert found is not None
    assert (found.places, found.wants) == (places, wants)


@pytest.mark.parametrize(
    "message",
    [
        "a first aid kit", "number 2 pencils", "15", "4", "pack of 3", "the fourth one", "size 2",
        "a second monitor", "2nd generation", "last year's model", "more cotton", "another color",
        "my first baby", "sizes 8 and 9", "a cheaper lamp", "under 2", "1.5", "",
        "which is the best", "too expensive, under 150", "do you have one that is 10ft",
    ],
)  # fmt: skip
def test_what_does_not_point(message):
    assert pointed_at(message, 3) is None


def test_nothing_points_where_nothing_was_shown():
    assert pointed_at("the first one", 0) is None


def test_what_is_said_beside():
    found = pointed_at("is the second one vegan?", 3)
    assert found is not None
    assert found.beside.split() == ["is", "vegan?"]


def test_it_is_what_was_looked_at():
    found = pointed_at("does it have pockets", 3, looked_at=(1,))
    assert found is not None
    assert (found.places, found.wants, found.beside) == ((1,), Wants.LOOK, " have pockets")
    of_all = pointed_at("does it have pockets", 5)
    assert of_all is not None
    assert of_all.places == (0, 1, 2)
    assert pointed_at("a bag with pockets", 3, looked_at=(1,)) is None
