"""Which row of a table is its header, and what its columns are called."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shopwright.catalogue.forms.likeness import product_words

_LOOKED_AT = 30
# A header may stand in two languages, people's and the machine's, one below the other.
_STACKED = 5
_MACHINE_NAME = re.compile(r"[a-z][a-z0-9]*(?:[_.#:\-\[\]][a-z0-9_.#:\-=\[\]]*)*")
_COMMENT = re.compile(r"#\s*\S")

Cells = Sequence[str]


def header_place(records: Sequence[Cells]) -> int:
    """Return which of the first records of a table is its header.

    It is the first, but for titles, comments and settings above it, and where rows of names follow
    each other: then the one of machine names (Amazon's templates), or of names that are customary.
    """
    records = records[:_LOOKED_AT]
    widths = [_filled(record) for record in records]
    widest = max(widths, default=0)
    place = 0
    while place < len(records) - 1 and (
        2 * widths[place] < widest or _is_remark(records[place], records[place + 1])
    ):
        place += 1
    best = place
    for later in range(place + 1, min(place + _STACKED, len(records))):
        if 2 * widths[later] < widest:
            continue
        if _are_machine_names(records[later]) and not _are_machine_names(records[best]):
            best = later
            continue
        known = product_words(records[later])
        if known >= 3 and known > 2 * product_words(records[best]):
            best = later
    return best


def _filled(record: Cells) -> int:
    return sum(not cell.isspace() for cell in record if cell)


def _is_remark(record: Cells, following: Cells) -> bool:
    filled = [cell.strip() for cell in record if cell.strip()]
    if not filled:
        return True
    comments = sum(_COMMENT.match(cell) is not None for cell in filled)
    if comments == len(filled) and comments > product_words(filled):
        return True
    if filled[0].startswith("#") and product_words(following) > product_words(filled):
        return True
    return sum("=" in cell for cell in filled[:4]) >= min(2, len(filled)) and not product_words(
        filled
    )


def _are_machine_names(record: Cells) -> bool:
    filled = [cell.strip() for cell in record if cell.strip()]
    named = [cell for cell in filled if len(cell) <= 80 and _MACHINE_NAME.fullmatch(cell)]
    compound = sum("_" in cell for cell in named)
    return 10 * len(named) >= 8 * len(filled) and compound >= 3 and len({*named}) == len(named)


class Header:
    """The columns of a table whose rows are lists of cells.

    A column without a name is not used. Of columns of one name, the second is called ``name (2)``;
    their cells fall together where they are equal or only one has content.
    """

    def __init__(self, cells: Cells) -> None:
        self.widest = len(cells)
        self.width = max((n for n, cell in enumerate(cells, start=1) if cell.strip()), default=0)
        self.names: list[str] = []
        self._places: list[int] = []
        self._repeated: list[list[str]] = []
        groups: dict[str, list[str]] = {}
        for place, cell in enumerate(cells):
            name = " ".join(cell.removeprefix("\ufeff").split())
            if not name:
                continue
            group = groups.setdefault(name, [])
            own, number = name, len(group) + 1
            while (own in groups and group) or own in self.names:
                own = f"{name} ({number})"
                number += 1
                if own not in self.names:
                    break
            group.append(own)
            self.names.append(own)
            self._places.append(place)
        self._repeated = [group for group in groups.values() if len(group) > 1]
        self._is_plain = self._places == list(range(self.width))

    def row(self, cells: Sequence[object]) -> dict[str, object]:
        """Return the cells of a row by the names of their columns."""
        if self._is_plain:
            row = dict(zip(self.names, cells, strict=False))
        else:
            row = {
                name: cells[place]
                for name, place in zip(self.names, self._places, strict=True)
                if place < len(cells)
            }
        for group in self._repeated:
            values = [*dict.fromkeys(row[name] for name in group if row.get(name))]
            values += [""] * (len(group) - len(values))
            row.update(zip(group, values, strict=True))
        return row
