"""The index against a slow, obvious version."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from shopwright.search import index as index_module
from shopwright.search import postings as postings_module
from shopwright.search.analysis import analyse
from shopwright.search.bm25 import round_length
from shopwright.search.index import Index, build_index
from shopwright.search.postings import gather_postings, merge_postings

WORDS = "red blue shoe shoes lamp desk run running women men cotton 3.5mm café 石鹸".split()


def slow_search(texts: list[str], ranks: list[int], query: str) -> list[tuple[int, float]]:
    """BM25, document by document, in 64 bits."""
    documents = [Counter(analyse(text)) for text in texts]
    filled = sum(bool(document) for document in documents)
    average = sum(sum(document.values()) for document in documents) / max(1, filled)
    hits = []
    for row, document in enumerate(documents):
        length = round_length(sum(document.values()))
        score = 0.0
        for term, count in Counter(analyse(query)).items():
            having = sum(term in other for other in documents)
            if term in document:
                idf = math.log(1 + (filled - having + 0.5) / (having + 0.5))
                norm = 0.9 * (0.6 + 0.4 * length / average)
                score += count * idf * document[term] / (document[term] + norm)
        if score:
            hits.append((row, score))
    # To five digits: where the slow sums differ by rounding, the order is that of the ranks.
    return sorted(hits, key=lambda hit: (-round(hit[1], 5), ranks[hit[0]]))


@pytest.fixture(params=["small", "large"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether scores and terms are kept in memory, or an index is taken for too large for it."""
    if request.param == "large":
        monkeypatch.setattr(index_module, "DICTIONARY_TERMS", 0)
        monkeypatch.setattr(index_module, "KEPT_POSTINGS", 0)
        monkeypatch.setattr(index_module, "JOINED_POSTINGS", 30)
        monkeypatch.setattr(index_module, "UNBLOCKED_DOCUMENTS", 0)
        monkeypatch.setattr(index_module, "BLOCK_DOCUMENTS", 4)
        monkeypatch.setattr(index_module, "SORTED_DOCUMENTS", 0)
        monkeypatch.setattr(postings_module, "KEPT_PIECES", 3)
    return str(request.param)


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize("seed", range(4))
def test_search_agrees_with_a_slow_version(seed: int, tmp_path: Path) -> None:
    generator = random.Random(seed)
    texts = [
        " ".join(generator.choices(WORDS, k=generator.choice([0, 1, 3, 30, 90]))) for _ in range(60)
    ]
    ranks = generator.sample(range(60), 60)
    build_index(tmp_path, texts)
    index = Index(tmp_path, np.array(ranks, dtype=np.uint32))
    assert index.document_count == 60
    assert index.term_count == len({term for text in texts for term in analyse(text)})
    for _ in range(40):
        query = " ".join(generator.choices([*WORDS, "unknown"], k=generator.randint(0, 6)))
        expected = slow_search(texts, ranks, query)
        for limit in (1, 5, 1000):
            rows, scores = index.search(query, limit)
            assert rows.dtype == np.int64
            assert scores.dtype == np.float32
            assert rows.tolist() == [row for row, _ in expected][:limit]
            assert scores.tolist() == pytest.approx([s for _, s in expected][:limit], rel=1e-5)
            assert index.search_rows(query, limit) == rows.tolist()


@pytest.mark.usefixtures("size")
def test_equal_scores_are_ordered_by_rank(tmp_path: Path) -> None:
    build_index(tmp_path, ["red shoe"] * 100)
    ranks = np.array(random.Random(1).sample(range(100), 100), dtype=np.uint32)
    rows, _ = Index(tmp_path, ranks).search("shoe", 10)
    assert ranks[rows].tolist() == list(range(10))


@pytest.mark.parametrize("part", [1, 7, 20])
def test_parts_are_merged_into_the_same_index(part: int, tmp_path: Path) -> None:
    generator = random.Random(part)
    texts = [" ".join(generator.choices([*WORDS, ""], k=9)) for _ in range(20)]
    whole, merged = tmp_path / "whole", tmp_path / "merged"
    for folder in (whole, merged):
        folder.mkdir()
    build_index(whole, texts)
    parts = []
    for first in range(0, len(texts), part):
        parts.append(tmp_path / f"part {first}")
        gather_postings(parts[-1], texts[first : first + part])
    merge_postings(merged, parts)
    names = sorted(path.name for path in whole.iterdir())
    assert names == sorted(path.name for path in merged.iterdir())
    for name in names:
        assert (merged / name).read_bytes() == (whole / name).read_bytes()


def test_words_of_documents_are_found_in_any_case(tmp_path: Path) -> None:
    texts = ["Women's RUNNING shoes, T-Shirt's", "İstanbul ß Straße's", "3.5MM café's"]
    build_index(tmp_path, texts)
    index = Index(tmp_path, np.arange(3))
    for text in texts:
        for word in text.split(" "):
            for query in (word, word.lower(), word.upper(), f"{word} {word} {word}"):
                expected = [
                    row for row, t in enumerate(texts) if set(analyse(t)) & set(analyse(query))
                ]
                assert sorted(index.search(query, 5)[0].tolist()) == expected, query


def test_documents_without_terms_are_not_counted(tmp_path: Path) -> None:
    (tmp_path / "filled").mkdir()
    (tmp_path / "padded").mkdir()
    build_index(tmp_path / "filled", ["red shoe", "blue shoe"])
    build_index(tmp_path / "padded", ["red shoe", "", "blue shoe", "the and"])
    filled = Index(tmp_path / "filled", np.arange(2)).search("red shoe", 5)[1]
    padded = Index(tmp_path / "padded", np.arange(4)).search("red shoe", 5)[1]
    assert filled.tolist() == padded.tolist()


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    build_index(tmp_path, ["", "..."])
    rows, scores = Index(tmp_path, np.arange(2)).search("anything", 5)
    assert (rows.tolist(), scores.tolist()) == ([], [])


@pytest.mark.usefixtures("size")
def test_only_whole_terms_match(tmp_path: Path) -> None:
    build_index(tmp_path, ["ab", "abc", "b", "zebra"])
    index = Index(tmp_path, np.arange(4))
    for query, rows in (
        ("ab", [0]),
        ("abc", [1]),
        ("b", [2]),
        ("zebra", [3]),
        ("zz", []),
        ("0", []),
    ):
        assert index.search(query, 5)[0].tolist() == rows
