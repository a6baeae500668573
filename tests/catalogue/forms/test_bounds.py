"""Damaged and hostile files: one line, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest

from shopwright.catalogue.forms import delimited, json_rows, json_text, source, xml_rows
from shopwright.errors import CatalogueError

COLUMNS = 5000


@pytest.fixture(autouse=True)
def _small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of hundreds of megabytes, made small enough to be met quickly."""
    for module in (delimited, json_text, json_rows, xml_rows):
        monkeypatch.setattr(module, "MOST_ROW_CHARACTERS", 1 << 18)
    monkeypatch.setattr(json_text, "_CHUNK_CHARACTERS", 1 << 14)
    monkeypatch.setattr(delimited, "MOST_CELL_CHARACTERS", 1 << 17)
    monkeypatch.setattr(source, "ALWAYS_ALLOWED_BYTES", 1 << 20)


def zipped(names: int, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(names):
            archive.writestr(f"{number}.zip" if content[:2] == b"PK" else f"{number}.csv", content)
    return file.getvalue()


def hostile() -> Iterator[tuple[str, bytes, str]]:
    long = b"x" * (1 << 19)
    many = [f"c{n}" for n in range(COLUMNS)]
    yield "long-line", b"id,title\n1," + long, "expected lines of at most 262,144 characters"
    yield "long-json", b'[{"id": 1, "title": "' + long, "expected values of at most 262,144"
    yield "long-jsonl", b'{"id": 1}\n{"t": "' + long + b'"}\n', "expected values of at most"
    yield "long-xml", b"<a><b><id>1</id><t>" + long + b"</t></b></a>", "elements of at most 262,144"
    yield "columns", ",".join(many).encode(), "expected at most 4,096 columns, got 5,000"
    row = ",".join(f'"{name}": 1' for name in many)
    yield "keys", f"[{{{row}}}]".encode(), "expected at most 4,096 columns, got 5,000"
    row = "".join(f"<{name}>1</{name}>" for name in many)
    yield "children", f"<a><b>{row}</b></a>".encode(), "expected at most 4,096 columns, got 5,000"
    yield "deep-list", b"[" * 100_000, "expected JSON of few levels, got too many"
    yield "deep-object", b'{"a":' * 100_000, "expected JSON of few levels, got too many"
    yield "deep-row", b'[{"a":' + b"[" * 100_000, "expected JSON of few levels, got too many"
    yield "deep-xml", b"<a><b><id>1</id></b>" + b"<a>" * 9000, "64 elements in each other"
    bomb = b"id,title\n" + b"1,Mug\n" * (1 << 19)
    yield "gzip-bomb", gzip.compress(bomb), "unpacks to more than 200 times its size"
    yield "zip-bomb", zipped(4, bomb), "unpacks to more than 200 times its size"
    yield "nested-bomb", zipped(4, zipped(4, bomb)), "unpacks to more than 200 times its size"
    yield "nested", zipped(1, zipped(1, zipped(1, bomb[:99]))), "archives in archives in archives"


@pytest.mark.parametrize(
    ("content", "message"), [pytest.param(*rest, id=name) for name, *rest in hostile()]
)
def test_hostile_files_are_refused_in_one_line(read, content, message):
    if content.startswith(b"<"):
        pytest.importorskip("defusedxml")
    tracemalloc.start()
    try:
        with pytest.raises(CatalogueError) as caught:
            read(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert peak < 24 << 20


def test_an_unclosed_quote_of_a_long_file_loses_one_line(read):
    rows = "".join(f"{n},Thing {n}\n" for n in range(20_000))
    found, report = read(f'id,title\n1,"Mug\n{rows}')
    assert len(found) == 20_000
    assert [problem.line for problem in report.problems] == [2]


def test_many_unclosed_quotes_end_the_reading(read, monkeypatch):
    monkeypatch.setattr(delimited, "_MOST_LOOKED_AHEAD_CHARACTERS", 1 << 16)
    # Each line opens a quote that the doubled ones of the next do not close.
    with pytest.raises(CatalogueError, match="expected cells in balanced quotes, got too many"):
        read('id,title\n1,"a\n' + "b,c\n" * 50_000)


def test_a_sheet_of_cells_far_apart_is_refused(read):
    pytest.importorskip("python_calamine")
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["id", "title"])
    book.active["XFD1048576"] = 1
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(CatalogueError, match="expected sheets of at most 25,000,000 cells"):
        read(file.getvalue())


def workbook(texts: bytes) -> bytes:
    """A workbook of which only the shared texts matter."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + texts + b"</sst>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (b"<si><t>" + b"x" * (1 << 20) + b"</t></si>", "cells of at most 131,072 characters"),
        (b"<si><t>mug</t></si>" * 200_000, "texts of at most 2 MB, got 3; save it as CSV"),
    ],
)
def test_workbooks_whose_texts_would_fill_memory_are_refused(read, monkeypatch, texts, message):
    pytest.importorskip("python_calamine")
    monkeypatch.setattr("shopwright.catalogue.forms.workbook.MOST_CELL_CHARACTERS", 1 << 17)
    monkeypatch.setattr("shopwright.catalogue.forms.workbook._MOST_TEXT_BYTES", 2 << 20)
    monkeypatch.setattr(source, "ALWAYS_ALLOWED_BYTES", 64 << 20)
    with pytest.raises(CatalogueError, match=message):
        read(workbook(texts))


def test_more_rows_than_can_be_are_refused(read, monkeypatch):
    monkeypatch.setattr("shopwright.catalogue.import_report.MOST_ROWS", 3)
    with pytest.raises(CatalogueError, match="expected at most 3 rows, got more"):
        read("title\na\nb\nc\nd\n")
