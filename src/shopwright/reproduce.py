"""The paper's comparison, unattended: what does each method add over imitation, on the same clock?

Read :func:`reproduce` from top to bottom. Everything that is finished stays finished: a comparison
that was killed goes on where it was.

Files of the folder:
    shop/: the demo shop, if no shop was given.
    demonstrations.jsonl, generated-N.jsonl, preferences-SEED.jsonl: what was learned from; beside
        each a .json that says what it cost.
    runs/METHOD/seed-N/: the trained agents.
    evaluations/: every agent's reward for every goal, under each setting.
    results.json, report.html, plots/: what came of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from shopwright.agents.demonstrator import Demonstrator
from shopwright.agents.registry import open_agent
from shopwright.catalogue.generate import generate_products
from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import BUNDLED
from shopwright.errors import InputError
from shopwright.evaluation.contest import compare_agents, episodes_to_read
from shopwright.evaluation.episodes import evaluate
from shopwright.evaluation.online import OnlineConfig
from shopwright.evaluation.reproduction import Setting, summarise, write_reproduction
from shopwright.files import read_json, write_json
from shopwright.rollouts.generate import GenerateConfig, generate_perfect, prune
from shopwright.rollouts.preferences import (
    PreferencesConfig,
    generate_preferences,
    read_preferences,
    write_preferences,
)
from shopwright.rollouts.records import Trajectory, read_trajectories, write_trajectories
from shopwright.rollouts.rollout import Agent, PrivilegedAgent, roll_out
from shopwright.runs import Run
from shopwright.seeding import python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop, build_shop
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.training.methods.paper_dpo import PaperDPOConfig, train_paper_dpo
from shopwright.training.methods.policy_gradient import PolicyGradientConfig, train_policy_gradient
from shopwright.training.methods.ppo import PPOConfig, train_ppo
from shopwright.training.methods.scratch import ScratchTrainingConfig, train_scratch

Progress = Callable[[str, int, int], None]

DEMO_PRODUCTS = 1_000
START = "imitation"
RULES = ("rule-options", "rule-page")
# The budget of a method must leave time to learn after what it had to generate.
_LEAST_SHARE = 0.25


@dataclass(frozen=True, kw_only=True)
class ReproduceConfig(Configuration):
    """How the comparison is made."""

    minutes: float = setting(3.0, help="wall budget of each method, generation included", above=0)
    seeds: int = setting(3, help="trainings of each method", minimum=1)
    demonstrations: int = setting(
        300, help="perfect demonstrations, where no file is given", minimum=1
    )
    generated: int = setting(
        100, help="perfect rollouts that the agent generates itself", minimum=1
    )
    generated_more: int = setting(
        1000, help="and in a further row; 0 leaves that row out", minimum=0
    )
    pairs: int = setting(500, help="generated preferences of DPO on DPO", minimum=1)
    imitation_steps: int = setting(
        600, help="gradient steps of imitation, where all others begin", minimum=1
    )
    practice: int = setting(400, help="requests of a round of practice in imitation", minimum=1)
    test_goals: int = setting(500, help="of the test goals, the first so many", minimum=1)
    long_episodes: bool = setting(True, help="measure with 100 steps, too, besides 15")
    dev_goals: int = setting(100, help="dev goals that choose checkpoints", minimum=0)
    rollouts: int = setting(1000, help="rollouts of a bandit's run", minimum=1)
    runs: int = setting(5, help="runs of each bandit", minimum=1)
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    threads: int = setting(0, help="threads to compute with; 0: all cores", minimum=0)
    seed: int = setting(0, help="decides everything random but the clock")

    def quick(self) -> ReproduceConfig:
        """Return the form that ends within ten minutes on two cores: it shows that everything
        runs, not which method is better."""
        return replace(
            self,
            minutes=min(self.minutes, 0.1),
            seeds=min(self.seeds, 2),
            demonstrations=min(self.demonstrations, 60),
            generated=min(self.generated, 20),
            generated_more=min(self.generated_more, 40),
            pairs=min(self.pairs, 40),
            imitation_steps=min(self.imitation_steps, 250),
            practice=min(self.practice, 80),
            test_goals=min(self.test_goals, 40),
            long_episodes=False,
            dev_goals=min(self.dev_goals, 10),
            rollouts=min(self.rollouts, 200),
            runs=min(self.runs, 3),
        )


SETTINGS = (
    Setting("pages, 15 steps", "pages", 15),
    Setting("pages, 100 steps", "pages", 100),
    Setting("catalogue", "catalogue", None),
)


def reproduce(
    shop: Shop | None,
    out: Path,
    config: ReproduceConfig | None = None,
    *,
    demonstrations: Path | None = None,
    progress: Progress,
) -> dict[str, Any]:
    """Train every method of the paper from one imitation checkpoint, measure and compare them.

    Args:
        shop: where; a demo shop is built in the folder if None.
        out: the folder; a comparison that was interrupted there goes on.
        config: see :class:`ReproduceConfig`.
        demonstrations: perfect trajectories of this shop, e.g. people's; a scripted demonstrator
            makes them if None.
        progress: called with (stage, done, in all).

    Returns:
        What results.json holds.

    Raises:
        InputError: the shop has no goals to train on, or the folder holds something else.
    """
    config = config or ReproduceConfig()
    run = Run.open(
        out,
        "reproduce",
        {
            "config": asdict(config),
            "shop": "demo" if shop is None else shop.manifest["source"],
            "demonstrations": None if demonstrations is None else str(demonstrations),
        },
    )
    if run.finished:
        results: dict[str, Any] = read_json(out / "results.json")
        return results
    if shop is None:
        shop = _demo_shop(out / "shop", config.seed)
    train_goals = shop.goals.split("train")
    if not train_goals:
        raise InputError(
            f"{shop.folder}: expected a shop with more than 1,500 goals, whose first are kept for "
            f"test and dev, got {len(shop.goals)}"
        )

    # What there is to learn from, and where every method begins.
    source, given = _demonstrations(shop, train_goals, out, config, demonstrations, progress)
    folders: dict[str, list[Path]] = {}
    for seed in range(config.seeds):
        folder = _folder(out, START, seed)
        if not (folder / "result.json").is_file():
            imitation = ImitationConfig(
                steps=config.imitation_steps,
                practice=config.practice,
                long_practice=config.practice // 8,
                language_model=config.language_model,
                dev_goals=0,
                threads=config.threads,
                processes=1,
                seed=config.seed + seed,
            )
            train_imitation(shop, given, folder, imitation, progress=progress)
        folders.setdefault(START, []).append(folder)
    start = folders[START][0]

    # Each method, the same budget, from the same checkpoint.
    for method, seed, train in _methods(shop, train_goals, start, given, out, config, progress):
        folder = _folder(out, method, seed)
        if not (folder / "result.json").is_file():
            train(folder)
        folders.setdefault(method, []).append(folder)

    # Every agent on the same goals, under every setting.
    goals = shop.goals.split("test")[: config.test_goals]
    agents: dict[str, Agent | PrivilegedAgent] = {name: open_agent(name, shop) for name in RULES}
    for method, trained in folders.items():
        for seed, folder in enumerate(trained):
            agents[f"{method} {seed}"] = open_agent(str(folder), shop)
    settings = [s for s in SETTINGS if config.long_episodes or s.step_limit != 100]
    for form in settings:
        for name, agent in agents.items():
            _evaluate(agent, name, form, shop, goals, out, config, progress)

    # The paper's online experiments: the seeds of each method, then one agent of each.
    online = OnlineConfig(rollouts=config.rollouts, runs=config.runs, seed=config.seed)
    arms = {"all methods": [f"{method} 0" for method in folders]}
    if config.seeds > 1:
        for method, trained in folders.items():
            arms[method] = [f"{method} {seed}" for seed in range(len(trained))]
    for heading, names in arms.items():
        compare_agents(
            shop,
            {name: agents[name] for name in names},
            goals,
            out / "online" / heading.replace(" ", "-"),
            online,
            goals_name="test",
            known={name: SETTINGS[0].evaluation(out, name) for name in names},
            progress=progress,
        )

    results = summarise(
        out,
        shop=shop.manifest["source"],
        config=asdict(config),
        source=source,
        methods={method: len(trained) for method, trained in folders.items()},
        rules=RULES,
        settings=settings,
        start=START,
        online={heading: out / "online" / heading.replace(" ", "-") for heading in arms},
        seed=config.seed,
    )
    write_json(out / "results.json", results)
    metrics = {
        method: Run(trained[0], finished=True).metrics() for method, trained in folders.items()
    }
    shown = {name: agents[name] for name in arms["all methods"]}
    episodes = list(episodes_to_read(shown, shop, goals[:1], online))
    write_reproduction(out, results, metrics=metrics, episodes=episodes)
    run.finish({"seconds": results["seconds"]})
    return results


def _folder(out: Path, method: str, seed: int) -> Path:
    return out / "runs" / method.replace(" ", "-") / f"seed-{seed}"


def _demo_shop(folder: Path, seed: int) -> Shop:
    if (folder / "manifest.json").is_file():
        return Shop.open(folder)
    return build_shop(
        generate_products(DEMO_PRODUCTS, seed=seed),
        folder,
        source={"kind": "demo", "products": DEMO_PRODUCTS, "seed": seed},
    )


def _demonstrations(
    shop: Shop,
    goals: list[Goal],
    out: Path,
    config: ReproduceConfig,
    file: Path | None,
    progress: Progress,
) -> tuple[str, list[Trajectory]]:
    """Where the demonstrations are from, in words, and the perfect ones among them."""
    if file is not None:
        every = read_trajectories(file)
        perfect = [trajectory for trajectory in every if trajectory.perfect]
        if not perfect:
            raise InputError(f"{file}: expected perfect trajectories, got none of {len(every)}")
        return f"{len(perfect)} perfect of {len(every)} demonstrations of {file}", perfect
    path = out / "demonstrations.jsonl"
    if not path.is_file():
        order = list(range(len(goals)))
        python_rng(config.seed, "demonstrations").shuffle(order)
        found: list[Trajectory] = []
        tries = 0
        for number in order:
            if len(found) == config.demonstrations:
                break
            tries += 1
            trajectory = roll_out(
                Demonstrator(),
                shop,
                goals[number],
                generator=python_rng(config.seed, "demonstrator", number),
                keep_observations=True,
                provenance="generated",
            ).trajectory
            if trajectory.perfect:
                found.append(prune(trajectory, shop))
                progress("demonstrations", len(found), config.demonstrations)
        write_json(path.with_suffix(".json"), {"perfect": len(found), "tries": tries})
        write_trajectories(path, found)
    cost = read_json(path.with_suffix(".json"))
    text = (
        f"the {cost['perfect']} perfect episodes among {cost['tries']} of a scripted demonstrator "
        "(agents/demonstrator.py lists its mistakes), loops pruned; no person took part"
    )
    return text, read_trajectories(path)


def _methods(
    shop: Shop,
    goals: list[Goal],
    start: Path,
    given: list[Trajectory],
    out: Path,
    config: ReproduceConfig,
    progress: Progress,
) -> Iterator[tuple[str, int, Callable[[Path], object]]]:
    """Every method and seed in order, with what trains it into a folder."""
    common: dict[str, Any] = {"threads": config.threads}
    watched: dict[str, Any] = {**common, "dev_goals": config.dev_goals}

    def policy_gradient(seed: int, folder: Path) -> object:
        settings = PolicyGradientConfig(minutes=config.minutes, seed=config.seed + seed, **watched)
        return train_policy_gradient(
            shop, goals, folder, settings, start=start, trajectories=given, progress=progress
        )

    def ppo(seed: int, folder: Path) -> object:
        settings = PPOConfig(minutes=config.minutes, seed=config.seed + seed, **watched)
        return train_ppo(
            shop, goals, folder, settings, start=start, trajectories=given, progress=progress
        )

    def dpo_demonstrations(seed: int, folder: Path) -> object:
        settings = PaperDPOConfig(minutes=config.minutes, seed=config.seed + seed, **watched)
        return train_paper_dpo(shop, start, folder, settings, trajectories=given, progress=progress)

    def dpo_generated(count: int, seed: int, folder: Path) -> object:
        trajectories, seconds = _generated(shop, goals, start, count, out, config, progress)
        settings = PaperDPOConfig(
            minutes=_left(config.minutes, seconds), seed=config.seed + seed, **watched
        )
        return train_paper_dpo(
            shop, start, folder, settings, trajectories=trajectories, progress=progress
        )

    def dpo_on_dpo(seed: int, folder: Path) -> object:
        before = _folder(out, "DPO, demonstrations", seed)
        path = out / f"preferences-{seed}.jsonl"
        if not path.is_file():
            began = time.perf_counter()
            generated = generate_preferences(
                open_agent(str(before), shop),
                shop,
                goals,
                PreferencesConfig(pairs=config.pairs, seed=config.seed + seed),
                progress=lambda done, total: progress("preferences", done, total),
            )
            cost = {
                "pairs": len(generated.pairs),
                "rollouts": generated.rollouts,
                "goals": generated.goals,
                "simulator_steps": generated.simulator_steps,
                "seconds": time.perf_counter() - began,
            }
            write_json(path.with_suffix(".json"), cost)
            write_preferences(path, generated.pairs)
        seconds = read_json(path.with_suffix(".json"))["seconds"]
        settings = PaperDPOConfig(
            minutes=_left(config.minutes, seconds), seed=config.seed + seed, **watched
        )
        pairs = read_preferences(path)
        return train_paper_dpo(shop, before, folder, settings, pairs=pairs, progress=progress)

    def scratch(seed: int, folder: Path) -> object:
        settings = ScratchTrainingConfig(minutes=config.minutes, seed=config.seed + seed, **common)
        return train_scratch(shop, given, folder, settings, progress=progress)

    trainers: dict[str, Callable[[int, Path], object]] = {
        "policy gradient": policy_gradient,
        "PPO": ppo,
        "DPO, demonstrations": dpo_demonstrations,
    }
    for count in (config.generated, config.generated_more):
        if count:
            trainers[f"DPO, {count} generated"] = partial(dpo_generated, count)
    trainers |= {"DPO on DPO": dpo_on_dpo, "no pretraining": scratch}
    for method, train in trainers.items():
        for seed in range(config.seeds):
            yield method, seed, partial(train, seed)


def _left(minutes: float, seconds: float) -> float:
    """What a method's budget leaves for learning after what it had to generate."""
    return max(minutes - seconds / 60.0, _LEAST_SHARE * minutes)


def _generated(
    shop: Shop,
    goals: list[Goal],
    start: Path,
    count: int,
    out: Path,
    config: ReproduceConfig,
    progress: Progress,
) -> tuple[list[Trajectory], float]:
    """Perfect rollouts of the imitation checkpoint itself, and the seconds that they took."""
    path = out / f"generated-{count}.jsonl"
    if not path.is_file():
        began = time.perf_counter()
        generated = generate_perfect(
            open_agent(str(start), shop),
            shop,
            goals,
            GenerateConfig(
                trajectories=count,
                tries_per_goal=4,
                step_limit=15,
                sample=True,
                seed=config.seed,
            ),
            progress=lambda done, total: progress(f"{count} rollouts", done, total),
        )
        if not generated.trajectories:
            raise InputError(f"{start}: expected an agent that fulfils a goal now and then")
        cost = {
            "perfect": generated.perfect,
            "tries": generated.tries,
            "perfect_per_try": generated.perfect / generated.tries,
            "goals": generated.goals,
            "simulator_steps": generated.simulator_steps,
            "seconds": time.perf_counter() - began,
        }
        write_json(path.with_suffix(".json"), cost)
        write_trajectories(path, generated.trajectories)
    return read_trajectories(path), read_json(path.with_suffix(".json"))["seconds"]


def _evaluate(
    agent: Agent | PrivilegedAgent,
    name: str,
    setting: Setting,
    shop: Shop,
    goals: list[Goal],
    out: Path,
    config: ReproduceConfig,
    progress: Progress,
) -> None:
    """Let an agent shop for every goal under a setting, if it has not yet."""
    path = setting.file(out, name)
    if not path.is_file():
        evaluation = evaluate(
            agent,
            shop,
            goals,
            protocol=setting.protocol,
            step_limit=setting.step_limit or 15,
            seed=config.seed,
            goals_name="test",
            progress=lambda done, total: progress(f"{setting.name}: {name}", done, total),
        )
        write_json(path, {**asdict(evaluation), "agent": name})
