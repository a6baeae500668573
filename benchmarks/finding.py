"""What each part of finding brings, against people's grades.

    SHOPWRIGHT_SHARED=FOLDER python benchmarks/finding.py [--kept FOLDER] [--sets esci150 ...]

FOLDER/real holds the sets of judgments. Each row is a ranking by a part of the finder alone or
together; differences are paired, against the whole finder, with 95 % intervals by bootstrap over
queries. Weights were chosen on the development halves of esci150 and chorus. ``--kept`` keeps the
shops and the vectors of titles and kinds, which take ten minutes of a core.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.tables import read_table
from shopwright.console import print_table
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.product_states import FIELDS
from shopwright.encoding.product_vectors import mean_vector, product_vectors, unit_vectors
from shopwright.encoding.token_states import StatesConfig, texts_of
from shopwright.evaluation.judgments import JudgedQuery, read_judgments
from shopwright.evaluation.relevance import (
    NDCG,
    RECALL,
    RECALL_10,
    Scores,
    score_rankings,
    whole_gains,
)
from shopwright.files import read_json, write_json
from shopwright.finding.field_index import open_field_index
from shopwright.finding.finder import REQUEST_TOKENS, dense_weight
from shopwright.finding.query import clauses_of
from shopwright.intervals import paired_bootstrap
from shopwright.search.delta import best_rows
from shopwright.shop.shop import Shop, build_shop
from shopwright.understanding.spelling import Spelling
from shopwright.understanding.vocabulary import open_vocabulary

RESULTS = Path(__file__).resolve().parent / "results" / "finding.json"
SETS = ("esci150", "chorus", "webshop-human")
WHOLE = "fields + dense"
RANKED = 50
RANK_CONSTANT = 60  # of reciprocal rank fusion

Ranking = np.ndarray  # rows, best first


def shop_of(table: Path, folder: Path) -> Shop:
    """The shop of a set's products, built if it is not there."""
    if not (folder / "manifest.json").is_file():
        products = read_table(table, ImportReport())
        build_shop(products, folder, source={"kind": "table", "file": table.name})
    return Shop.open(folder)


def vectors_of(shop: Shop, model: LanguageModel, folder: Path) -> np.ndarray:
    """The vectors of a shop's products, of titles and kinds alone, float32, (products,
    dimensions): no other text has a weight."""
    config = StatesConfig()
    means = np.zeros((len(shop.catalogue), len(FIELDS) - 1, model.dimensions), dtype=np.int8)
    for place in (FIELDS.index("title"), FIELDS.index("kind")):
        path = folder / f"{FIELDS[place]}.npy"
        if not path.is_file():
            texts = [texts_of(product, config)[place] for product in shop.catalogue]
            np.save(path, means_of([text for text, _ in texts], texts[0][1], model))
        means[:, place] = np.load(path)
    return unit_vectors(product_vectors(means))


def means_of(texts: Sequence[str], limit: int, model: LanguageModel) -> np.ndarray:
    """The mean vectors of texts, int8, each different text encoded once."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    encoded = model.encode([*places], limits=[limit] * len(places))
    found = np.stack([mean_vector(text.states) for text in encoded])
    return found[[places[text] for text in texts]]


def reciprocal_ranks(shop: Shop, lists: Sequence[Ranking]) -> Ranking:
    """Reciprocal rank fusion of rankings (Cormack, Clarke & Büttcher, 2009)."""
    scores = np.zeros(len(shop.catalogue), dtype=np.float32)
    for ranking in lists:
        scores[ranking] += 1 / (RANK_CONSTANT + np.arange(1, len(ranking) + 1))
    return best_rows(scores, RANKED, shop.catalogue)


def rankings_of(
    shop: Shop, queries: Sequence[str], vectors: np.ndarray, asked: np.ndarray
) -> dict[str, list[Ranking]]:
    """Each way of finding → its ranking for each query."""
    catalogue = shop.catalogue
    fields = open_field_index(shop)
    spelling = Spelling(open_vocabulary(shop))
    found: dict[str, list[Ranking]] = {}

    def add(name: str, scores: Callable[[int], np.ndarray]) -> None:
        found[name] = [best_rows(scores(n), 4 * RANKED, catalogue) for n in range(len(queries))]

    words = [fields.scores(clauses_of(query, spelling)) for query in queries]
    unspelt = [fields.scores(clauses_of(query, None)) for query in queries]
    cosines = [(vectors @ vector).clip(min=0) for vector in asked]
    shares = [dense_weight(len(clauses_of(query, spelling))) for query in queries]
    index = catalogue.search_index
    found["the shop's search"] = [index.search(query, 4 * RANKED)[0] for query in queries]
    add("fields", lambda n: words[n])
    add("fields, no spelling", lambda n: unspelt[n])
    add("dense", lambda n: cosines[n])
    pairs = {
        "the shop's search + dense, by rank": (found["the shop's search"], found["dense"]),
        "fields + dense, by rank": (found["fields"], found["dense"]),
    }
    for name, (first, second) in pairs.items():
        found[name] = [reciprocal_ranks(shop, both) for both in zip(first, second, strict=True)]
    for name, by_words in (("fields, no spelling + dense", unspelt), (WHOLE, words)):
        add(name, lambda n, own=by_words: (1 - shares[n]) * own[n] + shares[n] * cosines[n])
    return found


def row_of(
    queries: Sequence[JudgedQuery], half: str, scores: Scores, whole: Scores
) -> dict[str, Any]:
    """The figures of a half of the queries, in points of 100, and their differences to the whole
    finder's."""
    chosen = np.array([query.half == half for query in queries])
    row: dict[str, Any] = {"queries": int(chosen.sum())}
    for measure in (NDCG, RECALL_10, RECALL):
        own, other = 100 * scores[measure][chosen], 100 * whole[measure][chosen]
        defined = ~np.isnan(own)
        rng = np.random.default_rng(0)
        paired = paired_bootstrap(own[defined], other[defined], rng=rng)
        row[measure] = float(own[defined].mean())
        row[f"{measure} difference"] = [paired.mean, *paired.interval]
    return row


def measure(name: str, folder: Path, kept: Path, model: LanguageModel) -> list[dict[str, Any]]:
    """The rows of a set of judgments."""
    kept.mkdir(parents=True, exist_ok=True)
    shop = shop_of(folder / "catalogue.jsonl", kept / "shop")
    about: Mapping[str, Any] = read_json(folder / "measure.json")
    grades = sorted(about["gain"], key=int)
    gains = whole_gains([Fraction(str(about["gain"][grade])) for grade in grades])
    has = shop.catalogue.row_of
    queries = read_judgments(folder / "queries.jsonl", lambda a: has(a) is not None).queries
    texts = [query.query for query in queries]
    vectors = vectors_of(shop, model, kept)
    asked = unit_vectors(means_of(texts, REQUEST_TOKENS, model))
    scores = {}
    for ranker, rankings in rankings_of(shop, texts, vectors, asked).items():
        asins = [shop.catalogue.asins_of(ranking) for ranking in rankings]
        scores[ranker] = score_rankings(
            queries, asins, gains=gains, relevant_from=about["relevant_from"]
        )
    return [
        {"set": name, "half": half, "by": ranker, **row_of(queries, half, own, scores[WHOLE])}
        for half in ("dev", "test")
        for ranker, own in scores.items()
    ]


def main() -> None:
    """Read the command line, measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kept", type=Path, help="a folder that keeps shops and vectors")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    real = Path(os.environ.get("SHOPWRIGHT_SHARED", "../shared")) / "real"
    model = LanguageModel()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        kept = arguments.kept or Path(temporary)
        rows = [
            r for name in arguments.sets for r in measure(name, real / name, kept / name, model)
        ]
    measures = (NDCG, RECALL_10, RECALL)
    columns = ("set", "half", "by", "queries", *measures, f"{NDCG} to the whole")
    cells = [
        (
            row["set"], row["half"], row["by"], str(row["queries"]),
            *(f"{row[measure]:.1f}" for measure in measures),
            "{:+.1f} ({:+.1f} to {:+.1f})".format(*row[f"{NDCG} difference"]),
        )
        for row in rows
    ]  # fmt: skip
    print_table("Finding against people's grades", columns, cells, texts=3)
    write_json(arguments.out, {"seconds": time.perf_counter() - started, "rows": rows})


if __name__ == "__main__":
    main()
