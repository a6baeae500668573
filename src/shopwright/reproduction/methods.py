"""The methods that the paper's comparison trains, and what they learn from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from shopwright.agents.demonstrator import Demonstrator
from shopwright.agents.registry import open_agent
from shopwright.errors import InputError
from shopwright.files import read_json, write_json
from shopwright.reproduction.config import ReproduceConfig
from shopwright.rollouts.agent import AnyAgent
from shopwright.rollouts.generate import GenerateConfig, generate_perfect
from shopwright.rollouts.preferences import (
    PreferencesConfig,
    generate_preferences,
    read_preferences,
    write_preferences,
)
from shopwright.rollouts.records import Trajectory, read_trajectories, write_trajectories
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.training.methods.paper_dpo import PaperDPOConfig, train_paper_dpo
from shopwright.training.methods.policy_gradient import PolicyGradientConfig, train_policy_gradient
from shopwright.training.methods.ppo import PPOConfig, train_ppo
from shopwright.training.methods.scratch import ScratchTrainingConfig, train_scratch
from shopwright.workers import alone, current_pool, mapped

Progress = Callable[[str, int, int], None]

START = "imitation"
# What begins where another method ended.
ON_DPO = "DPO on DPO"
# The budget of a method must leave time to learn after what it had to generate.
_LEAST_SHARE = 0.25


def _run_folder(out: Path, method: str, seed: int) -> Path:
    return out / "runs" / method.replace(" ", "-") / f"seed-{seed}"


def read_demonstrations(file: Path) -> tuple[str, list[Trajectory]]:
    """Return a file's perfect trajectories, and in words where they come from.

    Raises:
        InputError: there are none.
    """
    every = read_trajectories(file)
    perfect = [trajectory for trajectory in every if trajectory.perfect]
    if not perfect:
        raise InputError(f"{file}: expected perfect trajectories, got none of {len(every)}")
    return f"{len(perfect)} perfect of {len(every)} demonstrations of {file}", perfect


def demonstrate(
    shop: Shop, goals: list[Goal], out: Path, config: ReproduceConfig, progress: Progress
) -> tuple[str, list[Trajectory]]:
    """Return perfect episodes of the scripted demonstrator, and in words where they come from."""
    scripted = GenerateConfig(
        trajectories=config.scripted,
        tries_per_goal=1,
        step_limit=15,
        sample=True,
        seed=config.seed,
    )
    path = out / "demonstrations.jsonl"
    perfect, cost = _perfect_rollouts(path, Demonstrator, shop, goals, scripted, progress)
    text = (
        f"the {cost['perfect']} perfect episodes among {cost['tries']} of a scripted demonstrator "
        "(agents/demonstrator.py lists its mistakes), loops pruned; no person took part"
    )
    return text, perfect


def _perfect_rollouts(
    path: Path,
    make_agent: Callable[[], AnyAgent],
    shop: Shop,
    goals: list[Goal],
    config: GenerateConfig,
    progress: Progress,
) -> tuple[list[Trajectory], dict[str, Any]]:
    """The perfect rollouts of a file, which is written first if it is not there yet, and what they
    cost."""
    if not path.is_file():
        began = time.perf_counter()
        agent = make_agent()
        shown = partial(progress, path.stem)
        generated = generate_perfect(agent, shop, goals, config, progress=shown)
        if not generated.trajectories:
            raise InputError(f"{agent.name}: expected an agent that fulfils a goal now and then")
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
    return read_trajectories(path), read_json(path.with_suffix(".json"))


def train_all(
    shop: Shop,
    goals: list[Goal],
    given: list[Trajectory],
    out: Path,
    config: ReproduceConfig,
    progress: Progress,
) -> dict[str, list[Path]]:
    """Train every method and return method → the run folder of each seed. Where work is divided,
    whole trainings are: each seed of each method is a task.

    Args:
        given: perfect demonstrations.
        out: the comparison's folder; what is finished there is not trained again.
    """
    pool = current_pool()
    if pool:
        out = out.absolute()  # Other processes may be somewhere else.
    methods = _Methods(shop, goals, given, out, config, progress)
    trainers = methods.trainers()
    seeds = range(config.seeds)
    waves = [[START], [name for name in trainers if name not in (START, ON_DPO)], [ON_DPO]]
    for wave in waves:
        missing = [
            (name, seed)
            for name in wave
            for seed in seeds
            if not (_run_folder(out, name, seed) / "result.json").is_file()
        ]
        if pool:
            with alone():  # Its time counts against budgets, as where one process works.
                methods.generate(name for name, _ in missing)
            # Bars are drawn here alone.
            train = replace(methods, progress=_unseen).train
        else:
            train = methods.train
        for done, _ in enumerate(mapped(train, missing, pool), start=1):
            if pool:
                progress("trainings", done, len(missing))
    return {name: [_run_folder(out, name, seed) for seed in seeds] for name in trainers}


def _unseen(stage: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class _Methods:
    """Trains imitation, then each other method from its checkpoint, on the same budget."""

    shop: Shop
    goals: list[Goal]
    given: list[Trajectory]
    out: Path
    config: ReproduceConfig
    progress: Progress

    @property
    def start(self) -> Path:
        """Where every method but the first begins."""
        return _run_folder(self.out, START, 0)

    def trainers(self) -> dict[str, Callable[[int, Path], object]]:
        """Return method → what trains it with a seed into a folder."""
        trainers: dict[str, Callable[[int, Path], object]] = {
            START: self._imitation,
            "policy gradient": partial(
                self._on_policy, train_policy_gradient, PolicyGradientConfig
            ),
            "PPO": partial(self._on_policy, train_ppo, PPOConfig),
            "DPO, demonstrations": self._dpo_demonstrations,
        }
        for name, count in self._generated().items():
            trainers[name] = partial(self._dpo_generated, count)
        return trainers | {ON_DPO: self._dpo_on_dpo, "no pretraining": self._scratch}

    def train(self, training: tuple[str, int]) -> None:
        """Train a method with a seed."""
        method, seed = training
        self.trainers()[method](seed, _run_folder(self.out, method, seed))

    def generate(self, methods: Iterable[str]) -> None:
        """Write the rollouts that several trainings of these methods learn from."""
        generated = self._generated()
        for count in {generated[name] for name in methods if name in generated}:
            self._rollouts(count)

    def _generated(self) -> dict[str, int]:
        """Methods that learn from generated rollouts, and from how many."""
        counts = (self.config.generated, self.config.generated_more)
        return {f"DPO, {count} generated": count for count in counts if count}

    def _imitation(self, seed: int, folder: Path) -> object:
        config = ImitationConfig(
            steps=self.config.imitation_steps,
            practice=self.config.practice,
            long_practice=self.config.practice // 8,
            language_model=self.config.language_model,
            dev_goals=0,
            device=self.config.device,
            threads=self.config.threads,
            processes=1,
            seed=self.config.seed + seed,
        )
        return train_imitation(self.shop, self.given, folder, config, progress=self.progress)

    def _common(self, seed: int, spent_seconds: float = 0.0) -> dict[str, Any]:
        """What all methods are told; what they had to generate counts against their budget."""
        minutes = self.config.minutes
        return {
            "minutes": max(minutes - spent_seconds / 60.0, _LEAST_SHARE * minutes),
            "seed": self.config.seed + seed,
            "device": self.config.device,
            "threads": self.config.threads,
        }

    def _on_policy(
        self, train: Callable[..., object], config: type[Any], seed: int, folder: Path
    ) -> object:
        return train(
            self.shop,
            self.goals,
            folder,
            config(dev_goals=self.config.dev_goals, **self._common(seed)),
            start=self.start,
            trajectories=self.given,
            progress=self.progress,
        )

    def _dpo_demonstrations(self, seed: int, folder: Path) -> object:
        return self._dpo(self.start, folder, seed, 0.0, trajectories=self.given)

    def _dpo_generated(self, count: int, seed: int, folder: Path) -> object:
        """DPO on perfect rollouts of the imitation checkpoint itself."""
        trajectories, cost = self._rollouts(count)
        return self._dpo(self.start, folder, seed, cost["seconds"], trajectories=trajectories)

    def _rollouts(self, count: int) -> tuple[list[Trajectory], dict[str, Any]]:
        config = GenerateConfig(
            trajectories=count, tries_per_goal=4, step_limit=15, sample=True, seed=self.config.seed
        )
        path = self.out / f"generated-{count}.jsonl"
        make_agent = partial(open_agent, str(self.start), self.shop)
        return _perfect_rollouts(path, make_agent, self.shop, self.goals, config, self.progress)

    def _dpo_on_dpo(self, seed: int, folder: Path) -> object:
        """DPO on preferences between the episodes of an agent that DPO trained."""
        before = _run_folder(self.out, "DPO, demonstrations", seed)
        path = self.out / f"preferences-{seed}.jsonl"
        if not path.is_file():
            began = time.perf_counter()
            generated = generate_preferences(
                open_agent(str(before), self.shop),
                self.shop,
                self.goals,
                PreferencesConfig(pairs=self.config.pairs, seed=self.config.seed + seed),
                progress=partial(self.progress, "preferences"),
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
        return self._dpo(before, folder, seed, seconds, preferences=read_preferences(path))

    def _dpo(
        self, start: Path, folder: Path, seed: int, spent_seconds: float, **learned_from: Any
    ) -> object:
        common = self._common(seed, spent_seconds)
        config = PaperDPOConfig(dev_goals=self.config.dev_goals, **common)
        return train_paper_dpo(
            self.shop, start, folder, config, progress=self.progress, **learned_from
        )

    def _scratch(self, seed: int, folder: Path) -> object:
        config = ScratchTrainingConfig(**self._common(seed))
        return train_scratch(self.shop, self.given, folder, config, progress=self.progress)
