"""Opening tables: files, folders, archives and standard input become one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from shopwright.catalogue.forms.charset import known_encoding
from shopwright.catalogue.forms.delimited import open_csv
from shopwright.catalogue.forms.dialect import known_delimiter
from shopwright.catalogue.forms.json_rows import open_json
from shopwright.catalogue.forms.likeness import product_words
from shopwright.catalogue.forms.parquet import open_parquet
from shopwright.catalogue.forms.signature import GZIP, JSON, PARQUET, WORKBOOK, XML, ZIP, form_of
from shopwright.catalogue.forms.source import Source, of_folder, of_gzip, of_zip, source_of
from shopwright.catalogue.forms.table import FoundTable, Row, Table
from shopwright.catalogue.forms.workbook import open_workbook
from shopwright.catalogue.forms.xml_rows import open_xml
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.names import normal
from shopwright.errors import CatalogueError, InputError


@dataclass(frozen=True, kw_only=True)
class _Opener:
    """Opens files in all forms.

    Attributes:
        report: gets the account.
        delimiter, encoding: what the user said of texts.
    """

    report: ImportReport
    delimiter: str | None
    encoding: str | None

    def tables(self, source: Source) -> Iterator[FoundTable]:
        """Yield the tables of a file, of an archive's files those that can be read."""
        form = form_of(source)
        if form == GZIP:
            yield from self.tables(of_gzip(source))
        elif form == ZIP:
            yield from self.tables_of_all(of_zip(source), source.place)
        elif form == WORKBOOK:
            yield from open_workbook(source, self.report)
        elif form == PARQUET:
            yield open_parquet(source, self.report)
        elif form == JSON:
            yield open_json(source, self.report, encoding=self.encoding)
        elif form == XML:
            yield open_xml(source, self.report, encoding=self.encoding)
        else:
            yield open_csv(source, self.report, delimiter=self.delimiter, encoding=self.encoding)

    def tables_of_all(self, sources: Iterator[Source], place: str) -> Iterator[FoundTable]:
        """Yield the tables of several files; one that cannot be read is noted, unless none can.

        Raises:
            CatalogueError: there is no file, or none can be read.
        """
        first: CatalogueError | None = None
        found = False
        for source in sources:
            try:
                for table in self.tables(source):
                    found = True
                    yield table
            except CatalogueError as error:
                first = first or error
                reason = str(error).removeprefix(f"{source.place}: ")
                self.report.files_not_read[source.name] = reason
        if not found:
            raise first or CatalogueError(f"{place}: expected files of products, got none")


def open_table(
    sources: Sequence[Path],
    report: ImportReport,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Table:
    """Open files as one table.

    Of a folder, an archive and a workbook, the table that looks most like products is read, and
    those that have its columns; the others are noted.

    Args:
        sources: files and folders, in order; ``-`` is standard input.
        report: gets ``file``, ``form``, ``files``, ``files_not_read``, and, while the rows are
            read, their number and what is broken.
        delimiter: what divides the cells of CSV, a character or ``tab``; found out if None.
        encoding: of texts, by a name that Python knows; found out if None.

    Raises:
        MissingFileError: there is no such file.
        CatalogueError: one has no header, or is no table of its form at all.
        InputError: no sources; a delimiter or an encoding that is none.
        UnavailableError: a package is not installed that the form needs.
    """
    if not sources:
        raise InputError("expected a table, got no file")
    opener = _Opener(
        report=report,
        delimiter=delimiter and known_delimiter(delimiter),
        encoding=encoding and known_encoding(encoding),
    )
    report.file = _name(sources)
    tables = [table for path in sources for table in _tables_of(path, opener)]
    report.files = [table.read for table in tables]
    report.form = ", ".join(dict.fromkeys(read.form for read in report.files))
    names: dict[str, None] = {}
    known: dict[str, str] = {}
    rows: list[Iterator[Row]] = []
    for table in tables:
        renamed = _renamed(table, known)
        names.update(dict.fromkeys(renamed.names))
        rows.append(renamed.rows)
        for name in renamed.names:
            known.setdefault(normal(name), name)
    return Table([*names], chain.from_iterable(rows))


def _renamed(table: Table, known: Mapping[str, str]) -> Table:
    """A table with the names that earlier ones have for its columns: "Product ID" for "Product
    ID*"."""
    wanted = {name: known.get(normal(name), name) for name in table.names}
    others = {name: new for name, new in wanted.items() if new not in table.names}
    if not others:
        return table
    rows = (
        replace(row, cells={others.get(name, name): cell for name, cell in row.cells.items()})
        for row in table.rows
    )
    return Table([others.get(name, name) for name in table.names], rows)


def _name(sources: Sequence[Path]) -> str:
    first = "standard input" if str(sources[0]) == "-" else sources[0].resolve().name
    others = len(sources) - 1
    return f"{first} and {others} more" if others else first


def _tables_of(path: Path, opener: _Opener) -> list[FoundTable]:
    if path.is_dir():
        tables = list(opener.tables_of_all(of_folder(path), str(path)))
    else:
        tables = list(opener.tables(source_of(path)))
    best = max(tables, key=lambda table: product_words(table.names))
    chosen = []
    for table in tables:
        if table is best or _has_columns_of(table, best):
            chosen.append(table)
        else:
            reason = f"its columns are not those of {best.read.file}"
            opener.report.files_not_read[table.read.file] = reason
    return chosen


def _has_columns_of(table: FoundTable, best: FoundTable) -> bool:
    common = len({*table.names} & {*best.names})
    return common > 1 and 2 * common >= min(len(table.names), len(best.names))
