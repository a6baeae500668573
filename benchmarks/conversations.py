"""Rules and trained policies in conversations with simulated shoppers.

    python benchmarks/conversations.py --shop SHOP --runs RUN ... [--world diverse]
        [--goals test-unseen] [--passes 8] [--image FILE.png]
    python benchmarks/conversations.py --shop SHOP --fit [--world diverse]

Each run is one of ``shopwright train conversation``; runs named METHOD-SEED are compared with the
rules over the seeds of a method. The rules have the settings that reach most, of 240 each, in 480
conversations for dev goals; ``--fit`` says which these are. Every goal is asked for once a pass,
each time by another shopper; intervals are over goals. Prints tables and adds what it measured to
``benchmarks/results/conversations.json``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.console import print_table
from shopwright.conversations.agents import EVERYTHING, NEVER, Converser
from shopwright.conversations.conversation import Openings
from shopwright.conversations.evaluate import AfterQuestions, Conversed, evaluate_converser
from shopwright.conversations.fitting import (
    Fitted,
    Outcomes,
    families,
    fit,
    outcomes_of_all,
    success_at,
)
from shopwright.conversations.policy import LearnedConverser, open_policy
from shopwright.conversations.simulation import Task, tasks_of
from shopwright.files import read_json, write_json
from shopwright.intervals import bootstrap_mean
from shopwright.runs import Run
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop

RESULTS = Path(__file__).resolve().parent / "results" / "conversations.json"
QUESTIONS = (1, 2, 3)
EAGERNESS = (-2.0, 2.0)
FITTED_IN = 480  # conversations for dev goals
COLOURS = {"ppo": "tab:blue", "dpo": "tab:orange"}


def fitted_rules(shop: Shop, openings: Openings, world: str) -> Fitted:
    """Return the rules with the settings that suit a world."""
    return fit(openings, tasks_of(shop.goals.split("dev")[:FITTED_IN], world=world))


def tasks_in_passes(shop: Shop, split: str, passes: int, world: str) -> list[Task]:
    """Return a task for every goal of a split in each pass, the shoppers shifted by one."""
    goals = shop.goals.split(split)
    return [
        task
        for number in range(passes)
        for task in tasks_of([*goals[number:], *goals[:number]], seed=number, world=world)
    ]


def by_goal(values: np.ndarray, goals: int) -> np.ndarray:
    """Return the mean of each goal over its passes."""
    passes = values.reshape(-1, goals)
    return np.mean([np.roll(row, number) for number, row in enumerate(passes)], axis=0)


def interval(values: np.ndarray, goals: int) -> dict[str, Any]:
    """Return the mean of differences, (tasks,), with an interval over goals, each drawn with all
    its shoppers."""
    means = by_goal(values, goals)
    rng = numpy_rng(0, "conversations", "goals")
    return {"mean": float(means.mean()), "interval": list(bootstrap_mean(means, rng=rng))}


def over_goals(learned: Sequence[Conversed], rule: Conversed, goals: int) -> dict[str, Any]:
    """Return the mean difference of several seeds to a rule: of returns, of success in percentage
    points."""
    returns = np.mean([each.returns for each in learned], axis=0) - rule.returns
    success = np.mean([each.successes for each in learned], axis=0) - rule.successes
    return {
        "return": interval(returns, goals),
        "success": interval(100.0 * success, goals),
    }


def at_equal_questions(
    learned: Sequence[Conversed], swept: Mapping[str, Outcomes], goals: int
) -> dict[str, Any]:
    """Return how much more success several seeds have, in percentage points, than each family of
    rules where it asks as many questions as they do."""
    return {
        family: interval(
            100.0
            * np.mean(
                [each.successes - success_at(outcomes, each.questions.mean()) for each in learned],
                axis=0,
            ),
            goals,
        )
        for family, outcomes in swept.items()
    }


def after_questions(
    evaluate: Callable[[Converser], Conversed],
    rule: Converser,
    learned: Mapping[str, list[LearnedConverser]],
    goals: int,
) -> dict[str, Any]:
    """Return success after so many questions and one recommendation."""
    asked: dict[str, Any] = {}
    for count in QUESTIONS:
        base = evaluate(AfterQuestions(rule, count))
        asked[str(count)] = {rule.name: 100.0 * float(base.successes.mean())}
        for method, agents in learned.items():
            found = [evaluate(AfterQuestions(agent, count)) for agent in agents]
            asked[str(count)][method] = over_goals(found, base, goals)["success"]
    return asked


def point(asked: np.ndarray, success: np.ndarray) -> list[float]:
    """Return mean questions, and success in percent."""
    return [float(asked.mean()), 100.0 * float(success.mean())]


def measure(
    shop: Shop, openings: Openings, runs: Sequence[Path], split: str, passes: int, world: str
) -> dict[str, Any]:
    """Return what rules, runs and an agent that is told at once reach on the goals of a split."""
    tasks, goals = tasks_in_passes(shop, split, passes, world), shop.goals.count(split)
    fitted = fitted_rules(shop, openings, world)
    rules = [NEVER, EVERYTHING, fitted.gain, fitted.myopic, *fitted.by_wording]

    def evaluate(agent: Converser | None) -> Conversed:
        return evaluate_converser(agent, openings, tasks)

    told, found = evaluate(None), {rule.name: evaluate(rule) for rule in rules}
    learned: dict[str, list[LearnedConverser]] = {}
    for run in runs:
        agent = LearnedConverser(open_policy(run), name=run.name)
        learned.setdefault(run.name.rpartition("-")[0], []).append(agent)
        found[run.name] = evaluate(agent)
    best = max((found[rule.name] for rule in rules), key=lambda each: float(each.returns.mean()))
    swept = {
        family: outcomes_of_all(members, openings, tasks)
        for family, members in families(fitted).items()
    }
    gap = float(told.returns.mean() - best.returns.mean())
    methods: dict[str, Any] = {}
    for method, agents in learned.items():
        each = [found[agent.name] for agent in agents]
        differences = {rule.name: over_goals(each, found[rule.name], goals) for rule in rules}
        methods[method] = {
            "differences": differences,
            "share_of_gap": differences[best.agent]["return"]["mean"] / gap,
            "success_at_equal_questions": at_equal_questions(each, swept, goals),
        }
    eager = {
        agent.name: [
            point(talked.questions, talked.successes)
            for eagerness in EAGERNESS
            for talked in [evaluate(LearnedConverser(agent.policy, eagerness=eagerness))]
        ]
        for agent in learned.get("ppo", ())
    }
    return {
        "goals": split,
        "world": world,
        "conversations": len(tasks),
        "passes": passes,
        "settings": {"gain": asdict(fitted.gain), "myopic": asdict(fitted.myopic)},
        "agents": [each.record() for each in (*found.values(), told)],
        "best_rule": best.agent,
        "gap": gap,
        "methods": methods,
        "after_questions": after_questions(evaluate, fitted.gain, learned, goals),
        "frontier": {
            family: sorted(map(point, outcomes.questions, outcomes.successes))
            for family, outcomes in swept.items()
        },
        "eager": eager,
    }


def draw(runs: Sequence[Path], measured: dict[str, Any], path: Path) -> None:
    """Draw the learning curves, and success by the number of questions."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    learning, asking = figure.subplots(1, 2)
    agents = {row["agent"]: row for row in measured["agents"]}
    for run in runs:
        method = run.name.rpartition("-")[0]
        metrics = [row for row in Run(run, True).metrics() if "train_return" in row]
        smooth = np.convolve([row["train_return"] for row in metrics], np.ones(9) / 9, "valid")
        steps = [row["step"] for row in metrics][8:]
        learning.plot(steps, smooth, color=COLOURS.get(method, "grey"), label=method)
        asked = [[agents[run.name]["questions"], agents[run.name]["success_rate"]]]
        curve = sorted(asked + measured["eager"].get(run.name, []))
        asking.plot(*zip(*curve, strict=True), color=COLOURS.get(method, "grey"), linewidth=1)
        asking.plot(*asked[0], "o", color=COLOURS.get(method, "grey"))
    for name, style in ((measured["best_rule"], ":"), ("information gain", "--")):
        label = f"{name}, goals {measured['goals']}"
        learning.axhline(agents[name]["return"], color="black", linestyle=style, label=label)
    for family, style in (("least gain", "--"), ("question cost", "-."), ("most successful", ":")):
        points = measured["frontier"][family]
        asking.plot(*zip(*points, strict=True), style, color="black", label=f"rule, {family}")
    learning.margins(y=0.1)
    learning.set(xlabel="update", ylabel="return while learning (acts drawn)")
    asking.set(xlabel="questions", ylabel="success, %", xlim=(-0.1, 3.5))
    for axes in (learning, asking):
        handles, labels = axes.get_legend_handles_labels()
        shown = dict(zip(labels, handles, strict=True))
        axes.legend(shown.values(), shown.keys(), fontsize=8, loc="lower right")
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
    print_table(f"goals {measured['goals']}, world {measured['world']}", columns, table)
    for method, compared in measured["methods"].items():
        print(f"{method}: share of the gap {compared['share_of_gap']:.2f}")
        for rule, each in compared["differences"].items():
            print(
                f"  less {rule}: return {_shown(each['return'], 3)}, success "
                f"{_shown(each['success'], 1)}"
            )
        for family, each in compared["success_at_equal_questions"].items():
            print(f"  success at equal questions, {family}: {_shown(each, 1)}")
    for count, compared in measured["after_questions"].items():
        print(f"after {count} questions: {compared}")


def _shown(found: dict[str, Any], digits: int) -> str:
    low, high = found["interval"]
    return f"{found['mean']:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shop", required=True)
    parser.add_argument("--fit", action="store_true", help="say which settings suit, and end")
    parser.add_argument("--runs", nargs="+", type=Path, default=[])
    parser.add_argument("--world", choices=("diverse", "even"), default="diverse")
    parser.add_argument("--goals", nargs="+", default=["test-unseen"])
    parser.add_argument("--passes", type=int, default=8)
    parser.add_argument("--image", type=Path, help="draw curves of the first split into this file")
    arguments = parser.parse_args()
    shop = Shop.open(arguments.shop)
    openings = Openings(shop)
    if arguments.fit:
        fitted = fitted_rules(shop, openings, arguments.world)
        print(fitted.gain, fitted.myopic, *fitted.by_wording, fitted.reached, sep="\n")
        return
    results = read_json(RESULTS) if RESULTS.is_file() else {}
    for split in arguments.goals:
        measured = measure(shop, openings, arguments.runs, split, arguments.passes, arguments.world)
        show(measured)
        results.setdefault(arguments.world, {})[split] = measured
        write_json(RESULTS, results)
    if arguments.image:
        draw(arguments.runs, results[arguments.world][arguments.goals[0]], arguments.image)


if __name__ == "__main__":
    main()
