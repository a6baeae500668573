"""What the store must not forget."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from shopwright.errors import InputError, MissingFileError, StoreError
from shopwright.rollouts.records import Step, Trajectory
from shopwright.store.backup import back_up
from shopwright.store.database import place_of
from shopwright.store.migrations import versions
from shopwright.store.schema import SET_VERSION, VERSION
from shopwright.store.sqlite import APPLICATION_ID, new_in_memory
from shopwright.store.store import (
    PATIENCE_SECONDS,
    Feedback,
    Recommendation,
    Store,
)


def recommendation(number: int, agent: str = "a", at: float = 0.0) -> Recommendation:
    return Recommendation(
        id=f"recommendation-{number}",
        at=at,
        agent=agent,
        propensities={"a": 0.25, "b": 0.75},
        request="a mug",
        settings={"count": 2},
        items=("M1", "M2"),
    )


def test_a_recommendation_comes_back_as_it_was_logged(store):
    store.add_recommendation(recommendation(1))
    assert store.recommendation("recommendation-1") == recommendation(1)
    assert store.recommendation("another") is None
    assert store.size() == 1


def test_writes_are_synchronous_and_in_a_write_ahead_log(tmp_path):
    connection = Store(tmp_path / "f.sqlite", "shop").database.connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_outcomes_follow_the_feedback(store):
    for number, agent in enumerate("aab"):
        store.add_recommendation(recommendation(number, agent))
    assert store.counts() == ({}, {})
    assert store.add_feedback(Feedback("recommendation-0", "dismissed", "", 1.0))
    assert not store.add_feedback(Feedback("recommendation-0", "dismissed", "", 2.0))
    store.add_feedback(Feedback("recommendation-2", "bought", "M1", 1.0))
    assert store.counts() == ({"b": 1}, {"a": 1})
    # Bought after all.
    store.add_feedback(Feedback("recommendation-0", "bought", "M2", 3.0))
    assert store.counts() == ({"a": 1, "b": 1}, {})


def test_a_recommendation_fails_when_all_of_it_is_dismissed(store):
    store.add_recommendation(recommendation(0))
    store.add_feedback(Feedback("recommendation-0", "dismissed", "M1", 1.0))
    assert store.counts() == ({}, {})
    store.add_feedback(Feedback("recommendation-0", "dismissed", "M2", 2.0))
    assert store.counts() == ({}, {"a": 1})


def test_what_was_shown_in_vain_fails_after_a_while_and_unseen_ones_do_not(store):
    for number in range(3):
        store.add_recommendation(recommendation(number, at=100.0))
    store.add_feedback(Feedback("recommendation-0", "shown", "", 100.0))
    store.settle(now=100.0 + PATIENCE_SECONDS / 2)
    assert store.counts() == ({}, {})
    store.settle(now=101.0 + PATIENCE_SECONDS)
    assert store.counts() == ({}, {"a": 1})
    # A late purchase counts.
    store.add_feedback(Feedback("recommendation-0", "bought", "M1", 1e6))
    assert store.counts() == ({"a": 1}, {})


def test_outcomes_are_rebuilt_from_the_log_at_start(tmp_path):
    path = tmp_path / "f.sqlite"
    store = Store(path, "shop")
    for number in range(2):
        store.add_recommendation(recommendation(number))
        store.add_feedback(Feedback(f"recommendation-{number}", "bought", "M1", 1.0))
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE recommendations SET outcome = 0")
    again = Store(path, "shop")
    assert again.counts() == ({"a": 2}, {})
    assert [event.kind for event in again.feedback()] == ["bought", "bought"]
    again.close()


def test_feedback_on_nothing_is_refused(store):
    with pytest.raises(InputError, match="expected the id of a recommendation, got 'x'"):
        store.add_feedback(Feedback("x", "shown", "", 0.0))


def test_another_shop_another_file_or_none_are_refused(tmp_path):
    Store(tmp_path / "f.sqlite", "one").close()
    with pytest.raises(InputError, match="expected feedback of shop two, got one"):
        Store(tmp_path / "f.sqlite", "two")
    (tmp_path / "text").write_text("no database, but long enough to be taken for one" * 50)
    with pytest.raises(InputError, match="expected a service's feedback"):
        Store(tmp_path / "text", "one")
    with pytest.raises(MissingFileError):
        Store(tmp_path / "missing.sqlite")
    assert not (tmp_path / "missing.sqlite").exists()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


FOREIGN = [
    "CREATE TABLE notes (text TEXT)",
    "CREATE TABLE notes (text TEXT); PRAGMA journal_mode=WAL",
    "PRAGMA application_id = 7",
    "CREATE VIEW about AS SELECT 'version' AS name, '1' AS value",
    "CREATE TABLE about (name INTEGER PRIMARY KEY, value BLOB)",
]
CHANGED = [
    "ALTER TABLE feedback ADD COLUMN note TEXT",
    "DROP TABLE demonstrations",
    "DROP TABLE about; CREATE VIEW about AS SELECT 'version' AS name, '1' AS value",
]


@pytest.mark.parametrize("script", [*FOREIGN, *CHANGED])
def test_another_database_is_refused_and_left_as_it_is(tmp_path, script):
    path = tmp_path / "notes.sqlite"
    if script in CHANGED:
        Store(path, "shop").close()
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    before, out = contents(tmp_path), tmp_path / "out.sqlite"
    for opened in (lambda: Store(path, "shop"), lambda: Store(path), lambda: back_up(path, out)):
        with pytest.raises(InputError, match=r"notes\.sqlite: expected a service's feedback of"):
            opened()
        assert contents(tmp_path) == before


def test_a_store_of_before_the_mark_is_read_and_marked_when_written(tmp_path):
    path = tmp_path / "f.sqlite"
    Store(path, "shop").close()

    def mark(*value: int) -> int:
        connection = sqlite3.connect(path)
        for each in value:
            connection.execute(f"PRAGMA application_id = {each}")
        (found,) = connection.execute("PRAGMA application_id").fetchone()
        connection.close()
        return found

    assert mark() == APPLICATION_ID
    mark(0)
    Store(path).close()
    assert mark() == 0
    Store(path, "shop").close()
    assert mark() == APPLICATION_ID


def test_older_versions_are_brought_to_the_newest(tmp_path):
    for version in range(1, VERSION):
        path = tmp_path / f"{version}.sqlite"
        with closing(sqlite3.connect(path)) as file, closing(new_in_memory(version)) as older:
            older.execute(SET_VERSION, {"version": str(version)})
            older.execute("INSERT INTO about VALUES ('shop', 'shop')")
            older.backup(file)
        before = path.read_bytes()
        reader = Store(path)
        assert reader.database.read("SELECT COUNT(*) FROM visits") == [(0,)]
        assert path.read_bytes() == before
        Store(path, "shop").close()
        query = "SELECT value FROM about WHERE name = 'version'"
        assert Store(path).database.read(query) == [(str(VERSION),)]


def test_alembic_has_a_module_for_each_version():
    modules = sorted(Path(versions.__file__).parent.glob("version_*.py"))
    assert len(modules) == VERSION
    for number, module in enumerate(modules, start=1):
        before = f'"{number - 1}"' if number > 1 else None
        assert f'revision, down_revision = "{number}", {before}' in module.read_text()
        assert f"upgrade_to({number})" in module.read_text()


def test_who_reads_a_store_never_writes_it(tmp_path):
    path = tmp_path / "f.sqlite"
    store = Store(path, "shop")
    store.add_recommendation(recommendation(0))
    store.add_feedback(Feedback("recommendation-0", "shown", "", 1.0))
    for being_served in (True, False):
        if not being_served:
            store.close()
        before = {
            name: content for name, content in contents(tmp_path).items() if "shm" not in name
        }
        reader = Store(path)
        reader.settle()
        assert reader.counts() == ({}, {"a": 1})
        reader.close()
        assert before.items() <= contents(tmp_path).items()
    assert Store(path, "shop").counts() == ({}, {})


def test_a_store_and_its_backup_are_their_owners_only(tmp_path):
    path, out = tmp_path / "f.sqlite", tmp_path / "new" / "copy.sqlite"
    store = Store(path, "shop")
    store.add_recommendation(recommendation(0))
    assert back_up(path, out) == 1
    for file in (*tmp_path.glob("f.sqlite*"), *out.parent.iterdir()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert [each.name for each in out.parent.iterdir()] == ["copy.sqlite"]
    store.add_recommendation(recommendation(1))
    assert list(Store(out).recommendations()) == [recommendation(0)]
    with pytest.raises(InputError, match="expected a path where nothing is"):
        back_up(path, out)
    with pytest.raises(MissingFileError):
        back_up(tmp_path / "none.sqlite", tmp_path / "another.sqlite")
    assert Store(out, "shop").size() == 1
    store.close()


def test_demonstrations_come_back_and_count_once(store):
    step = Step(observation="p", available_actions=("click[buy now]",), action="click[buy now]")
    trajectory = Trajectory(
        asin="M1", instruction="i", attributes=(), options={}, price_upper=1.0, steps=(step,),
        reward=1.0, purchased=True, provenance="human",
    )  # fmt: skip
    store.add_demonstration("visit", trajectory)
    store.add_demonstration("visit", trajectory)
    assert store.demonstrations() == [trajectory]


def test_threads_write_at_once(store):
    store.add_recommendation(recommendation(0))

    def write(thread: int) -> None:
        for number in range(10):
            store.add_feedback(Feedback("recommendation-0", "clicked", f"{thread}-{number}", 0.0))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.feedback()) == 80


WRITER = """
import sys
from shopwright.store.store import Feedback, Store
store = Store(sys.argv[1], "shop")
for number in range(10**9):
    store.add_feedback(Feedback("recommendation-0", "clicked", f"{sys.argv[2]}-{number}", 0.0))
    print(number, flush=True)
"""


def test_what_was_written_survives_a_kill(tmp_path: Path):
    path = tmp_path / "f.sqlite"
    store = Store(path, "shop")
    store.add_recommendation(recommendation(0))
    store.close()
    chance = random.Random(7)
    acknowledged = set()
    for round_number in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(round_number)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.2))
        writer.send_signal(signal.SIGKILL)
        last = [0, *map(int, writer.stdout.read().split())][-1]
        writer.wait()
        acknowledged |= {f"{round_number}-{number}" for number in range(last + 1)}
    kept = {event.asin for event in Store(path, "shop").feedback()}
    assert acknowledged <= kept
    assert len(acknowledged) > 3


@pytest.mark.parametrize("loss", ["removed", "replaced", "its folder removed"])
def test_nothing_is_written_into_a_file_that_is_no_longer_there(tmp_path, loss):
    path = tmp_path / "folder" / "feedback.sqlite"
    store = Store(path, "shop")
    store.add_recommendation(recommendation(1))
    if loss == "replaced":
        assert back_up(path, tmp_path / "copy.sqlite") == 1
        (tmp_path / "copy.sqlite").replace(path)
    elif loss == "removed":
        path.unlink()
    else:
        shutil.rmtree(path.parent)
    with pytest.raises(StoreError, match="the file was removed or replaced; start the service"):
        store.add_recommendation(recommendation(2))
    assert "removed or replaced" in store.trouble()
    assert store.size() == 1  # Nothing of the second was kept.


def test_a_disk_that_was_full_needs_room_before_it_is_well_again(tmp_path, monkeypatch):
    store = Store(tmp_path / "feedback.sqlite", "shop")
    pages = store.database.connection.execute("PRAGMA page_count").fetchone()[0]
    store.database.connection.execute(f"PRAGMA max_page_count = {pages}")
    large = replace(recommendation(1), request="x" * 100_000)
    with pytest.raises(StoreError) as refused:
        store.add_recommendation(large)
    assert refused.value.is_full

    room = {"blocks": 100}
    monkeypatch.setattr(
        os, "statvfs", lambda _: SimpleNamespace(f_bavail=room["blocks"], f_frsize=4096)
    )
    assert "full" in store.trouble()  # Though the little that this writes would still find room.
    store.settle()  # There is nothing to settle.
    assert "full" in store.trouble()
    room["blocks"] = 1000
    assert store.trouble() == ""
    room["blocks"] = 100
    assert store.trouble() == ""  # A disk that took all that was written is not full.


def test_a_damaged_file_is_the_stores_trouble(tmp_path):
    store = Store(tmp_path / "feedback.sqlite", "shop")
    store.add_recommendation(recommendation(1))
    store.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (tmp_path / "feedback.sqlite").open("r+b") as file:
        file.write(b"nothing like a database " * 5_000)
    reopened = sqlite3.connect(tmp_path / "feedback.sqlite", check_same_thread=False)
    store.database.connection = reopened
    with pytest.raises(StoreError, match="not a database"):
        store.size()
    assert "not a database" in store.trouble()


def test_a_place_that_cannot_be_is_said_in_one_line(tmp_path):
    dangling = tmp_path / "dangling.sqlite"
    dangling.symlink_to(tmp_path / "nowhere" / "file")
    for place in (dangling, tmp_path / "file" / "feedback.sqlite"):
        (tmp_path / "file").touch()
        with pytest.raises(InputError, match="expected a place for a store, got: "):
            Store(place, "shop")


@pytest.mark.parametrize("text", ["mysql://host/name", "sqlite:///x", "file:x.sqlite?mode=ro"])
def test_addresses_of_other_databases_are_no_paths(text):
    with pytest.raises(InputError, match="store: expected a file or postgresql://"):
        place_of(text)


def test_an_address_is_one_however_it_is_written():
    assert place_of("PostgreSQL://host/name") == "postgresql://host/name"
    assert place_of("a:b.sqlite") == Path("a:b.sqlite")


def test_a_full_disk_whose_folder_is_gone_is_the_stores_trouble(tmp_path):
    store = Store(tmp_path / "folder" / "feedback.sqlite", "shop")
    store.database.connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError):
        store.add_recommendation(replace(recommendation(1), request="x" * 100_000))
    shutil.rmtree(tmp_path / "folder")
    assert "removed or replaced" in store.trouble()


def test_a_service_may_change_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Store("feedback.sqlite", "shop")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    store.add_recommendation(recommendation(1))
    assert store.trouble() == ""
