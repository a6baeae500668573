"""The report on an online experiment: what each agent earned, and what another would have earned.

An off-policy estimate needs to know how likely the log was to show what the other agent would have
shown. What counts here is the first item with its options: the log shows it with the summed
probability of the agents that would have put just that first, which is found by asking them again.
A reward of 1 is a purchase of that first item. So it is assumed that the agents still answer as
they did (the same weights, the same shop), and that only the first item matters for whether it is
bought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from shopwright.errors import InputError
from shopwright.evaluation.off_policy import (
    Estimate,
    doubly_robust,
    inverse_propensity,
    self_normalised,
)
from shopwright.intervals import wilson
from shopwright.serving.allocation import best_probabilities
from shopwright.serving.messages import Filters, ViewRecord
from shopwright.serving.service import Service
from shopwright.store.store import BOUGHT, Recommendation, Store
from shopwright.understanding.request import ParsedRequest

Progress = Callable[[int, int], None]
# Where agents do not agree, a share of the log's probability below this is taken as none.
_NEVER = 1e-9


def experiment_record(store: Store) -> dict[str, Any]:
    """Return what each agent of an experiment earned so far, as JSON types.

    The regret is estimated: how many purchases more the agent with the best observed rate would
    have had on all judged recommendations.
    """
    store.settle()
    pulls: Counter[str] = Counter()
    for recommendation in store.recommendations():
        pulls[recommendation.agent] += 1
    if not pulls:
        raise InputError(f"{store.place}: expected recommendations, got none yet")
    succeeded, failed = store.counts()
    found = arms(pulls, succeeded, failed)
    rates = [arm["success_rate"] for arm in found if arm["success_rate"] is not None]
    all_judged = sum(arm["judged"] for arm in found)
    all_succeeded = sum(arm["successes"] for arm in found)
    return {
        "recommendations": sum(pulls.values()),
        "judged": all_judged,
        "successes": all_succeeded,
        "agents": found,
        "regret": max(rates) * all_judged - all_succeeded if rates else 0.0,
    }


def arms(
    pulls: Counter[str], succeeded: Counter[str], failed: Counter[str]
) -> list[dict[str, Any]]:
    """Return what each agent was asked and earned, as JSON types.

    Args:
        pulls: agent → its recommendations.
        succeeded, failed: agent → how many of them succeeded or failed.
    """
    agents = sorted(pulls)
    if not agents:
        return []
    judged = {agent: succeeded[agent] + failed[agent] for agent in agents}
    best = best_probabilities(
        np.array([succeeded[agent] for agent in agents], dtype=np.float64),
        np.array([failed[agent] for agent in agents], dtype=np.float64),
    )
    found: list[dict[str, Any]] = []
    for agent, chance in zip(agents, best.tolist(), strict=True):
        interval = wilson(succeeded[agent], judged[agent]) if judged[agent] else None
        found.append(
            {
                "agent": agent,
                "pulls": pulls[agent],
                "judged": judged[agent],
                "successes": succeeded[agent],
                "success_rate": succeeded[agent] / judged[agent] if judged[agent] else None,
                "success_interval": list(interval) if interval else None,
                "probability_of_being_best": chance,
            }
        )
    return found


def off_policy_record(
    service: Service, target: str, *, most: int = 2_000, progress: Progress | None = None
) -> dict[str, Any]:
    """Return what an agent would have earned on the log, by three estimators.

    Args:
        service: the store, and all agents of the log and the target by their labels.
        most: how many judged recommendations are used, the latest.

    Raises:
        InputError: the log has no judged entry that the agents at hand explain.
    """
    store = service.store
    store.settle()
    bought = {(f.recommendation_id, f.asin) for f in store.feedback() if f.kind == BOUGHT}
    log = [entry for entry in store.recommendations() if entry.outcome is not None and entry.items]
    log = log[-most:]
    rewards, weights, features, other_features = [], [], [], []
    unexplained = 0
    for number, entry in enumerate(log, start=1):
        firsts = {
            label: _first(service, label, entry)
            for label in {*entry.propensities, target}
            if label in service.agents
        }
        shown = (entry.items[0], entry.settings["first_options"])
        chance = sum(
            propensity
            for label, propensity in entry.propensities.items()
            if _action(firsts.get(label)) == shown
        )
        if progress:
            progress(number, len(log))
        logged = firsts.get(entry.agent)
        wanted = firsts[target]
        if chance <= _NEVER or _action(logged) != shown:
            unexplained += 1  # An agent is not at hand any more, or answers otherwise now.
            continue
        rewards.append(float((entry.id, entry.items[0]) in bought))
        weights.append(1.0 / chance if _action(wanted) == shown else 0.0)
        features.append(_features(logged))
        other_features.append(_features(wanted))
    if not rewards:
        raise InputError(
            f"{store.place}: expected judged recommendations of the agents at hand, got none "
            f"({unexplained} of other agents)"
        )
    predicted, predicted_other = _predictions(
        np.array(features), np.array(rewards), np.array(other_features)
    )
    return {
        "target": target,
        "entries": len(rewards),
        "unexplained": unexplained,
        "agreeing": int(np.count_nonzero(weights)),
        "logged_mean": float(np.mean(rewards)),
        "inverse_propensity": _record(inverse_propensity(rewards, weights)),
        "self_normalised": _record(self_normalised(rewards, weights)),
        "doubly_robust": _record(doubly_robust(rewards, weights, predicted, predicted_other)),
    }


def _first(service: Service, label: str, entry: Recommendation) -> Mapping[str, Any] | None:
    """The item that an agent puts first for a logged request."""
    settings = entry.settings
    filters = Filters(**{name: settings[name] for name in Filters.model_fields})
    changed = settings.get("understood")
    understood = service.understand(
        entry.request,
        price_limit=settings["price_limit"],
        filters=filters,
        understood=ParsedRequest.from_record(changed) if changed else None,
    )
    view = ViewRecord(**settings.get("view", {})).view()
    answer = service.answer(label, understood, count=1, filters=filters, view=view)
    return answer[0].record() if answer else None


def _action(item: Mapping[str, Any] | None) -> tuple[str, dict[str, str]] | None:
    return None if item is None else (item["asin"], item["options"])


def _features(item: Mapping[str, Any] | None) -> tuple[float, float, float]:
    """What the reward model sees of an item: that there is one, and what it meets of the request;
    nothing that depends on which agent chose it."""
    if item is None:
        return (0.0, 0.0, 0.0)
    return (1.0, item["met_share"], float(item["met_share"] == 1.0))


def _predictions(
    features: np.ndarray, rewards: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression of the reward, fitted on the half of the log that an entry is not in."""
    predicted, predicted_other = np.zeros(len(rewards)), np.zeros(len(rewards))
    half = np.arange(len(rewards)) % 2 == 0
    for inside in (half, ~half):
        rest = ~inside if (~inside).any() else inside
        x, y = features[rest], rewards[rest]
        ridge = 1e-3 * np.eye(x.shape[1])
        coefficients = np.linalg.solve(x.T @ x + ridge, x.T @ y)
        predicted[inside] = np.clip(features[inside] @ coefficients, 0.0, 1.0)
        predicted_other[inside] = np.clip(other[inside] @ coefficients, 0.0, 1.0)
    return predicted, predicted_other


def _record(estimate: Estimate) -> dict[str, Any]:
    finite = np.isfinite(estimate.standard_error)
    return {
        "value": estimate.value if np.isfinite(estimate.value) else None,
        "standard_error": estimate.standard_error if finite else None,
        "interval": list(estimate.interval) if finite else None,
        "effective_size": estimate.effective_size,
    }
