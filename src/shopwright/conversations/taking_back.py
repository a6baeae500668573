"""What messages take back, and what they say that is no wish.

Regular expressions for English, written for messages that strangers typed: what they do not know
counts as a wish, as before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shopwright.understanding.request import Part, Piece
from shopwright.understanding.words import stems_in

_FINE = r"(?:is|are|['’]s|would be)? ?(?:fine|ok(?:ay)?|alright|good|great)"
_MATTERS_NOT = r"(?:does(?: not|n['’]t|nt)|do(?: not|n['’]t|nt)) matter"
_PRICE = r"(?:price|budget|cost|money|limit|price limit)"
_FORGET = r"\b(?:forget|drop|ignore|remove|never mind)(?: about)? (?:the |my )?"
_NO_LIMIT = re.compile(
    rf"\bno (?:(?:price|upper) )?limit\b|\b{_PRICE} {_MATTERS_NOT}\b|{_FORGET}{_PRICE}\b|"
    rf"\b{_PRICE} is no (?:object|issue)\b|\bany price\b|\bmore expensive {_FINE}\b|"
    r"\b(?:may|can) cost more\b",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    rf"{_FORGET}(?P<first>[\w -]{{2,40}})|\b(?:the )?(?P<second>[\w-]{{2,40}}) {_MATTERS_NOT}\b|"
    rf"^\W*any (?P<third>[\w-]{{2,40}})(?: {_FINE})?\W*$|"
    rf"^\W*(?P<fourth>[\w -]{{2,40}}?) {_FINE}(?: too)?\W*$",
    re.IGNORECASE,
)
_ANEW = re.compile(r"\b(?:start|begin)(?:ing)? (?:over|again|anew)\b|\bfrom scratch\b", re.I)
_ONE = (
    r"(?:the )?(?:first|second|third|fourth|fifth|last|other|next)"
    r"(?: (?:one|two|three|item|option))?"
)
_NO_WISH = re.compile(
    r"\W*(?:(?:ok(?:ay)?|great|fine|cool|nice|yes|no|thanks?(?: you)?(?: a lot| very much)?|thx|"
    r"(?:good ?)?bye|cancel|stop|hi|hello|hey|please|sorry|and|"
    r"(?:i(?:['’]ll| will)? (?:take|buy|want|like)|how much (?:is|are)|what about) "
    rf"{_ONE}|{_ONE}|(?:option|number|item) ?\d{{1,2}}|\d{{1,2}}|"
    r"which (?:one )?is (?:the )?best|not (?:that|this)(?: one)?|another(?: one)?|"
    r"(?:show me )?(?:some )?(?:more|others?)|(?:show me )?(?:something|anything) else)\b\W*)+",
    re.IGNORECASE,
)
# How people begin when they correct themselves; "no" alone only before a comma.
_LEAD_IN = re.compile(
    r"(?:\W*(?:sorry|oh|wait|hm+|actually|well|(?:i (?:have |['’]ve )?)?changed my mind|i meant?|"
    r"no(?= ?[,.;!]))\b[\s,.:;!]*)+",
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
    """Return whether a message only greets, thanks, points at a list or asks for more of it."""
    return len(message) <= _SHORT and _NO_WISH.fullmatch(message) is not None


def without_lead_in(message: str) -> str:
    """Return a message without the words with which people begin to correct themselves; as it is
    where it is nothing else."""
    found = _LEAD_IN.match(message[:_SHORT])
    return (message[found.end() :] if found else message).strip() or message


def begins_anew(message: str) -> bool:
    """Return whether a message takes back everything."""
    return _ANEW.search(message) is not None


def left_of(pieces: Sequence[Piece], message: str) -> list[Piece] | None:
    """Return what is left of wishes after a message that takes some back; None for a message that
    takes nothing back."""
    if _NO_LIMIT.search(message):
        return [piece for piece in pieces if piece.part is not Part.PRICE]
    dropped = _DROPPED.search(message)
    if dropped is None:
        return None
    words = {*stems_in(next(filter(None, dropped.groups())))}
    left = [piece for piece in pieces if words.isdisjoint(_names(piece))]
    return left if len(left) < len(pieces) else None


def _names(piece: Piece) -> set[str]:
    """The stems by which a wish is taken back; a kind is what a conversation is about."""
    if piece.part is Part.KIND:
        return set()
    return {*stems_in(f"{piece.group} {piece.value}")}


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
