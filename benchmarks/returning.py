"""Does it pay to look ahead? Agents for customers who come back, and agents that see today alone.

    python benchmarks/returning.py --shop SHOP --out RUNS
        [--updates N] [--seeds 3] [--worlds NAME ...]

Trains, for each seed and in both worlds, PPO on the long-term return, the same PPO on the next
purchase and on today's satisfaction (gamma 0), and a linear bandit with and without eligibility
traces; then lets all of them, and rules, serve the same customers, whom nobody was trained on.
Prints tables, writes ``benchmarks/results/returning.json`` and ``docs/images/returning.png``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.console import print_line, print_table
from shopwright.customers.returning.agents import (
    GAMMA,
    Agent,
    BestRated,
    MostClicked,
    MyopicOracle,
    Random,
    Stay,
    follow,
)
from shopwright.customers.returning.crowd import WORLDS
from shopwright.customers.returning.policy import LearnedAgent
from shopwright.customers.returning.products import Assortment
from shopwright.customers.returning.traces import LinearBandit
from shopwright.customers.returning.training import ReturningConfig, train_returning
from shopwright.evaluation.plots import Plot
from shopwright.files import read_json, write_json
from shopwright.intervals import Interval, bootstrap_mean, paired_bootstrap
from shopwright.runs import Run
from shopwright.seeding import derive, numpy_rng
from shopwright.shop.shop import Shop

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results" / "returning.json"
PICTURE = FOLDER.parent / "docs" / "images" / "returning.png"
CUSTOMERS = 4_000
REPORTED = derive(0, "customers to report on")
MYOPIC, TODAY, LONG_TERM = "PPO, purchase", "PPO, today", "PPO, long term"
# Name → what PPO is told.
LEARNERS: dict[str, dict[str, Any]] = {
    MYOPIC: {"gamma": 0.0, "satisfaction_weight": 0.0, "purchase_weight": 1.0},
    TODAY: {"gamma": 0.0},
    LONG_TERM: {},
}
BANDITS = {"bandit": 0.0, "bandit with traces": 0.9 * GAMMA}
RULES: dict[str, Agent] = {
    "random": Random(),
    "most clicked": MostClicked(),
    "best rated": BestRated(),
    "myopic oracle": MyopicOracle(),
}


def trained(
    shop: Shop, assortment: Assortment, world: str, out: Path, arguments: argparse.Namespace
) -> dict[str, list[Agent]]:
    """Return name → an agent for each seed."""
    agents: dict[str, list[Agent]] = {}
    for seed in range(arguments.seeds):
        for name, told in LEARNERS.items():
            if world == "indifferent" and name == TODAY:
                continue  # There, satisfaction is a purchase.
            config = ReturningConfig(
                world=world, seed=seed, updates=arguments.updates, threads=1, **told
            )
            run = run_folder(out, world, name, seed)
            began = time.process_time()
            train_returning(shop, run, config)
            print_line(f"{run}: {time.process_time() - began:.0f} s of processor time")
            agents.setdefault(name, []).append(LearnedAgent.open(run))
        for name, decay in BANDITS.items():
            bandit = LinearBandit(decay=decay)
            bandit.learn(
                assortment,
                WORLDS[world],
                rounds=arguments.updates,
                customers=ReturningConfig().customers,
                seed=seed,
            )
            agents.setdefault(name, []).append(bandit)
    return agents


def run_folder(out: Path, world: str, name: str, seed: int) -> Path:
    """Return where a training is."""
    return out / world / name.replace(", ", "-").replace(" ", "-").replace("'", "") / str(seed)


def success_difference(first: list[Stay], second: list[Stay]) -> tuple[float, Interval]:
    """Return by how many points the success of one agent is above another's, with its interval
    over customers; the seeds of an agent are pooled."""
    bought, had = (
        [np.sum([getattr(stay, part) for stay in stays], axis=0) for stays in (first, second)]
        for part in ("purchases", "sessions")
    )
    rng = numpy_rng(0, "success difference")
    drawn = rng.integers(len(bought[0]), size=(2_000, len(bought[0])))

    def rates(number: int) -> Any:
        return 100 * bought[number][drawn].sum(axis=1) / had[number][drawn].sum(axis=1)

    mean = 100 * (bought[0].sum() / had[0].sum() - bought[1].sum() / had[1].sum())
    return float(mean), Interval.of_draws(rates(0) - rates(1))


def report(served: Mapping[str, list[Stay]]) -> dict[str, Any]:
    """Return what each agent reached, beside the myopic learner."""
    record: dict[str, Any] = {}
    mean_returns = {
        name: np.mean([s.returns for s in stays], axis=0) for name, stays in served.items()
    }
    for name, stays in served.items():
        rng = numpy_rng(0, "returning", name)
        returns = mean_returns[name]
        record[name] = {
            "return": float(returns.mean()),
            "interval": [*bootstrap_mean(returns, resamples=2_000, rng=rng)],
            "return_by_seed": [float(stay.returns.mean()) for stay in stays],
            "sessions": float(np.mean([stay.sessions.mean() for stay in stays])),
            "success": 100 * float(np.mean([stay.success for stay in stays])),
            "first_success": 100 * float(np.mean([stay.first.mean() for stay in stays])),
        }
        if name == MYOPIC:
            continue
        better = paired_bootstrap(returns, mean_returns[MYOPIC], resamples=2_000, rng=rng)
        mean, interval = success_difference(stays, served[MYOPIC])
        record[name]["minus_myopic"] = {
            "return": better.mean,
            "interval": [*better.interval],
            "p": better.p_value,
            "success": mean,
            "success_interval": [*interval],
            "return_by_seed": [
                paired(one, other) for one, other in zip(stays, served[MYOPIC], strict=True)
            ]
            if len(stays) == len(served[MYOPIC])
            else None,
        }
    return record


def paired(one: Stay, other: Stay) -> dict[str, Any]:
    """Return the difference of two trainings' returns."""
    rng = numpy_rng(0, "returning", "seed")
    found = paired_bootstrap(one.returns, other.returns, resamples=2_000, rng=rng)
    return {"mean": found.mean, "interval": [*found.interval], "p": found.p_value}


def show(world: str, record: Mapping[str, Any]) -> None:
    """Print a world's table."""
    rows = []
    for name, said in record.items():
        other = said.get("minus_myopic")
        rows.append(
            [
                name,
                "{:.3f}".format(said["return"]),
                "{:+.3f} ({:+.3f} to {:+.3f})".format(other["return"], *other["interval"])
                if other
                else "–",
                f"{said['sessions']:.1f}",
                f"{said['success']:.1f}",
                "{:+.1f} ({:+.1f} to {:+.1f})".format(other["success"], *other["success_interval"])
                if other
                else "–",
                f"{said['first_success']:.1f}",
            ]
        )
    columns = (
        "agent",
        "return",
        f"minus {MYOPIC}",
        "sessions",
        "success %",
        "minus it",
        "first session %",
    )
    print_table(world, columns, rows)


def picture(out: Path, seeds: int) -> bytes:
    """Return the learning curves: the return of fresh customers by rounds, mean and range."""
    lines, bands = {}, {}
    for name in LEARNERS:
        runs = [
            Run(run_folder(out, "returning", name, seed), True).metrics() for seed in range(seeds)
        ]
        points = [
            (rows[0]["step"], [row["dev_return"] for row in rows])
            for rows in zip(*runs, strict=True)
            if "dev_return" in rows[0]
        ]
        lines[name] = [(step, float(np.mean(values))) for step, values in points]
        bands[name] = [(step, min(values), max(values)) for step, values in points]
    return Plot(
        title="Return of customers not trained on",
        horizontal="rounds of 256 customers",
        lines=lines,
        bands=bands,
    ).draw()


def main() -> None:
    """Train, measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shop", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--updates", type=int, default=ReturningConfig().updates)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=[*WORLDS])
    arguments = parser.parse_args()
    shop = Shop.open(arguments.shop)
    assortment = Assortment.of(shop.catalogue)
    results: dict[str, Any] = {}
    for world in arguments.worlds:
        agents = {name: [rule] for name, rule in RULES.items()}
        agents |= trained(shop, assortment, world, arguments.out, arguments)
        served = {
            name: [
                follow(
                    each,
                    assortment,
                    WORLDS[world],
                    customers=CUSTOMERS,
                    seed=derive(0, "customers to report on"),
                )
                for each in several
            ]
            for name, several in agents.items()
        }
        results[world] = {"world": asdict(WORLDS[world]), "agents": report(served)}
        show(world, results[world]["agents"])
    if "returning" in results:
        PICTURE.write_bytes(picture(arguments.out, arguments.seeds))
    kept = read_json(RESULTS) if RESULTS.exists() else {}
    write_json(RESULTS, kept | results)


if __name__ == "__main__":
    main()
