"""Where no perfect demonstration exists: what learning adds in conversations, from feedback, and
with customers who come back, beside the paper's comparison.

Each is measured with as many seeds as that, on goals and customers that no training saw. What is
finished stays finished.

Files of the folder ``environments/``:
    conversations/METHOD/seed-N/, returning/METHOD/seed-N/: what was trained.
    conversations.json, feedback.json, returning.json: each case of each method and seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from shopwright.conversations.agents import Converser, baselines_of
from shopwright.conversations.conversation import Openings
from shopwright.conversations.evaluate import evaluate_converser
from shopwright.conversations.learning import ConversationConfig, train_conversation
from shopwright.conversations.policy import LearnedConverser, open_policy
from shopwright.conversations.simulation import tasks_of
from shopwright.customers.feedback.tastes import TasteConfig
from shopwright.customers.returning.agents import follow
from shopwright.customers.returning.crowd import WORLDS
from shopwright.customers.returning.policy import LearnedAgent
from shopwright.customers.returning.products import Assortment
from shopwright.customers.returning.training import ReturningConfig, train_returning
from shopwright.files import read_json, write_json
from shopwright.intervals import holm, paired_bootstrap
from shopwright.reproduction.config import ReproduceConfig
from shopwright.reproduction.market import HEADS, Market
from shopwright.reproduction.summary import LEVEL
from shopwright.rollouts.agent import Agent, AnyAgent, CatalogueAgent, Shopper
from shopwright.seeding import derive, numpy_rng
from shopwright.shop.shop import Shop

Progress = Callable[[str, int, int], None]
# Method → one value for each case, of each seed.
Values = dict[str, list[list[float]]]
# PPO that sees the next purchase alone.
_MYOPIC: dict[str, Any] = {"gamma": 0.0, "satisfaction_weight": 0.0, "purchase_weight": 1.0}
_RETURNING = {"PPO, next purchase": _MYOPIC, "PPO, long term": {}}
_CONVERSING: dict[str, Literal["imitation", "ppo", "dpo"]] = {
    "imitation": "imitation", "PPO": "ppo", "DPO": "dpo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of the comparison.

    Attributes:
        name: what tables call it.
        measure: what is measured, with its unit.
        start: the method that the others are compared with.
    """

    name: str
    measure: str
    start: str


CONVERSATIONS = Environment("conversations", "return", "imitation")
FEEDBACK = Environment("feedback", "success on fresh customers, %", "as served")
RETURNING = Environment("returning", "long-term return", "PPO, next purchase")


def compare_environments(
    shop: Shop, agent: AnyAgent, out: Path, config: ReproduceConfig, progress: Progress
) -> list[dict[str, Any]]:
    """Train and measure in each environment, and return a record for each, as JSON types; none if
    the configuration leaves them out.

    Args:
        agent: who serves the customers whose feedback is learned from.
        out: the comparison's folder.
    """
    if not config.environments:
        return []
    assert isinstance(agent, Agent)
    assert isinstance(agent, CatalogueAgent)  # A trained one is both.
    folder = out / "environments"
    works: list[tuple[Environment, Callable[[], Values]]] = [
        (CONVERSATIONS, partial(_conversations, shop, folder, config, progress)),
        (FEEDBACK, partial(_feedback, shop, agent, config, progress)),
        (RETURNING, partial(_returning, shop, folder, config, progress)),
    ]
    records = []
    for environment, work in works:
        file = folder / f"{environment.name}.json"
        if not file.exists():
            values = work()
            folder.mkdir(exist_ok=True)
            write_json(file, values)
        records.append(record_of(environment, read_json(file), config.seed))
    return records


def _conversations(shop: Shop, folder: Path, config: ReproduceConfig, progress: Progress) -> Values:
    train = shop.goals.split("train")
    fresh = "test-unseen" if shop.goals.count("test-unseen") else "test"
    tasks = tasks_of(shop.goals.split(fresh)[: config.test_goals], seed=config.seed)
    openings = Openings(shop)
    rules = baselines_of(ConversationConfig().world)
    agents: dict[str, list[Converser]] = {f"rule: {rule.name}": [rule] for rule in rules}
    for seed in range(config.seeds):
        for name, method in _CONVERSING.items():
            run = folder / "conversations" / method / f"seed-{seed}"
            settings = ConversationConfig(
                method=method,
                updates=config.conversation_updates,
                # What few rounds hardly meet is not prepared.
                train_goals=min(1_000, 25 * config.conversation_updates),
                dev_goals=config.dev_goals,
                seed=config.seed + seed,
            )
            stage = _named(progress, f"conversations: {name} {seed}")
            train_conversation(shop, train, run, settings, progress=stage)
            agents.setdefault(name, []).append(LearnedConverser(open_policy(run), name=name))
    return {
        name: [
            evaluate_converser(
                each, openings, tasks, progress=partial(progress, f"conversations: {name}, fresh")
            ).returns.tolist()
            for each in several
        ]
        for name, several in agents.items()
    }


def _feedback(shop: Shop, agent: Shopper, config: ReproduceConfig, progress: Progress) -> Values:
    values: Values = {}
    with TemporaryDirectory() as folder:
        market = Market(shop, agent, Path(folder))
        for seed in range(config.seeds):
            progress("feedback: customers", seed, config.seeds)
            world = TasteConfig(seed=config.seed + seed)
            learned = market.measure(world, [config.lists], config.customers, HEADS)
            values.setdefault(FEEDBACK.start, []).append((100.0 * learned[0].served).tolist())
            for each in learned:
                name = {"dpo": "DPO on feedback"}.get(each.head, f"{each.head} on feedback")
                values.setdefault(name, []).append((100.0 * each.learned).tolist())
        progress("feedback: customers", config.seeds, config.seeds)
    return values


def _returning(shop: Shop, folder: Path, config: ReproduceConfig, progress: Progress) -> Values:
    assortment = Assortment.of(shop.catalogue)
    values: Values = {}
    for seed in range(config.seeds):
        for name, told in _RETURNING.items():
            run = folder / "returning" / name.split(", ")[1].replace(" ", "-") / f"seed-{seed}"
            settings = replace(
                ReturningConfig(updates=config.returning_updates, seed=config.seed + seed), **told
            )
            stage = _named(progress, f"returning customers: {name} {seed}")
            train_returning(shop, run, settings, progress=stage)
            stay = follow(
                LearnedAgent.open(run),
                assortment,
                WORLDS["returning"],
                customers=config.customers,
                seed=derive(config.seed, "customers of the comparison"),
            )
            values.setdefault(name, []).append(stay.returns.tolist())
    return values


def _named(progress: Progress, stage: str) -> Progress:
    """Progress that calls every stage of a training the same."""
    return lambda _, done, total: progress(stage, done, total)


def record_of(environment: Environment, values: Values, seed: int) -> dict[str, Any]:
    """Return what tables show: the mean of each seed, and differences from where methods begin,
    paired on the cases, means over seeds case by case; p adjusted by Holm."""
    means = {name: np.mean(of_seeds, axis=0) for name, of_seeds in values.items()}
    pairs: list[dict[str, Any]] = []
    for name in values:
        if name == environment.start:
            continue
        rng = numpy_rng(seed, "environments", environment.name, name)
        found = paired_bootstrap(means[name], means[environment.start], rng=rng)
        pairs.append(
            {
                "first": name,
                "second": environment.start,
                "difference": found.mean,
                "interval": list(found.interval),
                "p_adjusted": found.p_value,
            }
        )
    for pair, p_value in zip(
        pairs, holm([float(pair["p_adjusted"]) for pair in pairs]), strict=True
    ):
        pair["p_adjusted"] = p_value
    return {
        "environment": environment.name,
        "measure": environment.measure,
        "cases": len(means[environment.start]),
        "rows": [
            {"method": name, "seeds": [float(np.mean(own)) for own in of_seeds]}
            for name, of_seeds in values.items()
        ],
        "pairs": pairs,
    }


def answers(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the environments' answers in plain sentences."""
    found = []
    for record in records:
        for pair in record["pairs"]:
            low, high = pair["interval"]
            sure = pair["p_adjusted"] < LEVEL and (low > 0 or high < 0)
            better = "better" if pair["difference"] > 0 else "worse"
            found.append(
                f"{record['environment']}: {pair['first']} against {pair['second']}: "
                f"{better if sure else 'no difference shown'}, {pair['difference']:+.3g} "
                f"({low:+.3g} to {high:+.3g}) of {record['measure']}."
            )
    return found
