"""JSON: lines, lists, and lists within objects."""

from __future__ import annotations

import orjson
import pytest

from shopwright.errors import CatalogueError

MUGS = [{"id": 1, "title": "Mug", "tags": ["a"]}, {"id": 2, "title": "Cup", "tags": []}]
WRAPPED = [
    ({"products": MUGS}, "products"),
    ({"status": "ok", "data": {"items": MUGS, "page": 1}}, "data/items"),
    ({"categories": [{"id": 9, "name": "Pots"}] * 3, "results": MUGS}, "results"),
    ({"@context": "https://schema.org", "@graph": MUGS}, "@graph"),
    ({"data": {"products": {"edges": [{"node": mug, "cursor": "x"} for mug in MUGS]}}},
     "data/products/edges"),
    ({"hits": {"total": 2, "hits": [{"_id": "1", "_source": mug} for mug in MUGS]}}, "hits/hits"),
    ({"itemListElement": [{"@type": "ListItem", "item": mug} for mug in MUGS]}, "itemListElement"),
    ({"name": "Our shop", "url": "https://x.test", "currency": "EUR", "items": MUGS}, "items"),
]  # fmt: skip


@pytest.mark.parametrize("indented", [False, True])
@pytest.mark.parametrize(("document", "place"), [(MUGS, ""), *WRAPPED])
def test_the_products_of_a_document_are_found(read, document, place, indented):
    rows, report = read(orjson.dumps(document, option=orjson.OPT_INDENT_2 if indented else 0))
    assert rows == MUGS
    assert (report.files[0].form, report.files[0].rows_at) == ("json", place)


def test_an_object_that_is_one_product(read):
    product = {"id": 1, "title": "Mug", "variants": [{"sku": "a"}, {"sku": "b"}]}
    assert read(orjson.dumps(product))[0] == [product]
    assert read(orjson.dumps({"product": product}))[0] == [product]


def test_objects_by_identifier(read):
    mugs = {f"P{n}": {"title": f"Mug {n}", "price": n} for n in range(3)}
    rows, _ = read(orjson.dumps({"products": mugs}))
    assert rows == [{"id": name, **mug} for name, mug in mugs.items()]


def test_of_a_graph_only_products_are_rows(read):
    graph = [
        {"@type": "BreadcrumbList", "name": "x", "url": "u"},
        {"@type": "Product", "name": "Mug", "sku": "1"},
        {"@type": ["Product", "Vehicle"], "name": "Car", "sku": "2"},
    ]
    rows, report = read(orjson.dumps({"@graph": graph}))
    assert [row["name"] for row in rows] == ["Mug", "Car"]
    assert report.rows == 2


def test_lines(read):
    rows, report = read('\ufeff{"id": 1}\n\n{"id": \n[1]\r\n{"id": 2, "more": {"a": [1]}}')
    assert rows == [{"id": 1}, {"id": 2, "more": {"a": [1]}}]
    assert report.files[0].form == "jsonl"
    assert [(p.line, p.reason.split(",")[0]) for p in report.problems] == [
        (3, "expected JSON"),
        (4, "expected an object"),
    ]


def test_objects_one_after_the_other_over_several_lines(read):
    content = b"\n".join(orjson.dumps(mug, option=orjson.OPT_INDENT_2) for mug in MUGS)
    assert read(content)[0] == MUGS


def test_what_is_no_json_but_is_written(read):
    digits = "9" * 4000
    for content in (
        f'{{"id": 1, "a": NaN, "b": -Infinity, "c": {digits}, "d": 1e999, "e": "\\ud83d!"}}\n{{}}',
        f'[{{"id": 1, "a": NaN, "b": -Infinity, "c": {digits}, "d": 1e999, "e": "\\ud83d!"}}]',
    ):
        row = read(content)[0][0]
        assert row == {"id": 1, "a": None, "b": None, "c": digits, "d": None, "e": "\ufffd!"}


def test_a_long_list_is_read_to_its_end(read):
    mugs = [{"id": n, "title": f"Mug {n}", "text": "x" * 400} for n in range(5000)]
    rows, report = read(orjson.dumps({"count": 5000, "products": mugs, "next": None}))
    assert rows == mugs
    assert report.rows == 5000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "expected a list of JSON objects, got none"),
        ("[1, 2]", "expected a list of JSON objects, got none"),
        ('{"title": {"0": "Mug", "1": "Cup"}, "price": {"0": 4, "1": 3}}', "orient='records'"),
        ('{"a": [1]', "line 1, character 10: expected ',' or '}', got the end of the file"),
        ('[{"id": 1},\n {"id" 2}]', "line 2, character 8: expected JSON, got expecting ':'"),
        ('[{"id": 1},\n {"id": 2}', "line 2, character 11: expected ',' or ']', got the end of"),
        ('[{"id": 1}, {"id": 2, "ti', "it is cut off: copy or export it anew"),
        ('[{"id": 1}, {"id": 2, "title":', "it is cut off: copy or export it anew"),
        ('{"products": [{"id": 1}], }', "line 1, character 27: expected '\"', got '}'"),
    ],
)
def test_broken_documents_are_refused_with_their_line(read, content, message):
    with pytest.raises(CatalogueError, match="table.*") as caught:
        read(content)
    assert message in str(caught.value)


def test_the_character_is_that_of_the_line_in_long_documents(read):
    mugs = ",\n".join(['{"id": 1, "title": "Mug"}'] * 60_000)
    with pytest.raises(CatalogueError, match="line 60001, character 3: expected JSON"):
        read(f"[{mugs},\n{{ x}}]")


@pytest.mark.parametrize("between", [", ", ",\n\n"])
def test_problems_name_the_entry_of_a_list(read, between):
    mug = '{"id": 1, "title": "Mug"}'
    _, report = read(f"[{between.join([mug, mug, '7', mug])}]")
    assert [problem.place for problem in report.problems] == ["table, entry 3"]
