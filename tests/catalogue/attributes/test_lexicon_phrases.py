"""The phrases of a lexicon that products' texts have."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from shopwright.catalogue.attributes.candidates import said_of
from shopwright.catalogue.attributes.lexicon import Lexicon, Phrase
from shopwright.catalogue.attributes.names import Names
from shopwright.catalogue.product import Product

WORDS = ("soft", "warm", "lining", "cotton", "easy", "clean")
PHRASES = {f"{first} {second}": Phrase(1.0, "with") for first in WORDS for second in WORDS}
LABELS = frozenset(("care",))
LEXICON = Lexicon(PHRASES, {}, {}, LABELS, Names((), (), ()))
BRANDS = st.sampled_from(("", "Soft", "Warm", "Care", "Cotton"))
MARKS = st.sampled_from((*WORDS, "easy to", "5%", " - ", "-", ".", ":", "\n", "Care:", "%", "'"))
TEXTS = st.lists(MARKS, max_size=8).map(" ".join)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=4), TEXTS, st.lists(BRANDS, min_size=1))
@example("soft", ["warm soft lining"], "", ["Soft", "", "Warm", "Soft"])
@example("soft", ["warm", "5% cotton lining"], "soft", [""])
@example("soft", ["care: warm lining", "soft", "- lining -"], "- clean", ["", "Care"])
def test_texts_have_the_phrases_whose_words_they_say_side_by_side(
    title: str, bullets: list[str], description: str, brands: list[str]
) -> None:
    for brand in brands:
        product = Product(
            asin="a", title=title, bullets=(*bullets,), description=description, brand=brand
        )
        said = {" ".join(pair) for words in said_of(product, LABELS) for pair in pairwise(words)}
        # The kind is asked for anyway.
        expected = {
            phrase for phrase in said & PHRASES.keys() if phrase.split()[0] != phrase.split()[1]
        }
        assert {*LEXICON.attributes(product, most=99)} - {f"{w} {w}" for w in WORDS} == expected
