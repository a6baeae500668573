"""The price limit that a request names."""

from __future__ import annotations

import re

_LIMIT_BEFORE = re.compile(
    r"(?:under|below|beneath|lower than|less than|cheaper than|at most|maximum(?: of)?|max(?: of)?|"
    r"up to|no more than|not more than|not over|within|budget(?: is| of)?|<=?)"
    r"\s*(?:about\s+|around\s+)?(?:us)?\$?\s*(\d[\d,]*(?:\.\d+)?)"
)
_AMOUNT = re.compile(
    r"(?:\$|usd)\s*(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?)\s*(?:dollars?|bucks|usd)\b"
)


def price_limit(request: str) -> float | None:
    """Return the price limit in dollars that a request names; None if it names none.

    An amount with a currency counts before a bare number after "under" and the like, which may
    be a size.
    """
    text = request.lower()
    amounts = [next(filter(None, groups)) for groups in _AMOUNT.findall(text)]
    amounts = amounts or _LIMIT_BEFORE.findall(text)
    values = [float(amount.replace(",", "")) for amount in amounts]
    return max(values) if values else None


def share_within(limit_dollars: float | None, lowest: float, highest: float) -> float:
    """Return what part of a price range is within a limit, 0 to 1: what is paid for a product whose
    page shows a range lies somewhere in it."""
    if limit_dollars is None or highest <= limit_dollars:
        return 1.0
    return max(0.0, limit_dollars - lowest) / (highest - lowest) if highest > lowest else 0.0
