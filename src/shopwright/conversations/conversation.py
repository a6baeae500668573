"""A conversation as the agent has it: what was said, what it is taken to mean, what can be done.

Environment and service use the same class; only who answers differs.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from shopwright.catalogue.money import format_price
from shopwright.conversations.acts import Act, Item, Kind
from shopwright.conversations.answers import Answer, read_answer
from shopwright.conversations.candidates import Candidates
from shopwright.conversations.posterior import Assumptions, Posterior
from shopwright.conversations.prospects import prospect
from shopwright.conversations.wording import without_small_talk
from shopwright.recommending.recommender import Recommender
from shopwright.shop.shop import Shop

MOST_QUESTIONS = 8  # among which an agent chooses
_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Turn:
    """What the agent did, and what it was told.

    Attributes:
        act: None for the shopper's first message.
        said: the agent's sentence.
        heard: the shopper's message.
        answer: what it says.
    """

    act: Act | None
    said: str
    heard: str
    answer: Answer


@dataclass
class Conversation:
    """What was said until now, and what follows from it.

    Attributes:
        posterior: of the purchase that is wanted.
        turns: the shopper's first message and every turn since.
    """

    posterior: Posterior
    turns: list[Turn] = field(default_factory=list)
    _acts: list[tuple[Act, float, float]] | None = None
    _prospects: list[tuple[float, float]] | None = None

    @classmethod
    def begin(
        cls, candidates: Candidates, opening: str, config: Assumptions | None = None
    ) -> Conversation:
        """Return the conversation that begins with a message."""
        conversation = cls(Posterior(candidates, config))
        answer = read_answer(opening, candidates)
        conversation.posterior.hear(answer)
        conversation.turns.append(Turn(None, "", opening, answer))
        if config is None:  # What can be done first depends on nothing else.
            if answer not in candidates.first:
                candidates.first[answer] = conversation.acts(), conversation.prospects()
            conversation._acts, conversation._prospects = candidates.first[answer]
        return conversation

    def go_on(self, act: Act, heard: str, *, bought: bool = False) -> Answer:
        """Take in what the shopper said to an act, and return what that says.

        Args:
            bought: whether one of the act's items was bought.
        """
        candidates = self.posterior.candidates
        answer = read_answer(heard, candidates, act)
        if act.items and not bought:
            self.posterior.refuse(act.items)
        self.posterior.hear(answer, act if act.asks else None)
        self.turns.append(Turn(act, sentence_of(act, candidates), heard, answer))
        self._acts = self._prospects = None
        return answer

    def learn(self, answer: Answer) -> None:
        """Take in all that is wanted, told beside the conversation: no group is left to ask for."""
        self.posterior.hear(answer)
        self.posterior.closed.update(self.posterior.candidates.groups)
        self._acts = self._prospects = None

    def acts(self) -> list[tuple[Act, float, float]]:
        """Return what can be done now: the most telling questions, an offer, a recommendation; each
        with how many nats its answer would tell, and a chance: of a question that its answer is
        among the choices, of an offer that it has the right purchase, of a recommendation how near
        it comes."""
        if self._acts is None:
            self._acts = self._possible()
        return self._acts

    def _possible(self) -> list[tuple[Act, float, float]]:
        found = self.posterior.questions()[:MOST_QUESTIONS]
        items, chance = self.posterior.best()
        if items:
            found.append((Act(Kind.OFFER, items=tuple(items)), 0.0, chance))
        if len(self.posterior.candidates):
            item, nearness = self.posterior.safest()
            found.append((Act(Kind.RECOMMEND, items=(item,)), 0.0, nearness))
        return found

    def prospects(self) -> list[tuple[float, float]]:
        """Return of each of :meth:`acts` what :func:`~shopwright.conversations.prospects.prospect`
        does."""
        if self._prospects is None:
            self._prospects = [prospect(self.posterior, act) for act, _, _ in self.acts()]
        return self._prospects

    @property
    def asked(self) -> int:
        """How many questions were asked."""
        return sum(turn.act is not None and turn.act.asks for turn in self.turns)

    @property
    def kinds(self) -> Counter[Kind]:
        """How often each kind of act was done."""
        return Counter(turn.act.kind for turn in self.turns if turn.act is not None)


def sentence_of(act: Act, candidates: Candidates) -> str:
    """Return an act as a person says it, in the shop's own values."""
    if act.kind is Kind.OPTION:
        name = act.group.replace("_", " ")
        return f"Which {name}: {listed(act.choices)}?" if act.choices else f"Which {name}?"
    if act.kind is Kind.ATTRIBUTES:
        if len(act.choices) == 1:
            return f"Does it matter to you that it is {act.choices[0]}?"
        return f"Which of these matter to you: {listed(act.choices)}?"
    if act.kind is Kind.LIMIT:
        return "What may it cost at most?"
    shown = "; ".join(_described(item, candidates) for item in act.items)
    return f"How about {shown}?" if act.kind is Kind.OFFER else f"I recommend {shown}."


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists alternatives: "8, 9 or 10"."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _described(item: Item, candidates: Candidates) -> str:
    product = candidates.shop.catalogue[item.row]
    options = "".join(f", {group}: {value}" for group, value in item.options.items())
    price = format_price(product.price_with(item.options), product.currency)
    return f"{product.title.strip()}{options} ({price if product.priced else 'no price given'})"


class Openings:
    """The candidates for first messages, found by the shop's recommender, those used lately kept.

    Args:
        shop: where they are looked for.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._recommender = Recommender.of(shop)
        self._kept: OrderedDict[str, Candidates] = OrderedDict()

    def candidates(self, opening: str) -> Candidates:
        """Return the products that a conversation that begins so may end with."""
        opening = without_small_talk(opening)
        known = self._kept.pop(opening, None)
        if known is None:
            understood = self._recommender.understand(opening)
            known = Candidates(self.shop, self._recommender.scored_rows(None, understood))
        self._kept[opening] = known
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return known
