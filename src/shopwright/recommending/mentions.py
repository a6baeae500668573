"""Where the words of a request stand in a product's texts, and whether they are negated there.

A phrase is mentioned where all its words (by their stems) stand close together, in one word or in
several: "night stand", "nightstand" and "night-stands" are one phrase. Words that are scattered
over a text mention nothing. All work is linear in the length of the texts, and bounded.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, count, islice
from sys import intern
from typing import NamedTuple

from shopwright.catalogue.attributes.words import shares_head
from shopwright.recommending.negations import BREAKS, is_negated
from shopwright.recommending.phrase import TOKEN, Phrase, beginning_of, stem_of
from shopwright.recommending.snippets import shortened_around
from shopwright.understanding.quantities import (
    ONE_NAME,
    WRITINGS,
    Quantity,
    quantities_in,
    unit_behind,
)

# A text is read up to here: what matters of a description stands in its beginning.
TEXT_CHARACTERS = 8_000
# How many other words may stand between the words of a phrase.
GAP = 2
MOST_PLACES = 50
# Many requests ask for the same: so many stems are not looked for again in a text.
STEMS_KEPT = 32
CLAUSE_WORDS = 20  # are looked back for what the clause is about

_JOINING = re.compile(r"\s*(?:[,&]|and\b)\s*\w")
_NAME_END = re.compile(r"[›>|/\n]")
_ENDS = frozenset(".;!?|›\n")
# What may stand behind a whole name.
_BEHIND_NAMES = frozenset(", . ; : ( ) | › \n and or for with of in from by to".split(" "))


class Mention(NamedTuple):
    """A place where a phrase stands.

    Attributes:
        passage: the text.
        start, end: its first and its last token there.
        negated: whether the words around it say that it is not so: "no glass", "glass-free".
    """

    passage: Passage
    start: int
    end: int
    negated: bool

    @property
    def snippet(self) -> str:
        """The words around it."""
        return self.passage.snippet(self.start, self.end)

    @property
    def words(self) -> Sequence[str]:
        """Its words and what stands between them, in lower case."""
        return self.passage.tokens[self.start : self.end + 1]

    @property
    def last(self) -> str:
        """Its last word, in lower case."""
        return self.passage.tokens[self.end]

    @property
    def before(self) -> Sequence[str]:
        """The words before it, in lower case, at most three."""
        return self.passage.tokens[max(0, self.start - 3) : self.start]

    @property
    def ends_name(self) -> bool:
        """Whether a name ends with it: "printer" in "laser printer & scanner", not in "printer
        drum"."""
        after = self.after
        return not after or after in _BEHIND_NAMES or self.passage.is_parted_behind(self.end)

    @property
    def clause_before(self) -> Sequence[str]:
        """The words before it in its clause, in lower case, at most so many."""
        words = self.passage.tokens[max(0, self.start - CLAUSE_WORDS) : self.start]
        breaks = [number for number, word in enumerate(words) if word in BREAKS]
        return words[breaks[-1] + 1 :] if breaks else words

    @property
    def shares_head(self) -> bool:
        """Whether it lacks a head noun that it shares with what it is joined to."""
        following = self.passage.following(self.end)
        if not _JOINING.match(following):
            return False
        others = [word for word in TOKEN.findall(following) if word[0].isalnum() and word != "and"]
        return shares_head(self.last, others)

    @property
    def after(self) -> str:
        """The word behind it, or what divides it from that; empty at the end."""
        tokens = self.passage.tokens
        return tokens[self.end + 1] if self.end + 1 < len(tokens) else ""


class _Searched(ABC):
    """What phrases are looked for in."""

    @property
    @abstractmethod
    def lower(self) -> str:
        """The text in lower case."""

    @cached_property
    def squeezed(self) -> str:
        """The text in lower case without what divides words."""
        return self.lower.replace(" ", "").replace("-", "")

    def may_mention(self, phrase: Phrase) -> bool:
        """Return whether it may have all words of a phrase, or may have them joined: quick, and
        wrong only where it has not."""
        return phrase.may_stand_in(self.lower) or self.may_have_joined(phrase)

    def may_have_joined(self, phrase: Phrase) -> bool:
        """Return whether it may have the words of a phrase written as one."""
        return bool(phrase.joined_sign) and phrase.joined_sign in self.squeezed


class Together(_Searched):
    """Passages as one text, which tells of all at once that none mentions a phrase."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return "\n".join([passage.lower for passage in self._passages])


@dataclass(frozen=True, eq=False)
class Passage(_Searched):
    """A text of a product, equal to itself alone: which one it is is asked often, and texts are
    long.

    Attributes:
        name: which one: "title", "features", …
        text: its beginning.
    """

    name: str
    text: str

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text[:TEXT_CHARACTERS].lower()

    def has_joined(self, phrase: Phrase) -> bool:
        """Return whether the words of a phrase stand side by side, in their order."""
        if "".join(phrase.words) in self.squeezed:
            return True
        spans, count = self._close_together(phrase), len(phrase.words)
        return any(
            last - first < count and self.tokens[first][0].isdecimal() for first, last in spans
        )

    @cached_property
    def tokens(self) -> list[str]:
        """Words and punctuation marks, in lower case."""
        # Texts repeat their words: each is kept once.
        return [*map(intern, TOKEN.findall(self.lower))]

    @cached_property
    def _different_tokens(self) -> str:
        """Each token once, behind a line break: in one text, those that begin alike are found
        without a look at each."""
        return "\n".join(["", *set(self.tokens), ""])

    @cached_property
    def _places(self) -> dict[str, Sequence[int]]:
        return {}

    def places_of(self, stemmed: str) -> Sequence[int]:
        """Return the numbers of the tokens that have a stem, ascending."""
        places = self._places.get(stemmed)
        if places is None:
            if len(self._places) >= STEMS_KEPT:
                self._places.clear()
            self._places[stemmed] = places = self._find_places(stemmed)
        return places

    def _find_places(self, stemmed: str) -> Sequence[int]:
        beginning, writings = beginning_of(stemmed), WRITINGS.get(stemmed, ())
        if not writings and beginning not in self.lower:
            return ()
        _, *rests = self._different_tokens.split("\n" + beginning)
        words = [beginning + rest.partition("\n")[0] for rest in rests]
        having = {each for each in words if each not in ONE_NAME and stem_of(each) == stemmed}
        having.update(each for each in writings if each in ONE_NAME)
        if not having and not writings:
            return ()
        tokens = self.tokens
        found = compress(count(), map(having.union(writings).__contains__, tokens))
        return [n for n in found if tokens[n] in having or unit_behind(tokens, n)]

    def _standing(self, first: int, last: int) -> list[re.Match[str]]:
        """Some tokens as they stand in the text. Not kept: of most texts nothing is shown."""
        return [*islice(TOKEN.finditer(self.lower), first, last + 1)]

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Numbers with units, in the order of the text."""
        return quantities_in(self.lower)

    @property
    def beginning(self) -> str:
        """The text, shortened."""
        return shortened_around(self.text.strip().replace("\n", ", "), 0, 0)

    def mention(self, phrase: Phrase) -> Mention | None:
        """Return where a phrase stands, preferably as it is meant, not negated; None if nowhere."""
        negated = None
        for mention in self.mentions(phrase):
            if not mention.negated:
                return mention
            negated = negated or mention
        return negated

    def denial(self, phrase: Phrase) -> Mention | None:
        """Return where a phrase stands negated; None if nowhere."""
        return next((mention for mention in self.mentions(phrase) if mention.negated), None)

    def lack(self, phrase: Phrase) -> Mention | None:
        """Return where a word says that what a phrase ends with is not there; None if nowhere."""
        less = phrase.lacking
        if not less or beginning_of(less) not in self.lower:
            return None
        places = self.places_of(less)
        return Mention(self, places[0], places[0], negated=True) if places else None

    def mentions(self, phrase: Phrase) -> Iterator[Mention]:
        """Yield where a phrase stands."""
        for start, end in self._spans(phrase):
            yield Mention(self, start, end, is_negated(self.tokens, start, end))

    def following(self, number: int) -> str:
        """Return what stands behind a token up to the end of its line or category."""
        (token,) = self._standing(number, number)
        return _NAME_END.split(self.lower[token.end() :], maxsplit=1)[0]

    def is_parted_behind(self, number: int) -> bool:
        """Return whether more than a blank or a hyphen stands behind a token but the last."""
        one, other = self._standing(number, number + 1)
        return bool(self.lower[one.end() : other.start()].strip(" -"))

    def _spans(self, phrase: Phrase) -> list[tuple[int, int]]:
        """First and last tokens of the places where a phrase stands."""
        if not phrase.words:
            return []
        spans = self._close_together(phrase)
        if not spans and self.may_have_joined(phrase):
            spans = self._joined(phrase.joined)
        return spans

    def _close_together(self, phrase: Phrase) -> list[tuple[int, int]]:
        # Of most texts that is all there is to do: to stem each word takes ten times as long.
        if not phrase.may_stand_in(self.lower):
            return []
        found = []
        for stemmed in phrase.stems:
            places = self.places_of(stemmed)
            if not places:
                return []
            found.append(places)
        by_count = sorted(found, key=len)
        width = len(found) - 1 + GAP
        spans = []
        for place in by_count[0][:MOST_PLACES]:
            first = last = place
            for places in by_count[1:]:
                number = bisect_left(places, place - width)
                near = [p for p in places[number : number + 2 * width + 1] if p <= place + width]
                if not near:
                    break
                nearest = min(near, key=lambda p: abs(p - place))
                first, last = min(first, nearest), max(last, nearest)
            else:
                together = last - first <= width and _ENDS.isdisjoint(self.tokens[first:last])
                if together and self._has_quantities(phrase, first, last):
                    spans.append((first, last))
        return spans

    def _has_quantities(self, phrase: Phrase, first: int, last: int) -> bool:
        """Whether each number that has a unit has it here: "0.9 m (3 ft)" is not "3 m"."""
        for number, unit in phrase.quantities:
            units = self.places_of(unit)
            if not any(p + 1 in units for p in self.places_of(number) if first <= p < last):
                return False
        return True

    def _joined(self, joined: str) -> list[tuple[int, int]]:
        """Where words give this one when they are written together, or one word is it."""
        spans, target = [], stem_of(joined)
        tokens = self.tokens
        for first, token in enumerate(tokens):
            if not joined.startswith(token[:3]):
                continue
            together = token
            for last in range(first, min(first + 3, len(tokens))):
                if last > first:
                    together += tokens[last]
                if together == joined or stem_of(together) == target:
                    spans.append((first, last))
                    break
                if len(together) > len(joined) + 3:
                    break
            if len(spans) == MOST_PLACES:
                break
        return spans

    def snippet(self, first: int, last: int) -> str:
        """Return the words around some tokens, on their line."""
        standing = self._standing(first, last)
        return self.around(standing[0].start(), standing[-1].end())

    def around(self, start: int, end: int) -> str:
        """Return the words around some characters, on their line."""
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", end)
        line = self.text[line_start : line_end if line_end >= 0 else None]
        return shortened_around(line, start - line_start, end - line_start)
