"""The learned agent: answers many at once are those one by one; it looks for what it remembers."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor

from shopwright.agents.learned import LearnedAgent, log_probabilities, query_for
from shopwright.catalogue.generate import generate_products
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import PurchaseHistory
from shopwright.policy.batch import Batch
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import (
    ActionKind,
    option_decision,
    product_decision,
    with_products,
)
from shopwright.policy.features import HISTORY
from shopwright.policy.relevance import ChoiceConfig
from shopwright.policy.tracker import EpisodeTracker
from shopwright.recommending.rollouts import purchases
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.actions import search
from shopwright.shop.build import build_shop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop
from tiny import reader_of

REQUEST = "a dishwasher safe mug in green, size large"


@pytest.fixture(scope="module")
def agent(tiny_shop: Shop, tiny_model_folder: Path) -> LearnedAgent:
    torch.manual_seed(0)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=32)).eval()
    return LearnedAgent(network, reader_of(tiny_shop, tiny_model_folder), name="tiny")


def test_rollouts_are_answers_one_by_one(agent: LearnedAgent, tiny_shop: Shop) -> None:
    shop = tiny_shop
    seeds = [None, 1, 2, 3, 4, 5, 6, 7]

    def draws() -> list[random.Random | None]:
        return [None if seed is None else random.Random(seed) for seed in seeds]

    together = agent.rollouts(REQUEST, draws())
    alone = [agent.answer(shop.catalogue, REQUEST, rng=rng) for rng in draws()]
    assert together == alone
    assert len({answer.asin for answer in together}) > 1
    for answer in together:
        for group, value in answer.options.items():
            groups = {g.lower(): v for g, v in shop.product(answer.asin).options.items()}
            assert value in groups[group]


def test_its_opinion_is_what_it_answers_by(agent: LearnedAgent, tiny_shop: Shop) -> None:
    best = agent.answer(tiny_shop.catalogue, REQUEST, rng=None)
    opinion = agent.consider(REQUEST)
    assert best is not None
    assert opinion is not None
    assert tuple(opinion.probabilities.items()) == best.candidates
    asins = list(opinion.probabilities)
    assert asins[0] == best.asin
    assert len(asins) == 3
    options = dict(zip(asins, opinion.options(asins), strict=True))
    assert options[best.asin] == best.options
    assert [options[asin] for asin in asins[1:]] == opinion.options(asins[1:])


def test_it_answers_by_what_the_whole_network_says(agent: LearnedAgent) -> None:
    found = product_decision(agent.reader, REQUEST, query_for(agent.network, agent.reader, REQUEST))
    opinion = agent.consider(REQUEST)
    assert found is not None
    assert opinion is not None
    decision, rows = found.decision, found.rows
    assert len(rows) > 1
    scores = log_probabilities(agent.network, decision)
    for asin, score in zip(decision.actions, scores, strict=True):
        assert math.log(opinion.probabilities[asin]) == pytest.approx(score, abs=1e-6)
    chosen = agent._groups(found, range(len(rows)))
    assert max(map(len, chosen)) > 1
    for number, (row, groups) in enumerate(zip(rows, chosen, strict=True)):
        options = agent.reader.options(decision.request, row)
        for count, group in enumerate(groups):
            about, before = decision.products[number], [each.name for each in groups[:count]]
            step = option_decision(decision.request, about, options, before)
            assert step is not None
            expected = log_probabilities(agent.network, step)
            assert group.scores == pytest.approx(expected, abs=1e-6)


def test_recommending_is_the_same_without_the_short_way(
    agent: LearnedAgent, tiny_shop: Shop
) -> None:
    shop = tiny_shop

    class OneByOne:
        name, deterministic, visit, answer = agent.name, False, agent.visit, agent.answer

    bought = purchases(agent, shop, REQUEST, rollouts=10)
    assert bought == purchases(OneByOne(), shop, REQUEST, rollouts=10)


def test_nothing_is_answered_where_nothing_is_found(agent: LearnedAgent, tiny_shop: Shop) -> None:
    shop = tiny_shop
    assert agent.rollouts("zzz", [None]) == []
    assert agent.answer(shop.catalogue, "zzz", rng=None) is None
    assert agent.consider("zzz") is None


def test_the_query_is_the_search_policys(agent: LearnedAgent) -> None:
    assert set(query_for(agent.network, agent.reader, REQUEST).split()) <= set(REQUEST.split())
    plain = ChoiceNetwork(ChoiceConfig(state_dimensions=32, term_weights=False)).eval()
    assert query_for(plain, agent.reader, REQUEST) == REQUEST


class ByMemory(ChoiceNetwork):
    """Believes in what it bought for requests like this one; in the first result by ``first``."""

    first = 0.0

    def relevance(self, batch: Batch) -> Tensor:
        relevance = 20.0 * batch.product_features[..., HISTORY + 1]
        relevance[:, 0] += self.first
        return relevance.masked_fill(~batch.product_mask, -1e9)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("reminded") / "shop"
    products = [
        replace(product, title=f"{product.title} [2 Pack]") for product in generate_products(80)
    ]
    return build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())


def reminded_of(
    shop: Shop, model_folder: Path, rows: Sequence[int], *, same: bool = False
) -> LearnedAgent:
    """An agent that bought one product for the first goal's request, others for other ones, or all
    for the same."""
    reader = reader_of(shop, model_folder)
    torch.manual_seed(0)
    network = ByMemory(ChoiceConfig(state_dimensions=32, term_weights=False)).eval()
    requests = [shop.goals[0].instruction, "a lamp", "some shoes", "tea", "a green tent", "rope"]
    requests = requests[:1] * len(rows) if same else requests
    history = PurchaseHistory.of(
        [shop.catalogue.asin_of(row) for row in rows],
        reader.past_requests(requests[: len(rows)]),
        reader.states.projection,
    )
    reader = replace(reader, retriever=Retriever(history, shop.catalogue))
    return LearnedAgent(network, reader, name="reminded")


def elsewhere(shop: Shop, count: int) -> list[int]:
    """Products that the first goal's request does not find on the first page."""
    found = shop.search_rows(shop.goals[0].instruction)
    return [row for row in range(len(shop.catalogue)) if row not in found][:count]


def test_what_it_is_reminded_of_and_does_not_see_it_searches_for(
    shop: Shop, tiny_model_folder: Path
) -> None:
    rows = elsewhere(shop, 3)
    agent = reminded_of(shop, tiny_model_folder, rows)
    goal = shop.goals[0]
    outcome = roll_out(agent, shop, goal)
    title = shop.catalogue[rows[0]].title
    assert outcome.trajectory.actions[:3] == [
        search(goal.instruction),
        "click[back to search]",
        search(f"{goal.instruction} {title}"),
    ]
    assert "click[back to search]" not in outcome.trajectory.actions[3:]
    session = Session(shop, goal)
    for action in outcome.trajectory.actions[:3]:
        session.act(action)
    assert rows[0] in session.state.shown_rows
    assert len(outcome.trajectory.steps) <= 15
    assert roll_out(agent, shop, goal).trajectory == outcome.trajectory
    sampled = roll_out(agent, shop, goal, rng=random.Random(0)).trajectory
    assert sampled.actions[:3] == outcome.trajectory.actions[:3]


def test_it_searches_again_once_whatever_else_it_remembers(
    shop: Shop, tiny_model_folder: Path
) -> None:
    agent = reminded_of(shop, tiny_model_folder, elsewhere(shop, 5), same=True)
    actions = roll_out(agent, shop, shop.goals[0]).trajectory.actions
    assert actions[1] == "click[back to search]"
    session = Session(shop, shop.goals[0])
    for action in actions[:3]:
        session.act(action)
    assert not set(elsewhere(shop, 5)) <= set(session.state.shown_rows)
    assert actions[3] != "click[back to search]"


def test_it_does_not_search_again_without_reason_or_time(
    shop: Shop, tiny_model_folder: Path
) -> None:
    goal = shop.goals[0]
    far = elsewhere(shop, 3)
    near = shop.search_rows(goal.instruction)[0]

    def again(agent: LearnedAgent, step_limit: int | None = 15) -> bool:
        actions = roll_out(agent, shop, goal, step_limit=step_limit).trajectory.actions
        return actions[1] == "click[back to search]"

    agent = reminded_of(shop, tiny_model_folder, far)
    assert again(agent)
    assert again(reminded_of(shop, tiny_model_folder, far), step_limit=None)
    assert again(reminded_of(shop, tiny_model_folder, far), step_limit=5)
    assert not again(reminded_of(shop, tiny_model_folder, far), step_limit=4)
    assert len(roll_out(agent, shop, goal, step_limit=2).trajectory.steps) == 2
    # What it bought for this very request is on the page; the others were bought for other ones.
    assert not again(reminded_of(shop, tiny_model_folder, [int(near), *far]))
    convinced = reminded_of(shop, tiny_model_folder, far)
    assert isinstance(convinced.network, ByMemory)
    convinced.network.first = 200.0
    assert not again(convinced)
    without = reminded_of(shop, tiny_model_folder, far)
    without.reader = replace(without.reader, retriever=None)
    assert not again(without)


class Restless(ChoiceNetwork):
    """Looks at one product after the other and never buys; believes in those seen first."""

    def relevance(self, batch: Batch) -> Tensor:
        relevance = -torch.arange(batch.product_mask.shape[1], dtype=torch.float32)
        return relevance.expand(batch.product_mask.shape).masked_fill(~batch.product_mask, -1e9)

    def forward(self, batch: Batch, relevance: Tensor | None = None) -> Tensor:
        kinds, opened = batch.kinds, batch.features[..., 1]
        looks = (kinds == ActionKind.PRODUCT) * (2.0 - opened) + (kinds == ActionKind.PREVIOUS)
        return (5.0 * looks).masked_fill(~batch.action_mask, -1e9).log_softmax(dim=1)


class Fickle(Restless):
    """Believes in what it saw last: what comes later needs more steps than there are, sometimes."""

    def relevance(self, batch: Batch) -> Tensor:
        return super().relevance(batch).masked_fill(~batch.product_mask, 1e9).neg()


def test_it_buys_nothing_that_there_is_no_time_to_buy_with_all_options(
    tmp_path: Path, tiny_model_folder: Path
) -> None:
    many = {"color": ("red",), "size": ("small",), "style": ("plain",), "scent": ("rose",)}
    shop = build_shop(
        [
            replace(product, options=many if number % 2 else {})
            for number, product in enumerate(generate_products(40))
        ],
        tmp_path / "shop",
        source={"kind": "test"},
        tagger=WordTagger(),
    )
    reader = reader_of(shop, tiny_model_folder)
    network = Fickle(ChoiceConfig(state_dimensions=32, term_weights=False)).eval()
    agent = LearnedAgent(network, reader, name="fickle")
    for goal, step_limit in itertools.product(list(shop.goals)[:15], range(7, 16)):
        session = Session(shop, goal)
        actions = roll_out(agent, shop, goal, step_limit=step_limit).trajectory.actions
        for action in actions:
            session.act(action)
        assert actions[-1] == "click[buy now]"
        assert session.state.row is not None
        groups = {group.lower() for group in shop.catalogue[session.state.row].options}
        assert set(session.state.options) == groups


@pytest.mark.parametrize("step_limit", range(6, 16))
def test_it_buys_what_it_believes_in_with_all_options_before_its_steps_are_used_up(
    shop: Shop, tiny_model_folder: Path, step_limit: int
) -> None:
    reader = reader_of(shop, tiny_model_folder)
    network = Restless(ChoiceConfig(state_dimensions=32, term_weights=False)).eval()
    agent = LearnedAgent(network, reader, name="restless")
    for goal in list(shop.goals)[:15]:
        trajectory = roll_out(agent, shop, goal, step_limit=step_limit).trajectory
        first, *_ = shop.search_rows(goal.instruction)
        groups = {group.lower() for group in shop.catalogue[first].options}
        assert trajectory.actions[-1] == "click[buy now]"
        session = Session(shop, goal)
        for action in trajectory.actions:
            session.act(action)
        assert session.state.row == first
        assert set(session.state.options) == groups
        # It looks at others as long as there is time to: for two steps there and back.
        assert step_limit - len(trajectory.actions) < 2


def test_products_are_added_as_if_the_next_page_listed_them(
    shop: Shop, tiny_model_folder: Path
) -> None:
    rows = elsewhere(shop, 2)
    reader = reminded_of(shop, tiny_model_folder, rows).reader
    episode = Episode(shop, shop.goals[0], step_limit=15)
    episode.act(search(episode.request))
    plain = EpisodeTracker(reader, episode.request).observe(episode.page())
    assert plain is not None
    more = with_products(plain, reader, rows)
    assert len(more.products) == len(more.seen) == len(plain.products) + 2
    assert more.products[: len(plain.products)] == plain.products
    titles_only = np.tile(plain.seen[0], (2, 1))
    assert more.seen[-2:].tolist() == titles_only.tolist()
    places = [product.features[0] for product in more.products[-2:]]
    assert places == pytest.approx([1 / 11, 1 / 12])
    assert more.actions == plain.actions
    assert more.product_of is plain.product_of
