"""Whatever the bytes are, a table comes of them or one line that says why not."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shopwright.catalogue.forms.opening import open_table
from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import CatalogueError, ShopwrightError

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ROWS = [{"id": n, "title": f"Möbel {n}", "price": n / 2, "tags": ["a", "b"]} for n in range(9)]
XML = "".join(f"<item><id>{r['id']}</id><title>{r['title']}</title></item>" for r in ROWS)
CSV = "id,title,price\n" + "".join(f'{r["id"]},"{r["title"]}, new",4.50\n' for r in ROWS)


def _zip(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", content)
        archive.writestr("more.jsonl", orjson.dumps(ROWS[0]))
    return file.getvalue()


def _workbook() -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (["id", "title"], [1, "Mug"], [2, "Cup"]):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def _parquet() -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(ROWS), file)
    return file.getvalue()


VALID = {
    "csv": CSV.encode,
    "semicolons": lambda: CSV.replace(",", ";").encode("cp1252"),
    "wide": lambda: CSV.encode("utf-16"),
    "lines": lambda: b"\n".join(map(orjson.dumps, ROWS)),
    "document": lambda: orjson.dumps({"shop": {"name": "x"}, "products": ROWS}),
    "xml": lambda: f"<rss><channel>{XML}</channel></rss>".encode(),
    "gzip": lambda: gzip.compress(CSV.encode()),
    "zip": lambda: _zip(CSV.encode()),
    "workbook": _workbook,
    "parquet": _parquet,
}  # fmt: skip


def check(folder: Path, content: bytes) -> int:
    """Read a table; return its rows, 0 if it is refused."""
    path = folder / "table"
    path.write_bytes(content)
    report = ImportReport()
    try:
        table = open_table([path], report)
        rows = list(table.rows)
    except ShopwrightError as error:
        message = str(error)
        rows = None
    if rows is None:
        assert "\n" not in message
        assert len(message) < 600
        return 0
    for row in rows:
        orjson.dumps(dict(row.cells))  # Plain values, valid Unicode.
        assert all(isinstance(name, str) and name for name in row.cells)
    assert len(rows) <= report.rows
    return len(rows)


STARTS = [
    b"",
    b"id,title\n",
    b'{"id": 1}\n',
    b"[",
    b'{"products": [',
    b"<a><b>",
    b"PAR1",
    b"PK\x03\x04",
]


@QUICK
@given(st.sampled_from([*STARTS, b"\x1f\x8b\x08", b"\xff\xfe", b"sep="]), st.binary(max_size=300))
@example(b"id,title\n", b'"')
@example(b"[", b"1" * 5000)
def test_any_bytes(tmp_path, start, content):
    check(tmp_path, start + content)


@QUICK
@given(st.text(st.sampled_from(',;\t|"\\\n\r\0#= a1é\ufeff'), max_size=80))
def test_any_text_of_the_signs_of_csv(tmp_path, content):
    check(tmp_path, content.encode())


@QUICK
@given(st.text(st.sampled_from('{}[]",:\\ \n1e-ntua\ud83d'), max_size=60), st.booleans())
def test_any_text_of_the_signs_of_json(tmp_path, content, wrapped):
    text = f'{{"products": [{content}]}}' if wrapped else f"{{{content}"
    check(tmp_path, text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("form", VALID)
def test_what_is_not_damaged_is_read(tmp_path, form):
    assert check(tmp_path, VALID[form]()) >= 2


@pytest.mark.parametrize("form", VALID)
def test_damaged_files(tmp_path, form):
    valid = VALID[form]()

    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, len(valid) - 1), st.integers(0, 255)), max_size=4),
        st.integers(0, len(valid)),
        st.booleans(),
    )
    def damage(changes, end, is_cut):
        content = bytearray(valid)
        for place, byte in changes:
            content[place] = byte
        check(tmp_path, bytes(content[:end] if is_cut else content))

    damage()


def test_a_parquet_file_that_ends_pyarrow_is_refused(tmp_path, monkeypatch, capfd):
    (tmp_path / "table").write_bytes(VALID["parquet"]())

    def aborts(metadata):
        os.write(2, b"terminate called")
        os.abort()

    monkeypatch.setattr("shopwright.catalogue.forms.parquet._sizes", aborts)
    with pytest.raises(CatalogueError, match="table: expected a Parquet file, got one whose"):
        open_table([tmp_path / "table"], ImportReport())
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("changes", [{538: 36}, {43: 43, 697: 19}, {1160: 54, 548: 49}])
def test_such_files(tmp_path, changes):
    """By pyarrow 26, a histogram in them has another size than its column's levels."""
    content = bytearray(VALID["parquet"]())
    for place, byte in changes.items():
        content[place] = byte
    assert check(tmp_path, bytes(content)) in (0, len(ROWS))


NAMES = st.lists(st.text("abcdé_ ", min_size=1, max_size=8).map(str.strip), min_size=2, max_size=5)
WORDS = st.text("abz09 ,;|é\"'\n", max_size=12)


@QUICK
@given(
    NAMES.filter(lambda names: all(names) and len({*names}) == len(names)),
    st.lists(st.lists(WORDS, min_size=5, max_size=5), min_size=1, max_size=6),
    st.sampled_from(",;\t|"),
)
def test_what_is_written_as_csv_is_read_back(tmp_path, names, rows, delimiter):
    def line(cells: list[str]) -> str:
        return delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells)

    rows = [row[: len(names)] for row in rows if any(cell.strip() for cell in row[: len(names)])]
    path = tmp_path / "table"
    path.write_text("\n".join(map(line, [names, *rows])), encoding="utf-8", newline="")
    table = open_table([path], ImportReport(), delimiter=delimiter)
    assert [" ".join(name.split()) for name in names] == table.names
    assert [[*row.cells.values()] for row in table.rows] == rows
