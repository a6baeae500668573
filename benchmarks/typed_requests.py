"""Requests as people type them, for the 1,000 WebShop products: how many answers are right.

    python benchmarks/typed_requests.py --shop SHOP --agent AGENT... [--cases FILE...] [--show]

Of an answer's first three items each is right if it is what a case asks for (see :class:`Case`);
the figure of a request is the share of right ones, and that of a set the mean, in points of 100
with its 95 % bootstrap interval. A hash parts the requests into a dev half, whose failures `--show`
prints, and a test half, which is only measured. Without `--cases` the requests are those of
benchmarks/typed_requests.jsonl. Writes benchmarks/results/typed_requests.json.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from shopwright import RecommendedItem, Shop
from shopwright.agents.registry import open_agent
from shopwright.api import reads_requests, recommend
from shopwright.catalogue.product import Product
from shopwright.console import Stages, print_line, print_table
from shopwright.encoding.compute import use_threads
from shopwright.errors import InputError
from shopwright.evaluation.judgments import HALVES, half_of
from shopwright.files import read_json_lines, write_json
from shopwright.intervals import bootstrap_mean
from shopwright.seeding import numpy_rng

FOLDER = Path(__file__).resolve().parent
CASES = FOLDER / "typed_requests.jsonl"
RESULTS = FOLDER / "results" / "typed_requests.json"
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request and what is right for it; patterns are regular expressions, found in lower case.

    Attributes:
        request: as it was typed.
        type: what is hard about it.
        kinds: one of them is found in the product's kind (WebShop's query) or in its category.
        title: found in its title.
        forbid: not found in its title and chosen options.
        require: found in its title, description, bullets and options.
        max: its lowest price is at most this.
        min: its highest price is at least this.
        option: found in an option that is chosen for the first item.
        forbid_option: found in none of these.
        none: the answer must say that nothing fits.
        or_none: to say that is right, too.
        none_or_kinds: the same.
        items: how many of the first items count, where fewer than three products are right.
    """

    request: str
    type: str
    kinds: Sequence[str] = ()
    title: str | None = None
    forbid: str | None = None
    require: str | None = None
    max: float | None = None
    min: float | None = None
    option: str | None = None
    forbid_option: str | None = None
    none: bool = False
    or_none: bool = False
    none_or_kinds: bool = False
    items: int = 3

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Case:
        """Return a case from a line of a file."""
        unknown = set(record) - {field.name for field in fields(cls)}
        if unknown:
            raise InputError(f"expected the fields of a case, got {', '.join(sorted(unknown))}")
        return cls(**record)

    @property
    def half(self) -> str:
        """dev or test."""
        return half_of(self.request)

    def score(self, answer: Answer, shop: Shop) -> float:
        """Return the share of right items, 0 to 1."""
        if self.none:
            return float(answer.nothing_fits)
        if answer.nothing_fits and (self.or_none or self.none_or_kinds):
            return 1.0
        items = answer.items[: self.items]
        right = [
            self.is_right(shop.product(item.asin), item, is_first=place == 0)
            for place, item in enumerate(items)
        ]
        return sum(right) / len(right) if right else 0.0

    def is_right(self, product: Product, item: RecommendedItem, *, is_first: bool) -> bool:
        """Whether an item is what the request asks for."""
        if not any(_found(kind, product.query, product.product_category) for kind in self.kinds):
            return False
        chosen = list(item.options.values())
        offered = [value for values in product.options.values() for value in values]
        texts = [product.title, product.description, *product.bullets, *offered]
        if self.title and not _found(self.title, product.title):
            return False
        if self.forbid and _found(self.forbid, product.title, *chosen):
            return False
        if self.require and not _found(self.require, *texts):
            return False
        if self.max is not None and min(product.pricing_dollars) > self.max:
            return False
        if self.min is not None and max(product.pricing_dollars) < self.min:
            return False
        if is_first and self.option and not _found(self.option, *chosen):
            return False
        return not (is_first and self.forbid_option and _found(self.forbid_option, *chosen))


@dataclass(frozen=True)
class Answer:
    """What a service answers: its items, best first, and whether it says that nothing fits."""

    items: Sequence[RecommendedItem]
    nothing_fits: bool


def _found(pattern: str, *texts: str) -> bool:
    return any(re.search(pattern, text.lower()) for text in texts)


def answer(agent: Any, shop: Shop, request: str) -> Answer:
    """Answer a request as the service does."""
    given = recommend(agent, shop, request, count=3)
    return Answer(given.items, getattr(given, "nothing_fits", False))


def figures(scores: Sequence[float]) -> dict[str, Any]:
    """Return the mean of scores in points of 100, its interval and their number."""
    points = 100.0 * np.array(scores)
    interval = bootstrap_mean(points, rng=numpy_rng(0, "typed requests"))
    return {"score": float(points.mean()), "interval": list(interval), "requests": len(points)}


def summary(cases: Sequence[Case], scores: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Return type → half → figures; the type and the half "all" are among them."""
    found: dict[str, dict[str, Any]] = {}
    for kind in (ALL, *dict.fromkeys(case.type for case in cases)):
        for half in (ALL, *HALVES):
            chosen = [
                score
                for case, score in zip(cases, scores, strict=True)
                if kind in (ALL, case.type) and half in (ALL, case.half)
            ]
            if chosen:
                found.setdefault(kind, {})[half] = figures(chosen)
    return found


def show(case: Case, score: float, given: Answer) -> None:
    """Print a request and what was answered."""
    said = " (nothing fits)" if given.nothing_fits else ""
    print_line(f"{case.type}, {100 * score:.0f}: {case.request}{said}")
    for item in given.items:
        print_line(f"- {item.title[:80]} | {item.price} | {', '.join(item.options.values())}")


def _cell(said: Mapping[str, Any] | None) -> str:
    if said is None:
        return "–"
    low, high = said["interval"]
    return f"{said['score']:.1f} ({low:.0f} to {high:.0f}; {said['requests']})"


def main() -> None:
    """Read the command line, ask, score, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shop", required=True)
    parser.add_argument("--agent", required=True, nargs="+")
    parser.add_argument("--cases", nargs="+", type=Path, default=[CASES])
    parser.add_argument("--show", action="store_true", help="print failures of the dev half")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    arguments = parser.parse_args()
    use_threads(1)
    shop = Shop.open(arguments.shop)
    cases = [
        case
        for path in arguments.cases
        for case in read_json_lines(path, Case.from_record, InputError)
    ]
    found = {}
    for name in arguments.agent:
        agent = reads_requests(open_agent(name, shop))
        answers = []
        with Stages() as stages, stages.stage(name) as progress:
            for place, case in enumerate(cases, start=1):
                answers.append(answer(agent, shop, case.request))
                progress(place, len(cases))
        scores = [case.score(given, shop) for case, given in zip(cases, answers, strict=True)]
        found[name] = summary(cases, scores)
        if arguments.show:
            for case, score, given in zip(cases, scores, answers, strict=True):
                if case.half == "dev" and score < 1.0:
                    show(case, score, given)
        rows = [
            (kind, *(_cell(halves.get(half)) for half in (ALL, *HALVES)))
            for kind, halves in found[name].items()
        ]
        print_table(f"{name}: score (95 %; requests)", ("type", ALL, *HALVES), rows)
    write_json(arguments.out, found)


if __name__ == "__main__":
    main()
