"""What the words of a request are searched for."""

from __future__ import annotations

import pytest

from shopwright.finding.query import clauses_of


def meanings(text: str) -> list[dict[tuple[str, ...], float]]:
    return [dict(clause.alternatives) for clause in clauses_of(text, None)]


@pytest.mark.parametrize("text", ["15lb", "15 pounds", "15 lbs"])
def test_a_quantity_is_found_in_every_writing(text: str) -> None:
    *_, quantity = meanings(text)
    assert quantity.keys() == {("15", "pound"), ("15", "lb"), ("15pound",), ("15lb",)}
    assert {*quantity.values()} == {1.0}


@pytest.mark.parametrize("text", ["27 inch", '27"', "27 \u2033", "27''"])
def test_a_length_may_be_written_with_a_mark(text: str) -> None:
    number, quantity = meanings(text)
    assert number == {("27",): 1.0, ("27inch",): 1.0}
    assert quantity == {("27", "inch"): 1.0, ("27inch",): 1.0, ("27",): 0.6}
    assert ("6", "feet") in meanings("6'")[1]


@pytest.mark.parametrize(
    ("text", "terms"),
    [("two pounds", ["two", "pound"]), ("cat food", ["cat", "food"]), ("men's 9", ["men", "9"])],
)
def test_other_words_are_searched_for_as_they_are(text: str, terms: list[str]) -> None:
    assert meanings(text) == [{(term,): 1.0} for term in terms]
