"""How cost grows with the catalogue: building, opening, searching and shopping at several sizes.

    python benchmarks/growth.py [--sizes 1000 10000 100000 1180000] [--folder FOLDER]

Demo catalogues of these sizes are built in a temporary folder (or in FOLDER, where they stay, and
one that is there already is not built again: its building is then not measured). Every shop is
built and measured in processes of their own, on one core; 1,180,000 products take ten minutes to
twenty and 4 GB of disk while they are built, half of that afterwards. Prints a table, writes
``benchmarks/results/growth.json`` and, where matplotlib is installed, ``docs/images/growth.png``.

Queries are ten words of titles, all different. Steps are those of random shoppers; what is timed
is the median of the steps that are no search, each on products that the process has not met.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "benchmarks" / "results" / "growth.json"
PLOT = REPOSITORY / "docs" / "images" / "growth.png"

QUICK_SIZES = (1_000, 10_000, 100_000)
SIZES = (*QUICK_SIZES, 1_180_000)
SEARCHES = 1_000
STEPS = 4_000
STEP_LIMIT = 15
QUERY_WORDS = 10

# Figure → (heading, unit, digits).
FIGURES = {
    "build_seconds": ("build", "s", 1),
    "build_processor_seconds": ("build, processor time", "s", 1),
    "build_peak_megabytes": ("build, peak memory", "MB", 0),
    "disk_megabytes": ("shop on disk", "MB", 0),
    "open_seconds": ("open", "s", 3),
    "open_megabytes": ("resident, opened", "MB", 0),
    "search_median_milliseconds": ("search, median", "ms", 3),
    "search_99th_milliseconds": ("search, 99th percentile", "ms", 3),
    "searched_megabytes": (f"resident, after {SEARCHES:,} searches", "MB", 0),
    "step_median_microseconds": ("step but search, median", "us", 1),
    "reset_median_microseconds": ("reset, median", "us", 1),
}


def resident_megabytes() -> float:
    """Return the memory of this process that is resident, mapped files included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def build(folder: Path, products: int) -> dict[str, float]:
    """Build a demo shop and return what it took."""
    from shopwright import build_shop, generate_products

    started = time.perf_counter()
    build_shop(
        generate_products(products),
        folder,
        source={"kind": "demo", "products": products, "seed": 0},
        total=products,
        progress=lambda stage, done, total: print(f"{stage} {done:,}/{total:,}", file=sys.stderr),
    )
    return {
        "build_seconds": time.perf_counter() - started,
        "build_processor_seconds": time.process_time(),
        "build_peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    }


def queries_of(shop: Any, count: int) -> list[str]:
    """Return different queries of ten title words."""
    generator = random.Random(1)
    rows = generator.sample(range(len(shop.catalogue)), min(2_000, len(shop.catalogue)))
    words = sorted({w for row in rows for w in shop.catalogue.listing(row).title.lower().split()})
    return [" ".join(generator.choices(words, k=QUERY_WORDS)) for _ in range(count)]


def use(folder: Path) -> dict[str, float]:
    """Open a shop, search and shop in it; return what it took."""
    from shopwright import Shop, ShopEnvironment

    started = time.perf_counter()
    shop = Shop.open(folder)
    figures = {
        "open_seconds": time.perf_counter() - started,
        "open_megabytes": resident_megabytes(),
        "disk_megabytes": sum(file["bytes"] for file in shop.manifest["files"].values()) / 1e6,
    }
    queries = queries_of(Shop.open(folder), SEARCHES + STEPS)
    times = []
    for query in queries[:SEARCHES]:
        started = time.perf_counter()
        shop.search(query, limit=50)
        times.append(time.perf_counter() - started)
    times.sort()
    figures["search_median_milliseconds"] = 1e3 * statistics.median(times)
    figures["search_99th_milliseconds"] = 1e3 * times[len(times) * 99 // 100]
    figures["searched_megabytes"] = resident_megabytes()

    generator = random.Random(2)
    environment = ShopEnvironment(shop, step_limit=STEP_LIMIT)
    environment.reset(seed=0)
    steps, resets = [], []
    _, info = environment.reset()
    for query in queries[SEARCHES:]:
        available = info["available_actions"]
        if searches := available["has_search_bar"]:
            action = f"search[{query}]"
        else:
            action = f"click[{generator.choice(available['clickables'])}]"
        started = time.perf_counter()
        _, _, terminated, truncated, info = environment.step(action)
        if not searches:
            steps.append(time.perf_counter() - started)
        if terminated or truncated:
            started = time.perf_counter()
            _, info = environment.reset()
            resets.append(time.perf_counter() - started)
    figures["step_median_microseconds"] = 1e6 * statistics.median(steps)
    figures["reset_median_microseconds"] = 1e6 * statistics.median(resets)
    return figures


def in_a_process(what: str, folder: Path, products: int) -> dict[str, float]:
    """Run :func:`build` or :func:`use` in a process of its own."""
    command = [sys.executable, __file__, "--run", what, "--folder", str(folder)]
    command += ["--sizes", str(products)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment).stdout
    figures: dict[str, float] = json.loads(output)
    return figures


def print_table(rows: Sequence[Mapping[str, float]]) -> None:
    """Print a line for each figure and a column for each size."""
    print(f"{'products':36}" + "".join(f"{row['products']:>14,}" for row in rows))
    for name, (heading, unit, digits) in FIGURES.items():
        cells = (f"{row[name]:>14,.{digits}f}" if name in row else f"{'':>14}" for row in rows)
        print(f"{f'{heading} ({unit})':36}" + "".join(cells))


def plot(rows: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw the times over the sizes, both on logarithmic axes."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (long, short) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    lines = (
        (long, "build_seconds", 1.0, "build"),
        (long, "open_seconds", 1.0, "open"),
        (short, "search_99th_milliseconds", 1.0, "search, 99th percentile"),
        (short, "search_median_milliseconds", 1.0, "search, median"),
        (short, "step_median_microseconds", 1e-3, "step but search, median"),
    )
    for axes, name, factor, label in lines:
        measured = [row for row in rows if name in row]
        sizes = [row["products"] for row in measured]
        axes.loglog(sizes, [factor * row[name] for row in measured], marker="o", label=label)
    for axes, unit in ((long, "seconds"), (short, "milliseconds")):
        axes.set(xlabel="products", ylabel=unit)
        axes.grid(visible=True, alpha=0.3)
        axes.legend(frameon=False)
    figure.savefig(path, dpi=90)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of products")
    parser.add_argument(
        "--quick", action="store_true", help=f"up to {QUICK_SIZES[-1]:,} products, nothing written"
    )
    parser.add_argument("--folder", type=Path, help="where the shops are kept")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    parser.add_argument("--plot", type=Path, default=PLOT, help="where to draw them")
    parser.add_argument("--run", choices=("build", "use"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run == "build":
        print(json.dumps(build(arguments.folder, arguments.sizes[0])))
        return
    if arguments.run == "use":
        print(json.dumps(use(arguments.folder)))
        return
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for products in QUICK_SIZES if arguments.quick else arguments.sizes:
            folder = (arguments.folder or Path(temporary)) / f"demo-{products}"
            row: dict[str, float] = {"products": products}
            if not folder.exists():
                row.update(in_a_process("build", folder, products))
            row.update(in_a_process("use", folder, products))
            rows.append(row)
            print(f"{products:,} products done", file=sys.stderr)
    print_table(rows)
    if arguments.quick:
        return
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(rows, indent=2) + "\n")
    try:
        plot(rows, arguments.plot)
    except ImportError as error:
        print(f"not drawn: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
