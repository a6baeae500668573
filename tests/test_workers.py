"""Work that is divided among processes."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from shopwright import workers
from shopwright.errors import InputError, UnavailableError
from shopwright.workers import (
    Processes,
    current_pool,
    each,
    mapped,
    meanwhile,
    spread,
    using,
)

forks = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


def children() -> set[str]:
    """The processes that this one started and did not wait for; other tests may have left some."""
    tasks = Path("/proc/self/task").iterdir()
    return {child for task in tasks for child in (task / "children").read_text().split()}


@pytest.mark.parametrize("processes", [1, 2, 3, 20])
def test_results_are_in_the_order_of_the_items(processes: int) -> None:
    offset = 10  # What this process knows, the others do.
    found = each(lambda number: np.full(2, number + offset), range(7), processes=processes)
    assert [result.tolist() for result in found] == [[n + 10, n + 10] for n in range(7)]


@forks
def test_work_is_divided_among_as_many_processes_as_are_asked_for() -> None:
    found = each(lambda number: os.getpid(), range(9), processes=3)
    assert len(set(found)) == 3
    assert os.getpid() not in found
    assert max(found.count(process) for process in found) == 3


@forks
def test_there_is_one_process_for_each_core_and_none_for_a_single_item(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 2)
    assert len(set(each(lambda number: os.getpid(), range(8)))) == 2
    assert each(lambda number: os.getpid(), [1], processes=2) == [os.getpid()]
    monkeypatch.setattr(workers, "cores", lambda: 1)
    assert set(each(lambda number: os.getpid(), range(8))) == {os.getpid()}


def test_this_process_works_alone_where_none_can_be_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert set(each(lambda number: os.getpid(), range(3), processes=2)) == {os.getpid()}
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    assert set(each(lambda number: os.getpid(), range(3), processes=2)) == {os.getpid()}


@forks
def test_each_process_computes_with_one_thread() -> None:
    def threads(number: int) -> tuple[int, set[int]]:
        from threadpoolctl import threadpool_info

        blas = {entry["num_threads"] for entry in threadpool_info() if entry["user_api"] == "blas"}
        return torch.get_num_threads(), blas

    assert each(threads, range(2), processes=2) == [(1, {1}), (1, {1})]


@pytest.mark.parametrize("processes", [1, 2])
def test_progress_counts_what_is_done(processes: int) -> None:
    told: list[tuple[int, int]] = []
    each(str, range(5), processes=processes, progress=lambda *numbers: told.append(numbers))
    assert told == [(done, 5) for done in range(1, 6)]


@pytest.mark.parametrize("processes", [1, 2])
def test_nothing_is_left_to_do_with_no_items(processes: int) -> None:
    assert each(str, [], processes=processes) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_what_goes_wrong_with_an_item_is_raised_here(processes: int) -> None:
    def fails(number: int) -> int:
        if number == 3:
            raise InputError("item 3: expected another")
        return number

    with pytest.raises(InputError, match="item 3: expected another"):
        each(fails, range(6), processes=processes)


@forks
def test_it_says_where_it_went_wrong() -> None:
    def divides(number: int) -> float:
        return 1 / number

    with pytest.raises(ZeroDivisionError) as raised:
        each(divides, range(2), processes=2)
    assert "in divides" in "".join(raised.value.__notes__)


@forks
def test_a_process_that_is_ended_from_outside_is_told_of_and_no_other_remains() -> None:
    started: list[int] = []

    def ends(number: int) -> int:
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if number > 1:
            time.sleep(60.0)
        return os.getpid()

    before, began = children(), time.monotonic()
    with pytest.raises(UnavailableError, match="expected results, but it was ended"):
        each(ends, range(4), processes=2, progress=lambda *numbers: started.append(numbers[0]))
    assert time.monotonic() - began < 30.0
    assert children() <= before


@forks
def test_nobody_goes_on_working_for_a_process_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import os, time\nfrom pathlib import Path\n"
        "from shopwright.workers import each\n"
        "def work(number):\n"
        f"    Path({str(tmp_path)!r}, str(os.getpid())).touch()\n"
        "    time.sleep(0.05)\n"
        "    return number\n"
        "each(work, range(600), processes=2)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + 40.0
    while len(started := list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()
    time.sleep(2.0)
    assert len(started) == 2
    for worker in started:
        status = Path("/proc", worker.name, "stat")  # Z: ended, and not yet asked about.
        assert not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_what_is_spread_comes_in_the_order_of_the_items(processes: int) -> None:
    def works(number: int) -> int:
        time.sleep(0.02 * (number == 0))
        return number * number

    assert [*spread(works, iter(range(7)), processes=processes)] == [n * n for n in range(7)]
    assert [*spread(works, [], processes=processes)] == []


@forks
def test_a_process_looks_for_no_garbage_in_what_it_inherits() -> None:
    assert gc.get_freeze_count() == 0
    assert all(spread(lambda _: gc.get_freeze_count(), range(2), processes=2))


@forks
def test_each_item_that_is_spread_has_a_process_of_its_own() -> None:
    found = [*spread(lambda number: os.getpid(), range(5), processes=2)]
    assert len({*found, os.getpid()}) == 6
    assert [*spread(lambda number: os.getpid(), [1], processes=2)] == [os.getpid()]


@pytest.mark.parametrize("processes", [1, 2])
def test_items_are_drawn_as_they_are_worked_on(processes: int) -> None:
    drawn: list[int] = []
    items = (drawn.append(number) or number for number in range(100))
    assert next(iter(spread(abs, items, processes=processes))) == 0
    assert len(drawn) <= 2 * processes + 1


@forks
def test_what_goes_wrong_with_an_item_that_is_spread_is_raised_here_and_nothing_remains() -> None:
    def fails(number: int) -> int:
        if number == 1:
            raise InputError("item 1: expected another")
        time.sleep(60.0 * number)
        return number

    before = children()
    with pytest.raises(InputError, match="item 1: expected another"):
        list(spread(fails, range(9), processes=3))
    assert children() <= before


class Counting:
    """A pool that counts what it is given."""

    def __init__(self):
        self.items = []

    def map(self, function, items):
        for item in items:
            self.items.append(item)
            yield function(item)


def test_work_goes_to_the_pool_that_is_given_and_no_longer() -> None:
    pool = Counting()
    with using(pool):
        assert current_pool() is pool
        assert each(abs, [-1, -2], processes=2) == [1, 2]
    assert pool.items == [-1, -2]
    assert current_pool() is None
    assert each(abs, [-3]) == [3]
    assert pool.items == [-1, -2]


def test_a_pool_may_be_named_or_this_process() -> None:
    pool = Counting()
    assert [*mapped(abs, [-1], pool)] == [1] == [*mapped(abs, [-1], None)]
    assert pool.items == [-1]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_processes_draw_no_more_for_a_caller_that_stops(count: int) -> None:
    results = Processes(count).map(abs, iter(range(9)))
    assert [next(results), next(results)] == [0, 1]
    results.close()


@pytest.mark.parametrize("processes", [1, 2])
def test_who_works_divides_no_further(processes: int) -> None:
    def nested(number: int) -> set[int]:
        return {os.getpid(), *each(lambda _: os.getpid(), range(3), processes=3)}

    with using(Processes(processes)):
        assert all(len(found) == 1 for found in each(nested, range(2)))


@forks
def test_something_is_worked_out_while_this_process_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 2)
    gone_on = tmp_path / "gone on"

    def waits() -> int:
        while not gone_on.exists():
            time.sleep(0.01)
        return os.getpid()

    before = children()
    with meanwhile(waits) as found:
        gone_on.touch()
        assert found() not in (0, os.getpid())
    with meanwhile(lambda: time.sleep(60.0)):
        began = time.monotonic()  # What nobody asks for is given up.
    assert time.monotonic() - began < 30.0
    assert children() <= before


@pytest.mark.parametrize("cores", [1, pytest.param(2, marks=forks)])
def test_what_goes_wrong_meanwhile_is_raised_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr(workers, "cores", lambda: cores)

    def fails() -> int:
        raise InputError("expected another")

    with meanwhile(fails) as found, pytest.raises(InputError, match="expected another"):
        found()


def test_with_one_core_nothing_goes_on_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 1)
    with meanwhile(os.getpid) as found:
        assert found() == os.getpid()


@forks
def test_no_process_waits_for_one_that_takes_longer(tmp_path: Path) -> None:
    def works(number: int) -> int:
        (tmp_path / str(number)).touch()
        # The first has its core until the third was begun on the other.
        deadline = time.monotonic() + 60
        while number == 0 and not (tmp_path / "2").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        return number if number or (tmp_path / "2").exists() else -1

    assert [*spread(works, range(4), processes=2)] == [0, 1, 2, 3]


@forks
def test_what_goes_wrong_first_in_the_order_of_the_items_is_raised() -> None:
    def fails(number: int) -> int:
        time.sleep(0.5 * (number == 0))
        raise InputError(f"item {number}")

    for _ in range(3):
        with pytest.raises(InputError, match="item 0"):
            list(spread(fails, range(4), processes=2))
