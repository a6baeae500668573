"""Answers of conversations in words."""

from __future__ import annotations

from typing import Any

import pytest

from shopwright.catalogue.product import Product
from shopwright.conversations.messages.pointing import Wants
from shopwright.serving.conversation_texts import about, heading_of, text_of
from shopwright.serving.kept_messages import Points
from shopwright.understanding.request import Part, Piece


def reason(asked: str, met: bool | None, known_from: str = "", part: str = "feature") -> Any:
    return {"asked": asked, "met": met, "known_from": known_from, "evidence": "so", "part": part}


def answer(*mets: bool | None, fits: bool = False, nothing_fits: bool = False) -> dict[str, Any]:
    reasons = [reason("red", met) for met in mets]
    item = {"asin": "A", "title": " Mug ", "options": {}, "price": "$5", "fits": fits}
    return {
        "understood": {"pieces": [{"part": "kind", "text": "bowl"}]},
        "items": [{**item, "reasons": reasons}],
        "nothing_fits": nothing_fits,
        "about": {},
        "question": None,
    }


def of_kind(kind: str, record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "understood": {"pieces": [{"part": "kind", "text": kind}]}}


@pytest.mark.parametrize(
    ("record", "begins"),
    [
        (answer(True, fits=True), "This is what I found"),
        (answer(True, None), "These may be it"),
        (answer(True, False), "Nothing here is quite that"),
        (answer(True, fits=True, nothing_fits=True), "Nothing here is quite that"),
        (of_kind("mug", answer(True, nothing_fits=True)), "These may be it"),
        (of_kind("mug", answer(True, False, nothing_fits=True)), "Nothing here is quite that"),
        ({**answer(), "items": []}, "I found nothing."),
        ({**answer(), "understood": {"pieces": []}}, "What are you looking for?"),
    ],
)
def test_headings_claim_no_more_than_is_known(record: dict[str, Any], begins: str) -> None:
    assert heading_of(record, None).startswith(begins)


def test_headings_of_what_is_pointed_at() -> None:
    fitting = answer(True, fits=True)
    three = Points(places=(0, 1, 2), wants=Wants.LOOK, asins=("A", "B", "C"))
    assert heading_of(fitting, three) == "These are numbers 1, 2 and 3:"
    alike = Points(places=(1,), wants=Wants.ALIKE, asins=("B",))
    assert heading_of(fitting, alike) == "These come nearest to number 2:"
    others = Points(places=(), wants=Wants.OTHERS, asins=())
    assert heading_of(fitting, others) == "These are others:"
    assert heading_of({**fitting, "items": []}, others) == "I found nothing else."


def test_a_text_has_what_is_known_of_each_item_and_the_question() -> None:
    record = {**answer(True), "heading": "So:", "about": {"A": ["Red: yes."]}}
    record["question"] = {"text": "Which size?"}
    assert text_of(record, (4,)) == "So:\n5. Mug: $5\nRed: yes.\nWhich size?"


def test_what_is_known_of_a_product() -> None:
    product = Product(
        asin="A",
        title="Mug",
        bullets=("Big", "", "x" * 300),
        options={"size": ("s", "m"), "style_name": tuple("abcdefgh")},
    )
    asked = [Piece(part=Part.FEATURE, text=text) for text in ("red", "blue", "green", "big")]
    asked.append(Piece(part=Part.PRICE, text="under $2", highest=2.0))
    item = {
        "reasons": [
            reason("red", True, "title"), reason("blue", None), reason("green", False, "title"),
            reason("big", None, "description"), reason("mug", True, "title"),
            reason("price up to $2.00", False, "price", "price"),
        ]
    }  # fmt: skip
    assert about(product, item, asked, "what sizes and colours does it have") == [
        "red: yes (title: so).",
        "green: no (title: so).",
        "big: not certain (description: so).",
        "price up to $2.00: no (price: so).",
        "blue, colour: the shop does not say.",
        "Size: s or m.",
        "Style name: a, b, c, d, e, f and 2 more.",
        "Big",
        f"{'x' * 200} …",
    ]
