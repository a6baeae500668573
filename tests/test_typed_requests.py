"""The benchmark of requests as people type them: how a case scores an answer, and the cases."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from shopwright import RecommendedItem
from shopwright.errors import InputError
from shopwright.files import read_json_lines

BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "typed_requests.py"


@pytest.fixture(scope="module")
def typed_requests():
    spec = spec_from_file_location("typed_requests", BENCHMARK)
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def score(typed_requests, small_shop):
    """Scores an answer of (asin, chosen option) pairs."""

    def score_answer(*items, nothing_fits=False, **fields):
        case = typed_requests.Case(request="a request", type="kind", **fields)
        given = [
            RecommendedItem(asin, "", {"color": option} if option else {}, "", 0.5)
            for asin, option in items
        ]
        return case.score(typed_requests.Answer(given, nothing_fits), small_shop)

    return score_answer


RED, BLUE, LAMP = ("SHOE000001", "red"), ("SHOE000002", "blue"), ("LAMP000001", "")


def test_the_score_is_the_share_of_right_items(score):
    assert score(RED, BLUE, LAMP, kinds=["shoes"]) == pytest.approx(2 / 3)
    assert score(RED, LAMP, kinds=["shoes"], items=1) == 1.0
    assert score(kinds=["shoes"]) == 0.0
    # The category counts like the kind.
    assert score(RED, BLUE, kinds=["women"]) == 0.5


def test_conditions_hold_for_each_item(score):
    shoes = {"kinds": ["shoes"]}
    assert score(RED, BLUE, **shoes, forbid="trail") == 0.5
    assert score(RED, BLUE, **shoes, forbid="^red$") == 0.5
    assert score(RED, BLUE, **shoes, require="grippy") == 0.5
    assert score(RED, BLUE, **shoes, title="trail") == 0.5
    assert score(RED, BLUE, **shoes, title="grippy") == 0.0  # Only its texts say so.
    # The cheaper pair costs 20 to 30, the other 45.50.
    assert score(RED, BLUE, **shoes, max=20) == 0.5
    assert score(RED, BLUE, **shoes, min=31) == 0.5


def test_options_are_asked_of_the_first_item(score):
    shoes = {"kinds": ["shoes"]}
    assert score(RED, BLUE, **shoes, option="red") == 1.0
    assert score(BLUE, RED, **shoes, option="red") == 0.5
    assert score(RED, BLUE, **shoes, forbid_option="red") == 0.5


def test_to_say_that_nothing_fits_is_right_where_nothing_does(score):
    assert score(RED, none=True) == 0.0
    assert score(RED, nothing_fits=True, none=True) == 1.0
    assert score(LAMP, nothing_fits=True, kinds=["shoes"], or_none=True) == 1.0
    assert score(LAMP, nothing_fits=True, kinds=["shoes"]) == 0.0


def test_a_field_that_no_case_has_is_refused(typed_requests, tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text('{"request": "lamp", "type": "kind", "kind": ["lamps"]}')
    with pytest.raises(InputError, match="line 1, expected the fields of a case, got kind"):
        list(read_json_lines(file, typed_requests.Case.from_record, InputError))


def test_the_shop_has_what_the_cases_count(typed_requests, webshop_shop):
    cases = list(read_json_lines(typed_requests.CASES, typed_requests.Case.from_record, InputError))
    assert len({case.request for case in cases}) == len(cases) >= 90
    products = [webshop_shop.catalogue[row] for row in range(len(webshop_shop.catalogue))]
    for case in cases:
        anywhere = replace(case, option=None, forbid_option=None)
        right = [
            product
            for product in products
            if anywhere.is_right(
                product, RecommendedItem(product.asin, "", {}, "", 0.0), is_first=True
            )
        ]
        assert bool(right) != case.none, case.request
        assert case.none or len(right) >= case.items, case.request
