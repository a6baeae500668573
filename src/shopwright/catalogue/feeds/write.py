"""Writes a catalogue as a feed's file, whole or not at all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

import orjson

from shopwright.catalogue.feeds import commerce_protocols, google, shopify
from shopwright.catalogue.product import Product
from shopwright.errors import InputError
from shopwright.files import replacing

# What XML 1.0 has no way to write.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Writer = Callable[[IO[bytes], Iterable[Product]], None]


def _table(
    columns: Sequence[str],
    rows_of: Callable[[Product], Iterable[Mapping[str, str]]],
    delimiter: str = ",",
) -> Writer:
    def write(file: IO[bytes], products: Iterable[Product]) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.DictWriter(text, columns, delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        for product in products:
            writer.writerows(rows_of(product))
        text.detach()

    return write


def _google_rows(product: Product) -> Iterator[dict[str, str]]:
    for item in google.items(product):
        yield {name: google.cell(value) for name, value in item.items()}


def _google_xml(file: IO[bytes], products: Iterable[Product]) -> None:
    file.write(
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
        b"<title>Products</title>\n"
    )
    for product in products:
        for item in google.items(product):
            file.write(b"<item>\n")
            for name, value in item.items():
                for entry in value if isinstance(value, list) else [value]:
                    file.write(f"<g:{name}>{_xml(entry)}</g:{name}>\n".encode())
            file.write(b"</item>\n")
    file.write(b"</channel>\n</rss>\n")


def _xml(value: str | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return escape(_NOT_IN_XML.sub(" ", value))
    return "".join(f"<g:{name}>{_xml(text)}</g:{name}>" for name, text in value.items() if text)


def _json(record_of: Callable[[Product], Mapping[str, Any]], *, lines: bool) -> Writer:
    """Objects a line, or one document with a list of them under "products"."""
    start, between, end = (b"", b"\n", b"\n") if lines else (b'{"products": [\n', b",\n", b"\n]}\n")

    def write(file: IO[bytes], products: Iterable[Product]) -> None:
        file.write(start)
        for number, product in enumerate(products):
            file.write(between if number else b"")
            file.write(orjson.dumps(record_of(product)))
        file.write(end)

    return write


# Layout → ending of the file's name → what writes it.
WRITERS: dict[str, dict[str, Writer]] = {
    "google": {
        ".xml": _google_xml,
        ".tsv": _table(google.COLUMNS, _google_rows, "\t"),
        ".csv": _table(google.COLUMNS, _google_rows),
    },
    "shopify": {".csv": _table(shopify.COLUMNS, shopify.rows)},
    "acp": {".jsonl": _json(commerce_protocols.acp_product, lines=True)},
    "ucp": {
        ".json": _json(commerce_protocols.ucp_product, lines=False),
        ".jsonl": _json(commerce_protocols.ucp_product, lines=True),
    },
}


def write_feed(path: Path, products: Iterable[Product], layout: str) -> int:
    """Write products as a feed, whole or not at all, and return how many there are.

    Args:
        path: the file; its ending decides among a layout's forms.
        products: in order.
        layout: one of :data:`WRITERS`.

    Raises:
        InputError: the layout is not written, or not in a file of this ending.
    """
    forms = WRITERS.get(layout)
    if forms is None:
        raise InputError(f"layout: expected one of {', '.join(WRITERS)}, got {layout!r}")
    write = forms.get(path.suffix.lower())
    if write is None:
        raise InputError(
            f"{path}: expected a name that ends in {', '.join(forms)} for layout {layout}"
        )
    written = count()
    with replacing(path) as file:
        write(file, (product for product, _ in zip(products, written, strict=False)))
    return next(written)
