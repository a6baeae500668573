"""What a shopper's message says: the wishes that it names, or that something does not matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shopwright.catalogue.attributes.words import FUNCTION_WORDS
from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.candidates import Candidates
from shopwright.understanding.words import stems_in

MESSAGE_CHARACTERS = 2_000

_INDIFFERENT = re.compile(
    r"\b(?:does(?: not|n['’]t|nt) matter|do(?: not|n['’]t|nt) (?:care|mind)|no preference|"
    r"not important|none of (?:these|those|them) matters?|whatever|either is fine|all the same|"
    r"any(?: is|['’]s)? (?:fine|ok|okay))\b|^\W*(?:any|none|no|nope|either|skip)\W*$",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:not (?:quite )?sure|unsure|(?:do not|don['’]t|dont) know|no idea|hard to say)\b",
    re.IGNORECASE,
)
_IMPATIENT = re.compile(
    r"\b(?:hurry|just show me|come to the point|too many questions|no more questions)\b",
    re.IGNORECASE,
)
_NONE_OF_THESE = re.compile(
    r"\b(?:none|neither) of (?:these|those|them)\b(?! matters?)", re.IGNORECASE
)
_YES = re.compile(r"^\W*(?:yes|yeah|yep|sure|all(?: of (?:them|these|those))?|both)\b", re.I)
_TOO_DEAR = re.compile(r"\btoo (?:expensive|dear|costly|much)\b|\bcheaper\b", re.IGNORECASE)
_NEGATIONS = frozenset(("not", "no", "without", "never", "except"))
_AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a message says.

    Attributes:
        options: (group, value) pairs that are asked for.
        attributes: what the product should be.
        limit: what it may cost at most, in the shop's currency; None if nothing is said.
        indifferent: whether what was asked does not matter.
        unsure: whether the shopper cannot say.
        impatient: whether the shopper wants no more questions.
        too_dear: whether what was offered costs too much.
        none_of_these: whether what is wanted is not among the choices.
    """

    options: tuple[tuple[str, str], ...] = ()
    attributes: tuple[str, ...] = ()
    limit: float | None = None
    indifferent: bool = False
    unsure: bool = False
    impatient: bool = False
    too_dear: bool = False
    none_of_these: bool = False

    @property
    def tells(self) -> bool:
        """Whether a wish is in it."""
        return bool(self.options or self.attributes or self.limit is not None)


def read_answer(text: str, candidates: Candidates, question: Act | None = None) -> Answer:
    """Return what a message says.

    A value that several groups have belongs to the one that was asked about, else to the first.

    Args:
        text: of which :data:`MESSAGE_CHARACTERS` are read.
        question: what was asked; None for no question.
    """
    text = text[:MESSAGE_CHARACTERS]
    asked = question.group if question and question.kind is Kind.OPTION else ""
    options: dict[str, str] = {}
    attributes: list[str] = []
    limit = None
    if question and question.kind is Kind.LIMIT and (amount := _AMOUNT.search(text)):
        limit = float(amount[0].replace(",", ""))
    for meanings in _named(text, candidates) if limit is None else ():
        group, value = next((each for each in meanings if each[0] == asked), meanings[0])
        if group:
            options[group] = value
        else:
            attributes.append(value)
    if question and question.kind is Kind.ATTRIBUTES and not attributes and _YES.match(text):
        attributes = list(question.choices)
    tells = bool(options or attributes or limit is not None)
    return Answer(
        options=tuple(options.items()),
        attributes=tuple(attributes),
        limit=limit,
        indifferent=not tells and _INDIFFERENT.search(text) is not None,
        unsure=not tells and _UNSURE.search(text) is not None,
        impatient=_IMPATIENT.search(text) is not None,
        too_dear=_TOO_DEAR.search(text) is not None,
        none_of_these=not tells and _NONE_OF_THESE.search(text) is not None,
    )


def _named(text: str, candidates: Candidates) -> Iterator[list[tuple[str, str]]]:
    """What attributes and values a text names, the longest where several begin; not those after a
    "not", nor words like "a" and "it" unless they are all that is said."""
    stems = stems_in(text)
    names, longest = candidates.names, candidates.longest_name
    begin = 0
    while begin < len(stems):
        for end in range(min(begin + longest, len(stems)), begin, -1):
            meanings = names.get(tuple(stems[begin:end]))
            if meanings and (
                end - begin == len(stems) or not FUNCTION_WORDS.issuperset(stems[begin:end])
            ):
                if begin == 0 or stems[begin - 1] not in _NEGATIONS:
                    yield meanings
                begin = end
                break
        else:
            begin += 1
