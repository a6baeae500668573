"""What cells hold."""

from __future__ import annotations

from threading import Thread

from shopwright.catalogue.cells import literal_of
from shopwright.files import parsing_python


def test_literals_of_python_are_parsed_by_one_thread_at_a_time() -> None:
    found: list[object] = []
    reader = Thread(target=lambda: found.append(literal_of("['red', None]")))
    with parsing_python:
        reader.start()
        reader.join(0.05)
        assert not found
    reader.join(10)
    assert found == [["red", None]]
