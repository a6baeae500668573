"""What each row says of its product; the rows of a flat table are read side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from shopwright.catalogue.articles import (
    Article,
    LeftOut,
    ProductGroup,
    add_nested,
    article_of,
    fill,
)
from shopwright.catalogue.columns import Columns
from shopwright.catalogue.forms.table import Row
from shopwright.catalogue.labelled import options_in
from shopwright.catalogue.packed import PART, packed_groups, unpacked_groups
from shopwright.workers import spread

# Rows of more characters are not held at once; several batches are.
BATCH_CHARACTERS = 32_000_000
PRODUCT, VARIANT, PICTURE, RULE = "product", "variant", "picture", "rule"
OTHER = "other"


class RowRead(NamedTuple):
    """A row, and what it says.

    Attributes:
        row: the row.
        role: what it is of its product: PRODUCT, VARIANT, PICTURE, RULE or "", an article.
        said: what it says of its product, with the variants that are nested in it.
        article: what it says of what can be bought.
        problems: (column, reason, what) of what is left out.
    """

    row: Row
    role: str
    said: ProductGroup
    article: Article
    problems: list[LeftOut]


def read_rows(
    rows: Iterable[tuple[Row, str]], columns: Columns, *, one_by_one: bool = False
) -> Iterator[RowRead]:
    """Yield what rows say.

    Args:
        rows: each with its role. They are drawn ahead, unless objects or lists are nested in them:
            to hold many of those costs more than to read them side by side brings.
        columns: what the columns of the table are.
        one_by_one: whether none is drawn before the one before it was dealt with.
    """
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return
    is_nested = any(isinstance(cell, dict | list) for cell in first[0].cells.values())
    rows = chain([first], iterator)
    if one_by_one or is_nested:
        for row, role in rows:
            yield _read(row, role, *_said(row, role, columns))
        return
    waiting: deque[list[tuple[Row, str]]] = deque()

    def batches() -> Iterator[list[tuple[Row, str]]]:
        for batch in _batches(rows):
            waiting.append(batch)
            yield batch

    def said_in(batch: list[tuple[Row, str]]) -> bytes:
        return packed_groups(_said(row, role, columns) for row, role in batch)

    for part in spread(said_in, batches()):
        for (row, role), said in zip(waiting.popleft(), unpacked_groups(part), strict=True):
            yield _read(row, role, *said)


def _read(row: Row, role: str, said: ProductGroup, problems: list[LeftOut]) -> RowRead:
    article = said.product
    assert article is not None
    return RowRead(row, role, said, article, problems)


def _batches(rows: Iterable[tuple[Row, str]]) -> Iterator[list[tuple[Row, str]]]:
    """Yield :data:`PART` rows at a time, fewer of long ones."""
    batch: list[tuple[Row, str]] = []
    characters = 0
    for each in rows:
        batch.append(each)
        cells = each[0].cells.values()
        characters += sum(len(cell if isinstance(cell, str) else str(cell)) for cell in cells)
        if len(batch) == PART or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _said(row: Row, role: str, columns: Columns) -> tuple[ProductGroup, list[LeftOut]]:
    """What a row says of its product, its own article as ``product``, and the problems."""
    said = ProductGroup("", "")
    problems: list[LeftOut] = []
    pairs = options_in(columns.options, row.cells)
    is_product = role == PRODUCT
    said.product = article_of(said, columns, row, pairs, problems, is_product=is_product)
    fill(said, columns, row.cells)
    if columns.variants:
        add_nested(said, columns, row, problems)
    return said, problems
