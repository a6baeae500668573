"""What shoppers mind: questions, lists of products, or neither; and the worlds made of them.

In the world "diverse" a turn with what somebody minds costs 0.09, another 0.01; in "even" all cost
what the temper says. What is minded is told by nothing but the wording of the first
message and by remarks in later ones, each of which others make, too. All numbers are assumed, not
estimated from people.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from shopwright.conversations.acts import Act
from shopwright.errors import InputError

PLAIN = "plain"
# What stands before the wish in a first message; "" for nothing.
CUES: Mapping[str, tuple[str, ...]] = {
    PLAIN: ("",),
    "hurried": ("Quickly, please.", "I only have a minute.", "I am in a rush today."),
    "looking": ("Show me what you have.", "I would like to look around.", "Let me see some."),
    "helpless": (
        "Can you help me choose?", "I do not know much about these.", "I need some advice."
    ),
    "decided": ("One good suggestion is enough.", "No lists, please.", "I need the right one."),
    "chatty": ("Hello, I hope you are well!", "Hi there, what a lovely day!", "Good morning!"),
}  # fmt: skip
ANNOYED_BY_QUESTION = (
    "Why do you ask?", "That is a lot of questions.", "Can we get on with it?"
)  # fmt: skip
ANNOYED_BY_OFFER = (
    "That is a lot to look through.", "Must I compare all these?", "Just tell me which one to take."
)  # fmt: skip
PLEASED_BY_QUESTION = ("Good that you ask.", "I am happy to answer.", "Ask away.")
PLEASED_BY_OFFER = ("It is nice to see some.", "It is good to compare.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What a shopper minds, and how that shows.

    Attributes:
        name: what tables call it.
        question, offer: what a turn with one takes off the reward; None: what the temper says.
        cues: how likely the first message is worded in each way of :data:`CUES`; they sum to 1.
        remarks: how likely an answer to a question, and to an offer, ends with a sigh, and how
            likely with a kind word: two pairs.
    """

    name: str
    question: float | None = None
    offer: float | None = None
    cues: Mapping[str, float] = field(default_factory=lambda: {PLAIN: 1.0})
    remarks: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))

    def cost(self, act: Act | None, usual: float) -> float:
        """Return what an act costs; what is none costs as much as the dearer kind.

        Args:
            usual: what the temper says.
        """
        question = usual if self.question is None else self.question
        offer = usual if self.offer is None else self.offer
        if act is None:
            return max(question, offer)
        return question if act.asks else offer

    def cue(self, rng: random.Random) -> str:
        """Return what stands before the wish in the first message."""
        (way,) = rng.choices(list(self.cues), weights=list(self.cues.values()))
        return rng.choice(CUES[way])

    def remark(self, act: Act | None, rng: random.Random) -> str:
        """Return what an answer ends with; "" for nothing."""
        asked = act is not None
        annoyed, pleased = self.remarks[0 if asked else 1]
        drawn = rng.random() if annoyed or pleased else 1.0
        if drawn < annoyed:
            return rng.choice(ANNOYED_BY_QUESTION if asked else ANNOYED_BY_OFFER)
        if drawn < annoyed + pleased:
            return rng.choice(PLEASED_BY_QUESTION if asked else PLEASED_BY_OFFER)
        return ""


def _cues(*chances: float) -> dict[str, float]:
    return dict(zip(CUES, chances, strict=True))


_MINDS, _FINE = 0.09, 0.01
_MINDED, _LIKED = (0.5, 0.05), (0.1, 0.3)
EVEN = Manner(name="even")
WORLDS: Mapping[str, tuple[Manner, ...]] = {
    "diverse": (
        Manner(
            name="minds questions",
            question=_MINDS,
            offer=_FINE,
            cues=_cues(0.1, 0.4, 0.35, 0.05, 0.05, 0.05),
            remarks=(_MINDED, _LIKED),
        ),
        Manner(
            name="minds lists",
            question=_FINE,
            offer=_MINDS,
            cues=_cues(0.1, 0.05, 0.05, 0.4, 0.35, 0.05),
            remarks=(_LIKED, _MINDED),
        ),
        Manner(
            name="minds neither",
            question=_FINE,
            offer=_FINE,
            cues=_cues(0.25, 0.1, 0.1, 0.1, 0.1, 0.35),
            remarks=(_LIKED, _LIKED),
        ),
    ),
    "even": (EVEN,),
}
DIVERSE = "diverse"


def manners_of(world: object) -> tuple[Manner, ...]:
    """Return the manners of a world, which are equally common.

    Raises:
        InputError: there is no such world.
    """
    if world not in WORLDS:
        raise InputError(f"world: expected one of {', '.join(WORLDS)}, got {world!r:.60}")
    return WORLDS[str(world)]


def manner_of(name: object) -> Manner:
    """Return a manner by name.

    Raises:
        InputError: there is no such manner.
    """
    known = {manner.name: manner for manners in WORLDS.values() for manner in manners}
    if name not in known:
        raise InputError(f"manner: expected one of {', '.join(known)}, got {name!r:.60}")
    return known[str(name)]
