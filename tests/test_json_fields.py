"""Fields of JSON objects are checked as they are taken."""

from __future__ import annotations

from typing import Any

import pytest

from shopwright.errors import InputError
from shopwright.json_fields import Number, take, take_filled, take_options, take_texts


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (3, str, "a text"),
        (1.5, int, "a whole number"),
        (True, int, "a whole number"),
        (True, Number, "a number"),
        (1, bool, "true or false"),
        ({}, list, "a list"),
        ([], dict, "an object"),
    ],
)
def test_a_field_of_another_type_is_refused(value: Any, kind: Any, expected: str) -> None:
    with pytest.raises(InputError, match=f"^field a: expected {expected}, got"):
        take({"a": value}, "a", kind)


def test_a_missing_field_and_what_is_no_object_are_refused() -> None:
    with pytest.raises(InputError, match="^field a: expected a text, got nothing$"):
        take({}, "a", str)
    with pytest.raises(InputError, match="^expected an object with 'a', got 3$"):
        take(3, "a", str)


def test_numbers_may_be_whole() -> None:
    assert take({"a": 3}, "a", Number) == 3
    assert take({"a": 1.5}, "a", Number) == 1.5


@pytest.mark.parametrize("value", ["", " \n"])
def test_a_text_that_must_be_filled(value: str) -> None:
    assert take_filled({"a": "x"}, "a") == "x"
    with pytest.raises(InputError, match="field a: expected a text that is not empty"):
        take_filled({"a": value}, "a")


@pytest.mark.parametrize("value", ["x", [1], None])
def test_a_list_of_texts(value: Any) -> None:
    assert take_texts({"a": ["x", "y"]}, "a") == ("x", "y")
    with pytest.raises(InputError, match="field a: expected a list of texts, got"):
        take_texts({"a": value}, "a")


@pytest.mark.parametrize("value", ["x", [1], {"size": 3}])
def test_options_are_an_object_or_a_list(value: Any) -> None:
    assert take_options({"options": {"size": "s"}}) == {"size": "s"}
    assert take_options({"options": ["s"]}) == ("s",)
    with pytest.raises(InputError, match="field options: expected an object or a list of texts"):
        take_options({"options": value})
