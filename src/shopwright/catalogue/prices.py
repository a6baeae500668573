"""Prices as tables write them: with currency signs or codes, thousands separators, a point or a
comma before the cents, and words around them.

What the digits of one price leave open, the other prices of the table decide: whether "1.299" has
three decimals or four digits, which dollars a "$" means, and whether a word beside the amounts is
part of how this shop writes prices.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice, pairwise
from typing import Any

from shopwright.catalogue.money import CODES, SIGNS, THREE_DECIMALS, decimals_of
from shopwright.errors import InputError

POINT, COMMA = ".", ","
MOST_DIGITS = 12
MOST_CHARACTERS = 200
EXPECTED = 'a price such as "12.99", "$1,299.00" or "1.299,00 €"'
# So many prices tell how a table writes them.
_LOOKED_AT = 20_000
# A word beside this share of them is part of how they are written.
_USUAL_SHARE = 0.5
_AMOUNT_NAMES = ("amount", "value", "price", "units", "min", "low", "lowPrice")
_CURRENCY_NAMES = ("currency", "currencyCode", "currency_code", "priceCurrency", "code")

# Words that stand beside a price and say nothing about its amount.
_WORDS = frozenset(
    (
        "from only now ab nur ca approx around about at starting as low price preis prix prezzo "
        "precio each ea pro per pc pcs piece unit item stk stück inc incl including inkl ex excl "
        "excluding exkl plus zzgl vat gst tax taxes mwst ust tva iva btw ttc ht moms hst mrp uvp "
        "rrp msrp vb fp offer sale special our regular retail list net gross netto brutto hand "
        "税込 税抜 税別 税込み 本体 送料別 to bis through up à a до"
    ).split()
)
_SPACES = "\u0020\u00a0\u202f\u2009\u2007\t"
_GROUPING = f"{_SPACES}'’`"
_AMOUNT = re.compile(
    rf"-?(?:\d+(?:[{_GROUPING}]\d{{3}}(?!\d)|[.,]\d+)*|(?<![^\W\d_])(?<!/)[.,]\d+)"
    rf"(?:[.,:](?=[-–—])|[.,](?!\d))?(?:[-–—]{{1,2}}(?!\s?[^\d\s–—-]{{0,3}}\s?\d))?"
)
_GROUPED = re.compile(r"\d{1,3}(?:\D\d{3}|(\D)\d{2,3}(?:\1\d{2,3})*\1\d{3})")
_RANGE_MARK = re.compile(r"\s*(?:-|–|—|~|〜|to|bis|through|up to|à|a|до)\s*", re.IGNORECASE)
_WORD = re.compile(
    r"[^\W\d_]+(?:\.[^\W\d_]+)*[$₵¢£/]?|\$[^\W\d_]?|[^\w\s.,;:*+()\[\]–—~〜/'’`|-]", re.UNICODE
)
_PER_UNIT = re.compile(r"(?<![bs])/\s*[^\W\d_]+", re.IGNORECASE)
# Shift-JIS has the yen sign where others have a backslash.
_YEN = re.compile(r"\\(?=\s?\d)")
# These signs stand beside words without a space.
_IDEOGRAPH_SIGN = re.compile("[円元圆원]")
_SEPARATORS = str.maketrans(
    {"٫": ".", "٬": ",", "．": ".", "，": ",", "−": "-", "\u200f": "", "\u200e": ""}
)


@dataclass(frozen=True, slots=True)
class Price:
    """A price as written.

    Attributes:
        amounts: one number or the two ends of a range, 0 or more.
        currency: its ISO 4217 code; None if none is written.
    """

    amounts: tuple[float, ...]
    currency: str | None = None


class PriceReader:
    """Reads the prices of one table.

    Args:
        texts: its prices, as :meth:`read` will get them; the first 20,000 are looked at.
        currencies: what the table says of its currency elsewhere: the cells of a currency column,
            the code in a column's name.
        currency: the code that ``--currency`` gives; it decides what a sign means, and which
            currency prices without one have. None if it is not given.

    Raises:
        InputError: ``currency`` is no code of ISO 4217.

    Example:
        >>> PriceReader(["1.299 €", "899 €"]).read("1.299 €")
        Price(amounts=(1299.0,), currency='EUR')
    """

    def __init__(
        self, texts: Iterable[Any], currencies: Iterable[str] = (), currency: str | None = None
    ) -> None:
        if currency is not None and currency.upper() not in CODES:
            raise InputError(
                f"currency: expected a code of ISO 4217 such as USD or EUR, got {currency!r:.30}"
            )
        cells = [*_in_objects(islice(texts, _LOOKED_AT))]
        looked_at = [_plain(text) for text, _ in cells if isinstance(text, str)]
        words = [_words(text) for text in looked_at]
        counts = Counter(word for each in words for word in set(each))
        fewest = max(2.0, _USUAL_SHARE * len(looked_at))
        self._usual = {word for word, count in counts.items() if count >= fewest}
        named = Counter(code for each in words for code in _codes(each))
        stated = chain(currencies, (beside for _, beside in cells if beside))
        named.update(code for text in stated if (code := code_of(text)))
        self._preferred = [currency.upper()] if currency else []
        self._preferred += [code for code, _ in named.most_common()]
        self._given = currency.upper() if currency else None
        self._mark = decimal_mark(looked_at, self._three_decimals(words))

    def _three_decimals(self, words: list[list[str]]) -> bool:
        codes = self._preferred or [code for each in words for code in _meant(each)[:1]]
        return bool(codes) and codes[0] in THREE_DECIMALS

    def read(self, value: Any, currency: str = "", *, in_minor_units: bool = False) -> Price:
        """Return the price that a cell holds.

        Args:
            value: a text, a number, or an object such as {"amount": "12.99", "currency": "EUR"}.
            currency: what the row's currency column says, empty if there is none.
            in_minor_units: whether amounts are cents, or what the currency has in their place.

        Raises:
            InputError: it holds no price, several that are no range, or one below 0.
        """
        if isinstance(value, Mapping):
            value, currency = _parts_of(value, currency)
        price = self._read(value, currency)
        if not in_minor_units:
            return price
        code = price.currency or next(iter(self._preferred), "USD")
        unit = 10 ** decimals_of(code)
        return Price(tuple(amount / unit for amount in price.amounts), price.currency)

    def _read(self, value: Any, currency: str) -> Price:
        stated = code_of(currency) or self._given
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return Price((_checked(float(value), repr(value)),), stated)
        text = _plain(str(value))
        amounts = _amounts(text, self._mark)
        codes, unknown = self._currency(text)
        if unknown:
            raise InputError(f"expected {EXPECTED}, got {text!r:.60} ({unknown!r:.30} is unknown)")
        code = code_of(currency) or (self._choose(codes) if codes else self._given)
        return Price(amounts, code)

    def _currency(self, text: str) -> tuple[list[str], str]:
        """The currencies that the words of a text may mean, and those that mean none."""
        codes: list[str] = []
        unknown = []
        for word in _words(text):
            meant = _meant([word])
            if meant:
                codes = min(codes or meant, meant, key=len)
            elif word not in _WORDS and word not in self._usual:
                unknown.append(word)
        return codes, " ".join(unknown)

    def _choose(self, codes: list[str]) -> str:
        return next((code for code in self._preferred if code in codes), codes[0])


def _parts_of(value: Mapping[str, Any], currency: str) -> tuple[Any, str]:
    """The amount and the currency that an object names."""
    amount = next((value[name] for name in _AMOUNT_NAMES if name in value), None)
    if amount is None or isinstance(amount, Mapping | list):
        raise InputError(f"expected an object with an amount, got {dict(value)!r:.60}")
    return amount, str(next((value[name] for name in _CURRENCY_NAMES if value.get(name)), currency))


def _in_objects(cells: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """The amounts of cells, of objects with the currency that they name."""
    for cell in cells:
        for value in cell if isinstance(cell, list) else [cell]:
            with suppress(InputError):
                yield _parts_of(value, "") if isinstance(value, Mapping) else (value, "")


def code_of(text: str) -> str | None:
    """Return the ISO 4217 code that a text names, as a code or a sign; None if it names none."""
    word = text.strip()
    if word.upper() in CODES:
        return word.upper()
    meant = SIGNS.get(word.lower().strip("."))
    return meant[0] if meant else None


def decimal_mark(texts: Iterable[str], three_decimals: bool = False) -> str | None:
    """Return the mark that stands before the cents in most of the texts that show it; None if
    none does.

    "1.299" alone could be either; "12,99" or "1.299,00" elsewhere in the column decides. Where
    nothing does, the mark parts thousands: no price list has three decimals throughout, but in
    currencies that have them.

    Args:
        texts: the prices of a column.
        three_decimals: whether the currency has three.
    """
    votes: Counter[str] = Counter()
    for text in texts:
        for amount in _AMOUNT.findall(text):
            digits = amount.rstrip("-–—:").rstrip(".,")
            mark = _certain_mark(digits)
            if mark is None and three_decimals:
                mark = POINT if POINT in digits else COMMA if COMMA in digits else None
            if mark:
                votes[mark] += 1
    if not votes:
        return None
    return COMMA if votes[COMMA] > votes[POINT] else POINT


def parse_price(text: str) -> Price:
    """Return the price that a text alone holds, as :meth:`PriceReader.read` does.

    Raises:
        InputError: it holds none.

    Example:
        >>> parse_price("1.299,00 €")
        Price(amounts=(1299.0,), currency='EUR')
    """
    return PriceReader([text]).read(text)


def _plain(text: str) -> str:
    """A text with ASCII's digits and marks: those of other scripts are as usual in their shops."""
    text = _YEN.sub("¥", text)
    if text.isascii():
        return text
    text = text.translate(_SEPARATORS)
    return "".join(
        str(unicodedata.decimal(each)) if not each.isascii() and each.isdecimal() else each
        for each in text
    )


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
    whole = amount[:place].lstrip("-")
    return mark if decimals != 3 or whole in ("", "0") or len(whole) > 3 else None


def _amounts(text: str, mark: str | None) -> tuple[float, ...]:
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"expected {EXPECTED}, got {len(text):,} characters: {text!r:.60}")
    found = list(_AMOUNT.finditer(text))
    if not found:
        raise InputError(f"expected {EXPECTED}, got {text!r:.60}")
    between = [text[a.end() : b.start()] for a, b in pairwise(found)]
    is_range = len(found) == 2 and _is_range_mark(between[0])
    if len(found) == 2 and not is_range and found[1].group().startswith("-"):
        # "12.99-15.99": the hyphen parts two prices and is no sign.
        is_range = not _without_currency(between[0])
    if len(found) > 1 and not is_range:
        raise InputError(f"expected {EXPECTED}, got several numbers in {text!r:.60}")
    amounts = [_number(match.group(), mark) for match in found]
    if is_range:
        amounts[1] = abs(amounts[1])
    low, high = (_checked(amount, text) for amount in (min(amounts), max(amounts)))
    return (low,) if low == high else (low, high)


def _checked(amount: float, text: str) -> float:
    if not math.isfinite(amount) or amount < 0:
        raise InputError(f"expected a price from 0, got {text!r:.60}")
    if amount >= 10**MOST_DIGITS:
        raise InputError(f"expected a price of at most {MOST_DIGITS} digits, got {text!r:.60}")
    return amount


def _number(amount: str, mark: str | None) -> float:
    digits = amount.rstrip("-–—:").rstrip(".,")
    negative = digits.startswith("-")
    digits = digits.removeprefix("-")
    mark = _certain_mark(digits) or mark
    # Without any mark before the cents there are none.
    whole, _, decimals = digits.partition(mark) if mark else (digits, "", "")
    if whole and not (whole.isdecimal() or _GROUPED.fullmatch(whole)):
        raise InputError(f"expected digits in groups of three, got {amount!r:.60}")
    whole = "".join(filter(str.isdecimal, whole))
    if decimals and not decimals.isdecimal():
        raise InputError(f"expected digits behind {mark!r}, got {amount!r:.60}")
    if len(whole) > MOST_DIGITS or len(decimals) > MOST_DIGITS:
        raise InputError(f"expected a price of at most {MOST_DIGITS} digits, got {amount!r:.60}")
    value = float(f"{whole or 0}.{decimals or 0}")
    return -value if negative else value


def _words(text: str) -> list[str]:
    """The words and signs around the amounts of a text. Codes stay in capitals: "TRY" is one."""
    rest = _IDEOGRAPH_SIGN.sub(r" \g<0> ", _AMOUNT.sub(" ", text))
    rest = _PER_UNIT.sub(" ", rest)
    found = []
    for match in _WORD.finditer(rest):
        word = match.group()
        is_alone = rest.strip().strip(".") == word
        if word.upper() in CODES and (word.isupper() or is_alone):
            found.append(word.upper())
        else:
            lower = word.lower()
            found.append(lower if lower in SIGNS else lower.rstrip("/"))
    return [word for word in found if word]


def _meant(words: list[str]) -> list[str]:
    """The currencies that some words may mean, by the word that means the fewest."""
    named = [[word] if word in CODES else list(SIGNS.get(word, ())) for word in words]
    return min(filter(None, named), key=len, default=[])


def _codes(words: list[str]) -> list[str]:
    """The one currency that some words name beyond doubt, if they do."""
    meant = _meant(words)
    return meant if len(meant) == 1 else []


def _is_range_mark(text: str) -> bool:
    return bool(_RANGE_MARK.fullmatch(_without_currency(text)))


def _without_currency(text: str) -> str:
    kept = [word for word in re.findall(r"[^\W\d_]+\.?[$₵]?|[^\w\s.,]", text) if not _named(word)]
    return " ".join(kept)


def _named(word: str) -> bool:
    return word in CODES or word.lower().strip(".") in SIGNS
