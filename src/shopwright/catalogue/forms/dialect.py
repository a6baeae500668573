"""Which dialect of CSV a text has: what divides cells and lines, how quotes are escaped."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from shopwright.catalogue.forms.header import header_place
from shopwright.catalogue.forms.likeness import product_words
from shopwright.catalogue.forms.table import MOST_COLUMNS, quoted
from shopwright.errors import InputError

DELIMITERS = ",;\t|"
_RARE_DELIMITERS = "^~\x01\x1f¦"
_LOOKED_AT_ROWS = 200
_SEPARATOR_LINE = re.compile(r'"?sep=(\\t|.)"?\s*', re.I)
_BACKSLASH_QUOTE = re.compile(r'(?<!\\)\\"(?!\s*(?:[,;\t|]|$))', re.M)
_DOUBLED_QUOTE = re.compile(
    r'(?<=[^,;\t|\n"\\])""(?=[^"])|(?<=[,;\t|\n])"""|"""\s*(?:[,;\t|]|$)', re.M
)
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How rows are written.

    Attributes:
        delimiter: what divides cells.
        line_end: "\\n", or "\\r" as on old Macs.
        has_backslashes: whether quotes within cells follow a backslash, instead of being doubled.
        has_zeros: whether zero characters are part of the texts, as where all cells are quoted.
        lines_before: lines above the header.
        has_row_names: whether rows have one cell more than the header: R's row names.
    """

    delimiter: str
    line_end: str = "\n"
    has_backslashes: bool = False
    has_zeros: bool = False
    lines_before: int = 0
    has_row_names: bool = False


# A first row with so many names of products' columns is worth as much as this share of the rows.
_ENOUGH_NAMES = 3
_NAMES_WEIGH = 0.3


def known_delimiter(text: str) -> str:
    """Return the delimiter that a person named: a character, or ``tab``.

    Raises:
        InputError: it is something else.
    """
    names = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "bar": "|"}
    delimiter = names.get(text.lower(), text)
    if len(delimiter) != 1 or delimiter in '"\r\n\0\ufeff' or "\ud800" <= delimiter <= "\udfff":
        raise InputError(f"--delimiter: expected one character or tab, got {quoted(text)}")
    return delimiter


def dialect_of(sample: str, delimiter: str | None = None) -> Dialect:
    """Return the dialect of a text.

    Args:
        sample: its beginning, whole lines.
        delimiter: what divides cells, if it is known.
    """
    line_end = _line_end(sample)
    lines = sample.split(line_end)
    before = next((n for n, line in enumerate(lines) if line.strip("\ufeff \t\r")), 0)
    if noted := _SEPARATOR_LINE.fullmatch(lines[before].lstrip("\ufeff")):
        before += 1
        delimiter = delimiter or noted[1].replace("\\t", "\t")
    lines = lines[before:]
    has_zeros = bool(lines) and lines[0].startswith('"')
    if not has_zeros:
        lines = [line.replace("\0", "") for line in lines]
    text = "\n".join(lines)
    has_backslashes = bool(_BACKSLASH_QUOTE.search(text) and not _DOUBLED_QUOTE.search(text))
    if has_backslashes:
        lines = [with_doubled_quotes(line) for line in lines]
    if delimiter is None:
        candidates = DELIMITERS + _RARE_DELIMITERS
        delimiter = max(candidates, key=lambda each: _fitness(lines, each))
    records = records_of(lines, delimiter)
    found = Dialect(
        delimiter=delimiter,
        line_end=line_end,
        has_backslashes=has_backslashes,
        has_zeros=has_zeros,
    )
    if not records:
        return replace(found, lines_before=before)
    place = header_place([cells for _, cells in records])
    line, header = records[place]
    widths = {len(cells) for _, cells in records[place + 1 :]}
    return replace(
        found,
        lines_before=before + line,
        has_row_names=widths == {len(header) + 1}
        and all(cells[-1] and cells[0] for _, cells in records[place + 1 :])
        and all(header),
    )


def _line_end(sample: str) -> str:
    first = sample.lstrip("\ufeff\r\n").partition("\n")[0].rstrip("\r")
    header, found, _ = first.partition("\r")
    # Where lines end in line feeds, a carriage return can only be within quotes.
    return "\r" if found and ("\n" not in sample or '"' not in header) else "\n"


def with_doubled_quotes(line: str) -> str:
    """Return a line whose quotes follow backslashes with doubled ones."""
    return _ESCAPED.sub(lambda match: '""' if match[1] == '"' else "\\", line)


def records_of(lines: Iterable[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the first records of a text with the number of lines before each; empty ones and such
    whose quotes do not balance are left out."""
    lines = [f"{line}\n" for line in lines]
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    while len(records) < _LOOKED_AT_ROWS:
        before = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            continue
        if any(cell.strip() for cell in cells):
            records.append((before, cells[: MOST_COLUMNS + 1]))
    return records


def _fitness(lines: list[str], delimiter: str) -> tuple[float, int]:
    """How evenly a delimiter divides the rows, the header among them; and into how many cells."""
    records = records_of(lines, delimiter)
    widths = [len(cells) for _, cells in records]
    counted = Counter(width for width in widths if width > 1)
    if not counted:
        return 0.0, 0
    usual, count = max(counted.items(), key=lambda item: (item[1], item[0]))
    # Rows may lack their last cells; they may not have more than others.
    shorter = sum(1 < width < usual for width in widths)
    share = (count + 0.5 * shorter) / len(widths)
    first = next(width for width in widths if width > 1)
    begins_well = widths[0] == first == usual
    rare = delimiter in _RARE_DELIMITERS
    named = product_words(records[0][1]) >= _ENOUGH_NAMES
    fitness = share * (1.0 if begins_well else 0.9) - 0.05 * rare + _NAMES_WEIGH * named
    return round(fitness, 1), usual
