"""How long a recommendation takes, and what an agent takes on disk and to load.

    python benchmarks/recommend.py --shop SHOP --agent RUN [--requests 200] [--out FILE.json]

One process on one core, warm: the first requests are not counted. All requests are different: those
of the shop's test goals or, where there are not enough, of further goals. The catalogue protocol,
as `shopwright recommend` answers.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from pathlib import Path

from shopwright import Shop
from shopwright.agents.registry import open_agent
from shopwright.console import print_table
from shopwright.encoding.compute import use_threads
from shopwright.files import write_json
from shopwright.policy.checkpoint import AGENT, HISTORY
from shopwright.recommending.recommender import Recommender
from shopwright.rollouts.agent import PrivilegedAgent

RESULTS = Path(__file__).resolve().parent / "results" / "recommend.json"
WARM_UP = 20


def size(folder: Path) -> int:
    """Bytes of the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shop", required=True)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--requests", type=int, default=200)
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
    requests: dict[str, None] = {}
    for number in range(len(shop.goals)):
        requests[shop.goals[number].instruction] = None
        if len(requests) == WARM_UP + arguments.requests:
            break
    recommender = Recommender.of(shop)
    milliseconds = []
    for request in requests:
        started = time.perf_counter()
        recommender.recommend(agent, recommender.understand(request))
        milliseconds.append(1e3 * (time.perf_counter() - started))
    milliseconds = sorted(milliseconds[WARM_UP:])
    run = Path(arguments.agent)
    served = [
        path for path in run.glob("*") if path.name in (AGENT.description, AGENT.weights, HISTORY)
    ]
    figures: dict[str, tuple[float, str]] = {
        "recommendation, median": (statistics.median(milliseconds), "ms"),
        "recommendation, 90th percentile": (milliseconds[len(milliseconds) * 9 // 10], "ms"),
        "agent's own files": (sum(path.stat().st_size for path in served) / 1e6, "MB"),
        "agent, loaded with its language model": (loading, "s"),
        "token states of the shop on disk": (size(shop.folder / "states") / 1e6, "MB"),
    }
    what = f"{len(shop.catalogue):,} products, {len(milliseconds)} requests, one core"
    rows = [(name, f"{value:,.1f}", unit) for name, (value, unit) in figures.items()]
    print_table(what, ("what", "measured", "unit"), rows)
    write_json(arguments.out, {"products": len(shop.catalogue), "figures": figures})


if __name__ == "__main__":
    main()
