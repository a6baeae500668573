"""What the service learned from its customers, as the dashboard shows it: how releases went, what
questions brought, and whether customers come back and buy.

A conversation succeeds when something that was recommended in it is bought; it counts with the
questions that were asked before. A customer counts for the agent that answered first, whoever
answered later, once a month has passed: who would wait for those who bought already would count
the patient ones alone.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from shopwright.intervals import bootstrap_mean, wilson
from shopwright.serving.release import release_record
from shopwright.store.releases import Releases
from shopwright.store.store import Store

DAY = 24 * 3_600.0
MONTH = 30 * DAY
# Of the log the latest entries, however long it is.
LOOKED_AT = 20_000
QUESTIONS_SHOWN = 20
_SPOKEN = """
SELECT settings, outcome FROM (
    SELECT number, settings, outcome FROM recommendations ORDER BY number DESC LIMIT :most
) AS latest WHERE outcome IS NOT NULL AND settings LIKE :spoken
"""
_SAID = (
    "SELECT conversation, number, record FROM conversation_messages ORDER BY at DESC LIMIT :most"
)
_ASKED = """
SELECT c.customer, r.at, r.agent, r.outcome FROM customer_recommendations c
JOIN recommendations r ON r.number = c.recommendation ORDER BY r.number DESC LIMIT :most
"""


def learned_record(store: Store, now: float | None = None) -> dict[str, Any]:
    """Return what there is to see, as JSON types.

    Args:
        now: seconds since 1970.
    """
    return {
        "releases": release_record(Releases(store.database)),
        "conversations": _conversations(store),
        "questions": _questions(store),
        "customers": _customers(store, time.time() if now is None else now),
    }


def _conversations(store: Store) -> list[dict[str, Any]]:
    """How conversations ended, by how many questions were asked in them."""
    ends: dict[str, tuple[int, int]] = {}
    spoken_in = '%"conversation":{%'
    for text, outcome in store.database.read(_SPOKEN, most=LOOKED_AT, spoken=spoken_in):
        spoken = orjson.loads(text)["conversation"]
        end = (int(outcome), int(spoken["questions"]))
        ends[spoken["id"]] = max(end, ends.get(spoken["id"], end))
    judged = Counter(questions for _, questions in ends.values())
    bought = Counter(questions for success, questions in ends.values() if success)
    return [
        {"questions": questions, **_rate(bought[questions], judged[questions])}
        for questions in sorted(judged)
    ]


def _questions(store: Store) -> list[dict[str, Any]]:
    """What was asked about, and how often the answer was one of the choices."""
    rows = store.database.read(_SAID, most=LOOKED_AT)
    said = {(id, number): orjson.loads(record) for id, number, record in rows}
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for (id, number), record in said.items():
        reply = said.get((id, number + 1))
        if not record["says"] or reply is None:
            continue
        about = record["act"]["group"] or record["act"]["kind"]
        heard = reply["heard"].strip().lower()
        asked[about] += 1
        answered[about] += reply["began"] <= number
        told[about] += any(heard == choice.lower() for choice in record["act"]["choices"])
    return [
        {"about": about, "asked": count, "went_on": answered[about], "chose": told[about]}
        for about, count in asked.most_common(QUESTIONS_SHOWN)
    ]


def _customers(store: Store, now: float) -> dict[str, Any]:
    """What customers bought in the month after they first asked, by the agent that answered then,
    and how many asked again on another day of it."""
    visits: dict[str, list[tuple[float, str, int | None]]] = defaultdict(list)
    for customer, at, agent, outcome in store.database.read(_ASKED, most=LOOKED_AT):
        visits[customer].append((at, agent, outcome))
    bought: dict[str, list[int]] = defaultdict(list)
    returned: Counter[str] = Counter()
    for visit in visits.values():
        first, agent, _ = min(visit, key=lambda each: each[0])
        if now - first < MONTH:
            continue
        month = [each for each in visit if each[0] < first + MONTH]
        bought[agent].append(sum(outcome == 1 for _, _, outcome in month))
        returned[agent] += any(at >= first + DAY for at, _, _ in month)
    return {
        "customers": len(visits),
        "agents": [
            {
                "agent": agent,
                "customers": len(counts),
                "purchases": float(np.mean(counts)),
                "purchases_interval": _mean_interval(counts),
                "returned": returned[agent] / len(counts),
                "returned_interval": [*wilson(returned[agent], len(counts))],
            }
            for agent, counts in sorted(bought.items())
        ],
    }


def _rate(successes: int, judged: int) -> dict[str, Any]:
    return {
        "judged": judged,
        "successes": successes,
        "success_rate": successes / judged,
        "success_interval": [*wilson(successes, judged)],
    }


def _mean_interval(counts: Sequence[int]) -> list[float] | None:
    if len(counts) < 2:
        return None
    return [*bootstrap_mean(counts, resamples=1_000, rng=np.random.default_rng(0))]
