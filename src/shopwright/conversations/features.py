"""What a policy sees of a conversation: how it stands, and of each act what it promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.conversation import MOST_QUESTIONS, Conversation, Turn
from shopwright.conversations.wording import (
    ANNOYED,
    OPENING_SIGNS,
    PLEASED,
    opening_signs,
    sentences_in,
)

KINDS = tuple(Kind)
MOST_ACTS = MOST_QUESTIONS + 2
# Names in the order of the columns; all are about 0 to 1.
STATE = (
    "turns", "questions", "offers", "highest weight", "margin", "entropy", "uncertainty",
    "candidates", "options known", "attributes known", "limit known", "told", "unsure",
    "indifferent", "impatient", "words of the opening", "told at once", "told last", "unsure last",
    "indifferent last", "explained", "words of answers", "corrected", "right one in offer",
    "right one first", *OPENING_SIGNS, "sentences of the opening", "annoyed by questions",
    "pleased by questions", "annoyed by offers", "pleased by offers",
)  # fmt: skip
ACT = (
    *KINDS, "gain", "is most telling", "place", "chance", "choices", "share with the group",
    "times", "told by such", "unsure by such", "indifferent by such",
    "right at once", "right after", "right now",
)  # fmt: skip


class Situation(NamedTuple):
    """A decision.

    Attributes:
        acts: what can be done.
        state: float32, (STATE,).
        features: float32, (acts, ACT).
    """

    acts: list[Act]
    state: np.ndarray
    features: np.ndarray


def situation_of(conversation: Conversation) -> Situation:
    """Return what can be done now, with features."""
    options = conversation.acts()
    chances = {act.kind: chance for act, _, chance in options if act.items}
    state = _state(conversation, chances)
    prospects = conversation.prospects()
    now = prospects[-1][0] if prospects else 0.0
    rows = [
        [*_features(conversation, act, place, gain, chance), *prospect, now]
        for place, ((act, gain, chance), prospect) in enumerate(
            zip(options, prospects, strict=True)
        )
    ]
    features = np.array(rows, dtype=np.float32).reshape(len(rows), len(ACT))
    return Situation([act for act, _, _ in options], state, features)


def _state(conversation: Conversation, chances: dict[Kind, float]) -> np.ndarray:
    posterior, (first, *turns) = conversation.posterior, conversation.turns
    weights = np.sort(posterior.weights)[::-1]
    highest = float(weights[0]) if len(weights) else 0.0
    second = float(weights[1]) if len(weights) > 1 else 0.0
    entropy = float(-(weights * np.log(np.maximum(weights, 1e-12))).sum())
    questions = [turn for turn in turns if turn.act and turn.act.asks]
    offers = [turn for turn in turns if turn.act and not turn.act.asks]
    last = turns[-1].answer if turns else None
    heard = [len(turn.heard.split()) for turn in turns]
    values = (
        len(turns) / 10,
        len(questions) / 8,
        len(offers) / 3,
        highest,
        highest - second,
        entropy / 4,
        posterior.uncertainty / 6,
        np.log1p(len(weights)) / 4,
        len(posterior.options) / 3,
        len(posterior.attributes) / 3,
        posterior.limit is not None,
        _share(questions, "tells"),
        _share(questions, "unsure"),
        _share(questions, "indifferent"),
        any(turn.answer.impatient for turn in turns),
        min(len(first.heard.split()) / 20, 1.0),
        first.answer.tells,
        last is not None and last.tells,
        last is not None and last.unsure,
        last is not None and last.indifferent,
        _share(offers, "tells"),
        min(float(np.mean(heard)) / 10, 1.0) if heard else 0.5,
        any(turn.heard.startswith("Sorry") for turn in turns),
        chances.get(Kind.OFFER, 0.0),
        chances.get(Kind.RECOMMEND, 0.0),
        *opening_signs(first.heard),
        min(sentences_in(first.heard) / 3, 1.0),
        *(
            min(sum(pattern.search(turn.heard) is not None for turn in such) / 2, 1.0)
            for such in (questions, offers)
            for pattern in (ANNOYED, PLEASED)
        ),
    )
    return np.array(values, dtype=np.float32)


def _features(
    conversation: Conversation, act: Act, place: int, gain: float, chance: float
) -> list[float]:
    such = [turn for turn in conversation.turns if turn.act and turn.act.kind is act.kind]
    posterior = conversation.posterior
    share = 1.0
    if act.group:
        share = float(posterior.weights[posterior.candidates.groups[act.group].counts > 0].sum())
    return [
        *(float(act.kind is kind) for kind in KINDS),
        gain / 2,
        float(place == 0 and act.asks),
        place / MOST_ACTS,
        chance,
        len(act.choices) / 6,
        share,
        len(such) / 3,
        _share(such, "tells"),
        _share(such, "unsure"),
        _share(such, "indifferent"),
    ]


def _share(turns: Sequence[Turn], name: str) -> float:
    """In which share of turns an answer is so; 0 of none."""
    if not turns:
        return 0.0
    return sum(bool(getattr(turn.answer, name)) for turn in turns) / len(turns)
