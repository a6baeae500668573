"""Conversations in the service: what each message is answered with."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shopwright.conversations.agents import SERVED, Converser
from shopwright.conversations.answers import MESSAGE_CHARACTERS
from shopwright.conversations.messages.matters import in_place_of_others
from shopwright.conversations.messages.pointing import NAMED
from shopwright.conversations.spoken import Says
from shopwright.errors import AgentError, GoalError, InputError, UnavailableError
from shopwright.serving.conversation_texts import about, heading_of, reply_to, text_of
from shopwright.serving.deciding import Deciding, Listed
from shopwright.serving.kept_messages import KeptMessage
from shopwright.serving.messages import Filters
from shopwright.serving.service import Service, new_id
from shopwright.store.conversations import add_message, messages_of
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import MOST_PIECES, ParsedRequest

MOST_MESSAGES = 60
_LOG = logging.getLogger("shopwright.serving")
_ROLE = """You are a shop's assistant. Say what follows to the customer in a friendly way and in \
few sentences. Keep every product, option and price as it stands, and the question at the end; add \
no product, promise or fact."""
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
        id = new_id()
        kept = self._decide([], message)
        add_message(self._service.store.database, id, 0, time.time(), kept.record())
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
            record = kept.record()
            if add_message(self._service.store.database, id, number, time.time(), record):
                asked = sum(bool(each.says) for each in earlier)
                shown = self._show(kept, count, {"id": id, "questions": asked})
                return {"conversation_id": id, "message": number, **shown}

    def read(self, id: str) -> dict[str, Any]:
        """Return what was said in a conversation, and which items were shown.

        Raises:
            GoalError: there is no such conversation.
        """
        kept = self._kept(id)
        return {
            "conversation_id": id,
            "messages": [
                {"heard": each.heard, "question": each.says, "items": self._titles(each)}
                for each in kept
            ],
            "understood": kept[-1].understood.record(),
        }

    def _titles(self, kept: KeptMessage) -> list[dict[str, str]]:
        """The items that answered a message, those that the shop has no more left out."""
        catalogue = self._service.shop.catalogue
        asins = self._listed(kept) if kept.lists else kept.points.asins if kept.points else ()
        rows = [catalogue.row_of(asin) for asin in asins]
        products = [catalogue[row] for row in rows if row is not None]
        return [{"asin": each.asin, "title": each.title.strip()} for each in products]

    def _kept(self, id: str) -> list[KeptMessage]:
        kept = messages_of(self._service.store.database, id)
        if not kept:
            raise GoalError("conversation: expected the id of a conversation, got another")
        return [KeptMessage.from_record(record, number) for number, record in enumerate(kept)]

    def _decide(self, earlier: Sequence[KeptMessage], message: str) -> KeptMessage:
        decided = self._deciding(self._listed).decide(earlier, message)
        id = new_id() if decided.lists or not earlier else earlier[-1].recommendation_id
        return replace(decided, recommendation_id=id)

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
        deciding = self._deciding(self._listed_again)
        earlier: list[KeptMessage] = []
        for message in messages:
            earlier.append(deciding.decide(earlier, message))
        return self._show(earlier[-1], count)

    def _deciding(self, listed: Listed) -> Deciding:
        return Deciding(self._service.shop, self._converser, listed)

    def _listed(self, kept: KeptMessage) -> Sequence[str]:
        """The asins of the items that answered a message; none if that was never logged."""
        found = self._service.store.recommendation(kept.recommendation_id)
        return found.items if found else ()

    def _listed_again(self, kept: KeptMessage) -> Sequence[str]:
        """The asins of the items that would answer a message now, by the likeliest agent."""
        chances = self._service.chances()
        label = max(chances, key=chances.__getitem__)
        filters = Filters(exclude=list(kept.left_out))
        answer = self._service.answer(label, kept.understood, count=NAMED, filters=filters)
        return [item.asin for item in answer]

    def _show(
        self, kept: KeptMessage, count: int, conversation: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the answer to a message: what is recommended by then, which is logged, and what is
        asked."""
        understood = kept.understood
        looked_at = kept.points if kept.looks else None
        asked = looked_at.asked if looked_at else ()
        if asked:
            left = [piece for piece in understood.pieces if not in_place_of_others(asked, piece)]
            understood = with_pieces(understood, [*left, *asked][:MOST_PIECES])
        record = self._recommended(kept, understood, count, conversation)
        question = None
        if kept.says:
            choices = kept.act["choices"]
            question = {"text": kept.says, "about": kept.act["kind"], "choices": choices}
        catalogue = self._service.shop
        told = {
            item["asin"]: about(catalogue.product(item["asin"]), item, asked, kept.heard)
            for item in (record["items"] if looked_at else ())
        }
        answer = {
            **record,
            "understood": kept.understood.record(),
            "question": question,
            "heading": self._heading(kept, record),
            "about": told,
        }
        text = text_of(answer, looked_at.places if looked_at else None)
        return {**answer, "text": self._spoken(text)}

    def _heading(self, kept: KeptMessage, record: Mapping[str, Any]) -> str:
        if kept.remark:
            return reply_to(kept.remark, self._service.examples()[:NAMED])
        return heading_of(record, kept.points)

    def _recommended(
        self,
        kept: KeptMessage,
        understood: ParsedRequest,
        count: int,
        conversation: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """The recommendation of an answer: a list, which is logged; or items of the last list once
        more, for which nothing is logged if that was."""
        asins = kept.points.asins if kept.points and kept.looks else ()
        again = None
        finds = kept.lists and bool(understood.pieces)
        if not kept.lists:
            again = self._service.again(kept.recommendation_id, asins, understood)
        return again or self._service.recommend(
            understood.text,
            count=count,
            filters=Filters(exclude=list(kept.left_out)),
            understood=understood,
            conversation=conversation,
            only=None if finds else asins,
            id=kept.recommendation_id,
        )

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
