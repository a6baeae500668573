"""What goes to a cluster, and back: by its own serialisation, without Ray."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec

import pytest

cloudpickle = pytest.importorskip("cloudpickle")

from shopwright import api
from shopwright.agents.rules import Explorer
from shopwright.cli import main
from shopwright.cluster import RayPool
from shopwright.errors import ShopError, UnavailableError
from shopwright.shop.shop import Shop
from shopwright.workers import alone, using
from tiny import build_tiny_shop, reader_of, write_tiny_model


class Elsewhere:
    """A pool that sends the function once, and results back, as between machines."""

    def __init__(self):
        self.bytes_sent = self.tasks = 0

    def map(self, function, items):
        sent = cloudpickle.dumps(function)
        self.bytes_sent += len(sent)
        arrived = cloudpickle.loads(sent)
        for item in items:
            self.tasks += 1
            with alone():
                result = arrived(item)
            yield cloudpickle.loads(cloudpickle.dumps(result))


def goals_of(shop):
    return [*shop.goals][:3]


def results(evaluation):
    return {name: value for name, value in asdict(evaluation).items() if name != "seconds"}


def test_a_shop_travels_as_its_path(tiny_shop):
    sent = cloudpickle.dumps([tiny_shop, tiny_shop.catalogue])
    assert len(sent) < 5_000
    shop, catalogue = cloudpickle.loads(sent)
    assert shop.search("red mug") == tiny_shop.search("red mug")
    assert catalogue.search_rows("red mug") == tiny_shop.search_rows("red mug")


def test_another_shop_under_the_path_is_refused(tmp_path):
    sent = cloudpickle.dumps(build_tiny_shop(tmp_path / "shop"))
    manifest = tmp_path / "shop" / "manifest.json"
    assert isinstance(cloudpickle.loads(sent), Shop)
    other = Shop.open(tmp_path / "shop")
    other.manifest["files"] = {}
    with pytest.raises(ShopError, match="expected the shop that another process opened"):
        cloudpickle.loads(cloudpickle.dumps(other))
    assert manifest.is_file()


@pytest.mark.parametrize("agent", ["rule-page", "oracle"])
def test_episodes_elsewhere_are_the_same(agent, tiny_shop):
    goals, pool = goals_of(tiny_shop), Elsewhere()
    here = api.evaluate(agent, tiny_shop, goals=goals)
    found = api.generate("oracle", tiny_shop, goals, trajectories=2)
    with using(pool):
        there = api.evaluate(agent, tiny_shop, goals=goals)
        assert api.generate("oracle", tiny_shop, goals, trajectories=2) == found
    assert results(there) == results(here)
    assert pool.tasks == len(goals) + 2


def test_a_trained_agent_travels_without_its_model_and_texts(network, tiny_shop, tiny_model_folder):
    from shopwright.agents.learned import LearnedAgent

    agent = LearnedAgent(network, reader_of(tiny_shop, tiny_model_folder), name="tiny")
    goals, pool = goals_of(tiny_shop), Elsewhere()
    here = api.evaluate(agent, tiny_shop, goals=goals, sample=True, seed=4)
    with using(pool):
        there = api.evaluate(agent, tiny_shop, goals=goals, sample=True, seed=4)
    assert results(there) == results(here)
    assert pool.tasks == len(goals)
    requests = sum(len(cloudpickle.dumps(reading)) for reading in agent.reader._requests.values())
    weights = sum(tensor.nbytes for tensor in network.state_dict().values())
    assert pool.bytes_sent < requests + 2 * weights + 50_000


def test_a_model_of_other_weights_is_refused(tiny_model_folder, tmp_path):
    from shopwright.encoding.language_model import LanguageModel

    folder = write_tiny_model(tmp_path / "model")
    sent = cloudpickle.dumps(LanguageModel(str(folder), precision="float32"))
    write_tiny_model(folder, seed=1)
    with pytest.raises(UnavailableError, match="expected the same everywhere"):
        cloudpickle.loads(sent)


def test_agents_that_draw_in_turn_stay_here(tiny_shop):
    goals, pool = goals_of(tiny_shop), Elsewhere()
    here = api.evaluate(Explorer(3), tiny_shop, goals=goals)
    with using(pool):
        assert results(api.evaluate(Explorer(3), tiny_shop, goals=goals)) == results(here)
    assert pool.tasks == 0


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_it_is_said_how_to_install_it(tiny_shop, capsys):
    with pytest.raises(UnavailableError, match=r"pip install 'shopwright\[ray\]'"):
        RayPool("auto")
    verb = f"evaluate --shop {tiny_shop.folder} --agent rule --goals train --protocol pages"
    assert main([*verb.split(), "--cluster", "local"]) == 1
    assert "shopwright[ray]" in capsys.readouterr().err
