"""What a conversation asks for after each later message, as one parsed request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from shopwright.catalogue.money import format_price
from shopwright.conversations.acts import Act
from shopwright.conversations.answers import Answer
from shopwright.conversations.candidates import Candidates
from shopwright.conversations.messages.matters import (
    FEW_WORDS,
    as_brand,
    as_feature,
    as_options,
    budget_in,
    in_place_of_others,
    is_a_material,
    number_instead,
    quantity_alone,
    says_how,
)
from shopwright.conversations.messages.people import (
    for_the_same_person,
    is_known_person,
    of_one_person,
)
from shopwright.conversations.messages.taking_back import consents, contradicts, taken_back
from shopwright.conversations.messages.talk import Correction, begins_anew, is_no_wish, is_talk
from shopwright.conversations.messages.things import (
    has_article,
    is_a_thing,
    is_beside_the_kind,
    with_a_kind,
    with_the_last_as_kind,
    with_the_unread,
    without_name,
    without_relation,
)
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import (
    MOST_PIECES,
    Order,
    ParsedRequest,
    Part,
    Piece,
)
from shopwright.understanding.words import stems_in, words_in

# What people add to an answer.
_BESIDE = (Part.EXCLUSION, Part.BRAND, Part.AUDIENCE, Part.MEASURE, Part.ORDER)
_LOOKS_FOR = re.compile(
    r"\W*(?:(?:ok(?:ay)?|and|now|I'm|i am|also|just|maybe|then|rather)\W+)*(?:(?:show|find|get) me|"
    r"look(?:ing)? for|search(?:ing)? for|(?:do you (?:have|sell)|(?:you |have you )?got)(?: any)?|"
    r"(?:i |we )?(?:also |still )?need(?= an?\b)|any|(?:what|how) about|"
    r"(?:let's )?(?:start|begin|go) with|just(?= the\b)|then(?= an?\b))\W+",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:or|and)\b", re.IGNORECASE)
_WANTS = re.compile(r"\b(?:need|want|like|show|find|get|looking for)\b", re.IGNORECASE)
_IS_FRUGAL = re.compile(
    r"\b(?:budget is (?:tight|low|small|limited)|on a (?:tight |small )?budget|not much money|"
    r"(?:can't|don't want to) spend (?:too )?much)\b",
    re.IGNORECASE,
)
_CHEAPEST = Piece(part=Part.ORDER, text="cheaper", value=Order.CHEAPEST)
_WHAT_ABOUT = re.compile(r"\W*(?:and |ok |or )?(?:what|how) about\b", re.IGNORECASE)
_RELATION = re.compile(r"\W*(for|from|by|with)\b", re.IGNORECASE)
_WOULD_DO_TOO = re.compile(
    r"\b(?:works?|fine|ok(?:ay)?|good|great|alright|do|possible) (?:too|also|as well)\W*$", re.I
)
_ALTERNATIVE = re.compile(r"\W*or\b", re.IGNORECASE)


def and_then(
    before: ParsedRequest,
    said: ParsedRequest,
    answer: Answer,
    question: Act | None,
    candidates: Candidates,
    *,
    how: Correction = Correction.NONE,
) -> ParsedRequest:
    """Return what is asked for after one more message.

    An answer to a question counts as that, with what is added to it; other messages count as what
    they are parsed to, and one that looks for another kind of thing begins anew. What was said last
    counts: a message may take back earlier wishes, rule out what was wanted, or want something else
    in the same matter.

    Args:
        before: what was asked for until then.
        said: the message by itself, parsed.
        answer: what it says as an answer.
        question: what was asked; None for nothing.
        candidates: what was found until then.
        how: whether the message says that it corrects what was said.
    """
    message, currency = said.text, candidates.shop.catalogue.currency
    if begins_anew(message):
        is_named = any(piece.hard for piece in said.of(Part.KIND))
        return said if is_named else replace(said, pieces=(), search_text="")
    names_another = any(p.hard and has_article(p, message) for p in said.of(Part.KIND))
    is_answer = question is not None and answer.tells
    is_answer = is_answer and not (names_another or _SEVERAL.search(message))
    budget = None if is_answer else budget_in(before, message, currency)
    if budget is not None:
        return with_pieces(before, _joined(before.pieces, [budget]))
    if taken := taken_back(before, message, candidates.may_be_brands, candidates.names):
        before = with_pieces(before, taken.left)
        left = [piece for piece in said.pieces if not taken.holds(piece) and not is_talk(piece)]
        if not left:
            return before
        how = Correction.GIVES_UP if taken.gives_up else Correction.CORRECTS
        return _further(before, replace(said, pieces=tuple(left)), candidates, how)
    if is_answer or answer.indifferent or answer.unsure:
        further = [
            as_feature(piece) if piece.part is Part.KIND else piece
            for piece in said.pieces
            if _is_beside(piece, answer)
        ]
        return with_pieces(before, _joined(before.pieces, [*_pieces(answer, currency), *further]))
    if (changed := number_instead(before, message)) is not None:
        return with_pieces(before, changed)
    if is_no_wish(message):
        return before
    if (answer.too_dear or _IS_FRUGAL.search(message)) and not said.of(Part.PRICE):
        return with_pieces(before, _joined(before.pieces, [_CHEAPEST]))
    if (size := quantity_alone(message)) is not None:
        return with_pieces(before, _joined(before.pieces, [size]))
    return _further(before, said, candidates, how)


def _further(
    before: ParsedRequest, said: ParsedRequest, candidates: Candidates, how: Correction
) -> ParsedRequest:
    """What is asked for after a message that is no answer."""
    message = said.text
    said = with_the_unread(said)
    if how is Correction.GIVES_UP and _WANTS.search(message):
        said = with_the_last_as_kind(said)
    thing = _thing_of(before, said, candidates, how)
    if thing.is_another:
        return _still_ruled_out(before, for_the_same_person(before, said))
    before = with_pieces(before, thing.earlier)
    later = _wishes_of(before, said, thing, candidates)
    if how is not Correction.NONE:
        before = _corrected(before, message, later)
    if _ALTERNATIVE.match(message) or _WOULD_DO_TOO.search(message):
        return _with_alternatives(before, later, candidates)
    return with_pieces(before, _joined(before.pieces, later))


class _Thing(NamedTuple):
    """What a message says of the thing that is looked for.

    Attributes:
        is_another: whether it names another one.
        earlier: the earlier wishes, of several things that were looked for those for the one that
            it names.
        beside: the kinds that it names which only say how the thing is, what it is for or the like.
        described: of these, one that says how it is together with the rest of the message.
    """

    is_another: bool
    earlier: list[Piece]
    beside: list[Piece]
    described: list[Piece]


def _thing_of(
    before: ParsedRequest, said: ParsedRequest, candidates: Candidates, how: Correction
) -> _Thing:
    message = said.text
    kinds = {piece.value for piece in before.of(Part.KIND)}
    looks = how is not Correction.NONE or _LOOKS_FOR.match(message) is not None
    named = [
        piece
        for piece in said.of(Part.KIND)
        if not is_talk(piece)
        and not _is_brand(piece, candidates)
        and (piece.hard or how is Correction.GIVES_UP or (looks and is_a_thing(piece, message)))
    ]
    agrees = bool(kinds) and consents(message)
    beside = [p for p in said.of(Part.KIND) if is_beside_the_kind(p, message)]
    beside += [p for p in named if agrees and not _WOULD_DO_TOO.search(message)]
    stems = {stems_in(piece.value)[-1] for piece in before.of(Part.KIND) if piece.value}
    described = [
        piece
        for piece in named
        if kinds and not looks and not has_article(piece, message)
        if says_how(piece, message, candidates, stems)
    ]
    beside += described
    looked_for = {piece.value for piece in named if piece not in beside}
    is_another = bool(looked_for and kinds and not looked_for & kinds)
    is_another = is_another and not _WOULD_DO_TOO.search(message)
    earlier = [*before.pieces]
    if looks and looked_for and looked_for < kinds:  # One of several things at a time.
        earlier = [p for p in earlier if p.part is not Part.KIND or p.value in looked_for]
    return _Thing(is_another, earlier, beside, described)


def _wishes_of(
    before: ParsedRequest, said: ParsedRequest, thing: _Thing, candidates: Candidates
) -> list[Piece]:
    """What a message wishes of the thing that is looked for."""
    message = said.text
    if thing.described and len(words_in(message)) <= FEW_WORDS:
        (first, *_) = thing.described
        return [replace(first, part=Part.FEATURE, text=message, value=message, hard=False)]
    wishes = [
        as_feature(piece) if piece in thing.beside else _whole(piece, message)
        for piece in said.pieces
        if not is_talk(piece) and not is_known_person(piece, before)
    ]
    later = as_options(wishes, candidates)
    if not before.of(Part.KIND):
        return with_a_kind(later, message)
    # What is looked for is known; a word that may name a thing says how that is.
    return [as_feature(p) if p.part is Part.KIND and not p.hard else p for p in later]


def _corrected(before: ParsedRequest, message: str, later: Sequence[Piece]) -> ParsedRequest:
    """What was asked for without what a correction says otherwise."""
    if any(map(is_a_material, later)):
        kept = [piece for piece in before.pieces if not is_a_material(piece)]
        before = with_pieces(before, kept)
    if relation := _RELATION.match(message):
        before = with_pieces(before, without_relation(before, relation[1]))
    return with_pieces(before, without_name(before, later))


def _with_alternatives(
    before: ParsedRequest, later: Sequence[Piece], candidates: Candidates
) -> ParsedRequest:
    """What was asked for, and what would do as well."""
    kept = [p for p in before.pieces if not any(contradicts(p, each) for each in later)]
    values = {(piece.part, piece.value) for piece in kept}
    new = [piece for piece in later if (piece.part, piece.value) not in values]
    if any(_is_brand(piece, candidates) for piece in new):  # Of brands one is enough.
        kept, new = (
            [as_brand(p) if _is_brand(p, candidates) else p for p in each] for each in (kept, new)
        )
    return with_pieces(before, [*kept, *new][:MOST_PIECES])


def _is_brand(piece: Piece, candidates: Candidates) -> bool:
    is_open = piece.part in (Part.FEATURE, Part.KIND, Part.OPTION) and not piece.hard
    stems = {*stems_in(piece.value)}
    return is_open and bool(stems) and stems <= candidates.brands


def _still_ruled_out(before: ParsedRequest, said: ParsedRequest) -> ParsedRequest:
    """What is looked for anew, without what somebody is allergic to; of "what about crackers?"
    without anything that was ruled out."""
    kept = [
        piece
        for piece in before.of(Part.EXCLUSION)
        if _WHAT_ABOUT.match(said.text) or "allerg" in piece.text.lower()
        if not any(contradicts(piece, each) for each in said.pieces)
    ]
    return with_pieces(said, [*said.pieces, *kept]) if kept else said


def _whole(piece: Piece, message: str) -> Piece:
    """A price that is all that a message says is a limit."""
    is_all = piece.part is Part.PRICE and piece.lowest is None and piece.text == message.strip()
    return replace(piece, hard=True) if is_all else piece


def _is_beside(piece: Piece, answer: Answer) -> bool:
    """Whether a piece of an answer's own parse says something else than the answer."""
    is_soft = piece.part in (Part.FEATURE, Part.OPTION) or (
        piece.part is Part.KIND and not piece.hard
    )
    if is_soft and not is_talk(piece):
        said = {stem for _, value in answer.options for stem in stems_in(value)}
        said |= {stem for name in answer.attributes for stem in stems_in(name)}
        return said.isdisjoint(stems_in(f"{piece.text} {piece.value}"))
    return piece.part in _BESIDE or (piece.part is Part.PRICE and answer.limit is None)


def _pieces(answer: Answer, currency: str) -> list[Piece]:
    """What an answer asks for."""
    pieces = [
        Piece(part=Part.OPTION, text=value, value=value, group=group)
        for group, value in answer.options
    ]
    pieces += [Piece(part=Part.FEATURE, text=name, value=name) for name in answer.attributes]
    if answer.limit is not None:
        text = f"up to {format_price(answer.limit, currency)}"
        pieces.append(Piece(part=Part.PRICE, text=text, highest=answer.limit, hard=True))
    return pieces


def _joined(earlier: Sequence[Piece], later: Sequence[Piece]) -> list[Piece]:
    """Earlier pieces but those that later ones take the place of, then the later ones."""
    later = [of_one_person(piece, earlier) for piece in later]
    ranges = (Part.PRICE, Part.MEASURE)  # Which have no value of their own.
    values = {(piece.part, piece.value) for piece in later if piece.part not in ranges}
    kept = [
        piece
        for piece in earlier
        if (piece.part, piece.value) not in values
        and not in_place_of_others(later, piece)
        and not any(contradicts(piece, each) for each in later)
    ]
    return [*kept, *later][:MOST_PIECES]
