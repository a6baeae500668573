"""Days and hours as tables write them: "2026-03-01T13:00", "31.12.2026", "1 Mar 2026"."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.]?)(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(
    r"(?<!\d)(?P<one>\d{1,2})(?P<mark>[-/.])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)(?!\d)"
)
_NAMED = re.compile(
    rf"(?<!\d)(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+{_MONTH}[\s,-]+(?P<year>\d{{4}}))|"
    rf"{_MONTH.replace('name', 'month')}[\s-]+"
    rf"(?P<nth>\d{{1,2}})(?:st|nd|rd|th)?[\s,]+(?P<of>\d{{4}})"
)
_HOUR = re.compile(r"[T\s,]+(\d{1,2}):(\d{2})")
_CENTURY = 2000


def is_day_first(text: str) -> bool:
    """Return whether a date such as "31/12/2026" shows that days stand before months."""
    match = _YEAR_LAST.search(text)
    return match is not None and match["mark"] == "/" and int(match["one"]) > len(_MONTHS)


def date_of(text: str, *, at_end: bool = False, day_first: bool = False) -> datetime | None:
    """Return the moment that a text such as "2026-03-01" or "2026-03-01T13:00-0800" names, to the
    day or the hour; None if it names none.

    Args:
        text: the text.
        at_end: whether a day stands for its end.
        day_first: whether "1/2/2026" is the first of February, as where other dates of a table
            cannot be read otherwise. Between points or hyphens it always is.
    """
    found = _day_in(text.lower(), day_first)
    if found is None:
        return None
    (year, month, day), end = found
    hour = _HOUR.match(text.upper(), end)
    try:
        if hour is not None:
            return datetime(year, month, day, int(hour[1]), int(hour[2]), tzinfo=UTC)
        clock = (23, 59) if at_end else (0, 0)
        return datetime(year, month, day, *clock, tzinfo=UTC)
    except ValueError:
        return None


def _day_in(lower: str, day_first: bool) -> tuple[tuple[int, int, int], int] | None:
    """Year, month and day, and where the text goes on."""
    if match := _YEAR_FIRST.search(lower):
        return (int(match["year"]), int(match["month"]), int(match["day"])), match.end()
    if match := _YEAR_LAST.search(lower):
        one, other, year = (int(match[name]) for name in ("one", "other", "year"))
        is_day = day_first or match["mark"] != "/" or one > len(_MONTHS)
        month, day = (other, one) if is_day and other <= len(_MONTHS) else (one, other)
        return (year if year >= 100 else _CENTURY + year, month, day), match.end()
    if match := _NAMED.search(lower):
        month = _MONTHS.index(match["name"] or match["month"]) + 1
        day, year = int(match["day"] or match["nth"]), int(match["year"] or match["of"])
        return (year, month, day), match.end()
    return None
