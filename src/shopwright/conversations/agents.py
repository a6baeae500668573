"""Rules that converse: the baselines of what is learned, and the bound above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from shopwright.conversations.acts import FEW_CHOICES, MOST_CHOICES, Act, Kind
from shopwright.conversations.answers import Answer
from shopwright.conversations.conversation import Conversation
from shopwright.conversations.shopper import Speaker
from shopwright.conversations.simulation import Episode
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
        enough: no question any more where the likeliest purchases together are likelier than this.
    """

    name: str
    least_gain: float = 0.0
    most_questions: int = 99
    most_offers: int = 1
    most_choices: int = MOST_CHOICES
    enough: float = 1.0

    def choose(self, conversation: Conversation) -> Act:
        """Return what to do next."""
        acts = conversation.acts()
        warned = any(turn.answer.impatient for turn in conversation.turns)
        chance = max((chance for act, _, chance in acts if act.kind is Kind.OFFER), default=0.0)
        if conversation.asked < self.most_questions and not warned and chance < self.enough:
            for act, gain, _ in acts:  # The most telling first.
                if self._may_ask(act) and gain >= self.least_gain:
                    return act
        offers = conversation.kinds[Kind.OFFER]
        wanted = Kind.OFFER if offers < self.most_offers and not warned else Kind.RECOMMEND
        return next((act for act, _, _ in acts if act.kind is wanted), acts[-1][0])

    def question(self, conversation: Conversation) -> Act | None:
        """Return the most telling question; None if there is none."""
        return next((act for act, _, _ in conversation.acts() if self._may_ask(act)), None)

    def _may_ask(self, act: Act) -> bool:
        return act.asks and len(act.choices) <= self.most_choices


# With the numbers that give the highest return on dev goals of WebShop's 1,000 products.
NEVER = RuleConverser(name="never ask", most_questions=0, most_offers=6)
EVERYTHING = RuleConverser(name="ask everything", most_choices=FEW_CHOICES, most_offers=4)
GAIN = RuleConverser(
    name="information gain", least_gain=0.5, most_choices=FEW_CHOICES, enough=0.55, most_offers=5
)
BASELINES = (NEVER, EVERYTHING, GAIN)


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
    conversation.posterior.hear(
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
    conversation.posterior.closed.update(candidates.groups)
    recommend = next(act for act, _, _ in conversation.acts() if act.kind is Kind.RECOMMEND)
    episode.act(recommend)
    return episode
