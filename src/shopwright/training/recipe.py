"""The default training: from nothing but a shop to the finished agent."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from shopwright.agents.oracle import Oracle
from shopwright.agents.registry import open_agent
from shopwright.agents.rules import Explorer
from shopwright.config import Configuration, setting
from shopwright.encoding.compute import device_of
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.pretrained import BUNDLED
from shopwright.errors import InputError
from shopwright.files import link_or_copy, sha256
from shopwright.policy.checkpoint import AGENT, HISTORY
from shopwright.rollouts.agent import PrivilegedAgent
from shopwright.rollouts.generate import GenerateConfig, Generated, generate_perfect
from shopwright.rollouts.invent import InventConfig, invent_goals
from shopwright.rollouts.purchases import known_purchases
from shopwright.rollouts.records import Trajectory, write_trajectories
from shopwright.rollouts.requests import RequestWriter
from shopwright.runs import FAILURES, Run, one_at_a_time
from shopwright.seeding import python_rng
from shopwright.shop.certainty import in_words
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.loop import Progress, staged
from shopwright.training.methods.dpo import DPOConfig, train_dpo
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.training.verdict import compare, improves, successes, verdict

# What the agent must be better than, for the training to be worth it.
BASELINE = "rule-page"


# So often are the dev goals tried while imitation learns what is relevant.
EVALUATIONS = 4
# The stages as they are told, each with the seconds that it took in a shop of 6,764 products.
PLAN = (
    *(("generate", 4.0), ("invent", 8.0), ("encode", 60.0), ("replay", 6.0), ("requests", 6.0)),
    *(("query", 6.0), ("memory", 6.0), ("read", 80.0), ("imitation", 114.0)),
    *(("practice 1", 31.0), ("label 1", 15.0), ("practice 1", 7.0), ("label 1", 9.0)),
    *(("imitation", 9.0), ("practice 2", 42.0), ("label 2", 28.0), ("practice 2", 11.0)),
    *(("label 2", 11.0), ("imitation", 6.0), ("practice 3", 20.0), ("label 3", 16.0)),
    *(("practice 3", 8.0), ("label 3", 7.0), ("imitation", 4.0)),
    *(("read", 5.0), ("preferences 1", 8.0), ("dpo", 4.0), ("preferences 2", 8.0), ("dpo", 4.0)),
    *(("dev: imitation", 5.0), ("dev: dpo", 7.0), ("dev: rule-page", 1.0)),
)
# From so many products on a shop is trained in as large ones are.
FULL_SIZE = 800
# What less of teaches nothing, in however small a shop.
_FEWEST = {
    "trajectories": 20,
    "invented": 100,
    "steps": 300,
    "practice": 40,
    "action_steps": 200,
    "preferences": 10,
    "preference_steps": 20,
}


@dataclass(frozen=True, kw_only=True)
class RecipeConfig(Configuration):
    """The default training's settings; the stages' own settings are their defaults."""

    trajectories: int = setting(
        1000, help="perfect rollouts for goals of the shop's train split", minimum=1
    )
    history_purchases: int = setting(
        75_000,
        help="products with fewer than two purchases of which one more is stored, at most",
        minimum=0,
        formerly="remembered",
    )
    invented: int = setting(
        1500,
        help="goals that the catalogue makes for itself, with a perfect rollout each",
        minimum=1,
    )
    steps: int = setting(1200, help="gradient steps on relevance and options", minimum=1)
    practice: int = setting(400, help="requests of a round of practice", minimum=0)
    action_steps: int = setting(
        700, help="gradient steps on actions in a round of practice", minimum=1
    )
    history: bool = setting(True, help="keep which product was bought for which request")
    preferences: int = setting(100, help="of these rollouts, how many DPO learns from", minimum=1)
    preference_steps: int = setting(
        75, help="gradient steps of DPO in each of its rounds", minimum=1
    )
    dev_goals: int = setting(100, help="dev goals that decide between imitation and DPO", minimum=1)
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    threads: int = setting(
        1, help="threads to train with; 0: all cores, with which texts are read anyway", minimum=0
    )
    device: str = setting(
        "auto", help="where the language model computes: cpu, cuda, or auto, a GPU if there is one"
    )
    processes: int = setting(
        0, help="processes that read and practise; 0: one for each core", minimum=0
    )
    scale: float = setting(
        0.0,
        help="share of the rollouts, goals and steps that is used; 0: by the size of a shop from a "
        f"table, all of them from {FULL_SIZE} products on",
        minimum=0,
        maximum=1,
    )
    seed: int = setting(0, help="decides everything random")


@one_at_a_time
def train_default(
    shop: Shop, out: Path, config: RecipeConfig | None = None, *, progress: Progress | None = None
) -> dict[str, Any]:
    """Generate perfect rollouts, imitate them, then learn from preferences.

    The rollouts are found by trial and error for the shop's own goals, and by construction for
    goals that the catalogue invents. Folders: ``out/imitation`` and ``out/dpo`` are run folders;
    ``out/trajectories.jsonl`` is what they learned from, ``out/failures.jsonl`` the episodes on dev
    goals in which the finished agent failed; ``out`` itself is the finished agent,
    imitation, or DPO where it does significantly better on dev goals under a protocol and no worse
    under the other. A killed training goes on; a finished one is returned as it is.

    Args:
        shop: the shop; only goals of its train split are used.

    Returns:
        The summary: each stage's, the comparisons on dev goals, ``verdict``: in words, whether the
        agent is better than :data:`BASELINE` and by how much, and the seconds in all.

    Raises:
        InputError: the shop has no goals to train on, there is no such device, or the folder holds
            another run.
    """
    config = config or RecipeConfig()
    device_of(config.device)  # A wrong one is refused before the work, not after it.
    goals = _goals_to_train_on(shop)
    inputs = {"shop_manifest_sha256": sha256(shop.folder / "manifest.json")}
    run = Run.open(out, "recipe", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    started = time.perf_counter()
    config = _scaled(config, shop)
    generate = GenerateConfig(trajectories=config.trajectories, seed=config.seed)
    generated = generate_perfect(
        Explorer(config.seed), shop, goals, generate, progress=staged(progress, "generate")
    )
    invented = _invented(shop, config, progress)
    trajectories = generated.trajectories + invented.trajectories
    if not trajectories:
        raise InputError(f"{shop.folder}: expected goals that can be fulfilled, found none")
    # A request in training does not find its own purchase in the history: only if its product was
    # bought twice is it found as often as others are.
    bought = Counter(trajectory.asin for trajectory in trajectories)
    further = known_purchases(
        shop,
        goals,
        count=config.history_purchases if config.history else 0,
        seed=config.seed,
        without={asin for asin, count in bought.items() if count > 1},
    )
    folder, settings = out / "imitation", _imitation_config(config)
    imitation = train_imitation(
        shop, trajectories, folder, settings, further=further, progress=progress
    )
    rng = python_rng(config.seed, "recipe", "preferences")
    compared = rng.sample(trajectories, min(config.preferences, len(trajectories)))
    dpo = DPOConfig(steps=config.preference_steps, **_shared(config))
    preferred = train_dpo(shop, compared, folder, out / "dpo", dpo, progress=progress)
    write_trajectories(out / "trajectories.jsonl", trajectories)
    on_dev_goals = _choose(shop, out, config, progress)
    return run.finish(
        {
            "generate": generated.cost,
            "invented": {"goals": invented.goals, "perfect": invented.perfect},
            "history_purchases": len(further),
            "imitation": imitation,
            "dpo": preferred,
            **on_dev_goals,
            "measures": in_words(shop.goals, len(shop.catalogue)),
            "seconds": time.perf_counter() - started,
        }
    )


def _goals_to_train_on(shop: Shop) -> list[Goal]:
    goals = shop.goals.split("train")
    if not goals:
        raise InputError(
            f"{shop.folder}: expected a shop with goals to train on, got "
            + "; ".join(in_words(shop.goals, len(shop.catalogue)))
        )
    return goals


def _scaled(config: RecipeConfig, shop: Shop) -> RecipeConfig:
    """The configuration with as much of everything as the shop's size asks for."""
    scale = config.scale
    if not scale:
        scale = min(1.0, len(shop.catalogue) / FULL_SIZE) if shop.goals.is_of_table else 1.0
    full = {name: getattr(config, name) for name in _FEWEST}
    return replace(
        config,
        **{
            name: min(value, max(_FEWEST[name], round(scale * value)))
            for name, value in full.items()
        },
    )


def _invented(shop: Shop, config: RecipeConfig, progress: Progress | None) -> Generated:
    """Perfect rollouts for invented goals: whoever invents one knows a purchase that fulfils it."""
    if progress:
        progress("invent", 0, config.invented)
    model = LanguageModel(config.language_model, device=config.device, download=True)
    writer = RequestWriter(model.near_words)
    invent = InventConfig(goals=config.invented, seed=config.seed)
    goals = invent_goals(shop, writer, invent, progress=staged(progress, "invent"))
    generate = GenerateConfig(trajectories=config.invented, seed=config.seed)
    return generate_perfect(Oracle(), shop, goals, generate)


def _imitation_config(config: RecipeConfig) -> ImitationConfig:
    return ImitationConfig(
        # Invented requests are in many wordings already.
        rewordings=0,
        steps=config.steps,
        practice=config.practice,
        long_practice=config.practice // 8,
        action_steps=config.action_steps,
        history=config.history,
        language_model=config.language_model,
        evaluate_every=max(1, config.steps // EVALUATIONS),
        **_shared(config),
    )


def _shared(config: RecipeConfig) -> dict[str, Any]:
    """The settings that all stages take."""
    names = ("device", "threads", "processes", "seed")
    return {name: getattr(config, name) for name in names}


def _choose(
    shop: Shop, out: Path, config: RecipeConfig, progress: Progress | None
) -> dict[str, Any]:
    """Make imitation or DPO the run's agent, and say what it is worth."""
    if not shop.goals.count("dev"):
        _take(out, "imitation")
        return {
            "chosen": "imitation",
            "baseline": BASELINE,
            "verdict": f"not compared with {BASELINE}: the shop has no dev goals",
        }
    failed: dict[str, list[Trajectory]] = {"imitation": [], "dpo": []}
    imitated, preferred = (
        _on_dev_goals(shop, str(out / name), config, progress, failed[name]) for name in failed
    )
    against_imitation = compare(preferred, imitated)
    chosen = "dpo" if improves(against_imitation) else "imitation"
    _take(out, chosen)
    write_trajectories(out / FAILURES, failed[chosen])
    against_baseline = compare(
        preferred if chosen == "dpo" else imitated, _on_dev_goals(shop, BASELINE, config, progress)
    )
    return {
        "dpo_against_imitation": {name: one.record() for name, one in against_imitation.items()},
        "chosen": chosen,
        "baseline": BASELINE,
        "against_baseline": {name: one.record() for name, one in against_baseline.items()},
        "verdict": verdict(against_baseline, BASELINE),
    }


def _take(out: Path, chosen: str) -> None:
    for name in (AGENT.weights, HISTORY, AGENT.description):
        if (out / chosen / name).is_file():
            link_or_copy(out / chosen / name, out / name)


def _on_dev_goals(
    shop: Shop,
    name: str,
    config: RecipeConfig,
    progress: Progress | None,
    failed: list[Trajectory] | None = None,
) -> dict[str, list[bool]]:
    """An agent's successes on some dev goals, the same for each agent, by protocol."""
    agent = open_agent(name, shop, device=config.device)
    assert not isinstance(agent, PrivilegedAgent)
    numbers = shop.goals.numbers("dev")
    rng = python_rng(config.seed, "recipe", "dev")
    drawn = rng.sample(numbers, min(config.dev_goals, len(numbers)))
    return successes(
        agent,
        shop,
        [shop.goals[number] for number in drawn],
        processes=config.processes,
        failed=failed,
        progress=staged(progress, f"dev: {Path(name).name}"),
    )
