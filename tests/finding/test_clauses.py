"""What the words of a request are searched for."""

from __future__ import annotations

import pytest

from shopwright.finding.query import clauses_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("27 inch", [{"27": 1.0}, {"inch": 0.3}]),
        ("1.5 pounds", [{"1.5": 1.0}, {"pound": 0.3}]),
        ("15lb", [{"15lb": 1.0, "15": 0.6}]),
        # No units.
        ("foot massager", [{"foot": 1.0}, {"massag": 1.0}]),
        ("m5 2x4", [{"m5": 1.0}, {"2x4": 1.0}]),
        ("two cats", [{"two": 1.0}, {"cat": 1.0}]),
        ("two-pound bag", [{"two": 1.0}, {"pound": 1.0}, {"bag": 1.0}]),
        ("5g 2 piece", [{"5g": 1.0}, {"2": 1.0}, {"piec": 1.0}]),
    ],
)
def test_of_a_quantity_the_number_counts_most(text: str, expected: list[dict[str, float]]) -> None:
    found = [dict(clause.alternatives) for clause in clauses_of(text, None)]
    assert found == [{(term,): worth for term, worth in each.items()} for each in expected]
