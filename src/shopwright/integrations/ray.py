"""Many visits to one shop on the machines of a Ray cluster, stepped together.

A step of the simulator takes microseconds, a message to an actor longer. So a few actors, one for
each core, have many members each; an actor for each member would spend its time on messages.

Source: Ray 2.60, actors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
import ray
from gymnasium.vector.utils import batch_space

from shopwright.api import AnyShop
from shopwright.errors import InputError
from shopwright.shop.shop import Shop
from shopwright.shop.vector import ShopVectorEnvironment, member_seed

_Batch = gymnasium.vector.VectorEnv[tuple[str, ...], Sequence[str], np.ndarray]


class RayVectorEnvironment(_Batch):
    """A :class:`~shopwright.shop.vector.ShopVectorEnvironment` whose members are divided among
    actors.

    Observations, rewards, infos and seeds are the same; only masks of resets, snapshots and
    rendering are not offered. Ray is connected to before (``ray.init``). Each actor maps the shop's
    folder into its memory, so every node must see it under the same path. An actor that is lost
    ends the environment: what its members had done is lost with it.

    Args:
        shop: a shop or its folder.
        num_envs: the number of members.
        actors: among how many they are divided, each of which takes a core.
        settings: as for ``ShopVectorEnvironment``.

    Raises:
        InputError: there are more actors than members, or none.
    """

    def __init__(self, shop: AnyShop, num_envs: int, actors: int, **settings: Any) -> None:
        super().__init__()
        if not 1 <= actors <= num_envs:
            raise InputError(f"actors: expected 1 to {num_envs}, one member each, got {actors}")
        self.num_envs = num_envs
        opened = Shop.of(shop)
        alike = ShopVectorEnvironment(opened, 1, **settings)
        self.metadata = alike.metadata
        self.single_observation_space = alike.single_observation_space
        self.single_action_space = alike.single_action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._slices = [
            slice(int(part[0]), int(part[-1]) + 1)
            for part in np.array_split(np.arange(num_envs), actors)
        ]
        actor = ray.remote(num_cpus=1, scheduling_strategy="SPREAD")(ShopVectorEnvironment)
        self._actors = [
            actor.remote(opened, part.stop - part.start, **settings) for part in self._slices
        ]

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Begin an episode in every member and return (observations, info).

        Args:
            seed: one seed, from which each member's is made, or each member's.
            options: ``{"goal": ...}`` for all members, or ``{"goals": [...]}``.

        Raises:
            InputError: there are not as many seeds or goals as members, or there is another option.
        """
        options = dict(options or {})
        if seed is None or isinstance(seed, int):
            members = range(self.num_envs)
            seeds = [None if seed is None else member_seed(seed, member) for member in members]
        else:
            seeds = list(seed)
        goals = options.get("goals")
        if "reset_mask" in options:
            raise InputError("reset_mask: expected a reset of all members, got a mask")
        for name, given in (("seed", seeds), ("goals", goals)):
            if given is not None and len(given) != self.num_envs:
                raise InputError(
                    f"{name}: expected {self.num_envs}, one for each member, got {len(given)}"
                )
        answers = [
            actor.reset.remote(
                seed=seeds[part],
                options=options if goals is None else {**options, "goals": goals[part]},
            )
            for actor, part in zip(self._actors, self._slices, strict=True)
        ]
        observations, infos = zip(*ray.get(answers), strict=True)
        return sum(observations, ()), self._joined(infos)

    def step(
        self, actions: Sequence[str]
    ) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Carry out an action in every member; members whose episode ends begin the next one.

        Returns:
            (observations, rewards, terminations, truncations, info)

        Raises:
            InputError: there are not as many actions as members.
        """
        if len(actions) != self.num_envs:
            raise InputError(
                f"actions: expected {self.num_envs}, one for each member, got {len(actions)}"
            )
        answers = [
            actor.step.remote(actions[part])
            for actor, part in zip(self._actors, self._slices, strict=True)
        ]
        observations, *arrays, infos = zip(*ray.get(answers), strict=True)
        rewards, terminations, truncations = map(np.concatenate, arrays)
        return (
            sum(observations, ()), rewards, terminations, truncations, self._joined(infos)
        )  # fmt: skip

    def _joined(self, infos: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The infos of the actors as one; what one of them lacks is masked."""
        joined: dict[str, Any] = {}
        for name in dict.fromkeys(name for info in infos for name in info):
            parts = [info.get(name) for info in infos]
            known = next(part for part in parts if part is not None)
            if isinstance(known, dict):
                joined[name] = self._joined([part or {} for part in parts])
                continue
            nothing = None if known.dtype == object else 0
            joined[name] = np.concatenate(
                [
                    np.full(each.stop - each.start, nothing, known.dtype) if part is None else part
                    for part, each in zip(parts, self._slices, strict=True)
                ]
            )
        return joined

    def close_extras(self, **_: Any) -> None:
        """End the actors."""
        for actor in self._actors:
            ray.kill(actor)
        self._actors = []
