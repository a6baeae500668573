"""Rules that converse: the baselines of what is learned, and the bound above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from shopwright.conversations.acts import FEW_CHOICES, MOST_CHOICES, Act, Kind
from shopwright.conversations.answers import Answer
from shopwright.conversations.conversation import Conversation
from shopwright.conversations.shopper import Speaker
from shopwright.conversations.simulation import Episode
from shopwright.conversations.wording import first_sign
from shopwright.shop.price_limits import is_limit


class Converser(Protocol):
    """Somebody who decides what to do in a conversation."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def choose(self, conversation: Conversation) -> Act:
        """Return what to do next, one of :meth:`Conversation.acts`."""

    def question(self, conversation: Conversation) -> Act | None:
        """Return the question that it would ask now; None if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleConverser:
    """Asks what tells most, as long as it tells enough; then offers; then recommends. Once the
    shopper is impatient, it recommends.

    Source: expected information gain as a stopping and a selection rule, e.g. Rao & Daumé III,
    "Learning to ask good questions", 2018 (arXiv 1805.04655), for expected value of information;
    here of the purchase, in nats.

    Attributes:
        name: what tables call it.
        least_gain: questions that tell less, in nats, are not asked.
        most_questions: so many are asked at most.
        most_offers: so many times products are offered before one is recommended.
        most_choices: questions with more choices are not asked.
        most_in_vain: so many questions at most whose answers tell nothing.
        enough: no question any more where the likeliest purchases together are likelier than this.
    """

    name: str
    least_gain: float = 0.0
    most_questions: int = 99
    most_offers: int = 1
    most_choices: int = MOST_CHOICES
    most_in_vain: int = 99
    enough: float = 1.0

    def choose(self, conversation: Conversation) -> Act:
        """Return what to do next."""
        acts = conversation.acts()
        warned = any(turn.answer.impatient for turn in conversation.turns)
        chance = max((chance for act, _, chance in acts if act.kind is Kind.OFFER), default=0.0)
        if self._asks_on(conversation) and not warned and chance < self.enough:
            for act, gain, _ in acts:  # The most telling first.
                if self._may_ask(act) and gain >= self.least_gain:
                    return act
        offers = conversation.kinds[Kind.OFFER]
        wanted = Kind.OFFER if offers < self.most_offers and not warned else Kind.RECOMMEND
        return next((act for act, _, _ in acts if act.kind is wanted), acts[-1][0])

    def question(self, conversation: Conversation) -> Act | None:
        """Return the most telling question; None if there is none."""
        return next((act for act, _, _ in conversation.acts() if self._may_ask(act)), None)

    def _asks_on(self, conversation: Conversation) -> bool:
        answers = [turn.answer for turn in conversation.turns if turn.act and turn.act.asks]
        in_vain = sum(not answer.tells for answer in answers)
        return len(answers) < self.most_questions and in_vain < self.most_in_vain

    def _may_ask(self, act: Act) -> bool:
        return act.asks and len(act.choices) <= self.most_choices


@dataclass(frozen=True, slots=True, kw_only=True)
class MyopicConverser:
    """Does what is expected to be worth most if a recommendation follows. Once the shopper is
    impatient, it recommends.

    Source: the myopic value of information, e.g. Howard, "Information value theory", IEEE
    Transactions on Systems Science and Cybernetics, 1966.

    Attributes:
        name: what tables call it.
        question_cost, offer_cost: what a turn costs: shoppers are taken to be alike.
        partial: what a purchase is worth that is not the right one.
        answered: how likely a shopper can say what is asked.
    """

    name: str
    question_cost: float
    offer_cost: float
    partial: float
    answered: float

    def choose(self, conversation: Conversation) -> Act:
        """Return what to do next."""
        values = self._values(conversation)
        acts = [act for act, _, _ in conversation.acts()]
        if any(turn.answer.impatient for turn in conversation.turns):
            return acts[-1]
        return acts[int(np.argmax(values))]

    def question(self, conversation: Conversation) -> Act | None:
        """Return the question that is worth most; None if there is none."""
        values = self._values(conversation)
        asked = [
            (value, -place, act)
            for place, (value, (act, _, _)) in enumerate(
                zip(values, conversation.acts(), strict=True)
            )
            if act.asks
        ]
        return max(asked, key=lambda each: each[:2])[2] if asked else None

    def _values(self, conversation: Conversation) -> list[float]:
        prospects = conversation.prospects()
        now = prospects[-1][0] if prospects else 0.0
        values = []
        for (act, _, _), (right, after) in zip(conversation.acts(), prospects, strict=True):
            if act.asks:
                chance = self.answered * after + (1.0 - self.answered) * now
                values.append(self._worth(chance) - self.question_cost)
            elif act.kind is Kind.OFFER:
                values.append(right + (1.0 - right) * self._worth(after) - self.offer_cost)
            else:
                values.append(self._worth(right))
        return values

    def _worth(self, chance: float) -> float:
        return chance + (1.0 - chance) * self.partial


@dataclass(frozen=True, slots=True, kw_only=True)
class CueConverser:
    """Keeps to another rule for each way in which the first message is worded.

    Attributes:
        name: what tables call it.
        rules: of the first of :data:`OPENING_SIGNS` that the message shows, the rule.
        otherwise: the rule where it shows none.
    """

    name: str
    rules: Mapping[str, Converser]
    otherwise: Converser

    def choose(self, conversation: Conversation) -> Act:
        """Return what to do next."""
        return self._rule(conversation).choose(conversation)

    def question(self, conversation: Conversation) -> Act | None:
        """Return the most telling question; None if there is none."""
        return self._rule(conversation).question(conversation)

    def _rule(self, conversation: Conversation) -> Converser:
        return self.rules.get(first_sign(conversation.turns[0].heard), self.otherwise)


# With the numbers that give the highest return in conversations for dev goals of WebShop's 1,000
# products: `benchmarks/conversations.py --fit`.
NEVER = RuleConverser(name="never ask", most_questions=0, most_offers=6)
EVERYTHING = RuleConverser(name="ask everything", most_choices=FEW_CHOICES, most_offers=4)
# With whom it serves nothing is known of what turns cost: few questions, none after one in vain.
SERVED = RuleConverser(
    name="information gain, served", least_gain=0.5, enough=0.55, most_choices=FEW_CHOICES,
    most_questions=3, most_in_vain=1,
)  # fmt: skip
# Where learning begins: a rule that offers until something is bought.
IMITATED = RuleConverser(name="imitated", least_gain=0.5, enough=0.4, most_offers=6, most_choices=3)
_GAIN = {
    "diverse": RuleConverser(
        name="information gain", least_gain=0.5, enough=0.55, most_offers=2, most_choices=3
    ),
    "even": RuleConverser(
        name="information gain", least_gain=0.3, enough=0.55, most_offers=2, most_choices=3
    ),
}


_MYOPIC = MyopicConverser(
    name="myopic value", question_cost=0.03, offer_cost=0.01, partial=0.3, answered=1.0
)


def baselines_of(world: str) -> tuple[Converser, ...]:
    """Return the rules that what is learned is compared with in a world."""
    return NEVER, EVERYTHING, _GAIN[world], _MYOPIC


def converse(episode: Episode, agent: Converser) -> Episode:
    """Let an agent talk until the episode is over, and return it."""
    while not episode.is_over:
        episode.act(agent.choose(episode.conversation))
    return episode


def tell(episode: Episode, shopper: Speaker) -> Episode:
    """Tell the agent the goal at once, at no cost, and let it recommend: the bound of what asking
    can bring with this search and this posterior."""
    conversation, goal = episode.conversation, shopper.goal
    candidates = conversation.posterior.candidates
    options = goal.options.items() if not isinstance(goal.options, tuple) else ()
    conversation.learn(
        Answer(
            options=tuple(
                (group, value)
                for group, value in options
                if group in candidates.groups and value in candidates.groups[group].values
            ),
            attributes=tuple(a for a in goal.attributes if a in candidates.attributes),
            limit=goal.price_upper if is_limit(goal.price_upper) else None,
        )
    )
    recommend = next(act for act, _, _ in conversation.acts() if act.kind is Kind.RECOMMEND)
    episode.act(recommend)
    return episode
