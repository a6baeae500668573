"""The log of a shop folder: what was changed after it was built, when, and by whom.

``changes.jsonl`` has a line that says after which transaction it begins, then, for each
transaction, a line per change and a line that closes it:

    {"log": "shopwright changes", "after": 0}
    {"at": "2026-03-01T09:30:00.125Z", "by": "ann", "put": {"asin": "A1", "title": "Mug", ...}}
    {"at": "2026-03-01T09:30:00.125Z", "by": "ann", "delete": "A2"}
    {"commit": 1, "changes": 2, "sha256": "..."}

``put`` has every field of a product. The checksum is that of the transaction's lines before it.
Transactions are numbered from 1 on, through all compactions. One is on the disk before
:meth:`Log.append` returns, as a whole or, after a kill or a power cut, not at all: a tail without a
valid closing line counts as nothing, and the next writer cuts it off.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from shopwright.catalogue.parts import encoded
from shopwright.catalogue.product import Product
from shopwright.errors import CatalogueError, InputError, ShopError, WriteError
from shopwright.files import changing, replacing

LOG_NAME = "changes.jsonl"
BY_CHARACTERS = 100
_FORMAT = "shopwright changes"
_CLOSING = b'{"commit":'


Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """A product that is new or other than before, or one that is gone.

    Attributes:
        asin: the product's.
        product: what it is now; None if it is gone.
    """

    asin: str
    product: Product | None = None

    @classmethod
    def put(cls, product: Product) -> Change:
        """Return the change to a product, new or not."""
        return cls(product.asin, product)


@dataclass(frozen=True, slots=True)
class Transaction:
    """Changes that take effect together.

    Attributes:
        number: counts the transactions of a shop, from 1.
        changes: in order.
    """

    number: int
    changes: tuple[Change, ...]


class Log:
    """The log of a shop folder, read to some point. Only who holds the writers' lock may append.

    Args:
        folder: the shop's; the log appears with the first transaction.

    Attributes:
        path: the file.
        after: the number of the transaction after which the log begins.
        number: of the last transaction that was read or written.
        size: the bytes up to its end.
        stamp: of the file as it was read last: another one says that something was written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOG_NAME
        self.number = self.after = self.size = 0
        self.stamp: Stamp | None = None
        self._identity: tuple[int, int] | None = None

    def read(self) -> list[Transaction]:
        """Return the transactions that were added since the last call.

        Raises:
            ShopError: the log is damaged before its end, or no longer what it was.
        """
        try:
            with self.path.open("rb") as file:
                status = os.fstat(file.fileno())
                self._check_identity(status)
                file.seek(self.size)
                content = file.read()
        except FileNotFoundError:
            return []
        if not self.size:
            content = content[self._read_beginning(content) :]
        return list(self._transactions(content))

    def _check_identity(self, status: os.stat_result) -> None:
        identity = (status.st_dev, status.st_ino)
        if self._identity not in (None, identity) or status.st_size < self.size:
            raise ShopError(f"{self.path}: expected the log as it was, only longer, got another")
        self._identity = identity
        self.stamp = _stamp(status)

    def _read_beginning(self, content: bytes) -> int:
        """Read the first line, and return where the next one begins."""
        end = content.find(b"\n") + 1
        first = _parsed(content[:end])
        if not end:
            raise ShopError(f"{self.path}, line 1: expected the log of a shop, got {first!r:.60}")
        after = first.get("after") if first and first.get("log") == _FORMAT else None
        if not isinstance(after, int):
            raise ShopError(f"{self.path}, line 1: expected the log of a shop, got {first!r:.60}")
        self.number = self.after = after
        self.size = end
        return end

    def _transactions(self, content: bytes) -> Iterator[Transaction]:
        """The transactions of the rest of the log, up to a torn one."""
        start = 0
        while start < len(content):
            end = _end_of_transaction(content, start)
            if end is None:
                if _has_whole_transaction(content, start):
                    raise ShopError(
                        f"{self.path}, byte {self.size}: expected transaction "
                        f"{self.number + 1}, got damaged lines with others behind them"
                    )
                return
            lines = content[start:end].splitlines()
            closing = _parsed(lines[-1]) or {}
            if closing.get("commit") != self.number + 1:
                raise ShopError(
                    f"{self.path}, byte {self.size}: expected transaction {self.number + 1}, "
                    f"got {closing.get('commit')!r}"
                )
            self.number += 1
            self.size += end - start
            start = end
            try:
                changes = tuple(map(_change, lines[:-1]))
            except (TypeError, KeyError, ValueError, CatalogueError) as error:
                raise ShopError(
                    f"{self.path}, transaction {self.number}: expected products as this version "
                    f"writes them, got: {error}; build the shop anew, or use the version that "
                    "wrote it"
                ) from None
            yield Transaction(self.number, changes)

    def append(self, changes: Sequence[Change], *, by: str) -> Transaction:
        """Write a transaction; it is on the disk when this returns.

        Everything before it must have been read. What a killed writer left half is cut off.

        Args:
            changes: at least one.
            by: who made them.

        Raises:
            CatalogueError: a text is not valid Unicode.
        """
        by = checked_name(by)
        if not self.path.exists():
            write_beginning(self.path, after=self.number)
            self.size, self._identity = self.path.stat().st_size, None
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = b"".join(_line(change, at, by) for change in changes)
        closing = {
            "commit": self.number + 1,
            "changes": len(changes),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        body += orjson.dumps(closing, option=orjson.OPT_APPEND_NEWLINE)
        try:
            with changing(self.path, mode="r+") as file:
                self._check_identity(os.fstat(file.fileno()))
                file.truncate(self.size)
                file.seek(self.size)
                file.write(body)
        except WriteError:
            # It may be there all the same, and nobody should take in what was not acknowledged.
            with suppress(OSError):
                os.truncate(self.path, self.size)
            raise
        self.stamp = stamp_of(self.path)
        self.size += len(body)
        self.number += 1
        return Transaction(self.number, tuple(changes))

    def copy(self, target: Path, *, after: int | None = None, up_to: int | None = None) -> None:
        """Write a log of some of the transactions that were read.

        Args:
            target: the file to write.
            after: the number of the last one that is left out; None to begin with the first.
            up_to: the number of the last one that is copied; None for all.
        """
        content = self.path.read_bytes()[: self.size]
        ends = {self.after: content.find(b"\n") + 1}
        while (start := ends[max(ends)]) < len(content):
            end = _end_of_transaction(content, start)
            assert end is not None
            ends[max(ends) + 1] = end
        after = self.after if after is None else after
        up_to = self.number if up_to is None else up_to
        write_beginning(target, after=after, body=content[ends[after] : ends[up_to]])


def stamp_of(path: Path) -> Stamp | None:
    """Return what tells whether a log was written since; None if there is none."""
    try:
        return _stamp(os.stat(path))
    except FileNotFoundError:
        return None


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns


def write_beginning(path: Path, *, after: int, body: bytes = b"") -> None:
    """Write a log of which the first transaction is that after ``after``."""
    with replacing(path) as file:
        first = {"log": _FORMAT, "after": after}
        file.write(orjson.dumps(first, option=orjson.OPT_APPEND_NEWLINE) + body)


def checked_name(by: str) -> str:
    """Return who changes something, if it can stand in the log.

    Raises:
        InputError: it cannot.
    """
    if not by.strip() or len(by) > BY_CHARACTERS or not by.isprintable():
        raise InputError(
            f"by: expected a name of 1 to {BY_CHARACTERS} printable characters, got {by!r:.60}"
        )
    return by


def _line(change: Change, at: str, by: str) -> bytes:
    what: Mapping[str, Any] = (
        {"delete": change.asin} if change.product is None else {"put": change.product}
    )
    record = {"at": at, "by": by, **what}
    if change.product is not None:
        return encoded(change.product, record)
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _change(line: bytes) -> Change:
    record = orjson.loads(line)
    if "delete" in record:
        return Change(record["delete"])
    return Change.put(Product.from_record(record["put"]))


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None


def _end_of_transaction(content: bytes, start: int) -> int | None:
    """Where the transaction that begins at ``start`` ends; None if it is torn or damaged."""
    closing = content.find(b"\n" + _CLOSING, start) + 1
    if not closing:
        return None
    end = content.find(b"\n", closing) + 1
    record = _parsed(content[closing:end]) if end else None
    if record is None or record.get("sha256") != _sha256(content[start:closing]):
        return None
    return end


def _has_whole_transaction(content: bytes, start: int) -> bool:
    """Whether a whole transaction comes after the damaged one at ``start``: then it was no torn
    tail."""
    end = content.find(b"\n" + _CLOSING, start)
    while end >= 0:
        begin = content.find(b"\n", end + 1) + 1
        if not begin or begin >= len(content):
            return False
        if _end_of_transaction(content, begin) is not None:
            return True
        end = content.find(b"\n" + _CLOSING, begin)
    return False


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
