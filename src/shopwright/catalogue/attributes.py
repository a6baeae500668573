"""Attributes of products and requests for them, derived from their own texts.

Source: Yao et al., "WebShop", 2022 (arXiv 2207.01206), section 3.2: bigrams of titles and
descriptions are weighted by TF-IDF in each category, people remove noise from the best 200 of each,
and products get those that their texts contain; requests ask for some of them. Deviations: filters
take the place of people (stop words, a seller's talk, brands, words of the kind of product, option
values, phrases of half a category or of one brand alone); phrases weigh more where sellers put
attributes, in titles and in pieces of text of a few words; bullets count as description; a product
without any of the best phrases gets its own best one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.seeding import python_rng

PHRASES_PER_CATEGORY = 200
PHRASES_PER_PRODUCT = 12
FEWEST_PRODUCTS = 2
LARGEST_SHARE = 0.5
# A smaller category says little about which phrases are boilerplate.
SMALL_CATEGORY = 10
MOST_COMBINATIONS = 10_000
_ASKED = (1, 2, 2, 2, 3)

_STOP_WORDS = frozenset(
    (
        "a about above after again all also am an and any are as at be because been before being "
        "below between both but by can cannot could did do does doing down during each etc even "
        "ever every few for from further get gets go had has have having he her here his how i if "
        "in into is it its itself just let like lot lots made make makes making many may me might "
        "more most much must my need needs no nor not now of off on once one only or other our "
        "out over own per please same see shall she should so some such take than that the their "
        "them then there these they this those through to too two three under until up upon us use "
        "used uses using very via want was we well were what when where whether which while who "
        "whom why will with within without would you your yours yourself"
    ).split()
)
# A seller's talk, which describes no product.
_TALK = frozenset(
    (
        "amazon anytime asap available bought brand brands buy buyer buying cart checkout click "
        "color colors colour colours company contact coupon customer customers days delivery "
        "description discount email enjoy excellent feedback feel fees find free-shipping "
        "guarantee guaranteed hesitate hours image images inch inches item items look looking "
        "love model money month months note notes offer offers order orders package photo "
        "picture pictures price prices product products purchase question questions recommend "
        "refund return returns review reviews sale seller service ship shipped shipping shop size "
        "sizes sku specification specifications store team thank thanks time title today type "
        "warranty website welcome worry year years"
    ).split()
)
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_PIECE_END = re.compile(r"[^\w\s'’\-‐‑]+|\s[-‐‑]+\s|\n")
# Pieces of text of so few words mostly name a property; longer ones tell.
PIECE_WORDS = 4
# What a phrase counts that no title and no short piece has, against 1.
PROSE_WEIGHT = 0.1
# A category with so many phrases that stand at least so often in titles or short pieces needs no
# others.
NAMED_SHARE = 0.15
ENOUGH_NAMED = 20
# With fewer brands than this, phrases of one brand alone are no sign of names.
FEWEST_BRANDS = 5
# Before the kind stands what reads like an adjective; the rest comes after "with".
_BEFORE = re.compile(
    r"(?:free|proof|resistant|friendly|able|ible|less|duty|sleeved?|fit|ed|ing|ive|ful|ous|safe|"
    r"certified|ready|only|natural|organic|quality|weight|cut|neck|based|clean|carry|rise)$"
)


class _Counts:
    """The bigrams of all products.

    Attributes:
        words: the words by number; 0 stands for none.
        keys: int64, (pairs,): a bigram: its first word's number times 2^32 and its second's.
        rows: int64, (pairs,): the product that has it; each pair once.
        named: bool, (pairs,): whether it occurs in the title or in a short piece of text there.
    """

    def __init__(self, products: Sequence[Product], excluded: Collection[str]) -> None:
        numbers: dict[str, int] = dict.fromkeys((*_STOP_WORDS, *_TALK, *excluded), 0)
        self.words = [""]
        keys, rows, named = [], [], []
        for row, product in enumerate(products):
            tokens, flags = self._tokens(product, numbers)
            found = np.array(tokens, dtype=np.int64)
            both = (found[:-1] > 0) & (found[1:] > 0) & (found[:-1] != found[1:])
            all_keys = (found[:-1][both] << 32) | found[1:][both]
            unique = np.unique(all_keys)
            keys.append(unique)
            rows.append(np.full(len(unique), row, dtype=np.int64))
            named.append(np.isin(unique, all_keys[np.array(flags, dtype=bool)[:-1][both]]))
        self.keys = np.concatenate(keys) if keys else np.zeros(0, dtype=np.int64)
        self.rows = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
        self.named = np.concatenate(named) if named else np.zeros(0, dtype=bool)

    def _tokens(self, product: Product, numbers: dict[str, int]) -> tuple[list[int], list[bool]]:
        # The first word of a title is mostly a brand. "Easy to clean" is "easy clean" as attribute.
        _, _, title = product.title.partition(" ")
        found: list[int] = [0]
        flags: list[bool] = [False]
        known = numbers.get
        for text in (title, *product.bullets, product.description):
            lower = text.lower().replace("easy to ", "easy ")
            for piece in _PIECE_END.split(lower):
                tokens = _TOKEN.findall(piece)
                is_named = text is title or len(tokens) <= PIECE_WORDS
                own = [known(token) for token in tokens]
                if None in own:
                    own = [self._number(token, numbers) for token in tokens]
                found += own  # type: ignore[arg-type]
                found.append(0)
                flags += [is_named] * len(own)
                flags.append(False)
        return found, flags

    def _number(self, token: str, numbers: dict[str, int]) -> int:
        if token in numbers:
            return numbers[token]
        number = 0
        if len(token) > 1 and token.replace("'", "").replace("’", "").isalpha():
            number = len(self.words)
            self.words.append(token)
        numbers[token] = number
        return number

    def phrase(self, key: int) -> str:
        """Return a bigram as text."""
        return f"{self.words[key >> 32]} {self.words[key & 0xFFFFFFFF]}"


def derive(
    products: Sequence[Product], *, brands: Iterable[str] = (), seed: int = 0
) -> tuple[list[Product], Counter[str]]:
    """Return products with attributes and a request each, and how many got what.

    Attributes and requests that a product has already stay as they are; ``derived`` of a product
    names what it got.

    Args:
        products: the catalogue.
        brands: names that are no attributes.
        seed: decides what the requests ask for.
    """
    derived: Counter[str] = Counter()
    assigned = _assign(products, brands)
    finished = []
    for product, (phrases, is_own) in zip(products, assigned, strict=True):
        if product.attributes in ((), (DEFAULT_ATTRIBUTE,)):
            product = replace(
                product,
                attributes=tuple(phrases) or (DEFAULT_ATTRIBUTE,),
                derived=(*product.derived, "attributes"),
            )
            derived["attributes"] += bool(phrases)
            derived["attributes of one product alone"] += is_own
        finished.append(_with_request(product, derived, seed))
    return finished, derived


def _assign(products: Sequence[Product], brands: Iterable[str]) -> list[tuple[list[str], bool]]:
    """Each product's phrases, best first, and whether they are its own alone."""
    counts = _Counts(products, {word for brand in brands for word in _single_word(brand)})
    unique, inverse, frequencies = np.unique(counts.keys, return_inverse=True, return_counts=True)
    rarity = np.log((1 + len(products)) / (1 + frequencies))
    named = np.bincount(inverse, counts.named, minlength=len(unique)) / np.maximum(frequencies, 1)
    weights = rarity * (PROSE_WEIGHT + (1 - PROSE_WEIGHT) * named)
    values = {v for product in products for values in product.options.values() for v in values}
    is_value = np.array([counts.phrase(key) in values for key in unique.tolist()], dtype=bool)
    usable = (
        (frequencies >= FEWEST_PRODUCTS)
        & ~is_value
        & _of_several_brands(products, counts.rows, inverse, len(unique))
    )
    pool = np.zeros(len(unique), dtype=bool)
    for members, size in _categories(products, counts.rows):
        numbers, here = np.unique(inverse[members], return_counts=True)
        kept = usable[numbers]
        if size >= SMALL_CATEGORY:
            kept &= here <= LARGEST_SHARE * size
        is_named = kept & (named[numbers] >= NAMED_SHARE)
        if is_named.sum() >= ENOUGH_NAMED:
            kept = is_named  # What occurs only in sentences is rarely a property.
        numbers, scores = numbers[kept], (here * weights[numbers])[kept]
        best = np.lexsort((numbers, -scores))[:PHRASES_PER_CATEGORY]
        pool[numbers[best]] = True
    starts = np.searchsorted(counts.rows, np.arange(len(products) + 1))
    assigned = []
    for row, product in enumerate(products):
        own = inverse[starts[row] : starts[row + 1]]
        own = own[~is_value[own]]
        known = _words_of_kind(product)
        phrases = _phrases(own[pool[own]], weights, unique, counts, known)
        is_own = not phrases
        if is_own:
            phrases = _phrases(own, weights, unique, counts, known)[:2]
        assigned.append((phrases, is_own and bool(phrases)))
    return assigned


def _numbered(names: Iterable[str]) -> tuple[np.ndarray, int]:
    """The number of each name, int64, and how many different ones there are."""
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(name, len(numbers)) for name in names]
    return np.array(found, dtype=np.int64), len(numbers)


def _of_several_brands(
    products: Sequence[Product], rows: np.ndarray, inverse: np.ndarray, count: int
) -> np.ndarray:
    """Which bigrams more than one brand has, by the first words of titles: the others are mostly
    names of a series."""
    of_row, brands = _numbered(product.title.partition(" ")[0].lower() for product in products)
    if brands < FEWEST_BRANDS:
        return np.ones(count, dtype=bool)
    pairs = np.unique(inverse * brands + of_row[rows])
    several: np.ndarray = np.bincount(pairs // brands, minlength=count) > 1
    return several


def _phrases(
    numbers: np.ndarray, weights: np.ndarray, unique: np.ndarray, counts: _Counts, known: set[str]
) -> list[str]:
    """The phrases of a product without words of its kind, the most distinctive first; no two share
    a word."""
    phrases: list[str] = []
    used: set[str] = set()
    for number in numbers[np.lexsort((numbers, -weights[numbers]))].tolist():
        phrase = counts.phrase(int(unique[number]))
        words = {_stem(word) for word in phrase.split(" ")}
        if words & known or words & used:
            continue
        used |= words
        phrases.append(phrase)
        if len(phrases) == PHRASES_PER_PRODUCT:
            break
    return phrases


def _categories(products: Sequence[Product], rows: np.ndarray) -> Iterable[tuple[np.ndarray, int]]:
    """For each category: which pairs are of its products, and how many products it has."""
    of_row, count = _numbered(product.category or product.query for product in products)
    sizes = np.bincount(of_row, minlength=count)
    of_pair = of_row[rows]
    order = np.argsort(of_pair, kind="stable")
    starts = np.searchsorted(of_pair[order], np.arange(count + 1))
    for number in range(count):
        yield order[starts[number] : starts[number + 1]], int(sizes[number])


def _single_word(brand: str) -> list[str]:
    words = _TOKEN.findall(brand.lower())
    # "Natural Home" is a brand, but both words describe products, too.
    return words if len(words) == 1 else []


def _words_of_kind(product: Product) -> set[str]:
    return {_stem(word) for word in _TOKEN.findall(f"{product.query} {product.category}".lower())}


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _with_request(product: Product, derived: Counter[str], seed: int) -> Product:
    if product.instruction is not None:
        return product
    attributes = [name for name in product.attributes if name != DEFAULT_ATTRIBUTE]
    if not attributes:
        derived["no request for lack of attributes"] += 1
        return product
    if math.prod(len(values) for values in product.options.values()) > MOST_COMBINATIONS:
        derived["no request for too many option combinations"] += 1
        return product
    rng = python_rng(seed, "requests", product.asin)
    count = min(rng.choice(_ASKED), len(attributes))
    # From the first, which are the most distinctive.
    asked = rng.sample(attributes[: max(4, count)], count)
    derived["requests"] += 1
    return replace(
        product,
        instruction=request_text(product.query or product.title, asked),
        instruction_attributes=tuple(asked),
        derived=(*product.derived, "instruction"),
    )


def request_text(kind: str, attributes: Sequence[str]) -> str:
    """Return a request in WebShop's words.

    Example:
        >>> request_text("coffee mugs", ["dishwasher safe", "bamboo lid"])
        'Find me dishwasher safe coffee mugs with bamboo lid'
    """
    before = [name for name in attributes if _BEFORE.search(name)]
    after = [name for name in attributes if name not in before]
    text = " ".join(filter(None, ["Find me", ", ".join(before), kind]))
    return text + (f" with {', '.join(after)}" if after else "")
