"""Requests in many wordings, written for a purchase that fulfils them.

They need neither labels nor logs: the words come from the product's own texts, from everyday
English (phrases.py) and from a thesaurus, which a language model may provide. The more wordings a
policy meets in training, the less it depends on any one of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

from shopwright.catalogue.product import Product
from shopwright.rollouts import phrases
from shopwright.shop.price_limits import is_limit

# Returns words of similar meaning, nearest first; none where no word is near.
Thesaurus = Callable[[str], Sequence[str]]

_WORD = re.compile(r"[\w'.]+(?:-\w+)*")
_SEPARATOR = re.compile(r"[,|()\[\]:;/–—]| - ")
_GLUE = frozenset(
    "a an and the of for with in on to from by or your our is are it this that at as be you".split()
)
_ALIKE: dict[str, tuple[str, ...]] = {
    word: tuple(other for other in group if other != word)
    for group in phrases.ALIKE
    for word in group
}
_UNIT = re.compile(
    r"(?<=\d)\s*("
    + "|".join(sorted(map(re.escape, phrases.UNITS), key=len, reverse=True))
    + r")(?!\w)"
)


class RequestWriter:
    """Writes requests.

    Args:
        thesaurus: finds words of similar meaning; None: only those of :mod:`phrases` are used.
        plainness: 0 to 1: the share of words and attributes kept as the catalogue has them.
    """

    def __init__(self, thesaurus: Thesaurus | None = None, *, plainness: float = 0.5) -> None:
        self._thesaurus = thesaurus
        self._plainness = plainness

    def write(
        self,
        product: Product,
        attributes: Sequence[str],
        options: Mapping[str, str],
        price_upper: float,
        rng: random.Random,
    ) -> str:
        """Return a request that buying the product with these options fulfils.

        Args:
            price_upper: the limit in the product's currency; a number for "none" is not mentioned.
        """
        plainness = min(1.0, max(0.0, self._plainness + rng.uniform(-0.5, 0.5)))
        asked = [self._attribute(text, plainness, rng) for text in attributes]
        chosen = [self._option(g, v, product, plainness, rng) for g, v in options.items()]
        before = [text for text in asked + chosen if len(text.split()) < 3 and rng.random() < 0.4]
        after = [text for text in asked + chosen if text not in before]
        rng.shuffle(before)
        rng.shuffle(after)
        kind = self._kind(product, plainness, rng)
        text = " ".join([rng.choice(phrases.OPENERS), *before, kind])
        if after and rng.random() < 0.15:
            first = after.pop()
            text = f"{first}, {text}"
        for clause in after:
            text += rng.choice(phrases.JOINTS) + clause
        if is_limit(price_upper) and rng.random() < 0.75:
            joint = rng.choice((", ", " ", ". ", ", and "))
            if product.currency != "USD" and text[-1].isdigit():
                joint = ", "  # Or "38 250 euros" could be one amount.
            pattern = rng.choice(phrases.prices(product.currency))
            text += joint + _priced(pattern, price_upper, rng)
        words = text.split()
        if rng.random() < 0.3:
            words = [_misspelt(word, rng) if rng.random() < 0.05 else word for word in words]
        return " ".join(words)

    def _kind(self, product: Product, plainness: float, rng: random.Random) -> str:
        """Words for the product: from its title, from the catalogue's name of its kind, or both."""
        title = self._title_words(product.title, rng)
        kinds = [part.strip() for part in re.split(r"[,&]", product.query) if part.strip()]
        named = rng.choice(kinds) if kinds else ""
        form = rng.random()
        if not title or (named and form < 0.15):
            words = named.split() or title
        elif named and form < 0.4:
            words = title + [word for word in named.split() if word not in title]
        else:
            words = title
        return " ".join(self._reworded(word, plainness, rng) for word in words)

    def _title_words(self, title: str, rng: random.Random) -> list[str]:
        segments = [
            _WORD.findall(segment) for segment in _SEPARATOR.split(title.lower()) if segment.strip()
        ]
        segments = [words for words in segments if words]
        if not segments:
            return []
        if rng.random() < 0.65:
            # A part of the first segment, mostly without the brand.
            words = segments[0]
            if len(words) > 3 and rng.random() < 0.7:
                words = words[1:]
            if len(words) > 3:
                length = rng.randint(2, min(7, len(words)))
                start = rng.randint(0, len(words) - length)
                words = words[start : start + length]
            if len(segments) > 1 and rng.random() < 0.3:
                words = words + rng.choice(segments[1:])[:3]
        else:
            every = [word for words in segments for word in words if word not in _GLUE]
            count = min(len(every), rng.randint(2, 6))
            places = sorted(rng.sample(range(len(every)), count))
            words = [every[place] for place in places]
        while words and words[-1] in _GLUE:
            words = words[:-1]
        return list(words)

    def _reworded(self, word: str, plainness: float, rng: random.Random) -> str:
        if word in _GLUE or rng.random() < 0.4 + 0.6 * plainness:
            return word
        near = list(_ALIKE.get(word, ()))
        if self._thesaurus is not None:
            near += self._thesaurus(word)
        return rng.choice(near) if near else word

    def _attribute(self, text: str, plainness: float, rng: random.Random) -> str:
        words = text.lower().split()
        if rng.random() < plainness:
            return rng.choice(phrases.ATTRIBUTES).format(a=text.lower())
        if len(words) == 2:
            first, last = words
            patterns = [(p, last) for p in phrases.FIRST_WORD.get(first, ())]
            patterns += [(p, first) for p in phrases.LAST_WORD.get(last, ())]
            if patterns and rng.random() < 0.7:
                pattern, other = rng.choice(patterns)
                return pattern.format(**_forms(other))
            if rng.random() < 0.2:
                words = rng.choice(([last, "that is", first], [last, "for", first], [last, first]))
        words = [self._reworded(word, 0.0, rng) for word in words]
        return rng.choice(phrases.ATTRIBUTES).format(a=" ".join(words))

    def _option(
        self, group: str, value: str, product: Product, plainness: float, rng: random.Random
    ) -> str:
        text = value.lower().replace("\xa0", " ")
        if rng.random() >= plainness:
            others = [v for v in product.options.get(group, ()) if v != value]
            text = self._value(text, others, rng)
        form = rng.choice(phrases.OPTIONS)
        return " ".join(form.format(v=text, g=group.lower()).split())

    def _value(self, text: str, others: Sequence[str], rng: random.Random) -> str:
        """Another way to write an option value that still tells it from the others."""
        if text in phrases.SIZES:
            return rng.choice(phrases.SIZES[text])
        text = _UNIT.sub(lambda found: " " + rng.choice(phrases.UNITS[found.group(1)]), text)
        if text in phrases.NUMBERS and rng.random() < 0.3:
            return phrases.NUMBERS[text]
        if text.endswith(".5") and rng.random() < 0.3:
            return f"{text[:-2]} and a half"
        text = text.replace("|", "and")
        words = _WORD.findall(text)
        if not words:
            return text
        if len(words) > 1:
            # The words that no other value has suffice; the rest may go.
            elsewhere = {word for other in others for word in _WORD.findall(other.lower())}
            own = [word for word in words if word not in elsewhere]
            kept = [
                word for word in words if rng.random() < (0.9 if word in own else 0.6) or not own
            ]
            words = kept or own or words
        return " ".join(
            rng.choice(_ALIKE[word]) if word in _ALIKE and rng.random() < 0.3 else word
            for word in words
        )


def _priced(pattern: str, limit: float, rng: random.Random) -> str:
    """A pattern with its amount, large ones in several forms."""
    if limit < 1000:
        # WebShop's are whole; "17.50" has its own decimals.
        whole = limit == int(limit)
        amount = f"{limit:g}" if whole else f"{limit:.2f}"
        return (pattern if whole else pattern.replace("{n}.00", "{n}")).format(n=amount)
    amount = f"{limit:.2f}".removesuffix(".00")
    forms = [amount, f"{limit:,.2f}".removesuffix(".00")]
    if limit % 1000 == 0 and limit >= 10_000:
        forms.append(f"{limit / 1000:.0f}k")
    return pattern.replace("{n}.00", "{n}").format(n=rng.choice(forms))


def _forms(word: str) -> dict[str, str]:
    """The inflected forms of a word, by the names that patterns have for them."""
    stem = word[:-1] if word.endswith("e") else word
    done = word if word.endswith("ed") else f"{stem}ed"
    plural = word if word.endswith("s") else f"{word}s"
    return {"x": word, "xs": plural, "xing": f"{stem}ing", "xed": done}


def _misspelt(word: str, rng: random.Random) -> str:
    if len(word) < 5 or not word.isalpha():
        return word
    place = rng.randrange(1, len(word) - 1)
    if rng.random() < 0.5:
        return word[:place] + word[place + 1 :]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
