"""What a Ray cluster costs against processes of this machine, and where one program's share ends.

    python benchmarks/cluster.py --shop SHOP [--agent RUN] [--only overhead rate sharing episodes
        vector]

Needs the extra `ray`; everything runs on a cluster of this machine's cores. *overhead*: the same
tasks on both, in alternating rounds, as the ratio of wall-clock times; the tasks sleep, so that
other work on the machine does not count. *rate*: tasks a second that one program can send and
receive, when they do nothing. *sharing*: how long a function with so many megabytes of arrays takes
to be put into the store, and to be opened by each process. *episodes*: an evaluation on both, in
processor seconds of all processes. *vector*: steps a second of a few actors with many members each,
and of one actor for each member.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from shopwright import api
from shopwright.cluster import RayPool
from shopwright.shop.shop import Shop
from shopwright.shop.vector import make_vector
from shopwright.workers import Pool, Processes, cores, each, using

RESULTS = Path(__file__).resolve().parent / "results" / "cluster.json"
ROUNDS = 3
TASKS_A_CORE = 6
PARTS = ("overhead", "rate", "sharing", "episodes", "vector")


def wall_seconds(pool: Pool, work: Callable[[Any], Any], items: Sequence[Any]) -> float:
    """How long a pool takes for some items."""
    began = time.perf_counter()
    with using(pool):
        each(work, items)
    return time.perf_counter() - began


def processor_seconds() -> float:
    """What this process and all that descend from it took, those that are gone included."""
    found = 0.0
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    for process in processes:
        times = process.cpu_times()
        found += times.user + times.system
    own = processes[0].cpu_times()
    return found + own.children_user + own.children_system


def measure_overhead(pool: RayPool) -> dict[str, float]:
    """Ratio of wall-clock times, by the seconds that a task takes."""
    measured = {}
    for seconds in (0.1, 1.0, 2.0):
        items = [seconds] * (TASKS_A_CORE * cores())
        ratios = [
            wall_seconds(pool, time.sleep, items) / wall_seconds(Processes(), time.sleep, items)
            for _ in range(ROUNDS)
        ]
        measured[f"{seconds} s"] = statistics.median(ratios)
    return measured


def measure_rate(pool: RayPool) -> dict[str, float]:
    """Tasks a second, and the milliseconds of this process for one, when a task is one item."""
    count = 2000
    work = pool._task
    import ray

    shared = [ray.put(abs)]
    own, began = time.process_time(), time.perf_counter()
    from shopwright import __version__

    tasks = [work.remote(shared, [number], __version__) for number in range(count)]
    for task in tasks:
        pool._received(task)
    return {
        "tasks a second": count / (time.perf_counter() - began),
        "this process, ms a task": 1000.0 * (time.process_time() - own) / count,
    }


def measure_sharing(pool: RayPool) -> dict[str, float]:
    """Seconds to put a function into the store, and milliseconds of a first task with it."""
    megabytes = 100
    arrays = [np.zeros(1 << 18, dtype=np.float32) for _ in range(megabytes)]

    def work(number: int) -> float:
        return float(arrays[number][0])

    began = time.perf_counter()
    pool._put(work)
    put = time.perf_counter() - began
    return {
        "megabytes": megabytes,
        "put, s": put,
        "put and first tasks, s": wall_seconds(pool, work, range(cores())),
    }


def measure_episodes(pool: RayPool, shop: Shop, agent: str) -> dict[str, Any]:
    """Seconds of the same evaluation on both, after a first one that opens everything."""
    opened = api.load_agent(agent, shop)
    goals, _ = api.goals_of(shop, "test")
    goals = goals[:200]
    measured: dict[str, list[float]] = {}
    scores = set()
    for _ in range(ROUNDS):
        for name, place in (("processes", Processes()), ("cluster", pool)):
            took, began = processor_seconds(), time.perf_counter()
            with using(place):
                evaluation = api.evaluate(opened, shop, goals=goals)
            scores.add(evaluation.rewards)
            measured.setdefault(f"{name}, processor s", []).append(processor_seconds() - took)
            measured.setdefault(f"{name}, s", []).append(time.perf_counter() - began)
    assert len(scores) == 1
    return {"episodes": len(goals), **measured}


def measure_vector(shop: Shop) -> dict[str, float]:
    """Steps a second: of one process, of a few actors with many members, of an actor each."""
    from shopwright.integrations.ray import RayVectorEnvironment

    def rate(environment: Any, steps: int) -> float:
        environment.reset(seed=1)
        actions = ["search[red shoes]"] * environment.num_envs
        environment.step(actions)
        began = time.perf_counter()
        for step in range(steps):
            environment.step([("click[next >]", "click[< prev]")[step % 2]] * environment.num_envs)
        found = steps * environment.num_envs / (time.perf_counter() - began)
        environment.close()
        return found

    found = {"one process, 64 members": rate(make_vector(shop, 64), 60)}
    count = cores()
    for members in (32, 128):
        name = f"{count} actors of {members}"
        found[name] = rate(RayVectorEnvironment(shop, count * members, count), 60)
    found[f"an actor for each of {count} members"] = rate(
        RayVectorEnvironment(shop, count, count), 300
    )
    return found


def main() -> None:
    """Print what was measured, and write it into results/."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shop", required=True)
    parser.add_argument("--agent", default="rule-page")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    shop = Shop.open(arguments.shop)
    began = time.perf_counter()
    with RayPool() as pool:
        wall_seconds(pool, abs, range(4 * cores()))  # The processes are started.
        measured: dict[str, Any] = {"start, s": time.perf_counter() - began, "cores": cores()}
        parts: dict[str, Callable[[], Any]] = {
            "overhead": lambda: measure_overhead(pool),
            "rate": lambda: measure_rate(pool),
            "sharing": lambda: measure_sharing(pool),
            "episodes": lambda: measure_episodes(pool, shop, arguments.agent),
            "vector": lambda: measure_vector(shop),
        }
        for name in arguments.only:
            measured[name] = parts[name]()
            print(name, json.dumps(measured[name], indent=2), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
