"""Messages that ask for no product."""

from __future__ import annotations

import time

import pytest

from shopwright.conversations.messages.remarks import Remark, remark_in


@pytest.mark.parametrize(
    ("message", "remark"),
    [
        ("thanks!", Remark.THANKS),
        ("ok great, thank you, bye", Remark.THANKS),
        ("that's all", Remark.THANKS),
        ("thats not what I asked for", Remark.COMPLAINT),
        ("no, that's wrong", Remark.COMPLAINT),
        ("this isnt right", Remark.COMPLAINT),
        ("these are all ugly", Remark.COMPLAINT),
        ("you don't understand me", Remark.COMPLAINT),
        ("do you ship to canada", Remark.SERVICE),
        ("when will it arrive", Remark.SERVICE),
        ("can i talk to a human", Remark.SERVICE),
        ("are you a bot?", Remark.SERVICE),
        ("your prices are a joke", Remark.SERVICE),
        ("do you have a discount code?", Remark.SERVICE),
        ("what do you sell?", Remark.RANGE),
    ],
)
def test_remarks(message, remark):
    found = remark_in(message)
    assert found is not None
    assert found.remark is remark


@pytest.mark.parametrize(
    "message",
    [
        "an ugly christmas sweater", "wrong size", "gift wrapping paper", "a weather station",
        "coupon organizer", "human hair wig", "not right handed", "cheers mug", "great lamp",
        "a lamp that ships fast", "good", "no", "a talking human doll", "",
    ],
)  # fmt: skip
def test_wishes_are_no_remarks(message):
    assert remark_in(message) is None


@pytest.mark.parametrize(
    "message", ["ok " * 39 + "x", "all just so " * 9, "when will it " * 9, "a" * 9_999]
)
def test_no_message_takes_long(message):
    began = time.process_time()
    remark_in(message)
    assert time.process_time() - began < 0.2
