"""Wishes that a message takes back, clause by clause: "forget the color", "hoods are fine".

What a clause takes back are the earlier wishes that it names; a clause that names none is left to
be read as any other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from shopwright.conversations.wording import any_of
from shopwright.understanding.request import ParsedRequest, Part, Piece
from shopwright.understanding.words import stems_in

_CLAUSE_END = re.compile(
    r"[,.;!?\n]+(?!\d)|\b(?:but|because|(?=if\b)|and (?=(?:show|find|give|look|let|i)\b))\b",
    re.IGNORECASE,
)
# Only with something that was wished for: "drop earrings" drops nothing.
_DROPS = any_of(
    "drop (?:the|my|that)", "remove", "take off", "skip", "leave (?:off|out)", "get rid of",
    "lose", "ignore",
    "(?:do|does)(?:n't| not) (?:really |actually )?need", "no longer", "changed my mind about",
    "no need for", "not? .{1,30} any ?more",
    "(?:do|does)(?:n't| not) (?:like|want|need) .{1,30} any ?more",
)  # fmt: skip
_GIVES_UP = re.compile(
    r"(?<!n't )(?<!not )\b(?:forget|never mind)(?: about)? (?=\w)", re.IGNORECASE
)
_ANY = r"any (?:other )?(?:[\w-]+ ){0,2}?(?:is|are|works|will do|would do|really|at all|goes)\b"
_MATTERS_NOT = any_of(
    "(?:do|does)(?:n't| not) (?:really )?(?:matter|care|mind|have to be|need to be|need to have)",
    "(?:is|are)(?:n't| not) (?:that |so |really )?(?:necessary|important|needed|required|a must)",
    "no (?:[\\w-]+ )?preference",
    "can be anything",
    "is no (?:object|issue)",
    "no (?:price |upper |lower )?(?:limit|minimum|maximum)",
    "(?:can|may) (?:also )?cost more",
    "whatever",
    _ANY,
)  # fmt: skip
_ONLY_ANY = re.compile(r"[^\w-]*any \w{1,40}(?: \w{1,40})?[^\w-]*", re.IGNORECASE)
_FINE = re.compile(
    r"\b(?:fine|ok|okay|alright|good|great|acceptable|allowed|no problem|works?)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not|no(?! problem)|never)\b|n't\b", re.IGNORECASE)
_PRICE = "price budget cost money limit maximum minimum expensive dear pricey dollar"
_MATTERS = frozenset(
    stems_in(f"{_PRICE} color flavor size brand material style type shape length pattern")
)
_SIZE = "size long big large wide tall high heavy deep length width height weight measure"
_CALLED = {
    Part.PRICE: _PRICE,
    Part.BRAND: "brand",
    Part.MEASURE: _SIZE,
    Part.ORDER: "cheap cheapest cheaper order",
}
_UN = re.compile(r"(?:un|non)(?=\w{3})")
_TOO_COMMON = frozenset("a an and for i in is it of on or the to with".split())


# The stems of values → (group, value) of each such option.
Groups = Mapping[tuple[str, ...], Sequence[tuple[str, str]]]
NO_GROUPS: Groups = {}


class TakenBack(NamedTuple):
    """What a message takes back.

    Attributes:
        left: the wishes that are left.
        places: where the message says so.
        gives_up: whether what was looked for is given up, too.
    """

    left: list[Piece]
    places: list[tuple[int, int]]
    gives_up: bool = False

    def holds(self, piece: Piece) -> bool:
        """Return whether a piece of the message stands where something is taken back."""
        return any(start <= piece.start < end for start, end in self.places)


def taken_back(
    before: ParsedRequest,
    message: str,
    brands: Collection[str] = (),
    groups: Groups = NO_GROUPS,
) -> TakenBack | None:
    """Return what a message takes back of wishes; None for one that takes nothing back.

    Args:
        brands: stems of the names of brands.
        groups: in which the products' values are.
    """
    clauses = list(_clauses(message))
    taken = TakenBack([*before.pieces], [])
    for start, end in clauses:
        clause = message[start:end]
        named = {*stems_in(clause)} - _TOO_COMMON
        called = {stem for piece in taken.left for stem in _groups_of(piece, groups)} & named
        others = message[:start] + message[end:]
        left, is_taken = _after(taken.left, clause, named, rules_out=_rules_out(others))
        if called and is_taken:
            left = [piece for piece in left if called.isdisjoint(_groups_of(piece, groups))]
        if "brand" in named and is_taken:
            left = [p for p in left if not _is_like_a_brand(p, before.text, brands)]
        kinds = {stem for piece in before.of(Part.KIND) for stem in stems_in(piece.text)}
        gives_up = _GIVES_UP.search(clause) is not None and bool(named & kinds)
        is_condition = clause.lower().startswith("if ") and bool(taken.places)
        if is_taken or gives_up or is_condition:
            places = [*taken.places, (start, end)]
            taken = TakenBack(left, places, gives_up=gives_up or taken.gives_up)
    return taken if taken.places else None


def _clauses(message: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _CLAUSE_END.finditer(message):
        if message[start : found.start()].strip():
            yield start, found.start()
        start = found.end()
    if message[start:].strip():
        yield start, len(message)


def _after(
    pieces: list[Piece], clause: str, named: set[str], *, rules_out: bool
) -> tuple[list[Piece], bool]:
    """The wishes that are left after a clause, and whether it takes something back or says that
    something does not matter.

    Args:
        rules_out: whether other clauses rule something out: "mint is ok, but not cinnamon".
    """
    drops, gives_up = _DROPS.search(clause), _GIVES_UP.search(clause)
    does_not_matter = _MATTERS_NOT.search(clause)
    if drops or gives_up or does_not_matter or _ONLY_ANY.fullmatch(clause):
        left = [piece for piece in pieces if named.isdisjoint(_names(piece))]
        is_about_some = not named.isdisjoint(_MATTERS)
        return left, len(left) < len(pieces) or bool(does_not_matter) or is_about_some
    if _FINE.search(clause) and not _NEGATED.search(clause):
        left = [piece for piece in pieces if not _is_allowed(piece, named)]
        return left, len(left) < len(pieces) or rules_out
    return pieces, False


def _rules_out(clauses: str) -> bool:
    return _NEGATED.search(clauses) is not None and not _DROPS.search(clauses)


def _groups_of(piece: Piece, groups: Groups) -> set[str]:
    """The stems of the names of the groups that offer what a feature says."""
    if piece.part is not Part.FEATURE:
        return set()
    meanings = groups.get(tuple(stems_in(piece.value)), ())
    names = " ".join(name for name, _ in meanings).replace("_", " ")
    return {*stems_in(names)} - {"name"}


def _is_allowed(piece: Piece, named: set[str]) -> bool:
    """Whether a wish does not hold any more when what is named is fine, too."""
    if piece.part is Part.EXCLUSION:
        return not named.isdisjoint(stems_in(piece.value))
    if piece.part is Part.PRICE:
        return bool(named & {"expensive", "dear", "pricey"})
    plain = {_UN.sub("", stem) for stem in stems_in(piece.value) if _UN.match(stem)}
    return piece.part is not Part.KIND and not named.isdisjoint(plain)


def consents(message: str) -> bool:
    """Return whether a message says no more than that something would be fine, too."""
    is_one = len(list(_clauses(message))) == 1
    return is_one and _FINE.search(message) is not None and not _NEGATED.search(message)


def _is_like_a_brand(piece: Piece, text: str, brands: Collection[str]) -> bool:
    """Whether a wish is a brand, or written as one is: "by Nike"."""
    if piece.hard or piece.part not in (Part.FEATURE, Part.KIND, Part.OPTION):
        return False
    if {*stems_in(piece.value)} <= {*brands}:
        return True
    before, own = text[: max(piece.start, 0)], piece.text
    if piece.start < 0 or not text[piece.start :].startswith(own):
        return False
    is_name = own[:1].isupper() and text != text.upper() and bool(before.strip())
    return is_name or re.search(r"\b(?:by|from)\s*$", before, re.IGNORECASE) is not None


def _names(piece: Piece) -> set[str]:
    """The stems by which a wish is taken back; a kind is what a conversation is about."""
    if piece.part is Part.KIND and piece.hard:
        return set()
    called = _CALLED.get(piece.part, "")
    return {*stems_in(f"{called} {piece.group} {piece.value}")} - _TOO_COMMON


def contradicts(one: Piece, other: Piece) -> bool:
    """Return whether one piece rules out what the other one wants."""
    if (one.part is Part.EXCLUSION) is (other.part is Part.EXCLUSION):
        return False
    ruled_out, wanted = (one, other) if one.part is Part.EXCLUSION else (other, one)
    words = {*stems_in(ruled_out.value)}
    return bool(words) and words <= {*stems_in(wanted.value or wanted.text)}
