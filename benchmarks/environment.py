"""How fast the shop is: steps, searches, resets, opening; one table with the spread.

    python benchmarks/environment.py [--shop SHOP] [--repetitions 5] [--out FILE.json]

Without ``--shop``, a shop is built in a temporary folder: of WebShop's 1,000 products if the
environment variable SHOPWRIGHT_SHARED names the folder that holds them (or ``../shared`` does),
else of the demo catalogue.

Every repetition is a process of its own, on one core. **cold**: what the process does first, so
nothing that it meets was seen before: no query, product, word or goal. **warm**: what it does
after that; queries are still all different, products come again as they do in real episodes.
Steps are counted by the processor time that they and the choosing of actions take, which on an
idle machine is the time that passes; searches and resets by the time that passes.
The shopper chooses at random among the available actions, in episodes of 15 steps; wherever there
is a search bar it searches for ten words of the catalogue's titles.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()  # Before anything of the package is imported.
REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "benchmarks" / "results" / "environment.json"

STEP_LIMIT = 15
QUERY_WORDS = 10
COLD_STEPS, WARM_STEPS = 2_000, 20_000
MEMBERS = 64
ROUNDS = 10
COLD_SEARCHES, WARM_SEARCHES = 300, 3_000
RESETS = 3_000

# Name → (unit, target, whether more is better).
TARGETS: dict[str, tuple[str, float | None, bool]] = {
    "steps, text, cold": ("steps/s", 20_000, True),
    "steps, text, warm": ("steps/s", 20_000, True),
    "steps, text_rich, cold": ("steps/s", 15_000, True),
    "steps, text_rich, warm": ("steps/s", 15_000, True),
    "steps, html, warm": ("steps/s", None, True),
    "steps, vector of 64, cold": ("steps/s", 20_000, True),
    "steps, vector of 64, warm": ("steps/s", 20_000, True),
    "vector's step by one single's": ("ratio", 1, False),
    "vector's step by 64 singles'": ("ratio", 1, False),
    "memory of a vector's member": ("KB", 100, False),
    "search, cold, median": ("ms", 0.15, False),
    "search, warm, median": ("ms", 0.15, False),
    "search, warm, 99th percentile": ("ms", None, False),
    "reset, cold, median": ("us", 50, False),
    "reset, warm, median": ("us", 50, False),
    "open, import included": ("s", 1, False),
    "resident memory, opened": ("MB", 250, False),
    "searches among the steps": ("%", None, True),
}


class Shopper:
    """Chooses at random among the available actions; never searches for the same twice."""

    def __init__(self, shop: Any, seed: int) -> None:
        from shopwright import Shop

        self._random = random.Random(seed)
        # Read through another opened shop, so that this one has met no product yet.
        other = Shop.open(shop.folder)
        rows = self._random.sample(range(len(other.catalogue)), min(2_000, len(other.catalogue)))
        self._words = sorted(
            {w for row in rows for w in other.catalogue.listing(row).title.split()}
        )
        self.searches = 0

    def query(self) -> str:
        """Return ten words, in an order that never came before (for all practical purposes)."""
        return " ".join(self._random.choices(self._words, k=QUERY_WORDS))

    def action(self, available: dict[str, Any]) -> str:
        """Return an action."""
        if available["has_search_bar"]:
            self.searches += 1
            return f"search[{self.query()}]"
        return f"click[{self._random.choice(available['clickables'])}]"


def run_steps(environment: Any, shopper: Shopper, steps: int) -> float:
    """Return steps a second over whole episodes."""
    done = 0
    started = time.process_time()
    while done < steps:
        _, info = environment.reset()
        ended = False
        while not ended:
            action = shopper.action(info["available_actions"])
            _, _, terminated, truncated, info = environment.step(action)
            ended = terminated or truncated
            done += 1
    return done / (time.process_time() - started)


def run_in_turns(environments: Sequence[Any], shopper: Shopper, steps: int) -> float:
    """Return steps a second of single environments that take a step each in turns."""
    infos = [environment.reset()[1] for environment in environments]
    started = time.process_time()
    for number in range(steps):
        member = number % len(environments)
        action = shopper.action(infos[member]["available_actions"])
        _, _, terminated, truncated, infos[member] = environments[member].step(action)
        if terminated or truncated:
            _, infos[member] = environments[member].reset()
    return steps / (time.process_time() - started)


def measure_steps(shop: Any, seed: int, observation: str) -> dict[str, float]:
    """Measure a single environment."""
    import gymnasium

    environment = gymnasium.make(
        "shopwright/Shop-v0", shop=shop, observation=observation, step_limit=STEP_LIMIT,
        disable_env_checker=True,
    )  # fmt: skip
    environment.reset(seed=seed)
    shopper = Shopper(shop, seed)
    cold = run_steps(environment, shopper, COLD_STEPS)
    shopper.searches = 0
    warm = run_steps(environment, shopper, WARM_STEPS)
    result = {
        f"steps, {observation}, warm": warm,
        "searches among the steps": 100 * shopper.searches / WARM_STEPS,
    }
    return result if observation == "html" else {**result, f"steps, {observation}, cold": cold}


def measure_vector(shop: Any, seed: int) -> dict[str, float]:
    """Measure a vector environment, beside a single one in turns, and its members' memory."""
    from shopwright import ShopEnvironment
    from shopwright.shop.vector import make_vector

    shopper = Shopper(shop, seed)

    def run(environments: Any, steps: int) -> float:
        """Return the steps a second of all members together."""
        count = environments.num_envs
        _, info = environments.reset(seed=seed)
        started = time.process_time()
        for _ in range(steps // count):
            available = info["available_actions"]
            bars, clickables = (
                available["has_search_bar"].tolist(),
                available["clickables"].tolist(),
            )
            pairs = zip(bars, clickables, strict=True)
            actions = [
                shopper.action({"has_search_bar": bar, "clickables": names}) for bar, names in pairs
            ]
            _, _, _, _, info = environments.step(actions)
        return steps // count * count / (time.process_time() - started)

    environments = make_vector(shop, MEMBERS, step_limit=STEP_LIMIT)
    cold = run(environments, COLD_STEPS)
    singles = [ShopEnvironment(shop, step_limit=STEP_LIMIT) for _ in range(MEMBERS)]
    for member, environment in enumerate(singles):
        environment.reset(seed=member)
    together, alone, in_turns = [], [], []
    for _ in range(ROUNDS):
        together.append(run(environments, WARM_STEPS // ROUNDS))
        alone.append(run_steps(singles[0], shopper, WARM_STEPS // ROUNDS))
        in_turns.append(run_in_turns(singles, shopper, WARM_STEPS // ROUNDS))
    gc.collect()
    tracemalloc.start()
    more = make_vector(shop, MEMBERS, step_limit=STEP_LIMIT)
    run(more, MEMBERS * STEP_LIMIT)
    gc.collect()
    # What the shop keeps of these steps is counted too: it is the upper bound that is of interest.
    memory = tracemalloc.get_traced_memory()[0] / MEMBERS / 1024
    tracemalloc.stop()
    return {
        "steps, vector of 64, cold": cold,
        "steps, vector of 64, warm": statistics.median(together),
        "vector's step by one single's": statistics.median(alone) / statistics.median(together),
        "vector's step by 64 singles'": statistics.median(in_turns) / statistics.median(together),
        "memory of a vector's member": memory,
    }


def times_of(action: Callable[[], object], count: int) -> list[float]:
    """Return the sorted times of this many calls, in seconds."""
    times = []
    for _ in range(count):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return sorted(times)


def measure_search(shop: Any, seed: int) -> dict[str, float]:
    """Measure searches for ten words, the best 50."""
    shopper = Shopper(shop, seed)
    queries = [shopper.query() for _ in range(COLD_SEARCHES + WARM_SEARCHES)]
    cold = times_of(lambda: shop.search(queries.pop(), limit=50), COLD_SEARCHES)
    warm = times_of(lambda: shop.search(queries.pop(), limit=50), WARM_SEARCHES)
    return {
        "search, cold, median": 1e3 * statistics.median(cold),
        "search, warm, median": 1e3 * statistics.median(warm),
        "search, warm, 99th percentile": 1e3 * warm[len(warm) * 99 // 100],
    }


def measure_reset(shop: Any, seed: int) -> dict[str, float]:
    """Measure resets that draw a goal."""
    from shopwright import ShopEnvironment

    environment = ShopEnvironment(shop)
    environment.reset(seed=seed)
    cold = times_of(environment.reset, 200)
    warm = times_of(environment.reset, RESETS)
    return {
        "reset, cold, median": 1e6 * statistics.median(cold),
        "reset, warm, median": 1e6 * statistics.median(warm),
    }


def measure_open(path: str) -> tuple[Any, dict[str, float]]:
    """Measure opening a shop, the import included (but not the start of Python)."""
    from shopwright import Shop

    shop = Shop.open(path)
    shop.search("warm red shoes")
    seconds = time.perf_counter() - STARTED
    # Not getrusage: its peak would count the process that started this one.
    status = Path("/proc/self/status").read_text().splitlines()
    megabytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    return shop, {"open, import included": seconds, "resident memory, opened": megabytes}


MEASUREMENTS: dict[str, Callable[[Any, int], dict[str, float]]] = {
    "text": lambda shop, seed: measure_steps(shop, seed, "text"),
    "text_rich": lambda shop, seed: measure_steps(shop, seed, "text_rich"),
    "html": lambda shop, seed: measure_steps(shop, seed, "html"),
    "vector": measure_vector,
    "search": measure_search,
    "reset": measure_reset,
}


def build(folder: Path) -> str:
    """Build the shop to measure and say what it is."""
    from shopwright import build_shop, generate_products, read_webshop

    shared = Path(os.environ.get("SHOPWRIGHT_SHARED", REPOSITORY.parent / "shared")) / "webshop"
    items = shared / "items_shuffle_1000.json"
    if not items.exists():
        build_shop(generate_products(1_000), folder, source={"kind": "demo"})
        return "demo catalogue, 1,000 products"
    attributes = shared / "items_ins_v2_1000.json"
    build_shop(read_webshop(items, attributes), folder, source={"kind": "webshop"})
    return "WebShop, 1,000 products"


def measured(shop: str, repetitions: int) -> dict[str, list[float]]:
    """Run every measurement in processes of their own, in turns; return all figures by name."""
    figures: dict[str, list[float]] = {}
    for repetition in range(repetitions):
        for name in MEASUREMENTS:
            command = [sys.executable, __file__, "--shop", shop, "--measure", name]
            command += ["--seed", str(repetition)]
            output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
            for figure, value in json.loads(output).items():
                figures.setdefault(figure, []).append(value)
        print(f"repetition {repetition + 1} of {repetitions} done", file=sys.stderr)
    return figures


def print_table(figures: dict[str, list[float]]) -> None:
    """Print median, spread and target of each figure."""
    print(f"{'what':34}{'median':>12}{'least':>12}{'most':>12}  {'unit':9}{'target':>10}")
    for name, (unit, target, more_is_better) in TARGETS.items():
        values = figures[name]
        median = statistics.median(values)
        digits = 3 if median < 10 else 0
        row = "".join(f"{value:12,.{digits}f}" for value in (median, min(values), max(values)))
        verdict = ""
        if target is not None:
            met = median >= target if more_is_better else median <= target
            verdict = (
                f"{'>=' if more_is_better else '<='} {target:<7,g} {'met' if met else 'MISSED'}"
            )
        print(f"{name:34}{row}  {unit:9}{verdict}")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shop", help="a shop folder; built if not given")
    parser.add_argument("--repetitions", type=int, default=5, help="processes per figure")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    parser.add_argument("--measure", choices=MEASUREMENTS, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        shop, figures = measure_open(arguments.shop)
        print(json.dumps({**figures, **MEASUREMENTS[arguments.measure](shop, arguments.seed)}))
        return
    with tempfile.TemporaryDirectory() as temporary:
        path, what = arguments.shop, arguments.shop
        if path is None:
            path = str(Path(temporary) / "shop")
            what = build(Path(path))
        figures = measured(path, arguments.repetitions)
    print(f"{what}; Python {platform.python_version()}, {platform.machine()}, one core")
    print_table(figures)
    report = {
        name: {"unit": unit, "target": target, "values": figures[name]}
        for name, (unit, target, _) in TARGETS.items()
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps({"shop": what, "figures": report}, indent=2) + "\n")
    print(f"written to {arguments.out}")


if __name__ == "__main__":
    main()
