"""What the default recipe reaches, over training seeds: the table of the README.

    python benchmarks/agent.py --shop SHOP [--goals FILE.jsonl ...] [--seeds 3] [--jobs 1]
        [--out FOLDER]

Trains with each seed (a training that was done is not done again), evaluates on the test and the
unseen goals and on files of goals, under both protocols, and prints a row per goals and protocol:
the mean over seeds, the least seed, and the seconds of training. Writes
benchmarks/results/agent.json.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

from shopwright import Shop
from shopwright.agents.registry import open_agent
from shopwright.console import print_table
from shopwright.encoding.compute import use_threads
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import open_states
from shopwright.evaluation.episodes import evaluate
from shopwright.files import write_json
from shopwright.rollouts.agent import AnyAgent
from shopwright.shop.goal_files import read_goals
from shopwright.shop.goals import Goal
from shopwright.training.recipe import RecipeConfig, train_default

RESULTS = Path(__file__).resolve().parent / "results" / "agent.json"
SETTINGS = (("catalogue", None), ("pages", 15), ("pages", 100))


def goals_by_name(shop: Shop, files: Sequence[str | Path]) -> dict[str, Sequence[Goal]]:
    """Return the test goals, those of unseen products, people's if there are any, and files'."""
    goals: dict[str, Sequence[Goal]] = {
        name: shop.goals.split(name) for name in ("test", "test-unseen")
    }
    if shop.goals.human:
        goals["human"] = shop.goals.human
    return goals | {path.stem: read_goals(path, shop.catalogue) for path in map(Path, files)}


def evaluations(
    agent: AnyAgent,
    shop: Shop,
    goals: Mapping[str, Sequence[Goal]],
    settings: Iterable[tuple[str, int | None]],
) -> list[dict[str, Any]]:
    """Return a record for each kind of goals and each (protocol, step limit)."""
    return [
        evaluate(agent, shop, chosen, protocol=protocol, step_limit=limit, goals_name=name).record()
        for name, chosen in goals.items()
        for protocol, limit in settings
    ]


def train_and_evaluate(
    shop_path: str, run: Path, config: RecipeConfig, goal_files: Sequence[str]
) -> list[dict[str, Any]]:
    """Train an agent if the run folder holds none yet; return what it reaches, a record for each
    stage, goals and protocol; "finished" is the stage that was kept."""
    use_threads(1)
    shop = Shop.open(shop_path)
    goals = goals_by_name(shop, goal_files)
    if not (run / "result.json").is_file():
        train_default(shop, run, config)
    print(f"seed {config.seed}: trained", file=sys.stderr, flush=True)
    result = json.loads((run / "result.json").read_bytes())
    found = []
    for stage in ("imitation", "dpo"):
        agent = open_agent(str(run / stage), shop)
        kept = stage == result["chosen"]
        # 100 steps take long, and the other stage is not served.
        for record in evaluations(agent, shop, goals, SETTINGS if kept else SETTINGS[:2]):
            record |= {"train_seconds": result["seconds"], "seed": config.seed}
            found.append({**record, "stage": stage})
            if kept:
                found.append({**record, "stage": "finished"})
    return found


def main() -> None:
    """Train, evaluate, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", required=True)
    parser.add_argument("--goals", nargs="*", default=[], help="files of goals, beside the splits")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--trajectories", type=int, help="perfect rollouts in all; default: the recipe's"
    )
    parser.add_argument("--invented", type=int, help="invented goals; default: the recipe's")
    parser.add_argument("--jobs", type=int, default=1, help="seeds at once, a core each")
    parser.add_argument("--out", help="where the agents go; default: a temporary folder")
    arguments = parser.parse_args()
    changed = {
        name: value
        for name in ("trajectories", "invented")
        if (value := getattr(arguments, name)) is not None
    }
    if arguments.trajectories is not None:
        changed["history_purchases"] = 0  # So many rollouts, and no more.
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.out or temporary)
        if arguments.jobs > 1:
            changed["processes"] = 1
        tasks = [
            (arguments.shop, folder / f"seed-{seed}", RecipeConfig(seed=seed, **changed))
            for seed in range(arguments.seeds)
        ]
        # Token states are made once, before several processes want them.
        open_states(Shop.open(arguments.shop), LanguageModel())
        spawned = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(arguments.jobs, mp_context=spawned) as pool:
            done = pool.map(train_and_evaluate, *zip(*tasks, strict=True), repeat(arguments.goals))
            found = [record for records in done for record in records]
    write_json(RESULTS, {"settings": changed, "runs": found})
    keys = dict.fromkeys((r["stage"], r["goals"], r["protocol"], r["step_limit"]) for r in found)
    rows = []
    for key in keys:
        runs = [r for r in found if (r["stage"], r["goals"], r["protocol"], r["step_limit"]) == key]
        successes = [r["success_rate"] for r in runs]
        stage, name, protocol, limit = key
        rows.append(
            (
                stage,
                name,
                protocol if limit is None else f"{protocol}, {limit} steps",
                f"{sum(r['score'] for r in runs) / len(runs):.2f}",
                f"{sum(successes) / len(successes):.1f}",
                f"{min(successes):.1f}",
                f"{max(r['train_seconds'] for r in runs):.0f}",
            )
        )
    columns = ("agent", "goals", "protocol", "score", "success %", "least seed", "seconds")
    print_table(f"{arguments.seeds} training seeds", columns, rows)


if __name__ == "__main__":
    main()
