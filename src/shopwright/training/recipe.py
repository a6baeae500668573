"""The default training: from nothing but a shop to the finished agent."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shopwright.agents.registry import open_agent
from shopwright.agents.rules import Explorer, Oracle
from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import BUNDLED, LanguageModel
from shopwright.errors import InputError
from shopwright.files import link_or_copy, write_json
from shopwright.policy.checkpoint import DESCRIPTION, HISTORY, WEIGHTS
from shopwright.rollouts.generate import GenerateConfig, generate_perfect
from shopwright.rollouts.invent import InventConfig, invent_goals
from shopwright.rollouts.purchases import known_purchases
from shopwright.rollouts.records import PROTOCOLS, write_trajectories
from shopwright.rollouts.requests import RequestWriter
from shopwright.rollouts.rollout import PrivilegedAgent, roll_out
from shopwright.seeding import python_rng
from shopwright.shop.shop import Shop
from shopwright.training.methods.dpo import DPOConfig, train_dpo
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.training.workers import each

Progress = Callable[[str, int, int], None]

# Standard deviations of McNemar's statistic by which DPO must be better than imitation.
SIGNIFICANT = 1.96


@dataclass(frozen=True, kw_only=True)
class RecipeConfig(Configuration):
    """The default training's settings; the stages' own settings are their defaults."""

    trajectories: int = setting(
        1000, help="perfect rollouts for goals of the shop's train split", minimum=1
    )
    remembered: int = setting(
        75_000,
        help="products with fewer than two purchases of which one more is remembered, at most",
        minimum=0,
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
    history: bool = setting(True, help="remember which product was bought for which request")
    preferences: int = setting(100, help="of these rollouts, how many DPO learns from", minimum=1)
    preference_steps: int = setting(
        75, help="gradient steps of DPO in each of its rounds", minimum=1
    )
    dev_goals: int = setting(100, help="dev goals that decide between imitation and DPO", minimum=0)
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    threads: int = setting(
        1, help="threads to train with; 0: all cores, with which texts are read anyway", minimum=0
    )
    processes: int = setting(
        0, help="processes that read and practise; 0: one for each core", minimum=0
    )
    seed: int = setting(0, help="decides everything random")


def train_default(
    shop: Shop, out: Path, config: RecipeConfig | None = None, *, progress: Progress | None = None
) -> dict[str, Any]:
    """Generate perfect rollouts, imitate them, then learn from preferences.

    The rollouts are found by trial and error for the shop's own goals, and by construction for
    goals that the catalogue invents. Folders: ``out/imitation`` and ``out/dpo`` are run folders;
    ``out/trajectories.jsonl`` is what they learned from; ``out`` itself is the finished agent,
    imitation, or DPO where it does significantly better on dev goals. A killed training goes on.

    Args:
        shop: the shop; only goals of its train split are used.
        out: the run folder.
        config: see :class:`RecipeConfig`.
        progress: called with (stage, done, in all).

    Returns:
        The summary: each stage's, and the seconds in all.

    Raises:
        InputError: the shop has no goals to train on, or the folder holds another run.
    """
    config = config or RecipeConfig()
    goals = shop.goals.split("train")
    if not goals:
        raise InputError(
            f"{shop.folder}: expected a shop with more than 1,500 goals, whose first are kept for "
            f"test and dev, got {len(shop.goals)}"
        )
    started = time.perf_counter()
    generate = GenerateConfig(trajectories=config.trajectories, seed=config.seed)
    generated = generate_perfect(
        Explorer(config.seed), shop, goals, generate, progress=_named(progress, "generate")
    )
    if not generated.trajectories:
        raise InputError(f"{shop.folder}: expected goals that can be fulfilled, found none")
    # Whoever invents a goal knows a purchase that fulfils it.
    writer = RequestWriter(LanguageModel(config.language_model).near_words)
    own_goals = invent_goals(
        shop,
        writer,
        InventConfig(goals=config.invented, seed=config.seed),
        progress=_named(progress, "invent"),
    )
    invented = generate_perfect(
        Oracle(), shop, own_goals, GenerateConfig(trajectories=config.invented, seed=config.seed)
    )
    trajectories = generated.trajectories + invented.trajectories
    # A request in training is not told what was bought for itself: only if its product was bought
    # twice is it remembered as often as others are.
    bought = Counter(trajectory.asin for trajectory in trajectories)
    remembered = known_purchases(
        shop,
        goals,
        count=config.remembered if config.history else 0,
        seed=config.seed,
        without={asin for asin, count in bought.items() if count > 1},
    )
    imitation = train_imitation(
        shop,
        trajectories,
        out / "imitation",
        ImitationConfig(
            # Invented requests are in many wordings already.
            rewordings=0,
            steps=config.steps,
            practice=config.practice,
            long_practice=config.practice // 8,
            action_steps=config.action_steps,
            history=config.history,
            language_model=config.language_model,
            # Only the last evaluation is of use here.
            evaluate_every=config.steps,
            threads=config.threads,
            processes=config.processes,
            seed=config.seed,
        ),
        further=remembered,
        progress=progress,
    )
    compared = python_rng(config.seed, "recipe", "preferences").sample(
        trajectories, min(config.preferences, len(trajectories))
    )
    dpo = train_dpo(
        shop,
        compared,
        out / "imitation",
        out / "dpo",
        DPOConfig(
            steps=config.preference_steps,
            threads=config.threads,
            processes=config.processes,
            seed=config.seed,
        ),
        progress=progress,
    )
    write_trajectories(out / "trajectories.jsonl", trajectories)
    dev = {name: _dev_episodes(shop, out / name, config, progress) for name in ("imitation", "dpo")}
    pairs = list(zip(dev["dpo"], dev["imitation"], strict=True))
    won, lost = pairs.count((True, False)), pairs.count((False, True))
    chosen = "dpo" if won - lost > SIGNIFICANT * math.sqrt(won + lost) else "imitation"
    for name in (WEIGHTS, HISTORY, DESCRIPTION):
        if (out / chosen / name).is_file():
            link_or_copy(out / chosen / name, out / name)
    summary = {
        "generate": {
            "perfect": generated.perfect,
            "tries": generated.tries,
            "goals": generated.goals,
            "simulator_steps": generated.simulator_steps,
        },
        "invented": {"goals": invented.goals, "perfect": invented.perfect},
        "remembered": len(remembered),
        "imitation": imitation,
        "dpo": dpo,
        "dev_success_rate": {
            name: 100.0 * sum(perfect) / max(1, len(perfect)) for name, perfect in dev.items()
        },
        "dev_won_and_lost": [won, lost],
        "chosen": chosen,
        "seconds": time.perf_counter() - started,
    }
    write_json(out / "result.json", summary)
    return summary


def _named(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(stage, done, total)


def _dev_episodes(
    shop: Shop, run: Path, config: RecipeConfig, progress: Progress | None
) -> list[bool]:
    """Whether an agent succeeds, for each drawn dev goal and protocol."""
    agent = open_agent(str(run), shop)
    assert not isinstance(agent, PrivilegedAgent)
    goals = shop.goals.numbers("dev")
    drawn = python_rng(config.seed, "recipe", "dev").sample(
        goals, min(config.dev_goals, len(goals))
    )

    def shop_for(number: int) -> list[bool]:
        return [
            roll_out(agent, shop, shop.goals[number], protocol=protocol).trajectory.perfect
            for protocol in PROTOCOLS
        ]

    found = each(
        shop_for, drawn, processes=config.processes, progress=_named(progress, f"dev: {run.name}")
    )
    return [perfect for both in found for perfect in both]
