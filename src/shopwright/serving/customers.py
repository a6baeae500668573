"""What the service knows of customers who say who they are."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from shopwright.customers.memory import Deed, leanings
from shopwright.recommending.ranking import NOBODY
from shopwright.store.customers import deeds_of, forget
from shopwright.store.database import Database


class Customers:
    """The customers of a store.

    Args:
        database: the store's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def leanings(self, customer_id: str | None) -> Mapping[str, float]:
        """Return asin → how a customer leans to a product; none if it is not said who asks."""
        if customer_id is None:
            return NOBODY
        deeds = deeds_of(self._database, customer_id)
        return leanings((Deed(*deed) for deed in deeds), time.time())

    def forget(self, customer_id: str) -> dict[str, Any]:
        """Delete all that a customer asked for and did, and say how much that was."""
        forgotten = forget(self._database, customer_id)
        return {
            "customer_id": customer_id,
            "recommendations_deleted": forgotten.recommendations,
            "feedback_deleted": forgotten.feedback,
        }
