"""One writer at a time, whoever it is and however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from shopwright import locks
from shopwright.errors import InputError
from shopwright.locks import locked

HELD = """
import sys, time
from pathlib import Path
from shopwright.locks import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def refused(path: Path, **how: object) -> bool:
    try:
        with locked(path, wait_seconds=0, **how):  # type: ignore[arg-type]
            return False
    except InputError:
        return True


def test_one_at_a_time_for_each_thing_to_do(tmp_path: Path) -> None:
    path = tmp_path / "new" / "thing"
    with locked(path):
        assert refused(path)
        assert not refused(path, to="build")
        assert not refused(tmp_path / "new" / "other")
        (tmp_path / "link").symlink_to(tmp_path / "new")
        assert refused(tmp_path / "link" / "thing")
        with (
            pytest.raises(InputError, match=r"thing: expected that no other process writes it for"),
            locked(path, wait_seconds=0.02),
        ):
            pass
    assert not refused(path)
    assert list(path.parent.iterdir()) == []


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "thing"
    words = [sys.executable, "-c", HELD, str(path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert refused(path)
        process.kill()
    assert not refused(path)
    assert list(tmp_path.iterdir()) == []


def test_a_fork_holds_nothing_and_lets_go_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "thing"
    with locked(path):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)  # Until its parent is done.
            os._exit(0)
        os.close(reading)
        assert refused(path)
    assert not refused(path)
    os.close(writing)
    os.waitpid(child, 0)


def test_a_fork_does_not_hold_what_its_killed_parent_held(tmp_path: Path) -> None:
    path = tmp_path / "thing"
    reading, writing = os.pipe()
    holder = os.fork()
    if holder == 0:
        os.close(writing)
        with locked(path):
            if os.fork() == 0:
                os.read(reading, 1)  # Outlives its parent.
            os._exit(0)  # Lets go of nothing by itself.
    os.close(reading)
    os.waitpid(holder, 0)
    assert not refused(path)
    os.close(writing)


def test_threads_exclude_each_other_and_all_come_to_it(tmp_path: Path) -> None:
    path = tmp_path / "number"
    path.write_text("0")

    def count() -> None:
        for _ in range(20):
            with locked(path):
                path.write_text(str(int(path.read_text()) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() == "80"


def test_where_nothing_can_be_written_nothing_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(lock: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(locks, "_taken", refuse)
    with locked(tmp_path / "thing"):
        pass
