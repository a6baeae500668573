"""Judgments: queries with the grades that people gave to products for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shopwright.errors import InputError
from shopwright.files import read_json_lines
from shopwright.json_fields import take, take_filled, wrong

HIGHEST_GRADE = 20
QUERY_CHARACTERS = 2_000

Half = Literal["dev", "test"]
HALVES: tuple[Half, ...] = ("dev", "test")


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query and what people made of products for it.

    Attributes:
        query: as it was typed.
        grades: asin → grade, 0 (irrelevant) and up; products of the shop only.
    """

    query: str
    grades: Mapping[str, int]

    @property
    def half(self) -> Half:
        """Which half of the queries it belongs to."""
        return half_of(self.query)


@dataclass(frozen=True, slots=True)
class Judgments:
    """A file of judgments, for one shop.

    Attributes:
        queries: those for which some product of the shop has a grade above 0, in the file's order.
        without_relevant: how many others the file has.
        unknown: how many of its judged products are not in the shop.
    """

    queries: Sequence[JudgedQuery]
    without_relevant: int
    unknown: int

    @property
    def highest_grade(self) -> int:
        """The highest grade that a product of the shop has."""
        return max(max(each.grades.values()) for each in self.queries)


def half_of(query: str) -> Half:
    """Return the half that a query belongs to: "dev" to work on, "test" to report.

    The SHA-256 of the query decides, so that a query is in the same half wherever it stands.
    """
    return HALVES[int(hashlib.sha256(query.encode()).hexdigest(), 16) % 2]


def read_judgments(path: Path, in_shop: Callable[[str], bool]) -> Judgments:
    """Read a file of judgments: JSON lines with ``query`` and ``judged``, product id → grade.

    Args:
        in_shop: whether a product id is one of the shop's. Others cannot be found in it, so they
            are counted and left out, of the ideal order too.

    Raises:
        MissingFileError: there is no such file.
        InputError: a line is wrong (the message names file, line and field), or no query has a
            relevant product in the shop.
    """
    queries: list[JudgedQuery] = []
    others = unknown = 0
    for query, judged in read_json_lines(path, _line, InputError):
        grades = {asin: grade for asin, grade in judged.items() if in_shop(asin)}
        unknown += len(judged) - len(grades)
        if any(grades.values()):
            queries.append(JudgedQuery(query, grades))
        else:
            others += 1
    if not queries:
        raise InputError(
            f"{path}: expected a query with a product of this shop that is graded above 0, got "
            f"{others} queries without one ({unknown} judged products are not in the shop)"
        )
    return Judgments(queries, others, unknown)


def _line(record: Any) -> tuple[str, dict[str, int]]:
    query = take_filled(record, "query")
    if len(query) > QUERY_CHARACTERS:
        raise wrong(record, "query", f"at most {QUERY_CHARACTERS} characters")
    judged = take(record, "judged", dict)
    for asin, grade in judged.items():
        if type(grade) is not int or not 0 <= grade <= HIGHEST_GRADE:
            raise InputError(
                f"field judged, {asin!r}: expected a whole number from 0 to {HIGHEST_GRADE}, "
                f"got {grade!r:.60}"
            )
    return query, judged
