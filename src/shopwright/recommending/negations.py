"""Whether the words around a place in a text say that it is not so."""

from __future__ import annotations

from collections.abc import Sequence

BREAKS = frozenset(".;:!?()|›\n")
_NEGATIONS = frozenset(
    "no not non without never zero isn't aren't doesn't don't won't isn’t aren’t doesn’t don’t "
    "won’t nicht ohne kein keine sans sin senza".split()
)
_FREE_OF = frozenset(("of", "from"))
_NEEDED = frozenset("necessary needed required".split())
_TURNS = frozenset("but with only just".split())
_LISTED = frozenset((",", "and", "or", "&", "nor"))
# Between a negation and what it negates: "not a toy", "no added sugar", "not too spicy".
_FILLERS = frozenset(
    "a an any the is are be been so too very really that added artificial harmful harsh "
    "have has contain contains containing include includes use".split()
)
_LONGEST_LIST = 8


def is_negated(tokens: Sequence[str], first: int, last: int) -> bool:
    """Return whether the words around some tokens say that it is not so: "no glass", "glass-free",
    "glass is not needed"."""
    return (
        _negated_before(tokens, first) or _negated_behind(tokens, last) or _unneeded(tokens, last)
    )


def _unneeded(tokens: Sequence[str], last: int) -> bool:
    """Whether it is said behind that it is not needed."""
    following = [*tokens[last + 1 : last + 4]]
    if following[:1] in (["is"], ["are"]):
        following = following[1:]
    is_not = following[:1] in (["not"], ["isn't"], ["isn’t"], ["aren't"], ["aren’t"])
    return is_not and not _NEEDED.isdisjoint(following[1:2])


def _negated_before(tokens: Sequence[str], first: int) -> bool:
    """Whether "no", "without" or "free of" stands before, perhaps before a list of words."""
    words = 0  # since the last comma
    for number in range(first - 1, max(first - 1 - _LONGEST_LIST, -1), -1):
        token = tokens[number]
        if token in _NEGATIONS:
            # "Non-GMO, keto": a prefix goes no further than its word.
            return token != "non" or number == first - 1
        if token in _FREE_OF and number and tokens[number - 1] == "free":
            return True
        if token in BREAKS or token in _TURNS:
            return False
        if token in _LISTED:
            words = 0
        elif token not in _FILLERS:
            words += 1
            if words > 1:
                return False
    return False


def _negated_behind(tokens: Sequence[str], last: int) -> bool:
    """Whether "free" stands behind, perhaps behind a list: "paraben and sulfate free"."""
    words = 0
    for number in range(last + 1, min(last + 1 + _LONGEST_LIST, len(tokens))):
        token = tokens[number]
        if token == "free":
            following = tokens[number + 1] if number + 1 < len(tokens) else ""
            return tokens[number - 1] not in _LISTED and following not in _FREE_OF
        if token in _LISTED:
            words = 0
            continue
        words += 1
        # Of a list each word stands alone.
        if words > 1 or tokens[number - 1] not in _LISTED or token in BREAKS:
            return False
    return False
