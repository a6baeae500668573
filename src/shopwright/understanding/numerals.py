"""Numbers as requests write them: in digits, whatever divides their thousands, and in words."""

from __future__ import annotations

import re
from functools import lru_cache

from shopwright.catalogue.money import THREE_DECIMALS

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {
    **{word: number for number, word in enumerate(_ONES)},
    **{word: 10 * number for number, word in enumerate(_TENS, start=2)},
    "a": 1, "fourty": 40,
}  # fmt: skip
_MULTIPLES = {
    "k": 1_000,
    "dozen": 12,
    "hundred": 100,
    "thousand": 1_000,
    "grand": 1_000,
    "million": 1_000_000,
}
# Where a blank may divide thousands; elsewhere "size 8 100 dollars" is 100 dollars.
_BLANK_BETWEEN_THOUSANDS = frozenset("CZK DKK EUR HUF NOK PLN RUB SEK UAH".split())

_SMALL = "|".join(sorted((w for w in _VALUES if len(w) > 2), key=len, reverse=True))
_BLANK = r"(?:\s|-)"
# "Twenty five", "a hundred and twenty", "two thousand".
NUMBER_WORDS = (
    rf"(?:(?<!\w)(?:(?:{_SMALL}|hundred|thousand|dozen)(?!\w)|an?\s(?=(?:hundred|thousand|dozen)(?!\w)))"
    rf"(?:{_BLANK}?(?:and\s)?(?:{_SMALL}|hundred|thousand)(?!\w)){{0,6}})"
)
BARE_NUMBER = r"(?:(?:\d+(?:,\d+)*(?:\.\d+)?)|\.\d+)"
# Without a currency: 30, 250k, two hundred.
NUMBER_OR_WORDS = rf"(?:{BARE_NUMBER}(?:k\b)?|{NUMBER_WORDS})"


def digits_pattern(currency: str) -> str:
    """Return a regular expression of a number in digits as a shop of this currency writes it."""
    blank = " " if currency in _BLANK_BETWEEN_THOUSANDS else ""
    divided = rf"\d{{1,3}}(?:[,.'’\u00a0\u202f{blank}]\d{{3}})+(?:[,.]\d\d?)?(?!\d)"
    return rf"(?:{divided}|{BARE_NUMBER})(?:(?:k|\s(?:thousand|million|grand))\b)?"


@lru_cache(maxsize=1 << 8)
def number_in(text: str, currency: str) -> float:
    """Return the number in an amount in lower case: a mark before three digits divides thousands,
    as does the first of two kinds of marks.

    Example:
        >>> number_in("1.299,50 €", "EUR"), number_in("two hundred and five", "USD")
        (1299.5, 205.0)
    """
    found = re.search(r"\.?\d[\d.,'’\u00a0\u202f ]*", text)
    if found is None:
        return _in_words(text)
    digits = re.sub(r"['’\u00a0\u202f ]", "", found[0]).rstrip(".,")
    marks = re.sub(r"\d", "", digits)
    *heads, tail = re.split(r"[.,]", digits)
    thousands = len(tail) == 3 and len(set(marks)) == 1 and not digits.startswith(".")
    if thousands and marks == "." and currency in THREE_DECIMALS:
        thousands = False
    if not marks or thousands:
        heads, tail = [*heads, tail], "0"
    whole = "".join(heads) or "0"
    multiple = re.search(r"[a-z]+", text[found.end() :])
    return float(f"{whole}.{tail}") * _MULTIPLES.get(multiple[0] if multiple else "", 1)


def _in_words(text: str) -> float:
    total, current = 0, 0
    for word in re.findall(r"[a-z]+", text):
        if word in _MULTIPLES:
            current = max(current, 1) * _MULTIPLES[word]
            if current >= 1_000:
                total, current = total + current, 0
        else:
            current += _VALUES.get(word, 0)
    return float(total + current)
