"""Which thing a message means: what is looked for, and what only says how that is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from shopwright.catalogue.attributes.words import FUNCTION_WORDS
from shopwright.conversations.messages.matters import COUNTS
from shopwright.conversations.messages.talk import is_talk
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.quantities import quantities_in
from shopwright.understanding.request import ParsedRequest, Part, Piece
from shopwright.understanding.word_classes import ASKING, COMPARATIVES, is_adjective
from shopwright.understanding.words import Word, stem_of, stems_in, words_in

_ARTICLE = re.compile(r"(?<!\w)(?:an?|some|the)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
# Before the name of a kind: what follows is no kind that is looked for.
_ABOUT_SOMETHING_ELSE = re.compile(
    r"(?<!looking )(?<!look )(?<!searching )(?<!search )(?<!need )(?<!ask )(?<!want )"
    r"\b(?:for|with|to|of|on|in|under|from|at|into|likes?|loves?|has|had|enjoys?|plays?|owns?)\b"
    r"(?:[^\w,;.!?]+\w+){0,2}[^\w,;.!?]*$",
    re.IGNORECASE,
)
_A = re.compile(
    r"(?<!\w)(?:an?|some)\s+(?:(?:new|good|nice|cheap|decent|pretty|cute)\s+)?$", re.IGNORECASE
)
_LEADS = re.compile(
    r"\W*(?:(?:i|we|you|do|does|have|sell|got|need|want|meant?|like|would|just|some|any|my|new|then|now|"
    r"show|find|get|give|me|what|how|about|looking|for|maybe|please|also|instead|rather|to|see|only)"
    r"\W+)*",
    re.IGNORECASE,
)
_MOST_UNREAD = 2
_WITH = re.compile(r"\bwith (?:an? |the |some )?([\w-]+(?: [\w-]+)?)", re.IGNORECASE)
_FEW_DIGITS = re.compile(r"\d{1,3}")
_OR = re.compile(r"\bor\b", re.IGNORECASE)


def is_beside_the_kind(piece: Piece, message: str) -> bool:
    """Return whether the name of a kind in a message says what a thing is for, or what somebody
    likes, and so not what is looked for."""
    start = piece.start
    if start > 0 and message[:start].split()[-1].lower() in COMPARATIVES:
        return True  # "A bigger bag" of what is looked for.
    return start > 0 and _ABOUT_SOMETHING_ELSE.search(message[:start]) is not None


def without_relation(before: ParsedRequest, relation: str) -> list[Piece]:
    """Wishes without those before which the first message has a word like "for": "no, for dogs"."""
    led = re.compile(rf"\b{relation}\s+(?:(?:an?|the|my)\s+)?$", re.IGNORECASE)
    return [
        piece
        for piece in before.pieces
        if piece.hard or piece.start < 0 or not led.search(before.text[: piece.start])
    ]


def without_name(before: ParsedRequest, later: Sequence[Piece]) -> list[Piece]:
    """Wishes without a name of several words of which a correction repeats one: after "iphone 13
    pro", "iphone 12"."""
    said = {stem for piece in later for stem in stems_in(piece.text)}
    pieces = [*before.pieces]
    first = next((p for p in pieces if not p.hard and said & {*stems_in(p.text)}), None)
    dropped: list[Piece] = []
    if any(_FEW_DIGITS.fullmatch(piece.text) for piece in later):
        dropped = [p for p in pieces if not p.hard and _FEW_DIGITS.fullmatch(p.text)]
    if first is None or first.start < 0:
        return [piece for piece in pieces if piece not in dropped]
    dropped.append(first)
    end = first.start + len(first.text)
    for piece in pieces:
        if not piece.hard and end <= piece.start <= end + 1:
            dropped.append(piece)
            end = piece.start + len(piece.text)
    return [piece for piece in pieces if piece not in dropped]


def is_a_thing(piece: Piece, message: str) -> bool:
    """Return whether the name of a kind that this shop may not have is that of a thing: it is
    plural, nothing else before it, or has an article."""
    leads = _LEADS.fullmatch(message[: max(piece.start, 0)]) is not None
    return (_is_plural(piece) and leads) or has_article(piece, message)


def _is_plural(piece: Piece) -> bool:
    last = piece.text.split()[-1].lower()
    return stem_of(last) != last and last.endswith("s")


def has_article(piece: Piece, message: str) -> bool:
    """Return whether a piece has an article, perhaps with a word or two between, but no number."""
    found = _ARTICLE.search(message[: max(piece.start, 0)])
    return found is not None and not re.search(r"\d", found[0])


def is_an_adjective(piece: Piece) -> bool:
    """Return whether what was read as a kind is a word that says how something is: "waterproof"."""
    word = piece.value.lower()
    return not piece.hard and " " not in word and is_adjective(word)


def with_the_unread(said: ParsedRequest, *, is_first: bool = False) -> ParsedRequest:
    """A message with what was not read in it as features: what a thing is to be "with"; and of a
    later message that is short, or each of its alternatives, all, like "manual"."""
    pieces = [*said.pieces]
    ends = [*(found.start() for found in _OR.finditer(said.text)), len(said.text)]
    parts = list(zip([0, *ends[:-1]], ends, strict=True))
    words = words_in(said.text)
    unread = [_unread(said, words, start, end, _MOST_UNREAD) for start, end in parts]
    # Where no alternative was read, none is meant.
    if not is_first and (not said.pieces or None in unread):
        pieces += filter(None, unread)
    for found in _WITH.finditer(said.text):
        if (piece := _unread(said, words, *found.span(1), 2)) is not None and piece not in pieces:
            pieces.append(piece)
    pieces += _unread_sizes(said)
    if len(pieces) == len(said.pieces):
        return said
    return with_pieces(said, sorted(pieces, key=lambda piece: piece.start))


def _unread_sizes(said: ParsedRequest) -> list[Piece]:
    """Sizes that were not read: "like 10ft"."""
    return [
        Piece(
            part=Part.MEASURE,
            text=said.text[size.start : size.end],
            value=size.unit,
            lowest=size.value,
            highest=None if size.or_more else size.value,
            start=size.start,
        )
        for size in quantities_in(said.text.lower())
        if size.unit not in COUNTS
        if not any(p.start < size.end and size.start < p.start + len(p.text) for p in said.pieces)
    ]


def _unread(
    said: ParsedRequest, words: Sequence[Word], start: int, end: int, most_words: int
) -> Piece | None:
    """What stands in a part of a message in which nothing was read, as a feature; None if that is
    nothing, too long or talk."""
    if any(each.start < end and start < each.start + len(each.text) for each in said.pieces):
        return None
    told = [
        word
        for word in words
        if start <= word.start < end
        and word.text not in FUNCTION_WORDS | ASKING
        and not word.text.isdigit()
    ]
    if not 0 < len(told) <= most_words:
        return None
    text = said.text[told[0].start : told[-1].end]
    piece = Piece(part=Part.FEATURE, text=text, value=text, start=told[0].start)
    return None if is_talk(piece) else piece


def with_a_kind(pieces: Sequence[Piece], message: str, *, is_first: bool = False) -> list[Piece]:
    """Wishes of which none is a kind, with the last feature that has an article as one: "something
    to wear, a dress"; in a first message without any the first that is plural or begins it."""
    if any(piece.part is Part.KIND for piece in pieces):
        return [*pieces]
    features = [piece for piece in pieces if piece.part is Part.FEATURE]
    things = [p for p in features if _A.search(message[: max(0, p.start)])]
    if is_first and not things:
        free = [p for p in features if not is_beside_the_kind(p, message)]
        things = [p for p in free if p.start == 0 or _is_plural(p)][:1]
    return [replace(p, part=Part.KIND) if p in things[-1:] else p for p in pieces]


def with_the_last_as_kind(said: ParsedRequest) -> ParsedRequest:
    """A message that names no kind, with its last feature as one: "I need pumps"."""
    features = said.of(Part.FEATURE)
    if said.of(Part.KIND) or not features:
        return said
    kind = replace(features[-1], part=Part.KIND)
    return with_pieces(said, [kind if p is features[-1] else p for p in said.pieces])
