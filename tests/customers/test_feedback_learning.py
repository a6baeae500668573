"""What is learned from judgments, and that nothing is learned where there is nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from shopwright.agents.registry import open_agent
from shopwright.agents.taste import TASTE, Offer, Taste, features
from shopwright.customers.feedback.heads import (
    Rows,
    Seen,
    bandit_rows,
    fit,
    learn,
    preference_rows,
)
from shopwright.customers.feedback.judgments import JudgedList, Judgment
from shopwright.customers.feedback.shoppers import Crowd
from shopwright.customers.feedback.tastes import (
    NO_TASTES,
    Standings,
    TasteConfig,
    Tastes,
    stocked,
)
from shopwright.customers.feedback.training import FeedbackConfig, recent, train_feedback
from shopwright.errors import AgentError, InputError
from shopwright.recommending.recommender import Recommender
from shopwright.store.store import Feedback, Recommendation, Store
from shopwright.training.losses import dpo_loss
from tiny import tiny_products


def seen_lists(likes: float, count: int = 400) -> list[Seen]:
    """Lists of four products, brands at random; the first that is taken ends the list."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(count):
        brands = rng.choice(["brand: a", "brand: b", "brand: c"], size=4)
        judgments = []
        for place, brand in enumerate(brands):
            odds = 1 / (1 + np.exp(1.0 - likes * (brand == "brand: a")))
            taken = bool(rng.random() < odds)
            judgments.append(Judgment(place, taken, taken and bool(rng.random() < 0.5)))
            if taken:
                break
        if judgments[-1].clicked:
            entry = Recommendation(
                id=str(number), at=float(number), agent="a", propensities={}, request="r",
                settings={}, items=("1", "2", "3", "4"),
            )  # fmt: skip
            rows = [{brand: 1.0, "score": -float(place)} for place, brand in enumerate(brands)]
            found.append(Seen(JudgedList(entry, tuple(judgments)), rows))
    return found


@pytest.mark.parametrize("rows_of", [bandit_rows, preference_rows])
def test_a_brand_that_is_liked_is_found(rows_of):
    rows = rows_of(seen_lists(likes=1.5))
    learned = learn(rows)
    weights = dict(zip(rows.names, learned.fit.weights, strict=True))
    assert learned.held_back > 0
    assert weights["brand: a"] - weights["brand: b"] > 0.5
    assert weights["brand: a"] - weights["brand: c"] > 0.5


@pytest.mark.parametrize("rows_of", [bandit_rows, preference_rows])
def test_without_tastes_the_agent_stays_as_it_is(rows_of):
    learned = learn(rows_of(seen_lists(likes=0.0)))
    assert learned.held_back == 0.0
    assert np.abs(learned.fit.weights).max() < 1e-9


def test_the_preferences_cost_what_dpo_says():
    rows = preference_rows(seen_lists(likes=1.0, count=40))
    found = fit(rows, np.ones(len(rows.names)))
    gains = torch.tensor(rows.features @ found.weights)
    zeros = torch.zeros(len(gains), dtype=gains.dtype)
    # Gains are log ratios to the reference; only their difference counts.
    for gain, cost, weight in zip(gains, found.losses(rows), rows.weights, strict=True):
        one = dpo_loss(gain[None], zeros[:1], zeros[:1], zeros[:1], beta=1.0)
        assert cost == pytest.approx(weight * one.item())


def test_newton_finds_the_optimum():
    rng = np.random.default_rng(1)
    count = 50
    rows = Rows(
        ("a", "b"), rng.normal(size=(count, 2)), rng.integers(0, 2, count),
        rng.integers(0, 2, count).astype(float), rng.uniform(0.5, 2.0, count),
        np.arange(count), np.zeros(count, int), intercept_count=2,
    )  # fmt: skip
    prior = np.array([0.5, 1.0])
    found = fit(rows, prior)

    def cost(weights, intercepts):
        penalty = ((weights / prior) ** 2).sum() + (intercepts**2).sum() / 9.0
        return type(found)(weights, intercepts).losses(rows).sum() + penalty / 2

    best = cost(*found)
    for step in 0.01 * rng.normal(size=(20, 4)):
        assert cost(found.weights + step[:2], found.intercepts + step[2:]) > best


def test_older_lists_count_less():
    seen = seen_lists(likes=0.0, count=30)
    rows = bandit_rows(seen)
    day = 86_400.0
    older = [
        s._replace(judged=replace(s.judged, entry=replace(s.judged.entry, at=day * n)))
        for n, s in enumerate(seen)
    ]
    found = recent(rows, older, 1.0)
    assert found.weights == pytest.approx(0.5 ** (rows.lists.max() - rows.lists.astype(float)))
    assert recent(rows, older, None) is rows


def offers():
    products = [replace(p, brand=brand) for p, brand in zip(tiny_products(), "XYX", strict=True)]
    return [
        Offer(product, price, None, share)
        for product, price, share in zip(products, (10.0, 20.0, None), (0.5, 0.3, 0.2), strict=True)
    ]


def test_features_compare_the_products_of_a_list():
    first, second, third = features(offers())
    assert first["price"] == pytest.approx(-1.0)
    assert second["price"] == pytest.approx(1.0)
    assert third["price"] == 0.0
    assert first["score"] == 0.0 > second["score"] > third["score"]
    assert first["brand: x"] == 1.0
    assert "brand: x" not in second
    assert features([]) == []


def test_gains_are_bounded_and_sum_to_nothing():
    gains = Taste({"brand: x": 50.0, "no such": 3.0}).gains(offers())
    assert gains[0] == gains[2] == 4.0
    assert gains[1] == -4.0
    assert len(Taste({}).gains([])) == 0


def test_a_taste_orders_recommendations_and_no_more(small_shop, tmp_path):
    taste = Taste({"word: blue": 4.0})
    taste.write(tmp_path, agent="rule")
    agent = open_agent(str(tmp_path), small_shop)
    recommender = Recommender.of(small_shop)
    asked = recommender.understand("running shoes")
    plain = recommender.recommend(open_agent("rule", small_shop), asked)
    liked = recommender.recommend(agent, asked)
    assert {item.asin for item in liked} == {item.asin for item in plain}
    assert liked[0].asin == "SHOE000002"
    assert sum(item.score for item in liked) <= 1.0 + 1e-9
    answers = [
        each.answer(small_shop.catalogue, "running shoes", rng=None)
        for each in (agent, open_agent("rule", small_shop))
    ]
    assert answers[0] == answers[1]


def test_a_damaged_taste_is_refused(small_shop, tmp_path):
    for text in ("{}", '{"format": "shopwright taste", "version": 1, "weights": {"a": "b"}}'):
        (tmp_path / TASTE).write_text(text)
        with pytest.raises(AgentError, match="taste"):
            open_agent(str(tmp_path), small_shop)


@pytest.fixture
def store(small_shop, tmp_path):
    """A log of four lists whose second shoes were bought, and one of a product that is gone."""
    store = Store(tmp_path / "log.sqlite", small_shop.origin)
    for number in range(5):
        items = ("SHOE000001", "SHOE000002") if number else ("GONE000001",)
        store.add_recommendation(
            Recommendation(
                id=str(number),
                at=float(number),
                agent="gone",
                propensities={"gone": 1.0},
                request="running shoes",
                settings={},
                items=items,
            )
        )
        store.add_feedback(Feedback(str(number), "bought", items[-1], number + 1.0))
    store.close()
    return tmp_path / "log.sqlite"


def test_training_learns_of_lists_of_agents_that_are_no_more(small_shop, store, tmp_path):
    out = tmp_path / "run"
    result = train_feedback(small_shop, store, "rule", out)
    assert result["judged_lists"] == 5
    assert result["bought"] == 5
    assert result["gone_products"] == 1
    assert open_agent(str(out), small_shop).taste is not None
    assert train_feedback(small_shop, store, "rule", out) == result
    with pytest.raises(InputError, match=r"head; choose another folder"):
        train_feedback(small_shop, store, "rule", out, FeedbackConfig(head="dpo"))


def test_a_log_without_judgments_is_refused_in_a_line(small_shop, tmp_path):
    path = tmp_path / "log.sqlite"
    Store(path, small_shop.origin).close()
    with pytest.raises(InputError, match="expected lists that were clicked or bought from"):
        train_feedback(small_shop, path, "rule", tmp_path / "run")


def test_a_log_of_another_shop_is_refused_in_a_line(small_shop, tmp_path):
    path = tmp_path / "log.sqlite"
    Store(path, "another").close()
    with pytest.raises(InputError, match="expected feedback of shop .*, got another; name another"):
        train_feedback(small_shop, path, "rule", tmp_path / "run")


def test_customers_are_the_same_by_number_and_have_tastes_or_none(small_products):
    class Catalogue(list):
        pass

    class Stocked:
        catalogue = Catalogue(stocked(small_products))

    standings = Standings(Stocked.catalogue)
    with_tastes = Crowd(Stocked, Tastes(standings, TasteConfig()))
    without = Crowd(Stocked, Tastes(standings, NO_TASTES))
    customer = with_tastes.customer(3)
    assert customer == with_tastes.customer(3) == without.customer(3)
    shoes = [p for p in Stocked.catalogue if p.query == "running shoes"]
    shoe = without.customer(0)._replace(kind="running shoes", feature="")
    assert without.success(shoe, shoes) == pytest.approx(without.success(shoe, shoes[::-1]))
    best = with_tastes.best(shoe, shoes)
    assert with_tastes.success(shoe, best) >= with_tastes.success(shoe, best[::-1])
    assert without.success(shoe, []) == 0.0
    rates = [without.deeds(shoe, shoes, number).bought is not None for number in range(4_000)]
    assert np.mean(rates) == pytest.approx(without.success(shoe, shoes), abs=0.02)


def test_tastes_drift():
    product = next(stocked(tiny_products()))
    standings = Standings([product])
    still, moving = (Tastes(standings, TasteConfig(drift=drift)) for drift in (0.0, 1.0))
    assert still.gain(product, 0, 0.0) == still.gain(product, 0, 1.0)
    assert moving.gain(product, 0, 0.0) == still.gain(product, 0, 0.0)
    assert moving.gain(product, 0, 1.0) != moving.gain(product, 0, 0.0)
