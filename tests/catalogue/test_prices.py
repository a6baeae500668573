"""Prices as tables write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalogue.prices import Price, PriceReader, decimal_mark, parse_price
from shopwright.errors import InputError


@pytest.mark.parametrize(
    ("text", "amounts", "currency"),
    [
        ("12.99", (12.99,), None),
        ("$5.00-$7.00", (5.0, 7.0), "USD"),
        ("5,-–7,- €", (5.0, 7.0), "EUR"),
        ("\\1,200", (1200.0,), "JPY"),
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


def amounts_of(*texts, **stated):
    reader = PriceReader(texts, **stated)
    return [reader.read(text).amounts[0] for text in texts]


def test_the_column_decides_whether_a_mark_parts_thousands():
    assert amounts_of("1.299 €", "899 €") == [1299.0, 899.0]
    assert amounts_of("1.299", "12.99") == [1.299, 12.99]
    assert amounts_of("1,299", "12,99") == [1.299, 12.99]
    assert amounts_of("1.299", "5,00", "1.299,50") == [1299.0, 5.0, 1299.5]
    assert amounts_of("190.000 ₫", "1.290.000 ₫") == [190000.0, 1290000.0]
    assert decimal_mark(["1.299"]) is None


def test_currencies_of_three_decimals_have_them():
    assert amounts_of("5.000 KD", "4.500 KD") == [5.0, 4.5]
    assert amounts_of("5.000", "4.500", currency="KWD") == [5.0, 4.5]
    assert amounts_of("5.000", "4.500", currencies=["BHD"]) == [5.0, 4.5]
    amounts = [{"amount": text, "currencyCode": "KWD"} for text in ("12.500", "9.755")]
    assert amounts_of(*amounts) == [12.5, 9.755]
    assert PriceReader([[*amounts]]).read(amounts[0]).amounts == (12.5,)


def test_amounts_of_objects_show_how_a_table_writes_them():
    amounts = [{"amount": text, "currency": "EUR"} for text in ("1.299", "12,99")]
    assert amounts_of(*amounts) == [1299.0, 12.99]
    amounts = [{"amount": text, "currency": "EUR"} for text in ("1.299", "12.99")]
    assert amounts_of(*amounts) == [1.299, 12.99]


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("Rp 150.000", Price((150000.0,), "IDR")),
        ("RM12.50", Price((12.5,), "MYR")),
        ("R499", Price((499.0,), "ZAR")),
        ("Rs.499", Price((499.0,), "INR")),
        ("Rs. 499/-", Price((499.0,), "INR")),
        ("₱1,250.00", Price((1250.0,), "PHP")),
        ("฿1,200", Price((1200.0,), "THB")),
        ("NT$1,200", Price((1200.0,), "TWD")),
        ("NZ $9.90", Price((9.9,), "NZD")),
        ("KSh 1,500", Price((1500.0,), "KES")),
        ("1 200 руб.", Price((1200.0,), "RUB")),
        ("1,980円(税込)", Price((1980.0,), "JPY")),
        ("￥１，９８０", Price((1980.0,), "JPY")),
        ("١٢٫٥٠ د.إ", Price((12.5,), "AED")),
        ("S/. 12.50", Price((12.5,), "PEN")),
        ("B/.5.00", Price((5.0,), "PAB")),
        ("129:-", Price((129.0,))),
        ("£12 inc VAT", Price((12.0,), "GBP")),
        ("12.99*", Price((12.99,))),
        ("$5/ea", Price((5.0,), "USD")),
        ("€ 49,90 / kg", Price((49.9,), "EUR")),
        ("$12 CAD", Price((12.0,), "CAD")),
        ("usd 5", Price((5.0,), "USD")),
        ("MRP ₹499", Price((499.0,), "INR")),
        ("UVP 19,99", Price((19.99,))),
    ],
)
def test_signs_and_words_beside_the_amount(text, price):
    assert parse_price(text) == price


def test_a_sign_of_several_currencies_is_the_one_named_elsewhere():
    assert PriceReader(["$5", "7 CAD"]).read("$5").currency == "CAD"
    assert PriceReader(["$5"], currencies=["AUD"]).read("$5").currency == "AUD"
    assert PriceReader(["$5"], currency="NZD").read("$5").currency == "NZD"
    assert PriceReader(["$5"], currency="EUR").read("$5").currency == "USD"
    assert PriceReader(["5"], currency="eur").read("5").currency == "EUR"
    assert PriceReader(["5"]).read("5", "SEK").currency == "SEK"


def test_a_word_beside_most_prices_is_how_they_are_written():
    reader = PriceReader(["5 Zorkmid", "7 Zorkmid", "9"])
    assert reader.read("5 Zorkmid").amounts == (5.0,)
    with pytest.raises(InputError, match="'kg' is unknown"):
        reader.read("5 kg")


def test_numbers_and_objects_are_taken_as_they_are():
    reader = PriceReader([])
    assert reader.read(1.299).amounts == (1.299,)
    assert reader.read({"amount": "12.99", "currency": "eur"}) == Price((12.99,), "EUR")
    cents = {"amount": 7900, "currency": "usd"}
    assert reader.read(cents, in_minor_units=True) == Price((79.0,), "USD")
    yen = {"amount": 7900, "currency": "JPY"}
    assert reader.read(yen, in_minor_units=True) == Price((7900.0,), "JPY")
    for wrong in (-1, float("nan"), True, {"currency": "USD"}, {"amount": {}}, 10**12):
        with pytest.raises(InputError, match="expected"):
            reader.read(wrong)


def test_an_unknown_currency_is_refused():
    with pytest.raises(InputError, match="code of ISO 4217"):
        PriceReader([], currency="MRP")


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
