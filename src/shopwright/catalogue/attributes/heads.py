"""Which words name kinds of products, by where titles and texts have them: "holder" mostly ends a
title or a part of it, "vintage" stands before something."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from shopwright.catalogue.attributes.candidates import is_content_word
from shopwright.catalogue.attributes.goods import GOODS, OF_THINGS, QUALITIES
from shopwright.catalogue.attributes.grammar import PhraseTagger
from shopwright.catalogue.attributes.titles import parts_of, title_pieces
from shopwright.catalogue.attributes.words import DEVICES, ONLY_COLOURS, VAGUE_KINDS, stem
from shopwright.catalogue.product import Product

# How often a word that names kinds ends a part of a title, and one that stands before others.
HEAD_SHARE = 0.35
_MODIFIER_SHARE = 0.2
# What nobody knows for goods has to end more, and more different, titles.
_KIND_SHARE = 0.5
_FEWEST_ENDS = 4
_FEWEST_BEFORE = 3
_KNOWN = GOODS | VAGUE_KINDS
_THINGS = GOODS | DEVICES
# A later word for goods names the kind unless it does so much more rarely than one before it.
_OUTWEIGHS = 0.5
_RARELY = 0.02
_LATER_END = 0.5
_FEWEST_SAID = 3
# Reversed titles, "cake tin vintage doily", are seen as such when it is known what names kinds.
_ROUNDS = 2
# Other texts of so many products are read, and count from so many occurrences of a word.
_TEXTS = 4_000
_FEWEST_IN_TEXTS = 3
_WITH_TEXTS = 0.2
_NOT_IN_TEXTS = 0.15
# How often a word that anybody knows to name goods ends titles, and how many titles it takes to say
# otherwise.
_GOODS_SHARE = 0.8
_GOODS_TITLES = 4
_AFTER_ARTICLE = re.compile(r"\b(?:an?|the|this|these|your|our)\s+([^\W\d_][\w '’-]*)")
_MOST_TAGGED = 4_000
# What so many titles say, and such a share of those that say its last word, is one name: "cake
# stand", and "hot water bottle" where so many of those that say "water bottle" do.
_FEWEST_TITLES = 3
_PART_OF_LONGER = 0.6
_LONGEST_NAME = 4
_SHARE_OF_HEAD = 0.05
# A part of a title is not cut within what so many of those with its first word say: "dot matrix".
_ONE_NAME = 0.3
# Where so many of the titles that end with a word say of what it is, it is none by itself: "maker"
# is a bread maker or a coffee maker, "food" a cat's or a dog's.
_ALONE_TOO_LITTLE = 0.75


class Heads:
    """The words that name kinds of products.

    Args:
        products: from which they are learned.
        tagger: tells parts of speech.
        names: words that name makers and series.
        is_small: whether the products are too few for statistics.
        tell_series: whether the names tell all series.
    """

    def __init__(
        self,
        products: Sequence[Product],
        tagger: PhraseTagger,
        names: Collection[str],
        is_small: bool,
        tell_series: bool,
    ) -> None:
        self._names, self._is_small, self._tell_series = names, is_small, tell_series
        parts: list[tuple[str, ...]] = []
        firsts: list[bool] = []
        self._counts: Counter[tuple[str, ...]] = Counter()
        contexts: dict[tuple[str, ...], str] = {}
        for product in products:
            own = [part for piece in title_pieces(product) for part in piece.parts]
            parts += own
            firsts += [number == 0 for number in range(len(own))]
            # Not a set: the order, which decides between equally common ones, must be the same.
            lengths = range(2, _LONGEST_NAME + 2)
            spans = (w[n : n + k] for w in own for k in lengths for n in range(len(w) - k + 1))
            self._counts.update(dict.fromkeys(spans, 1))
            for words in own:
                for n in range(len(words) - 1):
                    contexts.setdefault(words[n : n + 2], " ".join(words))
        common = [pair for pair, _ in self._counts.most_common() if len(pair) == 2]
        nouns, self._nouns_before = _nouns(
            {pair: contexts[pair] for pair in common[:_MOST_TAGGED]}, tagger
        )
        self._said_of: Counter[str] = Counter()
        self._pairs: dict[tuple[str, str], str] = {}
        for pair in common:
            self._pairs.setdefault((stem(pair[0]), stem(pair[1])), " ".join(pair))
        self._shares: dict[str, float] = {}
        self._name_ends: set[str] = set()
        self._ends: Mapping[str, float] = Counter()
        self._modifiers: set[str] = set()
        in_texts = {} if is_small else _shares_in_texts(products)
        unsaid = _NOT_IN_TEXTS if in_texts else 1.0
        of_what: defaultdict[str, set[str]] = defaultdict(set)
        for words in parts:
            self._said_of.update({stem(word) for word in words})
            of_what[stem(words[-1])].update(words[-2:-1])
        for _ in range(_ROUNDS):
            said, ends = _places(
                (words, is_first or is_small)
                for part, is_first in zip(parts, firsts, strict=True)
                for words in self.cut(part)
            )
            self._ends = ends
            self._name_ends = self._ends_of_names(parts)
            shares = {
                word: min((ends[word] + 0.5) / (count + 1), 2 * in_texts.get(word, unsaid))
                for word, count in said.items()
            }
            self._modifiers = {
                word
                for word, share in shares.items()
                if share < _MODIFIER_SHARE and said[word] >= _FEWEST_SAID
            }
            self._shares = {
                word: share
                for word, share in shares.items()
                if not is_small
                and share >= _KIND_SHARE
                and ends[word] >= _FEWEST_ENDS
                and len(of_what[word]) >= _FEWEST_BEFORE
                and word in nouns
                and _is_head(word)
                and word not in names
                and word not in self._name_ends
            }
            for word in (_KNOWN & said.keys()) - self._name_ends:
                titles = said[word] + _GOODS_TITLES
                self._shares[word] = (ends[word] + _GOODS_TITLES * _GOODS_SHARE) / titles
        self._vague = self._never_alone(parts)

    def _never_alone(self, parts: Iterable[tuple[str, ...]]) -> set[str]:
        """Words of which most titles that end with them say of what they are."""
        ends_of: Counter[str] = Counter()
        said_of_what: Counter[str] = Counter()
        for words in (cut for part in parts for cut in self.cut(part)):
            ends_of[stem(words[-1])] += 1
            is_said = len(words) > 1 and stem(words[-2]) in self._nouns_before
            said_of_what[stem(words[-1])] += is_said
        return {
            word
            for word, count in ends_of.items()
            if said_of_what[word] > _ALONE_TOO_LITTLE * count
        }

    def _ends_of_names(self, parts: Iterable[tuple[str, ...]]) -> set[str]:
        """Words that always follow the same word, mostly after a kind: "lunch bag paisley park"."""
        before: dict[str, set[str]] = {}
        after_kinds: Counter[str] = Counter()
        for words in parts:
            last = stem(words[-1])
            before.setdefault(last, set()).update(words[-2:-1])
            is_after = len(words) > 2 and self.share(words[-3]) >= HEAD_SHARE
            after_kinds[last] += 1 if is_after else -1
        return {word for word, own in before.items() if len(own) == 1 and after_kinds[word] > 0}

    def share(self, word: str) -> float:
        """Return how often a word ends what it stands in; 0 if it names no kind."""
        return self._shares.get(stem(word), 0.0)

    def outweighs(self, later: str, word: str) -> bool:
        """Whether a word for goods names what it stands in, not one before it; unless it hardly
        ever does, as "apples" of "bag apples", or is a material, too."""
        return (
            self.is_goods(later)
            and later not in QUALITIES
            and stem(later) not in self._name_ends
            and self.share(later) > _OUTWEIGHS * self.share(word)
            and self._ends[stem(later)] > _RARELY * self._ends[stem(word)]
        )

    def is_goods(self, word: str) -> bool:
        """Whether anybody knows a word for goods, and it is said here as such."""
        return stem(word) in _THINGS and word not in ONLY_COLOURS and self.share(word) > 0

    def cut(self, part: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Yield a part of a title cut where a kind is followed by what stands before others."""
        begin = 0
        for n in range(len(part) - 1):
            if (
                self.share(part[n]) >= HEAD_SHARE
                and stem(part[n + 1]) in self._modifiers
                and stem(part[n + 1]) not in GOODS
                and self._counts[part[n : n + 2]] <= _ONE_NAME * self._said_of[stem(part[n])]
            ):
                yield part[begin : n + 1]
                begin = n + 1
        yield part[begin:]

    def name(self, words: tuple[str, ...]) -> str:
        """Return what ends with the last of some words: it and those before it that belong to it;
        empty if that says little."""
        pair = words[-2:]
        if len(pair) == 2 and not self._tell_series and not _is_known(pair[0]):
            return "" if self.is_vague(words[-1]) else words[-1]
        count = self._counts[pair] if len(pair) == 2 and pair[0] not in self._names else 0
        longer = next((n for n in range(2, _LONGEST_NAME + 1) if not self._is_half(words, n)), 0)
        if count >= _FEWEST_TITLES and longer > 2:
            return " ".join(words[-longer:])
        of_head = _SHARE_OF_HEAD * self._said_of[stem(words[-1])]
        if count >= max(of_head, 1 if self._is_small else _FEWEST_TITLES):
            return " ".join(pair)
        if self.is_vague(words[-1]):
            is_said = (
                len(pair) == 2
                and stem(pair[0]) in self._nouns_before
                and pair[0] not in self._names
                # Of "shoe shine box", "shine box" is half.
                and (count > 1 or len(words) == 2)
            )
            return " ".join(pair) if is_said else ""
        return words[-1]

    def _is_half(self, words: tuple[str, ...], length: int) -> bool:
        """Whether the last so many of some words are mostly said after the one before them: "water
        bottle" of "hot water bottle"."""
        name, longer = words[-length:], words[-length - 1 :]
        return (
            len(longer) > length
            and longer[0] not in self._names
            and self._counts[longer] >= _PART_OF_LONGER * self._counts[name]
        )

    def is_vague(self, word: str) -> bool:
        """Whether a word is no kind without a word before it that says of what."""
        root = stem(word)
        return root in VAGUE_KINDS or (root in self._vague and root not in GOODS)

    def pair(self, before: str, word: str) -> str:
        """Return two words as titles say them side by side; empty if hardly any does."""
        return self._pairs.get((stem(before), stem(word)), "")


def _places(
    parts: Iterable[tuple[tuple[str, ...], bool]],
) -> tuple[Counter[str], dict[str, float]]:
    """How often words are said, and how often they end a part; later parts of a title, which also
    say what a thing is like ("cup red polkadot"), count less.

    Args:
        parts: of titles, each with whether it is the first.
    """
    said: Counter[str] = Counter()
    ends: defaultdict[str, float] = defaultdict(float)
    for words, is_first in parts:
        said.update(map(stem, words))
        ends[stem(words[-1])] += 1.0 if is_first else _LATER_END
    return said, ends


def _shares_in_texts(products: Sequence[Product]) -> dict[str, float]:
    """How often words end what an article begins, "the coffee mug", in running texts; none if there
    are few such texts."""
    said: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    read = products[:: -(-len(products) // _TEXTS) or 1]
    with_texts = 0
    for product in read:
        found = _AFTER_ARTICLE.findall("\n".join((product.description, *product.bullets)).lower())
        with_texts += bool(found)
        for text in found:
            for words in islice(parts_of(text), 1):
                said.update(map(stem, words))
                ends[stem(words[-1])] += 1
    if with_texts < _WITH_TEXTS * len(read):
        return {}
    return {word: ends[word] / count for word, count in said.items() if count >= _FEWEST_IN_TEXTS}


def _nouns(contexts: dict[tuple[str, ...], str], tagger: PhraseTagger) -> tuple[set[str], set[str]]:
    """Words that are nouns after the words before them, and those that are before others."""
    pairs = [(" ".join(pair), (text,)) for pair, text in contexts.items()]
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (pair, _), tags in zip(pairs, tagger.tag(pairs), strict=True):
        for votes, word, tag in zip((first, second), pair.split(" "), tags, strict=True):
            votes[stem(word)] += 1 if tag.startswith("N") else -1
    after, before = (
        {word for word, count in votes.items() if count > 0} for votes in (second, first)
    )
    return after, before


def _is_known(word: str) -> bool:
    """Whether anybody knows a word for a thing, a use or a material."""
    return word in QUALITIES or stem(word) in OF_THINGS


def _is_head(word: str) -> bool:
    return len(word) > 2 and not word.endswith("ing") and is_content_word(word.split("-")[-1])
