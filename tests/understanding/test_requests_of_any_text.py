"""What holds for the parse of any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.catalogue.product import Product
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.understanding.parse import Understanding, search_text, without
from shopwright.understanding.request import MOST_PIECES, ParsedRequest, Part

WORDS = (
    "red shoes size 9 under $20 between 10 and 20 dollars not without leather no nuts or for my "
    "wife 5 year old cheap best rated - , . € anything but 1.000,50 black boots non stick a the "
    'longer feet inches at least two lbs x 8"'
).split(" ")
texts = st.one_of(
    st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
)


@pytest.fixture(scope="module")
def understanding(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    products = [
        Product(
            asin=f"R{number}",
            title=title,
            query=kind,
            options={"color": ("red", "black"), "size": ("9", "10")},
        )
        for number, (title, kind) in enumerate(
            [("Red Leather Shoes", "shoes"), ("Tall Boots", "boots"), ("Steel Pan", "pans")]
        )
    ]
    folder = tmp_path_factory.mktemp("any") / "shop"
    shop = build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())
    return Understanding.of(shop.catalogue)


@given(text=texts)
@settings(deadline=None, max_examples=150)
def test_pieces_stand_where_they_say(understanding: Understanding, text: str) -> None:
    parsed = understanding.parse(text)
    assert len(parsed.pieces) <= MOST_PIECES
    end = 0
    for piece in parsed.pieces:
        assert text[piece.start :].startswith(piece.text)
        assert piece.start >= end
        end = piece.start + len(piece.text)
    assert ParsedRequest.from_record(parsed.record()) == parsed
    assert understanding.parse(text) == parsed


@given(text=texts)
@settings(deadline=None, max_examples=80)
def test_a_piece_taken_away_takes_its_words_with_it(
    understanding: Understanding, text: str
) -> None:
    parsed = understanding.parse(text)
    for piece in parsed.pieces:
        left = without(parsed, piece)
        assert left.search_text == search_text(left.pieces)
        assert piece not in left.pieces
        if piece.part in (Part.PRICE, Part.EXCLUSION, Part.ORDER):
            assert left.search_text == parsed.search_text


@pytest.mark.parametrize(
    "text",
    [
        "1" * 2_000,
        "$1,1" * 500,
        "not " * 500,
        "one " * 500,
        "under " * 333,
        "for a 5 year old " * 117,
        "red shoes " * 200,
        "a" * 2_000,
        "no nuts or dairy, " * 111,
        "between 1 and " * 142,
    ],
    ids=lambda text: text[:12],
)
def test_two_thousand_characters_are_read_at_once(understanding: Understanding, text: str) -> None:
    spent = []
    for _ in range(3):  # Beside other work one try may take ten times as long.
        started = time.process_time()
        understanding.parse(text)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.5  # 0.05 on a machine that does nothing else.
