"""Currencies, and how amounts are shown."""

from __future__ import annotations

import pytest

from shopwright.catalogue.money import CODES, SIGNS, decimals_of, format_price


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (1299, "EUR", "€1299.00"),
        (27.5, "USD", "$27.50"),
        (190000, "VND", "VND 190000"),
        (1980, "JPY", "¥1980"),
        (4.5, "KWD", "KWD 4.500"),
        (12.5, "JPY", "¥12.50"),  # Not rounded away.
    ],
)
def test_amounts_have_the_digits_of_their_currency(amount, currency, shown):
    assert format_price(amount, currency) == shown


def test_every_sign_stands_for_known_currencies():
    assert {code for codes in SIGNS.values() for code in codes} <= CODES
    assert all(sign == sign.lower() for sign in SIGNS)
    assert all(decimals_of(code) in (0, 2, 3) for code in CODES)
