"""What the default recipe reaches, over training seeds: the table of the README.

    python benchmarks/agent.py --shop SHOP [--goals FILE.jsonl ...] [--seeds 3] [--out FOLDER]

Trains with each seed (a training that was done is not done again), evaluates on the test and the
unseen goals and on files of goals, under both protocols, and prints a row per goals and protocol:
the mean over seeds, the least seed, and the seconds of training. Writes
benchmarks/results/agent.json.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from shopwright import Shop
from shopwright.console import Stages, print_table
from shopwright.evaluation.episodes import evaluate
from shopwright.files import write_json
from shopwright.policies.agents import open_agent
from shopwright.shop.goals import read_goals
from shopwright.training.recipe import RecipeConfig, train_default

RESULTS = Path(__file__).resolve().parent / "results" / "agent.json"
SETTINGS = (("catalogue", None), ("pages", 15), ("pages", 100))


def main() -> None:
    """Train, evaluate, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", required=True)
    parser.add_argument("--goals", nargs="*", default=[], help="files of goals, beside the splits")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trajectories", type=int, help="perfect rollouts; default: the recipe's")
    parser.add_argument("--invented", type=int, help="invented goals; default: the recipe's")
    parser.add_argument("--out", help="where the agents go; default: a temporary folder")
    arguments = parser.parse_args()
    shop = Shop.open(arguments.shop)
    goals = {name: shop.goals.split(name) for name in ("test", "test-unseen")}
    if shop.goals.human:
        goals["human"] = shop.goals.human
    for path in map(Path, arguments.goals):
        goals[path.stem] = read_goals(path, shop.catalogue)
    changed = {
        name: value
        for name in ("trajectories", "invented")
        if (value := getattr(arguments, name)) is not None
    }
    with tempfile.TemporaryDirectory() as temporary, Stages() as stages:
        folder = Path(arguments.out or temporary)
        found = []
        for seed in range(arguments.seeds):
            run = folder / f"seed-{seed}"
            if not (run / "result.json").is_file():
                train_default(shop, run, RecipeConfig(seed=seed, **changed), progress=stages)
            result = json.loads((run / "result.json").read_bytes())
            for stage in ("imitation", "dpo"):
                agent = open_agent(str(run / stage), shop)
                for name, chosen in goals.items():
                    for protocol, limit in SETTINGS:
                        if limit == 100 and stage != result["chosen"]:
                            continue  # Long, and not what is served.
                        with stages.stage(f"seed {seed}, {stage}, {name}, {protocol}") as progress:
                            record = evaluate(
                                agent,
                                shop,
                                chosen,
                                protocol=protocol,
                                step_limit=limit,
                                goals_name=name,
                                progress=progress,
                            ).record()
                        record |= {"train_seconds": result["seconds"], "seed": seed}
                        found.append({**record, "stage": stage})
                        if stage == result["chosen"]:
                            found.append({**record, "stage": "finished"})
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
