"""Price limits in requests."""

from __future__ import annotations

import pytest

from shopwright.understanding.amounts import price_limit, prices_in


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("a mug, and price lower than 40.00 dollars", 40.0),
        ("a mug under $30", 30.0),
        ("a mug under 30", 30.0),
        ("a mug below 30 dollars", 30.0),
        ("A MUG UNDER $30", 30.0),
        ("a mug for less than 12.50", 12.5),
        ("a mug cheaper than $9.99.", 9.99),
        ("at most 25 bucks", 25.0),
        ("max 25 usd", 25.0),
        ("maximum of $25", 25.0),
        ("max of 25", 25.0),
        ("up to $1,299.99 for a sofa", 1299.99),
        ("up to 1,299 dollars", 1299.0),
        ("no more than $20, please", 20.0),
        ("not over 20 dollars", 20.0),
        ("not more than 20", 20.0),
        ("within $20", 20.0),
        ("my budget is $75", 75.0),
        ("a budget of 75", 75.0),
        ("budget 75", 75.0),
        ("under about $50", 50.0),
        ("under around 50 dollars", 50.0),
        ("under us$50", 50.0),
        ("USD 50 or less", 50.0),
        ("<50", 50.0),
        ("<= $50", 50.0),
        ("1 dollar", 1.0),
        ("between $20 and $30", 30.0),
        ("$20 to $30", 30.0),
        ("shoes of size 10 under $40", 40.0),
        ("a cable under 6 feet for 15 dollars", 15.0),
        ("a 12 pack, under 5.5 inches, price lower than 60.00 dollars", 60.0),
        ("$ 40", 40.0),
        ("lower than 30$", 30.0),
        ("two mugs", None),
        ("size 10 shoes", None),
        ("a 52 inch desk", None),
        ("under the sink", None),
        ("dollar store mug", None),
        ("less than thirty dollars", 30.0),
        ("a guitar below 2000", 2000.0),
        ("a drill, at most 2001", 2001.0),
        ("a radiator for cars up to 2014", None),
        ("", None),
    ],
)
def test_a_price_limit_is_found_where_a_request_names_one(
    request_text: str, expected: float | None
) -> None:
    assert price_limit(request_text) == expected


@pytest.mark.parametrize(
    ("request_text", "currency", "expected"),
    [
        ("a bag under 250,000 dong", "VND", 250_000),
        ("a bag under 250.000 ₫", "VND", 250_000),
        ("a bag, at most 250k", "VND", 250_000),
        ("1.5 million dong", "VND", 1_500_000),
        ("a gaming laptop for less than 1.4k", "USD", 1400),
        ("a 4k tv under 1k", "USD", 1000),
        ("a 4k tv", "USD", None),
        ("tv with at least 4k", "USD", None),
        ("necklace over 18k", "USD", None),
        ("a ring under 14k", "USD", None),
        ("up to 8k, hdmi cable", "USD", None),
        ("a laptop under 2k", "USD", 2000),
        ("a lens of less than 1.4x", "USD", None),
        ("VND 250000 or less", "VND", 250_000),
        ("under 40 euros", "EUR", 40),
        ("bis 1.299,00 €", "EUR", 1299),
        ("12,50 euro", "EUR", 12.5),
        ("1 299 €", "EUR", 1299),
        ("a size 8 100 dollars max", "USD", 100),
        ("20 pounds", "GBP", 20),
        ("a 20 pounds dumbbell", "USD", None),
        ("£20", "GBP", 20),
        ("at most 300 kr", "SEK", 300),
        ("12 kr of it", "USD", None),
        ("¥5,000 max", "JPY", 5000),
        ("5000 yen", "JPY", 5000),
        ("size 10 $40", "USD", 40),
        ("R250", "ZAR", 250),
        ("CHF 1'299.50", "CHF", 1299.5),
        ("12.500 KD", "KWD", 12.5),
        ("rs. 1,50,000", "INR", 150_000),
        ("show us 2 mugs", "USD", None),
        ("$40 k cups", "USD", 40),
    ],
)
def test_limits_in_the_currency_of_the_shop(
    request_text: str, currency: str, expected: float | None
) -> None:
    assert price_limit(request_text, currency) == expected


@pytest.mark.parametrize(
    ("request_text", "lowest", "highest"),
    [
        ("a camera over a hundred dollars but less than 250", 100, 250),
        ("at least $20, no more than 45, a lamp", 20, 45),
        ("a lamp, more than 20 and less than $40", 20, 40),
        ("over 15 euros but under 30", 15, 30),
    ],
)
def test_the_currency_of_two_ends_of_a_price_may_be_said_once(
    request_text: str, lowest: float, highest: float
) -> None:
    first, second = prices_in(request_text)
    assert (first.piece.lowest, second.piece.highest) == (lowest, highest)


@pytest.mark.parametrize(
    "request_text",
    [
        "a disk of at least 500 gb under $80",
        "a desk over 120 wide, under $100",
        "shoes over size 9 but under $40",
        "$40 max, at most 2",
    ],
)
def test_a_bare_number_beside_a_price_is_no_price_unless_they_are_its_two_ends(
    request_text: str,
) -> None:
    (only,) = prices_in(request_text)
    assert only.piece.lowest is None


@pytest.mark.parametrize("said", ["i have fifty bucks for a hat", "a hat, I've got only $50"])
def test_what_somebody_has_to_spend_is_a_limit(said: str) -> None:
    (only,) = prices_in(said)
    assert (only.piece.highest, only.piece.hard) == (50, True)


@pytest.mark.parametrize("said", ["a lamp under$20", "a lamp for20eur", "lamp max€20", "lamp<$20"])
def test_an_amount_may_stand_close_to_what_is_said_of_it(said: str) -> None:
    (only,) = prices_in(said)
    assert only.piece.highest == 20


@pytest.mark.parametrize("said", ["between $20 and $40", "nothing over $40"])
def test_what_leads_to_a_price_belongs_to_it(said: str) -> None:
    (only,) = prices_in(f"a lamp that costs {said}")
    assert only.start == len("a lamp")
