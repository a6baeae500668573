"""The readings of a request's words: runs of words with what each of them may be, and the features
by which a reading is likely."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from shopwright.catalogue.attributes.words import FUNCTION_WORDS, TALK
from shopwright.understanding.naming import LONGEST_PHRASE, SIZE_WRITINGS
from shopwright.understanding.phrases import Phrase
from shopwright.understanding.styles import FEWEST_KEY_WORDS, Lexicon, Rivals, Style, style_of
from shopwright.understanding.word_classes import (
    ARTICLES,
    ASKING,
    ATTACHING,
    BETWEEN_ALTERNATIVES,
    NUMBER,
    RELATIONS,
    counts,
    is_adjective,
    is_compound,
    is_open_ended,
    is_phrasal,
    is_thing,
    is_tone,
    names_no_kind,
)
from shopwright.understanding.words import Word, key_of

Features = list[tuple[str, float]]


class Label(IntEnum):
    """What a run of words is; TAKEN is what was read otherwise, as prices are."""

    KIND = 0
    BRAND = 1
    OPTION = 2
    FEATURE = 3
    OTHER = 4
    TAKEN = 5


class Span(NamedTuple):
    """A run of words and what it may be.

    Attributes:
        start, end: numbers of its first word and of the one behind its last.
        label: what it may be.
        phrase: what the shop uses it for.
        features: name and value.
    """

    start: int
    end: int
    label: Label
    phrase: Phrase
    features: Features
    group: str = ""
    value: str = ""


class Reader:
    """Finds the spans of a request.

    Args:
        words: the request's.
        taken: for each word whether it was read otherwise.
        lexicon: the shop's.
    """

    def __init__(self, words: Sequence[Word], taken: Sequence[bool], lexicon: Lexicon) -> None:
        self.words = words
        self.taken = taken
        self.lexicon = lexicon
        self._scale = 1.0 / math.log(2.0 + lexicon.products)
        self._alone = [lexicon.find(word.stem) for word in words]
        self._shares = [lexicon.text_share(word.text) for word in words]
        self._late = self._behind_relations()
        marked = (number for number, word in enumerate(words) if word.after_mark)
        self._first_mark = next(marked, len(words))
        self.style = style_of(words, taken)
        if len(words) - sum(taken) == FEWEST_KEY_WORDS and any(p.brands for p in self._alone):
            self.style = Style.SENTENCE  # A brand and its thing stand as in a sentence.
        is_compared = self.style is Style.KEY_WORDS
        self._rivals = Rivals(words, taken, self._late, lexicon) if is_compared else None

    def _behind_relations(self) -> list[bool]:
        """For each word whether what the thing is for, of or with was begun before."""
        late, said, begun = [], False, False
        for word in self.words:
            begun = begun or (said and word.text in ATTACHING)
            said = said or not (word.text in FUNCTION_WORDS or word.text in ASKING)
            late.append(begun)
        return late

    def spans(self) -> Iterator[Span]:
        """Yield all spans, by their start."""
        for start in range(len(self.words)):
            if self.taken[start]:
                yield Span(start, start + 1, Label.TAKEN, Phrase(), [])
                continue
            yield from self._from(start)

    def _from(self, start: int) -> Iterator[Span]:
        words = self.words
        for end in range(start + 1, min(start + LONGEST_PHRASE, len(words)) + 1):
            if end > start + 1 and (self.taken[end - 1] or words[end - 1].after_mark):
                return
            if end > start + 2 and words[end - 2].text == "and" and words[end - 1].text in ARTICLES:
                return  # "A desk and a chair" are two things, though there are desk chairs.
            if end > start + 1 and is_open_ended(words, start, end):
                continue
            stems = [word.stem for word in words[start:end]]
            phrase = self.lexicon.find(key_of(stems)) if len(stems) > 1 else self._alone[start]
            yield from self._readings(start, end, phrase)

    def _readings(self, start: int, end: int, phrase: Phrase) -> Iterator[Span]:
        words = self.words[start:end]
        single = len(words) == 1
        if self._can_be_kind(start, end, phrase):
            yield Span(start, end, Label.KIND, phrase, self._kind(start, end, phrase))
        if phrase.brands and not is_tone(self.words[end - 1 : end + 1]):
            yield Span(start, end, Label.BRAND, phrase, self._brand(start, end, phrase))
        if phrase.options:
            features = self._option(start, end, phrase)
            yield Span(start, end, Label.OPTION, phrase, features, phrase.group, phrase.value)
        if not single:
            yield from self._named_option(start, end)
        if single or phrase.qualities or is_compound(words, self.words[end : end + 1]):
            yield Span(start, end, Label.FEATURE, phrase, self._feature(start, end, phrase))
        if single and not self._is_said_of_it(start, phrase):
            yield Span(start, end, Label.OTHER, phrase, self._other(start, phrase))

    def _is_said_of_it(self, start: int, phrase: Phrase) -> bool:
        """Whether a word is what a thing is for, of or with: "with drawers"."""
        word = self.words[start].text
        if self._before(start) not in RELATIONS or 2 * phrase.nouns <= phrase.titles:
            return False
        if not word.isalpha() or word in FUNCTION_WORDS or word in TALK or word in ASKING:
            return False
        # "With fit type: slim" says which group of options is meant.
        both = key_of([each.stem for each in self.words[start : start + 2]])
        return not (phrase.groups or self.lexicon.find(both).groups)

    def _can_be_kind(self, start: int, end: int, phrase: Phrase) -> bool:
        words = self.words[start:end]
        if len(words) > 1 and not phrase.kinds:
            is_pair = len(words) == 2 and phrase.titles > 0
            if not is_pair or {word.text for word in words} & FUNCTION_WORDS:
                return False
        if len(words[-1].text) == 1 or names_no_kind(words, phrase):
            return False
        pair = self.words[end - 1 : end + 1]
        if is_phrasal(pair) or (not phrase.kinds and is_tone(pair)):
            return False
        return not any(map(counts, words)) or is_thing(self.words, start, end, phrase)

    def _named_option(self, start: int, end: int) -> Iterator[Span]:
        """A value with the name of its group: "size 9", "in a 9 wide size"."""
        for place, first, last in ((start, start + 1, end), (end - 1, start, end - 1)):
            if not self._alone[place].groups:
                continue
            name, values = self.words[place], self.words[first:last]
            if len(values) > 1 and values[0].text in FUNCTION_WORDS:
                continue
            phrase = self.lexicon.find(key_of([word.stem for word in values]))
            text = " ".join(word.text for word in values)
            is_size = len(values) == 1 and (
                NUMBER.fullmatch(text) is not None or values[0].stem in SIZE_WRITINGS
            )
            if phrase.options and key_of([name.stem]) in key_of(phrase.group.lower().split()):
                text = phrase.value
            elif not is_size:
                continue
            features = [
                ("o.bias", 1.0),
                ("o.named", 1.0),
                ("o.named_known", float(bool(phrase.options))),
            ]
            yield Span(start, end, Label.OPTION, phrase, features, name.stem, text)

    def _before(self, start: int) -> str:
        """The word before, empty at the beginning, behind a mark, or if it was read otherwise."""
        if start == 0 or self.words[start].after_mark or self.taken[start - 1]:
            return ""
        return self.words[start - 1].text

    def _is_last(self, end: int) -> bool:
        """Whether a run of words ends before something new."""
        if end == len(self.words) or self.taken[end] or self.words[end].after_mark:
            return True
        word = self.words[end]
        return word.text in RELATIONS or word.text in FUNCTION_WORDS or counts(word)

    def _followed(self, end: int) -> str:
        """The name of the feature that says what follows a kind."""
        if self._is_last(end):
            return "k.last"
        phrase = self._alone[end]
        said = phrase.options + phrase.qualities > phrase.kinds
        if said or is_adjective(self.words[end].text):
            return "k.before_quality"
        return "k.not_last"

    def _log(self, count: int) -> float:
        return math.log1p(count) * self._scale

    def _share(self, start: int, end: int) -> float:
        return min(self._shares[start:end])

    def _kind(self, start: int, end: int, phrase: Phrase) -> Features:
        before = self._before(start)
        word = self.words[end - 1]
        features = [("k.bias", 1.0)]
        if phrase.kinds:
            features += [
                ("k.count", self._log(phrase.kinds)),
                ("k.share", phrase.share_of_kind),
            ]
        elif not self._share(start, end):
            features.append(("k.unseen", 1.0))
        else:
            features.append(("k.none", 1.0))
        if phrase.options:
            features.append(("k.options", phrase.options / (phrase.options + phrase.kinds + 1.0)))
        if phrase.qualities:
            features.append(("k.qualities", phrase.qualities / (phrase.qualities + phrase.kinds)))
        if end - start > 1:
            features.append(("k.long", float(end - start - 1)))
            if not phrase.kinds:
                rarest = min(alone.titles for alone in self._alone[start:end])
                features.append(("k.pair", min(1.0, phrase.titles / (rarest + 1.0))))
        if start == 0 or self.words[start - 1].text in ARTICLES:
            features.append(("k.first", 1.0))
        features.append((self._followed(end), 1.0))
        if before in RELATIONS:
            features.append(("k.after_relation", 1.0))
        if self._late[start]:
            features.append(("k.late", 1.0))
        last = self._alone[end - 1]
        if last.titles:
            features.append(("k.heads", last.heads / (last.titles + 1.0)))
        if self._rivals:
            features.append(("k.nouns", last.nouns / (last.titles + 1.0)))
            features += self._rivals.features(start, end, is_known=phrase.kinds > 0)
        if is_adjective(word.text):
            features.append(("k.adjective", 1.0))
        if self._first_mark <= start:
            features.append(("k.behind_mark", 1.0))
        if word.text in ASKING:
            features.append(("k.asking", 1.0))
        if word.text in FUNCTION_WORDS:
            features.append(("k.function", 1.0))
        elif word.text in TALK:
            features.append(("k.talk", 1.0))
        return features

    def again(self, start: int) -> str:
        """Return the name of the feature of a kind after another: how it is joined to it."""
        before = self.words[start - 1].text if start else ""
        if before in BETWEEN_ALTERNATIVES:
            return f"k.{before}"
        return "k.behind_comma" if self.words[start].after_mark else "k.again"

    def _brand(self, start: int, end: int, phrase: Phrase) -> Features:
        features = [
            ("b.bias", 1.0),
            ("b.count", self._log(phrase.brands)),
            ("b.share", phrase.brands / (max(phrase.brands, phrase.titles) + 1.0)),
        ]
        if start == 0:
            features.append(("b.first", 1.0))
        if self._before(start) in ("by", "from", "brand"):
            features.append(("b.by", 1.0))
        if phrase.kinds:
            features.append(("b.kinds", phrase.kinds / (phrase.kinds + phrase.brands)))
        if end - start > 1:
            features.append(("b.long", float(end - start - 1)))
        if self.words[start].text in FUNCTION_WORDS:
            features.append(("b.function", 1.0))
        return features

    def _option(self, start: int, end: int, phrase: Phrase) -> Features:
        features = [
            ("o.bias", 1.0),
            ("o.count", self._log(phrase.options)),
            ("o.share", phrase.options / (max(phrase.options, phrase.titles) + 1.0)),
            ("o.whole" if phrase.whole else "o.part", 1.0),
        ]
        if phrase.kinds:
            features.append(("o.kinds", phrase.kinds / (phrase.kinds + phrase.options)))
        if phrase.qualities:
            features.append(("o.qualities", phrase.qualities / (phrase.qualities + phrase.options)))
        if self._before(start) == "in":
            features.append(("o.in", 1.0))
        if NUMBER.fullmatch(self.words[start].text):
            features.append(("o.number", 1.0))
        if end - start > 1:
            features.append(("o.long", float(end - start - 1)))
        if self.words[start].text in FUNCTION_WORDS:
            features.append(("o.function", 1.0))
        return features

    def _feature(self, start: int, end: int, phrase: Phrase) -> Features:
        word = self.words[start].text
        features = [("f.bias", 1.0), ("f.share", self._share(start, end))]
        if phrase.qualities:
            features += [("f.known", 1.0), ("f.count", self._log(phrase.qualities))]
        elif end - start > 1:
            features.append(("f.compound", 1.0))
        if end - start > 1:
            features.append(("f.long", float(end - start - 1)))
        if end - start == 1:
            if word in ASKING:
                features.append(("f.asking", 1.0))
            if word in FUNCTION_WORDS:
                features.append(("f.function", 1.0))
            elif word in TALK:
                features.append(("f.talk", 1.0))
            if not phrase.titles:
                features.append(("f.no_title", 1.0))
            else:
                features.append(("f.heads", phrase.heads / (phrase.titles + 1.0)))
            if is_adjective(word):
                features.append(("f.adjective", 1.0))
            if phrase.kinds:
                share = phrase.share_of_kind
                features.append(("f.late_kinds" if self._late[start] else "f.kinds", share))
        if self._before(start) in RELATIONS:
            features.append(("f.after_relation", 1.0))
        return features

    def _other(self, start: int, phrase: Phrase) -> Features:
        word = self.words[start].text
        features = [("x.bias", 1.0), ("x.titles", self._log(phrase.titles))]
        if word in FUNCTION_WORDS:
            features.append(("x.function", 1.0))
        elif word in TALK:
            features.append(("x.talk", 1.0))
        elif not self._shares[start]:
            features.append(("x.unseen", 1.0))
        if word.endswith("ly"):
            features.append(("x.ly", 1.0))
        if word in ASKING:
            features.append(("x.asking", 1.0))
        return features
