"""Price limits of any currency and magnitude."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from variants import table_product

from shopwright.rollouts.requests import RequestWriter
from shopwright.shop.price_limits import UNLIMITED, draw_round_limit, is_limit, price_text
from shopwright.understanding.amounts import price_limit

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "VND", "SEK", "INR", "KWD", "ZAR", "CHF")


@given(st.floats(0.05, 1e9), st.sampled_from(CURRENCIES), st.integers(0, 100))
def test_a_limit_is_above_its_price_round_and_read_back(
    price: float, currency: str, seed: int
) -> None:
    limit = draw_round_limit(price, currency, random.Random(seed))
    assert price < limit
    assert limit <= max(2.5 * price, 2.0)
    digits = f"{limit:.3f}".replace(".", "").strip("0")
    assert len(digits) <= 3
    assert price_limit(f"find me a mug{price_text(limit, currency)}", currency) == limit


@pytest.mark.parametrize("price", [math.nan, 0.0, math.inf, 1e308])
def test_without_a_price_there_is_no_limit(price: float) -> None:
    limit = draw_round_limit(price, "VND", random.Random(0))
    assert limit == UNLIMITED
    assert not is_limit(limit)
    assert price_text(limit, "VND") == ""


@pytest.mark.parametrize("currency", CURRENCIES)
def test_invented_requests_name_limits_that_are_read_back(currency: str) -> None:
    rng = random.Random(1)
    product = table_product(0, currency=currency)
    named = 0
    for _ in range(200):
        limit = draw_round_limit(rng.choice((7.4, 99.0, 190_000.0)), currency, rng)
        text = RequestWriter(plainness=1.0).write(product, (), {}, limit, rng)
        found = price_limit(text, currency)
        named += found is not None
        assert found in (None, limit), text
    assert named > 100
