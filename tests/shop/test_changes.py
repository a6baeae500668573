"""The log of changes: whole transactions or none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest

from shopwright.catalogue.product import Product, Variant
from shopwright.errors import CatalogueError, InputError, ShopError
from shopwright.shop.changes import LOG_NAME, Change, Log

MUG = Product(
    asin="A",
    title="Mug",
    options={"size": ("small", "large")},
    variants=(Variant(options={"size": "small"}, price_dollars=3.0),),
    details={"material": "clay"},
)
STEPS = [
    [Change.put(MUG), Change("B")],
    [Change("A")],
    [Change.put(Product(asin="ü", title='{"commit": 1}\n石鹸'))],
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    log = Log(tmp_path)
    for step in STEPS:
        log.append(step, by="ann")
    return tmp_path / LOG_NAME


def read(folder: Path) -> list[list[Change]]:
    return [list(transaction.changes) for transaction in Log(folder).read()]


def test_a_log_reads_back(written: Path) -> None:
    assert read(written.parent) == STEPS
    log = Log(written.parent)
    assert [transaction.number for transaction in log.read()] == [1, 2, 3]
    assert (log.number, log.size) == (3, written.stat().st_size)


def test_it_says_who_changed_what_and_when(written: Path) -> None:
    lines = [orjson.loads(line) for line in written.read_bytes().splitlines()]
    assert lines[0] == {"log": "shopwright changes", "after": 0}
    assert lines[2].keys() == {"at", "by", "delete"}
    assert (lines[2]["by"], lines[2]["delete"]) == ("ann", "B")
    assert lines[1]["at"].endswith("Z")
    assert lines[3]["commit"] == 1
    assert lines[3]["changes"] == 2


def test_a_reader_gets_what_was_added(tmp_path: Path) -> None:
    reader, writer = Log(tmp_path), Log(tmp_path)
    assert reader.read() == []
    for step in STEPS:
        writer.append(step, by="ann")
        assert [list(each.changes) for each in reader.read()] == [step]
        assert reader.read() == []


def test_a_torn_tail_counts_as_nothing_and_is_cut_off(written: Path) -> None:
    whole = written.read_bytes()
    first = whole.index(b"\n", whole.index(b'{"commit":2')) + 1
    for end in (*range(first, len(whole), 97), len(whole) - 1):
        written.write_bytes(whole[:end])
        assert read(written.parent) == STEPS[:2]
    log = Log(written.parent)
    log.read()
    log.append(STEPS[2], by="bob")
    assert read(written.parent) == STEPS
    assert b"ann" not in written.read_bytes()[first:]


def test_zeros_in_place_of_the_last_transaction_are_a_torn_tail(written: Path) -> None:
    content = bytearray(written.read_bytes())
    last = content.index(b"\n", content.index(b'{"commit":2')) + 1
    content[last : last + 20] = bytes(20)
    written.write_bytes(content)
    assert read(written.parent) == STEPS[:2]


@pytest.mark.parametrize("what", [b"Mug", b'"B"', b'{"commit":1', b"sha256"])
def test_damage_before_the_end_is_no_torn_tail(written: Path, what: bytes) -> None:
    content = written.read_bytes()
    written.write_bytes(content.replace(what, b"x" * len(what), 1))
    with pytest.raises(ShopError, match=r"changes.jsonl, byte \d+: expected transaction 1"):
        read(written.parent)


def test_a_transaction_that_is_missing(written: Path) -> None:
    content = written.read_bytes()
    start = content.index(b"\n", content.index(b'{"commit":1')) + 1
    end = content.index(b"\n", content.index(b'{"commit":2')) + 1
    written.write_bytes(content[:start] + content[end:])
    with pytest.raises(ShopError, match="expected transaction 2, got 3"):
        read(written.parent)


@pytest.mark.parametrize("content", [b"{}\n", b"x", b"x\n", b'{"log": "other", "after": 0}\n'])
def test_what_is_no_log(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOG_NAME).write_bytes(content)
    with pytest.raises(ShopError, match="line 1: expected the log of a shop"):
        read(tmp_path)


def test_a_log_that_became_shorter_is_refused(written: Path) -> None:
    log = Log(written.parent)
    log.read()
    written.write_bytes(written.read_bytes()[:-10])
    with pytest.raises(ShopError, match="only longer"):
        log.read()


@pytest.mark.parametrize("by", ["", " ", "a\nb", "x" * 101])
def test_a_name_that_cannot_stand_in_a_log(tmp_path: Path, by: str) -> None:
    with pytest.raises(InputError, match="by: expected a name"):
        Log(tmp_path).append(STEPS[0], by=by)
    assert not (tmp_path / LOG_NAME).exists()


def test_a_text_that_is_no_unicode_is_not_written(written: Path) -> None:
    log = Log(written.parent)
    log.read()
    with pytest.raises(CatalogueError, match="valid Unicode"):
        log.append([Change.put(Product(asin="S", title="\ud800"))], by="ann")
    assert read(written.parent) == STEPS


@pytest.mark.parametrize(("after", "up_to"), [(0, 3), (1, 3), (1, 2), (3, 3), (None, 1)])
def test_a_part_of_a_log(written: Path, after: int | None, up_to: int) -> None:
    log = Log(written.parent)
    log.read()
    target = written.parent / "part" / LOG_NAME
    log.copy(target, after=after, up_to=up_to)
    part = Log(target.parent)
    numbers = [transaction.number for transaction in part.read()]
    assert numbers == list(range((after or 0) + 1, up_to + 1))
    assert part.number == up_to
    part.append(STEPS[1], by="bob")
    assert part.number == up_to + 1


def test_a_product_with_fields_of_another_version(written: Path) -> None:
    first, *_ = written.read_bytes().splitlines(keepends=True)
    put = b'{"at": "x", "by": "ann", "put": {"asin": "A1", "title": "Mug", "colour": "red"}}\n'
    closing = {"commit": 1, "changes": 1, "sha256": hashlib.sha256(put).hexdigest()}
    written.write_bytes(first + put + orjson.dumps(closing) + b"\n")
    with pytest.raises(ShopError, match="transaction 1: expected products as this version writes"):
        read(written.parent)
