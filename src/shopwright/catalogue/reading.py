"""What each row says of its product; the rows of a table are read side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shopwright.catalogue.articles import Article, ProductGroup, add_nested, article_of, fill
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
        problems: (column, reason) of options that are left out.
    """

    row: Row
    role: str
    said: ProductGroup
    article: Article
    problems: list[tuple[str | None, str]]


def read_rows(
    rows: Iterable[tuple[Row, str]], columns: Columns, *, one_by_one: bool = False
) -> Iterator[RowRead]:
    """Yield what rows say.

    Args:
        rows: each with its role. They are drawn ahead.
        columns: what the columns of the table are.
        one_by_one: whether none is drawn before the one before it was dealt with.
    """
    waiting: deque[list[tuple[Row, str]]] = deque()

    def batches() -> Iterator[list[tuple[Row, str]]]:
        for batch in _batches(rows, 1 if one_by_one else PART):
            waiting.append(batch)
            yield batch

    def read(batch: list[tuple[Row, str]]) -> bytes:
        return packed_groups(_said(row, columns, is_product=role == PRODUCT) for row, role in batch)

    for part in map(read, batches()) if one_by_one else spread(read, batches()):
        batch = waiting.popleft()
        for (row, role), (said, problems) in zip(batch, unpacked_groups(part), strict=True):
            article = said.product
            assert article is not None
            yield RowRead(row, role, said, article, problems)


def _batches(rows: Iterable[tuple[Row, str]], most: int) -> Iterator[list[tuple[Row, str]]]:
    """Yield so many rows at a time, fewer of long ones."""
    batch: list[tuple[Row, str]] = []
    characters = 0
    for each in rows:
        batch.append(each)
        cells = each[0].cells.values()
        characters += sum(len(cell if isinstance(cell, str) else str(cell)) for cell in cells)
        if len(batch) == most or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _said(
    row: Row, columns: Columns, *, is_product: bool
) -> tuple[ProductGroup, list[tuple[str | None, str]]]:
    """What a row says of its product, its own article as ``product``, and the problems."""
    said = ProductGroup("", "")
    problems: list[tuple[str | None, str]] = []
    pairs = options_in(columns.options, row.cells)
    said.product = article_of(said, columns, row, pairs, problems, is_product=is_product)
    fill(said, columns, row.cells)
    if columns.variants:
        add_nested(said, columns, row, problems)
    return said, problems
