"""BM25 over weighted fields against a slow, obvious version."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.catalogue.product import Product
from shopwright.finding import field_index as field_index_module
from shopwright.finding.field_index import SATURATION, Clause, FieldIndex, open_field_index
from shopwright.search.analysis import analyse
from shopwright.search.bm25 import round_length
from shopwright.search.fields import WEIGHTS, fields_of, plain
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop

WORDS = ["red", "mug", "lamp", "desk", "café", "oak"]
texts = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
products = st.builds(
    Product,
    asin=st.just("A"),
    title=texts,
    description=texts,
    bullets=st.lists(texts, min_size=1, max_size=3).map(tuple),
    brand=texts,
    query=texts,
    tags=st.lists(texts, max_size=2).map(tuple),
    options=st.dictionaries(st.sampled_from(["red", "size"]), st.tuples(texts), max_size=2),
    details=st.dictionaries(st.sampled_from(["oak", "wood"]), texts, max_size=2),
)
clauses = st.lists(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["red", "mug", "cafe", "oak", "gone"]), min_size=1, max_size=2)
            .map(dict.fromkeys)
            .map(tuple),
            st.sampled_from([1.0, 0.5]),
        ),
        min_size=1,
        max_size=2,
    )
    .map(tuple)
    .map(Clause),
    max_size=3,
)


def slow_scores(products: Sequence[Product], clauses: Sequence[Clause]) -> list[float]:
    """The share of the clauses' weight that each product meets, product by product."""
    documents = []
    for product in products:
        counts: Counter[str] = Counter()
        for name, text in fields_of(product).items():
            for term in analyse(text):
                counts[term] += WEIGHTS[name]
        documents.append(counts)
    filled = [document.total() for document in documents if document]
    average = sum(filled) / max(1, len(filled))

    def idf(terms: tuple[str, ...]) -> float:
        having = sum(all(document[term] for term in terms) for document in documents)
        if not having:
            return 0.0
        return math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))

    def saturated(document: Counter[str], terms: tuple[str, ...]) -> float:
        frequency = min(document[term] for term in terms)
        length = round_length(document.total()) / max(average, 1e-9)
        return frequency / (frequency + SATURATION.k1 * (1 - SATURATION.b + SATURATION.b * length))

    whole = sum(max(w * idf(terms) for terms, w in clause.alternatives) for clause in clauses)
    scores = []
    for document in documents:
        found = sum(
            max(
                w * idf(terms) * saturated(document, terms) if any(document.values()) else 0.0
                for terms, w in clause.alternatives
            )
            for clause in clauses
        )
        scores.append(found / whole if whole else 0.0)
    return scores


def shop_of(products: Sequence[Product], folder: Path) -> Shop:
    return build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())


def numbered(products: Sequence[Product]) -> list[Product]:
    return [replace(product, asin=f"P{number}") for number, product in enumerate(products)]


@settings(max_examples=25, deadline=None)
@given(some=st.lists(products, min_size=1, max_size=5), asked=clauses)
def test_scores_are_the_slow_ones(
    some: list[Product], asked: list[Clause], tmp_path_factory: pytest.TempPathFactory
) -> None:
    some = numbered(some)
    shop = shop_of(some, tmp_path_factory.mktemp("fields") / "shop")
    scores = open_field_index(shop).scores(asked)
    assert scores.dtype == np.float32
    assert scores.tolist() == pytest.approx(slow_scores(some, asked), abs=1e-5)


def test_parts_give_the_same_files_and_the_index_is_written_once(
    small_products: list[Product], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = []
    for size in (2, 100):
        monkeypatch.setattr(field_index_module, "PART_PRODUCTS", size)
        shop = shop_of(small_products, tmp_path / str(size))
        open_field_index(shop)
        (folder,) = (shop.folder / "fields").iterdir()
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]
    monkeypatch.setattr(field_index_module, "write_field_index", None)
    assert isinstance(open_field_index(shop), FieldIndex)


def test_every_field_is_searched_and_titles_count_most(tmp_path: Path) -> None:
    filler = "thing of no name"
    fields = [
        {"title": "walnut"},
        {"title": filler, "description": "walnut"},
        {"title": filler, "bullets": ("one", "two", "walnut")},
        {"title": filler, "brand": "Walnut"},
        {"title": filler, "options": {"wood": ("walnut",)}},
        {"title": filler, "product_category": "Wood › Walnut"},
        {"title": filler},
    ]
    some = [Product(asin=f"P{n}", **field) for n, field in enumerate(fields)]  # type: ignore[arg-type]
    scores = open_field_index(shop_of(some, tmp_path / "shop")).scores(
        [Clause(((("walnut",), 1.0),))]
    )
    assert scores.argmax() == 0
    assert (scores[:6] > 0).all()
    assert scores[6] == 0


def test_plain_letters() -> None:
    assert plain("Café ÉTUDE Ζωή") == "cafe etude ζωη"
    assert plain("한국어 हिन्दी 石鹸") == "한국어 हिन्दी 石鹸"
