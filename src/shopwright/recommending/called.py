"""Where a product is called by the name of a kind, or filed under it."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise

from shopwright.catalogue.attributes.goods import GOODS
from shopwright.catalogue.attributes.words import COLLECTIVES, stem
from shopwright.recommending.mentions import Mention, Passage
from shopwright.recommending.negations import is_negated
from shopwright.recommending.phrase import TOKEN, Phrase

# Before the name of a kind: what follows is what the product is for, not what it is.
_FOR = frozenset("for with to from fits fit of w like".split())
# What follows one of these, to the end of the clause, is what the product works with.
_TAKING = frozenset("fits supports".split())
_WITH = frozenset("for to with".split())
_SAYING_NO_MORE = frozenset("control controls".split())
_OF_PARTS = frozenset("replacement spare".split())
# How words end that say what a thing is like.
_LIKE = ("ed", "ing")


def where_filed(kind: Passage, phrase: Phrase) -> Mention | None:
    """Return where a product's kind is what it is asked to be; a "printer drum" is no printer, and
    in "sofa & console tables" are no sofas."""
    for mention in kind.mentions(phrase):
        if not mention.negated and mention.ends_name and not mention.shares_head:
            return mention
    return None


def where_called(title: Passage, phrase: Phrase) -> Mention | None:
    """Return where a title has the name of a kind. "Rugged" says what a thing is like, and has the
    stem of "rug"."""
    is_like = any(stem(word).endswith(_LIKE) for word in phrase.words)
    found = [
        mention
        for mention in title.mentions(phrase)
        if is_like or not any(stem(word).endswith(_LIKE) for word in mention.words)
    ]
    return next((mention for mention in found if not mention.negated), found[0] if found else None)


def is_own(mention: Mention) -> bool:
    """Return whether it is said of the product, not of what that is for or works with."""
    words = mention.clause_before
    takes = any(
        (number > 1 and word in _TAKING) or (word == "compatible" and after in _WITH)
        for number, (word, after) in enumerate(pairwise([*words, ""]))
    )
    return _FOR.isdisjoint(mention.before) and not takes


def names_more(mention: Mention, nouns: Collection[str]) -> bool:
    """Return whether a title goes on to name something else: neither a "laptop sleeve" nor a
    "notebook spare part" is what it begins with. A "remote control" is a remote.

    Args:
        nouns: of the title; taggers miss some.
    """
    after = mention.after
    if after in COLLECTIVES or after in _SAYING_NO_MORE:
        return False
    return after in nouns or after in _OF_PARTS or stem(after) in GOODS


def where_begun(title: Passage, phrase: Phrase) -> Mention | None:
    """Return where a word of a title begins with a phrase of one word, as capitals tell: "micro" in
    "MicroSD"; None if nowhere."""
    word = phrase.words[0] if len(phrase.words) == 1 else ""
    if len(word) < 2 or word not in title.lower:  # Most texts: no pattern is needed.
        return None
    before, last = re.escape(word[:-1]), re.escape(word[-1])
    found = re.search(rf"(?<![^\W_])(?i:{before}){last}(?=[A-Z])", title.text)
    if found is None:
        return None
    number = len(TOKEN.findall(title.lower[: found.start()]))
    return Mention(title, number, number, is_negated(title.tokens, number, number))
