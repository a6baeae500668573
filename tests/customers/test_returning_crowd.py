from __future__ import annotations

import numpy as np
import pytest

from shopwright.customers.returning.agents import (
    SESSIONS,
    BestRated,
    MostClicked,
    MyopicOracle,
    Random,
    follow,
)
from shopwright.customers.returning.crowd import INDIFFERENT, RETURNING, Crowd, World
from shopwright.customers.returning.products import SHELF, SORTS, Assortment
from shopwright.errors import InputError
from shopwright.shop.shop import Shop


def invented(count: int, seed: int = 0) -> Assortment:
    rng = np.random.default_rng(seed)
    allure, quality = rng.normal(size=(2, count))
    return Assortment(
        tuple(map(str, range(count))),
        rng.integers(SORTS, size=count),
        rng.uniform(size=count),
        allure,
        quality,
        allure,
        quality,
    )


def test_a_shop_of_too_few_products_is_refused(tiny_shop: Shop) -> None:
    assert len(tiny_shop.catalogue) < SHELF
    with pytest.raises(InputError, match="expected at least 10 products"):
        Assortment.of(tiny_shop.catalogue)


def test_no_product_is_twice_on_a_shelf() -> None:
    for count in (10, 11, 57):
        shelf = Crowd(invented(count), RETURNING, 50, seed=1).shelf
        assert all(len(set(row)) == SHELF for row in shelf.tolist())


def test_customers_and_luck_do_not_depend_on_what_is_shown() -> None:
    one, other = (Crowd(invented(50), RETURNING, 20, seed=3) for _ in range(2))
    first = one.show(np.zeros(20, np.int64))
    other.show(np.full(20, 4))
    assert (one.shelf == other.shelf).all()
    again = Crowd(invented(50), RETURNING, 20, seed=3)
    assert (again.show(np.zeros(20, np.int64)).satisfaction == first.satisfaction).all()


def test_chances_and_moods_follow_the_stated_formulas() -> None:
    assortment = invented(50)
    crowd = Crowd(assortment, RETURNING, 5, seed=2)
    row = crowd.shelf[0, 3]
    wish = -1 + assortment.allure[row] + crowd.tastes[0, assortment.sorts[row]]
    wish -= crowd.thrift[0] * assortment.prices[row]
    assert crowd.purchase_chances()[0, 3] == pytest.approx(1 / (1 + np.exp(-wish)))
    outcome = crowd.show(np.full(5, 3))
    content = 1 / (1 + np.exp(-1 - assortment.quality[row]))
    assert outcome.satisfaction[0] == pytest.approx(content if outcome.bought[0] else 0.2)
    assert crowd.mood[0] == pytest.approx(0.35 + 0.3 * outcome.satisfaction[0])
    assert crowd.fatigue[0, assortment.sorts[row]] == pytest.approx(0.7)


def test_what_an_agent_sees_are_sums_with_forgetting() -> None:
    assortment = invented(30)
    crowd = Crowd(assortment, RETURNING, 4, seed=5)
    sort = assortment.sorts[crowd.shelf[2, 1]]
    bought = crowd.show(np.full(4, 1)).bought[2]
    products, customer = crowd.observe()
    place = np.flatnonzero(assortment.sorts[crowd.shelf[2]] == sort)
    assert (products[2, place, 3] == 1.0).all()
    assert (products[2, place, 4] == float(bought)).all()
    assert customer[2, 2] == float(bought)


def test_the_discontented_and_the_bored_leave_more_often() -> None:
    def left(world: World, *, mood: float, fatigue: float) -> float:
        crowd = Crowd(invented(50), world, 4_000, seed=1)
        crowd.mood[:], crowd.fatigue[:] = mood, fatigue
        return float(1 - crowd.show(np.zeros(4_000, np.int64)).returns.mean())

    content = left(RETURNING, mood=0.9, fatigue=0.0)
    assert left(RETURNING, mood=0.1, fatigue=0.0) > content + 0.1
    assert left(RETURNING, mood=0.9, fatigue=1.0) > content + 0.05
    assert left(INDIFFERENT, mood=0.1, fatigue=1.0) == left(INDIFFERENT, mood=0.9, fatigue=0.0)


def test_agents_by_what_they_are_good_at() -> None:
    assortment = invented(200)
    stays = {
        agent.__class__.__name__: follow(agent, assortment, RETURNING, customers=500, seed=1)
        for agent in (Random(), MostClicked(), BestRated(), MyopicOracle())
    }
    first = {name: stay.first.mean() for name, stay in stays.items()}
    assert max(first, key=first.__getitem__) == "MyopicOracle"
    assert stays["MostClicked"].success > stays["Random"].success
    for stay in stays.values():
        assert stay.sessions.min() >= 1
        assert stay.sessions.max() <= SESSIONS
        assert (stay.purchases <= stay.sessions).all()
