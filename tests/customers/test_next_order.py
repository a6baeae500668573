from __future__ import annotations

import numpy as np
import pytest

from shopwright.customers.next_order import (
    Mixture,
    ease,
    fitted_weights,
    item_item,
    popularity,
    repeat_purchase,
    tifu_knn,
)
from shopwright.customers.orders import OrderLine, Orders

DAY = 10.0
EVERYBODY = np.array([0, 1, 2, 3])


def orders() -> Orders:
    """Products 0 and 1 are bought together by customers 0 to 2; customer 3 has 0 alone, and 2."""
    baskets = [(0, 0, 1), (1, 0, 1), (2, 0, 1), (3, 0), (3, 2), (3, 2)]
    return Orders.of(
        OrderLine(str(order), f"customer {who}", f"product {product}", float(order))
        for order, (who, *products) in enumerate(baskets)
        for product in products
    )


def test_popularity_is_alike_for_all_and_forgets() -> None:
    long, short = (popularity(days)(orders(), DAY, EVERYBODY) for days in (1_000.0, 1.0))
    assert np.ptp(long, axis=0).max() == 0
    assert long[0].argmax() == 0
    assert short[0].argmax() == 2


def test_repeat_purchase_recommends_the_own_then_the_popular() -> None:
    scores = repeat_purchase(None, popularity(1_000.0))(orders(), DAY, EVERYBODY)
    assert np.argsort(-scores[3]).tolist() == [2, 0, 1]


def test_repeat_purchase_forgets() -> None:
    lines = [
        OrderLine(str(day), "customer", f"product {product}", float(day))
        for day, product in enumerate((0, 0, 1))
    ]
    for half_life_days, first in ((None, 0), (0.5, 1)):
        model = repeat_purchase(half_life_days, popularity(1_000.0))
        assert model(Orders.of(lines), DAY, np.array([0]))[0].argmax() == first


def test_item_item_equals_cosines_by_hand() -> None:
    scores = item_item(itself=False)(orders(), DAY, EVERYBODY)
    # Sets of customers: product 0 all four, product 1 three of them, product 2 one.
    assert scores[3, 1] == pytest.approx(3 / np.sqrt(12), abs=1e-4)
    assert scores[0, 0] == pytest.approx(3 / np.sqrt(12), abs=1e-4)
    assert scores[0, 2] == pytest.approx(1 / np.sqrt(4), abs=1e-4)


def test_item_item_with_itself_recommends_it_again() -> None:
    scores, without = (
        item_item(itself=itself)(orders(), DAY, EVERYBODY) for itself in (True, False)
    )
    assert scores - without == pytest.approx(orders().purchases(DAY))


def test_ease_explains_no_product_by_itself() -> None:
    scores = ease(regularisation=0.5)(orders(), DAY, EVERYBODY)
    bought = (orders().purchases(DAY) > 0).astype(float)
    gram = bought.T @ bought + 0.5 * np.eye(3)
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    assert scores == pytest.approx(orders().purchases(DAY) @ weights, abs=1e-4)


def test_tifu_knn_without_neighbours_is_the_own_frequency() -> None:
    own = tifu_knn(half_life_days=5.0, neighbours=2, alpha=1.0)(orders(), DAY, EVERYBODY)
    assert own == pytest.approx(orders().purchases(DAY, 5.0))
    others = tifu_knn(half_life_days=5.0, neighbours=2, alpha=0.0)(orders(), DAY, EVERYBODY)
    assert others[0, 1] > 0
    assert others[0, 2] == 0


def test_weights_are_those_that_drew_the_baskets() -> None:
    rng = np.random.default_rng(0)
    told = rng.normal(size=(3_000, 5, 2)).astype(np.float32)
    logits = told @ np.array([1.0, -0.5])
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    baskets = [np.array([rng.choice(5, p=row)]) for row in chances]
    assert fitted_weights(told, baskets) == pytest.approx([1.0, -0.5], abs=0.1)


def test_the_mixture_trusts_what_predicts() -> None:
    models = {"own": repeat_purchase(None, popularity(9.0)), "sold": popularity(9.0)}
    mixture = Mixture.learned(models, orders(), [(3.5, 4.5), (4.5, 5.5)])
    assert mixture(orders(), DAY, EVERYBODY)[3].argmax() == 2
