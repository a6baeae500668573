"""What is asked for: the words of a request, and what was given beside them."""

from __future__ import annotations

from collections.abc import Mapping

from shopwright.catalogue.money import format_price
from shopwright.recommending.recommender import Recommender
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import ParsedRequest, Part, Piece


def asked_for(
    recommender: Recommender,
    request: str,
    *,
    price_limit: float | None = None,
    options: Mapping[str, str] | None = None,
    understood: ParsedRequest | None = None,
) -> ParsedRequest:
    """Return what a request asks for, with a price limit and options that were given apart.

    Args:
        price_limit: in the catalogue's currency.
        options: option group → value.
        understood: what the words ask for, as a person changed it; None to find that out.
    """
    parsed = recommender.understand(request)
    pieces = list(parsed.pieces if understood is None else understood.pieces)
    pieces += [
        Piece(part=Part.OPTION, text=f"{group}: {value}", value=value, group=group, hard=True)
        for group, value in (options or {}).items()
    ]
    if price_limit is not None:
        text = f"up to {format_price(price_limit, recommender.shop.catalogue.currency)}"
        limit = Piece(part=Part.PRICE, text=text, highest=price_limit, hard=True)
        pieces += [limit] * (limit not in pieces)
    return with_pieces(parsed, pieces)
