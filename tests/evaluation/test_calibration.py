"""Stated confidence against grades, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from shopwright.evaluation.calibration import Statement, calibration, reliability


def said(fits, confidence, exact, query=0):
    return Statement(query=query, fits=fits, confidence=confidence, exact=exact)


def test_what_is_said_to_fit_is_compared_with_its_grades():
    statements = [said(True, 0.9, True), said(True, 0.7, False), said(False, 0.2, True)]
    record = calibration(statements, rng=np.random.default_rng(0))
    assert record["items"] == 2
    assert record["stated"] == pytest.approx(80.0)
    assert record["exact"] == 50.0
    assert record["exact_of_others"] == 100.0
    # One query only: drawing queries anew changes nothing.
    assert record["interval"] == [50.0, 50.0]


def test_products_of_a_query_are_drawn_together():
    statements = [said(True, 0.5, query < 10, query) for query in range(20) for _ in range(50)]
    record = calibration(statements, rng=np.random.default_rng(0))
    low, high = record["interval"]
    # Twenty queries, not a thousand products: about ± 1.96 · sqrt(0.25 / 20).
    assert low == pytest.approx(28, abs=4)
    assert high == pytest.approx(72, abs=4)


def test_nothing_is_said_where_nothing_is_told_to_fit():
    assert calibration([said(False, 0.1, True)], rng=np.random.default_rng(0)) is None
    assert calibration([], rng=np.random.default_rng(0)) is None
    alone = calibration([said(True, 1.0, True)], rng=np.random.default_rng(0))
    assert alone["exact_of_others"] is None


def test_the_table_has_a_row_for_each_tenth_that_has_products():
    statements = [said(True, 1.0, True), said(True, 0.95, False), said(False, 0.1, False)]
    assert reliability(statements) == [
        {"from": 10.0, "to": 20.0, "items": 1, "stated": 10.0, "exact": 0.0},
        {"from": 90.0, "to": 100.0, "items": 2, "stated": pytest.approx(97.5), "exact": 50.0},
    ]
