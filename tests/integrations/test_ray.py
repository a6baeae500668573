"""Work on a Ray cluster: three simulated nodes of one core on this machine."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ray = pytest.importorskip("ray", reason="needs Ray: python tests/integrations/run.py ray")

from ray.cluster_utils import Cluster

from shopwright import api
from shopwright.cli import main
from shopwright.cluster import RayPool
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import open_states, states_folder
from shopwright.errors import InputError, UnavailableError
from shopwright.integrations.ray import RayVectorEnvironment
from shopwright.shop.shop import Shop
from shopwright.shop.vector import make_vector
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.workers import Pool, Processes, each, using
from tiny import build_tiny_shop, perfect_trajectories

NODES = 3
STORE_BYTES = 100 << 20
PORT = 8731
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture(scope="module")
def mugs(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return build_tiny_shop(tmp_path_factory.mktemp("mugs") / "shop")


@pytest.fixture(scope="module")
def cluster(mugs: Shop) -> Iterator[Cluster]:
    store = mugs.folder.parent / "serve.sqlite"
    served = {"SHOPWRIGHT_SHOP": str(mugs.folder), "AGENT": "rule-page", "STORE": str(store)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in served.items():  # What the nodes' processes inherit.
            patch.setenv(name, value)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # On a busy machine Ray Serve kills what does not answer after 5 seconds, again and again.
        patch.setenv("RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S", "60")
        yield from running()


def running() -> Iterator[Cluster]:
    node = {"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    started = Cluster(initialize_head=True, head_node_args=node)
    for _ in range(NODES - 1):
        started.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
    started.wait_for_nodes()
    yield started
    started.shutdown()


@pytest.fixture(scope="module")
def pool(cluster: Cluster) -> Iterator[RayPool]:
    """One for all, as each connection has processes of its own, which start anew."""
    with RayPool(cluster.address) as connected:
        yield connected


@pytest.fixture
def disconnected(pool: RayPool) -> None:
    """For what connects by itself; such tests come after those of the pool."""
    ray.shutdown()


def test_results_come_in_order_from_all_nodes(pool: RayPool, tmp_path: Path) -> None:
    offset = 10  # What this process knows travels along.

    def met(number: int) -> int:
        """How many nodes have come; a busy machine is slow to start their processes."""
        (tmp_path / str(ray.get_runtime_context().get_node_id())).touch()
        deadline = time.monotonic() + 120.0
        while (count := len([*tmp_path.iterdir()])) < NODES and time.monotonic() < deadline:
            time.sleep(0.05)
        return count

    with using(pool):
        assert each(lambda number: number + offset, range(50)) == [*range(10, 60)]
        assert each(met, range(12)) == [NODES] * 12
    assert pool.tasks < 62  # Small items share a task.
    assert "processor seconds" in pool.cost()


def test_what_goes_wrong_is_raised_here_and_says_where(pool: RayPool) -> None:
    def fails(number: int) -> int:
        if number == 3:
            raise InputError("item 3: expected another")
        return number

    with pytest.raises(InputError, match="item 3: expected another") as raised, using(pool):
        each(fails, range(6))
    assert "in fails" in "".join(raised.value.__notes__)


def test_what_cannot_be_sent_is_refused_in_one_line(pool: RayPool) -> None:
    lock = threading.Lock()
    with pytest.raises(InputError, match=r"expected agents that can be sent.*lock"), using(pool):
        each(lambda number: lock.locked(), range(2))


def test_results_can_be_written_to(pool: RayPool) -> None:
    with using(pool):
        (found,) = each(np.zeros, [100_000])
    found += 1.0
    assert found.sum() == 100_000


def test_a_killed_worker_is_made_up_for(pool: RayPool, tmp_path: Path) -> None:
    def dies_once(number: int) -> int:
        mark = tmp_path / str(number)
        if number % 5 == 0 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with using(pool):
        assert each(dies_once, range(12)) == [*range(12)]
    assert len([*tmp_path.iterdir()]) == 3


def test_a_lost_node_is_made_up_for(pool: RayPool, cluster: Cluster) -> None:
    extra = cluster.add_node(num_cpus=2, object_store_memory=STORE_BYTES)
    cluster.wait_for_nodes()
    began = threading.Event()

    def works(number: int) -> np.ndarray:
        time.sleep(0.2)
        return np.full(50_000, number)

    def told(done: int, total: int) -> None:
        if done == 5:
            began.set()

    def lose() -> None:
        began.wait(60)
        cluster.remove_node(extra, allow_graceful=False)

    losing = threading.Thread(target=lose)
    losing.start()
    with using(pool):
        found = each(works, range(60), progress=told)
    losing.join()
    assert [int(array[0]) for array in found] == [*range(60)]
    assert all((array == array[0]).all() for array in found)


def written(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".jsonl", ".safetensors", ".npy", ".bin")
        and path.name not in ("metrics.jsonl", "timings.jsonl")
    }  # fmt: skip


def trained(folder: Path, shop: Shop, model: Path) -> None:
    """A short training and what comes of it: rollouts, evaluation."""
    settings = ImitationConfig(
        steps=8, practice=6, long_practice=2, practice_rounds=1, action_steps=4, dev_goals=0,
        language_model=str(model), seed=3,
    )  # fmt: skip
    train_imitation(shop, perfect_trajectories(shop), folder / "run", settings)
    goals = [*shop.goals]
    evaluation = api.evaluate(folder / "run", shop, goals=goals, sample=True, seed=5)
    record = {name: value for name, value in asdict(evaluation).items() if name != "seconds"}
    (folder / "evaluation.jsonl").write_text(repr(record))
    api.generate("oracle", shop, goals, trajectories=4, out=folder / "rollouts.jsonl")


def test_the_same_seed_gives_the_same_bytes_everywhere(
    pool: RayPool, mugs: Shop, tiny_model_folder: Path, tmp_path: Path
) -> None:
    places: dict[str, Pool] = {"one": Processes(1), "two": Processes(2), "cluster": pool}
    for name, place in places.items():
        (tmp_path / name).mkdir()
        with using(place):
            trained(tmp_path / name, mugs, tiny_model_folder)
    expected = written(tmp_path / "one")
    assert any(name.endswith("safetensors") for name in expected)
    assert written(tmp_path / "two") == expected
    assert written(tmp_path / "cluster") == expected


def test_token_states_are_the_same_bytes(
    pool: RayPool, tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.encoding.token_states.TEXTS_PER_CHUNK", 3)
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    found = []
    for name, place in (("one", Processes(1)), ("cluster", pool)):
        shop = build_tiny_shop(tmp_path / name)
        with using(place):
            states = open_states(shop, model)
        found.append(written(states_folder(shop, model, states.config)))
    assert found[0] == found[1]


def test_a_vector_on_actors_does_what_a_vector_does(pool: RayPool, mugs: Shop) -> None:
    plain = make_vector(mugs, 5, step_limit=3)
    divided = RayVectorEnvironment(mugs, 5, 2, step_limit=3)
    draws = np.random.default_rng(1)
    answers = [plain.reset(seed=7), divided.reset(seed=7)]
    for _ in range(12):
        assert answers[0][0] == answers[1][0]
        for first, second in zip(answers[0][1:-1], answers[1][1:-1], strict=True):
            assert first.tolist() == second.tolist()
        assert plainly(answers[0][-1]) == plainly(answers[1][-1])
        clickables = answers[0][-1]["available_actions"]["clickables"]
        actions = [
            f"click[{each[draws.integers(len(each))]}]" if each else "search[mug]"
            for each in clickables
        ]
        answers = [plain.step(actions), divided.step(actions)]
    divided.close()
    with pytest.raises(InputError, match="actors: expected 1 to 2"):
        RayVectorEnvironment(mugs, 2, 3)


def plainly(info: Any) -> Any:
    if isinstance(info, dict):
        return {name: plainly(part) for name, part in sorted(info.items())}
    return [repr(each) for each in info]


@pytest.mark.usefixtures("disconnected")
def test_the_command_line_takes_a_cluster(
    cluster: Cluster, mugs: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    verb = f"evaluate --shop {mugs.folder} --agent rule-page --protocol pages --json"
    goals = mugs.folder.parent / "goals.jsonl"
    goals.write_text('{"asin": "MUG0000001", "instruction": "a red mug"}\n')
    answers = []
    for more in ("", f" --cluster {cluster.address}"):
        assert main(f"{verb} --goals {goals}{more}".split()) == 0
        answers.append(capsys.readouterr())
    without = [
        [line for line in answer.out.splitlines() if '"seconds"' not in line] for answer in answers
    ]
    assert without[0] == without[1]
    assert "cluster: 1 tasks on 3 cores" in answers[1].err


@pytest.mark.usefixtures("disconnected")
def test_no_cluster_there_is_one_line() -> None:
    with pytest.raises(UnavailableError, match="expected a Ray cluster to connect to"):
        RayPool("no address")


@pytest.mark.usefixtures("disconnected")
def test_the_service_runs_on_ray_serve(
    cluster: Cluster, mugs: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastapi")
    httpx = pytest.importorskip("httpx")
    from ray import serve

    # The nodes have none of the folder, which `serve run --working-dir` would send them.
    monkeypatch.syspath_prepend(str(DEPLOY))
    import ray_serve

    ray.cloudpickle.register_pickle_by_value(ray_serve)
    app = ray_serve.app

    with RayPool(cluster.address):
        serve.start(http_options={"host": "127.0.0.1", "port": PORT})
        try:
            serve.run(app, route_prefix="/")
            body = {"request": "a red mug", "count": 1}
            address = f"http://127.0.0.1:{PORT}/recommend"
            answers = [httpx.post(address, json=body, timeout=60.0) for _ in range(4)]
        finally:
            serve.shutdown()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert answers[0].json()["items"]
