"""What a request tells of somebody beside what it asks for: "we just moved into a small flat and
need somewhere to put our books"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from shopwright.understanding.request import Part, Piece
from shopwright.understanding.words import Word

_CLAUSE_END = re.compile(
    r"[.!?;\n]+(?:\s|$)|,\s+|(?<!\w)(?:and|or|but|so|because|since)(?!\w)|\s[-–—]\s", re.IGNORECASE
)
_TELLING = re.compile(
    r"\W*(?:(?:ok|okay|so|well|and|but|because|since|as|hi|hello|hey|there)\W+)*"
    r"(?:i|we|my|our|he|she|they|his|her|their|i['’](?:m|ve|d)|we['’](?:re|ve|d)|they['’]re)(?!\w)"
)
_WISHING = re.compile(
    r"(?<!\w)(?:needs?|needed|wants?|wanted|wish|look(?:ing|ed)?|search(?:ing)?|hunt(?:ing)?|after|"
    r"prefer|buy|buying|get|getting|find|finding|like|love|hop(?:e|ing)|try|trying|require|wear|"
    r"wears|takes?|uses?|recommend(?:s|ed)?|suggest(?:s|ed)?|says?|said|order|pick|replace)(?!\w)"
)
# "My router died, I need a new one" asks for what it tells of.
_REFERRING = re.compile(
    r"(?<!\w)(?:(?:an?|new|better|good|cheap|cheaper|different|similar|same|any|for|find|get|want|need)\s+"
    r"ones?|another(?:\s+one)?|replacements?|replace\s+(?:it|them|that)|something similar)"
    r"(?=\s*(?:$|[,.!?;)]|(?:that|with|for|which|in|under|below|around|please|from|like|soon)\b))"
)
_GREETING = re.compile(
    r"\W*good\s+(?:morning|afternoon|evening|day)(?=\s*[,.!;:-]|\s+(?:i|we|my|our|all|everyone|"
    r"there|to|do|can|could)\b)",
    re.IGNORECASE,
)


_CHAT = re.compile(
    r"(?<!\w)(?:(?<=do )u|(?<=can )u|(?<=could )u|(?<=would )u|u(?= (?:have|got|sell|guys)\b)|"
    r"id(?= (?:rather|like|love|prefer|want)\b)|(?:she|he|they|who)(?: really| also)? "
    r"(?:likes?|loves?|enjoys?|adores?))(?!\w)",
    re.IGNORECASE,
)


def asides_in(text: str) -> list[tuple[int, int]]:
    """Return where a request has words that name things, too, but not there: a greeting at its
    beginning, "do u have", "she loves"."""
    greeting = _GREETING.match(text)
    chat = [found.span() for found in _CHAT.finditer(text)]
    return [greeting.span(), *chat] if greeting else chat


class Told(NamedTuple):
    """Where a request tells of somebody, and where it does not.

    Attributes:
        telling, asking: where the clauses begin and end.
        wishes: whether something is wished for where it does not.
    """

    telling: tuple[tuple[int, int], ...]
    asking: tuple[tuple[int, int], ...]
    wishes: bool


@lru_cache(maxsize=1 << 5)  # A parse asks twice.
def told_in(text: str) -> Told:
    """Return where a request tells of somebody.

    Example:
        >>> told_in("I have a bed and need sheets")
        Told(telling=((0, 13),), asking=((16, 28),), wishes=True)
    """
    telling: list[tuple[int, int]] = []
    asking: list[tuple[int, int]] = []
    wished = False
    start, tells = 0, False
    ends = [(found.start(), found.end()) for found in _CLAUSE_END.finditer(text)]
    for end, following in (*ends, (len(text), len(text))):
        clause = text[start:end].lower()
        wishes = _WISHING.search(clause) is not None
        goes_on = tells and text[:start].lower().endswith(("and", "or"))  # "forks and spoons"
        tells = not wishes and (goes_on or _TELLING.match(clause) is not None)
        (telling if tells else asking).append((start, end))
        wished = wished or wishes
        start = following
    if any(_REFERRING.search(text[start:end].lower()) for start, end in asking):
        return Told((), ((0, len(text)),), wishes=True)
    return Told(tuple(telling), tuple(asking), wished)


def doubted(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces of what is told: no kinds, and half as certain, but for what is ruled out."""
    found = []
    for piece in pieces:
        if piece.part is Part.KIND:
            piece = replace(piece, part=Part.FEATURE, value=piece.text, hard=False)
        if piece.part in (Part.FEATURE, Part.OPTION, Part.BRAND):
            piece = replace(piece, confidence=round(piece.confidence / 2, 4))
        found.append(piece)
    return found


def words_within(words: Sequence[Word], places: Sequence[tuple[int, int]]) -> list[Word]:
    """Return the words within places, the first as if nothing stood before it."""
    found = [word for word in words if any(a <= word.start < b for a, b in places)]
    return [word._replace(after_mark=False) for word in found[:1]] + found[1:]
