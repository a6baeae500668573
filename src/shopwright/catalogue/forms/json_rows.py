"""Rows of JSON: an object a line, a list of objects, or an object that holds such a list."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO

import orjson

from shopwright.catalogue.forms.charset import UTF_8, WINDOWS_1252, encoding_of
from shopwright.catalogue.forms.json_text import ANY, JsonText, Path, lenient_value
from shopwright.catalogue.forms.likeness import fitness, product_words, words_of
from shopwright.catalogue.forms.source import Source
from shopwright.catalogue.forms.table import (
    MOST_COLUMNS,
    MOST_ROW_CHARACTERS,
    FoundTable,
    Row,
)
from shopwright.catalogue.import_report import FileRead, ImportReport
from shopwright.errors import CatalogueError

LOOKED_AT_ROWS = 1000
_MOST_PATHS = 200
# An object that wraps a row: GraphQL's edges, search engines' hits, schema.org's lists.
_WRAPPERS = ("node", "_source", "document", "item", "product")
# Lists within a product; it is one if so many of its fields are customary for products.
_PARTS = frozenset(
    (ANY, "variants", "options", "offers", "images", "media", "hasVariant", "skus", "articles")
)
_FEWEST_WORDS = 2
_TITLES = frozenset(("title", "name", "product name", "product title", "item name"))
_PRODUCT_TYPES = ("product", "vehicle", "book", "offer")


def open_json(source: Source, report: ImportReport, *, encoding: str | None = None) -> FoundTable:
    """Open a JSON file.

    Args:
        source: the file.
        report: gets what is broken, while the rows are read.
        encoding: found out if None.

    Raises:
        CatalogueError: it has no object, or none that could be a row.
    """
    encoding = encoding or encoding_of(source)
    read = FileRead(source.name, "json", encoding=encoding)
    if _is_lines(source, encoding):
        read.form = "jsonl"
        rows = _line_rows(source, report, read)
        expected = "a JSON object a line"
    else:
        path, types = _best_path(source, encoding)
        read.rows_at = "/".join(path)
        rows = _document_rows(source, report, read, path, types)
        expected = "a list of JSON objects"
    names, rows = names_of_first(rows, source)
    if not names:
        raise CatalogueError(f"{source.place}: expected {expected}, got none")
    others = [name for name in names if name != "id"]
    if others and all(map(str.isdecimal, others)):
        raise CatalogueError(
            f"{source.place}: expected {expected}, got columns by the numbers of rows; "
            "pandas writes objects with to_json(orient='records')"
        )
    return FoundTable(names, rows, read)


def names_of_first(rows: Iterator[Row], source: Source) -> tuple[list[str], Iterator[Row]]:
    """Return the columns of the first rows, and all rows.

    Raises:
        CatalogueError: there are too many columns.
    """
    first = list(islice(rows, LOOKED_AT_ROWS))
    names = dict.fromkeys(name for row in first for name in row.cells)
    if len(names) > MOST_COLUMNS:
        raise CatalogueError(
            f"{source.place}: expected at most {MOST_COLUMNS:,} columns, got {len(names):,}"
        )
    return [*names], chain(first, rows)


def _lines(stream: BinaryIO, encoding: str, place: str) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, as UTF-8 where they are of another encoding."""
    if encoding not in (UTF_8, "utf-8-sig"):
        text = io.TextIOWrapper(stream, encoding, errors="replace", newline="\n")
        read: Any = lambda size: text.readline(size).encode(UTF_8, "replace")  # noqa: E731
    else:
        read = stream.readline
    number = 0
    while line := read(MOST_ROW_CHARACTERS):
        number += 1
        if len(line) >= MOST_ROW_CHARACTERS:
            raise CatalogueError(
                f"{place}, line {number}: expected lines of at most {MOST_ROW_CHARACTERS:,} "
                "characters, got a longer one"
            )
        line = line.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n\x1e")
        if line:
            yield number, line


def _is_lines(source: Source, encoding: str) -> bool:
    """Whether each line is a document of its own."""
    with source.open() as stream:
        lines = (line for _, line in _lines(stream, encoding, source.place))
        try:
            first, second, *others = islice(lines, 3)
        except (CatalogueError, ValueError):
            return False  # One line, or one that is longer than those of rows.
    if _is_object(first):
        return True
    # The first may be broken; it is not if it begins what the next ones go on with.
    return not first.endswith((b"[", b"{", b",", b":")) and any(map(_is_object, (second, *others)))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(_value(line), dict)
    except ValueError:
        return False


def _value(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as strict:
        try:
            return lenient_value(line.decode(UTF_8))
        except RecursionError:
            raise ValueError("too many levels") from None
        except ValueError:
            raise strict from None


def _line_rows(source: Source, report: ImportReport, read: FileRead) -> Iterator[Row]:
    with source.open() as stream:
        for number, line in _lines(stream, read.encoding, source.place):
            report.count_row(read)
            place = None
            try:
                record = _value(line)
            except ValueError as error:
                mended = _of_windows_1252(line)
                if mended is None:
                    if isinstance(error, orjson.JSONDecodeError):
                        place = f"character {error.colno}"
                    reason = f"expected JSON, got {getattr(error, 'msg', error)}"
                    report.add(read.file, number, place, "broken row", reason)
                    continue
                record = mended
                reason = "expected UTF-8, got other bytes"
                report.add(read.file, number, None, "encoding", reason, "read as Windows-1252")
            if isinstance(record, dict):
                yield Row(read.file, number, _unwrapped(record))
            else:
                reason = f"expected an object, got a {type(record).__name__}"
                report.add(read.file, number, None, "broken row", reason)


def _of_windows_1252(line: bytes) -> dict[str, Any] | None:
    """The object of a line of which single bytes are no UTF-8."""
    try:
        line.decode(UTF_8)
    except UnicodeDecodeError:
        try:
            record = lenient_value(line.decode(WINDOWS_1252, "replace"))
        except (ValueError, RecursionError):
            return None
        return record if isinstance(record, dict) else None
    return None


@dataclass
class _Objects:
    """The objects that stand at one path of a document."""

    count: int = 0
    words: int = 0
    titled: bool = False
    types: set[str] = field(default_factory=set)

    def add(self, record: dict[str, Any]) -> None:
        self.count += 1
        if self.count > LOOKED_AT_ROWS:
            return
        self.words += product_words(record)
        self.titled = self.titled or not _TITLES.isdisjoint(map(words_of, record))
        self.types.update(_types(record))

    @property
    def fitness(self) -> tuple[float, int]:
        looked_at = min(self.count, LOOKED_AT_ROWS)
        return fitness(self.words / looked_at, self.count)


def _best_path(source: Source, encoding: str) -> tuple[Path, set[str]]:
    """Where the products of a document are, and the types of schema.org that they have."""
    found: dict[Path, _Objects] = {}
    with _json_text(source, encoding) as text:
        for path, record in text.objects():
            if not isinstance(record, dict):
                continue
            record = _unwrapped(record)
            anyhow = (*path[:-1], ANY) if path else path
            for each in dict.fromkeys((path, anyhow)):
                if each in found or len(found) < _MOST_PATHS:
                    found.setdefault(each, _Objects()).add(record)
    if not found:
        raise CatalogueError(f"{source.place}: expected a list of JSON objects, got none")
    outer = [path for path in found if not _is_part(path, found)]
    titled = [path for path in outer if found[path].titled]
    best = max(titled or outer or found, key=lambda path: found[path].fitness)
    types = {name for name in found[best].types if name.lower().startswith(_PRODUCT_TYPES)}
    return best, types


def _is_part(path: Path, found: Mapping[Path, _Objects]) -> bool:
    """Whether the objects at a path are parts of products that stand further up: a product alone
    in its document is one row, not as many as it has variants."""
    for depth, name in enumerate(path):
        outer = found.get(path[:depth])
        if name in _PARTS and outer is not None and outer.words >= _FEWEST_WORDS * outer.count:
            return True
    return False


def _document_rows(
    source: Source, report: ImportReport, read: FileRead, path: Path, types: set[str]
) -> Iterator[Row]:
    with _json_text(source, read.encoding) as text:
        for number, (keys, value) in enumerate(text.values_at(path), 1):
            if not isinstance(value, dict):
                report.count_row(read)
                reason = f"expected an object, got a {type(value).__name__}"
                report.add(read.file, number, None, "broken row", reason)
                continue
            record = _unwrapped(value)
            own = _types(record)
            if types and own and not types & own:
                continue  # Of a page's graph: its breadcrumbs, the organisation.
            report.count_row(read)
            if path and path[-1] == ANY and not {"id", "sku", "asin"} & record.keys():
                record = {"id": keys[-1], **record}
            yield Row(read.file, number, record)


@contextmanager
def _json_text(source: Source, encoding: str) -> Iterator[JsonText]:
    with io.TextIOWrapper(source.open(), encoding, errors="replace", newline="\n") as file:
        yield JsonText(file, source.place)


def _connected(value: Any) -> Any:
    """A connection of GraphQL, {"edges": [{"node": …}]} or {"nodes": […]}, as its list."""
    if not isinstance(value, dict):
        return value
    # An option may be called "nodes", too; its values are no objects.
    nodes, edges = _objects(value.get("nodes")), _objects(value.get("edges"))
    if edges and all("node" in edge for edge in edges):
        return [edge["node"] for edge in edges]
    return nodes or value


def _objects(value: Any) -> list[dict[str, Any]]:
    """The entries of a list of objects; none of anything else."""
    is_list = isinstance(value, list) and all(isinstance(entry, dict) for entry in value)
    return value if is_list else []


def _unwrapped(record: dict[str, Any]) -> dict[str, Any]:
    record = {name: _connected(value) for name, value in record.items()}
    for name in _WRAPPERS:
        inner = record.get(name)
        if isinstance(inner, dict) and product_words(inner) > product_words(record):
            return {key: _connected(value) for key, value in inner.items()}
    return record


def _types(record: dict[str, Any]) -> set[str]:
    types = record.get("@type")
    entries: Iterable[Any] = types if isinstance(types, list) else [types]
    return {entry for entry in entries if isinstance(entry, str)}
