from __future__ import annotations

import numpy as np
import pytest

from shopwright.customers.orders import OrderLine, Orders, measure
from shopwright.errors import InputError


def orders() -> Orders:
    """Ann buys tea, then tea and milk, then jam; Bob buys milk on the day of her second order."""
    lines = [
        ("3", "ann", "jam", 9.0),
        ("1", "ann", "tea", 1.0),
        ("2", "ann", "tea", 5.0),
        ("2", "ann", "milk", 5.0),
        ("2", "ann", "tea", 5.0),
        ("4", "bob", "milk", 5.5),
        ("5", "bob", "tea", 8.0),
        ("6", "bob", "jam", 8.5),
    ]
    return Orders.of(OrderLine(*line) for line in lines)


JAM, TEA, MILK = 0, 1, 2
ANN, BOB = 0, 1


def test_orders_lie_by_time_with_each_product_once() -> None:
    placed = orders()
    assert placed.days.tolist() == [1.0, 5.0, 5.5, 8.0, 8.5, 9.0]
    assert [basket.tolist() for basket in placed.baskets[:2]] == [[TEA], [TEA, MILK]]
    assert (placed.customer_count, placed.product_count) == (2, 3)


def test_purchases_before_a_day_are_counted_and_forgotten() -> None:
    placed = orders()
    assert placed.purchases(5.0).tolist() == [[0, 1, 0], [0, 0, 0]]
    assert placed.purchases(6.0).tolist() == [[0, 2, 1], [0, 0, 1]]
    forgotten = placed.purchases(9.0, half_life_days=4.0)
    assert forgotten[ANN, TEA] == pytest.approx(0.25 + 0.5)
    assert not placed.purchases(0.0).any()


def test_buyers_in_common_are_customers_not_orders() -> None:
    assert orders().buyers_in_common(6.0).tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 2]]


def test_next_orders_are_the_first_of_customers_who_ordered_before() -> None:
    customers, baskets = orders().next_orders(5.0, 9.0)
    assert customers.tolist() == [ANN]
    assert [basket.tolist() for basket in baskets] == [[TEA, MILK]]
    customers, baskets = orders().next_orders(6.0, 10.0)
    assert dict(zip(customers.tolist(), map(list, baskets), strict=True)) == {
        BOB: [TEA],
        ANN: [JAM],
    }


def test_measures_equal_those_by_hand() -> None:
    scores = np.array([[0.5, 0.4, 0.3, 0.2], [0.1, 0.9, 0.8, 0.0]], np.float32)
    found = measure(scores, [np.array([1, 3]), np.array([1])], count=2)
    assert found.recall.tolist() == [0.5, 1.0]
    second = 1 / np.log2(3)
    assert found.ndcg == pytest.approx([second / (1 + second), 1.0])


def test_equal_scores_rank_the_first_sold_first() -> None:
    found = measure(np.zeros((1, 5), np.float32), [np.array([0, 1])], count=2)
    assert found.recall.tolist() == [1.0]


def test_no_orders_are_refused() -> None:
    with pytest.raises(InputError, match="orders: expected at least one line"):
        Orders.of([])
