"""Success against the number of generated trajectories: the data-efficiency curve.

    python benchmarks/data_efficiency.py --shop SHOP --out FOLDER [--goals FILE.jsonl ...]
        [--trajectories 10 30 100 300 1000] [--seeds 0 1 2] [--jobs 2]

For each number and seed it does, in a process of its own with one thread, what `shopwright
generate --agent explorer --goals train`, `shopwright train imitation` and `shopwright evaluate` do,
and keeps the figures in FOLDER, so that a run that was stopped goes on. It prints a row per number
and kind of goals (mean over the seeds, the least seed), and writes
benchmarks/results/data_efficiency.json and docs/images/data-efficiency.png.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from agent import SETTINGS, evaluations, goals_by_name
from shopwright import Shop
from shopwright.console import print_table
from shopwright.files import write_json

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "benchmarks" / "results" / "data_efficiency.json"
PLOT = REPOSITORY / "docs" / "images" / "data-efficiency.png"


def measure(
    shop_folder: Path, out: Path, trajectories: int, seed: int, goal_files: list[Path]
) -> None:
    """Generate, train and evaluate; write the figures to out/cell.json."""
    from shopwright.agents.registry import open_agent
    from shopwright.agents.rules import Explorer
    from shopwright.rollouts.generate import GenerateConfig, generate_perfect
    from shopwright.training.methods.imitation import ImitationConfig, train_imitation

    shop = Shop.open(shop_folder)
    started = time.perf_counter()
    generated = generate_perfect(
        Explorer(seed),
        shop,
        shop.goals.split("train"),
        GenerateConfig(trajectories=trajectories, seed=seed),
    )
    config = ImitationConfig(seed=seed, threads=1, processes=1)
    train_imitation(shop, generated.trajectories, out / "imitation", config)
    seconds = time.perf_counter() - started
    agent = open_agent(str(out / "imitation"), shop)
    records = evaluations(agent, shop, goals_by_name(shop, goal_files), SETTINGS[:2])
    cell = {
        "trajectories": trajectories,
        "seed": seed,
        "tries": generated.tries,
        "seconds": seconds,
        "records": records,
    }
    write_json(out / "cell.json", cell)


def table(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each number of trajectories, kind of goals and protocol."""
    rows = []
    for number in sorted({cell["trajectories"] for cell in cells}):
        own = [cell for cell in cells if cell["trajectories"] == number]
        for records in zip(*(cell["records"] for cell in own), strict=True):
            first, successes = records[0], [record["success_rate"] for record in records]
            rows.append(
                {
                    "trajectories": number,
                    "goals": first["goals"],
                    "protocol": first["protocol"],
                    "step_limit": first["step_limit"],
                    "score": statistics.mean(record["score"] for record in records),
                    "success": statistics.mean(successes),
                    "least": min(successes),
                    "most": max(successes),
                    "minutes": statistics.mean(cell["seconds"] for cell in own) / 60,
                }
            )
    return rows


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw success over trajectories, and over minutes, a line per goals and protocol."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained", sharey=True)
    keys = dict.fromkeys((row["goals"], row["protocol"], row["step_limit"]) for row in rows)
    for goals, protocol, limit in keys:
        if goals not in ("test", "test-unseen"):
            continue
        key = (goals, protocol, limit)
        own = [row for row in rows if (row["goals"], row["protocol"], row["step_limit"]) == key]
        middle = [row["success"] for row in own]
        below = [row["success"] - row["least"] for row in own]
        above = [row["most"] - row["success"] for row in own]
        label = f"{goals}, {protocol}"
        style = "-" if goals == "test" else "--"
        for axis, name in zip(axes, ("trajectories", "minutes"), strict=True):
            values = [row[name] for row in own]
            axis.errorbar(
                values, middle, (below, above), label=label, marker="o", linestyle=style, capsize=2
            )
    axes[0].set(xscale="log", xlabel="generated trajectories", ylabel="success, %")
    axes[1].set(xlabel="minutes of generation and training, one core")
    for axis in axes:
        axis.grid(visible=True, alpha=0.3)
    axes[0].legend(frameon=False, fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


def main() -> None:
    """Measure what is not measured yet, print, draw and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shop", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where the agents go")
    parser.add_argument("--goals", type=Path, nargs="*", default=[], help="files of goals, too")
    parser.add_argument("--trajectories", type=int, nargs="+", default=[10, 30, 100, 300, 1000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=2, help="processes at once, a thread each")
    arguments = parser.parse_args()
    asked = [
        (number, seed, arguments.out / f"{number}-{seed}")
        for seed in arguments.seeds
        for number in sorted(arguments.trajectories, reverse=True)
    ]
    # Encoded texts are shared: the first process that needs them would make the others wait.
    with ProcessPoolExecutor(
        arguments.jobs, mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        waiting = [
            pool.submit(measure, arguments.shop, out, number, seed, arguments.goals)
            for number, seed, out in asked
            if not (out / "cell.json").is_file()
        ]
        for done, future in enumerate(waiting, start=1):
            future.result()
            print(f"{done} of {len(waiting)} measured", flush=True)
    cells = [json.loads((out / "cell.json").read_bytes()) for _, _, out in asked]
    rows = table(cells)
    write_json(RESULTS, rows)
    print_table(
        f"{len(arguments.seeds)} seeds: mean, least",
        ("trajectories", "goals", "protocol", "score", "success %", "least seed", "minutes"),
        [
            (
                f"{row['trajectories']:,}",
                row["goals"],
                row["protocol"]
                if row["step_limit"] is None
                else f"{row['protocol']}, {row['step_limit']} steps",
                f"{row['score']:.2f}",
                f"{row['success']:.1f}",
                f"{row['least']:.1f}",
                f"{row['minutes']:.1f}",
            )
            for row in rows
        ],
    )
    plot(rows, PLOT)


if __name__ == "__main__":
    main()
