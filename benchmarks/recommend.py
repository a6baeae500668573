"""How long a recommendation takes, and what an agent takes on disk and to load.

    python benchmarks/recommend.py --shop SHOP --agent RUN [--fast] [--requests 200]
        [--queries FILE.jsonl] [--out FILE.json]

One process on one core, warm: the first requests are not counted. All requests are different: those
of the shop's test goals or, where there are not enough, of further goals; with `--queries`, those
of a file of judgments. Answers are those of `shopwright recommend`. Beside the time that passes
stands the processor time, which other work on the machine does not change, as a whole and by part.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from shopwright import Shop
from shopwright.agents.registry import open_agent
from shopwright.console import print_table
from shopwright.encoding.compute import use_threads
from shopwright.encoding.language_model import LanguageModel
from shopwright.errors import InputError
from shopwright.files import read_json_lines, write_json
from shopwright.policy.checkpoint import AGENT, HISTORY
from shopwright.recommending import recommender as recommender_module
from shopwright.recommending.assessing import Assessor
from shopwright.recommending.recommender import Recommender
from shopwright.rollouts.agent import PrivilegedAgent

RESULTS = Path(__file__).resolve().parent / "results" / "recommend.json"
WARM_UP = 20
# Part → the functions that do it; time within another part's function is that part's alone.
PARTS: dict[str, tuple[tuple[Any, str], ...]] = {
    "parse": ((Recommender, "understand"),),
    "read": ((LanguageModel, "encode_each"),),
    "find": ((Recommender, "_found"), (Recommender, "_of_kind")),
    "judge": ((recommender_module, "opinion_of"),),
    "assess": ((Assessor, "fitting"), (Assessor, "assess")),
    "options and reasons": ((Recommender, "_items"),),
}


class Parts:
    """Adds up the processor time of each part while it is active.

    Attributes:
        seconds: part → of the request at hand.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._within = 0.0
        for part, functions in PARTS.items():
            for owner, name in functions:
                setattr(owner, name, self._timed(part, getattr(owner, name)))

    def _timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            outside, self._within = self._within, 0.0
            started = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                passed = time.process_time() - started
                own = passed - self._within
                self.seconds[part] = self.seconds.get(part, 0.0) + own
                self._within = outside + passed

        return timed


def size(folder: Path) -> int:
    """Bytes of the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value that ``share`` percent of the values do not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def distinct_requests(shop: Shop, queries: Path | None, count: int) -> list[str]:
    """Return up to so many different requests, of a file or of the shop's goals."""
    found: dict[str, None] = {}
    if queries is not None:
        given = read_json_lines(queries, lambda record: str(record["query"]), InputError)
        found = dict.fromkeys(given)
    else:
        for number in range(len(shop.goals)):
            found[shop.goals[number].instruction] = None
            if len(found) == count:
                break
    return list(found)[:count]


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shop", required=True)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--fast", action="store_true", help="fast answers, without the agent")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--queries", type=Path, help="a JSON lines file with a query a line")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    use_threads(1)
    shop = Shop.open(arguments.shop)
    started = time.perf_counter()
    agent = open_agent(arguments.agent, shop)
    loading = time.perf_counter() - started
    if isinstance(agent, PrivilegedAgent):
        parser.error("--agent: expected one that reads requests")
    requests = distinct_requests(shop, arguments.queries, WARM_UP + arguments.requests)
    recommender = Recommender.of(shop)
    asked = None if arguments.fast else agent
    parts = Parts()
    passed, processor, by_part = [], [], []
    for request in requests:
        parts.seconds = {}
        started, started_processor = time.perf_counter(), time.process_time()
        recommender.recommend(asked, recommender.understand(request))
        passed.append(1e3 * (time.perf_counter() - started))
        processor.append(1e3 * (time.process_time() - started_processor))
        by_part.append({part: 1e3 * seconds for part, seconds in parts.seconds.items()})
    passed, processor, by_part = passed[WARM_UP:], processor[WARM_UP:], by_part[WARM_UP:]
    if not passed:
        parser.error(f"expected more than {WARM_UP} different requests, got {len(requests)}")
    run = Path(arguments.agent)
    served = [
        path for path in run.glob("*") if path.name in (AGENT.description, AGENT.weights, HISTORY)
    ]
    figures: dict[str, tuple[float, str]] = {
        "recommendation, median": (statistics.median(passed), "ms"),
        "recommendation, 99th percentile": (percentile(passed, 99), "ms"),
        "processor time, median": (statistics.median(processor), "ms"),
        "processor time, 99th percentile": (percentile(processor, 99), "ms"),
        **{
            f"processor time of {part}, median": (
                statistics.median(each.get(part, 0.0) for each in by_part),
                "ms",
            )
            for part in PARTS
        },
        "agent's own files": (sum(path.stat().st_size for path in served) / 1e6, "MB"),
        "agent, loaded with its language model": (loading, "s"),
        "token states of the shop on disk": (size(shop.folder / "states") / 1e6, "MB"),
    }
    what = f"{len(shop.catalogue):,} products, {len(passed)} requests, one core"
    rows = [(name, f"{value:,.1f}", unit) for name, (value, unit) in figures.items()]
    print_table(what, ("what", "measured", "unit"), rows)
    write_json(arguments.out, {"products": len(shop.catalogue), "figures": figures})


if __name__ == "__main__":
    main()
