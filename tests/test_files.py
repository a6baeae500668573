"""Files written whole or not at all, and read with errors that name them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shopwright import files
from shopwright.catalogue.storage import read_array, write_array
from shopwright.errors import CatalogueError, InputError, MissingFileError, WriteError
from shopwright.files import (
    PRIVATE,
    add,
    changing,
    link_or_copy,
    read_bytes,
    read_json,
    read_json_lines,
    replacing,
    sha256,
    write_json,
    write_json_lines,
)
from shopwright.folders import replacing_folder
from shopwright.json_fields import take


@pytest.fixture(params=[0o022, 0o027, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """What people take from the permissions of new files."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.bin"
    with replacing(path) as file:
        file.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    with replacing(path) as file:
        file.write(b"two")
        file.flush()
        assert path.read_bytes() == b"one"
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["file.bin"]


def test_the_umask_counts_and_private_files_are_their_owners(tmp_path: Path, umask: int) -> None:
    write_json(tmp_path / "new" / "open", 1)
    write_json_lines(tmp_path / "private", [1], permissions=PRIVATE)
    with changing(tmp_path / "log", permissions=PRIVATE) as file:
        file.write(b"1")
    with replacing_folder(tmp_path / "folder"):
        pass
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {
        "new": 0o777 & ~umask,
        "open": 0o666 & ~umask,
        "private": 0o600,
        "log": 0o600,
        "folder": 0o777 & ~umask,
    }


def test_what_a_killed_writer_left_goes_with_the_next_one(tmp_path: Path) -> None:
    (tmp_path / ".file.new").write_bytes(b"half of something longer")
    (tmp_path / ".file.new").chmod(0o640)
    write_json_lines(tmp_path / "file", [1], permissions=PRIVATE)
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"1\n"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def failing(monkeypatch: pytest.MonkeyPatch, at: int, number: int) -> None:
    """Make every write a short one, of half the bytes, and the disk full from one on."""
    done = 0
    write = io.FileIO.write

    def written(file: io.FileIO, content: bytes) -> int:
        nonlocal done
        done += 1
        if done > at:
            raise OSError(number, os.strerror(number))
        return write(file, memoryview(content)[: max(1, len(content) // 2)])

    monkeypatch.setattr(files, "_write", written)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("at", [0, 1, 5])
def test_a_disk_that_fails_is_one_line_and_changes_nothing(
    at: int, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_array(path, np.arange(3))
    before = path.read_bytes()
    failing(monkeypatch, at, number)
    for write in (
        lambda: write_array(path, np.arange(100_000)),
        lambda: write_json(path, ["x" * 100_000]),
        lambda: write_json_lines(path, range(100_000)),
        lambda: link_or_copy(tmp_path / "elsewhere", path),
    ):
        with pytest.raises((WriteError, MissingFileError)) as caught:
            write()
        if isinstance(caught.value, WriteError):
            assert str(caught.value) == f"{path}: cannot be written: {os.strerror(number)}"
            assert caught.value.errno == number
        assert path.read_bytes() == before
        assert names(tmp_path) == ["file"]


def test_short_writes_are_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 1_000, errno.ENOSPC)
    write_array(tmp_path / "array", np.arange(50_000))
    write_json(tmp_path / "value", ["x" * 100_000])
    for _ in range(2):
        add(tmp_path / "log", b"line " * 20_000)
    monkeypatch.undo()
    assert (read_array(tmp_path / "array") == np.arange(50_000)).all()
    assert read_json(tmp_path / "value") == ["x" * 100_000]
    assert (tmp_path / "log").read_bytes() == b"line " * 40_000


def test_room_for_mapped_files_is_taken_first(tmp_path: Path) -> None:
    """On a disk that is full, as a limit of the size of files makes it; mapped memory that has no
    room would end the process by a signal."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from shopwright.catalogue.storage import writable_array\n"
        "from shopwright.errors import WriteError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    writable_array(Path(sys.argv[1]), 1_000_000, np.int64)[:] = 1\n"
        "except OSError as error:\n"
        "    print('full')\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path / "array")]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "full\n"


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
