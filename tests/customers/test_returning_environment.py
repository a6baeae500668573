from __future__ import annotations

from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import shopwright
from shopwright.catalogue.product import Product
from shopwright.customers.returning.agents import SESSIONS
from shopwright.customers.returning.environment import ReturningEnvironment
from shopwright.errors import InputError
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Twelve products of four departments."""
    products = [
        Product(
            asin=f"P{number:09}",
            title=f"Thing {number}",
            price_dollars=float(number),
            category=f"department {number % 4}",
        )
        for number in range(12)
    ]
    folder: Path = tmp_path_factory.mktemp("shop") / "shop"
    return build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())


def test_it_is_a_gymnasium_environment(shop: Shop) -> None:
    env = gymnasium.make("shopwright/Returning-v0", shop=shop)
    check_env(env.unwrapped, skip_render_check=True)


def test_a_customer_is_served_until_they_leave(shop: Shop) -> None:
    env = ReturningEnvironment(shop)
    lengths = []
    for seed in range(40):
        _, info = env.reset(seed=seed)
        assert len(set(info["asins"])) == 10
        length, terminated, truncated = 0, False, False
        while not (terminated or truncated):
            _, reward, terminated, truncated, info = env.step(seed % 10)
            length += 1
            assert 0.0 <= reward <= 1.0
            assert isinstance(info["bought"], bool)
        lengths.append(length)
        assert truncated == (length == SESSIONS and not terminated)
    assert 1 < np.mean(lengths) < SESSIONS


def test_the_same_seed_gives_the_same_customer(shop: Shop) -> None:
    one, other = ReturningEnvironment(shop), ReturningEnvironment(shop)
    assert one.reset(seed=7)[1] == other.reset(seed=7)[1]
    assert one.step(2)[1:] == other.step(2)[1:]


def test_bad_input_is_said(shop: Shop) -> None:
    with pytest.raises(InputError, match="world: expected one of returning, indifferent"):
        ReturningEnvironment(shop, world="other")
    env = ReturningEnvironment(shop)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(0)
    env.reset(seed=0)
    with pytest.raises(InputError, match="place: expected a number from 0 to 9, got 10"):
        env.step(10)


def test_it_is_registered() -> None:
    assert shopwright is not None
    assert "shopwright/Returning-v0" in gymnasium.registry
