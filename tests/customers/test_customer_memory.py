from __future__ import annotations

from math import tanh

import pytest

from shopwright.customers.memory import Deed, leanings

DAY = 86_400.0
NOW = 1_000 * DAY


def test_what_was_bought_is_forgotten_by_halves() -> None:
    found = leanings([Deed("bought", "A", NOW), Deed("bought", "B", NOW - 120 * DAY)], NOW)
    assert found == {"A": pytest.approx(tanh(1.0)), "B": pytest.approx(tanh(0.5))}


def test_deeds_with_the_same_product_add_up() -> None:
    found = leanings([Deed("bought", "A", NOW), Deed("dismissed", "A", NOW)], NOW)
    assert found == {"A": 0.0}
    assert leanings([Deed("clicked", "A", NOW)] * 3, NOW)["A"] == pytest.approx(tanh(0.9))


def test_what_was_merely_shown_tells_nothing() -> None:
    assert leanings([Deed("shown", "A", NOW)], NOW) == {}


def test_deeds_of_the_future_count_as_just_done() -> None:
    late = leanings([Deed("bought", "A", NOW + 10 * DAY)], NOW)
    assert late == leanings([Deed("bought", "A", NOW)], NOW)
