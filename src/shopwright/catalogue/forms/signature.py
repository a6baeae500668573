"""Which form a file has, by its first bytes; what cannot be read is named, with the remedy."""

from __future__ import annotations

import re

from shopwright.catalogue.forms.source import Source, entries_of_zip
from shopwright.catalogue.forms.table import quoted
from shopwright.errors import CatalogueError

CSV, JSON, PARQUET, XML, WORKBOOK = "csv", "json", "parquet", "xml", "xlsx"
GZIP, ZIP = "gzip", "zip"

_AS_CSV = "save it as CSV UTF-8"
_UNPACK = "unpack it first"
_EXPORT = "export the products as CSV, JSON or XML"
# First bytes → what it is, and the remedy.
_NOT_READ = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook, or one with a password", "save it as .xlsx"),
    (b"%PDF", "a PDF", _EXPORT),
    (b"\x89PNG", "a picture (PNG)", _EXPORT),
    (b"\xff\xd8\xff", "a picture (JPEG)", _EXPORT),
    (b"GIF8", "a picture (GIF)", _EXPORT),
    (b"BM", "a picture (BMP)", _EXPORT),
    (b"II*\0", "a picture (TIFF)", _EXPORT),
    (b"MM\0*", "a picture (TIFF)", _EXPORT),
    (b"RIFF", "a picture or sound (RIFF)", _EXPORT),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"SQLite format 3\0", "an SQLite database", "export its table of products as CSV"),
    (b"\x89HDF", "an HDF5 file", "write it as Parquet or CSV"),
    (b"ARROW1", "an Arrow file", "write it as Parquet"),
    (b"FEA1", "a Feather file", "write it as Parquet"),
    (b"ORC", "an ORC file", "write it as Parquet"),
    (b"Obj\x01", "an Avro file", "write it as Parquet or JSON lines"),
    (b"\x93NUMPY", "a NumPy array", "write it as Parquet or CSV"),
    (b"\x80\x03", "a Python pickle", "write it as Parquet or JSON lines"),
    (b"\x80\x04", "a Python pickle", "write it as Parquet or JSON lines"),
    (b"\x80\x05", "a Python pickle", "write it as Parquet or JSON lines"),
    (b"{\\rtf", "a text document (RTF)", _EXPORT),
    (b"\x7fELF", "a program", _EXPORT),
    (b"MZ\x90", "a program", _EXPORT),
)  # fmt: skip
# A file in a zip archive → what the archive is, and the remedy.
_ARCHIVES = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)", "save it as .xlsx"),
    ("Index/Document.iwa", "a Numbers document", "export it as CSV or Excel"),
    ("Index.zip", "a Numbers document", "export it as CSV or Excel"),
    ("content.xml", "an OpenDocument file (.ods)", "save it as .xlsx or as CSV UTF-8"),
    ("word/document.xml", "a Word document", _EXPORT),
    ("ppt/presentation.xml", "a presentation", _EXPORT),
)
_WORKBOOK = "xl/workbook.xml"
_MARK = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div)\b", re.I)
_XHTML = re.compile(rb"<\?xml[^>]*>\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_XML = re.compile(rb"<(?:\?xml|!--|!DOCTYPE|[A-Za-z_])")
_OFFICE_XML = (b'progid="Excel.Sheet"', b"urn:schemas-microsoft-com:office:spreadsheet")
_SQL = re.compile(
    rb"(?:/\*!|--[ \t]*(?:phpmyadmin|mysql|mariadb|postgresql|dump|host|adminer|sqlite|heidisql)"
    rb"|(?:insert\s+into|create\s+(?:table|database)|drop\s+table|set\s+(?:sql_mode|names|@)"
    rb"|begin\s+transaction|pragma\s|use\s+`)\b)",
    re.I,
)
_SQL_STATEMENT = re.compile(rb"^\s*(?:insert\s+into|create\s+table)\s+\S", re.I | re.M)
_JSON_START = re.compile(rb'(?:\{\s*(?:["}]|\Z)|\[\s*(?:[{\["\]]|-?\d|true|false|null|\Z))')
_JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
_WORKBOOK_ENDINGS = (".xlsx", ".xlsm")
_YAML_LINES = 50
_YAML_KEY = re.compile(rb"(?:- +)?[\w \-]{1,40}:(?: \S|\s*\Z)")
_YAML_LINE = re.compile(rb"\s|#|---|- |%|\Z")
_CONTROL = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r\x01\x02\x1a\x1e\x1f")) + b"\x7f"


def form_of(source: Source) -> str:
    """Return the form of a file.

    Raises:
        CatalogueError: it is empty or of a form that is not read; the message says what to do.
    """
    start = source.start()
    if not start:
        raise CatalogueError(f"{source.place}: expected a header and rows, got an empty file")
    if start.startswith(b"\x1f\x8b"):
        return GZIP
    if start.startswith(b"PAR1"):
        return PARQUET
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _form_of_zip(source)
    for signature, name, remedy in _NOT_READ:
        if start.startswith(signature) and not (signature.isalpha() and start.isascii()):
            raise not_read(source, name, remedy)
    if start[257:262] == b"ustar":
        raise not_read(source, "a tar archive", _UNPACK)
    return _form_of_text(source, start)


def _is_binary(text: bytes) -> bool:
    controls = len(text) - len(text.translate(None, _CONTROL))
    lost = len(text) - len(text.decode("utf-8", "ignore").encode())
    many = controls > max(2, len(text) / 50) or text.count(0) > len(text) / 3
    return many and lost > 4


def _is_yaml(text: bytes) -> bool:
    """Whether every line is a key, the entry of a list, or goes on with one, and two are keys."""
    lines = text.splitlines()[:_YAML_LINES]
    keys = sum(_YAML_KEY.match(line.strip()) is not None for line in lines)
    return keys > 1 and all(_YAML_KEY.match(line) or _YAML_LINE.match(line) for line in lines)


def not_read(source: Source, name: str, remedy: str) -> CatalogueError:
    """Return what to raise for a form that is not read."""
    return CatalogueError(f"{source.place}: expected a table of products, got {name}; {remedy}")


def _form_of_zip(source: Source) -> str:
    names = {entry.filename for entry in entries_of_zip(source)}
    if _WORKBOOK in names:
        return WORKBOOK
    for name, what, remedy in _ARCHIVES:
        if name in names and (name != "content.xml" or "mimetype" in names):
            raise not_read(source, what, remedy)
    if source.name.lower().endswith(_WORKBOOK_ENDINGS):
        raise not_read(source, "an archive without a workbook", f"open it in Excel and {_AS_CSV}")
    return ZIP


def _form_of_text(source: Source, start: bytes) -> str:
    # UTF-16 and UTF-32: without their zero bytes, what is ASCII in them reads as ASCII.
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff")) or start[:64].count(0) > 16
    text = start.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff") if wide else start
    text = text.replace(b"\0", b"") if wide else text
    text = text[_MARK.match(text).end() :]  # type: ignore[union-attr]
    if _HTML.match(text) or _XHTML.match(text):
        raise not_read(source, "a web page (HTML)", _EXPORT)
    if _XML.match(text):
        if any(mark in text[:2000] for mark in _OFFICE_XML):
            raise not_read(source, "an Excel 2003 workbook (XML)", "save it as .xlsx")
        return XML
    if _SQL.match(text) or (text.startswith(b"--") and _SQL_STATEMENT.search(text)):
        raise not_read(source, "an SQL dump", "export its table of products as CSV")
    if _JSON_START.match(text) or source.name.lower().endswith(_JSON_ENDINGS):
        return JSON
    if _is_yaml(text):
        raise not_read(source, "YAML", "write it as JSON, e.g. with yq -o json")
    if not wide and _is_binary(text):
        shown = quoted(start[:12].decode("latin-1"))
        raise not_read(source, f"a binary file that begins with {shown}", _AS_CSV)
    return CSV
