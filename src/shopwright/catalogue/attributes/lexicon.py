"""The phrases that are attributes in a catalogue, learned from its texts.

Source: Yao et al., "WebShop", 2022 (arXiv 2207.01206), section 3.2: bigrams of titles and
descriptions are weighted by TF-IDF in each category, people remove noise from the best 200 of each,
and products get those that their texts contain. Deviations: parts of speech, the places where a
phrase stands and how many brands say it take the place of people. The weights of :data:`_WEIGHTS`
are those of a logistic regression of WebShop's own attributes on half of its 1,000 published
products, rounded; benchmarks/attributes.py says what they are worth on the other half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from shopwright.catalogue.attributes.candidates import (
    Candidates,
    gather,
    numbered,
    read,
    texts_of,
)
from shopwright.catalogue.attributes.goods import (
    PARTS,
    QUALITIES,
    USES,
)
from shopwright.catalogue.attributes.grammar import (
    DEGREES,
    PhraseTagger,
    anybody_knows,
    describes,
    is_attribute,
    is_before,
)
from shopwright.catalogue.attributes.kinds import head_of, words_of_kind
from shopwright.catalogue.attributes.names import FEWEST_BRANDS, Names
from shopwright.catalogue.attributes.words import (
    CARE,
    COLOURS,
    COMPLAINTS,
    INTENSIFIERS,
    UNSAID,
    stem,
)
from shopwright.catalogue.product import Product

# How many phrases a product has on average, before those that name its kind are left out.
MEAN_PHRASES = 5.0
MOST_PHRASES = 10
LARGEST_SHARE = 0.5
# A smaller category says little about what is common.
SMALL_CATEGORY = 10
# Of so many good phrases at most the parts of speech are found out.
MOST_TAGGED = 6_000
TAGGED_AT_ONCE = 500
# How often a phrase may stand beside the same word: beyond that it is a part of something.
MOST_WITH_ONE_WORD = 0.7
# How often a phrase stands after "for" if it is a use, or sometimes after it and so often in lists
# that it begins; how often after "with" or at the beginning of a piece of text, and how often with
# no content word after it, if it is a property.
FEWEST_AFTER_FOR = 0.12
FEWEST_SOMETIMES_FOR = 0.015
FEWEST_IN_USES = 0.25
FEWEST_AFTER_WITH = 0.4
MOST_BEFORE_FOR = 0.3
FEWEST_AT_END = 0.35
FEWEST_AT_START = 0.3
_GOOD = frozenset("best good high premium top".split())
_WASHING = frozenset("wash washing water".split())
# How often what a request says may stand after "no" or "third": "no sugar added", "third party
# tested".
MOST_AFTER_NOT = 0.4
# What more products have than this and no title or sentence says is the name of a field.
MOST_UNSAID = 20
HEADS_PER_PHRASE = 0.2
# How many brands say what is neither a part nor a use that anybody knows.
FEWEST_SAYING = 10
_REMEMBERED_TEXTS = 1 << 14
# Of how many phrases of a single product the parts of speech are found out.
MOST_OWN = 6
_WEIGHTS = {
    "spread": 1.7, "in_title": 1.5, "before": -0.8, "after": -0.8, "ends": 0.3, "association": 0.2,
}  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """A phrase that describes products.

    Attributes:
        score: how good an attribute it is, on no scale.
        place: where a request says it: "before" the kind, after "with" or after "for".
    """

    score: float
    place: str


class Lexicon:
    """The attributes that a catalogue knows.

    Attributes:
        phrases: every phrase.
        heads: how many kinds of products end with a word.
        too_common: category → phrases that most of its products have.
        labels: of bullets, which are no phrases.
        names: the catalogue's brands.
    """

    def __init__(
        self,
        phrases: Mapping[str, Phrase],
        heads: Mapping[str, int],
        too_common: Mapping[str, Collection[str]],
        labels: Collection[str],
        names: Names,
    ) -> None:
        self.phrases, self.heads, self.too_common = phrases, heads, too_common
        self.labels, self.names = labels, names
        self._phrase_of = {tuple(phrase.split(" ")): phrase for phrase in phrases}
        self._stems_of = {phrase: {*map(stem, phrase.split(" "))} for phrase in phrases}
        # Makers say the same of many products.
        self._phrases_in = lru_cache(maxsize=_REMEMBERED_TEXTS)(self._found_in)

    def _found_in(self, text: str, brand: str) -> frozenset[str]:
        """The phrases that a text has, of a product of some brand."""
        return frozenset(filter(None, map(self._phrase_of.get, pairwise(read(text, brand)))))

    def attributes(self, product: Product, most: int = MOST_PHRASES) -> list[str]:
        """Return the phrases that a product's texts have, the best first."""
        title, *others = texts_of(product, self.labels)
        found = {*self._found_in(title, product.brand)}
        for text in others:
            # A text that does not say a brand has the same phrases for all of them.
            is_named = product.brand.lower() in text
            found |= self._phrases_in(text, product.brand if is_named else "")
        kind = words_of_kind(product)
        values = {value for values in product.options.values() for value in values}
        common = self.too_common.get(product.category, ())
        kept = [
            phrase
            for phrase in found
            if phrase not in common and phrase not in values and not self._stems_of[phrase] <= kind
        ]
        return sorted(kept, key=lambda phrase: (-self.phrases[phrase].score, phrase))[:most]

    def place(self, phrase: str) -> str:
        """Return where a request says a phrase; empty if it says it nowhere."""
        return self.phrases[phrase].place


def learn(
    products: Sequence[Product],
    names: Names,
    tagger: PhraseTagger,
    labels: Collection[str] = (),
) -> Lexicon:
    """Return the attributes that some products have in common.

    Args:
        products: a sample of the catalogue.
        names: brands, which are no attributes.
        tagger: tells parts of speech.
        labels: what stands before ":" in bullets and is left out.
    """
    candidates = gather(products, 2, names.words, labels)
    scores = _scores(candidates, names.count)
    usable = np.flatnonzero(_is_usable(candidates, names))
    ranked = usable[np.lexsort((usable, -scores[usable]))][:MOST_TAGGED].tolist()
    heads = Counter(head_of(product.query) for product in products)
    phrases: dict[str, Phrase] = {}
    stems: set[str] = set()
    missing = MEAN_PHRASES * len(products)
    for number, tags in _tagged(ranked, candidates, tagger):
        phrase = candidates.phrases[number]
        root = " ".join(map(stem, phrase.split(" ")))
        if root in stems or not is_attribute(phrase, tags):
            continue
        # What nearly always stands before the same word is half a name, unless it describes that.
        if candidates.after[number] > MOST_WITH_ONE_WORD and tags[0] not in ("JJ", "RB", "VBN"):
            continue
        stems.add(root)
        place = _place(tags, candidates, number, names, heads)
        phrases[phrase] = Phrase(float(scores[number]), place)
        missing -= int(candidates.support[number])
        if missing <= 0:
            break
    return Lexicon(phrases, heads, _too_common(products, candidates), labels, names)


def learn_own(products: Sequence[Product], tagger: PhraseTagger, known: Lexicon) -> Lexicon:
    """Return phrases of single products: what stands by itself in their titles and pieces of text.

    Args:
        products: those that have few phrases in common with others.
        tagger: tells parts of speech.
        known: the catalogue's lexicon.
    """
    names = known.names
    candidates = gather(products, 1, names.words, known.labels)
    scores = _scores(candidates, names.count)
    alone = (candidates.starts > 0.9) & (candidates.ends > 0.9) & (candidates.after_number == 0)
    best: dict[int, None] = {}
    by_product = np.split(
        candidates.pairs[:, 1],
        np.searchsorted(candidates.pairs[:, 0], np.arange(1, len(products))),
    )
    for own in by_product:
        own = own[alone[own]]
        best.update(dict.fromkeys(own[np.lexsort((own, -scores[own]))][:MOST_OWN].tolist()))
    phrases = {}
    for number, tags in _tagged([*best][:MOST_TAGGED], candidates, tagger):
        phrase = candidates.phrases[number]
        if not names.has(phrase) and is_attribute(phrase, tags):
            is_said = anybody_knows(phrase) or stem(phrase.rpartition(" ")[2]) in PARTS | USES
            place = _place(tags, candidates, number, names, known.heads) if is_said else ""
            phrases[phrase] = Phrase(float(scores[number]), place)
    return Lexicon(phrases, known.heads, known.too_common, known.labels, names)


def _tagged(
    numbers: Sequence[int], candidates: Candidates, tagger: PhraseTagger
) -> Iterator[tuple[int, tuple[str, str]]]:
    for begin in range(0, len(numbers), TAGGED_AT_ONCE):
        part = numbers[begin : begin + TAGGED_AT_ONCE]
        tags = tagger.tag([(candidates.phrases[n], candidates.contexts(n)) for n in part])
        yield from zip(part, tags, strict=True)


def _scores(candidates: Candidates, brands: int) -> np.ndarray:
    spread = candidates.support if brands < FEWEST_BRANDS else candidates.brands
    features = {
        "spread": np.log(spread),
        "in_title": np.minimum(20 * candidates.in_title, 1),
        "before": np.clip(candidates.before, 0.15, 0.5),
        "after": np.clip(candidates.after, 0.15, 0.5),
        "ends": np.minimum(10 * candidates.ends, 1),
        "association": np.minimum(candidates.association, 5),
    }
    scores: np.ndarray = sum(_WEIGHTS[name] * values for name, values in features.items())
    return scores


def _is_usable(candidates: Candidates, names: Names) -> np.ndarray:
    is_name = np.array([names.has(phrase) for phrase in candidates.phrases], dtype=bool)
    usable: np.ndarray = (
        ~is_name
        & (candidates.starts > 0.03)
        & (candidates.before < MOST_WITH_ONE_WORD)
        & (candidates.after_number < 0.5)
    )
    return usable & (candidates.brands > 1) if names.count >= FEWEST_BRANDS else usable


def _place(
    tags: tuple[str, str],
    candidates: Candidates,
    number: int,
    names: Names,
    heads: Mapping[str, int],
) -> str:
    phrase = candidates.phrases[number]
    first, _, second = phrase.partition(" ")
    free = max(float(candidates.starts[number]), 0.01)
    if (
        first in CARE
        or second in _WASHING
        or {first, second} & UNSAID
        or (second == "quality" and first not in _GOOD)
        # A piece of a sentence: "easily moved".
        or (first.endswith("ly") and candidates.in_title[number] == 0)
        or candidates.after_not[number] > MOST_AFTER_NOT * free
        # Another kind of product, unless hardly any is called so: "long sleeve".
        or heads[stem(second)] > HEADS_PER_PHRASE * candidates.support[number]
    ):
        return ""
    # By the tagger alone, series of few brands are adjectives.
    is_telling = names.tell_series or bool({first, second} & QUALITIES)
    is_telling = is_telling and stem(second) not in PARTS  # "USB cable" is no adjective.
    after_for = candidates.after_for[number] / free
    if is_before(phrase, tags if is_telling else ("", "")):
        if tags[1] == "VBN" and after_for > MOST_BEFORE_FOR and stem(first) in USES:
            return ""  # "For home scented" is two things.
        return "before" if names.tell_series or anybody_knows(phrase) else ""
    if first in INTENSIFIERS or {first, second} & names.proper or tags == ("NNP", "NNP"):
        return ""
    # What makers say of whose products a shop has many is not only a way of one seller's.
    is_of_several = names.told >= FEWEST_BRANDS and candidates.brands[number] >= FEWEST_SAYING
    after_with = candidates.after_with[number] / free
    in_uses = candidates.in_uses[number] / free
    is_use = after_for > max(after_with, FEWEST_AFTER_FOR) or (
        after_for > FEWEST_SOMETIMES_FOR and in_uses > max(after_with, FEWEST_IN_USES)
    )
    # Cracked heels ask for a cream; high ones are a part of shoes.
    is_complaint = second in COMPLAINTS and first not in DEGREES
    if second == "use" or is_complaint or is_use:
        is_of_several = is_of_several and stem(second) not in PARTS
        is_known = stem(second) in USES or is_complaint or is_of_several
        is_known = is_known and first not in COLOURS
        return "for" if is_known and "NNP" not in tags else ""
    # What mostly follows verbs or goes on is no property: "relieve back pain", "high temperature
    # resistance"; nor is what things are for, "dining room", or what only lists of fields say.
    is_said = (
        candidates.in_title[number] > 0
        or after_with > 0
        or candidates.support[number] < MOST_UNSAID
    )
    is_part = stem(second) in PARTS
    stands = (
        (is_said or is_part)
        and in_uses < max(after_with, FEWEST_IN_USES)
        and after_with + candidates.begins[number] / free > FEWEST_AFTER_WITH * (1 - 0.6 * is_part)
        and candidates.ends[number] - candidates.goes_on[number]
        > FEWEST_AT_END * (1 - 0.4 * is_part)
        # "Kernel oil" is half of what it is named.
        and candidates.starts[number] > FEWEST_AT_START
    )
    is_no_name = names.tell_series or describes(first)
    return "with" if stands and is_no_name and (is_part or is_of_several) else ""


def _too_common(products: Sequence[Product], candidates: Candidates) -> dict[str, set[str]]:
    """For each category the phrases that at least half of its products have."""
    of_product, count = numbered(product.category for product in products)
    sizes = np.bincount(of_product, minlength=count)
    names = {int(number): p.category for number, p in zip(of_product, products, strict=True)}
    total = max(len(candidates.phrases), 1)
    keys = of_product[candidates.pairs[:, 0]] * total + candidates.pairs[:, 1]
    unique, times = np.unique(keys, return_counts=True)
    category, phrase = unique // total, unique % total
    common: dict[str, set[str]] = {}
    large = (sizes[category] >= SMALL_CATEGORY) & (times > LARGEST_SHARE * sizes[category])
    for number, own in zip(category[large].tolist(), phrase[large].tolist(), strict=True):
        common.setdefault(names[number], set()).add(candidates.phrases[own])
    return common
