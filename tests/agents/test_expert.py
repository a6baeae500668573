"""The careful shopper: it looks before it buys, and always buys in time."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor

from shopwright.agents.expert import NEXT, ExpertAgent, ExpertConfig
from shopwright.agents.learned import log_probabilities, relevance_of
from shopwright.catalogue.generate import generate_products
from shopwright.policy.batch import collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import PRODUCTS_TRACKED, product_decision
from shopwright.policy.evidence import Reader
from shopwright.policy.relevance import ChoiceConfig
from shopwright.rollouts.records import Trajectory
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.build import build_shop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop
from shopwright.training.methods.dagger import draw_perturbation
from tiny import build_tiny_shop, reader_of


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return build_tiny_shop(tmp_path_factory.mktemp("careful") / "shop")


def visit(
    shop: Shop, reader: Reader, config: ExpertConfig, *, goal: int = 0, step_limit: int | None = 15
) -> Trajectory:
    torch.manual_seed(1)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=32)).eval()
    agent = ExpertAgent(network, reader, config)
    return roll_out(agent, shop, shop.goals[goal], step_limit=step_limit).trajectory


def opened(trajectory: Trajectory) -> list[str]:
    return [action for action in trajectory.actions if "mug0" in action]


def test_without_confidence_every_product_is_opened_once_before_one_is_bought(
    shop: Shop, reader: Reader
) -> None:
    config = ExpertConfig(confidence=1.0, curiosity=0.0)
    for goal in range(len(shop.goals)):
        trajectory = visit(shop, reader, config, goal=goal)
        assert len(set(opened(trajectory))) == 3
        assert len(opened(trajectory)) <= 4
        assert trajectory.purchased


def test_with_enough_belief_the_first_is_bought(shop: Shop, reader: Reader) -> None:
    trajectory = visit(shop, reader, ExpertConfig(confidence=0.0))
    assert len(opened(trajectory)) == 1
    assert trajectory.actions[-1] == "click[buy now]"
    # Search, open, a value of each of the two groups, buy.
    assert len(trajectory.actions) == 5


@pytest.mark.parametrize("step_limit", range(5, 12))
def test_it_buys_with_options_in_time(shop: Shop, reader: Reader, step_limit: int) -> None:
    config = ExpertConfig(confidence=1.0, curiosity=0.0)
    trajectory = visit(shop, reader, config, step_limit=step_limit)
    assert trajectory.purchased
    assert len(trajectory.actions) <= step_limit
    assert sum(action in ("click[small]", "click[large]") for action in trajectory.actions) == 1


def test_with_time_it_reads_about_the_likely_products(shop: Shop, reader: Reader) -> None:
    config = ExpertConfig(confidence=1.0, curiosity=0.0, interest=0.0)
    actions = visit(shop, reader, config, step_limit=None).actions
    assert actions.count("click[features]") == actions.count("click[description]") == 3
    assert actions[-1] == "click[buy now]"
    uninterested = ExpertConfig(confidence=1.0, curiosity=0.0, interest=1.0)
    assert "click[features]" not in visit(shop, reader, uninterested, step_limit=None).actions


def test_it_reads_only_with_steps_to_spare(shop: Shop, reader: Reader) -> None:
    config = ExpertConfig(confidence=1.0, curiosity=0.0, interest=0.0)
    # Three products are opened and one is bought in 10 steps; then there is time to read one page.
    for step_limit, read in ((10, 0), (16, 1)):
        trajectory = visit(shop, reader, config, step_limit=step_limit)
        pages = [a for a in trajectory.actions if a in ("click[features]", "click[description]")]
        assert bool(pages) == bool(read), step_limit
        assert trajectory.purchased


def test_in_doubt_it_turns_the_page_where_there_is_another(
    shop: Shop, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubtful = ExpertConfig(confidence=1.0, curiosity=0.0, interest=1.0, turn_page_below=1.0)
    assert NEXT not in visit(shop, reader, doubtful, step_limit=None).actions
    for module in ("policy.tracker", "shop.page", "shop.pages"):
        monkeypatch.setattr(f"shopwright.{module}.RESULTS_PER_PAGE", 2)
    trajectory = visit(shop, reader, doubtful, step_limit=None)
    assert trajectory.actions.count(NEXT) == 1
    assert len(set(opened(trajectory))) == 3
    assert trajectory.purchased
    content = replace(doubtful, turn_page_below=0.0)
    assert NEXT not in visit(shop, reader, content, step_limit=None).actions


def test_it_buys_in_time_from_another_page_too(
    tmp_path: Path, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("policy.tracker", "shop.page", "shop.pages"):
        monkeypatch.setattr(f"shopwright.{module}.RESULTS_PER_PAGE", 3)
    shop = build_shop(
        generate_products(60), tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger()
    )
    reader = reader_of(shop, tiny_model_folder)
    doubtful = ExpertConfig(confidence=1.0, curiosity=0.0, interest=1.0, turn_page_below=1.0)
    for goal, step_limit in itertools.product(range(6), range(9, 26, 4)):
        trajectory = visit(shop, reader, doubtful, goal=goal, step_limit=step_limit)
        session = Session(shop, shop.goals[goal])
        for action in trajectory.actions:
            session.act(action)
        assert trajectory.purchased
        assert session.state.row is not None
        groups = {group.lower() for group in shop.catalogue[session.state.row].options}
        assert set(session.state.options) == groups


@torch.inference_mode()
def test_perturbed_relevance_decides_the_actions_and_leaves_padding_alone(
    shop: Shop, reader: Reader
) -> None:
    torch.manual_seed(1)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=32)).eval()
    goals = [goal.instruction for goal in shop.goals][:2]
    found = [product_decision(reader, goals[0]), product_decision(reader, "mug in green")]
    decisions = [each.decision for each in found if each is not None]
    batch = collate(decisions)
    noise = torch.arange(PRODUCTS_TRACKED, dtype=torch.float32)

    def perturb(relevance: Tensor) -> Tensor:
        return relevance / 2.0 + noise[: relevance.shape[-1]]

    relevance = network.relevance(batch)
    perturbed = relevance_of(network, batch, perturb)
    expected = relevance / 2.0 + noise[: relevance.shape[1]]
    torch.testing.assert_close(perturbed[batch.product_mask], expected[batch.product_mask])
    assert (perturbed[~batch.product_mask] < -1e6).all()
    first = collate(decisions[:1])
    scores = network(first, relevance_of(network, first, perturb))[0].tolist()
    assert log_probabilities(network, decisions[0], perturb) == scores
    assert log_probabilities(network, decisions[0]) != scores


def test_equal_generators_draw_equal_perturbations() -> None:
    relevance = torch.linspace(-3, 3, 5)
    drawn = [draw_perturbation(np.random.default_rng(seed))(relevance) for seed in (1, 1, 2)]
    torch.testing.assert_close(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    none = draw_perturbation(np.random.default_rng(1), strength=0.0)
    torch.testing.assert_close(none(relevance), relevance)
