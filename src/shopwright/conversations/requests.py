"""What a conversation asks for, as one parsed request: the first message, and every later one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from shopwright.catalogue.money import format_price
from shopwright.conversations.acts import Act
from shopwright.conversations.answers import Answer
from shopwright.conversations.candidates import Candidates
from shopwright.conversations.matters import (
    as_feature,
    as_options,
    in_place_of_others,
    number_instead,
    quantity_alone,
    says_how,
)
from shopwright.conversations.taking_back import (
    Correction,
    begins_anew,
    consents,
    contradicts,
    is_beside_the_kind,
    is_no_wish,
    is_talk,
    taken_back,
)
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import (
    MOST_PIECES,
    PIECE_CHARACTERS,
    Order,
    ParsedRequest,
    Part,
    Piece,
)
from shopwright.understanding.words import stem_of, stems_in

# What people add to an answer.
_BESIDE = (Part.EXCLUSION, Part.BRAND, Part.AUDIENCE, Part.MEASURE, Part.ORDER)
_ARTICLE = re.compile(r"(?<!\w)(?:an?|some|any|the)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_LOOKS_FOR = re.compile(
    r"\W*(?:(?:ok(?:ay)?|and|now|i['’]m|i am|also)\W+)*(?:show me|find me|look(?:ing)? for|"
    r"search(?:ing)? for|do (?:you|u) (?:have|sell)|(?:what|how) about|"
    r"(?:let['’]?s )?(?:start|begin|go) with)\W+",
    re.IGNORECASE,
)
_OR = re.compile(r"\bor\b", re.IGNORECASE)
_CHEAPEST = Piece(part=Part.ORDER, text="cheaper", value=Order.CHEAPEST)
_RELATION = re.compile(r"\W*(for|from|by|with)\b", re.IGNORECASE)
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
    if taken := taken_back(before, message):
        outside = [p for p in said.pieces if not taken.start <= p.start < taken.end]
        further = [p for p in outside if p.start >= 0 and not is_talk(p)]
        return with_pieces(before, _joined(taken.left, further))
    is_answer = question is not None and answer.tells and not _OR.search(message)
    if is_answer or answer.indifferent or answer.unsure:
        further = [piece for piece in said.pieces if _is_beside(piece, answer)]
        return with_pieces(before, _joined(before.pieces, [*_pieces(answer, currency), *further]))
    if (changed := number_instead(before, message, currency)) is not None:
        return with_pieces(before, changed)
    if is_no_wish(message):
        return before
    if answer.too_dear and not said.of(Part.PRICE):
        return with_pieces(before, _joined(before.pieces, [_CHEAPEST]))
    if (size := quantity_alone(message)) is not None:
        return with_pieces(before, _joined(before.pieces, [size]))
    return _further(before, said, candidates, how)


def _further(
    before: ParsedRequest, said: ParsedRequest, candidates: Candidates, how: Correction
) -> ParsedRequest:
    """What is asked for after a message that is no answer."""
    message = said.text
    kinds = {piece.value for piece in before.of(Part.KIND)}
    corrects = how is not Correction.NONE
    looks = corrects or _LOOKS_FOR.match(message) is not None
    named = [
        piece
        for piece in said.of(Part.KIND)
        if not is_talk(piece)
        and (piece.hard or how is Correction.GIVES_UP or (looks and _is_a_thing(piece, message)))
    ]
    agrees = consents(message)
    beside = [p for p in named if kinds and (agrees or is_beside_the_kind(p, message))]
    described = [
        piece
        for piece in named
        if kinds and not looks and not _has_article(piece, message)
        if says_how(piece, message, candidates)
    ]
    beside += described
    looked_for = {piece.value for piece in named if piece not in beside}
    if looked_for and kinds and not looked_for & kinds:
        return said
    if looks and looked_for and looked_for < kinds:  # One of several kinds at a time.
        others = [p for p in before.pieces if p.part is not Part.KIND or p.value in looked_for]
        before = with_pieces(before, others)
    wishes = [
        as_feature(piece) if piece in beside else _whole(piece, message)
        for piece in said.pieces
        if not is_talk(piece)
    ]
    if described:
        wishes = [replace(described[0], part=Part.FEATURE, text=message, value=message, hard=False)]
    later = as_options(wishes, candidates)
    if kinds:  # What is looked for is known; a word that may name a thing says how that is.
        later = [as_feature(p) if p.part is Part.KIND and not p.hard else p for p in later]
    if corrects and (relation := _RELATION.match(message)):
        before = with_pieces(before, _without_relation(before, relation[1]))
    if corrects:
        before = with_pieces(before, _without_name(before, later))
    if _ALTERNATIVE.match(message):
        kept = [p for p in before.pieces if not any(contradicts(p, each) for each in later)]
        values = {(piece.part, piece.value) for piece in kept}
        new = [piece for piece in later if (piece.part, piece.value) not in values]
        return with_pieces(before, [*kept, *new][:MOST_PIECES])
    return with_pieces(before, _joined(before.pieces, later))


def _without_relation(before: ParsedRequest, relation: str) -> list[Piece]:
    """Wishes without those before which the first message has a word like "for": "no, for dogs"."""
    led = re.compile(rf"\b{relation}\s+(?:(?:an?|the|my)\s+)?$", re.IGNORECASE)
    return [
        piece
        for piece in before.pieces
        if piece.hard or piece.start < 0 or not led.search(before.text[: piece.start])
    ]


def _without_name(before: ParsedRequest, later: Sequence[Piece]) -> list[Piece]:
    """Wishes without a name of several words of which a correction repeats one: after "iphone 13
    pro", "iphone 12"."""
    said = {stem for piece in later for stem in stems_in(piece.text)}
    pieces = [*before.pieces]
    first = next((p for p in pieces if not p.hard and said & {*stems_in(p.text)}), None)
    if first is None or first.start < 0:
        return pieces
    dropped, end = [first], first.start + len(first.text)
    for piece in pieces:
        if not piece.hard and end <= piece.start <= end + 1:
            dropped.append(piece)
            end = piece.start + len(piece.text)
    return [piece for piece in pieces if piece not in dropped]


def _is_a_thing(piece: Piece, message: str) -> bool:
    """Whether the name of a kind that this shop may not have is that of a thing: it is plural or
    has an article."""
    words = piece.text.split()
    is_plural = stem_of(words[-1]) != words[-1].lower() and words[-1].lower().endswith("s")
    return is_plural or _has_article(piece, message)


def _has_article(piece: Piece, message: str) -> bool:
    return _ARTICLE.search(message[: max(piece.start, 0)]) is not None


def _whole(piece: Piece, message: str) -> Piece:
    """A price that is all that a message says is a limit."""
    is_all = piece.part is Part.PRICE and piece.lowest is None and piece.text == message.strip()
    return replace(piece, hard=True) if is_all else piece


def _is_beside(piece: Piece, answer: Answer) -> bool:
    """Whether a piece of an answer's own parse says something else than the answer."""
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
    later = [_of_one_person(piece, earlier) for piece in later]
    values = {(piece.part, piece.value) for piece in later if piece.part is not Part.PRICE}
    kept = [
        piece
        for piece in earlier
        if (piece.part, piece.value) not in values
        and not in_place_of_others(later, piece)
        and not any(contradicts(piece, each) for each in later)
    ]
    return [*kept, *later][:MOST_PIECES]


def _of_one_person(piece: Piece, earlier: Sequence[Piece]) -> Piece:
    """A piece that tells the age of somebody of whom more was said, or the other way round, with
    both: "my daughter", "5 years old"."""
    if piece.part is not Part.AUDIENCE:
        return piece
    for before in earlier:
        ages = [each for each in (before, piece) if each.lowest is not None]
        if before.part is not Part.AUDIENCE or len(ages) != 1:
            continue
        (aged,) = ages
        (other,) = (each for each in (before, piece) if each is not aged)
        text = f"{before.text}, {piece.text}"[:PIECE_CHARACTERS]
        return replace(aged, text=text, value=other.value or aged.value, start=-1)
    return piece
