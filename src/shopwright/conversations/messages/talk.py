"""What people say in a conversation beside what they wish for: courtesies, corrections, undoing.

Regular expressions for English, written for messages that strangers typed, short forms in full
(:mod:`shopwright.conversations.messages.chat_words`): what they do not know counts as a wish.
"""

from __future__ import annotations

import re
from enum import Enum

from shopwright.catalogue.attributes.words import FUNCTION_WORDS
from shopwright.understanding.request import Part, Piece
from shopwright.understanding.words import stems_in

_SHORT = 60  # Messages that say no more than that are; in longer ones the search could take long.
_ANEW = re.compile(
    r"\b(?:start|begin)(?:ing)? (?:over|again|anew|from scratch)\b|\bnew search\b|"
    r"\b(?:forget|clear) (?:everything|all)\b|^\W*reset\W*$",
    re.IGNORECASE,
)
_UNDO = re.compile(
    r"\W*(?:(?:ok(?:ay)?|no|sorry|please|wait|actually)\W+)*(?:(?:go|take me|step) back|back|"
    r"undo(?: (?:that|it|this|the last(?: one| message| step)?))?|take (?:that|it) back|"
    r"scratch that|forget (?:that|it|what i (?:just )?said)(?: last one)?|"
    r"(?:show me )?the previous (?:ones?|list|results?|items?)(?: again)?)(?:\W+please)?\W*",
    re.IGNORECASE,
)
_NO_WISH = re.compile(
    r"\W*(?:(?:ok(?:ay)?|great|fine|cool|nice|yes|no|thanks?(?: you)?(?: a lot| very much)?|"
    r"(?:good ?)?bye|cancel|stop|hi|hello|hey|please|sorry|and|"
    r"(?:which (?:one )?is )?(?:the )?best(?: one)?|"
    r"(?:(?:i )?(?:need|want) )?(?:\d+|two|three|four|five|six) of (?:them|these|those)|"
    r"(?:that|this)(?: one)? (?:is|looks) (?:good|nice|great|perfect))\b\W*)+",
    re.IGNORECASE,
)
_TALK = frozenset(
    stem
    for word in (
        "mind forget fine one ones thought second undo ignore nope expensive scratch same "
        "preference whichever wait thing stuff budget minimum maximum limit tight "
        "important necessary need matter instead rather really maybe enough contain "
        "difference compare available look cost detail come tell stretch "
        "start begin first last joke today human actual brand code model version color colour size "
        "allergic sorry flavor flavour scent smell taste helpful work hurt wrong "
        "add cart basket checkout"
    ).split()
    for stem in stems_in(word)
)
# Shops have kinds that are called so, but nobody asks for them.
_NO_KINDS = frozenset(stems_in("brand code model version color colour size"))
_TALKED = (Part.KIND, Part.FEATURE, Part.OPTION, Part.EXCLUSION, Part.ORDER)
# How people begin when they correct themselves; "no" alone only before a comma.
_LEAD_IN = re.compile(
    r"(?:\W*(?:sorry|oh|(?:no )?wait|hm+|actually|well|on second thought|ok(?:ay)?|"
    r"(?:(?:i|no)\W+){0,2}(?:(?:have |'ve )?changed my mind(?! about)|meant?|said)|"
    r"(?:that|this)(?:'s| is)(?: all| just)? wrong|"
    r"(?:that's |this is )?not what i (?:asked|wanted|meant|said)(?: for)?|"
    r"(?:no )?the other way (?:a)?round|"
    r"(?P<strong>scratch that|never mind(?: that)?(?! (?:the|my|about)\b)|"
    r"forget (?:it|that)(?! last)|(?:let's )?(?:(?:start|begin|go) with|do (?=\w+ first))|"
    r"now(?= the\b))|"
    r"no(?= ?[,.;!]| not\b))\b[\s,.:;!]*)+",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|evening|day))\b[\s,.!]*(?:there\b[\s,.!]*)?)?"
    r"(?:do you (?:guys )?(?:have|sell|carry)|(?:have )?you got|got|"
    r"i(?:'m| am) (?:looking|searching) for|(?:i |we )?(?:need|want)|i(?:'d| would) like|"
    r"(?:can|could) (?:you|i) (?:show me|find me|get|have)|(?:please )?(?:show|find|get) me|"
    r"looking for|searching for)\b(?! to\b)(?: any\b)?\s*",
    re.IGNORECASE,
)
_ONLY_OK = re.compile(r"\W*(?:(?:ok(?:ay)?|well|hm+|oh)\b\W*)+", re.IGNORECASE)
_RATHER = re.compile(r"\brather (\w+(?: \w+)?) than\b", re.IGNORECASE)
_VALUE = r"(?:\d+(?:\.\d+)?|x*[sml]|small|medium|large)"
# "Not 11, 10.5": to rule out one value where another one is wanted says nothing more.
_NOT_BUT = re.compile(
    rf"^\W*(?:not (?:a |the |in )?|(?:size )?(?={_VALUE}\W+no\b)){_VALUE}\W+"
    rf"(?:(?:but|no|rather|make it|i need|i want)\W+)*(?=(?:a |the |in |size )?{_VALUE}\b)",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"\b(?:instead|actually|i mean|i meant)\W*$|\b(?:change|switch|make) (?:it|that) (?:to|a)\b|"
    r"^\W*(?:what|how) about\b",
    re.IGNORECASE,
)


def is_no_wish(message: str) -> bool:
    """Return whether a message only greets, thanks or praises."""
    return len(message) <= _SHORT and _NO_WISH.fullmatch(message) is not None


def is_talk(piece: Piece) -> bool:
    """Return whether a piece of a message that goes on is no wish but a way to talk."""
    words = [word for word in stems_in(piece.value or piece.text) if word not in FUNCTION_WORDS]
    is_sure = piece.hard and piece.part is not Part.EXCLUSION
    talk = _NO_KINDS if is_sure else _TALK
    return piece.part in _TALKED and talk.issuperset(words)


def begins_anew(message: str) -> bool:
    """Return whether a message takes back everything."""
    return _ANEW.search(message) is not None


def is_undoing(message: str) -> bool:
    """Return whether a message takes back what was said last, whatever that was."""
    return len(message) <= _SHORT and _UNDO.fullmatch(message) is not None


def without_lead_in(message: str) -> str:
    """Return a message without the words with which people begin to correct themselves; as it is
    where it is nothing else. "Rather this than that" is "this rather than that"."""
    found = _LEAD_IN.match(message[:_SHORT])
    rest = (message[found.end() :] if found else message).strip() or message
    rest = _RATHER.sub(r"\1 rather than", rest, count=1)
    return _NOT_BUT.sub("", rest)


def without_asking(message: str) -> str:
    """Return a message without "do you have" and the like at its beginning."""
    return _ASKING.sub("", message, count=1).strip() or message


class Correction(Enum):
    """Whether a message says that it corrects what was said before, and whether it gives up what
    was looked for: "never mind"."""

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
