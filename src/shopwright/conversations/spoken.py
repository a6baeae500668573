"""A shopper that a language model plays: it knows the goal, and says it in its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from shopwright.conversations.acts import Act, Item
from shopwright.conversations.manners import EVEN, Manner
from shopwright.conversations.shopper import NONE_OF_THESE, Temper
from shopwright.language.prompts import Message
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop

_ROLE = """You play a customer of a shop who talks with its assistant. You want: {wish}
Your temper: {temper}{manner}. Begin with a part of your wish: the kind of thing, at most one \
more thing. Answer each question in one short sentence, from your wish alone; what it does not say \
does not matter to you. Never say all at once, never name a product's title. When the assistant \
shows numbered products, reply BUY and the number if one of them is all that you want, else say \
what is wrong with them in one sentence."""
_BUY = re.compile(r"\bBUY\s*#?\s*(\d+)\b")
_CHARACTERS = 500


class Says(Protocol):
    """A language model that talks; :class:`~shopwright.language.endpoint.Endpoint` does."""

    def say(self, messages: Sequence[Message], seed: int | None = None) -> str:
        """Return what it says to messages."""


class SpokenShopper:
    """A shopper that a language model plays. What it says is cut to 500 characters; titles and
    identifiers of the goal's product are taken out.

    Args:
        shop: where.
        goal: what is wanted.
        temper: of which the model is told the name; cost and patience count.
        model: who plays.
        seed: of what the model draws.
        manner: of which the model is told the name; what it makes turns cost counts.
    """

    def __init__(
        self,
        shop: Shop,
        goal: Goal,
        temper: Temper,
        model: Says,
        seed: int = 0,
        manner: Manner = EVEN,
    ) -> None:
        self.goal, self.temper, self.manner = goal, temper, manner
        self._shop, self._model, self._seed = shop, model, seed
        minds = "" if manner is EVEN else f"; {manner.name}"
        role = _ROLE.format(wish=goal.instruction, temper=temper.name, manner=minds)
        self._messages: list[Message] = [{"role": "system", "content": role}]

    def open(self) -> str:
        """Return the first message."""
        return self._reply("Hello, what are you looking for?") or self.goal.query

    def answer(self, question: Act, sentence: str) -> str:
        """Return what is said to a question."""
        return self._reply(sentence)

    def look_at(self, items: Sequence[Item]) -> tuple[Item | None, str]:
        """Return the item that is bought, if one is, and what is said."""
        lines = [f"{place}. {self._line(item)}" for place, item in enumerate(items, start=1)]
        said = self._reply("How about one of these?\n" + "\n".join(lines))
        bought = _BUY.search(said)
        if bought and 1 <= int(bought[1]) <= len(items):
            return items[int(bought[1]) - 1], said
        return None, said or NONE_OF_THESE

    def _line(self, item: Item) -> str:
        product = self._shop.catalogue[item.row]
        chosen = _listed(item.options)
        return f"{product.title.strip()}{chosen}, {product.shown_price_with(item.options)}"

    def _reply(self, sentence: str) -> str:
        self._messages.append({"role": "user", "content": sentence})
        said = self._model.say(self._messages, self._seed + len(self._messages))[:_CHARACTERS]
        for secret in (self.goal.title.strip(), self.goal.asin):
            said = re.sub(re.escape(secret), "", said, flags=re.IGNORECASE) if secret else said
        self._messages.append({"role": "assistant", "content": said})
        return said


def _listed(options: Mapping[str, str]) -> str:
    return "".join(f", {group}: {value}" for group, value in options.items())
