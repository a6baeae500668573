"""How a new agent comes into service: with a small share of the requests, which grows while it does
well, and is taken back by itself when it falls behind.

It is judged by what was bought from its recommendations and from the others' since it started. Both
rates have Beta posteriors; it is taken back as soon as it is likely enough to be the worse one,
raised when it has been judged often enough at its share and is likelier the better one, and adopted
when that is likely enough at the last share; then it is an agent like the others. Looking again and
again takes back more good agents than the level says: an error on the safe side.

Source: Thompson, 1933 (Biometrika 25), for the posterior; the steps are our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from shopwright.errors import InputError
from shopwright.intervals import wilson
from shopwright.serving.allocation import best_probabilities
from shopwright.store.releases import ADOPTED, RAISED, REFUSED, STARTED, TAKEN_BACK, Releases, Step

SHARES = (0.05, 0.2, 0.5)
# So many outcomes are needed before a candidate is taken back, and at each share before the next.
FEWEST_JUDGED = 20
BEHIND, AHEAD = 0.05, 0.95


def next_step(
    trial: Step,
    candidate: tuple[int, int],
    others: tuple[int, int],
    judged_at_share: int,
) -> Step | None:
    """Return what is due for a candidate on trial; None for nothing.

    Args:
        trial: its last step.
        candidate, others: purchases and failures since it started.
        judged_at_share: the candidate's outcomes at its present share.
    """
    successes, failures = (np.array(pair, float) for pair in zip(candidate, others, strict=True))
    better = float(best_probabilities(successes, failures)[0])
    details = {
        "probability_of_being_better": better,
        "candidate": list(candidate),
        "others": list(others),
    }

    def due(step: str, share: float) -> Step:
        return Step(agent=trial.agent, run=trial.run, step=step, share=share, details=details)

    if sum(candidate) < FEWEST_JUDGED:
        return None
    if better < BEHIND:
        return due(TAKEN_BACK, 0.0)
    if judged_at_share < FEWEST_JUDGED or better < 0.5:
        return None
    larger = [share for share in SHARES if share > trial.share]
    if larger:
        return due(RAISED, larger[0])
    return due(ADOPTED, 1.0) if better > AHEAD else None


def start(releases: Releases, agent: str, run: str, details: Mapping[str, Any]) -> Step:
    """Log that a candidate starts, and return the step. One that is on trial already goes on.

    Raises:
        InputError: another one is on trial.
    """
    latest = releases.latest()
    if latest is not None and latest.open:
        if latest.agent == agent:
            return latest
        raise InputError(
            f"--candidate: expected that no other is on trial, got {latest.agent}, which is; it is "
            "taken back or adopted by itself, or by --take-back"
        )
    return _add(
        releases, Step(agent=agent, run=run, step=STARTED, share=SHARES[0], details=details)
    )


def refuse(releases: Releases, agent: str, run: str, details: Mapping[str, Any]) -> Step:
    """Log that a candidate was refused, and return the step."""
    return _add(releases, Step(agent=agent, run=run, step=REFUSED, share=0.0, details=details))


def take_back(releases: Releases) -> Step | None:
    """Take back the candidate that is on trial, as somebody asked for, and return the step; None
    without one."""
    latest = releases.latest()
    if latest is None or not latest.open:
        return None
    details = {"asked_for": True}
    step = Step(agent=latest.agent, run=latest.run, step=TAKEN_BACK, share=0.0, details=details)
    return _add(releases, step)


def advance(releases: Releases) -> Step | None:
    """Take the step that is due, if any, and return the last one that was taken."""
    steps = releases.steps()
    taken = [step for step in steps if step.step != REFUSED]
    if not taken or not taken[-1].open:
        return taken[-1] if taken else None
    trial = taken[-1]
    started = next(s for s in reversed(taken) if s.step == STARTED)
    candidate, others = _outcomes(releases, trial.agent, started.at)
    at_share, _ = _outcomes(releases, trial.agent, trial.at)
    due = next_step(trial, candidate, others, sum(at_share))
    if due is None:
        return trial
    releases.add(due, after=steps[-1].number)
    return releases.latest()


def shares(chances: Mapping[str, float], latest: Step | None) -> dict[str, float]:
    """Return the probability with which each agent gets the next request, as a release has it.

    Args:
        chances: as they would be without.
        latest: the last step of a release; None for none.
    """
    if latest is None or latest.step == ADOPTED or latest.agent not in chances:
        return dict(chances)
    others = {agent: chance for agent, chance in chances.items() if agent != latest.agent}
    total = sum(others.values())
    if not total:
        return dict(chances)  # There is nobody else.
    left = {agent: chance / total * (1.0 - latest.share) for agent, chance in others.items()}
    return {agent: left.get(agent, latest.share) for agent in chances}


def release_record(releases: Releases) -> dict[str, Any]:
    """Return the steps of all releases, and of the last one how both sides do since it started, as
    JSON types: what a dashboard shows."""
    steps = releases.steps()
    record: dict[str, Any] = {
        "steps": [
            {
                "number": each.number,
                "at": each.at,
                "agent": each.agent,
                "step": each.step,
                "share": each.share,
                "details": dict(each.details),
            }
            for each in steps
        ],
        "latest": None,
    }
    started = next((each for each in reversed(steps) if each.step == STARTED), None)
    if started is not None:
        latest = next(s for s in reversed(steps) if s.step != REFUSED)
        candidate, others = _outcomes(releases, started.agent, started.at)
        record["latest"] = {
            "agent": latest.agent,
            "step": latest.step,
            "share": latest.share,
            "candidate": _rate(*candidate),
            "others": _rate(*others),
        }
    return record


def _rate(successes: int, failures: int) -> dict[str, Any]:
    judged = successes + failures
    return {
        "judged": judged,
        "successes": successes,
        "success_rate": successes / judged if judged else None,
        "success_interval": [*wilson(successes, judged)] if judged else None,
    }


def _outcomes(
    releases: Releases, agent: str, since: float
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Purchases and failures since a time, of an agent and of all others."""
    succeeded, failed = releases.outcomes_since(since)
    own = (succeeded.get(agent, 0), failed.get(agent, 0))
    return own, (sum(succeeded.values()) - own[0], sum(failed.values()) - own[1])


def _add(releases: Releases, step: Step) -> Step:
    """Log a step after whatever others logged meanwhile, and return it as it was logged."""
    while True:
        steps = releases.steps()
        if releases.add(step, after=steps[-1].number if steps else 0):
            return releases.steps()[-1]
