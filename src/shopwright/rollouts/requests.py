"""Requests in many wordings, written for a purchase: what a shopper may have said who wanted it.

No label and no log: the words come from the product's own texts, from everyday English
(phrases.py) and from a thesaurus, which a language model may give. The more ways of asking a policy
meets in training, the less it leans on any one of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

from shopwright.catalogue.product import Product
from shopwright.rollouts import phrases

# Words near a word, nearest first; nothing where none is near.
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
_NO_LIMIT_DOLLARS = 100_000.0


class RequestWriter:
    """Writes requests.

    Args:
        thesaurus: words near a word; without one, only :mod:`phrases` knows other words.
        plainness: 0 to 1: the share of words and qualities that stay as the catalogue has them.
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
        draws: random.Random,
    ) -> str:
        """Return a request that a purchase of the product with these options fulfils.

        Args:
            product: what is wanted.
            attributes: phrases that it should match.
            options: option group → value.
            price_upper: the limit in dollars; a large one is not mentioned.
            draws: decides the wording.
        """
        plainness = min(1.0, max(0.0, self._plainness + draws.uniform(-0.5, 0.5)))
        asked = [self._attribute(text, plainness, draws) for text in attributes]
        chosen = [self._option(g, v, product, plainness, draws) for g, v in options.items()]
        before = [text for text in asked + chosen if len(text.split()) < 3 and draws.random() < 0.4]
        after = [text for text in asked + chosen if text not in before]
        draws.shuffle(before)
        draws.shuffle(after)
        kind = self._kind(product, plainness, draws)
        text = " ".join([draws.choice(phrases.OPENERS), *before, kind])
        if after and draws.random() < 0.15:
            first = after.pop()
            text = f"{first}, {text}"
        for clause in after:
            text += draws.choice(phrases.JOINTS) + clause
        if price_upper < _NO_LIMIT_DOLLARS and draws.random() < 0.75:
            amount = f"{price_upper:g}"
            text += draws.choice((", ", " ", ". ", ", and ")) + draws.choice(phrases.PRICES).format(
                n=amount
            )
        words = text.split()
        if draws.random() < 0.3:
            words = [_misspelt(word, draws) if draws.random() < 0.05 else word for word in words]
        return " ".join(words)

    def _kind(self, product: Product, plainness: float, draws: random.Random) -> str:
        """What the product is: words of its title, the kind that the catalogue names, or both."""
        title = self._title_words(product.title, draws)
        kinds = [part.strip() for part in re.split(r"[,&]", product.query) if part.strip()]
        named = draws.choice(kinds) if kinds else ""
        form = draws.random()
        if not title or (named and form < 0.15):
            words = named.split() or title
        elif named and form < 0.4:
            words = title + [word for word in named.split() if word not in title]
        else:
            words = title
        return " ".join(self._reworded(word, plainness, draws) for word in words)

    def _title_words(self, title: str, draws: random.Random) -> list[str]:
        segments = [
            _WORD.findall(segment) for segment in _SEPARATOR.split(title.lower()) if segment.strip()
        ]
        segments = [words for words in segments if words]
        if not segments:
            return []
        if draws.random() < 0.65:
            # A part of what comes first, mostly without the brand.
            words = segments[0]
            if len(words) > 3 and draws.random() < 0.7:
                words = words[1:]
            if len(words) > 3:
                length = draws.randint(2, min(7, len(words)))
                start = draws.randint(0, len(words) - length)
                words = words[start : start + length]
            if len(segments) > 1 and draws.random() < 0.3:
                words = words + draws.choice(segments[1:])[:3]
        else:
            every = [word for words in segments for word in words if word not in _GLUE]
            count = min(len(every), draws.randint(2, 6))
            places = sorted(draws.sample(range(len(every)), count))
            words = [every[place] for place in places]
        while words and words[-1] in _GLUE:
            words = words[:-1]
        return list(words)

    def _reworded(self, word: str, plainness: float, draws: random.Random) -> str:
        if word in _GLUE or draws.random() < 0.4 + 0.6 * plainness:
            return word
        near = list(_ALIKE.get(word, ()))
        if self._thesaurus is not None:
            near += self._thesaurus(word)
        return draws.choice(near) if near else word

    def _attribute(self, text: str, plainness: float, draws: random.Random) -> str:
        words = text.lower().split()
        if draws.random() < plainness:
            return draws.choice(phrases.ATTRIBUTES).format(a=text.lower())
        if len(words) == 2:
            first, last = words
            patterns = [(p, last) for p in phrases.FIRST_WORD.get(first, ())]
            patterns += [(p, first) for p in phrases.LAST_WORD.get(last, ())]
            if patterns and draws.random() < 0.7:
                pattern, other = draws.choice(patterns)
                return pattern.format(**_forms(other))
            if draws.random() < 0.2:
                words = draws.choice(
                    ([last, "that is", first], [last, "for", first], [last, first])
                )
        words = [self._reworded(word, 0.0, draws) for word in words]
        return draws.choice(phrases.ATTRIBUTES).format(a=" ".join(words))

    def _option(
        self, group: str, value: str, product: Product, plainness: float, draws: random.Random
    ) -> str:
        text = value.lower().replace("\xa0", " ")
        if draws.random() >= plainness:
            others = [v for v in product.options.get(group, ()) if v != value]
            text = self._value(text, others, draws)
        form = draws.choice(phrases.OPTIONS)
        return " ".join(form.format(v=text, g=group.lower()).split())

    def _value(self, text: str, others: Sequence[str], draws: random.Random) -> str:
        """Another way to write an option's value that still sets it apart from the others."""
        if text in phrases.SIZES:
            return draws.choice(phrases.SIZES[text])
        text = _UNIT.sub(lambda found: " " + draws.choice(phrases.UNITS[found.group(1)]), text)
        if text in phrases.NUMBERS and draws.random() < 0.3:
            return phrases.NUMBERS[text]
        if text.endswith(".5") and draws.random() < 0.3:
            return f"{text[:-2]} and a half"
        text = text.replace("|", "and")
        words = _WORD.findall(text)
        if not words:
            return text
        if len(words) > 1:
            # The words that no other value has are enough; the rest may go.
            elsewhere = {word for other in others for word in _WORD.findall(other.lower())}
            own = [word for word in words if word not in elsewhere]
            kept = [
                word for word in words if draws.random() < (0.9 if word in own else 0.6) or not own
            ]
            words = kept or own or words
        return " ".join(
            draws.choice(_ALIKE[word]) if word in _ALIKE and draws.random() < 0.3 else word
            for word in words
        )


def _forms(word: str) -> dict[str, str]:
    """A word and its usual endings."""
    stem = word[:-1] if word.endswith("e") else word
    done = word if word.endswith("ed") else f"{stem}ed"
    plural = word if word.endswith("s") else f"{word}s"
    return {"x": word, "xs": plural, "xing": f"{stem}ing", "xed": done}


def _misspelt(word: str, draws: random.Random) -> str:
    if len(word) < 5 or not word.isalpha():
        return word
    place = draws.randrange(1, len(word) - 1)
    if draws.random() < 0.5:
        return word[:place] + word[place + 1 :]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
