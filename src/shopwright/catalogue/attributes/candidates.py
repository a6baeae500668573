"""Pairs of words in the texts of products, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from shopwright.catalogue.attributes.labelled import without_label
from shopwright.catalogue.attributes.words import (
    FUNCTION_WORDS,
    MARKUP,
    MEASURES,
    NUMBER_WORDS,
    PEOPLE,
    TALK,
)
from shopwright.catalogue.product import Product

# A word, or a mark at which a piece of text ends; hyphens within words part them.
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|\s[-–—‐‑]+(?=\s)|\n|[^\w\s'’\-‐‑]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# "95% cotton, 5% spandex" is said as "cotton spandex".
_SHARE = re.compile(r"[,;/&+|]?\s*\b\d+(?:[.,]\d+)?\s?%\s*")
# "Easy to clean" and "plug and play" as attributes: "easy clean", "plug play".
_LINKED = re.compile(r"\b(?:(easy|ready) (?:to|for)|(plug) (?:and|&|n)) (?=\w)")
# Pieces of text of so few words mostly name a property; longer ones tell.
PIECE_WORDS = 4
END, COMMA, NUMBER = range(3)
# So many contexts decide what parts of speech a phrase has, so many words to each side.
CONTEXTS = 3
REACH = 6
_ARTICLES = frozenset("a all an any each every our the their this your".split())
# What stands in a list that "for" begins is a use: "for kitchen, dining room and office".
_LISTED = _ARTICLES | {"and", "or"}
_LONGEST_LIST = 12
_NOT = frozenset("cannot never no non nor not without".split())
_WITH = frozenset(("has", "have", "of", "with"))
_PARTICLES = frozenset("away down off on out up".split())
_NO_CONTENT = FUNCTION_WORDS | TALK | MEASURES | MARKUP | NUMBER_WORDS | PEOPLE


words_of = _WORD.findall


def title_text(product: Product) -> str:
    """Return a product's title, lower case, without the brand that it begins with."""
    return product.title.lower().removeprefix(product.brand.lower())


def said_of(product: Product, labels: Collection[str] = ()) -> tuple[list[str], list[str]]:
    """Return the words and marks of a product's title, and those of its other texts, lower case.

    Args:
        product: whose texts are read; its brand is left out.
        labels: what stands before ":" in bullets and is left out.
    """
    title, *rest = texts_of(product, labels)
    return read(title, product.brand), read("\n".join(rest), product.brand)


def texts_of(product: Product, labels: Collection[str] = ()) -> list[str]:
    """Return a product's title, and its other texts as far as they are read each for itself, lower
    case.

    Args:
        product, labels: as of :func:`said_of`.
    """
    bullets = product.bullets
    if labels:
        bullets = tuple([without_label(bullet, labels) for bullet in bullets])
    rest = "\n".join((*bullets, product.description)).lower()
    # Shares go on over the ends of lines: "cotton", "5% spandex".
    others = [rest] if "%" in rest else rest.split("\n")
    return [title_text(product), *others]


def read(text: str, brand: str) -> list[str]:
    """Return the words and marks of a text in lower case, without a product's brand."""
    if brand:
        text = text.replace(brand.lower(), "|")
    if "%" in text:
        text = _SHARE.sub(" ", text)
    if "easy " in text or "ready " in text or "plug " in text:
        text = _LINKED.sub(lambda found: f"{found[1] or found[2]} ", text)
    return _TOKEN.findall(text)


@dataclass(frozen=True)
class Candidates:
    """The pairs of words of some products.

    Attributes:
        phrases: the pairs as texts.
        support: int, how many products have it.
        brands: int, of how many brands those are.
        named: share of occurrences in titles and short pieces of text.
        in_title: share of occurrences in titles.
        starts, ends: share of occurrences with no content word before it, after it.
        goes_on: share of occurrences with a verb's particle after it: "auto power off".
        before, after: share of occurrences with the commonest content word before it, after it.
        after_number: share of occurrences after a number, in digits or words.
        after_for: share of occurrences after "for".
        in_uses: share of occurrences after "for" or in a list that it begins.
        after_with: share of occurrences after "with", "has" or "of".
        after_not: share of occurrences after "no", "not" or a number in words.
        begins: share of occurrences at the beginning of a piece of text, titles aside.
        association: pointwise mutual information of its words, in nats.
        pairs: int, (n, 2): product and phrase, each pair once.
    """

    phrases: list[str]
    support: np.ndarray
    brands: np.ndarray
    named: np.ndarray
    in_title: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    goes_on: np.ndarray
    before: np.ndarray
    after: np.ndarray
    after_number: np.ndarray
    after_for: np.ndarray
    in_uses: np.ndarray
    after_with: np.ndarray
    after_not: np.ndarray
    begins: np.ndarray
    association: np.ndarray
    pairs: np.ndarray
    _stream: _Stream
    _firsts: np.ndarray
    _numbers: np.ndarray

    def contexts(self, phrase: int) -> list[str]:
        """Return a few pieces of text, of different places, that have a phrase."""
        own = slice(*np.searchsorted(self._numbers, (phrase, phrase + 1)))
        firsts = self._firsts[own]
        chosen = firsts[np.linspace(0, len(firsts) - 1, min(CONTEXTS, len(firsts))).astype(int)]
        return [self._stream.around(first) for first in dict.fromkeys(chosen.tolist())]


class _Numbers(dict[str, int]):
    """The number of each word; marks end a piece, and all numbers are one word."""

    def __init__(self) -> None:
        self.words = ["", ",", "0"]

    def __missing__(self, word: str) -> int:
        if not word[0].isalnum():
            number = COMMA if word in ",/&" else END
        elif any(map(str.isdigit, word)):
            number = NUMBER
        else:
            number = len(self.words)
            self.words.append(word)
        self[word] = number
        return number


class _Stream:
    """All words of some products, one after the other.

    Attributes:
        words: the words by number.
        numbers: int64, (words said,): the number of each; :data:`END` around each piece.
        rows: int64, (words said,): the product of each.
        named, titles: bool, (words said,): whether it is in a title or a short piece; in a title.
    """

    def __init__(self, products: Sequence[Product], labels: Collection[str]) -> None:
        known = _Numbers()
        numbers, lengths, title_lengths = [END, END], [], []
        for product in products:
            title, rest = said_of(product, labels)
            numbers += map(known.__getitem__, title)
            numbers += (END, END)
            numbers += map(known.__getitem__, rest)
            numbers += (END, END)
            lengths.append(len(title) + len(rest) + 4)
            title_lengths.append(len(title) + 2)
        self.words = known.words
        self.numbers = np.array(numbers, dtype=np.int64)
        self.rows = np.repeat(np.arange(len(lengths)), lengths)
        self.rows = np.concatenate([np.zeros(2, dtype=np.int64), self.rows])
        places = np.arange(len(numbers))
        starts = 2 + np.concatenate([[0], np.cumsum(lengths)])[:-1].astype(np.int64)
        self.titles = np.zeros(len(numbers), dtype=bool)
        if lengths:
            self.titles[2:] = (places[2:] - starts[self.rows[2:]]) < np.array(title_lengths)[
                self.rows[2:]
            ]
        ends = np.flatnonzero(self.numbers <= COMMA)
        # How many words the piece of each word has: between the mark before it and the next.
        after = np.searchsorted(ends, places).clip(0, len(ends) - 1)
        piece = ends[after] - ends[(after - 1).clip(0)] - 1
        self.named = self.titles | (piece <= PIECE_WORDS)

    def mask(self, words: Collection[str]) -> np.ndarray:
        """Return which of the words said are among some."""
        return np.array([word in words for word in self.words], dtype=bool)[self.numbers]

    def uses(self) -> np.ndarray:
        """Return which of the words said stand after "for", or in a list that it begins."""
        places = np.arange(len(self.numbers))
        listed = self.mask(_LISTED) | (self.numbers >= COMMA) & ~self.mask(FUNCTION_WORDS)
        before = np.concatenate([[0], np.maximum.accumulate(np.where(listed, 0, places))[:-1]])
        uses: np.ndarray = self.mask(("for",))[before] & (places - before <= _LONGEST_LIST)
        return uses

    def around(self, first: int) -> str:
        """Return the piece of text around a pair of words, as far as :data:`REACH`."""
        begin, end = first, first + 2
        while begin > first - REACH and self.numbers[begin - 1] > COMMA:
            begin -= 1
        while end < first + 2 + REACH and self.numbers[end] > COMMA:
            end += 1
        return " ".join(self.words[number] for number in self.numbers[begin:end].tolist())


def gather(
    products: Sequence[Product],
    fewest: int,
    excluded: Collection[str] = (),
    labels: Collection[str] = (),
) -> Candidates:
    """Return the pairs of content words that at least so many products have.

    Args:
        products: whose texts are read.
        fewest: how many products, from 1.
        excluded: words that are no content either, such as brands.
        labels: what stands before ":" in bullets and is left out.
    """
    stream = _Stream(products, labels)
    is_content = [is_content_word(word) and word not in excluded for word in stream.words]
    said, content = stream.numbers, np.array(is_content, dtype=bool)[stream.numbers]
    firsts = np.flatnonzero(content[:-1] & content[1:] & (said[:-1] != said[1:]))
    keys = said[firsts] << 32 | said[firsts + 1]
    unique, numbers = np.unique(keys, return_inverse=True)
    total = max(len(products), 1)
    support = np.bincount(np.unique(numbers * total + stream.rows[firsts]) // total)
    kept = np.flatnonzero(support >= fewest)
    new_number = np.full(len(unique), -1)
    new_number[kept] = np.arange(len(kept))
    numbers = new_number[numbers]
    firsts, numbers = firsts[numbers >= 0], numbers[numbers >= 0]
    order = np.argsort(numbers, kind="stable")
    return _described(products, stream, content, firsts[order], numbers[order], unique[kept])


def is_content_word(word: str) -> bool:
    """Whether an attribute may have a word: no function word, measure or seller's talk."""
    bare = word.replace("’", "'").removesuffix("'s")
    return len(bare) > 1 and bare.isalpha() and bare not in _NO_CONTENT


def _described(
    products: Sequence[Product],
    stream: _Stream,
    content: np.ndarray,
    firsts: np.ndarray,
    numbers: np.ndarray,
    keys: np.ndarray,
) -> Candidates:
    said, count, words = stream.numbers, len(keys), stream.words
    rows = stream.rows[firsts]
    occurrences = np.bincount(numbers, minlength=count).clip(1)

    def share(flags: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.bincount(numbers, flags, minlength=count) / occurrences
        return found

    pairs = np.unique(rows * max(count, 1) + numbers)
    pairs = np.stack([pairs // max(count, 1), pairs % max(count, 1)], axis=1)
    of_product, brands = numbered(map(brand_of, products))
    of_brands = np.unique(numbers * max(brands, 1) + of_product[rows])
    frequency = np.bincount(said, minlength=len(words)).astype(float)
    expected = frequency[keys >> 32] * frequency[keys & 0xFFFFFFFF] / len(said)
    articles = stream.mask(_ARTICLES)
    # What stands before the phrase, an article left out.
    leading = np.where(articles[firsts - 1], firsts - 2, firsts - 1)
    return Candidates(
        phrases=[f"{words[key >> 32]} {words[key & 0xFFFFFFFF]}" for key in keys.tolist()],
        support=np.bincount(pairs[:, 1], minlength=count),
        brands=np.bincount(of_brands // max(brands, 1), minlength=count),
        named=share(stream.named[firsts]),
        in_title=share(stream.titles[firsts]),
        starts=share(~content[firsts - 1]),
        ends=share(~content[firsts + 2]),
        goes_on=share(stream.mask(_PARTICLES)[firsts + 2]),
        before=_commonest(numbers, said[firsts - 1], content[firsts - 1], count) / occurrences,
        after=_commonest(numbers, said[firsts + 2], content[firsts + 2], count) / occurrences,
        after_number=share((said[firsts - 1] == NUMBER) | stream.mask(NUMBER_WORDS)[firsts - 1]),
        after_for=share(stream.mask(("for",))[leading]),
        in_uses=share(stream.uses()[firsts]),
        after_with=share(stream.mask(_WITH)[leading]),
        after_not=share(stream.mask(_NOT | NUMBER_WORDS)[leading]),
        begins=share((said[leading] <= COMMA) & ~stream.titles[firsts]),
        association=np.log(occurrences / expected),
        pairs=pairs,
        _stream=stream,
        _firsts=firsts,
        _numbers=numbers,
    )


def _commonest(
    numbers: np.ndarray, others: np.ndarray, counted: np.ndarray, count: int
) -> np.ndarray:
    """How often each phrase stands beside the word that it most often stands beside."""
    unique, times = np.unique(numbers[counted] << 32 | others[counted], return_counts=True)
    most = np.zeros(count, dtype=np.int64)
    np.maximum.at(most, unique >> 32, times)
    return most


def brand_of(product: Product) -> str:
    """Return who makes a product: its brand, or the first word of its title, which mostly is."""
    return maker(product.title, product.brand)


def maker(title: str, brand: str) -> str:
    """Return who makes what has a title and perhaps a brand, as :func:`brand_of` does."""
    return (brand or title.partition(" ")[0]).lower()


def numbered(names: Iterable[str]) -> tuple[np.ndarray, int]:
    """Return the number of each name, int64, and how many different ones there are."""
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(name, len(numbers)) for name in names]
    return np.array(found, dtype=np.int64), len(numbers)
