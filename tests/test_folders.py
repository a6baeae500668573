"""Folders that appear whole: whoever looks, whatever is killed, when the power goes."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from power_cuts import Disk, put
from shopwright import folders
from shopwright.folders import kept, put_folder, replacing_folder, restored
from shopwright.locks import beside, locked


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=[True, False], ids=["exchanged", "renamed twice"])
def exchanges(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the system can let two folders change places."""
    if not request.param:
        monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
    elif sys.platform != "linux":
        pytest.skip("renameat2 is Linux's")
    return bool(request.param)


def write(folder: Path, version: str) -> None:
    with locked(folder), replacing_folder(folder) as new:
        (new / "within").mkdir()
        (new / "within" / "one").write_text(version)
        (new / "two").write_text(version)


def read(folder: Path) -> set[str]:
    return {path.read_text() for path in (folder / "within" / "one", folder / "two")}


@pytest.mark.usefixtures("exchanges")
def test_one_of_two_versions_is_found_after_a_kill_or_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk_root = tmp_path / "disk"
    disk_root.mkdir()
    write(disk_root / "thing", "old")
    disk = Disk(disk_root, monkeypatch)
    write(disk_root / "thing", "new")
    write(disk_root / "another", "new")
    monkeypatch.undo()
    disk.close()
    assert len(disk.states) > 20
    found: list[set[str]] = []
    for number, (_, tree) in enumerate(disk.states):
        root = put(tree, tmp_path / str(number))
        found.append(read(restored(root / "thing")))
        if (root / "another").exists():
            assert read(root / "another") == {"new"}
        write(root / "thing", "newer")
        write(root / "another", "newer")
        assert names(root) == ["another", "thing"]
        assert read(root / "thing") == {"newer"}
    assert all(versions in ({"old"}, {"new"}) for versions in found)
    assert found[0] == {"old"}
    assert found[-1] == {"new"}


def test_who_looks_between_two_renamings_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
    write(tmp_path / "thing", "old")
    rename = os.rename
    seen: list[set[str]] = []
    looking: list[threading.Thread] = []

    def renamed(one: Path, other: Path) -> None:
        rename(one, other)
        if Path(other) == beside(tmp_path / "thing", "old"):
            looking.append(
                threading.Thread(target=lambda: seen.append(read(restored(tmp_path / "thing"))))
            )
            looking[0].start()

    monkeypatch.setattr(os, "rename", renamed)
    write(tmp_path / "thing", "new")
    looking[0].join()
    assert seen == [{"new"}]


def test_what_is_kept_is_computed_once_and_others_wait(tmp_path: Path) -> None:
    times: list[Path] = []
    begun = threading.Event()
    left = beside(tmp_path / "kept" / "of another", "new")
    left.mkdir(parents=True)
    being_written = beside(tmp_path / "kept" / "somebody's", "new")
    being_written.mkdir()

    def compute(new: Path) -> None:
        times.append(new)
        begun.set()
        (new / "file").write_text("1")

    def want() -> None:
        assert names(kept(tmp_path / "kept" / "thing", compute)) == ["file"]

    with locked(tmp_path / "kept" / "somebody's"):
        threads = [threading.Thread(target=want) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(times) == 1
    assert names(tmp_path / "kept") == [being_written.name, "thing"]


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder"
    with replacing_folder(path) as partial:
        (partial / "a").write_text("1")
        assert not path.exists()
    assert names(path) == ["a"]
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


@pytest.mark.usefixtures("exchanges")
def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
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
