"""The price limit that a request names: one reading of amounts of money for everybody."""

from __future__ import annotations

import re
from functools import cache

from shopwright.catalogue.money import SIGNS, THREE_DECIMALS, decimals_of, name_of

# Signs and words that stand for money in any shop. Those of other currencies may mean something
# else there: five pounds of flour, 12 kr.
_SIGNS = ("us$", "$", "€", "£", "¥", "₹", "₩", "₫", "₺", "₽", "₴", "₱", "฿", "₦", "₪")
_CODES = ("usd", "eur")
_WORDS = ("dollars", "dollar", "bucks", "euros", "euro")
_FURTHER_WORDS = {"GBP": ("quid",)}
# Written for a currency in tables, but words of English or units in requests.
_AMBIGUOUS = frozenset("us au nz hk nt e l q da br le km".split())
# Where a blank may divide thousands; elsewhere "size 8 100 dollars" is 100 dollars.
_BLANK_BETWEEN_THOUSANDS = frozenset("CZK DKK EUR HUF NOK PLN RUB SEK UAH".split())
_MULTIPLES = {"k": 1_000, "thousand": 1_000, "million": 1_000_000}
_BEFORE = (
    r"(?:under|below|beneath|lower than|less than|cheaper than|at most|maximum(?: of)?|max(?: of)?|"
    r"up to|no more than|not more than|not over|within|budget(?: is| of)?|<=?)"
    r"\s*(?:about\s+|around\s+)?(?:us)?\$?\s*"
)
_BARE_NUMBER = r"\d[\d,]*(?:\.\d+)?"


@cache
def money_pattern(currency: str = "USD") -> str:
    """Return a regular expression of an amount of money in lower-case text, as requests of a shop
    of this currency write it: with a sign, a code or a word. Its groups have no number."""
    names = {sign for sign, codes in SIGNS.items() if codes[0] == currency} - _AMBIGUOUS
    names |= {currency.lower(), name_of(currency).lower(), *_FURTHER_WORDS.get(currency, ())}
    words = {name for name in names if len(name) > 3 and name.isalpha()}
    signs = names - words
    blank = " " if currency in _BLANK_BETWEEN_THOUSANDS else ""
    divided = rf"\d{{1,3}}(?:[,.'’\u00a0\u202f{blank}]\d{{3}})+(?:[,.]\d\d?)?(?!\d)"
    amount = rf"(?:{divided}|{_BARE_NUMBER})(?:(?:k|\s(?:thousand|million))\b)?"
    before = _any_of({*signs, *_SIGNS, *_CODES})
    # Before another number it is that one's: "size 10 $40".
    behind = _any_of({*(s for s in signs if len(s) > 1 or not s.isascii()), *_SIGNS, *_CODES})
    named = _any_of({*words, *_WORDS})
    return rf"(?:{before}\.?\s*{amount}|{amount}\s*(?:{named}|{behind}(?!\s*\d)))"


def _any_of(tokens: set[str]) -> str:
    """A regular expression of any of some signs and words; words stand alone."""
    ordered = sorted(tokens, key=lambda token: (-len(token), token))
    alone = (
        ("(?<![^\\W\\d_])" if token[0].isalpha() else "")
        + re.escape(token)
        + ("(?![^\\W\\d_])" if token[-1].isalpha() else "")
        for token in ordered
    )
    return f"(?:{'|'.join(alone)})"


def bare_limit_pattern(currency: str = "USD") -> str:
    """Return a regular expression, with one group, of a number after "under" and the like."""
    # People in a shop of dong say 250k.
    thousands = r"(?:k\b)?" if decimals_of(currency) == 0 else ""
    return f"{_BEFORE}({_BARE_NUMBER}{thousands})"


@cache
def _patterns(currency: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(money_pattern(currency)), re.compile(bare_limit_pattern(currency))


def price_limit(request: str, currency: str = "USD") -> float | None:
    """Return the price limit that a request names, in the shop's currency; None if it names none.

    An amount with a currency counts before a bare number after "under" and the like, which may
    be a size. Amounts are not converted: "€40" is 40 in any shop.

    Args:
        currency: the shop's; decides which words are money, and what a mark between digits means.
    """
    text = request.lower()
    money, bare = _patterns(currency)
    amounts = money.findall(text) or bare.findall(text)
    values = [_amount(amount, currency) for amount in amounts]
    return max(values) if values else None


def _amount(text: str, currency: str) -> float:
    """The number in an amount: a mark before three digits divides thousands, as does the first of
    two kinds of marks."""
    found = re.search(r"\d[\d.,'’\u00a0\u202f ]*", text)
    assert found is not None
    digits = re.sub(r"['’\u00a0\u202f ]", "", found[0]).rstrip(".,")
    marks = re.sub(r"\d", "", digits)
    *heads, tail = re.split(r"[.,]", digits)
    thousands = len(tail) == 3 and len(set(marks)) == 1
    if thousands and marks == "." and currency in THREE_DECIMALS:
        thousands = False
    if not marks or thousands:
        heads, tail = [*heads, tail], "0"
    whole = "".join(heads)
    multiple = re.search(r"[a-z]+", text[found.end() :])
    return float(f"{whole}.{tail}") * _MULTIPLES.get(multiple[0] if multiple else "", 1)


def share_within(limit: float | None, lowest: float, highest: float) -> float:
    """Return what part of a price range is within a limit, 0 to 1: what is paid for a product whose
    page shows a range lies somewhere in it."""
    if limit is None or highest <= limit:
        return 1.0
    return max(0.0, limit - lowest) / (highest - lowest) if highest > lowest else 0.0
