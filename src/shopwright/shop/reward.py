"""The graded reward of a purchase.

Source: Yao et al., "WebShop", 2022 (arXiv 2207.01206), section 3 and its published code:

    reward = type · (attributes met + options met + price met) / (attributes + options + 1)

Quirks of the code that count: the options of a synthetic goal are compared as the text of a
(name, value) pair, fuzzy above 85; a purchased value is shortened to its first colour word, a pair
only if its name or value is exactly a colour; the title score divides by the noun list with its
repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from shopwright.catalogue.product import Product
from shopwright.shop.colours import COLOURS
from shopwright.shop.goals import Goal

# A token-set ratio that is above 85 once it is rounded to whole percent.
FUZZY_RATIO = 85.5
CATEGORY_SEPARATOR = "›"

Option = str | tuple[str, str]

_NO_WORD_CHARACTER = re.compile(r"\W")
# The original's comparison drops exactly these characters before it compares.
_LATIN_1_SUPPLEMENT = dict.fromkeys(range(128, 256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """The reward of a purchase and its parts.

    Attributes:
        total: 0 to 1; exactly 1 is a success.
        type: 0, 0.1, 0.5 or 1: is the product of the asked-for type?
        title_score: share of the goal title's nouns that the purchased title has.
        query_match, category_match: whether kind and at least two categories agree.
        attributes: share of the attributes met; None if none is asked for.
        options: share of the options met; None if none is asked for.
        price: whether the price is within the limit.
        attributes_weight, options_weight, price_weight: the parts' shares of the total; options'
            is None if none is asked for.
    """

    total: float
    type: float
    title_score: float
    query_match: bool
    category_match: bool
    attributes: float | None
    options: float | None
    price: bool
    attributes_weight: float
    options_weight: float | None
    price_weight: float

    @property
    def success(self) -> bool:
        """Whether the purchase is all that was asked for."""
        return self.total == 1.0


@lru_cache(maxsize=1 << 12)
def _comparable(text: str) -> str:
    if text.isascii() and text.replace(" ", "").isalnum():  # Most texts: nothing to drop.
        return text.lower().strip()
    return _NO_WORD_CHARACTER.sub(" ", text.translate(_LATIN_1_SUPPLEMENT)).lower().strip()


def fuzzy_match(text: str, others: Iterable[str]) -> bool:
    """Whether the token-set ratio of a text and any of the others is above 85 %."""
    return (
        process.extractOne(
            _comparable(text),
            list(map(_comparable, others)),
            scorer=fuzz.token_set_ratio,
            score_cutoff=FUZZY_RATIO,
        )
        is not None
    )


@lru_cache(maxsize=1 << 12)
def shorten_colour(option: Option) -> Option:
    """Return an option's first colour word, or the option if it has none. A (name, value) pair has
    a colour only if its name or its value is exactly one."""
    for colour in COLOURS:
        if colour in option:
            return colour
    return option


@lru_cache(maxsize=1 << 12)
def option_match(purchased: str, asked: Option) -> bool:
    """Whether a purchased option value meets an asked-for option."""
    return fuzzy_match(str(shorten_colour(purchased)), [str(shorten_colour(asked))])


def asked_options(goal: Goal) -> list[Option]:
    """Return a goal's options as the reward compares them: (name, value) pairs, or values."""
    if isinstance(goal.options, Mapping):
        return list(goal.options.items())
    return list(goal.options)


def count_options(purchased: Iterable[str], asked: Iterable[Option]) -> int:
    """Return how many asked-for options some purchased value meets."""
    values = list(purchased)
    return sum(any(option_match(value, option) for value in values) for option in asked)


def count_attributes(product: Product, attributes: Iterable[str]) -> int:
    """Return how many attributes a product has: like one of its own, or found in its texts."""
    texts = (product.title.lower(), " ".join(product.bullets).lower(), product.description.lower())
    return sum(
        # What is found sooner comes first.
        any(attribute in text for text in texts) or fuzzy_match(attribute, product.attributes)
        for attribute in attributes
    )


@lru_cache(maxsize=1 << 12)
def _categories(path: str) -> frozenset[str]:
    return frozenset(part.strip() for part in path.split(CATEGORY_SEPARATOR))


def _type_reward(title_score: float, query_match: bool, category_match: bool) -> float:
    if title_score == 0.0:
        return 0.0
    if title_score < 0.1:
        return 0.1
    return 1.0 if query_match or category_match or title_score > 0.2 else 0.5


def purchase_reward(
    product: Product, goal: Goal, options: Mapping[str, str], price_dollars: float
) -> Reward:
    """Return the reward for buying a product with these options at this price.

    Args:
        product: what was bought.
        goal: what was asked for.
        options: option group → value, as chosen.
        price_dollars: what was paid.
    """
    query_match = product.query == goal.query
    shared = _categories(product.product_category) & _categories(goal.product_category)
    category_match = len(shared) >= 2
    title_score = 0.2
    if goal.nouns:
        title_score = len(set(product.nouns) & set(goal.nouns)) / len(goal.nouns)
    type_reward = _type_reward(title_score, query_match, category_match)

    asked = asked_options(goal)
    attributes_met = count_attributes(product, goal.attributes)
    options_met = count_options(options.values(), asked)
    price_met = price_dollars <= goal.price_upper
    parts = len(goal.attributes) + len(asked) + 1
    return Reward(
        total=(attributes_met + options_met + price_met) / parts * type_reward,
        type=type_reward,
        title_score=title_score,
        query_match=query_match,
        category_match=category_match,
        attributes=attributes_met / len(goal.attributes) if goal.attributes else None,
        options=options_met / len(asked) if asked else None,
        price=price_met,
        attributes_weight=len(goal.attributes) / parts,
        options_weight=len(asked) / parts if asked else None,
        price_weight=1 / parts,
    )
