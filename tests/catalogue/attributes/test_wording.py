"""The words of requests."""

from __future__ import annotations

import pytest

from shopwright.catalogue.attributes.requests import request_text, spoken


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (["lead free"], "Find me lead free mugs"),
        (["bamboo lid"], "Find me mugs with bamboo lid"),
        (["lead free", "bamboo lid", "hand painted"],
         "Find me lead free, hand painted mugs with bamboo lid"),
    ],
)  # fmt: skip
def test_wording_of_requests(attributes, expected):
    assert request_text("mugs", attributes) == expected


def test_places_decide_where_an_attribute_stands():
    places = {"living room": "for", "nylon": "before", "glass shade": "with"}
    expected = "Find me nylon lamps with glass shade for living room"
    assert request_text("lamps", list(places), places) == expected


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [("easy clean", "easy to clean"), ("ready use", "ready to use"),
     ("easy installation", "easy installation"), ("plug play", "plug and play"),
     ("easy care", "easy care"), ("lead free", "lead free")],
)  # fmt: skip
def test_attributes_as_they_are_said(attribute, expected):
    assert spoken(attribute) == expected
