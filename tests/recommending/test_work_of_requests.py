"""The work of a request at the limits of its fields, counted: busy machines change nothing.

What regular expressions do is not counted; tests/understanding/test_requests_of_any_text.py times
that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from shopwright.recommending.recommender import Recommender
from shopwright.shop.shop import Shop
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import MOST_PIECES, PIECE_CHARACTERS, Part, Piece

REQUEST_CHARACTERS = 2_000


def calls(function: Callable[[], object]) -> int:
    """How many functions are called, Python's and others, numbers of elements left aside."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


@pytest.fixture(scope="module")
def words(small_shop: Shop) -> list[str]:
    """The words that this shop knows best: its texts have them all."""
    found = (word for product in small_shop.catalogue for word in product.search_text.split())
    return [*dict.fromkeys(word for word in found if word.isalpha())]


def pieces(part: Part, words: list[str], count: int, characters: int) -> list[Piece]:
    texts = []
    for number in range(count):
        own = words[number % len(words) :] + words[: number % len(words)]
        texts.append(" ".join(own * (characters // len(own) + 1))[:characters].strip())
    return [Piece(part=part, text=text, value=text, hard=number % 2 == 0)
            for number, text in enumerate(texts)]  # fmt: skip


@pytest.mark.parametrize("part", [part for part in Part if part is not Part.ORDER])
def test_pieces_cost_in_proportion(part: Part, small_shop: Shop, words: list[str]) -> None:
    recommender = Recommender.of(small_shop)
    understood = recommender.understand("red rug")

    def cost(count: int, characters: int) -> int:
        asked = with_pieces(understood, pieces(part, words, count, characters))
        return calls(lambda: recommender.recommend(None, asked, count=20))

    cost(1, 20)  # What is kept afterwards, such as stems.
    cost(MOST_PIECES, PIECE_CHARACTERS)
    few = cost(MOST_PIECES // 4, PIECE_CHARACTERS // 4)
    # Four times the pieces of four times the text.
    assert cost(MOST_PIECES, PIECE_CHARACTERS) <= 2 * 16 * few
    assert cost(MOST_PIECES, PIECE_CHARACTERS) < 1_000_000


@pytest.mark.parametrize("text", ["a ", "red rug ", "rug a ", "not ", "for my ", "9 x ", "$1 "])
def test_requests_cost_in_proportion(text: str, small_shop: Shop) -> None:
    recommender = Recommender.of(small_shop)

    def cost(characters: int) -> int:
        request = (text * characters)[:characters]

        def answer() -> None:
            recommender.recommend(None, recommender.understand(request), count=20)

        answer()
        return calls(answer)

    assert cost(REQUEST_CHARACTERS) <= 2 * 4 * cost(REQUEST_CHARACTERS // 4)
