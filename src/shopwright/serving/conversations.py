"""Conversations in the service: what each message is answered with."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from shopwright.conversations.acts import Act, Item, Kind
from shopwright.conversations.agents import SERVED, Converser
from shopwright.conversations.answers import MESSAGE_CHARACTERS, read_answer
from shopwright.conversations.candidates import Candidates
from shopwright.conversations.conversation import Conversation, sentence_of
from shopwright.conversations.requests import and_then
from shopwright.conversations.spoken import Says
from shopwright.conversations.taking_back import without_lead_in
from shopwright.errors import AgentError, GoalError, InputError, UnavailableError
from shopwright.recommending.recommender import Recommender
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.store.conversations import add_message, messages_of
from shopwright.understanding.request import ParsedRequest

MOST_MESSAGES = 60
_LOG = logging.getLogger("shopwright.serving")
_ROLE = """You are a shop's assistant. Say what follows to the customer in a friendly way and in \
few sentences. Keep every product, option and price as it stands, and the question at the end; add \
no product, promise or fact."""
_NAMED = 3  # Items that a text names.
_SPOKEN_CHARACTERS = 4_000


class Conversations:
    """The conversations of a service; a message is kept before it is answered.

    Args:
        service: recommends, and logs what it recommended; its store keeps the messages.
        converser: decides what to ask.
        speaker: puts answers in its own words; None leaves them plain, as they are where it fails.
    """

    def __init__(
        self, service: Service, converser: Converser = SERVED, speaker: Says | None = None
    ) -> None:
        self._service, self._converser, self._speaker = service, converser, speaker

    def start(self, message: str, count: int = 5) -> dict[str, Any]:
        """Begin a conversation and return its answer; see :meth:`go_on`."""
        id = secrets.token_urlsafe(16)
        kept = self._decide([], message)
        add_message(self._service.store.database, id, 0, time.time(), kept)
        shown = self._show(kept, count, {"id": id, "questions": 0})
        return {"conversation_id": id, "message": 0, **shown}

    def go_on(self, id: str, message: str, count: int = 5) -> dict[str, Any]:
        """Return the answer to a message: items, and at most one question with choices. Of messages
        that come at the same time, each is answered after the one before it.

        Raises:
            GoalError: there is no such conversation.
            InputError: it has too many messages.
        """
        while True:
            earlier = self._kept(id)
            if len(earlier) >= MOST_MESSAGES:
                raise InputError(
                    f"conversation: expected at most {MOST_MESSAGES} messages, got one more"
                )
            kept, number = self._decide(earlier, message), len(earlier)
            if add_message(self._service.store.database, id, number, time.time(), kept):
                asked = sum(bool(each["says"]) for each in earlier)
                shown = self._show(kept, count, {"id": id, "questions": asked})
                return {"conversation_id": id, "message": number, **shown}

    def read(self, id: str) -> dict[str, Any]:
        """Return what was said in a conversation.

        Raises:
            GoalError: there is no such conversation.
        """
        kept = self._kept(id)
        return {
            "conversation_id": id,
            "messages": [{"heard": each["heard"], "question": each["says"]} for each in kept],
            "understood": kept[-1]["understood"],
        }

    def _kept(self, id: str) -> list[dict[str, Any]]:
        kept = messages_of(self._service.store.database, id)
        if not kept:
            raise GoalError("conversation: expected the id of a conversation, got another")
        return kept

    def complete(self, messages: Sequence[str], count: int = 5) -> dict[str, Any]:
        """Return the answer to the last of a shopper's messages; nothing is kept of them. What was
        asked between them is what would be asked now.

        Raises:
            InputError: there are too many, or one is too long.
        """
        if len(messages) > MOST_MESSAGES:
            raise InputError(
                f"messages: expected at most {MOST_MESSAGES} of the user, got {len(messages)}"
            )
        longest = max(map(len, messages))
        if longest > MESSAGE_CHARACTERS:
            raise InputError(
                f"messages: expected at most {MESSAGE_CHARACTERS} characters each, got {longest}"
            )
        earlier: list[dict[str, Any]] = []
        for message in messages[:-1]:
            earlier.append(self._decide(earlier, message))
        return self._show(self._decide(earlier, messages[-1]), count)

    def _decide(self, earlier: Sequence[dict[str, Any]], message: str) -> dict[str, Any]:
        """Return a message as it is kept: what was heard, what is asked for by then, since which
        message, and what the agent does."""
        shop = self._service.shop
        recommender = Recommender.of(shop)
        message = message[:MESSAGE_CHARACTERS]
        understood, began = recommender.understand(without_lead_in(message)), len(earlier)
        acts = [_act(each["act"], shop) for each in earlier]
        heard = [*(str(each["heard"]) for each in earlier), message]
        if earlier:
            before = ParsedRequest.from_record(earlier[-1]["understood"])
            question = acts[-1] if acts[-1].asks else None
            answer = read_answer(message, self._candidates(before), question)
            currency = shop.catalogue.currency
            joined = and_then(before, understood, answer, question, currency)
            if joined is not understood:
                understood, began = joined, int(earlier[-1]["began"])
        conversation = Conversation.begin(self._candidates(understood), heard[began])
        for act, said in zip(acts[began:], heard[began + 1 :], strict=True):
            conversation.go_on(act, said)
        is_clear = bool(understood.pieces and conversation.acts())
        chosen = self._converser.choose(conversation) if is_clear else Act(Kind.OFFER)
        return {
            "heard": message,
            "began": began,
            "understood": understood.record(),
            "act": _act_record(chosen, shop),
            "says": sentence_of(chosen, conversation.posterior.candidates) if chosen.asks else "",
        }

    def _candidates(self, understood: ParsedRequest) -> Candidates:
        shop = self._service.shop
        return Candidates(shop, Recommender.of(shop).scored_rows(None, understood))

    def _show(
        self, kept: Mapping[str, Any], count: int, conversation: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the answer to a message: what is recommended by then, which is logged, and what is
        asked."""
        understood = ParsedRequest.from_record(kept["understood"])
        record = self._service.recommend(
            understood.text, count=count, understood=understood, conversation=conversation
        )
        question = None
        if kept["says"]:
            act = kept["act"]
            question = {"text": kept["says"], "about": act["kind"], "choices": act["choices"]}
        text = self._spoken(_text(record, kept["says"]))
        return {**record, "question": question, "text": text}

    def _spoken(self, text: str) -> str:
        """The text in the speaker's words."""
        if self._speaker is None:
            return text
        messages = [{"role": "system", "content": _ROLE}, {"role": "user", "content": text}]
        try:
            return self._speaker.say(messages)[:_SPOKEN_CHARACTERS] or text
        except (AgentError, UnavailableError) as error:
            _LOG.error("the language model cannot answer: %s", error)
            return text


def _text(record: Mapping[str, Any], question: str) -> str:
    """An answer in words: the first items, then the question."""
    shown = [
        f"{number}. {item['title'].strip()}{_chosen(item['options'])}: {item['price']}"
        for number, item in enumerate(record["items"][:_NAMED], start=1)
    ]
    if not record["understood"]["pieces"]:
        said = ["What are you looking for?"]
    elif not shown:
        said = ["I found nothing."]
    elif record["nothing_fits"] or not any(item["fits"] for item in record["items"]):
        said = ["Nothing here is quite that; these come nearest:", *shown]
    else:
        said = ["This is what I found:", *shown]
    return "\n".join([*said, question] if question else said)


def _chosen(options: Mapping[str, str]) -> str:
    return "".join(f", {group}: {value}" for group, value in options.items())


def _act_record(act: Act, shop: Shop) -> dict[str, Any]:
    return {
        "kind": str(act.kind),
        "group": act.group,
        "choices": list(act.choices),
        "items": [
            {"asin": shop.catalogue.asin_of(item.row), "options": dict(item.options)}
            for item in act.items
        ],
    }


def _act(record: Mapping[str, Any], shop: Shop) -> Act:
    """The act of a record; items that the shop has no more are left out."""
    rows = [(shop.catalogue.row_of(item["asin"]), item["options"]) for item in record["items"]]
    return Act(
        Kind(record["kind"]),
        record["group"],
        tuple(record["choices"]),
        tuple(Item(row, options) for row, options in rows if row is not None),
    )
