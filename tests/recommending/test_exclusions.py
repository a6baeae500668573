"""What is excluded, and where that is certain."""

from __future__ import annotations

import pytest

from shopwright.catalogue.product import Product
from shopwright.recommending.criteria import criteria_of
from shopwright.recommending.reasons import reasons
from shopwright.understanding.request import ParsedRequest, Part, Piece


def excluding(word: str, kind: str = "lamp") -> ParsedRequest:
    pieces = (
        Piece(part=Part.KIND, text=kind, value=kind, hard=True),
        Piece(part=Part.EXCLUSION, text=f"without {word}", value=word, hard=True),
    )
    return ParsedRequest(text=f"{kind} without {word}", pieces=pieces)


@pytest.mark.parametrize(
    ("fields", "met"),
    [
        ({"title": "Lamp with timer"}, False),
        ({"title": "Lamp", "bullets": ("The timer is sold apart",)}, None),
        ({"title": "Lamp", "product_category": "Clocks & Timers › Lamps"}, True),
        ({"title": "Lamp"}, True),
    ],
)
def test_only_what_a_product_is_called_is_certain(fields: dict[str, object], met: object) -> None:
    product = Product(asin="L1", **fields)  # type: ignore[arg-type]
    assert reasons(excluding("timer"), product, {})[1].met is met


def test_what_the_request_asks_for_by_name_is_not_left_out() -> None:
    assert not criteria_of(excluding("cutlery", "cutlery box"))[1].hard
    assert criteria_of(excluding("lid", "cutlery box"))[1].hard
