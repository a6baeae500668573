"""What agents are given and hold: nobody but a privileged agent can look up the goal."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from reach import FORBIDDEN, reached_kinds
from shopwright.agents.demonstrator import Demonstrator
from shopwright.agents.expert import ExpertAgent
from shopwright.agents.learned import LearnedAgent
from shopwright.agents.oracle import Oracle
from shopwright.agents.registry import BUILT_IN, built_in
from shopwright.agents.scratch import ScratchAgent, ScratchNetwork
from shopwright.errors import InputError
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import PurchaseHistory
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.relevance import ChoiceConfig
from shopwright.rollouts.agent import Agent, CatalogueAgent, PrivilegedAgent
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.shop import Shop
from tiny import reader_of

PRIVILEGED = ("oracle", "target")


def learned(shop: Shop, model_folder: Path) -> LearnedAgent:
    """A policy with random weights and a purchase history."""
    reader = reader_of(shop, model_folder)
    torch.manual_seed(0)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=32)).eval()
    asins = [shop.catalogue.asin_of(row) for row in range(2)]
    requests = reader.past_requests(["a red mug", "a blue mug"])
    history = PurchaseHistory.of(asins, requests, reader.states.projection)
    reader = replace(reader, retriever=Retriever(history, shop.catalogue))
    return LearnedAgent(network, reader, name="learned", perturb=lambda relevance: relevance)


@pytest.fixture(scope="module")
def agents(tiny_shop: Shop, tiny_model_folder: Path) -> dict[str, Agent]:
    policy = learned(tiny_shop, tiny_model_folder)
    scratch = ScratchNetwork(buckets=64, dimensions=4, hidden=4).eval()
    found: dict[str, Agent] = {
        "learned": policy,
        "expert": ExpertAgent(policy.network, policy.reader),
        "no-pretraining": ScratchAgent(scratch),
    }
    for name in BUILT_IN:
        agent = built_in(name)
        if not isinstance(agent, PrivilegedAgent):
            found[name] = agent
    return found


def test_neither_a_goal_nor_a_reward_can_be_reached_from_an_agent_or_what_it_is_given(
    agents: dict[str, Agent], tiny_shop: Shop
) -> None:
    for name, agent in agents.items():
        episode = Episode(tiny_shop, tiny_shop.goals[0], step_limit=6)
        visitor = agent.visit(episode.request, step_limit=6, rng=random.Random(1))
        for page, *_ in episode.play(visitor):
            kinds = reached_kinds(agent, visitor, page)
            assert not kinds & FORBIDDEN, (name, kinds & FORBIDDEN)
        assert episode.steps


def test_agents_show_their_names(agents: dict[str, Agent]) -> None:
    for name, agent in agents.items():
        assert repr(agent).endswith(f"{name!r}>")


def test_the_catalogue_that_a_recommender_reads_leads_to_no_goal(tiny_shop: Shop) -> None:
    tiny_shop.search("red mug")
    kinds = reached_kinds(tiny_shop.catalogue)
    assert "SearchableCatalogue" in kinds
    assert not kinds & FORBIDDEN


def test_the_walk_goes_through_readers_and_finds_what_privileged_agents_hold(
    agents: dict[str, Agent], tiny_shop: Shop
) -> None:
    assert {"Reader", "SearchableCatalogue", "Index", "Retriever"} <= reached_kinds(
        agents["learned"]
    )
    person = Demonstrator().for_goal(tiny_shop.goals[0], tiny_shop)
    assert {"Goal", "Shop"} <= reached_kinds(person)


@pytest.mark.parametrize("make", [Oracle, Demonstrator, lambda: Oracle(target_only=True)])
def test_agents_that_are_told_the_goal_say_so_in_their_type(make: Callable[[], object]) -> None:
    agent = make()
    assert isinstance(agent, PrivilegedAgent)
    assert not isinstance(agent, Agent)
    assert not isinstance(agent, CatalogueAgent)


def test_an_agent_is_refused_under_a_protocol_that_it_does_not_know(
    agents: dict[str, Agent], tiny_shop: Shop
) -> None:
    with pytest.raises(InputError, match="acts under the catalogue protocol, got 'expert'"):
        roll_out(agents["expert"], tiny_shop, tiny_shop.goals[0], protocol="catalogue")

    class OnlyAnswers:
        name, deterministic, answer = "answers", True, staticmethod(lambda *a, **b: None)

    with pytest.raises(InputError, match="acts under the pages protocol, got 'answers'"):
        roll_out(OnlyAnswers(), tiny_shop, tiny_shop.goals[0])
