"""Several files, folders, archives, workbooks; what is not read is named with the remedy."""

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from shopwright.catalogue.forms.opening import open_table
from shopwright.catalogue.forms.signature import CSV as CSV_FORM
from shopwright.catalogue.forms.signature import form_of
from shopwright.catalogue.forms.source import source_of
from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import CatalogueError, InputError, MissingFileError

CSV = b"id,title,price\n1,Mug,4\n"
MORE = b"id,title,price\n2,Cup,3\n"
ORDERS = b"order,customer,total\n1,x,4\n"


def titles(*paths: Path) -> tuple[list[str], ImportReport]:
    report = ImportReport()
    rows = [row.cells["title"] for row in open_table(paths, report).rows]
    return rows, report


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return content.getvalue()


def test_several_files_of_any_form_are_one_table(tmp_path):
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "b").write_bytes(b'{"id": 2, "title": "Cup", "colour": "red"}\n')
    report = ImportReport()
    table = open_table([tmp_path / "a.csv", tmp_path / "b"], report)
    assert table.names == ["id", "title", "price", "colour"]
    assert [(row.file, row.line) for row in table.rows] == [("a.csv", 2), ("b", 1)]
    assert (report.file, report.form) == ("a.csv and 1 more", "csv, json")


def test_of_a_folder_the_tables_of_products_are_read(tmp_path):
    folder = tmp_path / "feed"
    (folder / "more").mkdir(parents=True)
    (folder / "1.csv").write_bytes(CSV)
    (folder / "more" / "2.csv").write_bytes(MORE)
    (folder / "orders.csv").write_bytes(ORDERS)
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "README.txt").write_text("Our products.\nAll of them.\n")
    (folder / ".hidden.csv").write_bytes(CSV)
    (folder / "_SUCCESS").write_bytes(b"")
    read, report = titles(folder)
    assert read == ["Mug", "Cup"]
    assert [file.file for file in report.files] == ["feed/1.csv", "feed/more/2.csv"]
    assert {*report.files_not_read} == {"feed/orders.csv", "feed/logo.png", "feed/README.txt"}
    assert "a picture (PNG)" in report.files_not_read["feed/logo.png"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(CatalogueError, match="expected files of products, got none"):
        titles(tmp_path / "empty")


def test_archives(tmp_path):
    path = tmp_path / "table"
    path.write_bytes(gzip.compress(CSV))
    assert titles(path)[0] == ["Mug"]
    path.write_bytes(zipped(a__csv=CSV, b__json=b'[{"id":2,"title":"Cup"}]', o__csv=ORDERS))
    read, report = titles(path)
    assert read == ["Mug", "Cup"]
    assert [file.file for file in report.files] == ["table/a.csv", "table/b.json"]
    assert [*report.files_not_read] == ["table/o.csv"]
    path.write_bytes(zipped(a__gz=gzip.compress(CSV), b__zip=zipped(c__csv=MORE)))
    assert titles(path)[0] == ["Mug", "Cup"]
    path.write_bytes(gzip.compress(zipped(c__csv=MORE)))
    assert titles(path)[0] == ["Cup"]


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(gzip.compress(CSV))))
    read, report = titles(Path("-"))
    assert read == ["Mug"]
    assert (report.file, report.files[0].file) == ("standard input", "standard input")


def test_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(CSV,))
    writer.start()
    assert titles(tmp_path / "pipe")[0] == ["Mug"]
    writer.join()


def test_the_sheet_of_products_is_read(tmp_path):
    pytest.importorskip("python_calamine")
    openpyxl = pytest.importorskip("openpyxl")
    import datetime

    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["Ask Jo before sending"])
    sheet = book.create_sheet("Products")
    sheet.append(["Products of our shop"])
    sheet.append([])
    sheet.append(["id", "title", "price", "since", "new", None, "title"])
    sheet.append([4006381333931, "Mug", 4.5, datetime.date(2024, 5, 1), True, "x", "Mug"])
    sheet.append([])
    sheet.append([2, "Cup", 3, datetime.datetime(2024, 5, 1, 9, 30), False, None, "#N/A"])
    book.save(tmp_path / "book")
    report = ImportReport()
    rows = list(open_table([tmp_path / "book"], report).rows)
    assert [row.cells for row in rows] == [
        {
            "id": 4006381333931, "title": "Mug", "price": 4.5, "since": "2024-05-01",
            "new": True, "title (2)": "",
        },
        {
            "id": 2, "title": "Cup", "price": 3, "since": "2024-05-01T09:30:00", "new": False,
            "title (2)": "",
        },
    ]  # fmt: skip
    assert [(row.file, row.line) for row in rows] == [
        ("book[Products]", 4),
        ("book[Products]", 6),
    ]
    assert [*report.files_not_read] == ["book[Notes]"]


def test_parquets_own_values_become_plain_ones(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    import datetime
    from decimal import Decimal

    from pyarrow import parquet

    record = {
        "title": "Mug", "price": Decimal("4.50"), "since": datetime.date(2024, 5, 1),
        "nan": float("nan"), "bytes": b"abc", "count": 3, "tags": ["a", None],
        "sizes": [{"name": "S", "price": 1.5}], "whole": 2.0,
    }  # fmt: skip
    parquet.write_table(pyarrow.Table.from_pylist([record]), tmp_path / "table")
    (row,) = open_table([tmp_path / "table"], ImportReport()).rows
    assert row.cells == {
        "title": "Mug", "price": 4.5, "since": "2024-05-01", "nan": None, "bytes": "abc",
        "count": 3, "tags": ["a", None], "sizes": [{"name": "S", "price": 1.5}], "whole": 2,
    }  # fmt: skip
    assert orjson.dumps(row.cells)


NOT_READ = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel workbook, or one with a password; save it",
    b"%PDF-1.4\n": "a PDF; export the products as CSV",
    b"\x89PNG\r\n\x1a\n": "a picture (PNG)",
    b"\xff\xd8\xff\xe0\0\x10JFIF": "a picture (JPEG)",
    b"  <!DOCTYPE html>\n<html><body>": "a web page (HTML)",
    b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table>": "a web page (HTML)",
    b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'>\n<html>": "a web page (HTML)",
    b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><W/>': "an Excel 2003 workbook",
    b"-- MySQL dump 10.13\n--\nINSERT INTO `a` VALUES (1);\n": "an SQL dump; export its table",
    b"CREATE TABLE products (id int);\n": "an SQL dump",
    b"SQLite format 3\0": "an SQLite database",
    b"BZh91AY&SY\xa1\x02": "a bzip2 archive; unpack it first",
    b"\xfd7zXZ\0": "an xz archive; unpack it first",
    b"\x80\x04\x95\x10": "a Python pickle",
    b"\x02\x91\xf3\x1b\x0e\x88\x05\x10\x99\xfa\x04": "a binary file that begins with '\\x02",
    b"PAR1 not really": "expected a Parquet file",
    b"\x1f\x8b\x08 not really": "expected an archive that can be unpacked",
    b"PK\x03\x04 not really": "expected an archive that can be unpacked",
    zipped(mimetype=b"x", content__xml=b"<x/>"): "an OpenDocument file (.ods); save it as .xlsx",
    zipped(**{"Index/Document__iwa": b"x"}): "a Numbers document; export it as CSV or Excel",
    zipped(**{"xl/workbook__xml": b"<w/>"}): "expected an Excel workbook, got",
    gzip.compress(CSV * 9)[:-20]: "got one that is cut off; copy or export it anew",
    b"# Our mugs\nproducts:\n  - id: 7\n    title: Mug\n": "YAML; write it as JSON",
    b"---\n- id: 7\n  title: Mug\n- id: 8\n  title: Cup\n": "YAML; write it as JSON",
}


@pytest.mark.parametrize("content", NOT_READ, ids=lambda content: content[:4].hex())
def test_what_is_not_read_is_named_with_the_remedy(tmp_path, content):
    if content.startswith(b"PAR1"):
        pytest.importorskip("pyarrow")
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogueError) as caught:
        titles(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert NOT_READ[content] in message
    assert message.isprintable()


def test_a_workbook_by_its_name_alone(tmp_path):
    path = tmp_path / "mugs.xlsx"
    path.write_bytes(zipped(a__txt=b"hello"))
    with pytest.raises(CatalogueError, match=r"without a workbook; open it in Excel and save it"):
        titles(path)


@pytest.mark.parametrize(
    "content", ["title: en\nMug\nCup\n", "Exported: today\nRows: 2\nid,title\n7,Mug\n8,Cup\n"]
)
def test_colons_alone_are_no_yaml(tmp_path, content):
    path = tmp_path / "mugs.csv"
    path.write_text(content)
    assert form_of(source_of(path)) == CSV_FORM


def test_paths_that_are_no_files(tmp_path):
    with pytest.raises(MissingFileError, match="none: expected a file, found none"):
        titles(tmp_path / "none")
    with pytest.raises(InputError, match="expected a table, got no file"):
        titles()


@pytest.mark.parametrize("extra", ["python_calamine", "defusedxml", "pyarrow"])
def test_what_is_missing_is_named_with_its_installation(tmp_path, monkeypatch, extra):
    from shopwright.errors import UnavailableError

    content = {
        "python_calamine": zipped(**{"xl/workbook__xml": b"<w/>"}),
        "defusedxml": b"<a><b/></a>",
        "pyarrow": b"PAR1",
    }
    monkeypatch.setitem(sys.modules, extra, None)
    (tmp_path / "table").write_bytes(content[extra])
    with pytest.raises(UnavailableError, match=r"pip install 'shopwright\[tables\]'"):
        titles(tmp_path / "table")
