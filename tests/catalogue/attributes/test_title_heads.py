"""What a title calls its product: the head of its first phrase, nothing that belongs to that."""

from __future__ import annotations

import pytest

from shopwright.catalogue.attributes import derive
from shopwright.catalogue.attributes.grammar import best_tagger, is_attribute
from shopwright.catalogue.attributes.kinds import Kinds
from shopwright.catalogue.attributes.titles import pieces_of
from shopwright.catalogue.product import Product


def kind(title: str, category: str = "") -> str:
    product = Product(asin="1", title=title, query=category, brand="Acme")
    return Kinds([product], best_tagger()).of(product)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Acme Green Breakfast Cup And Saucer", "breakfast cup"),
        ("Acme Recipe Tray With Tin Bell", "recipe tray"),
        ("Acme Nightstand w/ Marble Top", "nightstand"),
        ("Acme Owl Wall Clock For Kitchen Shelf", "wall clock"),
        ("Acme Day And Night Blinds", "blinds"),
        ("Acme Hook & Loop Hiking Shoe", "hiking shoe"),
        ("Acme Toadstool Night Light", "night light"),
        ("Acme T100 High-Capacity Light Magenta Ink Cartridge", "ink cartridge"),
        ("Acme Extra Support Yoga Bra", "yoga bra"),
        ("Acme Casual Slip On Loafers", "slip-on loafers"),
        ("Acme Box Of 12 Paper Straws", "paper straws"),
        ("Acme Labels 40x75 White Paper Matt", "labels"),
    ],
)
def test_the_head_of_the_first_phrase_is_the_kind(title: str, expected: str) -> None:
    assert kind(title) == expected


def test_sets_of_several_things_are_none_of_them():
    assert kind("Acme Vest And Tie Set") == ""
    assert kind("Acme Vest And Tie Set", "vest & tie sets") == "vest & tie sets"


@pytest.mark.parametrize(
    ("category", "title", "expected"),
    [
        ("nose & ear hair trimmers", "Acme Ear Hair Trimmer", "nose & ear hair trimmers"),
        ("pots & planters", "Acme Round Planter", "round planter"),
        ("grey colour curtains", "Acme Silver Wool Curtain", "wool curtain"),
        ("coffee", "Acme Vanilla Coffee Creamer", "coffee creamer"),
    ],
)
def test_categories_that_name_several_kinds_or_another(
    category: str, title: str, expected: str
) -> None:
    assert kind(title, category) == expected


def test_what_belongs_to_a_word_that_ends_a_part_is_half():
    (piece,) = pieces_of("medium support bra")
    assert (piece.parts, piece.whole_parts) == ((("support", "bra"),), (("bra",),))
    assert [piece.is_complement for piece in pieces_of("set of mugs with lid")] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("steel mug, hair/skin oil-lid holder - tray", "steel mug|hair|skin oil-lid holder|tray"),
        ("ps/2 adapter cable", "adapter cable"),  # A code, which ends a part, not two words.
        ('wall shelf. oak " – desk', "wall shelf|oak|desk"),
        ("mug w/lid of cup/ saucer", "mug|lid|cup|saucer"),
    ],
)
def test_marks_end_parts_of_a_title_and_join_words(text: str, parts: str) -> None:
    assert ["|".join(map(" ".join, piece.parts)) for piece in pieces_of(text)] == parts.split("|")


@pytest.mark.parametrize("phrase", ["smart anti", "premium double", "easy achieve"])
def test_pairs_that_end_before_their_noun_are_no_attributes(phrase: str) -> None:
    assert not is_attribute(phrase, ("JJ", "JJ"))


def test_what_is_said_of_one_product_of_a_kind_is_not_asked_for():
    makers = "Acme Bolt Corin Dovra Elmo Farn".split()
    said = {"desk lamp": "Left handed.", "garden glove": "Left handed."}
    products = [
        Product(asin=f"{thing}{n}", title=f"{makers[n]} {thing} {n}", query=thing, description=text)
        for thing, text in said.items()
        for n in range(1 if thing == "desk lamp" else 6)
    ]
    finished, _ = derive(products)
    assert finished[0].instruction is None
    assert {product.instruction for product in finished[1:]} == {"Find me left handed garden glove"}
