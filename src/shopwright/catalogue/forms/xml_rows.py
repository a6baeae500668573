"""Rows of XML: the items of a feed, or whatever element repeats and looks like a product."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO
from xml.etree import ElementTree

from shopwright.catalogue.forms.json_rows import names_of_first
from shopwright.catalogue.forms.likeness import fitness, product_words
from shopwright.catalogue.forms.source import Source
from shopwright.catalogue.forms.table import MOST_ROW_CHARACTERS, FoundTable, Row, quoted
from shopwright.catalogue.import_report import FileRead, ImportReport
from shopwright.errors import CatalogueError, UnavailableError

_LOOKED_AT_BYTES = 4 << 20
_MOST_DEPTH = 64
_MOST_PATHS = 1000
_LANGUAGE_NAMES = ("{http://www.w3.org/XML/1998/namespace}lang", "lang", "language")
_ATOM = "{http://www.w3.org/2005/Atom}"
_GOOGLE = "{http://base.google.com/ns/1.0}"
_FEEDS = {("rss", "channel", "item"), ("feed", "entry"), ("RDF", "item")}

# Expat's errors for a document that ends early: no element, an unclosed token, a partial character,
# an unclosed CDATA section.
_CUT_OFF = (3, 5, 6, 20)
# Within a product, which is one if so many of its elements are customary for products.
_VARIANTS, _VARIANT = "variants", "variant"
_FEWEST_WORDS = 2

Path = tuple[str, ...]
Element = ElementTree.Element


def open_xml(source: Source, report: ImportReport, *, encoding: str | None = None) -> FoundTable:
    """Open an XML file.

    Args:
        source: the file.
        report: gets the number of rows, while they are read.
        encoding: what it is in, whatever it says itself.

    Raises:
        CatalogueError: it is not well-formed, declares entities, or has no rows.
        UnavailableError: defusedxml is not installed.
    """
    _refuse_entities(source)
    path = _best_path(source, encoding)
    read = FileRead(source.name, "xml", encoding=encoding or "", rows_at="/".join(path))
    names, rows = names_of_first(_rows(source, report, read, path), source)
    if not names:
        raise CatalogueError(f"{source.place}: expected elements with content, got none")
    return FoundTable(names, rows, read)


class _Bounded(io.RawIOBase):
    """The bytes of a document from its first "<" on; too many for one row are refused."""

    def __init__(self, stream: BinaryIO, place: str, most: int | None = None) -> None:
        self._stream = stream
        self._place = place
        self.left = most
        self._start = True
        self.since_row = 0

    def read(self, size: int = -1) -> bytes:
        if self.left is not None:
            size = min(size, self.left)
            self.left -= size
        content = self._stream.read(size)
        if self._start:
            # Space before the declaration is an error of many feeds, and of no consequence.
            content = content.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
            self._start = False
        self.since_row += len(content)
        if self.since_row > MOST_ROW_CHARACTERS:
            raise CatalogueError(
                f"{self._place}: expected elements of at most {MOST_ROW_CHARACTERS:,} bytes, "
                "got a longer one"
            )
        return content


def _refuse_entities(source: Source) -> None:
    """Refuse a document that declares entities, which can stand for billions of characters or for
    other files. They are declared before the first element, so what follows is safe.
    """
    try:
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import iterparse
    except ImportError:
        raise UnavailableError(
            f"{source.place}: XML needs defusedxml; install it with: "
            "pip install 'shopwright[tables]'"
        ) from None
    with source.open() as stream:
        try:
            for _ in iterparse(_Bounded(stream, source.place), events=("start",)):
                return
        except DefusedXmlException:
            raise CatalogueError(
                f"{source.place}: expected XML without declared entities, got some; resolve them "
                "(xmllint --noent) or remove the DOCTYPE"
            ) from None
        except CatalogueError:
            raise
        except (ElementTree.ParseError, LookupError, ValueError) as error:
            raise _wrong(source, error) from None
    raise CatalogueError(f"{source.place}: expected XML elements, got none")


def _wrong(source: Source, error: Exception) -> CatalogueError:
    got = f": {quoted(str(error))[1:-1]}; write it with an XML library"
    if isinstance(error, ElementTree.ParseError) and error.code in _CUT_OFF:
        got = " the end of the file within an element; it is cut off: copy or export it anew"
    return CatalogueError(f"{source.place}: expected well-formed XML, got{got}")


def _events(source: Source, encoding: str | None, file: _Bounded) -> Iterator[tuple[str, Element]]:
    # Safe after _refuse_entities; the standard library's parser is many times as fast.
    parser = ElementTree.XMLParser(encoding=encoding)
    try:
        yield from ElementTree.iterparse(file, events=("start", "end"), parser=parser)
    except CatalogueError:
        raise
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise _wrong(source, error) from None


@dataclass
class _Elements:
    """The elements at one path of a document."""

    count: int = 0
    words: int = 0

    @property
    def fitness(self) -> tuple[float, int]:
        return fitness(self.words / self.count, self.count)


def _best_path(source: Source, encoding: str | None) -> Path:
    """Where the rows of a document are."""
    found: dict[Path, _Elements] = {}
    path: list[str] = []
    with source.open() as stream:
        file = _Bounded(stream, source.place, _LOOKED_AT_BYTES)
        try:
            for event, element in _events(source, encoding, file):
                if event == "start":
                    path.append(_local(element.tag))
                    if len(path) > _MOST_DEPTH:
                        raise _too_deep(source)
                    continue
                here = tuple(path)
                path.pop()
                names = {*map(_local, element.attrib), *(_local(child.tag) for child in element)}
                is_leaf = not len(element)
                element.clear()
                if not is_leaf:
                    element.tag = ""  # What holds others says nothing about what it stands in.
                if names and (here in found or len(found) < _MOST_PATHS):
                    elements = found.setdefault(here, _Elements())
                    elements.count += 1
                    elements.words += product_words(names)
                file.since_row = 0
        except CatalogueError:
            # Of a document that is longer than what is looked at, the rest is missing.
            if file.since_row > MOST_ROW_CHARACTERS or file.left or not stream.read(1):
                raise
    for feed in _FEEDS & found.keys():
        return feed
    if not found:
        raise CatalogueError(
            f"{source.place}: expected elements of products, got none in the first "
            f"{_LOOKED_AT_BYTES >> 20} MB"
        )
    outer = [each for each in found if not _is_part(each, found)]
    return max(outer or found, key=lambda each: found[each].fitness)


def _is_part(path: Path, found: Mapping[Path, _Elements]) -> bool:
    """Whether the elements at a path are the variants of products that stand further up."""
    for depth, name in enumerate(path):
        if name not in (_VARIANTS, _VARIANT):
            continue
        outer = found.get(path[:depth])
        if outer is not None and outer.words >= _FEWEST_WORDS * outer.count:
            return True
    return False


def _too_deep(source: Source) -> CatalogueError:
    return CatalogueError(
        f"{source.place}: expected at most {_MOST_DEPTH} elements in each other, got more"
    )


def _rows(source: Source, report: ImportReport, read: FileRead, wanted: Path) -> Iterator[Row]:
    row_depth = len(wanted)
    path: list[str] = []
    parents: list[Element] = []
    depth = number = 0
    within = False
    with source.open() as stream:
        file = _Bounded(stream, source.place)
        for event, element in _events(source, read.encoding or None, file):
            if event == "start":
                depth += 1
                if not within:
                    path.append(_local(element.tag))
                    parents.append(element)
                    within = depth == row_depth and tuple(path) == wanted
                if depth > _MOST_DEPTH:
                    raise _too_deep(source)
                continue
            depth -= 1
            if within and depth >= row_depth:
                continue
            if within:
                number += 1
                report.count_row(read)
                yield Row(read.file, number, _cells(element))
                within = False
            path.pop()
            parents.pop()
            if parents:
                parents[-1].remove(element)
            file.since_row = 0


@lru_cache(maxsize=1 << 14)
def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _cells(element: Element) -> dict[str, Any]:
    """An element's attributes and children by their names without namespaces; of equal names in
    one namespace all, of equal names in several Google's."""
    cells: dict[str, Any] = _attributes(element)
    tags: dict[str, str] = {}
    languages: dict[str, str] = {}
    variants = [child for child in element if _local(child.tag) == _VARIANT and len(child)]
    if variants:  # Repeated, without an element around them.
        cells[_VARIANTS] = [_value(child) for child in variants]
    for child in element:
        if child in variants:
            continue
        name, value = _local(child.tag), _value(child)
        if value in (None, "", {}) and name in cells:
            continue
        if name not in tags or cells.get(name) in (None, "", {}):
            cells[name], tags[name] = value, child.tag
            languages[name] = _language(child)
        elif _language(child) != languages[name] and tags[name] == child.tag:
            # One text in several languages: the English one, or else the first.
            if _language(child).startswith("en"):
                cells[name], languages[name] = value, _language(child)
        elif tags[name] == child.tag:
            known = cells[name]
            cells[name] = [*known, value] if isinstance(known, list) else [known, value]
        elif child.tag.startswith(_GOOGLE):
            cells[name], tags[name] = value, child.tag
    text = (element.text or "").strip()
    if text:
        cells.setdefault("value" if "value" not in cells else "text", text)
    return cells


def _language(element: Element) -> str:
    return next((element.attrib[name] for name in _LANGUAGE_NAMES if name in element.attrib), "")


def _attributes(element: Element) -> dict[str, Any]:
    """Those that are of the element's own vocabulary, such as ``id``, not ``xml:lang``."""
    is_atom = element.tag.startswith(_ATOM)
    return {
        name: value
        for name, value in element.attrib.items()
        if not name.startswith("{") and not (is_atom and name == "type")
    }


def _value(element: Element) -> Any:
    """What an element says: its text, or an object where it has attributes or children."""
    text = element.text or ""
    if not len(element) and not element.attrib:
        return text.strip()
    if len(element) and (text.strip() or any((child.tail or "").strip() for child in element)):
        return _markup(element)
    if element.tag.startswith(_ATOM) and element.get("type") == "xhtml":
        return _markup(element)
    if _local(element.tag) == _VARIANTS and len({child.tag for child in element}) == 1:
        return [_value(child) for child in element]
    cells = _attributes(element) if not len(element) else _cells(element)
    if not len(element):
        for name in ("href", "term"):
            if not text.strip() and name in cells:
                return cells[name]
        if not cells:
            return text.strip()
        if text.strip():
            cells["value" if "value" not in cells else "text"] = text.strip()
    return cells


def _markup(element: Element) -> str:
    """The text of an element that has markup within, as HTML."""
    for each in element.iter():
        each.tag = _local(each.tag)
    inner = "".join(ElementTree.tostring(child, encoding="unicode") for child in element)
    return ((element.text or "") + inner).strip()
