"""The texts of a product: what is found in them is what reading all of them would find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalogue.product import Product
from shopwright.recommending.mentions import Mention
from shopwright.recommending.phrase import Phrase
from shopwright.recommending.texts import Texts

WORDS = (
    "night", "stand", "nightstand", "nightstands", "no", "glass", "glass-free", "oak", "side",
    "tables", "tableware", "free", "of", ".", "2xl", "石", "glassless",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


def slow_mention(texts: Texts, phrase: Phrase) -> Mention | None:
    """The first place where a phrase is not negated, else the first, of all passages."""
    found = [each.mention(phrase) for each in (texts.chosen, *texts.own.all)]
    there = [each for each in found if each is not None]
    return next((each for each in there if not each.negated), there[0] if there else None)


@given(st.lists(TEXT, min_size=8, max_size=8), TEXT, TEXT)
def test_a_phrase_is_found_where_a_look_at_every_passage_finds_it(
    own: list[str], chosen: str, wanted: str
) -> None:
    product = Product(
        asin="A",
        title=own[0],
        query=own[1],
        product_category=f"{own[2]} › {own[3]}",
        brand=own[4],
        bullets=(own[5],),
        description=own[6],
        attributes=(own[7],),
        options={"style": (chosen,)},
    )
    texts = Texts(product, {"style": chosen})
    phrase = Phrase.of(wanted)
    assert texts.mention(phrase) == slow_mention(texts, phrase)
    denials = [m for each in (texts.chosen, *texts.own.all) for m in each.mentions(phrase)]
    assert texts.denial(phrase) == next((each for each in denials if each.negated), None)


def slow_feature(texts: Texts, phrase: Phrase) -> Mention | None:
    """The same, unless the title denies what stands elsewhere in the product's own texts."""
    found = slow_mention(texts, phrase)
    title = texts.own.title
    if found is None or found.passage in (title, texts.chosen):
        return found
    negated = (each for each in title.mentions(phrase) if each.negated)
    return next(negated, None) or title.lack(phrase) or found


@pytest.mark.parametrize(
    ("title", "bullet", "asked", "denied"),
    [
        ("Ceiling fan without light", "A bright light is sold apart", "light", True),
        ("Sleeveless dress", "With long sleeves it is sold apart", "long sleeves", True),
        ("Ceiling fan", "A bright light", "light", False),
    ],
)
@pytest.mark.parametrize("options", [{}, {"style": "no light"}])
def test_what_the_title_denies_is_denied(title, bullet, asked, denied, options) -> None:
    texts = Texts(Product(asin="A", title=title, bullets=(bullet,)), options)
    for _ in range(2):
        found = texts.feature(Phrase.of(asked))
        assert found is not None
        assert found.negated is denied
        assert (found.passage is texts.own.title) is denied


@given(TEXT, TEXT, st.lists(TEXT, min_size=2, max_size=2), st.lists(TEXT, min_size=1, max_size=6))
def test_what_was_found_before_changes_nothing(
    title: str, description: str, chosen: list[str], wanted: list[str]
) -> None:
    product = Product(asin="A", title=title, description=description)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shopwright.recommending.texts.PHRASES_KEPT", 2)
        for phrase in map(Phrase.of, [*wanted, *wanted]):
            for value in chosen:
                texts = Texts(product, {"style": value})
                assert texts.mention(phrase) == slow_mention(texts, phrase)
                assert texts.feature(phrase) == slow_feature(texts, phrase)
                assert len(texts.own._mentions) <= 2


DENYING = st.lists(st.sampled_from(("no", "glass", "glassless", "oak")), max_size=3).map(" ".join)


@given(DENYING, DENYING, DENYING)
def test_a_denial_in_the_title_wins_over_other_texts_of_the_product(title, bullet, chosen) -> None:
    product = Product(asin="A", title=title, bullets=(bullet,))
    texts = Texts(product, {"style": chosen} if chosen else {})
    for wanted in ("glass", "oak glass", "oak"):
        phrase = Phrase.of(wanted)
        assert texts.feature(phrase) == slow_feature(texts, phrase)


def test_denials_are_found_again_after_they_were_forgotten(monkeypatch) -> None:
    monkeypatch.setattr("shopwright.recommending.texts.PHRASES_KEPT", 2)
    bullets = ("with glass, with oak, with wheels",)
    texts = Texts(
        Product(asin="A", title="Table, no glass, no oak, no wheels", bullets=bullets), {}
    )
    for wanted in ("glass", "oak", "wheels", "glass"):
        found = texts.feature(Phrase.of(wanted))
        assert found is not None
        assert found.negated
        assert len(texts.own._denials) <= 2


def test_phrases_that_begin_alike_are_kept_apart() -> None:
    texts = Texts(Product(asin="A", title="Cotton shirt"), {})
    assert texts.mention(Phrase.of("cotton shirt")) is not None
    assert texts.mention(Phrase.of("cotton lamp")) is None


@given(TEXT)
def test_the_parts_of_a_phrase_are_its_words(text: str) -> None:
    phrase = Phrase.of(text)
    if len(phrase.words) > 1:
        assert phrase.before_last.words + phrase.last.words == phrase.words


@pytest.mark.parametrize("first", [0, 1])
def test_what_was_found_of_a_phrase_is_not_taken_for_another_of_the_same_letters(first) -> None:
    product = Product(asin="A", title="A note in a book. Notebook")
    texts = Texts(product, {})
    phrases = [Phrase.of("note book"), Phrase.of("notebook")]
    found = {p.text: texts.mention(p) for p in (phrases[first], phrases[1 - first])}
    for phrase in phrases:
        assert found[phrase.text] == slow_mention(Texts(product, {}), phrase)
    assert found["note book"] != found["notebook"]
