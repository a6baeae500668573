"""What the service keeps: recommendations, feedback and demonstrations.

When a call returns, what it wrote is on the disk. Who only reads a store works on a copy in memory,
and leaves it alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shopwright.errors import InputError, StoreError
from shopwright.rollouts.records import Trajectory
from shopwright.store.customers import add_recommendation_of
from shopwright.store.database import Place, open_copy, open_database

SHOWN, BOUGHT, DISMISSED = "shown", "bought", "dismissed"
# A recommendation that was shown and led to nothing for so long has failed.
PATIENCE_SECONDS = 1_800.0

# An outcome is what the feedback says: bought; else dismissed, as a whole or item by item; else
# nothing yet.
_OUTCOME = """(
    SELECT CASE
        WHEN COUNT(*) FILTER (WHERE kind = 'bought') > 0 THEN 1
        WHEN COUNT(*) FILTER (WHERE kind = 'dismissed' AND asin = '') > 0 THEN 0
        WHEN COUNT(*) FILTER (WHERE kind = 'dismissed') = 0 THEN NULL
        WHEN SUM(CASE WHEN kind = 'dismissed' THEN 1 ELSE 0 END) >= json_array_length(items) THEN 0
    END
    FROM feedback WHERE recommendation = recommendations.number
)"""
# What failed by time alone is not open again when feedback comes that decides nothing.
_SET_OUTCOME = f"UPDATE recommendations SET outcome = COALESCE({_OUTCOME}, outcome)"
_IS_WRONG = f"WHERE COALESCE(outcome, -1) <> COALESCE({_OUTCOME}, outcome, -1)"
_SHOWN_TOO_LONG = """
UPDATE recommendations SET outcome = 0
WHERE outcome IS NULL AND at < :before
    AND EXISTS (SELECT 1 FROM feedback WHERE recommendation = recommendations.number)
"""
_RECOMMENDATIONS = """
SELECT id, at, agent, propensities, request, settings, items, outcome FROM recommendations
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A recommendation as it was logged.

    Attributes:
        id: what feedback refers to.
        at: seconds since 1970.
        agent: the one that answered.
        propensities: agent → the probability with which it was chosen.
        request: what was asked.
        settings: number of items, price limit, filters, the first item's options; JSON types.
        items: asins, best first.
        outcome: 1 bought, 0 not, None not known yet.
    """

    id: str
    at: float
    agent: str
    propensities: Mapping[str, float]
    request: str
    settings: Mapping[str, Any]
    items: tuple[str, ...]
    outcome: int | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """An event as it was logged: what was done with which item of a recommendation, and when."""

    recommendation_id: str
    kind: str
    asin: str
    at: float


class Store:
    """An opened store; may be used from several threads.

    Args:
        place: a file, made if it is not there, or the address of a PostgreSQL database.
        shop: tells the shop that it is about, if it is to be written. Without one it is only read:
            what is written then is written into a copy in memory.
        shared: whether other processes write it, too. If not, every outcome is compared with the
            log of feedback, which decides.

    Attributes:
        database: where further concepts put their tables' queries.

    Raises:
        MissingFileError: it is to be read only (``shop`` None), and there is none.
        InputError: it is no store, of another version, or about another shop; nothing is written.
        StoreError: it cannot be reached.
    """

    def __init__(self, place: Place, shop: str | None = None, *, shared: bool = False) -> None:
        self.database = open_copy(place) if shop is None else open_database(place, shared=shared)
        self.place = self.database.place
        try:
            if shop is not None:
                self.check_shop(shop)
            if not shared:
                self._check_outcomes()
        except BaseException:
            self.close()
            raise

    def check_shop(self, shop: str) -> None:
        """Raise InputError if it is about another shop."""
        query = "SELECT value FROM about WHERE name = 'shop'"
        rows = self.database.read(query)
        if not rows:
            with self.database.transaction() as execute:
                execute(
                    "INSERT INTO about VALUES ('shop', :shop) ON CONFLICT DO NOTHING", shop=shop
                )
                rows = execute(query)
        if rows != [(shop,)]:
            raise InputError(
                f"{self.place}: expected feedback of shop {shop}, got {rows[0][0]}; "
                "name another store or that shop"
            )

    def _check_outcomes(self) -> None:
        if self.database.read(f"SELECT 1 FROM recommendations {_IS_WRONG} LIMIT 1"):
            with self.database.transaction() as execute:
                execute(f"{_SET_OUTCOME} {_IS_WRONG}")

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def trouble(self) -> str:
        """Return why nothing can be written now; nothing if it can."""
        try:
            self.database.check()
        except StoreError as error:
            return str(error)
        return ""

    def settle(self, now: float | None = None) -> None:
        """Count as failed what was shown and led to nothing for too long."""
        before = (time.time() if now is None else now) - PATIENCE_SECONDS
        with self.database.transaction() as execute:
            execute(_SHOWN_TOO_LONG, before=before)

    def add_recommendation(
        self, recommendation: Recommendation, customer: str | None = None
    ) -> None:
        """Log a recommendation; it is on the disk when this returns.

        Args:
            customer: who asked for it, if that is known.
        """
        with self.database.transaction() as execute:
            execute(
                "INSERT INTO recommendations "
                "(id, at, agent, propensities, request, settings, items) "
                "VALUES (:id, :at, :agent, :propensities, :request, :settings, :items)",
                id=recommendation.id,
                at=recommendation.at,
                agent=recommendation.agent,
                propensities=_json(dict(recommendation.propensities)),
                request=recommendation.request,
                settings=_json(dict(recommendation.settings)),
                items=_json(list(recommendation.items)),
            )
            if customer is not None:
                add_recommendation_of(execute, customer, recommendation.id)

    def recommendation(self, id: str) -> Recommendation | None:
        """Return a recommendation; None if there is none with this id."""
        return next(self._recommendations("WHERE id = :id", id=id), None)

    def recommendations(self) -> Iterator[Recommendation]:
        """Yield all recommendations, oldest first."""
        return self._recommendations("ORDER BY number")

    def _recommendations(self, which: str, **values: Any) -> Iterator[Recommendation]:
        rows = self.database.read(f"{_RECOMMENDATIONS} {which}", **values)
        for id, at, agent, propensities, request, settings, items, outcome in rows:
            yield Recommendation(
                id=id,
                at=at,
                agent=agent,
                propensities=orjson.loads(propensities),
                request=request,
                settings=orjson.loads(settings),
                items=tuple(orjson.loads(items)),
                outcome=outcome,
            )

    def add_feedback(self, feedback: Feedback) -> bool:
        """Log an event and return whether it is new; it is on the disk when this returns.

        Raises:
            InputError: there is no such recommendation.
        """
        with self.database.transaction() as execute:
            # Other events of the same recommendation wait: its outcome follows from all of them.
            found = execute(
                "UPDATE recommendations SET outcome = outcome WHERE id = :id RETURNING number",
                id=feedback.recommendation_id,
            )
            if not found:
                raise InputError(
                    f"expected the id of a recommendation, got {feedback.recommendation_id!r:.60}"
                )
            ((number,),) = found
            new = execute(
                "INSERT INTO feedback (recommendation, kind, asin, at) "
                "VALUES (:number, :kind, :asin, :at) ON CONFLICT DO NOTHING RETURNING number",
                number=number,
                kind=feedback.kind,
                asin=feedback.asin,
                at=feedback.at,
            )
            execute(f"{_SET_OUTCOME} WHERE number = :number", number=number)
            return bool(new)

    def feedback(self) -> list[Feedback]:
        """Return all events, oldest first."""
        rows = self.database.read(
            "SELECT r.id, f.kind, f.asin, f.at FROM feedback f "
            "JOIN recommendations r ON r.number = f.recommendation ORDER BY f.number"
        )
        return [Feedback(*row) for row in rows]

    def counts(self) -> tuple[Counter[str], Counter[str]]:
        """Return agent → recommendations that succeeded, and agent → those that failed."""
        rows = self.database.read(
            "SELECT agent, outcome, COUNT(*) FROM recommendations "
            "WHERE outcome IS NOT NULL GROUP BY agent, outcome"
        )
        succeeded: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for agent, outcome, count in rows:
            (succeeded if outcome else failed)[agent] += count
        return succeeded, failed

    def size(self) -> int:
        """Return the number of recommendations."""
        ((count,),) = self.database.read("SELECT COALESCE(MAX(number), 0) FROM recommendations")
        return int(count)

    def add_demonstration(self, id: str, trajectory: Trajectory) -> None:
        """Keep what a person did; it is on the disk when this returns. The same id counts once."""
        with self.database.transaction() as execute:
            execute(
                "INSERT INTO demonstrations (id, at, trajectory) VALUES (:id, :at, :trajectory) "
                "ON CONFLICT DO NOTHING",
                id=id,
                at=time.time(),
                trajectory=_json(trajectory.to_record()),
            )

    def demonstrations(self) -> list[Trajectory]:
        """Return what people did, oldest first."""
        rows = self.database.read("SELECT trajectory FROM demonstrations ORDER BY number")
        return [Trajectory.from_record(orjson.loads(text)) for (text,) in rows]


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
