"""How a message is worded: signs of haste, of wanting help, of annoyance, beside its wishes.

Lists of words and phrases, as small as the talk of simulated shoppers; people have more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shopwright.catalogue.attributes.words import FUNCTION_WORDS

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def any_of(*phrases: str) -> re.Pattern[str]:
    """Return what finds any of some phrases, which are regular expressions, as whole words."""
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b", re.IGNORECASE)


# What a first message may show beside the wish.
OPENING_SIGNS: Mapping[str, re.Pattern[str]] = {
    "haste": any_of(
        "quick(?:ly)?", "fast", "in a rush", "a minute", "short of time", "asap", "now"
    ),
    "to look": any_of("show me", "let me see", "look around", "browse", "see what"),
    "for help": any_of("help me", "help", "advice", "do not know much", "guide", "unsure"),
    "for one": any_of("one good", "just one", "one is enough", "no lists?", "the right one"),
    "talk": any_of("hello", "hi", "good morning", "lovely", "thank you", "thanks", "how are you"),
}
# What an answer may show beside what it says.
ANNOYED = any_of(
    "why do you ask", "lot of questions", "get on with it", "lot to look through", "must i compare",
    "just tell me which", "tiresome",
)  # fmt: skip
PLEASED = any_of(
    "good that you ask", "happy to answer", "ask away", "nice to see", "good to compare"
)
_SMALL_TALK = frozenset(
    (
        "advice afternoon appreciate around ask asap brief browse choose day dear enough evening "
        "fast glad good greetings guide hello help hey hi hope hurry idea kind know like list "
        "lists look looking lovely minute morning new nice one please quick quickly right rush "
        "short show suggestion thank thanks time today welcome"
    ).split()
)


def opening_signs(text: str) -> tuple[bool, ...]:
    """Return which of :data:`OPENING_SIGNS` a first message shows."""
    return tuple(pattern.search(text) is not None for pattern in OPENING_SIGNS.values())


def sentences_in(text: str) -> int:
    """Return how many sentences a message has."""
    return len(_SENTENCE_END.split(text))


def first_sign(text: str) -> str:
    """Return the first of :data:`OPENING_SIGNS` that a message shows; "" for none."""
    shown = zip(OPENING_SIGNS, opening_signs(text), strict=True)
    return next((name for name, is_shown in shown if is_shown), "")


def without_small_talk(text: str) -> str:
    """Return a message without its sentences that are nothing but small talk, which would be
    searched for; the message itself if it has none, or nothing else.

    Example:
        >>> without_small_talk("Hello there! I am looking for a mug.")
        'I am looking for a mug.'
    """
    sentences = _SENTENCE_END.split(text)
    kept = [sentence for sentence in sentences if not _is_small_talk(sentence)]
    return " ".join(kept) if 0 < len(kept) < len(sentences) else text


def _is_small_talk(sentence: str) -> bool:
    words = [word.lower() for word in _WORD.findall(sentence)]
    return bool(words) and all(word in _SMALL_TALK or word in FUNCTION_WORDS for word in words)
