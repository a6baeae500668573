"""Rules and trained policies in conversations with simulated shoppers.

    python benchmarks/conversations.py --shop SHOP --runs RUN ... [--goals test-unseen test]
        [--passes 7] [--processes 1] [--image FILE.png]

Each run is one of ``shopwright train conversation``; runs named METHOD-SEED are compared with the
best rule one by one and, over the seeds of a method, together. Every goal is asked for once a pass,
each time by a shopper of another temper; intervals are over goals. Prints tables and writes
``benchmarks/results/conversations.json``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.console import print_table
from shopwright.conversations.agents import BASELINES, GAIN, Converser
from shopwright.conversations.conversation import Openings
from shopwright.conversations.evaluate import (
    AfterQuestions,
    Conversed,
    evaluate_converser,
)
from shopwright.conversations.policy import LearnedConverser, open_policy
from shopwright.conversations.simulation import Task, tasks_of
from shopwright.files import write_json
from shopwright.intervals import bootstrap_mean
from shopwright.runs import Run
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop
from shopwright.workers import each

RESULTS = Path(__file__).resolve().parent / "results" / "conversations.json"
QUESTIONS = (1, 2, 3)


def tasks_in_passes(shop: Shop, split: str, passes: int) -> list[Task]:
    """Return a task for every goal of a split in each pass, the tempers shifted by one."""
    goals = shop.goals.split(split)
    return [
        task
        for number in range(passes)
        for task in tasks_of([*goals[number:], *goals[:number]], seed=number)
    ]


def over_goals(
    learned: Sequence[Conversed], rule: Conversed, goals: int, seed: int = 0
) -> dict[str, Any]:
    """Return the mean difference of several seeds to a rule: return, and success in percentage
    points. Goals are drawn anew, each with all its shoppers and all seeds."""
    rng = numpy_rng(seed, "conversations", "goals")

    def by_goal(name: str) -> np.ndarray:
        mean = np.mean([getattr(each, name) for each in learned], axis=0) - getattr(rule, name)
        passes = mean.reshape(-1, goals)
        return np.mean([np.roll(row, number) for number, row in enumerate(passes)], axis=0)

    returns, success = by_goal("returns"), 100.0 * by_goal("successes")
    return {
        "seeds": len(learned),
        "return": float(returns.mean()),
        "return_interval": list(bootstrap_mean(returns, rng=rng)),
        "success": float(success.mean()),
        "success_interval": list(bootstrap_mean(success, rng=rng)),
    }


def measure(
    shop: Shop, openings: Openings, runs: Sequence[Path], split: str, passes: int, processes: int
) -> dict[str, Any]:
    """Return what rules, runs and an agent that is told at once reach on the goals of a split."""
    tasks, goals = tasks_in_passes(shop, split, passes), shop.goals.count(split)
    learned = [LearnedConverser(open_policy(run), name=run.name) for run in runs]
    after = [AfterQuestions(a, count) for count in QUESTIONS for a in (GAIN, *learned)]
    everybody: list[Converser | None] = [None, *BASELINES, *learned, *after]
    for task in tasks:  # Found once, before processes divide the work.
        openings.candidates(task.shopper(shop).open())
    told, *rest = each(
        lambda agent: evaluate_converser(agent, openings, tasks), everybody, processes=processes
    )
    found = {conversed.agent: conversed for conversed in rest}
    rules = [found[rule.name] for rule in BASELINES]
    best = max(rules, key=lambda conversed: float(conversed.returns.mean()))
    gap = float(told.returns.mean() - best.returns.mean())
    methods: dict[str, list[str]] = {}
    for run in runs:
        methods.setdefault(run.name.rpartition("-")[0], []).append(run.name)
    together = {
        method: over_goals([found[name] for name in names], best, goals)
        for method, names in methods.items()
    }
    for compared in together.values():
        compared["share_of_gap"] = compared["return"] / gap
    asked = {}
    for count in QUESTIONS:
        names = [AfterQuestions(agent, count).name for agent in (GAIN, *learned)]
        asked[str(count)] = {
            "success": {name: 100.0 * float(found[name].successes.mean()) for name in names},
            "questions": {name: float(found[name].questions.mean()) for name in names},
            "differences": {
                method: over_goals(
                    [found[f"{run}, {count} questions"] for run in seeds], found[names[0]], goals
                )
                for method, seeds in methods.items()
            },
        }
    return {
        "goals": split,
        "conversations": len(tasks),
        "agents": [found[a.name].record() for a in (*BASELINES, *learned)] + [told.record()],
        "best_rule": best.agent,
        "gap": gap,
        "methods": together,
        "after_questions": asked,
    }


def draw(runs: Sequence[Path], measured: dict[str, Any], path: Path) -> None:
    """Draw the learning curves, and success by the number of questions."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    learning, asking = figure.subplots(1, 2)
    colours = {"ppo": "tab:blue", "dpo": "tab:orange"}
    rule = next(row for row in measured["agents"] if row["agent"] == measured["best_rule"])
    for run in runs:
        method = run.name.rpartition("-")[0].rpartition("-")[2]
        metrics = [row for row in Run(run, True).metrics() if "train_return" in row]
        smooth = np.convolve([row["train_return"] for row in metrics], np.ones(5) / 5, "valid")
        steps = [row["step"] for row in metrics][4:]
        learning.plot(steps, smooth, color=colours.get(method, "grey"), label=method)
    learning.axhline(rule["return"], color="black", linestyle=":", label=rule["agent"])
    learning.set(xlabel="update", ylabel="return while learning (acts drawn)")
    asked = measured["after_questions"]
    for name in (GAIN.name, *(run.name for run in runs)):
        method = name.rpartition("-")[0].rpartition("-")[2]
        values = [asked[str(n)]["success"][f"{name}, {n} questions"] for n in QUESTIONS]
        style = ":" if name == GAIN.name else "-"
        asking.plot(QUESTIONS, values, style, color=colours.get(method, "black"))
    asking.set(xlabel="questions, then one recommendation", ylabel="success, %", xticks=QUESTIONS)
    handles, labels = learning.get_legend_handles_labels()
    shown = dict(zip(labels, handles, strict=True))
    learning.legend(shown.values(), shown.keys())
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def show(measured: dict[str, Any]) -> None:
    """Print what was measured on a split."""
    table = [
        [
            row["agent"],
            f"{row['return']:.3f}",
            "{:.3f} to {:.3f}".format(*row["return_interval"]),
            f"{row['success_rate']:.1f}",
            f"{row['questions']:.2f}",
            f"{row['turns']:.2f}",
        ]
        for row in measured["agents"]
    ]
    columns = ("agent", "return", "95 %", "success %", "questions", "turns")
    print_table(f"conversations, goals {measured['goals']}", columns, table)
    for method, compared in measured["methods"].items():
        print(f"{method} less {measured['best_rule']}: {compared}")
    for count, compared in measured["after_questions"].items():
        print(f"after {count} questions: {compared['success']} {compared['differences']}")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shop", required=True)
    parser.add_argument("--runs", nargs="+", type=Path, required=True)
    parser.add_argument("--goals", nargs="+", default=["test-unseen", "test"])
    parser.add_argument("--passes", type=int, default=7)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--image", type=Path, help="draw curves of the first split into this file")
    arguments = parser.parse_args()
    shop = Shop.open(arguments.shop)
    openings = Openings(shop)
    results = {}
    for split in arguments.goals:
        results[split] = measure(
            shop, openings, arguments.runs, split, arguments.passes, arguments.processes
        )
        show(results[split])
        write_json(RESULTS, results)
    if arguments.image:
        draw(arguments.runs, results[arguments.goals[0]], arguments.image)


if __name__ == "__main__":
    main()
