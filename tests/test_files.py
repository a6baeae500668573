"""Files written whole or not at all, and read with errors that name them."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from shopwright.errors import CatalogueError, InputError, MissingFileError
from shopwright.files import (
    link_or_copy,
    put_folder,
    read_bytes,
    read_json,
    read_json_lines,
    replacing,
    replacing_folder,
    sha256,
    write_json,
)
from shopwright.json_fields import take


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.bin"
    with replacing(path) as file:
        file.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    with replacing(path) as file:
        file.write(b"two")
        file.flush()
        assert path.read_bytes() == b"one"
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["file.bin"]


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_failed_write_leaves_no_file(tmp_path: Path, kind: type[BaseException]) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def write_partly() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise kind

    with pytest.raises(kind):
        write_partly()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder"
    with replacing_folder(path) as partial:
        (partial / "a").write_text("1")
        assert not path.exists()
    assert names(path) == ["a"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    with replacing_folder(path) as partial:
        (partial / "b").write_text("2")
        assert names(path) == ["a"]
    assert names(path) == ["b"]
    assert names(path.parent) == ["folder"]


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_a_failed_write_leaves_no_folder(tmp_path: Path, kind: type[BaseException]) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").write_text("1")

    def write_partly(out: Path) -> None:
        with replacing_folder(out) as partial:
            (partial / "new").write_text("2")
            raise kind

    for out in (path, tmp_path / "another"):
        with pytest.raises(kind):
            write_partly(out)
    assert names(path) == ["old"]
    assert names(tmp_path) == ["folder"]


def lines(path: Path) -> list[Any]:
    return list(read_json_lines(path, list, CatalogueError))


def test_json_survives_a_file(tmp_path: Path) -> None:
    value = {"b": [1, 2.5, None, True], "a": {"ü": "石"}}
    write_json(tmp_path / "v.json", value)
    assert read_json(tmp_path / "v.json") == value
    assert list(read_json(tmp_path / "v.json")) == ["b", "a"]
    assert (tmp_path / "v.json").read_bytes().endswith(b"}\n")


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    for read in (read_bytes, read_json, lines):
        with pytest.raises(MissingFileError, match=r"none\.json: expected a file, found none"):
            read(tmp_path / "none.json")
        with pytest.raises(InputError, match="cannot be read") as caught:
            read(tmp_path)
        assert str(tmp_path) in str(caught.value)


def test_wrong_json_is_named_by_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "v.json"
    path.write_bytes(b'{"a": 1,\n "b": ?}')
    with pytest.raises(InputError, match=r"v\.json, line 2, column 7: expected JSON"):
        read_json(path)
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"v\.json, line 1"):
        read_json(path)


def test_json_lines_are_parsed_one_by_one_and_blank_ones_skipped(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    path.write_bytes('[1]\n\n  \n{"line\u2028separator": 1}\r\n[2]'.encode())
    assert lines(path) == [[1], ["line\u2028separator"], [2]]
    path.write_bytes(b"[1]\n\n2 3\n")
    read = read_json_lines(path, list, CatalogueError)
    assert next(read) == [1]
    with pytest.raises(CatalogueError, match=r"v\.jsonl, line 3, column 3: expected JSON"):
        next(read)


def test_a_line_that_cannot_be_parsed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    path.write_bytes(b'\n{"a": "x"}\n{"a": 3}\n')
    read = read_json_lines(path, lambda record: take(record, "a", str), CatalogueError)
    assert next(read) == "x"
    with pytest.raises(CatalogueError, match=r"v\.jsonl, line 3, field a: expected a text, got 3"):
        next(read)


def test_the_checksum_is_that_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"x" * 1_000_003)
    assert sha256(path) == hashlib.sha256(b"x" * 1_000_003).hexdigest()


def test_a_link_replaces_its_target_and_leaves_the_source(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"one")
    target.write_bytes(b"old")
    link_or_copy(source, target)
    assert target.samefile(source)
    with replacing(target) as file:
        file.write(b"two")
    assert source.read_bytes() == b"one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]
    with pytest.raises(MissingFileError):
        link_or_copy(tmp_path / "nowhere", target)
    assert target.read_bytes() == b"two"


def test_without_hard_links_a_copy_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    (tmp_path / "source").write_bytes(b"one")
    link_or_copy(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"one"
    assert not (tmp_path / "target").samefile(tmp_path / "source")


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_folder_takes_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchanges: bool
) -> None:
    if not exchanges:
        monkeypatch.setattr("shopwright.files._exchange", lambda one, other: False)
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "content").write_text(name)
    with (tmp_path / "old" / "content").open() as reader:
        put_folder(tmp_path / "new", tmp_path / "old")
        assert (tmp_path / "old" / "content").read_text() == "new"
        assert reader.read() == "old"
    assert names(tmp_path) == ["old"]


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is Linux's")
def test_there_is_no_moment_without_a_folder(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "number").write_text("0")
    missing: list[OSError] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            try:
                os.stat(place)
            except OSError as error:
                missing.append(error)

    watcher = threading.Thread(target=look)
    watcher.start()
    for number in range(50):
        new = tmp_path / "new"
        new.mkdir()
        (new / "number").write_text(str(number))
        put_folder(new, place)
    done.set()
    watcher.join()
    assert not missing
    assert (place / "number").read_text() == "49"
