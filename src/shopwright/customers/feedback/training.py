"""`train feedback`: an agent learns what customers like from the log of its service.

The agent itself stays as it is; it gets a taste, which moves the products that it recommends.
Lists that other agents showed are learned from, too: what a customer did with a product says
something of the product, whoever showed it.

Source: our own; see :mod:`shopwright.customers.feedback.heads`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson

from shopwright.agents.registry import BUILT_IN, open_agent
from shopwright.agents.taste import TASTE, Taste
from shopwright.config import Configuration, setting
from shopwright.customers.feedback.heads import (
    Fit,
    Rows,
    Seen,
    bandit_rows,
    learn,
    preference_rows,
)
from shopwright.customers.feedback.judgments import JudgedList, judged_lists
from shopwright.customers.feedback.replay import Replay
from shopwright.errors import AgentError, InputError
from shopwright.files import link_or_copy, sha256
from shopwright.rollouts.agent import CatalogueAgent
from shopwright.runs import Run, one_at_a_time
from shopwright.shop.shop import Shop
from shopwright.store.database import place_of
from shopwright.store.store import Store

Progress = Callable[[str, int, int], None]
_ROWS = {"bandit": bandit_rows, "dpo": preference_rows}
_DAY_SECONDS = 86_400.0
# Weights in nats below this are not worth a line.
_NOTHING = 1e-4
_SHOWN_WEIGHTS = 10


@dataclass(frozen=True, kw_only=True)
class FeedbackConfig(Configuration):
    """How an agent learns from feedback."""

    head: Literal["bandit", "dpo"] = setting(
        "bandit", help="what is learned from: rewards (bandit) or preferences (dpo)"
    )
    entries: int = setting(10_000, help="judged lists that are learned from, the latest", minimum=1)
    half_life_days: float | None = setting(
        None, help="a list that is so old counts half; none: all count the same", above=0
    )
    seed: int = setting(0, help="accepted by every verb; nothing is drawn here")


@one_at_a_time
def train_feedback(
    shop: Shop,
    feedback: str | Path,
    start: Path,
    out: Path,
    config: FeedbackConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Give an agent a taste and write it into a run folder.

    Args:
        feedback: the store of the service, a file or an address.
        start: the run folder of the agent, or a built-in agent's name. A taste that it has is
            learned anew.

    Raises:
        InputError: the log is of another shop, or judges nothing that the shop still has.
        AgentError: the agent cannot recommend.
    """
    config, start = config or FeedbackConfig(), Path(start)
    with closing(Store(place_of(str(feedback)))) as store:
        store.check_shop(shop.origin)
        lists = judged_lists(store.recommendations(), store.feedback())[-config.entries :]
    if not lists:
        raise InputError(f"{feedback}: expected lists that were clicked or bought from, got none")
    if str(start) not in BUILT_IN and not start.is_dir():
        raise AgentError(
            f"--from: expected a run folder or one of {', '.join(BUILT_IN)}, got {str(start)!r}"
        )
    inputs = {
        "shop_manifest_sha256": sha256(shop.folder / "manifest.json"),
        "start": str(start),
        "feedback_sha256": _checksum(lists),
    }
    run = Run.open(out, "feedback", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    agent = open_agent(str(start), shop)
    if not isinstance(agent, CatalogueAgent):
        raise AgentError(f"{start}: expected an agent that reads requests, got another")
    seen = look_again(lists, Replay(shop, agent), progress)
    rows = recent(_ROWS[config.head](seen), seen, config.half_life_days)
    if not len(rows.rewards):
        raise InputError(
            f"{feedback}: expected lists that were clicked or bought from, of products that the "
            f"shop still has, got none in {len(lists)} judged ones"
        )
    learned = learn(rows)
    taste = taste_of(rows.names, learned.fit)
    folds = [dict(taste_of(rows.names, each).weights) for each in learned.folds]
    _write(out, taste, start, folds)
    judgments = [judgment for each in lists for judgment in each.judgments]
    return run.finish(
        {
            "operation": "feedback",
            "head": config.head,
            "judged_lists": len(lists),
            "judgments": len(judgments),
            "clicked": sum(judgment.clicked for judgment in judgments),
            "bought": sum(judgment.bought for judgment in judgments),
            "gone_products": sum(each.features.count(None) for each in seen),
            "held_back": learned.held_back,
            "better_by_nats": learned.gained,
            "standard_error": learned.error,
            "likes": taste.strongest(_SHOWN_WEIGHTS),
        }
    )


def look_again(
    lists: Sequence[JudgedList], replay: Replay, progress: Progress | None = None
) -> list[Seen]:
    """Return judged lists with the features of their products as they stand now."""
    seen = []
    for number, each in enumerate(lists, start=1):
        found = replay(each.entry)
        places = [found.place_of.get(asin) for asin in each.entry.items]
        features = [None if place is None else found.features[place] for place in places]
        seen.append(Seen(each, features))
        if progress:
            progress("log", number, len(lists))
    return seen


def recent(rows: Rows, seen: Sequence[Seen], half_life_days: float | None) -> Rows:
    """Return rows that count less the older they are than the latest list."""
    if half_life_days is None or not seen:
        return rows
    times = np.array([each.judged.entry.at for each in seen])
    ages = (times.max() - times[rows.lists]) / _DAY_SECONDS
    return replace(rows, weights=rows.weights * 0.5 ** (ages / half_life_days))


def taste_of(names: Sequence[str], fit: Fit) -> Taste:
    """Return the taste of a fit."""
    weights = zip(names, fit.weights.tolist(), strict=True)
    return Taste({name: weight for name, weight in weights if abs(weight) > _NOTHING})


def _write(out: Path, taste: Taste, start: Path, folds: Sequence[dict[str, float]]) -> None:
    """Write the taste, then the agent's files, what says that it is an agent last: whoever opens
    the folder of a run that was killed finds the whole or nothing."""
    built_in = str(start) in BUILT_IN
    taste.write(out, agent=str(start) if built_in else None, folds=list(folds))
    if built_in:
        return
    own = {"run.json", "result.json", TASTE}
    files = [each for each in start.iterdir() if each.suffix in (".json", ".safetensors")]
    for file in sorted(files, key=lambda each: each.suffix == ".json"):
        if file.name not in own:
            link_or_copy(file, out / file.name)


def _checksum(lists: Sequence[JudgedList]) -> str:
    said = [(each.entry.id, each.entry.items, [*map(tuple, each.judgments)]) for each in lists]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()
