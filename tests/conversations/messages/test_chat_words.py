"""Short forms of chats in full."""

from __future__ import annotations

import pytest

from shopwright.conversations.messages.chat_words import in_full


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("do u have it w pockets", "do you have it with pockets"),
        ("nvm the color tho", "never mind the color"),
        ("bday gift for my bf, hes 30", "birthday gift for my boyfriend, he's 30"),
        ("i dont need it w/o lid", "I don't need it without lid".replace("I", "i")),
        ("snacks n drinks", "snacks and drinks"),
        ("nah manual", "no, manual"),
        ("60 W bulb", "60 W bulb"),
        (
            "a U-lock for type r, even though those were red",
            "a U-lock for type r, even though those were red",
        ),
        ("max width 30 inches", "width max 30 inches"),
        ("S", "small"),
        ("this isnt a rug", "a rug"),
        ("ok ill take the first", "ok I'll take the first"),
        ("ill fitting", "ill fitting"),
        ("none of these are white!!", "white!!"),
        ("these aren't white", "white"),
        ("lol ok", "ok"),
        ("a u-shaped pillow", "a u-shaped pillow"),
        ("it’s red", "it's red"),
        ("size w32", "size w32"),
        ("R2-D2 w/ sound", "R2-D2 with sound"),
        ("its cant", "its can't"),
        ("", ""),
    ],
)
def test_short_forms_are_written_in_full(written, full):
    assert in_full(written) == full
