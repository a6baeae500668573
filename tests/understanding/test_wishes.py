"""Wishes of order, and how strictly they are meant."""

from __future__ import annotations

import pytest

from shopwright.understanding.request import ParsedRequest
from shopwright.understanding.wishes import asks_for_the_first, orders_in


@pytest.mark.parametrize(
    ("text", "strictly"),
    [
        ("cheapest hdmi cable", True),
        ("the lowest priced mug", True),
        ("the most expensive camera", True),
        ("cheap mugs", False),
        ("a mug, not too expensive", False),
        ("best rated mug", False),
        ("a mug", False),
    ],
)
def test_superlatives_ask_for_the_first(text: str, strictly: bool) -> None:
    parsed = ParsedRequest(text=text, pieces=tuple(orders_in(text)))
    assert asks_for_the_first(parsed) is strictly
