"""What several workers give, and what they must not lose.

    python benchmarks/workers.py --shop SHOP [--agent RUN] [--seconds 10] [--kills 50]
        [--database-kills 10] [--reload-requests 10000] [--only throughput memory losses reload]
        [--fast]

*throughput*: two workers against one, distinct requests, five items each, in alternating rounds;
as a ratio, and per second of processor time, since other work on the machine changes the rate.
Then latencies of two workers at 80 % of the 60 answers a second that are wanted, and at 80 % of
what they gave, which is more the quicker they are. With ``--fast`` of answers by words alone.
*memory*: proportional set size of four workers against one, after the same requests.
*losses*: four workers against PostgreSQL: workers and the database are killed with SIGKILL while
clients send feedback; every acknowledged event must be in the store. Then the same requests of all
workers must have the same answers, and the agents' shares must be within sampling error of the
logged propensities. *reload*: requests that fail while SIGHUP replaces the workers, over and over.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import math
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serving import LOAD, REPOSITORY, Source, distinct_requests, open_loop, percentile_99

sys.path.insert(0, str(REPOSITORY / "tests"))
from postgresql_server import PostgresqlServer

RESULTS = REPOSITORY / "benchmarks" / "results" / "workers.json"
CLIENTS = 16
WANTED_RATE = 60.0  # answers a second, of two workers
PARTS = ("throughput", "memory", "losses", "reload")


class Service:
    """`shopwright serve --workers`, in processes of its own."""

    def __init__(self, shop: str, agents: list[str], place: str, workers: int, *more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        words = ["serve", "--shop", shop, "--agent", *agents, "--port", str(self.port)]
        words += ["--store", place, "--workers", str(workers), *more]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "shopwright.cli", *words],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self._lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for("serving on")

    def _read(self) -> None:
        assert self.process.stderr is not None
        self._lines.extend(self.process.stderr)

    def wait_for(self, words: str, times: int = 1) -> None:
        """Wait until the service has said something so many times."""
        while sum(words in line for line in [*self._lines]) < times:
            if self.process.poll() is not None:
                sys.exit("workers.py: the service ended:\n" + "".join(self._lines))
            time.sleep(0.05)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request by a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"content-type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def recommend(self, request: str) -> int:
        """Ask for five recommendations by a connection of its own, and return the status: with as
        little work as can be, since clients have the same cores."""
        body = json.dumps({"request": request}).encode()
        head = (
            f"POST /recommend HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\nconnection: close\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as connection:
            connection.sendall(head.encode() + body)
            answer = bytearray()
            while part := connection.recv(1 << 16):
                answer += part
        return int(answer[9:12]) if answer.endswith(b"}") else 0

    def workers(self) -> list[int]:
        """The processes that take requests."""
        generations = _children(self.process.pid)
        return [worker for generation in generations for worker in _children(generation)]

    def processes(self) -> list[int]:
        """All of them."""
        return [self.process.pid, *_children(self.process.pid), *self.workers()]

    def megabytes(self) -> float:
        """What all of them take together; shared memory counts once."""
        return sum(_proportional_kilobytes(each) for each in self.processes()) / 1024

    def processor_seconds(self) -> float:
        """What the workers that live have used."""
        ticks = 0
        for each in self.workers():
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """End it in good order."""
        self.process.send_signal(signal.SIGTERM)
        if status := self.process.wait(60):
            sys.exit(f"workers.py: the service ended with status {status}")


@contextmanager
def serving(
    shop: str, agents: list[str], place: str, workers: int, *more: str
) -> Iterator[Service]:
    """A service that ends with the block."""
    service = Service(shop, agents, place, workers, *more)
    try:
        yield service
        service.end()
    finally:
        service.process.kill()


def _children(pid: int) -> list[int]:
    try:
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    except FileNotFoundError:
        return []


def _proportional_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _clients(work: Callable[[int], None], count: int = CLIENTS) -> None:
    with ThreadPoolExecutor(count) as threads:
        list(threads.map(work, range(count)))


def _asked(service: Service, source: Source, seconds: float) -> int:
    """How many recommendations clients get that ask without a pause."""
    end = time.monotonic() + seconds
    answered = []

    def client(_: int) -> None:
        while time.monotonic() < end:
            if service.recommend(next(source)) == 200:
                answered.append(1)

    _clients(client)
    return len(answered)


def throughput(shop: str, agent: str, folder: Path, seconds: float, *more: str) -> dict[str, float]:
    """Two workers against one."""
    source = Source(distinct_requests(shop))
    with (
        serving(shop, [agent], str(folder / "one.sqlite"), 1, *more) as one,
        serving(shop, [agent], str(folder / "two.sqlite"), 2, *more) as two,
    ):
        totals = {}
        for name, service in (("one", one), ("two", two)):
            _asked(service, source, min(3.0, seconds))
            totals[name] = [0.0, 0.0]
        for name, service in [("one", one), ("two", two), ("two", two), ("one", one)]:
            used = service.processor_seconds()
            totals[name][0] += _asked(service, source, seconds)
            totals[name][1] += service.processor_seconds() - used

        wanted, own = LOAD * WANTED_RATE, LOAD * totals["two"][0] / (2 * seconds)
        loads = {f"{wanted:g} a second": wanted, "80 % of their rate": own}
        latencies = {
            name: open_loop(two.recommend, source, 4 * seconds, rate)
            for name, rate in loads.items()
        }
    figures = {
        "one worker, 1/s": totals["one"][0] / (2 * seconds),
        "two workers, 1/s": totals["two"][0] / (2 * seconds),
        "two workers / one": totals["two"][0] / totals["one"][0],
        "one worker, 1/s of processor time": totals["one"][0] / totals["one"][1],
        "two workers, 1/s of processor time": totals["two"][0] / totals["two"][1],
    }
    for name, found in latencies.items():
        figures[f"two workers at {name}, median, ms"] = statistics.median(found)
        figures[f"two workers at {name}, 99th percentile, ms"] = percentile_99(found)
    return figures


def memory(shop: str, agent: str, folder: Path, requests: int = 200) -> dict[str, float]:
    """Four workers against one, each asked the same number of requests."""
    figures = {}
    for count in (1, 4):
        source = Source(distinct_requests(shop))
        with serving(shop, [agent], str(folder / f"memory{count}.sqlite"), count) as service:
            figures[f"{count} workers, MB after start"] = service.megabytes()

            def client(_: int, service: Service = service, source: Source = source) -> None:
                for _ in range(requests // 8):
                    service.ask("POST", "/recommend", {"request": next(source)})

            _clients(client, 8)
            figures[f"{count} workers, MB after {requests} requests"] = service.megabytes()
    last = f"MB after {requests} requests"
    figures["four workers / one"] = figures[f"4 workers, {last}"] / figures[f"1 workers, {last}"]
    return figures


def losses(
    shop: str, agents: list[str], kills: int, database_kills: int, seed: int = 0
) -> dict[str, float]:
    """What four workers lose of acknowledged feedback, and whether they are one service."""
    from shopwright.store.store import Store

    database = PostgresqlServer()
    place = database.new_database()
    chance = random.Random(seed)
    acknowledged: list[tuple[str, str, str]] = []
    done = threading.Event()
    with serving(shop, agents, place, 4) as service:

        def recommend(request: str) -> Any:
            while True:
                try:
                    status, answer = service.ask("POST", "/recommend", {"request": request})
                except (OSError, ValueError, http.client.HTTPException):
                    continue
                if status == 200:
                    return answer

        requests = list(itertools.islice(distinct_requests(shop), 40))
        recommended = [recommend(request) for request in requests]

        def flood(number: int) -> None:
            own = random.Random(number)
            while not done.is_set():
                if own.random() < 0.1:
                    recommended.append(recommend(own.choice(requests)))
                of, kind = own.choice(recommended), own.choice(("clicked", "dismissed"))
                asin = own.choice(of["items"])["asin"]
                event = {"recommendation_id": of["recommendation_id"], "kind": kind, "asin": asin}
                try:
                    status, _answer = service.ask("POST", "/feedback", event)
                except (OSError, ValueError, http.client.HTTPException):
                    continue  # Killed in the middle of it: nothing was acknowledged.
                if status == 200:
                    acknowledged.append((of["recommendation_id"], kind, asin))
                else:
                    time.sleep(0.05)

        clients = [threading.Thread(target=flood, args=(number,)) for number in range(4)]
        for client in clients:
            client.start()
        moments = [True] * kills + [False] * database_kills
        chance.shuffle(moments)
        for is_worker in moments:
            # In the middle of it, after some more events.
            enough = len(acknowledged) + chance.randint(3, 12)
            while len(acknowledged) < enough:
                time.sleep(0.01)
            if is_worker:
                if workers := service.workers():
                    os.kill(chance.choice(workers), signal.SIGKILL)
            else:
                database.kill()
                database.start()
            print(f"{len(acknowledged)} events acknowledged", file=sys.stderr, flush=True)
        done.set()
        for client in clients:
            client.join()
        differing = 0
        for request in requests[:10]:
            answers: dict[str, Any] = {}
            for _ in range(8):
                answer = recommend(request)
                differing += answers.setdefault(answer["agent"], answer["items"]) != answer["items"]
    store = Store(place)
    kept = {(event.recommendation_id, event.kind, event.asin) for event in store.feedback()}
    log = list(store.recommendations())
    store.close()
    database.stop()
    difference = variance = 0.0
    for entry in log:
        chosen = entry.propensities[log[0].agent]
        difference += (entry.agent == log[0].agent) - chosen
        variance += chosen * (1.0 - chosen)
    return {
        "workers killed": kills,
        "database killed": database_kills,
        "events acknowledged": len(acknowledged),
        "different ones": len({*acknowledged}),
        "acknowledged events lost": len({*acknowledged} - kept),
        "answers that differ among 80": differing,
        "recommendations in the log": len(log),
        "first agent's share beyond its propensity, standard errors": (
            difference / math.sqrt(variance) if variance else 0.0
        ),
    }


def reload(shop: str, agent: str, folder: Path, requests: int) -> dict[str, float]:
    """Requests that fail while workers are replaced."""
    numbers = iter(range(requests))
    lock = threading.Lock()
    failed: list[Any] = []
    reloads = 0
    with serving(shop, [agent], str(folder / "reload.sqlite"), 2) as service:

        def client(place: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                try:
                    connection.request("GET", f"/search?query=lamp+{number}&limit=3")
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status != 200:
                        failed.append(answer.status)
                except (OSError, http.client.HTTPException) as error:
                    failed.append(repr(error))
                    connection.close()
                if place % 2:
                    connection.close()  # Half of the clients keep theirs.

        clients = [threading.Thread(target=client, args=(place,)) for place in range(8)]
        for each in clients:
            each.start()
        while any(each.is_alive() for each in clients):
            service.process.send_signal(signal.SIGHUP)
            reloads += 1
            service.wait_for("reloaded\n", reloads)
    print(*failed[:5], sep="\n", file=sys.stderr)
    return {"requests": requests, "reloads": reloads, "failed requests": len(failed)}


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shop", required=True, help="a shop folder with goals")
    parser.add_argument("--agent", default="rule-page", help="a run folder or a rule's name")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each round of load")
    parser.add_argument("--kills", type=int, default=50, help="of workers")
    parser.add_argument("--database-kills", type=int, default=10)
    parser.add_argument("--reload-requests", type=int, default=10_000)
    parser.add_argument("--fast", action="store_true", help="answers by words alone")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    arguments = parser.parse_args()
    shop, agent = arguments.shop, arguments.agent
    more = ["--fast"] if arguments.fast else []
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        parts: dict[str, Callable[[], dict[str, float]]] = {
            "throughput": lambda: throughput(shop, agent, folder, arguments.seconds, *more),
            "memory": lambda: memory(shop, agent, folder),
            "losses": lambda: losses(
                shop, ["rule", "rule-options"], arguments.kills, arguments.database_kills
            ),
            "reload": lambda: reload(shop, "rule", folder, arguments.reload_requests),
        }
        for name in arguments.only:
            figures[name] = parts[name]()
            print(name)
            for what, value in figures[name].items():
                print(f"  {what:60}{value:12,.2f}", flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    record = {"shop": Path(shop).name, "agent": Path(agent).name, "figures": figures}
    arguments.out.write_text(json.dumps(record, indent=2) + "\n")
    print(f"written to {arguments.out}")


if __name__ == "__main__":
    main()
