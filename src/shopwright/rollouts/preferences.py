"""Preferences between actions of which an agent itself generated both sides.

An agent shops several times for the same goal. Where its episodes part, having been the same up to
there, the action after which they ended with the highest mean reward is chosen to those after
which they ended with less. No person and no other agent has a part in it: the simulator says which
side did better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson

from shopwright.config import Configuration, setting
from shopwright.errors import InputError, TrajectoryError
from shopwright.files import read_json_lines, replacing
from shopwright.rollouts.records import Trajectory
from shopwright.rollouts.rollout import Agent, PrivilegedAgent, roll_out
from shopwright.seeding import python_rng
from shopwright.shop.goals import Goal, goal_of
from shopwright.shop.shop import Shop

FORMAT_VERSION = 1

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencePair:
    """At a state of an episode, an action that is chosen to another.

    Attributes:
        asin, instruction, attributes, options, price_upper: of the goal; see
            :class:`~shopwright.shop.goals.Goal`.
        actions: what was done from the start to the state, action strings.
        chosen, rejected: the two actions.
        chosen_reward, rejected_reward: the mean reward of the episodes that went on with
            them, 0 to 1.
        agent: who generated them.
    """

    asin: str
    instruction: str
    attributes: tuple[str, ...]
    options: Mapping[str, str] | tuple[str, ...]
    price_upper: float
    actions: tuple[str, ...]
    chosen: str
    rejected: str
    chosen_reward: float
    rejected_reward: float
    agent: str = ""
    version: int = field(default=FORMAT_VERSION)

    def __post_init__(self) -> None:
        if self.version != FORMAT_VERSION:
            raise TrajectoryError(f"version: expected {FORMAT_VERSION}, got {self.version!r}")
        if not self.chosen or not self.rejected or self.chosen == self.rejected:
            raise TrajectoryError(
                f"chosen, rejected: expected two different actions, got "
                f"{self.chosen!r:.60} and {self.rejected!r:.60}"
            )
        if not 0.0 <= self.rejected_reward < self.chosen_reward <= 1.0:
            raise TrajectoryError(
                "chosen_reward, rejected_reward: expected the first higher, both 0 to 1, "
                f"got {self.chosen_reward} and {self.rejected_reward}"
            )

    def goal(self, shop: Shop) -> Goal:
        """Return the goal, with what the shop knows of its product.

        Raises:
            GoalError: the product is not in this shop.
        """
        return goal_of(
            shop.product(self.asin),
            instruction=self.instruction,
            attributes=self.attributes,
            options=self.options,
            price_upper=self.price_upper,
        )

    @classmethod
    def from_record(cls, record: Any) -> PreferencePair:
        """Return the pair of a line of a file.

        Raises:
            TrajectoryError: a field is missing, unknown or of another type.
        """
        known = {entry.name for entry in fields(cls)}
        if not isinstance(record, dict) or set(record) != known:
            raise TrajectoryError(f"expected an object with {', '.join(sorted(known))}")
        for name, kinds in _KINDS.items():
            if not isinstance(record[name], kinds) or isinstance(record[name], bool):
                raise TrajectoryError(f"field {name}: got {record[name]!r:.60}")
        options = record["options"]
        lists = {name: record[name] for name in ("attributes", "actions")}
        lists["options"] = list(options.values()) if isinstance(options, dict) else options
        for name, values in lists.items():
            if not all(isinstance(value, str) for value in values):
                raise TrajectoryError(f"field {name}: expected texts, got {values!r:.60}")
        return cls(
            **{
                **record,
                "attributes": tuple(record["attributes"]),
                "actions": tuple(record["actions"]),
                "options": options if isinstance(options, dict) else tuple(options),
            }
        )


_KINDS: dict[str, Any] = {
    **dict.fromkeys(("asin", "instruction", "chosen", "rejected", "agent"), str),
    **dict.fromkeys(("price_upper", "chosen_reward", "rejected_reward"), int | float),
    **dict.fromkeys(("attributes", "actions"), list),
    "options": dict | list,
    "version": int,
}


@dataclass(frozen=True, kw_only=True)
class PreferencesConfig(Configuration):
    """How preferences are generated."""

    pairs: int = setting(500, help="how many to find", minimum=1)
    rollouts: int = setting(8, help="episodes of a goal", minimum=1)
    margin: float = setting(
        0.1, help="mean rewards that differ by less are no preference", minimum=0
    )
    step_limit: int = setting(15, help="actions of an episode at most", minimum=1)
    seed: int = setting(0, help="decides the order of goals and the samples")


@dataclass(frozen=True, slots=True)
class GeneratedPreferences:
    """What a generation found and what it cost.

    Attributes:
        pairs: the preferences.
        rollouts: episodes made. goals: goals shopped for. simulator_steps: steps taken.
    """

    pairs: list[PreferencePair]
    rollouts: int
    goals: int
    simulator_steps: int


def generate_preferences(
    agent: Agent | PrivilegedAgent,
    shop: Shop,
    goals: Sequence[Goal],
    config: PreferencesConfig | None = None,
    *,
    progress: Progress | None = None,
) -> GeneratedPreferences:
    """Let an agent shop several times for goals, in random order, and compare its episodes.

    Fewer pairs are returned when the goals run out.

    Args:
        agent: who shops; it samples its actions.
        shop: where.
        goals: what for.
        config: see :class:`PreferencesConfig`.
        progress: called with (pairs found, wanted).

    Raises:
        InputError: the agent always does the same, or a number of the configuration is too low.
    """
    config = config or PreferencesConfig()
    if agent.deterministic:
        raise InputError(f"agent: expected one that samples its actions, got {agent.name!r}")
    if not config.margin > 0:
        raise InputError(f"margin: expected a number above 0, got {config.margin}")
    for name, least in (("pairs", 1), ("rollouts", 2), ("step_limit", 2)):
        if getattr(config, name) < least:
            raise InputError(f"{name}: expected at least {least}, got {getattr(config, name)}")
    order = list(range(len(goals)))
    python_rng(config.seed, "preferences", "order").shuffle(order)
    pairs: list[PreferencePair] = []
    shopped = steps = 0
    for number in order:
        if len(pairs) >= config.pairs:
            break
        episodes = [
            roll_out(
                agent,
                shop,
                goals[number],
                step_limit=config.step_limit,
                generator=python_rng(config.seed, "preferences", number, rollout),
            ).trajectory
            for rollout in range(config.rollouts)
        ]
        shopped += 1
        steps += sum(len(episode.steps) for episode in episodes)
        found = list(pairs_of(episodes, margin=config.margin))
        pairs += found[: config.pairs - len(pairs)]
        if progress:
            progress(len(pairs), config.pairs)
    return GeneratedPreferences(pairs, shopped * config.rollouts, shopped, steps)


def pairs_of(episodes: Sequence[Trajectory], *, margin: float) -> Iterator[PreferencePair]:
    """Yield the preferences between episodes of a goal, early steps first.

    Args:
        episodes: of one goal, of the pages protocol.
        margin: by how much mean rewards must differ at least, above 0.
    """
    # What was done so far → what was done next → the rewards at the end of these episodes.
    outcomes: dict[tuple[str, ...], dict[str, list[float]]] = {}
    for episode in episodes:
        actions = tuple(episode.actions)
        for number, action in enumerate(actions):
            following = outcomes.setdefault(actions[:number], {})
            following.setdefault(action, []).append(episode.reward)
    for before, following in sorted(outcomes.items(), key=lambda entry: len(entry[0])):
        means = {action: sum(rewards) / len(rewards) for action, rewards in following.items()}
        chosen = max(means, key=means.__getitem__)
        for rejected, mean in means.items():
            if means[chosen] - mean >= margin:
                yield PreferencePair(
                    asin=episodes[0].asin,
                    instruction=episodes[0].instruction,
                    attributes=episodes[0].attributes,
                    options=episodes[0].options,
                    price_upper=episodes[0].price_upper,
                    actions=before,
                    chosen=chosen,
                    rejected=rejected,
                    chosen_reward=means[chosen],
                    rejected_reward=mean,
                    agent=episodes[0].agent,
                )


def write_preferences(path: Path, pairs: Iterable[PreferencePair]) -> int:
    """Write a file of preferences, JSON lines, whole or not at all; return how many there are."""
    count = 0
    with replacing(path) as file:
        for pair in pairs:
            file.write(orjson.dumps(asdict(pair), option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def read_preferences(path: Path) -> list[PreferencePair]:
    """Read a file of preferences.

    Raises:
        MissingFileError: there is no such file.
        TrajectoryError: a line is wrong, or there is none; the message names file, line, field.
    """
    pairs = []
    for line, record in read_json_lines(path):
        try:
            pairs.append(PreferencePair.from_record(record))
        except TrajectoryError as error:
            raise TrajectoryError(f"{path}, line {line}, {error}") from None
    if not pairs:
        raise TrajectoryError(f"{path}: expected at least one preference, got none")
    return pairs
