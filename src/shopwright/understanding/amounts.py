"""What a request says about prices: limits, ranges and approximations in any currency's writing.

Amounts are not converted: "€40" is 40 in any shop.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from shopwright.catalogue.money import SIGNS, decimals_of, name_of
from shopwright.understanding.comparisons import (
    BETWEEN,
    LEAST,
    LESS,
    MORE,
    MOST,
    NEAR,
    NOT,
    TO,
    VERBS,
)
from shopwright.understanding.numerals import (
    NUMBER_OR_WORDS,
    NUMBER_WORDS,
    digits_pattern,
    number_in,
)
from shopwright.understanding.request import PIECE_CHARACTERS, Part, Piece

# Signs and words that stand for money in any shop. Those of other currencies may mean something
# else there: five pounds of flour, 12 kr.
_SIGNS = ("us$", "$", "€", "£", "¥", "₹", "₩", "₫", "₺", "₽", "₴", "₱", "฿", "₦", "₪")
_CODES = ("usd", "eur")
_WORDS = ("dollars", "dollar", "bucks", "buck", "euros", "euro")
# Written so, they are also found misspelt.
_MISSPELT = ("dollars", "dollar", "bucks", "euros")
_FURTHER_WORDS = {"GBP": ("quid",)}
# Written for a currency in tables, but words of English or units in requests.
_AMBIGUOUS = frozenset("us au nz hk nt e l q da br le km".split())
_ALONE = rf"(?<![\w.,$-]){NUMBER_OR_WORDS}(?!\w|[.,]\d)"
_BARE = re.compile(rf"(?P<first>{_ALONE})(?:{TO}(?P<last>{_ALONE}))?")
# How much to either side "around 20" means.
_ABOUT = 0.25
_ABOUT_CONFIDENCE = 0.7
# An amount alone, as in "a mug 20 dollars", is taken for a limit.
_ALONE_CONFIDENCE = 0.7
# So many characters before an amount, and behind it, may say what it limits.
_REACH = 60

_BEFORE = re.compile(
    rf"(?<!\w)(?:(?P<refused>{NOT}{VERBS}\s+(?:{MORE}))|(?P<required>{NOT}{VERBS}\s+(?:{LESS}))|"
    rf"(?P<most>{LESS}|{MOST})|(?P<least>{MORE}|{LEAST})|(?P<near>{NEAR}))"
    rf"\s*(?P<about>(?:{NEAR})\s*)?(?:(?:the|a|my)\s+)?$"
)
_AFTER = re.compile(
    r"\s*,?\s*(?:(?P<most>(?:or|and)\s+(?:less|under|below|cheaper|lower|fewer)"
    r"(?!\s+th[ae]n\b|\s+\S?\d)|max(?:imum)?\b\.?|tops|"
    r"at (?:the )?most|as (?:a |the )?(?:max|maximum|limit)|(?:is )?(?:my |the )?(?:budget|limit)|"
    r"oder weniger|o menos|ou moins)|"
    r"(?P<least>\+|(?:and|or)\s+(?:up|more|above|over|higher|upwards?)(?!\s+than\b|\s+\S?\d)|minimum|min\b\.?|"
    r"at (?:the )?least|upwards?)|"
    r"(?P<near>or so|ish|or thereabouts|-?ish|(?:price )?range))(?!\w)"
)
# What leads to a price and says nothing else.
_LEADING = re.compile(
    r"(?:[\s,;(]*(?:(?<!\w)(?:and|for|with|at|but|a|an|the|my|is|of|be|to|it|that|which|should|must|"
    r"has|have|can|i|want|would|like|price[sd]?|cost(?:s|ing)?|budget|spend(?:ing)?|pay(?:ing)?|"
    r"money|worth|keep|stay|go|only|in|on|around|about)(?!\w)|:))+\s*$"
)
_MONEY_TALK = re.compile(
    r"(?<!\w)(?:price[sd]?|cost(?:s|ing)?|budget|spend(?:ing)?|pay(?:ing)?|money|worth|keep|stay)(?!\w)"
)
# "I have 50 dollars for a lamp" says how much there is to spend.
_OWNED = re.compile(r"(?<!\w)(?:have|having|got|i['’]ve)(?:\s+(?:only|just|got))*\s*$")
# Between two limits of one price, of which the currency is said once.
_JOINED = re.compile(r"[\s,]*(?:(?:and|but|yet|though)\s+)?(?:also\s+|still\s+)?")
_MEASURED_BEFORE = re.compile(
    r"(?<!\w)(?:age|ages|aged|size|sizes|no\.?|number|#|model|version|pack of|set of|x|height|"
    r"width|length|weight|weighs)\s*$"
)
# "For women over 50".
_AGED = re.compile(r"(?<!\w)(?:wom[ae]n|m[ae]n|people|adults?|ladies|guys|kids|children|those)\s*$")
_NEXT_WORD = re.compile(r"\s*-?\s*([^\W\d_]+|[\"”″'’°%])")
_YEARS = range(1950, 2050)
# Nobody says so of a year, as one does "up to 2014".
_MOST_BEFORE = re.compile(rf"(?<!\w)(?:{LESS}|(?:no more|not more) than|at most|max(?:imum)?)\s*$")
# Resolutions of screens, and carats.
_NO_THOUSANDS = frozenset("4k 8k 10k 14k 18k 22k 24k".split())
_ENDS = re.compile(r"\s*(?:$|[,.;:!?)])")
_AFTER_AMOUNT = frozenset(
    "and for with please total each in or per but that which if incl including shipped "
    "online delivered only".split()
)


class Reading(NamedTuple):
    """A price in a request.

    Attributes:
        piece: what it says.
        start, end: where that stands, with what leads to it.
    """

    piece: Piece
    start: int
    end: int


class _Amount(NamedTuple):
    start: int
    end: int
    values: tuple[float, ...]  # one, or the ends of a range


@cache
def _money(currency: str) -> re.Pattern[str]:
    """Amounts of money in lower-case text, as requests of a shop of this currency write them: with
    a sign, a code or a word; perhaps two, the ends of a range."""
    names = {sign for sign, codes in SIGNS.items() if codes[0] == currency} - _AMBIGUOUS
    names |= {currency.lower(), name_of(currency).lower(), *_FURTHER_WORDS.get(currency, ())}
    words = {name for name in names if len(name) > 3 and name.isalpha()}
    signs = names - words
    digits = rf"(?<![\d.])(?:{digits_pattern(currency)})"
    before = _any_of({*signs, *_SIGNS, *_CODES})
    # Before another number it is that one's: "size 10 $40".
    behind = _any_of({*(s for s in signs if len(s) > 1 or not s.isascii()), *_SIGNS, *_CODES})
    named = _any_of({*words, *_WORDS})
    signed = rf"{before}\.?\s*{digits}"
    unit = rf"(?:\s*-?{named}|\s*{behind}(?!\s*\d))"
    cents = r"(?<![\d.])\d{1,2}\s?(?:cents?\b|¢)"
    spoken = rf"{NUMBER_WORDS}\s+{named}"
    first = (
        rf"(?P<first>{signed}|{digits}(?={TO}(?:{digits}|{signed}){unit})|"
        rf"(?!{spoken}){NUMBER_WORDS}(?={TO}{spoken}))"
    )
    further = rf"(?P<last>{signed}(?:{unit})?|{digits}{unit}|{spoken}|{digits}(?![\w%\"]))"
    alone = rf"(?P<alone>{signed}(?:{unit})?|{digits}{unit}|{spoken}|{cents})"
    # None begins within a word or with a blank: most places need no closer look.
    return re.compile(rf"(?!(?<=[a-z])[a-z]|\s)(?:{first}(?:{unit})?{TO}{further}|{alone})")


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


def prices_in(text: str, currency: str = "USD") -> list[Reading]:
    """Return what a request says about prices, in the order of the text.

    Amounts with a currency count before bare numbers after "under" and the like, which may be
    sizes. A limit that is said counts before an amount alone.

    Args:
        currency: the shop's; decides which words are money, and what a mark between digits means.
    """
    lower = text.lower()
    if len(lower) != len(text):  # Of letters whose lower case is longer.
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    money, bare = _money_amounts(lower, currency), _bare_amounts(lower, currency)
    readings = _readings(text, lower, money, is_money=True)
    others = _readings(text, lower, bare, is_money=False)
    if readings:
        others = [each for each in others if any(_go_together(lower, each, r) for r in readings)]
    readings = sorted(readings + others, key=lambda reading: reading.piece.start)
    limits = [r for r in readings if r.piece.confidence > _ALONE_CONFIDENCE]
    return _apart(limits or readings)


def _readings(
    text: str, lower: str, amounts: Sequence[_Amount], *, is_money: bool
) -> list[Reading]:
    found = (_reading(text, lower, amount, is_money) for amount in amounts)
    return [reading for reading in found if reading is not None]


def _go_together(lower: str, one: Reading, other: Reading) -> bool:
    """Whether two limits say the two ends of one price: "over 100 dollars but less than 250"."""
    first, second = sorted((one, other), key=lambda reading: reading.piece.start)
    ends = {(r.piece.lowest is None, r.piece.highest is None) for r in (one, other)}
    between = lower[first.end : max(first.end, second.piece.start)]
    return (
        ends == {(True, False), (False, True)}
        and second.piece.start >= first.end
        and _JOINED.fullmatch(between) is not None
    )


def price_limit(request: str, currency: str = "USD") -> float | None:
    """Return the highest price that a request asks for, in the shop's currency; None without one.

    Args:
        currency: the shop's.
    """
    ends = [r.piece.highest for r in prices_in(request, currency) if r.piece.highest is not None]
    return min(ends, default=None)


def share_within(limit: float | None, lowest: float, highest: float) -> float:
    """Return what part of a price range is within a limit, 0 to 1: what is paid for a product whose
    page shows a range lies somewhere in it."""
    if limit is None or highest <= limit:
        return 1.0
    return max(0.0, limit - lowest) / (highest - lowest) if highest > lowest else 0.0


def _money_amounts(lower: str, currency: str) -> list[_Amount]:
    amounts = []
    for found in _money(currency).finditer(lower):
        if found["alone"]:
            value = number_in(found["alone"], currency)
            if found["alone"].rstrip("s").endswith(("cent", "¢")):
                value /= 100
            amounts.append(_Amount(found.start(), found.end(), (value,)))
            continue
        values = (number_in(found["first"], currency), number_in(found["last"], currency))
        amounts.append(_Amount(found.start(), found.end(), values))
    return amounts


def _bare_amounts(lower: str, currency: str) -> list[_Amount]:
    """Numbers that nothing follows that they could count or measure."""
    amounts = []
    for found in _BARE.finditer(lower):
        after = _NEXT_WORD.match(lower, found.end())
        end = found.end()
        if after and _is_misspelt(after[1], _MISSPELT):
            end = after.end()
        elif after and after[1] not in _AFTER_AMOUNT:
            behind = _AFTER.match(lower, end)
            # An "iphone 12 max case" is none for at most 12.
            if behind is None or not _ENDS.match(lower, behind.end()):
                continue
        window = lower[max(0, found.start() - _REACH) : found.start()]
        if _MEASURED_BEFORE.search(window):
            continue
        in_thousands = found[0].endswith("k") and decimals_of(currency)
        if in_thousands and not _are_thousands(found[0], window):
            continue
        texts = [found["first"], *([found["last"]] if found["last"] else [])]
        values = tuple(number_in(number, currency) for number in texts)
        is_year = any(value in _YEARS and "." not in found[0] for value in values)
        if is_year and not _MOST_BEFORE.search(window):
            continue
        amounts.append(_Amount(found.start(), end, values))
    return amounts


def _are_thousands(written: str, window: str) -> bool:
    """Whether "1.4k" is an amount, behind some words: "under 2k" is, "at least 4k" and "under 18k"
    are resolutions and carats."""
    return written not in _NO_THOUSANDS and _MOST_BEFORE.search(window) is not None


def _is_misspelt(word: str, rights: Sequence[str]) -> bool:
    """Whether a word is one of these with a letter or two wrong."""
    return len(word) > 3 and any(
        OSA.distance(word, right, score_cutoff=2) <= (2 if len(right) > 5 else 1)
        for right in rights
    )


def _reading(text: str, lower: str, amount: _Amount, is_money: bool) -> Reading | None:
    """What is said of an amount; None for a bare number of which nothing is said."""
    window = lower[max(0, amount.start - _REACH) : amount.start]
    offset = amount.start - len(window)
    before = _BEFORE.search(window)
    after = _AFTER.match(lower, amount.end)
    start = offset + before.start() if before else amount.start
    end = after.end() if after else amount.end
    led, lead = start, _lead_to(lower, start)
    talk = _MONEY_TALK.search(lead) is not None
    if after and after["least"] == "+" and not (is_money or before or talk):
        return None  # "30+ mph", "ages 30+"
    lowest: float | None = None
    highest: float | None = None
    hard, confidence = True, 0.95 if is_money else 0.85
    said = (after and after.lastgroup) or (before and before.lastgroup)
    if before and before["about"] and not after:
        said = next(name for name, words in before.groupdict().items() if words)
    if said == "least" and before and not after:
        word = re.search(r"([^\W\d_]+)\s+$", window[: before.start()])
        if word and _is_misspelt(word[1], ("nothing",)):
            start, said = offset + word.start(), "refused"
    if len(amount.values) == 2:
        lowest, highest = sorted(amount.values)
        ranged = re.search(rf"(?<!\w)(?:{BETWEEN})\s*$", window)
        if ranged:
            start = offset + ranged.start()
        elif not is_money and not talk:
            return None
    else:
        (value,) = amount.values
        if said in ("most", "refused"):
            highest = value
        elif said in ("least", "required"):
            lowest = value
            if not is_money and before and _AGED.search(window[: before.start()]):
                return None
            if not is_money and not talk and (after is None or lower[after.start()] != "+"):
                hard, confidence = False, 0.75
        elif said == "near":
            lowest, highest = value * (1 - _ABOUT), value * (1 + _ABOUT)
            hard, confidence = False, _ABOUT_CONFIDENCE + 0.05
        elif is_money and _OWNED.search(window):
            highest, confidence = value, 0.85
        elif is_money or talk:
            highest, hard, confidence = value, False, _ALONE_CONFIDENCE
        else:
            return None
    if start != led:  # "Between" or "nothing" stands before it.
        lead = _lead_to(lower, start)
    piece = Piece(
        part=Part.PRICE,
        text=text[start:end].strip()[:PIECE_CHARACTERS],
        lowest=lowest,
        highest=highest,
        hard=hard,
        confidence=confidence,
        start=start,
    )
    return Reading(piece, start - len(lead), end)


def _lead_to(lower: str, start: int) -> str:
    found = _LEADING.search(lower[max(0, start - _REACH) : start])
    return found[0] if found else ""


def _apart(readings: list[Reading]) -> list[Reading]:
    """Readings that do not overlap: of one that runs into the one before only the rest is led to
    it."""
    apart: list[Reading] = []
    for reading in readings:
        last = apart[-1].end if apart else 0
        if reading.piece.start >= last:
            apart.append(reading._replace(start=max(reading.start, last)))
    return apart
