"""Files of judgments: what is read, what is left out and counted, what is refused."""

from __future__ import annotations

import hashlib
import json

import pytest

from shopwright.errors import InputError, MissingFileError
from shopwright.evaluation.judgments import half_of, read_judgments


def write(path, *lines):
    path.write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    )
    return path


def read(path, shop=("A", "B")):
    return read_judgments(path, shop.__contains__)


def test_queries_keep_the_grades_of_products_of_the_shop(tmp_path):
    file = write(
        tmp_path / "judgments.jsonl",
        {"query": "desk lamp", "judged": {"A": 2, "B": 0, "elsewhere": 3}, "query_id": 7},
        "",
        {"query": "mug", "judged": {"A": 0, "elsewhere": 3}},
        {"query": "desk lamp", "judged": {"B": 1}},
    )
    judgments = read(file)
    assert [(each.query, each.grades) for each in judgments.queries] == [
        ("desk lamp", {"A": 2, "B": 0}),
        ("desk lamp", {"B": 1}),
    ]
    assert judgments.highest_grade == 2
    assert judgments.unknown == 2
    assert judgments.without_relevant == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2, column "),
        ([], "line 2, expected an object with 'query'"),
        ({"judged": {}}, "line 2, field query: expected a text, got nothing"),
        ({"query": " ", "judged": {}}, "line 2, field query: expected a text that is not empty"),
        ({"query": "x" * 2001, "judged": {}}, "line 2, field query: expected at most 2000"),
        ({"query": "lamp"}, "line 2, field judged: expected an object, got nothing"),
        ({"query": "lamp", "judged": {"A": -1}}, "line 2, field judged, 'A': expected a whole"),
        ({"query": "lamp", "judged": {"A": True}}, "from 0 to 20, got True"),
        ({"query": "lamp", "judged": {"A": 2.0}}, "from 0 to 20, got 2.0"),
        ({"query": "lamp", "judged": {"A": 21}}, "from 0 to 20, got 21"),
    ],
)
def test_a_wrong_line_is_refused_by_file_line_and_field(tmp_path, line, said):
    good = {"query": "lamp", "judged": {"A": 1}}
    file = write(tmp_path / "judgments.jsonl", good, line)
    with pytest.raises(InputError) as refused:
        read(file)
    assert str(refused.value).startswith(f"{file}, ")
    assert said in str(refused.value)


def test_a_file_without_a_product_of_the_shop_is_refused(tmp_path):
    file = write(tmp_path / "judgments.jsonl", {"query": "lamp", "judged": {"elsewhere": 1}})
    with pytest.raises(InputError, match=r"got 1 queries without one \(1 judged products"):
        read(file)
    with pytest.raises(MissingFileError):
        read(tmp_path / "nothing.jsonl")


def test_the_half_is_that_of_the_sha_256():
    queries = [f"query {number}" for number in range(200)]
    for query in queries:
        even = int(hashlib.sha256(query.encode()).hexdigest()[-1], 16) % 2 == 0
        assert half_of(query) == ("dev" if even else "test")
    assert 60 < sum(half_of(query) == "dev" for query in queries) < 140
