"""What a message of a conversation means, and what it is answered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shopwright.conversations.acts import Act, Item, Kind
from shopwright.conversations.agents import Converser
from shopwright.conversations.answers import MESSAGE_CHARACTERS, read_answer
from shopwright.conversations.candidates import Candidates
from shopwright.conversations.conversation import Conversation, sentence_of
from shopwright.conversations.messages.alike import cheaper, like
from shopwright.conversations.messages.beginning import begun
from shopwright.conversations.messages.chat_words import in_full
from shopwright.conversations.messages.choices import answerable
from shopwright.conversations.messages.joining import joined
from shopwright.conversations.messages.matters import as_feature
from shopwright.conversations.messages.pointing import MOST_PLACES, Pointed, Wants, pointed_at
from shopwright.conversations.messages.remarks import remark_in
from shopwright.conversations.messages.requests import and_then
from shopwright.conversations.messages.talk import (
    correction_in,
    is_talk,
    is_undoing,
    without_asking,
    without_lead_in,
)
from shopwright.recommending.recommender import Recommender
from shopwright.serving.kept_messages import NO_ACT, KeptMessage, Points
from shopwright.shop.shop import Shop
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import Order, ParsedRequest, Part

# The asins of the items that answered a message.
Listed = Callable[[KeptMessage], Sequence[str]]
_MOST_LEFT_OUT = 100


class Deciding:
    """Decides what messages mean, and what to ask.

    Args:
        shop: what conversations are about.
        converser: decides what to ask.
        listed: what answered earlier messages.
    """

    def __init__(self, shop: Shop, converser: Converser, listed: Listed) -> None:
        self._shop, self._converser, self._listed = shop, converser, listed
        self._recommender = Recommender.of(shop)

    def decide(self, earlier: Sequence[KeptMessage], message: str) -> KeptMessage:
        """Return a message as it is kept.

        Args:
            earlier: the messages before it.
        """
        message = message[:MESSAGE_CHARACTERS]
        return replace(self._decided(earlier, in_full(message)), heard=message)

    def _decided(self, earlier: Sequence[KeptMessage], message: str) -> KeptMessage:
        if earlier and is_undoing(message):
            return self._gone_back(earlier, message)
        text = without_lead_in(message)
        understood = joined(self._recommender.understand(text if earlier else without_asking(text)))
        remarked = _remarked(earlier, message, understood)
        if remarked is not None:
            return remarked
        if not earlier:
            return self._begun(earlier, understood, message)
        last = earlier[-1]
        candidates = self._found(last.understood)
        act = act_of(last.act, self._shop)
        question = act if act.asks else None
        answer = read_answer(message, candidates, question)
        is_answer = question is not None and (answer.tells or answer.none_of_these)
        pointing = self._pointing(earlier, message, is_answer=is_answer)
        if pointing is not None:
            return pointing
        together = and_then(
            last.understood, understood, answer, question, candidates, how=correction_in(message)
        )
        if together is understood:
            return self._begun(earlier, understood, message)
        kept = KeptMessage(
            heard=message,
            understood=together,
            began=last.began,
            back=len(earlier) - 1,
            left_out=last.refused,
            refused=last.refused,
        )
        return self._asking(kept, earlier[last.began :])

    def _begun(
        self, earlier: Sequence[KeptMessage], understood: ParsedRequest, message: str
    ) -> KeptMessage:
        """A message with which something else is looked for."""
        understood = begun(understood, self._found(understood))
        began = len(earlier)
        kept = KeptMessage(heard=message, understood=understood, began=began, back=began - 1)
        return self._asking(kept, ())

    def _asking(self, kept: KeptMessage, earlier: Sequence[KeptMessage]) -> KeptMessage:
        """A message with what the agent asks.

        Args:
            earlier: the messages since that is looked for.
        """
        heard = [in_full(each.heard) for each in (*earlier, kept)]
        conversation = Conversation.begin(self._candidates(kept.understood), heard[0])
        for each, said in zip(earlier, heard[1:], strict=True):
            conversation.go_on(act_of(each.act, self._shop), said)
        if not (kept.understood.pieces and conversation.acts()):
            return kept
        chosen = self._converser.choose(conversation)
        act = answerable(chosen, kept.understood, self._recommender.is_kind)
        says = sentence_of(act, conversation.posterior.candidates) if act.asks else ""
        return replace(kept, act=_record_of(act, self._shop), says=says)

    def _gone_back(self, earlier: Sequence[KeptMessage], message: str) -> KeptMessage:
        """A message that takes back the last one that was not taken back yet."""
        place = earlier[-1].back
        if place < 0:
            nothing = with_pieces(earlier[0].understood, ())
            return KeptMessage(heard=message, understood=nothing, began=len(earlier), back=-1)
        then = earlier[place]
        return replace(then, heard=message, act={**NO_ACT}, says="", points=None, remark=None)

    def _pointing(
        self, earlier: Sequence[KeptMessage], message: str, *, is_answer: bool
    ) -> KeptMessage | None:
        """A message that points at what was listed; None for one that does not.

        Args:
            is_answer: whether it may answer what was asked; then it points only by what it says.
        """
        points = earlier[-1].points
        looked_at = points.places if points and earlier[-1].looks else ()
        may_point = pointed_at(message, MOST_PLACES, looked_at)
        if may_point is None or (is_answer and (may_point.is_bare or not may_point.places)):
            return None
        last = next((each for each in reversed(earlier) if each.lists), earlier[-1])
        asins = self._listed(last)
        pointed = pointed_at(message, len(asins), looked_at)
        if pointed is None:
            return None
        if pointed.wants is Wants.CHEAPEST:
            pointed = self._cheapest(pointed, asins)
        chosen = tuple(asins[place] for place in pointed.places)
        said = self._recommender.understand(pointed.beside) if pointed.beside.strip() else None
        asked = tuple(
            as_feature(piece) if piece.part is Part.KIND else piece
            for piece in (said.pieces if said else ())
            if not is_talk(piece)
        )
        kept = replace(
            last,
            heard=message,
            back=len(earlier) - 1,
            act={**NO_ACT},
            says="",
            left_out=last.refused,
            points=Points(places=pointed.places, wants=pointed.wants, asins=chosen, asked=asked),
        )
        return self._wanted(kept, pointed, earlier)

    def _cheapest(self, pointed: Pointed, asins: Sequence[str]) -> Pointed:
        """What points at the cheapest of several items, or at all where no price is known."""
        catalogue = self._shop.catalogue
        rows = {place: catalogue.row_of(asins[place]) for place in reversed(pointed.places)}
        products = {place: catalogue[row] for place, row in rows.items() if row is not None}
        prices = {each.price_dollars: place for place, each in products.items() if each.priced}
        places = (prices[min(prices)],) if prices else pointed.places
        return Pointed(places, Wants.LOOK)

    def _wanted(
        self, kept: KeptMessage, pointed: Pointed, earlier: Sequence[KeptMessage]
    ) -> KeptMessage | None:
        """A message that points, with what is asked for and left out by what it wants; None where
        nothing is cheaper, as no price is known."""
        assert kept.points is not None
        chosen = kept.points.asins
        if pointed.wants is Wants.LOOK:
            return kept
        if pointed.wants is Wants.OTHERS:
            refused = (*kept.refused, *chosen)[-_MOST_LEFT_OUT:]
            since = [each for each in earlier[kept.began :] if each.lists]
            seen = () if chosen else [asin for each in since for asin in self._listed(each)]
            left_out = tuple(dict.fromkeys([*refused, *seen]))[-_MOST_LEFT_OUT:]
            return replace(kept, left_out=left_out, refused=refused)
        rows = [row for asin in chosen if (row := self._shop.catalogue.row_of(asin)) is not None]
        products = [self._shop.catalogue[row] for row in rows]
        if pointed.wants is Wants.CHEAPER and not any(each.priced for each in products):
            return None
        if pointed.wants is Wants.CHEAPER:
            left_out = (*kept.refused, *chosen)[-_MOST_LEFT_OUT:]
            return replace(kept, understood=cheaper(kept.understood, products), left_out=left_out)
        pieces = [*kept.understood.pieces, *kept.points.asked]
        wished = like(with_pieces(kept.understood, pieces), products)
        if wished.order is Order.CHEAPEST:
            without = [piece for piece in wished.pieces if piece.part is not Part.ORDER]
            wished = cheaper(with_pieces(wished, without), products)
        return replace(kept, understood=wished, left_out=(*kept.refused, *chosen)[-_MOST_LEFT_OUT:])

    def _candidates(self, understood: ParsedRequest) -> Candidates:
        """What a question may be about: what fits."""
        fitting = self._recommender.scored_rows(None, understood, only_fitting=True)
        return Candidates(self._shop, fitting)

    def _found(self, understood: ParsedRequest) -> Candidates:
        return Candidates(self._shop, self._recommender.scored_rows(None, understood))


def _remarked(
    earlier: Sequence[KeptMessage], message: str, understood: ParsedRequest
) -> KeptMessage | None:
    """A message that asks for no product; None for one that may, or names one beside."""
    found = remark_in(message)
    if found is None:
        return None
    beside = [p for p in understood.of(Part.KIND) if not found.start <= p.start < found.end]
    if any(piece.hard for piece in beside):
        return None
    kept = KeptMessage(
        heard=message,
        understood=earlier[-1].understood if earlier else with_pieces(understood, ()),
        began=earlier[-1].began if earlier else 0,
        back=len(earlier) - 1,
        remark=found.remark,
    )
    return replace(kept, refused=earlier[-1].refused) if earlier else kept


def _record_of(act: Act, shop: Shop) -> dict[str, Any]:
    return {
        "kind": str(act.kind),
        "group": act.group,
        "choices": list(act.choices),
        "items": [
            {"asin": shop.catalogue.asin_of(item.row), "options": dict(item.options)}
            for item in act.items
        ],
    }


def act_of(record: Mapping[str, Any], shop: Shop) -> Act:
    """Return the act of a record; items that the shop has no more are left out."""
    rows = [(shop.catalogue.row_of(item["asin"]), item["options"]) for item in record["items"]]
    return Act(
        Kind(record["kind"]),
        record["group"],
        tuple(record["choices"]),
        tuple(Item(row, options) for row, options in rows if row is not None),
    )
