"""What a request rules out: "not wireless", "without glass", "no nuts or dairy"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shopwright.catalogue.attributes.words import FUNCTION_WORDS, ONLY_COLOURS
from shopwright.understanding.lattice import Label
from shopwright.understanding.segmentation import Scored
from shopwright.understanding.words import Word

_NOT = r"(?:n['’]?t|\s+not|\s+never)"
# What a product is or has; other verbs say what it does: "won't leak" is a wish.
_BEING = (
    r"be|being|have|having|want|like|need|contain|include|come|use|using|made|eat|tolerate|stand|wear|"
    r"walk|sleep|sit|"
    r"require|get"
)
_CUE = re.compile(
    r"(?<![\w-])(?:(?:but|and|just|preferably|definitely|absolutely|please|that|it|which|i|is|are)\s+)*"
    r"(?:"
    rf"(?:is|are|was|were|be){_NOT}|"
    rf"(?:do|does|did|should|must|can|could|would|will|wo|ca){_NOT}(?:\s+(?:{_BEING}))+|cannot(?:\s+(?:{_BEING}))+|"
    r"(?:anything|everything|all|any\s+(?:other\s+)?(?:brand|colou?r|flavou?r|kind|make|material|pattern|scent|shade|"
    r"size|style|type)s?)\s+(?:but(?!\s+(?:i|it|we|must|has|have|should|prefer\w*|under|over|with|not|please|in|for)\b)|"
    r"except(?:\s+for)?|other\s+than|besides)|"
    r"other\s+than|rather\s+than|instead\s+of|except(?:ing)?(?:\s+for)?|excluding|excludes?|avoid(?:ing)?|"
    r"without|w/o|minus|neither|nor|not|no(?!\.)|never|nothing|none|"
    r"(?:i\s+)?(?:hate|dislike|detest)s?|(?:allergic|allergy|intolerant)\s+to|free\s+(?:of|from)|"
    r"ohne|kein(?:e|en|em|er)?|nicht|sin|sans|pas\s+de|senza|sem|zonder|geen|bez|utan|uden"
    r")(?![\w'’])"
    r"(?!\s+(?:only|just|sure|matter|mind|care|problem|worries|preference|necessarily|bad|yet|idea|doubt|"
    r"longer|one|name|brand|later|want)\b)(?!\s*[.\d])"
    r"(?P<fillers>(?:\s+(?:too|very|really|so|overly|any|a|an|the|all|made|out|of|from|with|in|on|for|contain|"
    r"containing|contains|having|has|have|using|be|being|that|is|are|ones?|like|looks?|looking|"
    r"anything|something|of\s+the|want|to|either)(?![\w'’]))*)"
)
_WISH = re.compile(r"free\s+(?:of|from)")
_JOINS_AND = re.compile(
    r"\b(?:without|w/o|no|excluding|exclud|avoid|free|allergic|hate|ohne|sin|sans)"
)
_ALTERNATIVES = frozenset("or nor oder o ou".split())
_MOST_SPANS = 4
_LOOK_AHEAD = 7


class Cue(NamedTuple):
    """Words that rule out what follows them, and where they stand.

    Attributes:
        excludes: whether they do: two of them in a row do not.
    """

    start: int
    end: int
    text: str
    excludes: bool


class Exclusion(NamedTuple):
    """What is ruled out: numbers of spans of the reading, and the cue."""

    first: int
    last: int
    cue: Cue
    begins: bool  # stands right behind the cue


def cues_in(text: str, is_name: Callable[[str, str], bool]) -> list[Cue]:
    """Return the cues of a request, in order.

    Args:
        is_name: whether a phrase as "no show" is what products are called, before the word that
            follows it, if any.
    """
    lower = text.lower()
    cues: list[Cue] = []
    for found in _CUE.finditer(lower):
        following = re.compile(r"[\s-]*([^\W_]+)(?:[ -]([^\W_]+))?").match(lower, found.end())
        if following is None:
            continue
        last = found[0].split()[-1]
        if last in ("no", "not", "non") and is_name(f"{last} {following[1]}", following[2] or ""):
            continue
        excludes = not _WISH.search(found[0])
        if cues and not lower[cues[-1].end : found.start()].strip():
            # "Not without pockets" asks for pockets.
            previous = cues.pop()
            excludes = excludes != previous.excludes
            start = previous.start
        else:
            start = found.start()
        lead = re.compile(r"(?:(?:but|and|just|please|that|it|which|i|is|are)\s+)+").match(
            lower, start
        )
        # "But" and the like lead to the cue, but say nothing.
        start = start if lead is None or lead.end() >= found.end() else lead.end()
        cues.append(Cue(start, found.end(), text[start : found.end()], excludes))
    return cues


def exclusions_in(
    words: Sequence[Word], reading: Sequence[Scored], cues: Sequence[Cue]
) -> list[Exclusion]:
    """Return what the cues rule out of a reading."""
    found: list[Exclusion] = []
    starts = {cue.end: cue for cue in cues if cue.excludes}
    kinds = sum(scored.span.label is Label.KIND for scored in reading)
    for number, scored in enumerate(reading):
        begin = words[scored.span.start].start
        previous = words[scored.span.start - 1].end if scored.span.start else -1
        for end, cue in starts.items():
            if previous <= end <= begin and (previous < end or previous == end):
                found += _scope(words, reading, number, cue, kinds)
    return found


def _scope(
    words: Sequence[Word], reading: Sequence[Scored], number: int, cue: Cue, kinds: int
) -> list[Exclusion]:
    """The items that a cue rules out, from a span on."""
    items: list[Exclusion] = []
    first = last = -1
    joins_and = _JOINS_AND.search(cue.text.lower()) is not None

    def close() -> None:
        nonlocal first, last
        if first >= 0:
            items.append(Exclusion(first, last, cue, not items))
        first = last = -1

    for place in range(number, len(reading)):
        span = reading[place].span
        word = words[span.start]
        if span.label is Label.TAKEN:
            break
        if word.after_mark and place > number:
            close()
            if not _goes_on(words, span.start, joins_and):
                break
        if word.text in _ALTERNATIVES or (word.text in ("and", "und", "y", "et") and joins_and):
            if first < 0 and items == []:
                break
            close()
            continue
        if span.label is Label.OTHER:
            if first >= 0 or word.text not in FUNCTION_WORDS:
                break
            continue
        is_asked_kind = span.label is Label.KIND and first >= 0 and kinds == 1
        if is_asked_kind or (first >= 0 and place - first >= _MOST_SPANS):
            break
        if first >= 0 and word.text in ONLY_COLOURS:
            break  # "Without buckle brown": what is to be brown is asked for.
        if first < 0:
            first = place
        last = place
        if _ends_item(reading, place):
            follows = reading[place + 1].span
            if (
                words[follows.start].text not in ("or", "nor", "and")
                and not words[follows.start].after_mark
            ):
                break
    close()
    return items


def _ends_item(reading: Sequence[Scored], place: int) -> bool:
    """Whether what follows a ruled out kind or value is something else."""
    if place + 1 >= len(reading):
        return False
    return reading[place].span.label in (Label.KIND, Label.BRAND)


def _goes_on(words: Sequence[Word], start: int, joins_and: bool) -> bool:
    """Whether a list of what is ruled out goes on behind a comma: "no nuts, soy or dairy"."""
    for word in words[start + 1 : start + _LOOK_AHEAD]:
        if word.text in _ALTERNATIVES or (joins_and and word.text == "and"):
            return True
        if word.text in FUNCTION_WORDS:
            return False
    return words[start].text in ("or", "nor", "no", "not")
