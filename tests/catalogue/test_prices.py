"""Prices as tables write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalogue.prices import decimal_mark, parse_price
from shopwright.errors import InputError


@pytest.mark.parametrize(
    ("text", "amounts", "currency"),
    [
        ("12.99", (12.99,), None),
        ("12,99", (12.99,), None),
        ("$1,299.00", (1299.0,), "USD"),
        ("1.299,00 €", (1299.0,), "EUR"),
        ("15.99 USD", (15.99,), "USD"),
        ("USD 15.99", (15.99,), "USD"),
        ("US$ 5", (5.0,), "USD"),
        ("EUR12,50", (12.5,), "EUR"),
        ("1 299,00", (1299.0,), None),
        ("1\u202f299,00 €", (1299.0,), "EUR"),
        ("1\u00a0299", (1299.0,), None),
        ("1'299.00", (1299.0,), None),
        ("CHF 12.-", (12.0,), "CHF"),
        ("20,-", (20.0,), None),
        ("₹1,00,000.00", (100000.0,), "INR"),
        ("1.234.567,89 zł", (1234567.89,), "PLN"),
        ("1,234,567", (1234567.0,), None),
        ("0,999", (0.999,), None),
        (".99", (0.99,), None),
        ("0", (0.0,), None),
        ("from $12", (12.0,), "USD"),
        ("$12 - $20", (12.0, 20.0), "USD"),
        ("$12.00 to $20.00", (12.0, 20.0), "USD"),
        ("12.99-15.99", (12.99, 15.99), None),
        ("12,99–15,99 €", (12.99, 15.99), "EUR"),
        ("20 - 12", (12.0, 20.0), None),
        ("5 - 5", (5.0,), None),
    ],
)
def test_written_prices_are_parsed(text, amounts, currency):
    price = parse_price(text)
    assert price.amounts == amounts
    assert price.currency == currency


@pytest.mark.parametrize(
    "text",
    [
        "", "free", "-5", "$-5", "12.99 15.99", "1,2,3", "12.99 (was 15.99)", "5 kg", "1e5",
        "9" * 40, "1.2.3", "12,34,5", "$", "1,299.00.5", "inf", "nan",
    ],
)  # fmt: skip
def test_texts_without_a_price_are_refused_and_quoted(text):
    with pytest.raises(InputError, match="expected"):
        parse_price(text)


def test_an_ambiguous_mark_is_decided_by_the_column():
    assert decimal_mark(["1.299", "5.00", "$7.50"]) == "."
    assert decimal_mark(["1.299", "5,00", "1.299,50"]) == ","
    assert decimal_mark(["1.299"]) == "."
    assert decimal_mark(["1.299.000"]) == ","
    assert parse_price("1.299", ",").amounts == (1299.0,)
    assert parse_price("1,299", ",").amounts == (1.299,)
    assert parse_price("1,299", ".").amounts == (1299.0,)


@given(st.integers(0, 10**11 - 1), st.sampled_from(["$%s", "%s €", "GBP %s", "%s"]))
def test_both_decimal_marks_give_the_amount_written(cents, frame):
    whole, rest = divmod(cents, 100)
    english = f"{whole:,}.{rest:02}"
    german = english.translate(str.maketrans(",.", ".,"))
    swiss = english.replace(",", "'")
    for text in (english, german, swiss):
        assert parse_price(frame % text).amounts == (pytest.approx(cents / 100),)


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text):
    with suppress(InputError):
        price = parse_price(text)
        assert len(price.amounts) in (1, 2)
        assert all(0 <= amount < 10**13 for amount in price.amounts)
