"""The learned agent's answers: many at once are those one by one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from shopwright.policies.choice import ChoiceConfig, ChoiceNetwork
from shopwright.policies.encoder import LanguageModel
from shopwright.policies.evidence import Reader
from shopwright.policies.learned import LearnedAgent, query_for
from shopwright.policies.states import open_states
from shopwright.recommending.recommend import RecommendConfig, recommend
from tiny import build_tiny_shop

REQUEST = "a dishwasher safe mug in green, size large"


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> LearnedAgent:
    shop = build_tiny_shop(tmp_path_factory.mktemp("learned") / "shop")
    model = LanguageModel(str(tiny_model_folder), bfloat16=False)
    torch.manual_seed(0)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=32)).eval()
    return LearnedAgent(network, Reader(shop, model, open_states(shop, model)), name="tiny")


def test_rollouts_are_answers_one_by_one(agent: LearnedAgent) -> None:
    shop = agent.reader.shop
    seeds = [None, 1, 2, 3, 4, 5, 6, 7]

    def draws() -> list[random.Random | None]:
        return [None if seed is None else random.Random(seed) for seed in seeds]

    together = agent.rollouts(shop, REQUEST, draws())
    alone = [agent.answer(shop, REQUEST, generator=generator) for generator in draws()]
    assert together == alone
    assert len({answer.asin for answer in together}) > 1
    for answer in together:
        for group, value in answer.options.items():
            groups = {g.lower(): v for g, v in shop.product(answer.asin).options.items()}
            assert value in groups[group]


def test_the_ranked_list_begins_with_the_likeliest_answer(agent: LearnedAgent) -> None:
    shop = agent.reader.shop
    best = agent.answer(shop, REQUEST, generator=None)
    listed = agent.answers(shop, REQUEST, count=3, keep=lambda asin: True)
    assert best is not None
    assert (listed[0].asin, listed[0].options) == (best.asin, best.options)
    assert listed[0].log_probability == pytest.approx(best.log_probability, abs=1e-4)
    assert len(listed) == 3
    others = agent.answers(shop, REQUEST, count=3, keep=lambda asin: asin != best.asin)
    assert [answer.asin for answer in others] == [answer.asin for answer in listed[1:]]


def test_recommending_is_the_same_without_the_short_way(agent: LearnedAgent) -> None:
    shop = agent.reader.shop

    class OneByOne:
        name, deterministic, visit, answer = agent.name, False, agent.visit, agent.answer

    config = RecommendConfig(rollouts=10)
    assert recommend(agent, shop, REQUEST, config) == recommend(OneByOne(), shop, REQUEST, config)


def test_nothing_is_answered_where_nothing_is_found(agent: LearnedAgent) -> None:
    shop = agent.reader.shop
    assert agent.rollouts(shop, "zzz", [None]) == []
    assert agent.answer(shop, "zzz", generator=None) is None
    assert agent.answers(shop, "zzz", count=2, keep=lambda asin: True) == []


def test_the_query_is_the_search_policys(agent: LearnedAgent) -> None:
    assert set(query_for(agent.network, agent.reader, REQUEST).split()) <= set(REQUEST.split())
    plain = ChoiceNetwork(ChoiceConfig(state_dimensions=32, emphasis=False)).eval()
    assert query_for(plain, agent.reader, REQUEST) == REQUEST
