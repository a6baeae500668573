"""Conversations as a Gymnasium environment."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import gymnasium

from shopwright.conversations.acts import (
    LIMIT,
    MOST_CHOICES,
    MOST_OFFERED,
    Act,
    Item,
    Kind,
    read_act,
)
from shopwright.conversations.candidates import Candidates
from shopwright.conversations.conversation import Conversation, Openings, sentence_of
from shopwright.conversations.manners import DIVERSE, manner_of, manners_of
from shopwright.conversations.shopper import TEMPERS, temper_of
from shopwright.conversations.simulation import STEP_LIMIT, Episode, Task
from shopwright.errors import InputError
from shopwright.shop.environment import number_of
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.shop.spaces import UnicodeText

ATTRIBUTES = "attributes:"


class ConversationEnvironment(gymnasium.Env[str, str]):
    """A shopper says a part of what is wanted; the agent asks, offers, and recommends.

    ## Observation space
    A text, the conversation so far: a line for each message, "Shopper: ..." and "Agent: ...".

    ## Action space
    A text. ``ask[size]`` asks for an option, ``ask[price]`` for the limit, ``ask[attributes: light,
    cotton]`` which of these matter; ``offer[ASIN; color: red | ASIN]`` shows at most three
    products, ``recommend[ASIN; size: 9]`` one, which is bought; ``offer`` and ``recommend`` alone
    mean the likeliest. ``info["acts"]`` lists what the shop suggests. What is none of these changes
    nothing, and costs a turn.

    ## Rewards
    Every turn but a recommendation costs something: in the world "diverse" 0.09 if it is what the
    shopper minds, questions or offers or neither, at which the wording hints, else 0.01; in "even"
    what the shopper's temper says (0.02 to 0.06). A purchase brings the shop's own reward for the
    goal, 0 to 1.

    ## Starting state
    The shopper's first message. ``reset(options={"goal": 7})`` asks for a goal of the shop by its
    number or any :class:`~shopwright.shop.goals.Goal`, ``{"temper": "terse"}`` for a temper,
    ``{"manner": "minds lists"}`` for what the shopper minds; else they are drawn.

    ## Episode end
    ``terminated`` after a purchase, or when the shopper's patience ends; ``truncated`` after
    ``step_limit`` acts.

    ## Info
    ``acts``: suggested acts, each with ``text``, ``sentence`` and ``choices``; ``goal`` (as the
    shopper has it), ``temper``, ``manner``, ``asked`` (questions so far), ``bought`` and
    ``reward_parts`` after a purchase, ``valid``: whether the last act was one.

    Args:
        shop: a shop or the path of its folder; None: that in the environment variable
            ``SHOPWRIGHT_SHOP``.
        goals: the split of the goals that are drawn.
        tempers: names of the tempers that are drawn; all if empty.
        step_limit: acts of an episode at most.
        world: "diverse", or "even", in which all kinds of turns cost the same.

    Raises:
        InputError: an argument is not one of these.
        GoalError: there is no such split.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 (Gymnasium's own form)

    def __init__(
        self,
        shop: Shop | str | os.PathLike[str] | None = None,
        goals: str = "train",
        tempers: Sequence[str] = (),
        step_limit: int = STEP_LIMIT,
        world: str = DIVERSE,
    ) -> None:
        if step_limit < 1:
            raise InputError(f"step_limit: expected a number above 0, got {step_limit}")
        self._tempers = [temper_of(name) for name in tempers or TEMPERS]
        self._manners = manners_of(world)
        self.shop = Shop.of(shop)
        self.step_limit = step_limit
        self.observation_space = UnicodeText()
        self.action_space = UnicodeText()
        self.episode: Episode | None = None
        self._numbers = self.shop.goals.numbers(goals)
        if not self._numbers:
            raise InputError(f"goals: expected a split with goals, got {goals!r}")
        self._openings = Openings(self.shop)
        self._valid = True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode and return (observation, info).

        Args:
            seed: seeds the environment's own generator.
            options: ``goal``: a number or a goal; ``temper``, ``manner``: names.

        Raises:
            InputError: an option is none of these.
        """
        super().reset(seed=seed)
        asked = dict(options or {})
        goal, temper = self._goal(asked.pop("goal", None)), asked.pop("temper", None)
        manner = asked.pop("manner", None)
        if asked:
            raise InputError(f"options: expected goal, temper or manner, got {next(iter(asked))!r}")
        drawn = self._tempers[int(self.np_random.integers(len(self._tempers)))]
        seed = int(self.np_random.integers(2**31))
        minds = self._manners[seed % len(self._manners)]
        task = Task(
            goal=goal,
            temper=drawn if temper is None else temper_of(temper),
            manner=minds if manner is None else manner_of(manner),
            seed=seed,
        )
        self.episode = Episode(self._openings, task.shopper(self.shop), step_limit=self.step_limit)
        self._valid = True
        return self.observe(), self._info()

    def _goal(self, chosen: object) -> Goal:
        if isinstance(chosen, Goal):
            return chosen
        drawn = self._numbers[int(self.np_random.integers(len(self._numbers)))]
        number = drawn if chosen is None else number_of("goal", chosen, len(self.shop.goals))
        return self.shop.goals[number]

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Do something.

        Returns:
            (observation, reward, terminated, truncated, info)

        Raises:
            InputError: the action is no text.
            gymnasium.error.ResetNeeded: no episode has begun.
        """
        if not isinstance(action, str):
            raise InputError(f"action: expected a text, got {action!r}")
        episode = self.episode
        if episode is None:
            raise gymnasium.error.ResetNeeded("step: expected reset() to be called before")
        reward = 0.0
        if not episode.is_over:
            act = act_of(action, episode.conversation)
            self._valid = act is not None
            reward = episode.waste() if act is None else episode.act(act)
        return self.observe(), reward, episode.terminated, episode.truncated, self._info()

    def observe(self) -> str:
        """Return the conversation so far."""
        assert self.episode is not None
        lines = []
        for turn in self.episode.conversation.turns:
            lines += [f"Agent: {turn.said}"] * bool(turn.said)
            lines += [f"Shopper: {turn.heard}"] * bool(turn.heard)
        return "\n".join(lines)

    def _info(self) -> dict[str, Any]:
        episode = self.episode
        assert episode is not None
        conversation, shopper = episode.conversation, episode.shopper
        candidates = conversation.posterior.candidates
        acts = [] if episode.is_over else [act for act, _, _ in conversation.acts()]
        info: dict[str, Any] = {
            "acts": [
                {
                    "text": text_of(act, candidates),
                    "sentence": sentence_of(act, candidates),
                    "choices": list(act.choices),
                }
                for act in acts
            ],
            "goal": shopper.goal,
            "temper": shopper.temper.name,
            "manner": shopper.manner.name,
            "asked": conversation.asked,
            "valid": self._valid,
        }
        if episode.bought is not None:
            info["bought"] = {
                "asin": self.shop.catalogue.asin_of(episode.bought.row),
                "options": dict(episode.bought.options),
            }
            info["reward_parts"] = episode.reward
        return info


def text_of(act: Act, candidates: Candidates) -> str:
    """Return an act as an action's text."""
    if act.kind is Kind.OPTION:
        return f"ask[{act.group}]"
    if act.kind is Kind.LIMIT:
        return f"ask[{LIMIT}]"
    if act.kind is Kind.ATTRIBUTES:
        return f"ask[{ATTRIBUTES} {', '.join(act.choices)}]"
    catalogue = candidates.shop.catalogue
    items = (
        "; ".join([catalogue.asin_of(item.row), *(f"{g}: {v}" for g, v in item.options.items())])
        for item in act.items
    )
    return f"{act.kind}[{' | '.join(items)}]"


def act_of(text: str, conversation: Conversation) -> Act | None:
    """Return the act of an action's text; None where it is none."""
    try:
        name, given = read_act(text)
    except InputError:
        return None
    candidates = conversation.posterior.candidates
    if name == "ask":
        return _question(given[0], conversation)
    kind = Kind(name)
    if not given:
        return next((act for act, _, _ in conversation.acts() if act.kind is kind), None)
    items = [item for part in given if (item := _item(part, candidates))]
    if len(items) < len(given) or len(items) > (MOST_OFFERED if kind is Kind.OFFER else 1):
        return None
    return Act(kind, items=tuple(items))


def _question(about: str, conversation: Conversation) -> Act | None:
    candidates = conversation.posterior.candidates
    if about == LIMIT:
        return Act(Kind.LIMIT)
    if about.startswith(ATTRIBUTES):
        named = [name.strip() for name in about.removeprefix(ATTRIBUTES).split(",")]
        known = tuple(name for name in named if name in candidates.attributes)
        return Act(Kind.ATTRIBUTES, choices=known[:MOST_CHOICES]) if known else None
    asked = (act for act, _, _ in conversation.posterior.questions() if act.group)
    found = next((act for act in asked if act.group == about), None)
    if found is None and about in candidates.groups:
        found = Act(Kind.OPTION, about, candidates.groups[about].values[:MOST_CHOICES])
    return found


def _item(text: str, candidates: Candidates) -> Item | None:
    """The item of "ASIN; group: value; ..."; None if it is no candidate or has no such option."""
    asin, *chosen = (part.strip() for part in text.split(";"))
    row = candidates.shop.catalogue.row_of(asin)
    if row is None:
        return None
    product = candidates.shop.catalogue[row]
    options = {}
    for each in chosen:
        group, _, value = (part.strip() for part in each.partition(":"))
        if value not in product.options.get(group, ()):
            return None
        options[group] = value
    return Item(row, product.settled(options))
