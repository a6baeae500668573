"""How much the service bears: recommendations a second, latencies, overload, memory.

    python benchmarks/serving.py [--shop SHOP --agent RUN] [--seconds 20] [--soak-minutes 0]

Without ``--shop``, a demo shop of 1,000 products is built in a temporary folder; without
``--agent``, the rule-page agent is served, so that what is measured is the service itself. The
service is one process on one core (the last that this process may use); the load comes from this
process by the others, over the loopback only, and ends after the seconds that are asked for.

All requests are different from each other. *closed loop*: clients that ask again as soon as they
are answered: what the service can do. *at 80 % of 20 a second*: requests at random moments (a
Poisson process), whether the earlier ones are answered or not. *burst*: many at once. *soak*: at
80 % of the closed loop's rate; every tenth answer is followed by an event.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import math
import os
import platform
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "benchmarks" / "results" / "serving.json"
TARGET_RATE = 20.0
LOAD = 0.8
CLIENTS = 16
BURST = 200

# Name → (unit, target, whether more is better).
TARGETS: dict[str, tuple[str, float | None, bool]] = {
    "recommendations, closed loop": ("1/s", TARGET_RATE, True),
    "processor time of a recommendation": ("ms", 1000 / TARGET_RATE, False),
    "latency at 80 % of 20/s, median": ("ms", None, False),
    "latency at 80 % of 20/s, 99th percentile": ("ms", 400, False),
    "answers that differ among 16 clients": ("", 0, False),
    "burst of 200: answered": ("", None, True),
    "burst of 200: 503 with Retry-After": ("", None, True),
    "burst of 200: anything else": ("", 0, False),
    "feedback, acknowledged, closed loop": ("1/s", None, True),
    "resident memory after start": ("MB", None, False),
    "resident memory in the end": ("MB", None, False),
}
# Those of a soak beside them.
SOAK: dict[str, tuple[str, float | None, bool]] = {
    "soak": ("min", None, True),
    "soak, load": ("1/s", None, True),
    "soak, answers that failed": ("", 0, False),
    "soak, latency, 99th percentile": ("ms", None, False),
    "soak, resident memory after ten minutes": ("MB", None, False),
    "soak, resident memory, most after that": ("MB", None, False),
}
SETTLED_MINUTES = 10


class Server:
    """`shopwright serve` on one core."""

    def __init__(self, shop: str, agent: str, feedback: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        core = max(os.sched_getaffinity(0))
        words = ["serve", "--shop", shop, "--agent", agent, "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "shopwright.cli", *words, "--feedback", str(feedback)],
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for _ in range(1200):
            try:
                if self.ask("GET", "/health", None)[0] == 200:
                    return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit("serving.py: the service did not start")
                time.sleep(0.1)
        sys.exit("serving.py: the service did not start within 120 s")

    def ask(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], Any]:
        """Send a request and return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"content-type": "application/json"})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, json.loads(answer.read())
        finally:
            connection.close()

    def recommend(self, request: str) -> tuple[int, dict[str, str], Any]:
        """Ask for five recommendations."""
        return self.ask("POST", "/recommend", {"request": request})

    def megabytes(self) -> float:
        """The process's resident memory."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def processor_seconds(self) -> float:
        """The processor time that the process has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            sys.exit("serving.py: the service did not end within 120 s")
        if status:
            sys.exit(f"serving.py: the service ended with status {status}")


def distinct_requests(shop: str) -> Iterator[str]:
    """Requests that are all different: the shop's goals, then reworded ones."""
    from shopwright import Shop

    goals = Shop.open(shop).goals
    if not len(goals):
        sys.exit("serving.py: expected a shop with goals, got one without")
    openers = ["", "I am looking for this: ", "Please, ", "My sister needs: ", "Now "]
    for round_number in itertools.count():
        for number in range(len(goals)):
            text = goals[number].instruction
            yield f"{openers[round_number % len(openers)]}{text}" + (
                f" ({round_number})" if round_number >= len(openers) else ""
            )


class Source:
    """An iterator that threads may share."""

    def __init__(self, requests: Iterator[str]) -> None:
        self._requests = requests
        self._lock = threading.Lock()

    def __next__(self) -> str:
        with self._lock:
            return next(self._requests)


def closed_loop(server: Server, source: Source, seconds: float) -> tuple[float, list[str]]:
    """Recommendations a second of clients that ask without a pause, and their ids."""
    end = time.perf_counter() + seconds
    ids: list[str] = []

    def client(_: int) -> None:
        while time.perf_counter() < end:
            status, _headers, body = server.recommend(next(source))
            if status == 200:
                ids.append(body["recommendation_id"])

    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(client, range(CLIENTS)))
    return len(ids) / (time.perf_counter() - started), ids


def open_loop(
    ask: Callable[[str], int], source: Source, seconds: float, rate: float, seed: int = 0
) -> list[float]:
    """Latencies in milliseconds of requests at random moments, ascending; failures count as
    infinite.

    Args:
        ask: asks a service and returns the status.
        rate: requests a second.
    """
    chance = random.Random(seed)
    latencies: list[float] = []

    def one(request: str, due: float) -> None:
        try:
            status = ask(request)
        except OSError:
            status = 0
        spent = 1000 * (time.perf_counter() - due)
        latencies.append(spent if status == 200 else float("inf"))

    due = time.perf_counter()
    end = due + seconds
    with ThreadPoolExecutor(64) as threads:
        while due < end:
            time.sleep(max(0.0, due - time.perf_counter()))
            threads.submit(one, next(source), due)
            due += chance.expovariate(rate)
    return sorted(latencies)


def percentile_99(ascending: list[float]) -> float:
    """The 99th percentile."""
    return ascending[min(len(ascending) - 1, int(0.99 * len(ascending)))]


def differing(server: Server, source: Source) -> int:
    """How many of 64 requests are answered otherwise when 16 clients ask at once."""
    requests = [next(source) for _ in range(64)]
    alone = [server.recommend(request)[2]["items"] for request in requests]
    with ThreadPoolExecutor(CLIENTS) as threads:
        together = list(threads.map(lambda text: server.recommend(text)[2]["items"], requests))
    return sum(one != other for one, other in zip(alone, together, strict=True))


def burst(server: Server, source: Source) -> Counter[str]:
    """What becomes of many requests at once."""
    requests = [next(source) for _ in range(BURST)]

    def outcome(request: str) -> str:
        try:
            status, headers, _ = server.recommend(request)
        except OSError:
            return "else"
        if status == 200:
            return "answered"
        return "refused" if status == 503 and headers.get("retry-after") else "else"

    with ThreadPoolExecutor(BURST) as threads:
        return Counter(threads.map(outcome, requests))


def feedback_rate(server: Server, ids: list[str], seconds: float) -> float:
    """Acknowledged events a second of four clients."""
    end = time.perf_counter() + seconds
    kinds = itertools.cycle([(id, kind) for id in ids for kind in ("shown", "dismissed")])
    lock = threading.Lock()
    done = 0

    def client(_: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            with lock:
                id, kind = next(kinds)
            status, _, _ = server.ask("POST", "/feedback", {"recommendation_id": id, "kind": kind})
            done += status == 200

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(client, range(4)))
    return done / seconds


def measure(shop: str, agent: str, seconds: float, soak_minutes: float) -> dict[str, float]:
    """All figures by name."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        server = Server(shop, agent, Path(folder) / "feedback.sqlite")
        source = Source(distinct_requests(shop))
        try:
            for _ in range(20):
                server.recommend(next(source))
            figures["resident memory after start"] = server.megabytes()
            used = server.processor_seconds()
            rate, ids = closed_loop(server, source, seconds)
            used = server.processor_seconds() - used
            # What others on this core take from the service does not count here.
            figures["processor time of a recommendation"] = 1000 * used / max(1, len(ids))
            figures["recommendations, closed loop"] = rate
            latencies = open_loop(
                lambda text: server.recommend(text)[0], source, seconds, LOAD * TARGET_RATE
            )
            figures["latency at 80 % of 20/s, median"] = statistics.median(latencies)
            figures["latency at 80 % of 20/s, 99th percentile"] = percentile_99(latencies)
            figures["answers that differ among 16 clients"] = differing(server, source)
            outcomes = burst(server, source)
            figures["burst of 200: answered"] = outcomes["answered"]
            figures["burst of 200: 503 with Retry-After"] = outcomes["refused"]
            figures["burst of 200: anything else"] = outcomes["else"]
            figures["feedback, acknowledged, closed loop"] = feedback_rate(
                server, ids, min(5.0, seconds)
            )
            if soak_minutes:
                figures |= soak(server, source, LOAD * rate, soak_minutes)
            figures["resident memory in the end"] = server.megabytes()
        finally:
            server.end()
    return figures


def soak(server: Server, source: Source, rate: float, minutes: float) -> dict[str, float]:
    """Ask and report for so long; what memory and answers do meanwhile."""
    numbers = itertools.count()

    def ask(request: str) -> int:
        status, _, body = server.recommend(request)
        if status == 200 and next(numbers) % 10 == 0:
            event = {"recommendation_id": body["recommendation_id"], "kind": "dismissed"}
            status = server.ask("POST", "/feedback", event)[0]
        return status

    started = time.monotonic()
    latencies: list[float] = []
    settled: list[float] = []
    while (passed := (time.monotonic() - started) / 60) < minutes:
        latest = open_loop(ask, source, min(30.0, 60 * (minutes - passed)), rate)
        latencies += latest
        memory = server.megabytes()
        if (time.monotonic() - started) / 60 >= min(SETTLED_MINUTES, minutes):
            settled.append(memory)
        print(
            f"soak: {(time.monotonic() - started) / 60:.1f} min, {memory:.1f} MB, "
            f"{len(latencies)} answers, {latencies.count(math.inf)} failed, "
            f"99th percentile {percentile_99(latest):.0f} ms",
            file=sys.stderr,
            flush=True,
        )
    return {
        "soak": minutes,
        "soak, load": rate,
        "soak, answers that failed": latencies.count(math.inf),
        "soak, latency, 99th percentile": percentile_99(sorted(latencies)),
        "soak, resident memory after ten minutes": settled[0],
        "soak, resident memory, most after that": max(settled),
    }


def print_table(figures: dict[str, float]) -> None:
    """Print the figures beside their targets."""
    for name, (unit, target, more_is_better) in (TARGETS | SOAK).items():
        if name not in figures:
            continue
        value = figures[name]
        verdict = ""
        if target is not None:
            met = value >= target if more_is_better else value <= target
            verdict = (
                f"{'>=' if more_is_better else '<='} {target:<6g} {'met' if met else 'MISSED'}"
            )
        print(f"{name:44}{value:10,.1f}  {unit:5}{verdict}")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shop", help="a shop folder; a demo shop is built if not given")
    parser.add_argument("--agent", default="rule-page", help="a run folder or a rule's name")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load")
    parser.add_argument("--soak-minutes", type=float, default=0.0, help="of load for the memory")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        shop = arguments.shop
        if shop is None:
            from shopwright import build_shop, generate_products

            shop = str(Path(temporary) / "shop")
            build_shop(generate_products(1_000, seed=0), shop, source={"kind": "demo"})
        figures = measure(shop, arguments.agent, arguments.seconds, arguments.soak_minutes)
    what = "demo shop of 1,000 products" if arguments.shop is None else Path(shop).name
    agent = Path(arguments.agent).name
    print(f"{what}, agent {agent}; Python {platform.python_version()}, one core")
    print_table(figures)
    report = {
        name: {"unit": unit, "target": target, "value": figures[name]}
        for name, (unit, target, _) in (TARGETS | SOAK).items()
        if name in figures
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(
        json.dumps({"shop": what, "agent": agent, "figures": report}, indent=2) + "\n"
    )
    print(f"written to {arguments.out}")


if __name__ == "__main__":
    main()
