"""Requests written for products of a catalogue, with what each of their words asks for.

A request is marked up: ``[K:shorts]`` is a kind, B a brand, O an option, F a feature, X what is
ruled out, A an audience, P a price, R a wish of order; what stands outside asks for nothing.
``[A=men:my husband]`` says what is meant by the words.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from shopwright.catalogue.attributes.kinds import stem
from shopwright.catalogue.attributes.words import FUNCTION_WORDS, TALK
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.rollouts import phrases

_MARKED = re.compile(r"\[([KBOFXAPR])(?:=([^:\]]*))?:([^\]]*)\]")
_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
# More ways to begin and to be polite than the product's own writer knows.
_OPENERS = (
    "hi, i'm looking for",
    "hello, do you sell",
    "can you recommend",
    "could you please show me",
    "what is a good",
    "which",
    "i am searching for",
    "trying to find",
    "i'd love",
    "i would love to have",
    "i really need",
    "hey, i need",
    "help me choose",
    "where can i buy",
    "my friend needs",
    "we are looking to buy",
    "interested in",
    "wanted:",
    "do you carry",
    "got any",
    "is there a",
    "are there any",
    "suggest some",
    "i was hoping to find",
    "i want to order",
    "please help me get",
    "a nice",
    "some good",
    "the perfect",
)
_ENDINGS = (" please", ", thanks", " thank you", ", any ideas?", "?", ".", " if possible")
_FOR = (
    "for my {k}",
    "for a {k}",
    "for the {k}",
    "for {k}",
    "to go with my {k}",
    "that fits my {k}",
)
_KINDLESS = (
    "something {a}", "{a} {b}", "something {a} for {b}", "anything with {a}",
    "a gift with {a}", "something that is {a} and {b}", "a {a} present",
    "i want something {a}, {b}",
)  # fmt: skip
_QUANTITIES = (
    "{n} oz", "{n} pack", "pack of {n}", "{n} inch", "{n} ft", "{n} pairs", "{n} person",
    "{n} piece", "{n} count", "set of {n}", "{n} inches long", "{n} lb",
    "{n} gallon", "{n} cm", "{n} tier",
)  # fmt: skip
_REVERSED = (
    "must be {a}: {k}",
    "{a}, {k}",
    "i need {a}, so {k}",
    "{a} please, {k}",
    "{a} wanted, {k}",
)
_LIKE = (
    "that is {a}",
    "that is {a} and {b}",
    "that are {a}",
    ", {a}",
    ", {a}, {b}",
    "which is {a}",
)
_WITH = ("with {a}", "with {a}", "with a {a}", "that has {a}", "and {a}", "made with {a}", ", {a}")
_OPTIONS = ("in {o}", ", {o}", "{o}", ", in {o}", ", preferably {o}", "in the color {o}")
_NAMED = ("{g} {o}", ", {g} {o}", "in {g} {o}", ", {g}: {o}", "{o} {g}")
_RULED_OUT = (
    "not {x}", "but not {x}", ", not {x}", "without {x}", ", without any {x}", ", no {x}",
    "that is not {x}", "that isn't {x}", ", nothing {x}", ", must not be {x}", "with no {x}",
    ", anything but {x}", "except {x}", "that doesn't have {x}", ", i don't want {x}",
)  # fmt: skip
_AUDIENCES = (
    ("men", "for men"), ("men", "for my husband"), ("men", "for my dad"), ("women", "for women"),
    ("women", "for my wife"), ("women", "for her"), ("girls", "for girls"), ("boys", "for my son"),
    ("girls", "for a 5 year old girl"), ("boys", "for boys"), ("kids", "for kids"),
    ("women", "for ladies"), ("kids", "for my 7 year old"),
)  # fmt: skip
_OWNERS = (("men", "mens"), ("men", "men's"), ("women", "womens"), ("women", "women's"),
           ("boys", "boys"), ("girls", "girls"), ("kids", "kids"))  # fmt: skip
_PRICES = (
    (",{n}", "under ${n}"), (",{n}", "for less than {n} dollars"), (",{n}", "{n} bucks or less"),
    (",{n}", "max {n} dollars"), ("{n},", "over ${n}"), ("{n},", "at least {n} dollars"),
    ("{n},{m}", "between {n} and {m} dollars"), ("{n},{m}", "${n}-${m}"), (",{n}", "up to ${n}"),
    ("{n},{m}", "from ${n} to ${m}"), (",{n}", "under {n}"), (",{n}", "my budget is ${n}"),
    ("{n},", "${n}+"), (",{n}", "not more than {n} dollars"), (",{n}", "cheaper than ${n}"),
)  # fmt: skip
_ORDERS = (
    ("cheapest", "cheap"), ("cheapest", "cheapest"), ("cheapest", "affordable"),
    ("cheapest", "inexpensive"), ("best rated", "best rated"), ("best rated", "top rated"),
    ("dearest", "most expensive"),
)  # fmt: skip


class Marked(NamedTuple):
    """A piece of a marked request: its letter, what is meant if that is said, and its words."""

    letter: str
    meant: str
    start: int
    end: int


def unmarked(marked: str) -> tuple[str, list[Marked]]:
    """Return a marked request's text and its pieces.

    Example:
        >>> unmarked("[A=men:mens] [K:shorts]")[0]
        'mens shorts'
    """
    pieces = []
    text = ""
    end = 0
    for found in _MARKED.finditer(marked):
        text += marked[end : found.start()]
        pieces.append(Marked(found[1], found[2] or "", len(text), len(text) + len(found[3])))
        text += found[3]
        end = found.end()
    return text + marked[end:], pieces


class Writer:
    """Writes requests for the products of a catalogue.

    Args:
        products: some of them, of which all kinds, brands and qualities are known.
    """

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = products

    def write(self, rng: random.Random) -> str:
        """Return a marked request."""
        product = rng.choice(self._products)
        kind = self._kind(product, rng)
        if rng.random() < 0.1:
            return self._fragment(product, kind, rng)
        if rng.random() < 0.07:
            return self._without_kind(product, rng)
        if rng.random() < 0.1:
            return kind
        before = self._before(product, rng)
        head = " ".join([*before, kind])
        if rng.random() < 0.14:
            other = self._kind(rng.choice(self._products), rng)
            head += rng.choice((" or ", " or ", " and ", ", ", " or a ")) + other
        if rng.random() < 0.06 and (names := _qualities(product)):
            return rng.choice(_REVERSED).format(a=f"[F:{rng.choice(names)}]", k=kind)
        text = self._opened(head, rng)
        text += "".join(self._after(product, rng))
        if rng.random() < 0.2:
            text += rng.choice(_ENDINGS)
        return _misspelt(text, rng) if rng.random() < 0.1 else text

    def _opened(self, head: str, rng: random.Random) -> str:
        if rng.random() < 0.6:
            return head
        article = rng.choice(("", "", "a ", "some ", "the "))
        return f"{rng.choice((*phrases.OPENERS, *_OPENERS))} {article}{head}".strip()

    def _kind(self, product: Product, rng: random.Random) -> str:
        parts = [part for part in re.split(r"[,&/]|\band\b", product.query.lower()) if part.strip()]
        words = _WORD.findall(rng.choice(parts) if parts else "")
        owner = ""
        if len(words) > 1 and stem(words[0].removesuffix("'s")) in ("men", "women", "girl", "boy"):
            who = {"men": "men", "women": "women", "girl": "girls", "boy": "boys"}
            value = who[stem(words[0].removesuffix("'s"))]
            owner, words = (
                f"[A={value}:{words[0].replace(chr(39), rng.choice(('', chr(39))))}] ",
                words[1:],
            )
        if not words:
            return "[K:thing]"
        if rng.random() < 0.5:
            words = [*words[:-1], stem(words[-1])]
        if len(words) == 2 and rng.random() < 0.06:
            words = ["".join(words)]
        return f"{owner}[K:{' '.join(words)}]"

    def _before(self, product: Product, rng: random.Random) -> list[str]:
        """What stands before the kind."""
        said = []
        if rng.random() < 0.08:
            value, words = rng.choice(_ORDERS)
            said.append(f"[R={value}:{words}]")
        if product.brand and rng.random() < 0.2:
            said.append(f"[B:{_clean(product.brand)}]")
        short = [name for name in _qualities(product) if name.count(" ") < 2]
        chosen = rng.sample(short, min(len(short), rng.choice((0, 0, 0, 0, 1, 1, 2))))
        said += [f"[F:{name}]" for name in chosen]
        if rng.random() < 0.2 and (words := _title_words(product)):
            said.append(f"[F:{rng.choice(words)}]")
        group, value = _option(product, rng)
        if value and rng.random() < 0.15:
            said.append(f"[O={group}:{value}]")
        if rng.random() < 0.08:
            who, words = rng.choice(_OWNERS)
            said.append(f"[A={who}:{words}]")
        return said

    def _after(self, product: Product, rng: random.Random) -> list[str]:
        """What stands behind the kind."""
        said = []
        names = _qualities(product)
        if names and rng.random() < 0.35:
            said.append(rng.choice(_WITH).format(a=f"[F:{rng.choice(names)}]"))
        if names and rng.random() < 0.15:
            marked = [f"[F:{rng.choice(names)}]" for _ in "ab"]
            said.append(rng.choice(_LIKE).format(a=marked[0], b=marked[1]))
        bare = names + _title_words(product)
        if bare and rng.random() < 0.3:
            said.append(f"[F:{rng.choice(bare)}]")
        if rng.random() < 0.1:
            number = rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 50, 84))
            said.append(f"[F:{rng.choice(_QUANTITIES).format(n=number)}]")
        other = rng.choice(self._products)
        if rng.random() < 0.2:
            noun = re.sub(r"\[(?:A=\w*|K):|\]", "", self._kind(other, rng))
            said.append(rng.choice(_FOR).format(k=f"[F:{noun}]"))
        group, value = _option(product, rng)
        if value and rng.random() < 0.25:
            marked = f"[O={group}:{value}]"
            patterns = _NAMED if rng.random() < 0.4 else _OPTIONS
            said.append(rng.choice(patterns).format(o=marked, g=group.lower()))
        if rng.random() < 0.12:
            value, words = rng.choice(_AUDIENCES)
            said.append(f"[A={value}:{words}]")
        if rng.random() < 0.2 and (ruled := _qualities(other) + _title_words(other)):
            said.append(rng.choice(_RULED_OUT).format(x=f"[X:{rng.choice(ruled)}]"))
        if rng.random() < 0.05:
            value, words = rng.choice(_ORDERS)
            said.append(f", [R={value}:{words}]")
        rng.shuffle(said)
        if rng.random() < 0.25:
            value, words = rng.choice(_PRICES)
            low = rng.choice((5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 200))
            numbers = {"n": low, "m": low + rng.choice((5, 10, 50))}
            said.append(f"[P={value.format(**numbers)}:{words.format(**numbers)}]")
        return [text if text.startswith(",") else f" {text}" for text in said]

    def _without_kind(self, product: Product, rng: random.Random) -> str:
        """A use or a quality, of whatever kind of thing."""
        said = [f"[F:{name}]" for name in _qualities(product) + _title_words(product)[:2]]
        first, second = rng.choice(said or ["[F:nice]"]), rng.choice(said or ["[F:soft]"])
        return rng.choice(_KINDLESS).format(a=first, b=second)

    def key_words(self, rng: random.Random) -> str:
        """Return what people type into a search bar, marked: words about a kind and then the kind,
        or the kind, mostly first, and words about it in any order."""
        product = rng.choice(self._products)
        kind, words = self._kind(product, rng), _title_words(product)
        said = [f"[F:{word}]" for word in rng.sample(words, min(len(words), rng.choice((0, 1, 2))))]
        names = _qualities(product)
        said += [f"[F:{name}]" for name in rng.sample(names, min(len(names), rng.choice((0, 1))))]
        group, value = _option(product, rng)
        if value and rng.random() < 0.25:
            said.append(f"[O={group}:{value}]")
        if rng.random() < 0.2:
            number = rng.choice((2, 3, 4, 6, 8, 10, 12, 20, 50))
            said.append(f"[F:{rng.choice(_QUANTITIES).format(n=number)}]")
        if rng.random() < 0.2:
            who, owner = rng.choice(_OWNERS)
            said.append(f"[A={who}:{owner}]")
        rng.shuffle(said)
        order = rng.random()
        if order < 0.5:  # As in a title, with what is chosen right before the kind.
            places = {f"[F:{word}]": place for place, word in enumerate(words)}
            said.sort(key=lambda piece: (piece.startswith("[O"), places.get(piece, -1)))
            return " ".join([*said, kind])
        place = 0 if order < 0.85 else rng.randint(0, len(said))
        return " ".join([*said[:place], kind, *said[place:]])

    def _fragment(self, product: Product, kind: str, rng: random.Random) -> str:
        """A fragment of the title and the kind, as people type them into a search bar."""
        words = _title_words(product)
        start = rng.randrange(len(words)) if words else 0
        chosen = " ".join(f"[F:{word}]" for word in words[start : start + rng.randint(1, 3)])
        brand = f"[B:{_clean(product.brand)}] " if product.brand and rng.random() < 0.5 else ""
        return f"{brand}{chosen} {kind}".strip()


def _clean(text: str) -> str:
    return re.sub(r"[\[\]:]", " ", text.lower()).strip()


def _qualities(product: Product) -> list[str]:
    kind = {stem(word) for word in _WORD.findall(product.query.lower())}
    return [
        _clean(name)
        for name in product.attributes
        if name != DEFAULT_ATTRIBUTE and not kind & {stem(word) for word in name.lower().split()}
    ]


def _title_words(product: Product) -> list[str]:
    """Words of a title that say what it is like, not what it is."""
    said = {stem(word) for word in _WORD.findall(f"{product.query} {product.brand}".lower())}
    options = {w for values in product.options.values() for v in values for w in _WORD.findall(v)}
    return [
        word
        for word in _WORD.findall(product.title.lower())[1:10]
        if word.isalpha()
        and len(word) > 2
        and stem(word.removesuffix("'s")) not in said
        and word not in FUNCTION_WORDS | TALK | options
        and stem(word) not in ("men", "women", "girl", "boy", "kid", "child", "baby", "lady")
    ]


def _option(product: Product, rng: random.Random) -> tuple[str, str]:
    named = [(g, v) for g, values in product.options.items() for v in values if len(v.split()) < 4]
    group, value = rng.choice(named) if named else ("", "")
    value = _clean(value)
    if value in phrases.SIZES and rng.random() < 0.5:
        value = rng.choice(phrases.SIZES[value]).removeprefix("size ").removeprefix("a ")
    return group, value


def _misspelt(marked: str, rng: random.Random) -> str:
    """The request with two letters of a word changed; its marks stay."""
    places = [found.start() for found in re.finditer(r"(?<![=\w])[a-z]{5,}(?![\w=:])", marked)]
    if not places:
        return marked
    place = rng.choice(places) + 2
    return marked[:place] + marked[place + 1] + marked[place] + marked[place + 2 :]
