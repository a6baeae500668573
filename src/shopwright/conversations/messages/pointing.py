"""Messages that point at what was shown: "tell me about the second one", "is number 3 vegan?",
"more like the first", "something else".

Regular expressions for English; what they do not know counts as a wish.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

MOST_PLACES = 10
NAMED = 3  # Of the items of an answer, its text names so many.
_SHORT = 120
_COMPLAINT_CHARACTERS = 50
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_NUMBERS = "one two three four five six seven eight nine ten".split()
_PLACE = re.compile(
    r"\b(?:the\s+)?first\s+(?P<many>two|three|2|3)\b|"
    rf"\b(?:the\s+)?(?:(?P<ordinal>{'|'.join(_ORDINALS)}|last|(?P<digits>[1-9]|10)(?:st|nd|rd|th))"
    r"(?:\s+(?P<thing>one|item|option|product|result|suggestion))?|"
    r"(?:number|no\.|option|item|product|nr\.?|result)\s*#?(?P<number>[1-9]|10|"
    rf"{'|'.join(_NUMBERS)}))\b(?![.,]?\d)|(?<!\w)#(?P<sign>[1-9]|10)\b",
    re.IGNORECASE,
)
# "Compare 1 and 3", and an answer of nothing but a number.
_BARE = re.compile(
    r"\W*(?:(?:compare|(?:what(?:['’]s| is) )?(?:the )?difference between|about|show(?: me)?|"
    r"i(?:['’]ll| will)? (?:take|want|like|buy)|details (?:of|on))\W+)*(?P<one>[1-9]|10)"
    r"(?:\s*(?:and|or|vs\.?|with|to|&|,)\s*(?P<other>[1-9]|10))?(?:\s+please)?\W*",
    re.IGNORECASE,
)
# Right before or behind what is pointed at, or all that is said beside.
_POINTS = re.compile(
    r"(?:\b(?:about|is|was|are|does|do|has|like|to|than|take|buy|want|order|get|choose|pick|prefer|"
    r"love|show(?: me)?|see|open|of|on|with|not|but|except|compare|between|and|or|in|what|how|for|"
    r"add)\s*|^\W*)$",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\W*(?:and\W+)?(?:is|does|has|was|will|can|would)\W+", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\W*(?:$|(?:looks?|is|are|was|has|have|does|seems?|sounds?|costs?|comes?|in|but|and|or|vs|please|too|"
    r"with|without|would|will|can|then|instead|available|made|good|nice|great|fits?|from|for|of|on)\b|[,.;:?!])",
    re.IGNORECASE,
)
_AND = r"\W*(?:(?:and|but|ok(?:ay)?|so)\W+)*"
_IT = r"(?:it|they|them|these|those|(?:this|that(?! (?:is|are|has|have)\b))(?: one)?)"
_ABOUT_IT = re.compile(
    rf"{_AND}(?:(?:is|are|was|does|do|did|has|have|can|will|would|how|"
    rf"what|which)\b[^.!?]{{0,30}}?\b{_IT}\b|"
    rf"(?:i(?:['’]ll| will)? (?:take|buy|want) |tell me (?:more )?about ){_IT}\b)",
    re.IGNORECASE,
)
_ALIKE = re.compile(r"\b(?:like|similar to|as|resembl\w+)\s*$", re.IGNORECASE)
_CHEAPER = re.compile(r"\b(?:cheaper|less expensive)\b.{0,30}$", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|don['’]?t (?:like|want)|do not (?:like|want)|anything but|except|hate|dislike)\s*$",
    re.IGNORECASE,
)
_TOO_DEAR = re.compile(r"\btoo (?:expensive|dear|costly|pricey|much)\b", re.IGNORECASE)
_LIKED = re.compile(r"\bi (?:really )?(?:['’]d |would )?(?:do )?like\s*$", re.IGNORECASE)
_THINGS = "(?:ones?|options?|products?|items?|results?|choices?)"
_THESE = "(?:these|those|them)"
_OTHERS = re.compile(
    r"\W*(?:(?:ok(?:ay)?|no|hm+|well|yes|thanks|can you|could you|do you have|have you got|"
    r"is there|are there|i want|i['’]d like|please|show|give|let|me|see|any|some|the|to|got)\W+)*"
    r"(?:(?:what|anything) else (?:(?:do |have )?you (?:have|got|sell)|is there|you got)|"
    rf"(?:something|anything) else|(?:an)?others?(?: {_THINGS})?|next(?: {_THINGS}| page)?|"
    rf"more(?: {_THINGS}| of {_THESE})?|different ones?|alternatives|"
    rf"not (?:that|this|{_THESE})(?: ones?)?|none of {_THESE}|"
    rf"(?:i )?(?:don['’]?t|do not) like (?:any of )?(?:{_THESE}|any))"
    r"(?:\W+(?:please|thanks|then|instead|another|for me))*\W*",
    re.IGNORECASE,
)


# Which of those that are listed.
_WHICH = re.compile(
    rf"{_AND}which(?: (?:one|of {_THESE}))?s?\b",
    re.IGNORECASE,
)
_CHEAPEST = re.compile(r"\b(?:cheapest|least expensive|lowest price|costs? least)\b", re.I)
_ASKS_FOR_VALUES = re.compile(
    r"\W*(?:(?:what|which|and the) )?(?:sizes?|colou?rs?|prices?|options?)"
    r"(?: (?:do you have|are there|is it|are available))?\s*\?\W*",
    re.IGNORECASE,
)
_CHEAPER_THAN_THESE = re.compile(
    r"\W*(?:(?:ok(?:ay)?|no|hm+|sorry|do you have|is there|got|show me|please|and)\W+)*"
    r"(?:(?:something|anything|ones?|any|a)\W+)?(?:bit |much |lot )?(?:cheaper|less expensive)"
    r"(?: (?:than (?:that|this|these|those)|ones?|options?|alternatives?|please))*\W*",
    re.IGNORECASE,
)
_BEST = re.compile(r"\bbest(?! rated)\b", re.IGNORECASE)


class Wants(StrEnum):
    """What is wanted of what a message points at."""

    LOOK = "look"
    ALIKE = "alike"
    CHEAPER = "cheaper"
    OTHERS = "others"
    CHEAPEST = "cheapest"


class Pointed(NamedTuple):
    """What a message points at.

    Attributes:
        places: of the items that were shown, from 0.
        wants: what is wanted of them.
        beside: the message without the words that point.
    """

    places: tuple[int, ...]
    wants: Wants
    beside: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether nothing is said but a number, which may answer a question as well."""
        return self.beside == "" and len(self.places) == 1


def pointed_at(message: str, shown: int, looked_at: tuple[int, ...] = ()) -> Pointed | None:
    """Return what a message points at among so many items that were shown; None for one that points
    at none of them.

    Args:
        looked_at: places of the items that the message before pointed at, which are "it" now.

    Example:
        >>> pointed_at("is the second one vegan?", 3)
        Pointed(places=(1,), wants=<Wants.LOOK: 'look'>, beside='is  vegan?')
    """
    if not shown or len(message) > _SHORT:
        return None
    if _OTHERS.fullmatch(message):
        return Pointed((), Wants.OTHERS)
    if bare := _BARE.fullmatch(message):
        named = tuple(int(number) - 1 for number in bare.groups() if number)
        beside = "" if message.strip().isdigit() else " "
        return Pointed(named, Wants.LOOK, beside) if max(named) < shown else None
    if _ASKS_FOR_VALUES.fullmatch(message):
        places = looked_at or tuple(range(min(shown, NAMED)))
        return Pointed(places, Wants.LOOK, message)
    if _CHEAPER_THAN_THESE.fullmatch(message) or _is_only_too_dear(message):
        return Pointed(looked_at or (0,), Wants.CHEAPER)
    about_it = _ABOUT_IT.match(message)
    which = None if _BEST.search(message) else _WHICH.match(message)
    if which and _CHEAPEST.search(message):
        return Pointed(tuple(range(min(shown, NAMED))), Wants.CHEAPEST)
    if question := about_it or which:
        places = tuple(range(min(shown, NAMED)))
        chosen = looked_at if looked_at and about_it else places
        return Pointed(chosen, Wants.LOOK, message[question.end() :])
    found = [each for each in _PLACE.finditer(message) if _points(message, each)]
    numbers = [place for each in found for place in _places(each, shown)]
    if not found or max(numbers) >= shown:
        return None
    before = message[: found[0].start()]
    beside = "".join(
        message[end:start]
        for end, start in zip(
            [0, *(each.end() for each in found)],
            [*(each.start() for each in found), len(message)],
            strict=True,
        )
    )
    return Pointed(tuple(dict.fromkeys(numbers)), _wanted(before, beside), beside)


def _is_only_too_dear(message: str) -> bool:
    """Whether a message says that what was shown costs too much, and not what it may cost."""
    is_short = len(message) < _COMPLAINT_CHARACTERS
    return is_short and _TOO_DEAR.search(message) is not None and not re.search(r"\d", message)


def _points(message: str, found: re.Match[str]) -> bool:
    """Whether a number of a place says which item, and is not part of a name: a "first aid kit"."""
    if found["thing"] or found["many"]:
        return True
    is_named = bool(found["number"] or found["sign"])
    before = message[: found.start()]
    if _ASKS.fullmatch(before):
        return True
    is_led = is_named or _POINTS.search(before) is not None
    return is_led and _GOES_ON.match(message, found.end()) is not None


def _places(found: re.Match[str], shown: int) -> list[int]:
    if found["many"]:
        return list(range(3 if found["many"].lower() in ("3", "three") else 2))
    number = found["digits"] or found["number"] or found["sign"]
    if number:
        words = number.lower()
        return [int(words) - 1 if words.isdigit() else _NUMBERS.index(words)]
    ordinal = found["ordinal"].lower()
    return [min(shown, NAMED) - 1 if ordinal == "last" else _ORDINALS.index(ordinal)]


def _wanted(before: str, beside: str) -> Wants:
    if _NOT.search(before):
        return Wants.OTHERS
    if _CHEAPER.search(before) or _TOO_DEAR.search(beside):
        return Wants.CHEAPER
    if _ALIKE.search(before) and not _LIKED.search(before):
        return Wants.ALIKE
    return Wants.LOOK
