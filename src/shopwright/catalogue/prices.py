"""Prices as tables write them: with currency signs or codes, thousands separators, and a point or a
comma before the cents."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from shopwright.errors import InputError

POINT, COMMA = ".", ","
MOST_DIGITS = 12

_SIGNS = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB",
    "₩": "KRW", "₺": "TRY", "₫": "VND", "₪": "ILS", "₴": "UAH", "zł": "PLN", "kč": "CZK",
    "r$": "BRL", "a$": "AUD", "c$": "CAD", "ca$": "CAD", "au$": "AUD", "kr": "KR", "fr.": "CHF",
    "sfr.": "CHF", "rs.": "INR", "rs": "INR", "dollars": "USD", "dollar": "USD", "euro": "EUR",
    "euros": "EUR", "ft": "HUF", "lei": "RON", "元": "CNY", "円": "JPY",
}  # fmt: skip
# Words that stand beside a price and say nothing about its amount.
_WORDS = frozenset("from only now ab nur price preis each ea pro per stk incl inkl".split())

_SPACES = "\u0020\u00a0\u202f\u2009\u2007\t"
_GROUPING = f"{_SPACES}'’`"
_AMOUNT = re.compile(
    rf"-?(?:\d+(?:[{_GROUPING}]\d{{3}}(?!\d)|[.,]\d+)*|[.,]\d+)(?:[.,](?!\d))?(?:[-–—]{{1,2}}(?!\d))?"
)
_GROUPED = re.compile(r"\d{1,3}(?:\D\d{3}|(\D)\d{2,3}(?:\1\d{2,3})*\1\d{3})")
_RANGE_MARK = re.compile(r"^\s*(?:-|–|—|to|bis|through)\s*$", re.IGNORECASE)
_NEAR = re.compile(r"[^\W\d_]+[.$]?\$?|[^\w\s.,]", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Price:
    """A price as written.

    Attributes:
        amounts: one number or the two ends of a range, 0 or more.
        currency: a code such as "EUR"; None if none is written.
    """

    amounts: tuple[float, ...]
    currency: str | None = None


def decimal_mark(texts: Iterable[str]) -> str:
    """Return the mark that stands before the cents in most of the texts that show it: a point if
    none does.

    "1.299" alone could be either; "12,99" or "1.299,00" elsewhere in the column decides.
    """
    votes: Counter[str] = Counter()
    for text in texts:
        for amount in _AMOUNT.findall(text):
            mark = _certain_mark(amount.rstrip("-–—"))
            if mark:
                votes[mark] += 1
    return COMMA if votes[COMMA] > votes[POINT] else POINT


def _certain_mark(amount: str) -> str | None:
    """The decimal mark that the digits of one amount show beyond doubt, if any."""
    point, comma = amount.rfind("."), amount.rfind(",")
    if point >= 0 and comma >= 0:
        return POINT if point > comma else COMMA
    if point < 0 and comma < 0:
        return None
    mark, place = (POINT, point) if point >= 0 else (COMMA, comma)
    if amount.count(mark) > 1:
        # Repeated, it parts thousands, so the other one stands before the cents.
        return COMMA if mark == POINT else POINT
    decimals = len(amount) - place - 1
    return mark if decimals != 3 or amount[:place].lstrip("-") in ("", "0") else None


def parse_price(text: str, mark: str = POINT) -> Price:
    """Return the price that a text holds.

    Args:
        text: such as "$1,299.00", "1.299,00 €", "USD 15", "12.99 - 15.99", "from 20,-".
        mark: what stands before the cents where the digits alone leave it open.

    Raises:
        InputError: it holds no price, several that are no range, or one below 0.

    Example:
        >>> parse_price("1.299,00 €")
        Price(amounts=(1299.0,), currency='EUR')
    """
    expected = 'a price such as "12.99", "$1,299.00" or "1.299,00 €"'
    found = list(_AMOUNT.finditer(text))
    if not found:
        raise InputError(f"expected {expected}, got {text!r:.60}")
    between = [text[a.end() : b.start()] for a, b in pairwise(found)]
    is_range = len(found) == 2 and bool(_RANGE_MARK.match(_without_currency(between[0])))
    if len(found) == 2 and not is_range and found[1].group().startswith("-"):
        # "12.99-15.99": the hyphen parts two prices and is no sign.
        is_range = not _without_currency(between[0]).strip()
    if len(found) > 2 or (len(found) == 2 and not is_range):
        raise InputError(f"expected {expected}, got several numbers in {text!r:.60}")
    amounts = [_number(match.group(), mark) for match in found]
    if is_range:
        amounts[1] = abs(amounts[1])
    if any(amount < 0 or not math.isfinite(amount) for amount in amounts):
        raise InputError(f"expected a price from 0, got {text!r:.60}")
    currency, rest = _currency(_AMOUNT.sub(" ", text))
    if rest:
        raise InputError(f"expected {expected}, got {text!r:.60} ({rest!r:.30} is unknown)")
    low, high = min(amounts), max(amounts)
    return Price((low,) if low == high else (low, high), currency)


def _number(amount: str, mark: str) -> float:
    digits = amount.rstrip("-–—").rstrip(".,")
    negative = digits.startswith("-")
    digits = digits.removeprefix("-")
    mark = _certain_mark(digits) or mark
    whole, _, decimals = digits.partition(mark)
    if whole and not (whole.isdecimal() or _GROUPED.fullmatch(whole)):
        raise InputError(f"expected digits in groups of three, got {amount!r:.60}")
    whole = "".join(filter(str.isdecimal, whole))
    if decimals and not decimals.isdecimal():
        raise InputError(f"expected digits behind {mark!r}, got {amount!r:.60}")
    if len(whole) > MOST_DIGITS or len(decimals) > MOST_DIGITS:
        raise InputError(f"expected a price of at most {MOST_DIGITS} digits, got {amount!r:.60}")
    value = float(f"{whole or 0}.{decimals or 0}")
    return -value if negative else value


def _without_currency(text: str) -> str:
    kept = [word for word in _NEAR.findall(text) if _code(word) is None]
    return " ".join(kept)


def _currency(text: str) -> tuple[str | None, str]:
    """The currency named in what remains of a text without its amounts, and what is unknown."""
    currency, unknown = None, []
    for word in _NEAR.findall(text):
        code = _code(word)
        if code is not None:
            currency = currency or code
        elif word.lower().strip(".") not in _WORDS and not _RANGE_MARK.match(word):
            unknown.append(word)
    return currency, " ".join(unknown)


def _code(word: str) -> str | None:
    sign = _SIGNS.get(word.lower())
    if sign is not None:
        return sign
    is_code = len(word) == 3 and word.isascii() and word.isupper() and word.isalpha()
    return word if is_code else None
