"""Which pairs of words can be an attribute, by their parts of speech, and where a request says it.

The tags are those of the Penn Treebank, from spaCy's small English model where it is installed;
without it from endings and short lists of words, which lets some verbs pass.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from shopwright.catalogue.attributes.goods import EASILY, PARTS, QUALITIES, TREATMENTS
from shopwright.catalogue.attributes.words import CARE_PHRASES, COLOURS, COMMON_VERBS, SIZES, stem
from shopwright.errors import UnavailableError
from shopwright.tagger import english_tagger

_DESCRIPTIONS = QUALITIES | COLOURS | SIZES | TREATMENTS
_NOUNS = frozenset(("NN", "NNS", "NNP", "NNPS"))
_ADJECTIVES = frozenset(("JJ", "VBN", "VBD", "VBG"))
_VERBS = frozenset(("VB", "VBP", "VBZ", "MD"))
# After these a verb stands without "to": "easy to clean" is "easy clean".
BEFORE_VERBS = frozenset(("easy", "ready"))
# The tagger takes these for adverbs or verbs in fragments of text.
DEGREES = frozenset("anti double easy free high low long non quick ready short slim".split())
AFTER_NOUNS = frozenset("free friendly proof ready resistant safe washable".split())
# What these mean stands before them: "fiber based".
_OPEN = frozenset("added based compliant friendly proof rated related resistant tested".split())
_PARTICIPLE_OR_ADJECTIVE = re.compile(
    r"(?:free|proof|resistant|friendly|safe|certified|able|ible|less|ful|ous|ive|ed|ing|al)$"
)


class PhraseTagger(Protocol):
    """Tells the parts of speech of pairs of words."""

    def tag(self, phrases: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[str, str]]:
        """Return the tags of each pair of words, given pieces of text that have it."""


class ModelTagger:
    """Tags by spaCy's model: the commonest tags of a phrase in its contexts."""

    def __init__(self) -> None:
        self._tagger = english_tagger()

    def tag(self, phrases: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[str, str]]:
        """Return the tags of each pair of words, given pieces of text that have it."""
        # Phrases that stand in one piece of text share it.
        texts = list(dict.fromkeys(text for _, contexts in phrases for text in contexts))
        tokens_of = {
            text: [(token.text, token.tag_) for token in document]
            for text, document in zip(texts, self._tagger.tag(texts), strict=True)
        }
        tags = []
        for phrase, contexts in phrases:
            first, second = phrase.split(" ")
            found: Counter[tuple[str, str]] = Counter()
            for text in contexts:
                for (word, tag), (after, tag_after) in itertools.pairwise(tokens_of[text]):
                    if word == first and after == second:
                        found[tag, tag_after] += 1
            tags.append(found.most_common(1)[0][0] if found else ("", ""))
        return tags


class WordTagger:
    """Tags by endings and lists of words: the fallback."""

    def tag(self, phrases: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[str, str]]:
        """Return the tags of each pair of words; the contexts are of no use."""
        return [(_guess(first), _guess(second)) for first, second in _split(phrases)]


def _split(phrases: Iterable[tuple[str, Sequence[str]]]) -> Iterable[tuple[str, str]]:
    for phrase, _ in phrases:
        first, second = phrase.split(" ")
        yield first, second


def _guess(word: str) -> str:
    if word in COMMON_VERBS:
        return "VB"
    if word.endswith("ly"):
        return "RB"
    if word in DEGREES or _PARTICIPLE_OR_ADJECTIVE.search(word):
        return "JJ"
    return "NNS" if word.endswith("s") and not word.endswith("ss") else "NN"


def best_tagger() -> PhraseTagger:
    """Return spaCy's tagger if it is installed, else the fallback."""
    try:
        return ModelTagger()
    except UnavailableError:
        return WordTagger()


def is_attribute(phrase: str, tags: tuple[str, str]) -> bool:
    """Return whether a pair of words can describe a product.

    Args:
        phrase: the two words.
        tags: their Penn tags; empty ones if no text has the words side by side.

    Example:
        >>> is_attribute("dishwasher safe", ("NN", "JJ"))
        True
        >>> is_attribute("helps prevent", ("VBZ", "VB"))
        False
    """
    first, second = phrase.split(" ")
    if first in BEFORE_VERBS:
        return second in EASILY or second == "care" or bool(_ACTION.search(second))
    if phrase in _IDIOMS:
        return True
    tag, head = (_mended(word, tag) for word, tag in zip((first, second), tags, strict=True))
    if first in DEGREES:
        # "Long sleeve" and "non slip", which the tagger takes for an adverb and a verb.
        tag, head = "JJ", "NN" if head in _VERBS else head
    if _PARTICIPLE_OR_ADJECTIVE.search(second) and head in _VERBS:
        head = "JJ"
    if first in _OPEN or second in PREFIXES | (DEGREES - AFTER_NOUNS) or phrase in CARE_PHRASES:
        return False
    if second in COLOURS or second in SIZES - {"long", "short"} or first in COMMON_VERBS:
        return False
    if second in AFTER_NOUNS and tag in _NOUNS:
        return True
    if tag in ("NN", "NNP") or tag in _ADJECTIVES:
        return head in _NOUNS or head in _ADJECTIVES
    if tag == "RB":
        return head in ("JJ", "VBN", "VBD")
    # "Keto friendly" and "moisture wicking", of which the tagger takes the first for a verb.
    return tag in ("VB", "VBP") and (second in AFTER_NOUNS or head in ("VBG", "VBN"))


def _mended(word: str, tag: str) -> str:
    """A tag that a content word can have: the tagger takes "bluetooth" for an article."""
    if tag == "RB" and not word.endswith("ly"):
        return "JJ"
    if tag in _NOUNS or tag in _ADJECTIVES or tag in _VERBS or tag == "RB":
        return tag
    return "NN"


def is_before(phrase: str, tags: tuple[str, str] = ("", "")) -> bool:
    """Return whether an attribute stands before the kind of product, as adjectives do, and not
    after "with" or "for"."""
    first, _, second = phrase.partition(" ")
    if first in BEFORE_VERBS:
        return not _ACTION.search(second)
    if phrase in _IDIOMS or first in PREFIXES or tags[1] in _ADJECTIVES:
        return True
    return second != "use" and bool(_BEFORE.search(second or first))


_DESCRIBING = re.compile(
    r"(?:able|al|ant|ary|ed|ent|ful|ible|ic|ing|ive|less|or|ory|ous)$|^(?:back|clear|deep|double|"
    r"front|hard|heavy|high|inner|light|low|narrow|natural|open|outer|side|single|soft|strong|"
    r"thick|thin|wide)$"
)
# "Easy installation" is something that a product has; "easy to install" is what it is like.
_ACTION = re.compile(r"(?:ation|ance|ment|age|access|assembly|operation|setup|storage|ing)$")
PREFIXES = frozenset("anti dual multi non semi single super ultra".split())
_IDIOMS = frozenset(("plug play",))
_BEFORE = re.compile(
    r"(?:free|proof|resistant|friendly|able|ible|less|duty|sleeved?|fit|ed|ive|ful|ous|safe|"
    r"certified|compliant|ready|only|natural|organic|quality|weight|saving|cancell?ing|cut|neck|based|clean|carry|rise|"
    r"century|gmo|toxic|slip|steel|wood|foam|wash|definition|speed|density|purpose|grade)$"
)


def anybody_knows(phrase: str) -> bool:
    """Whether anybody knows what a pair of words says of a thing: a material, how it is made, what
    is easy with it."""
    first, _, second = phrase.partition(" ")
    return (
        first in BEFORE_VERBS
        or bool({first, second} & QUALITIES)
        or second in TREATMENTS
        or first in PREFIXES
    )


def describes(word: str) -> bool:
    """Whether a word says what a part is like, and is no name."""
    return word in _DESCRIPTIONS or stem(word) in PARTS or bool(_DESCRIBING.search(word))
