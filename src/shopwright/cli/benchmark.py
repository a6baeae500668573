"""`benchmark relevance`: what agents find, against people's grades."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from shopwright.api import reads_requests
from shopwright.cli.command import (
    READING_AGENT_HELP,
    SHOP,
    Argument,
    Command,
    agents,
    number,
    open_agent_with_progress,
    output_file,
    path,
    switch,
)
from shopwright.console import Stages, note, print_line, print_table
from shopwright.errors import InputError
from shopwright.evaluation.calibration import Statement, calibration
from shopwright.evaluation.judgments import JudgedQuery, Judgments, read_judgments
from shopwright.evaluation.relevance import (
    JUDGED_SHARE,
    MRR,
    NDCG,
    NDCG_JUDGED,
    RANKED,
    RECALL,
    RECALL_10,
    default_gains,
    query_records,
    require_relevance_packages,
    score_rankings,
    summarize,
    summarize_halves,
    whole_gains,
)
from shopwright.files import write_json_lines
from shopwright.rollouts.agent import CatalogueAgent
from shopwright.rollouts.rollout import pool_for
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop
from shopwright.workers import Pool, current_pool, mapped

# The shop's own search, a row of every table.
BM25 = "bm25"
FAST = "fast"
COLUMNS = ("agent", "nDCG@10", "95 %", "judged only", "recall@10", "@50", "MRR", "judged %")
DIFFERENCE_COLUMNS = ("agent", "difference", "95 %", "p")

# Statements of confidence are compared with the grades of the first products, which people see.
STATED = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A product of a ranking: whether it is said to fit, and how likely; None if nothing is."""

    asin: str
    fits: bool = False
    confidence: float | None = None


class Ranking(NamedTuple):
    """Ranks products for a query; ``pool``: what may divide queries, None for this process."""

    of: Callable[[str], Sequence[Found]]
    pool: Pool | None


def _run(arguments: Namespace) -> dict[str, Any]:
    require_relevance_packages()
    if arguments.per_query is not None:
        output_file(arguments.per_query, flag="--per-query")
    names = list(arguments.agent)
    if len(set(names)) < len(names):
        raise InputError(f"--agent: expected different ones, got {' '.join(names)}")
    if BM25 not in names:
        names.insert(0, BM25)
    shop = Shop.open(arguments.shop)
    judgments = read_judgments(
        arguments.judgments, lambda asin: shop.catalogue.row_of(asin) is not None
    )
    gains = _gains_for(judgments, arguments)
    relevant_from = arguments.relevant_from or judgments.highest_grade
    queries = judgments.queries
    found: dict[str, Sequence[Sequence[Found]]] = {}
    seconds: dict[str, float] = {}
    with Stages() as stages:
        # All of them first: a wrong name should not be found after minutes of work.
        of_agent = {name: _ranking_of(name, shop, stages, seed=arguments.seed) for name in names}
        _tell_left_out(judgments)
        for name, ranking in of_agent.items():
            started = time.perf_counter()
            found[name] = _rankings(ranking, queries, stages, name)
            seconds[name] = time.perf_counter() - started
    scores = {
        name: score_rankings(
            queries,
            [[each.asin for each in ranking] for ranking in rankings],
            gains=gains,
            relevant_from=relevant_from,
        )
        for name, rankings in found.items()
    }
    if arguments.per_query is not None:
        write_json_lines(arguments.per_query, query_records(queries, scores))
    record = {}
    for name in names:
        first = scores[names[0]] if name != names[0] else None
        rng = numpy_rng(arguments.seed, "relevance", "bootstrap")
        record[name] = {**summarize(scores[name], first, rng=rng), "seconds": seconds[name]}
        if arguments.halves:
            record[name]["halves"] = summarize_halves(queries, scores[name], first, rng=rng)
        statements = _statements(queries, found[name], relevant_from)
        record[name]["calibration"] = calibration(statements, rng=rng)
    return record


def _gains_for(judgments: Judgments, arguments: Namespace) -> list[int]:
    highest = judgments.highest_grade
    if arguments.relevant_from is not None and arguments.relevant_from > highest:
        raise InputError(
            f"--relevant-from: expected at most {highest}, the highest grade in "
            f"{arguments.judgments}, got {arguments.relevant_from}"
        )
    gains: Sequence[Fraction] | None = arguments.gains
    if gains is None:
        return default_gains(highest)
    if len(gains) <= highest:
        raise InputError(
            f"--gains: expected {highest + 1} numbers, for the grades 0 to {highest} in "
            f"{arguments.judgments}, got {len(gains)}"
        )
    return whole_gains(gains)


def _tell_left_out(judgments: Judgments) -> None:
    if judgments.unknown:
        note(f"judged products that are not in the shop, and left out: {judgments.unknown:,}")
    if judgments.without_relevant:
        note(
            "queries without a product of the shop that is graded above 0, and left out: "
            f"{judgments.without_relevant:,}"
        )


def _ranking_of(name: str, shop: Shop, stages: Stages, *, seed: int) -> Ranking:
    if name == BM25:
        found = lambda query: [Found(hit.asin) for hit in shop.search(query, RANKED)]  # noqa: E731
        return Ranking(found, current_pool())
    from shopwright.recommending.recommender import Recommender

    agent: CatalogueAgent | None = None
    if name != FAST:
        agent = reads_requests(open_agent_with_progress(stages, name, shop, seed=seed))

    def ranked(query: str) -> list[Found]:
        recommender = Recommender.of(shop)  # Made once by each process.
        products = recommender.rank(agent, recommender.understand(query))
        return [Found(each.asin, each.fits, each.confidence) for each in products[:RANKED]]

    return Ranking(ranked, current_pool() if agent is None else pool_for(agent))


def _rankings(
    ranking: Ranking, queries: Sequence[JudgedQuery], stages: Stages, name: str
) -> list[Sequence[Found]]:
    texts = [each.query for each in queries]
    found: list[Sequence[Found]] = []
    with stages.stage(name) as progress:
        progress(0, len(texts))
        for products in mapped(ranking.of, texts, ranking.pool):
            found.append(products)
            progress(len(found), len(texts))
    return found


def _statements(
    queries: Sequence[JudgedQuery], rankings: Sequence[Sequence[Found]], relevant_from: int
) -> list[Statement]:
    return [
        Statement(
            query=number,
            fits=found.fits,
            confidence=found.confidence,
            exact=each.grades[found.asin] >= relevant_from,
        )
        for number, (each, ranking) in enumerate(zip(queries, rankings, strict=True))
        for found in ranking[:STATED]
        if found.confidence is not None and found.asin in each.grades
    ]


def _show(record: Mapping[str, Any]) -> None:
    names = list(record)
    _show_measures("", record)
    for half in record[names[0]].get("halves", ()):
        _show_measures(f"{half} half: ", {name: record[name]["halves"][half] for name in names})
    for name, said in record.items():
        if said["calibration"] is not None:
            _show_calibration(name, said["calibration"])


def _show_calibration(name: str, said: Mapping[str, Any]) -> None:
    low, high = said["interval"]
    print_line(
        f"{name}: of {said['items']} judged products that are said to fit, with a confidence of "
        f"{said['stated']:.1f} on average, people grade {said['exact']:.1f} as relevant "
        f"({low:.1f} to {high:.1f}); of the others {_points(said['exact_of_others'])}"
    )
    rows = [
        (f"{row['from']:.0f} to {row['to']:.0f}", f"{row['items']}", f"{row['stated']:.1f}",
         f"{row['exact']:.1f}")
        for row in said["reliability"]
    ]  # fmt: skip
    print_table("", ("confidence", "judged products", "stated", "relevant"), rows)


def _show_measures(heading: str, record: Mapping[str, Any]) -> None:
    rows, differences = [], []
    for name, said in record.items():
        low, high = said["interval"]
        row = [name, f"{said[NDCG]:.1f}", f"{low:.1f} to {high:.1f}"]
        others = (NDCG_JUDGED, RECALL_10, RECALL, MRR, JUDGED_SHARE)
        rows.append(row + [_points(said[measure]) for measure in others])
        if said["difference"] is not None:
            mean, (low, high) = said["difference"]["mean"], said["difference"]["interval"]
            interval = f"{low:+.1f} to {high:+.1f}"
            differences.append([name, f"{mean:+.1f}", interval, f"{said['difference']['p']:.4f}"])
    first = next(iter(record))
    print_table(f"{heading}{record[first]['queries']} queries", COLUMNS, rows)
    if differences:
        title = f"{heading}nDCG@10 minus that of {first}"
        print_table(title, DIFFERENCE_COLUMNS, differences)


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _gains(text: str) -> list[Fraction]:
    """Numbers with commas between them, exactly as they are written."""
    try:
        return [Fraction(part.strip()) for part in text.split(",")]
    except (ValueError, ZeroDivisionError):
        raise ArgumentTypeError(f"expected numbers like 0,1,3,7, got {text!r:.80}") from None


COMMANDS = {
    "benchmark relevance": Command(
        description=(
            "Compares what agents find for queries with the grades that people gave: nDCG@10,\n"
            "with its 95 % interval and its paired difference to the first agent; nDCG@10 of the\n"
            "judged products alone; recall; mean reciprocal rank; and the share of the first\n"
            "ten that people judged. All in points of 100. The shop's own search, bm25, is always\n"
            "a row, and the first where --agent does not name it. Where an agent says of products\n"
            "that they fit, how sure it is is compared with the grades. Judgments are JSON lines:\n"
            '{"query": "green tea", "judged": {"B01": 3, "B02": 0}}.'
        ),
        example=(
            "shopwright benchmark relevance --shop shops/own --judgments judgments.jsonl "
            "--agent rule-page runs/own --gains 0,1,3,7"
        ),
        arguments=(
            SHOP,
            path("--judgments", "FILE", "JSON lines of judged queries", required=True),
            agents(
                f"what to measure beside bm25: fast (answers without an agent), "
                f"{READING_AGENT_HELP}"
            ),
            Argument(
                "--gains",
                type=_gains,
                metavar="G0,G1,...",
                help="the gain of each grade, from 0 on (default: 2^grade - 1)",
            ),
            number(
                "--relevant-from",
                "GRADE",
                "the grade from which on a product is relevant, for recall and reciprocal rank "
                "(default: the highest in the file)",
            ),
            switch(
                "--halves",
                "also for the halves of the queries that a hash makes: dev to work on, test to "
                "report",
            ),
            path("--per-query", "FILE.jsonl", "write the measures of each query there"),
        ),
        run=_run,
        show=_show,
        divided=True,
        seed="decides the bootstrap, and what random and explorer draw",
    )
}
