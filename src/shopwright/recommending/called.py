"""Where a product is called by the name of a kind, or filed under it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from shopwright.catalogue.attributes.words import COLLECTIVES, stem
from shopwright.recommending.mentions import Mention, Passage
from shopwright.recommending.negations import is_negated
from shopwright.recommending.phrase import TOKEN, Phrase

# Before the name of a kind: what follows is what the product is for, not what it is.
_FOR = frozenset("for with to from fits fit of w like".split())
# What follows one of these, to the end of the clause, is what the product works with.
_TAKING = frozenset("fits supports".split())
_WITH = frozenset("for to with".split())
_REMOTE_CONTROL = ("remote", "control")
# What is made for a thing, or is a part of it, and is called so behind the thing's name.
_ACCESSORIES = frozenset(
    (
        "adapter backpack bag battery cable case charger cooler cover dock filter holder keyboard "
        "lock mount part protector replacement roller screen skin sleeve spare stand"
    ).split()
)
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
    """Return whether a title goes on to name something else: a "laptop sleeve" is no laptop, and a
    "notebook spare part" no notebook. A "remote control" is a remote.

    Args:
        nouns: of the title; taggers miss some.
    """
    after = mention.after
    if after in COLLECTIVES or (mention.last, after) == _REMOTE_CONTROL:
        return False
    return after in nouns or stem(after) in _ACCESSORIES


def where_begun(title: Passage, phrase: Phrase) -> Mention | None:
    """Return where a word of a title is a phrase of one word with an abbreviation behind it, as
    capitals tell: "micro" in "MicroSD", not "black" in "BlackBerry"; None if nowhere."""
    word = phrase.words[0] if len(phrase.words) == 1 else ""
    if not word or word not in title.lower or len(title.lower) != len(title.text):
        return None
    for number, found in enumerate(TOKEN.finditer(title.lower)):
        written = title.text[found.start() : found.end()]
        rest = written[len(word) :]
        begins = written.lower().startswith(word) and written[len(word) - 1].islower()
        if begins and len(rest) > 1 and rest.isupper():
            return Mention(title, number, number, is_negated(title.tokens, number, number))
    return None
