"""The search of a changed catalogue against a new index of the same products."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.catalogue.delta import Delta
from shopwright.catalogue.parts import gather_products, merge_products
from shopwright.catalogue.product import Product
from shopwright.errors import ShopError
from shopwright.files import write_json
from shopwright.search.delta import ChangedSearchableCatalogue, DeltaPostings
from shopwright.search.index import Index
from shopwright.search.postings import build_index
from shopwright.search.searchable_catalogue import SearchableCatalogue

WORDS = ["red", "mug", "lamp", "desk", "shoe", "blue", "soap", "oak"]
# All of one length: then the average is that of a new index, and scores are equal to the last bit.
texts = st.lists(st.sampled_from(WORDS), min_size=4, max_size=4).map(" ".join)
asins = st.sampled_from([f"P{number}" for number in range(10)])
changes = st.lists(
    st.tuples(st.dictionaries(asins, texts, max_size=4), st.sets(asins, max_size=3)), max_size=5
)


def written(folder: Path, products: list[Product]) -> SearchableCatalogue:
    gather_products(folder / "part", products)
    merge_products(folder, [folder / "part"])
    (folder / "index").mkdir()
    build_index(folder / "index", (product.search_text for product in products))
    return SearchableCatalogue(folder, folder / "index")


def postings_of(catalogue: SearchableCatalogue) -> DeltaPostings:
    assert isinstance(catalogue.search_index, Index)
    return DeltaPostings(catalogue.search_index, Delta(catalogue))


def product(asin: str, text: str) -> Product:
    return Product(asin=asin, title=text)


@settings(max_examples=15, deadline=None)
@given(
    first=st.dictionaries(asins, texts, min_size=1, max_size=8),
    steps=changes,
    query=st.lists(st.sampled_from([*WORDS, "unknown", "Red"]), max_size=5).map(" ".join),
    limit=st.integers(1, 12),
)
def test_it_finds_what_a_new_index_finds(
    first: dict[str, str],
    steps: list[tuple[dict[str, str], set[str]]],
    query: str,
    limit: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("search")
    postings = postings_of(written(folder / "base", [product(*each) for each in first.items()]))
    living = dict(first)
    for puts, removed in steps:
        gone = [asin for asin in removed if asin in living and asin not in puts]
        for asin in gone:
            del living[asin]
        living |= puts
        postings.advance([product(*each) for each in puts.items()], gone)
    changed = ChangedSearchableCatalogue(postings, postings.delta.latest)
    assert changed.search_index.document_count == len(living)
    if not living:
        assert changed.search_rows(query) == ()
        return
    fresh = written(folder / "fresh", [product(*each) for each in living.items()])
    rows, scores = changed.search_index.search(query, limit)
    expected_rows, expected = fresh.search_index.search(query, limit)
    assert changed.asins_of(rows) == fresh.asins_of(expected_rows)
    assert scores.tolist() == expected.tolist()
    assert list(changed.search_rows(query)[:limit]) == rows.tolist()


def test_an_older_generation_finds_what_it_found(tmp_path: Path) -> None:
    postings = postings_of(written(tmp_path, [product("A", "red mug"), product("B", "blue mug")]))
    postings.advance([product("C", "red red mug")], [])
    before = ChangedSearchableCatalogue(postings, postings.delta.latest)
    found = before.search_index.search("red mug", 5)
    for number in range(30):
        postings.advance([product(f"N{number}", "red mug"), product("A", "lamp")], [])
    postings.advance([], ["C", "B"])
    again = ChangedSearchableCatalogue(postings, before.generation)
    assert again.asins_of(found[0]) == ["C", "A", "B"]
    for old, new in zip(found, again.search_index.search("red mug", 5), strict=True):
        assert old.tolist() == new.tolist()
    after = ChangedSearchableCatalogue(postings, postings.delta.latest)
    assert {*after.asins_of(after.search_index.search("mug", 50)[0])} == {
        f"N{number}" for number in range(30)
    }


def test_an_index_of_before_says_what_to_do(tmp_path: Path) -> None:
    written(tmp_path, [product("A", "red mug")])
    write_json(tmp_path / "index" / "index.json", {"documents_with_text": 1})
    catalogue = SearchableCatalogue(tmp_path, tmp_path / "index")
    with pytest.raises(ShopError, match="build the shop again"):
        postings_of(catalogue)
