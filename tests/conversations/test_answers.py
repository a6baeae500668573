"""What messages say."""

from __future__ import annotations

import pytest

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.answers import Answer, read_answer
from shopwright.conversations.candidates import Candidates
from shopwright.shop.shop import Shop

COLOR = Act(Kind.OPTION, "color", ("red", "blue"))
ATTRIBUTES = Act(Kind.ATTRIBUTES, choices=("lead free", "hand painted"))
LIMIT = Act(Kind.LIMIT)


@pytest.fixture
def mugs(tiny_shop: Shop) -> Candidates:
    return Candidates(tiny_shop, [(0, 0.5), (1, 0.3), (2, 0.2)])


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        ("I would like blue.", COLOR, Answer(options=(("color", "blue"),))),
        ("RED, please!", None, Answer(options=(("color", "red"),))),
        ("a large one in white", COLOR, Answer(options=(("Size", "large"), ("color", "white")))),
        ("not red", COLOR, Answer()),
        ("It does not matter.", COLOR, Answer(indifferent=True)),
        ("I don’t care", COLOR, Answer(indifferent=True)),
        ("no", COLOR, Answer(indifferent=True)),
        ("I am not sure.", COLOR, Answer(unsure=True)),
        ("hand-painted", ATTRIBUTES, Answer(attributes=("hand painted",))),
        ("Yes", ATTRIBUTES, Answer(attributes=("lead free", "hand painted"))),
        ("None of these matters.", ATTRIBUTES, Answer(indifferent=True)),
        ("At most $1,250.50, red", LIMIT, Answer(limit=1250.5)),
        ("whatever", LIMIT, Answer(indifferent=True)),
        ("None of these. That is too expensive.", None, Answer(too_dear=True, none_of_these=True)),
        ("green. Please come to the point.", COLOR,
         Answer(options=(("color", "green"),), impatient=True)),
        ("Sorry, I meant blue. I would like small.", COLOR,
         Answer(options=(("color", "blue"), ("Size", "small")))),
        ("", COLOR, Answer()),
        ("\0 \ufffd 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", COLOR, Answer()),
    ],
)  # fmt: skip
def test_answers(mugs: Candidates, text: str, question: Act | None, expected: Answer) -> None:
    assert read_answer(text, mugs, question) == expected


def test_long_messages_are_read_to_a_limit(mugs: Candidates) -> None:
    assert read_answer("x " * 50_000 + "red", mugs) == Answer()
