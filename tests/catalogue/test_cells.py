"""What cells hold."""

from __future__ import annotations

from threading import Thread

from shopwright.catalogue.cells import literal_of, text_of
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


def test_an_object_without_content_is_no_text() -> None:
    for value in ({"plain": ""}, {"plain": None, "html": ""}, {"size": {"value": []}}):
        assert text_of(value) == ""
    assert text_of({"plain": "", "html": "Soft."}) == "Soft."
    assert text_of({"width": 3, "height": "", "depth": 0}) == "width: 3, depth: 0"
