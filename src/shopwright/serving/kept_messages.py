"""A message of a conversation as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shopwright.conversations.messages.pointing import Wants
from shopwright.conversations.messages.remarks import Remark
from shopwright.understanding.request import ParsedRequest, Piece

NO_ACT: Mapping[str, Any] = {"kind": "offer", "group": "", "choices": [], "items": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """What a message points at.

    Attributes:
        places: of the items in the list, from 0.
        wants: what is wanted of them.
        asins: which they are.
        asked: what is asked of them.
    """

    places: tuple[int, ...]
    wants: Wants
    asins: tuple[str, ...]
    asked: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """A message, and what it was taken to mean.

    Attributes:
        heard: the message.
        understood: what is asked for by then.
        began: since which message that is looked for.
        back: the message after which all was as it is if this one is taken back; -1 for none.
        act: what the agent does, as JSON types.
        says: the question that it asks; "" for none.
        recommendation_id: of the answer; "" if it is not logged.
        left_out: asins that the answer leaves out.
        refused: asins that later ones leave out, too.
        points: what it points at; None for nothing.
        remark: what it says where it asks for no product; None where it may.
    """

    heard: str
    understood: ParsedRequest
    began: int
    back: int
    act: Mapping[str, Any] = field(default_factory=lambda: NO_ACT)
    says: str = ""
    recommendation_id: str = ""
    left_out: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    points: Points | None = None
    remark: Remark | None = None

    @property
    def looks(self) -> bool:
        """Whether it only looks at items of a list."""
        return self.points is not None and self.points.wants is Wants.LOOK

    @property
    def lists(self) -> bool:
        """Whether its answer is a list of its own, at which later messages point."""
        return not self.looks and self.remark is None

    def record(self) -> dict[str, Any]:
        """Return the message as JSON types."""
        points = self.points
        return {
            **{name: getattr(self, name) for name in self.__slots__},
            "understood": self.understood.record(),
            "left_out": list(self.left_out),
            "refused": list(self.refused),
            "remark": self.remark and str(self.remark),
            "points": points
            and {
                "places": list(points.places),
                "wants": str(points.wants),
                "asins": list(points.asins),
                "asked": [piece.record() for piece in points.asked],
            },
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], number: int) -> KeptMessage:
        """Return the message of a record, which may be of an earlier version.

        Args:
            number: of the message, from 0.
        """
        points = record.get("points")
        return cls(
            heard=str(record["heard"]),
            understood=ParsedRequest.from_record(record["understood"]),
            began=int(record["began"]),
            back=int(record.get("back", number - 1)),
            act=record["act"],
            says=str(record["says"]),
            recommendation_id=str(record.get("recommendation_id", "")),
            left_out=tuple(record.get("left_out", ())),
            refused=tuple(record.get("refused", ())),
            remark=Remark(record["remark"]) if record.get("remark") else None,
            points=points
            and Points(
                places=tuple(points["places"]),
                wants=Wants(points["wants"]),
                asins=tuple(points["asins"]),
                asked=tuple(Piece.from_record(each) for each in points["asked"]),
            ),
        )
