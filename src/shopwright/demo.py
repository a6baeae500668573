"""The demo: the whole way from no data to a measured shopping agent, on an invented shop.

Read :func:`run_demo` from top to bottom. It is what one would do with products of one's own, and
every step is also a verb of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from shopwright import __version__, api
from shopwright.catalogue.generate import generate_products
from shopwright.evaluation.bandits import OnlineConfig
from shopwright.evaluation.contest import episodes_to_read
from shopwright.evaluation.episodes import STEP_LIMIT, Evaluation
from shopwright.evaluation.failures import Failures, failures_by_kind
from shopwright.evaluation.report import Report, require_report_packages, write_report
from shopwright.files import write_json
from shopwright.rollouts.agent import AnyAgent
from shopwright.rollouts.records import PROTOCOLS
from shopwright.rollouts.rollout import roll_out
from shopwright.runs import Run
from shopwright.shop.goals import Goal
from shopwright.shop.nouns import NounTagger, best_tagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.training.recipe import BASELINE, PLAN, RecipeConfig
from shopwright.training.verdict import compare, verdict

Progress = Callable[[str, int, int], None]

PRODUCTS = 1_000
# Of its test goals so many are tried: agents that read take a tenth of a second for each.
GOALS = 250
RULES = ("random", "rule", "rule-options", "rule-page")
BOUND = "oracle"
REQUESTS = (
    "a soft sage green blanket to throw over the sofa for movie nights, under 40 dollars",
    "navy blue men's jacket with a zipper, large tall, that I can wash by hand",
    "decaf coffee, medium roast, whole bean, as a gift, not more than 50 dollars",
)
EPISODES = 3
# The seconds of its stages.
STAGES = (
    *(("products", 3.0), ("merging", 1.0)),
    *((stage, seconds / 5.0) for stage, seconds in PLAN),
    *(
        (f"{protocol}: {name}", 1.0 if name in RULES else 15.0)
        for protocol in PROTOCOLS
        for name in (*RULES, "imitation", "dpo")
    ),
    *(("recommending", 1.0), ("report", 5.0)),
)


def run_demo(folder: Path, *, seed: int = 0, progress: Progress) -> dict[str, Any]:
    """Build an invented shop, train an agent in it, measure it beside rules, write a report, and
    return what ``shopwright demo --json`` prints.

    Args:
        folder: a new or empty folder for everything.
    """
    require_report_packages()

    # A shop of invented products: catalogue, search index, goals.
    tagger, reason = best_tagger()
    fallback = f"nouns of titles come from the fallback tagger {tagger.name!r}: {reason}"
    notes = [] if reason is None else [fallback]
    shop = invented_shop(folder / "shop", seed, tagger, progress)

    # Perfect rollouts in the simulator, imitation of them, then DPO: no human labels.
    recipe = RecipeConfig(
        trajectories=200,
        invented=400,
        steps=300,
        practice=120,
        action_steps=300,
        preferences=60,
        preference_steps=30,
        # As many as it takes to tell whether DPO is better.
        dev_goals=80,
        seed=seed,
    )
    training = api.train(shop, folder / "agent", config=recipe, progress=progress)
    runs = {name: folder / "agent" / name for name in ("imitation", "dpo")}
    trained = {name: api.load_agent(run, shop) for name, run in runs.items()}

    # Every agent on the same goals, under each of the two protocols.
    agents: dict[str, AnyAgent] = {
        **{name: api.load_agent(name, shop, seed=seed) for name in RULES},
        **trained,
        BOUND: api.load_agent(BOUND, shop),
    }
    goals = shop.goals.split("test")[:GOALS]
    evaluations = _evaluated(agents, shop, goals, seed, progress)
    results = [{**evaluation.record(), "goals": "test"} for evaluation in evaluations.values()]
    write_json(folder / "results.json", results)
    chosen = str(training.summary["chosen"])
    found = _verdict(evaluations, chosen)

    # What a shopper would be shown.
    progress("recommending", 0, len(REQUESTS))
    best = trained[chosen]
    recommendations = [api.recommend(best, shop, request) for request in REQUESTS]

    # A page to read.
    progress("report", 0, 1)
    said, _, numbers = found.partition(": ")
    report = Report(
        title="shopwright demo",
        verdict=f"The trained agent is {said}.",
        grounds=[f"Success: {numbers}.", f"Kept is {chosen}, by the development goals."],
        summary=[
            ("shopwright", __version__),
            ("seed", str(seed)),
            ("products", f"{len(shop.catalogue):,} invented ones"),
            ("goals", f"{len(shop.goals):,}, of which {len(goals)} to test"),
            ("nouns", tagger.name),
        ],
        results=results,
        metrics={name: Run(run, finished=True).metrics() for name, run in runs.items()},
        episodes=list(episodes_to_read({best.name: best}, shop, goals[:EPISODES], OnlineConfig())),
        failures=_failures(best, shop, goals, evaluations["pages", chosen]),
        recommendations=[(each.request, each.items) for each in recommendations],
        notes=notes,
    )
    page = write_report(report, folder)
    return {
        "run": str(folder),
        "report": str(page),
        "results": results,
        "verdict": found,
        "recommendations": [each.record() for each in recommendations],
        "notes": notes,
    }


def invented_shop(
    folder: Path, seed: int, tagger: NounTagger | None = None, progress: Progress | None = None
) -> Shop:
    """Build the demo's shop."""
    return build_shop(
        generate_products(PRODUCTS, seed=seed),
        folder,
        source={"kind": "demo", "products": PRODUCTS, "seed": seed},
        tagger=tagger,
        total=PRODUCTS,
        progress=progress,
    )


def _evaluated(
    agents: Mapping[str, AnyAgent], shop: Shop, goals: list[Goal], seed: int, progress: Progress
) -> dict[tuple[str, str], Evaluation]:
    """(protocol, agent) → what the agent reached."""
    return {
        (protocol, name): api.evaluate(
            agent,
            shop,
            goals=goals,
            protocol=protocol,
            step_limit=STEP_LIMIT,
            seed=seed,
            progress=partial(progress, f"{protocol}: {name}"),
        )
        for protocol in PROTOCOLS
        for name, agent in agents.items()
    }


def _failures(
    agent: AnyAgent, shop: Shop, goals: Sequence[Goal], evaluation: Evaluation
) -> list[Failures]:
    """An agent's episodes without full reward, shopped for once more to be read."""
    failed = [goal for goal, reward in zip(goals, evaluation.rewards, strict=True) if reward < 1.0]
    return failures_by_kind(
        roll_out(
            agent, shop, goal, step_limit=evaluation.step_limit, keep_observations=True
        ).trajectory
        for goal in failed
    )


def _verdict(evaluations: Mapping[tuple[str, str], Evaluation], chosen: str) -> str:
    """Whether the chosen agent is better than the baseline, in words."""
    reached = {
        name: {
            protocol: [reward == 1.0 for reward in evaluations[protocol, name].rewards]
            for protocol in PROTOCOLS
        }
        for name in (chosen, BASELINE)
    }
    return verdict(compare(reached[chosen], reached[BASELINE]), BASELINE, "test goals")
