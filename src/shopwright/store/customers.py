"""Customers in a store: which recommendations they asked for, and what they did with them."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from shopwright.store.database import Database, Execute

# The latest deeds of a customer say most; there are at most so many to read.
DEEDS = 1_000
_THEIRS = "SELECT recommendation FROM customer_recommendations WHERE customer = :customer"


class Forgotten(NamedTuple):
    """How much was deleted."""

    recommendations: int
    feedback: int


def add_recommendation_of(execute: Execute, customer: str, id: str) -> None:
    """Keep, in the transaction that logs a recommendation, who asked for it."""
    execute(
        "INSERT INTO customer_recommendations (recommendation, customer) "
        "SELECT number, :customer FROM recommendations WHERE id = :id",
        customer=customer,
        id=id,
    )


def deeds_of(database: Database, customer: str) -> list[tuple[str, str, float]]:
    """Return what a customer did lately: kind, asin, seconds since 1970. What was dismissed as a
    whole is dismissed item by item."""
    rows = database.read(
        "SELECT f.kind, f.asin, f.at, r.items FROM customer_recommendations c "
        "JOIN recommendations r ON r.number = c.recommendation "
        "JOIN feedback f ON f.recommendation = r.number "
        "WHERE c.customer = :customer AND f.kind <> 'shown' ORDER BY f.at DESC LIMIT :most",
        customer=customer,
        most=DEEDS,
    )
    return [
        (kind, each, at)
        for kind, asin, at, items in rows
        for each in ([asin] if asin else orjson.loads(items))
    ]


def forget(database: Database, customer: str) -> Forgotten:
    """Delete all that a customer asked for and did. When this returns, it is gone from the store,
    and from everything that is made of it later."""
    with database.transaction() as execute:
        # Feedback that comes in meanwhile waits, and then finds no recommendation.
        execute(
            f"UPDATE recommendations SET outcome = outcome WHERE number IN ({_THEIRS})",
            customer=customer,
        )
        feedback = execute(
            f"DELETE FROM feedback WHERE recommendation IN ({_THEIRS}) RETURNING number",
            customer=customer,
        )
        numbers = execute(
            "DELETE FROM customer_recommendations WHERE customer = :customer "
            "RETURNING recommendation",
            customer=customer,
        )
        for (number,) in numbers:
            execute("DELETE FROM recommendations WHERE number = :number", number=number)
    database.sweep()
    return Forgotten(len(numbers), len(feedback))
