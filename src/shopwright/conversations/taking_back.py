"""What messages take back, and what they say that is no wish.

Regular expressions for English, written for messages that strangers typed: what they do not know
counts as a wish, as before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from shopwright.catalogue.attributes.words import FUNCTION_WORDS
from shopwright.understanding.request import ParsedRequest, Part, Piece
from shopwright.understanding.words import stems_in

_FINE = r"(?:is|are|['’]s|would be)? ?(?:fine|ok(?:ay)?|alright|good|great)"
_MATTERS_NOT = r"(?:does(?: not|n['’]t|nt)|do(?: not|n['’]t|nt)) matter"
_PRICE = r"(?:price|budget|cost|money|limit|price limit)"
# Not after "don't"; "drop" and "remove" alone may begin the name of a thing: "drop earrings".
_FORGET = (
    r"(?<!n['’]t )(?<!not )(?<!dont )\b"
    r"(?:(?:forget|never ?mind)(?: about)? (?:the |my )?|(?:drop|ignore|remove) (?:the |my ))"
)
_NOT_NEEDED = r"(?:is|are)(?: not|n['’]t|nt) (?:necessary|important|needed|required)"
_NO_LIMIT = re.compile(
    rf"\bno (?:(?:price|upper|lower) )?(?:limit|minimum|maximum)\b|\b{_PRICE} {_MATTERS_NOT}\b|"
    rf"{_FORGET}{_PRICE}\b|\b{_PRICE} is no (?:object|issue)\b|\bany price\b|"
    rf"\bmore expensive {_FINE}\b|\b(?:may|can) cost more\b|\b{_PRICE} {_NOT_NEEDED}\b",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    rf"{_FORGET}(?P<first>[\w -]{{2,40}})|\b(?:the )?(?P<second>[\w-]{{2,40}}) {_MATTERS_NOT}\b|"
    rf"^\W*any (?P<third>[\w-]{{2,40}})(?: (?:really|at all|works|will do|{_FINE}))?\W*$|"
    rf"\b(?P<fourth>[\w-]{{2,40}}) (?:{_NOT_NEEDED}|can be anything)\b|"
    r"\b(?:does|do)(?: not|n['’]t|nt) (?:have|need) to be (?P<fifth>[\w -]{2,40})|"
    r"\bno (?P<sixth>[\w-]{2,40}) preference\b|"
    r"\b(?:no preference (?:on|for|about|regarding)|do(?: not|n['’]?t|nt) care about) (?:the )?"
    rf"(?P<seventh>[\w -]{{2,40}})|\b(?:{_MATTERS_NOT}|do(?: not|n['’]?t) (?:care|mind)) "
    r"(?:how|what|which|about)(?: the)? (?P<eighth>[\w-]{2,40})",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"^(?!.*\b(?:not|no|never|(?:are|is|wo|do|does)nt)\b)\W*(?P<what>[\w -]{2,40}?) "
    rf"{_FINE}(?: too| after all)?\W*$",
    re.IGNORECASE,
)
_ANEW = re.compile(
    r"\b(?:start|begin)(?:ing)? (?:over|again|anew|from scratch)\b|\bnew search\b|"
    r"\b(?:forget|clear) (?:everything|all)\b|^\W*reset\W*$",
    re.IGNORECASE,
)
# What was said last counts no more.
_UNDO = re.compile(
    r"\W*(?:(?:ok(?:ay)?|no|sorry|please|wait|actually)\W+)*(?:(?:go|take me|step) back|back|"
    r"undo(?: (?:that|it|this|the last(?: one| message| step)?))?|take (?:that|it) back|"
    r"scratch that|forget (?:that|it|what i (?:just )?said)(?: last one)?|"
    r"(?:show me )?the previous (?:ones?|list|results?|items?)(?: again)?)(?:\W+please)?\W*",
    re.IGNORECASE,
)
_NO_WISH = re.compile(
    r"\W*(?:(?:ok(?:ay)?|great|fine|cool|nice|yes|no|thanks?(?: you)?(?: a lot| very much)?|thx|"
    r"(?:good ?)?bye|cancel|stop|hi|hello|hey|please|sorry|and|which (?:one )?is (?:the )?best|"
    r"(?:that|this)(?: one)? (?:is|looks) (?:good|nice|great|perfect))\b\W*)+",
    re.IGNORECASE,
)
_MEASURED = "size long big large wide tall high heavy deep length width height weight measure"
# What is said of wishes in a conversation, and is none.
_TALK = frozenset(
    stem
    for word in (
        "mind forget fine one ones thought second undo ignore nope expensive scratch same "
        "preference whichever wait thing stuff budget nevermind minimum maximum limit "
        "important necessary need matter instead rather really maybe enough contain "
        "difference compare available look cost detail come tell "
        "start begin last joke today human actual brand code model version"
    ).split()
    for stem in stems_in(word)
)
# Shops have kinds that are called so, but nobody asks for them.
_NO_KINDS = frozenset(stems_in("brand code model version"))
_TALKED = (Part.KIND, Part.FEATURE, Part.OPTION, Part.EXCLUSION, Part.ORDER)
# How people begin when they correct themselves; "no" alone only before a comma.
_LEAD_IN = re.compile(
    r"(?:\W*(?:sorry|oh|(?:no )?wait|hm+|actually|well|on second thought|ok(?:ay)?|"
    r"(?:(?:i|no)\W+)?(?:(?:have |['’]ve )?changed my mind|meant?|said)|"
    r"(?:that['’]?s |this is )?not what i (?:asked|wanted|meant|said)(?: for)?|"
    r"(?:no )?the other way (?:a)?round|(?P<strong>scratch that|never ?mind(?: that)?|"
    r"forget (?:it|that)(?! last)|(?:let['’]?s )?(?:start|begin|go) with)|"
    r"no(?= ?[,.;!]| not\b))\b[\s,.:;!]*)+",
    re.IGNORECASE,
)
_ONLY_OK = re.compile(r"\W*(?:(?:ok(?:ay)?|well|hm+|oh)\b\W*)+", re.IGNORECASE)
_RATHER = re.compile(r"\brather (\w+(?: \w+)?) than\b", re.IGNORECASE)
_VALUE = r"(?:\d+(?:\.\d+)?|x*[sml]|small|medium|large)"
# "Not 11, 10.5": to rule out one value where another one is wanted says nothing more.
_NOT_BUT = re.compile(
    rf"^\W*not (?:a |the |in )?{_VALUE}\W+(?:(?:but|rather|make it|i need|i want)\W+)*"
    rf"(?=(?:a |the |in |size )?{_VALUE}\b)",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"\b(?:instead|actually|i mean|i meant)\W*$|\b(?:change|switch|make) (?:it|that) (?:to|a)\b",
    re.IGNORECASE,
)
_SHORT = 60  # Messages that say no more than that are; in longer ones the search could take long.
# Before the name of a kind: what follows is no kind that is looked for.
_ABOUT_SOMETHING_ELSE = re.compile(
    r"(?<!looking )(?<!look )(?<!searching )(?<!search )(?<!need )(?<!ask )(?<!want )"
    r"\b(?:for|with|to|of|on|in|under|from|at|into|likes?|loves?|has|had|enjoys?|plays?|owns?)\b"
    r"(?:[^\w,;.!?]+\w+){0,2}[^\w,;.!?]*$",
    re.IGNORECASE,
)


def is_no_wish(message: str) -> bool:
    """Return whether a message only greets, thanks or praises."""
    return len(message) <= _SHORT and _NO_WISH.fullmatch(message) is not None


def without_lead_in(message: str) -> str:
    """Return a message without the words with which people begin to correct themselves; as it is
    where it is nothing else. "Rather this than that" is "this rather than that"."""
    found = _LEAD_IN.match(message[:_SHORT])
    rest = (message[found.end() :] if found else message).strip() or message
    rest = _RATHER.sub(r"\1 rather than", rest, count=1)
    return _NOT_BUT.sub("", rest)


class Correction(Enum):
    """Whether a message says that it corrects what was said before, and whether it begins with
    giving up what was looked for: "never mind"."""

    NONE = 0
    CORRECTS = 1
    GIVES_UP = 2


def correction_in(message: str) -> Correction:
    """Return how a message corrects what was said before."""
    lead = _LEAD_IN.match(message[:_SHORT])
    if lead is not None and lead["strong"] is not None:
        return Correction.GIVES_UP
    is_lead = lead is not None and not _ONLY_OK.fullmatch(lead[0])
    does = is_lead or _INSTEAD.search(message) is not None
    return Correction.CORRECTS if does else Correction.NONE


def begins_anew(message: str) -> bool:
    """Return whether a message takes back everything."""
    return _ANEW.search(message) is not None


def is_undoing(message: str) -> bool:
    """Return whether a message takes back what was said last, whatever that was."""
    return len(message) <= _SHORT and _UNDO.fullmatch(message) is not None


class TakenBack(NamedTuple):
    """What a message takes back.

    Attributes:
        left: the wishes that are left.
        start, end: where the message says so.
    """

    left: list[Piece]
    start: int
    end: int


def taken_back(before: ParsedRequest, message: str) -> TakenBack | None:
    """Return what a message takes back of wishes; None for one that takes nothing back."""
    pieces = before.pieces
    if found := _NO_LIMIT.search(message):
        return TakenBack([each for each in pieces if each.part is not Part.PRICE], *found.span())
    if found := _DROPPED.search(message):
        what = next(filter(None, found.groups()))
        left = _without(pieces, what)
        if "brand" in stems_in(what):
            left = [piece for piece in left if not _is_like_a_brand(piece, before.text)]
        return TakenBack(left, *found.span())
    if found := _CONSENT.search(message):
        lifted = _without([p for p in pieces if p.part is Part.EXCLUSION], found["what"])
        left = [p for p in pieces if p.part is not Part.EXCLUSION or p in lifted]
        return TakenBack(left, *found.span()) if len(left) < len(pieces) else None
    return None


def consents(message: str) -> bool:
    """Return whether a message says that something would be fine, too."""
    return _CONSENT.search(message) is not None


def is_talk(piece: Piece) -> bool:
    """Return whether a piece of a message that goes on is no wish but a way to talk."""
    words = [word for word in stems_in(piece.value or piece.text) if word not in FUNCTION_WORDS]
    is_sure = piece.hard and piece.part is not Part.EXCLUSION
    talk = _NO_KINDS if is_sure else _TALK
    return piece.part in _TALKED and talk.issuperset(words)


def _without(pieces: Sequence[Piece], text: str) -> list[Piece]:
    words = {"color" if word == "colour" else word for word in stems_in(text)}
    return [piece for piece in pieces if words.isdisjoint(_names(piece))]


def _is_like_a_brand(piece: Piece, text: str) -> bool:
    """Whether a wish is written as a brand is: "by Nike"."""
    before, own = text[: max(piece.start, 0)], piece.text
    if piece.hard or piece.start < 0 or not text[piece.start :].startswith(own):
        return False
    is_name = own[:1].isupper() and text != text.upper() and bool(before.strip())
    return is_name or re.search(r"\b(?:by|from)\s*$", before, re.IGNORECASE) is not None


def _names(piece: Piece) -> set[str]:
    """The stems by which a wish is taken back; a kind is what a conversation is about."""
    if piece.part is Part.KIND:
        return set()
    called = {Part.BRAND: "brand", Part.MEASURE: _MEASURED}.get(piece.part, "")
    return {*stems_in(f"{called} {piece.group} {piece.value}")}


def contradicts(one: Piece, other: Piece) -> bool:
    """Return whether one piece rules out what the other one wants."""
    if (one.part is Part.EXCLUSION) is (other.part is Part.EXCLUSION):
        return False
    ruled_out, wanted = (one, other) if one.part is Part.EXCLUSION else (other, one)
    words = {*stems_in(ruled_out.value)}
    return bool(words) and words <= {*stems_in(wanted.value or wanted.text)}


def is_beside_the_kind(piece: Piece, message: str) -> bool:
    """Return whether the name of a kind in a message says what a thing is for, or what somebody
    likes, and so not what is looked for."""
    start = piece.start
    return start > 0 and _ABOUT_SOMETHING_ELSE.search(message[:start]) is not None
