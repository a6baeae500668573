"""What is asked for by somebody who wants something like a product, or a cheaper one."""

from __future__ import annotations

from collections.abc import Sequence

from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.conversations.messages.matters import takes_the_place
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import MOST_PIECES, ParsedRequest, Part, Piece

_MOST_ATTRIBUTES = 4
_HALF = 0.5  # As likely as not it is this for which somebody likes a product.
_SMALLEST_STEP = 0.01


def like(before: ParsedRequest, products: Sequence[Product]) -> ParsedRequest:
    """Return what is asked for, and what else is said of products."""
    known = {piece.value for piece in before.pieces}
    names = dict.fromkeys(name for each in products for name in each.attributes[:_MOST_ATTRIBUTES])
    wishes = [
        Piece(part=Part.FEATURE, text=name, value=name, confidence=_HALF)
        for name in names
        if name != DEFAULT_ATTRIBUTE and name not in known
    ]
    return with_pieces(before, [*before.pieces, *wishes][:MOST_PIECES])


def cheaper(before: ParsedRequest, products: Sequence[Product]) -> ParsedRequest:
    """Return what is asked for, at less than products cost; as before where no price is known."""
    prices = [each.price_dollars for each in products if each.priced]
    if not prices or min(prices) <= _SMALLEST_STEP:
        return before
    highest = round(min(prices) - _SMALLEST_STEP, 2)
    shown = format_price(highest, products[0].currency)
    limit = Piece(part=Part.PRICE, text=f"up to {shown}", highest=highest, hard=True)
    kept = [piece for piece in before.pieces if not takes_the_place(limit, piece)]
    return with_pieces(before, [*kept, limit][:MOST_PIECES])
