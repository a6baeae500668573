"""What a request asks for, in pieces that a person can take away or change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shopwright.errors import InputError
from shopwright.json_fields import Number, take, wrong

MOST_PIECES = 40
PIECE_CHARACTERS = 200


class Part(StrEnum):
    """What a piece of a request says.

    KIND: the kind of thing; several are alternatives. FEATURE: what it should have or be.
    OPTION: a value to choose, perhaps with its group. BRAND: who makes it. PRICE: a range.
    MEASURE: a range of a size, weight or the like. EXCLUSION: what it must not have or be.
    AUDIENCE: whom it is for. ORDER: what comes first.
    """

    KIND = "kind"
    FEATURE = "feature"
    OPTION = "option"
    BRAND = "brand"
    PRICE = "price"
    MEASURE = "measure"
    EXCLUSION = "exclusion"
    AUDIENCE = "audience"
    ORDER = "order"


class Order(StrEnum):
    """Wishes of order, the values of :attr:`Part.ORDER` pieces."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    BEST_RATED = "best rated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing that a request asks for.

    Attributes:
        part: what it says.
        text: the request's own words, e.g. ``"under $5"``, ``"not wireless"``, ``"xl"``.
        value: what they mean in this shop's words: the kind's, brand's or option's name, the
            feature's or exclusion's words without the negation, an :class:`Order`, an audience as
            ``"women"``, ``"men"``, ``"girls"``, ``"boys"``, ``"kids"``, ``"baby"``; of a measure
            the unit, as ``"inch"``; empty for a price.
        group: of an option: the name of its group, empty if the request does not say.
        lowest, highest: of a price, in the shop's currency; of a measure, in its unit; of an
            audience, the ages in years; None where open.
        hard: whether products that do not meet it are left out; if not, it ranks.
        confidence: how likely this reading is right, 0 to 1.
        start: where its text begins in the request; -1 if a person added it.
    """

    part: Part
    text: str
    value: str = ""
    group: str = ""
    lowest: float | None = None
    highest: float | None = None
    hard: bool = False
    confidence: float = 1.0
    start: int = -1

    def record(self) -> dict[str, Any]:
        """Return the piece as JSON types."""
        return {name: getattr(self, name) for name in self.__slots__} | {"part": str(self.part)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Piece:
        """Return the piece of a record; what is missing but part and text has its default.

        Raises:
            InputError: a field is missing, unknown, of another type or out of bounds.
        """
        for name in set(take_object(record)) - set(cls.__slots__):
            raise InputError(f"a piece of a request: unknown field {name!r:.60}")
        if take(record, "part", str) not in set(Part):
            raise wrong(record, "part", f"one of {', '.join(Part)}")
        fields = {"part": Part(record["part"]), "text": take(record, "text", str)}
        kinds = {"value": str, "group": str, "hard": bool, "confidence": Number, "start": int}
        fields |= {name: take(record, name, kind) for name, kind in kinds.items() if name in record}
        for name in ("lowest", "highest"):
            if record.get(name) is not None:
                fields[name] = float(take(record, name, Number))
        return cls(**fields)

    def __post_init__(self) -> None:
        for name in ("text", "value", "group"):
            if len(getattr(self, name)) > PIECE_CHARACTERS:
                raise InputError(
                    f"a piece's {name}: expected at most {PIECE_CHARACTERS} characters, "
                    f"got {len(getattr(self, name))}"
                )
        if not 0.0 <= self.confidence <= 1.0:
            raise InputError(f"a piece's confidence: expected 0 to 1, got {self.confidence}")
        low, high = self.lowest, self.highest
        if (low is not None and not low >= 0.0) or (high is not None and not high >= (low or 0.0)):
            raise InputError(f"a piece's range: expected 0 <= lowest <= highest, got {low}, {high}")
        if self.part is Part.ORDER and self.value not in set(Order):
            raise InputError(f"a wish of order: expected {', '.join(Order)}, got {self.value!r}")


def take_object(record: Any) -> Mapping[str, Any]:
    """Return a record that must be a JSON object."""
    if not isinstance(record, Mapping):
        raise InputError(f"a piece of a request: expected an object, got {record!r:.60}")
    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRequest:
    """A request and what it asks for.

    Attributes:
        text: the request as it was typed.
        pieces: what it asks for, in the order of the text.
        search_text: what is searched for beside the own words: spelling corrected, without
            limits, exclusions, wishes of order and politeness. Empty if nothing is left.
        language: ISO 639-1 code of the request's language, as far as it can be told; else "".
    """

    text: str
    pieces: tuple[Piece, ...] = ()
    search_text: str = ""
    language: str = ""

    def of(self, *parts: Part) -> tuple[Piece, ...]:
        """Return the pieces of these parts."""
        return tuple(piece for piece in self.pieces if piece.part in parts)

    @property
    def lowest_price(self) -> float | None:
        """The lowest price that is asked for, in the shop's currency; None without one."""
        limits = [p.lowest for p in self.of(Part.PRICE) if p.lowest is not None]
        return max(limits, default=None)

    @property
    def price_limit(self) -> float | None:
        """The highest price that is asked for, in the shop's currency; None without one."""
        limits = [p.highest for p in self.of(Part.PRICE) if p.highest is not None]
        return min(limits, default=None)

    @property
    def order(self) -> Order | None:
        """What should come first; None for what fits best."""
        wishes = self.of(Part.ORDER)
        return Order(wishes[0].value) if wishes else None

    def record(self) -> dict[str, Any]:
        """Return the parse as JSON types: HTTP's ``understood``."""
        return {
            "text": self.text,
            "search_text": self.search_text,
            "language": self.language,
            "pieces": [piece.record() for piece in self.pieces],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> ParsedRequest:
        """Return the parse of a record, perhaps changed by a person.

        Raises:
            InputError: a field is missing, of another type or out of bounds.
        """
        pieces = take(record, "pieces", list)
        if len(pieces) > MOST_PIECES:
            raise InputError(f"pieces: expected at most {MOST_PIECES}, got {len(pieces)}")
        return cls(
            text=take(record, "text", str),
            pieces=tuple(Piece.from_record(piece) for piece in pieces),
            search_text=take(record, "search_text", str),
            language=take(record, "language", str),
        )
