"""For whom products are, as far as a text says."""

from __future__ import annotations

from collections.abc import Set
from itertools import zip_longest

from shopwright.recommending.mentions import Passage

_WORDS = {
    "women": "women womens woman lady ladies female girlfriend wife maternity",
    "men": "men mens man male gentleman gentlemen boyfriend husband",
    "girls": "girl girls daughter",
    "boys": "boy boys son",
    "kids": "kid kids child children childrens toddler toddlers youth",
    "baby": "baby babies infant infants newborn",
}
_AUDIENCE_OF = {word: audience for audience, words in _WORDS.items() for word in words.split()}
AUDIENCES = frozenset(_WORDS)
_EVERYBODY = frozenset(("unisex", "everyone", "everybody"))
# What is also said of products that suit an audience.
_WIDER = {"girls": {"kids"}, "boys": {"kids"}, "kids": {"girls", "boys"}, "baby": {"kids"}}


def audiences_in(passage: Passage) -> set[str]:
    """Return the audiences that a text names; all for "unisex"."""
    said = (
        token
        for token, after in zip_longest(passage.tokens, passage.tokens[1:], fillvalue="")
        if (token, after) != ("baby", "shower")
    )
    words = {token.removesuffix("'s").removesuffix("’s") for token in said}
    if not _EVERYBODY.isdisjoint(words):
        return set(_WORDS)
    return {_AUDIENCE_OF[word] for word in words & _AUDIENCE_OF.keys()}


def suiting(wanted: Set[str]) -> Set[str]:
    """Return the audiences of which a product for one suits one of the wanted ones."""
    wider = {other for audience in wanted for other in _WIDER.get(audience, ())}
    return wanted | wider
