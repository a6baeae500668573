"""Wishes of order: what should come first."""

from __future__ import annotations

import re

from shopwright.understanding.request import Order, Part, Piece

_PRICE = r"(?:price[sd]?|cost(?:s|ing)?)"
_CHEAPEST = (
    r"cheap(?:est|er|o)?|inexpensive|affordable|economical|"
    rf"(?:the )?low(?:est)?[\s-](?:{_PRICE}|budget)|low[\s-]budget|budget[\s-]friendly|on a budget|"
    r"reasonably priced|(?:good|great|best) (?:value|deal|price)s?(?: for (?:the )?money)?|"
    r"(?:not|n['’]?t|nothing|without being)(?: (?:be|cost))? (?:too |so |very |that |overly )*"
    r"(?:expensive|pricey|costly|dear|much)|less expensive|least expensive|"
    r"(?<!\w)budget(?!\s*(?:is|of|:|up|under|around|about|\$|€|£|\d))|"
    r"günstig(?:e[rsn]?)?|billig(?:e[rsn]?)?|barat[oa]s?|pas cher|bon marché|economic[oa]"
)
_DEAREST = r"(?:most|more) expensive|priciest|dearest|highest[\s-]price[ds]?"
_BEST_RATED = (
    r"(?:best|top|highest|high|well|highly|better)[\s-](?:customer[\s-])?"
    r"(?:rated|ratings?|reviewed|reviews?|ranked)|"
    r"(?:with |has |have )*(?:good|great|excellent|the best|positive|(?:5|4|five)[\s-]star)"
    r"[\s-](?:customer )?(?:reviews?|ratings?)|most (?:popular|recommended)|"
    r"best[\s-]?sell(?:ing|ers?)"
)
# "Best" alone says it where a kind follows: "the best headphones".
_BEST = r"(?<!\w)best(?=\s+\w)(?!\s+(?:friends?|man|buds?|before|for|in|of|mom|dad|gift))"
_PATTERN = re.compile(
    rf"(?<!\w)(?:(?P<dear>{_DEAREST})|(?P<cheap>{_CHEAPEST})|(?P<rated>{_BEST_RATED})|(?P<best>{_BEST}))(?!\w)"
)
_ORDERS = {
    "cheap": Order.CHEAPEST,
    "dear": Order.DEAREST,
    "rated": Order.BEST_RATED,
    "best": Order.BEST_RATED,
}


def orders_in(text: str) -> list[Piece]:
    """Return the wishes of order in a request, in the order of the text.

    Example:
        >>> [piece.value for piece in orders_in("a lamp, not too expensive")]
        [<Order.CHEAPEST: 'cheapest'>]
    """
    found = []
    for match in _PATTERN.finditer(text.lower()):
        name = match.lastgroup or ""
        if name == "dear" and re.search(
            r"\b(?:not|n't|less|nothing)\b[^,.]*$", text[: match.start()][-20:].lower()
        ):
            name = "cheap"
        found.append(
            Piece(
                part=Part.ORDER,
                text=text[match.start() : match.end()],
                value=_ORDERS[name],
                confidence=0.6 if name == "best" else 0.9,
                start=match.start(),
            )
        )
    return found
