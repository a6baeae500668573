"""Requests to a shop of invented products, and what they ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwright.catalogue.product import Product
from shopwright.shop.changes import Change
from shopwright.shop.living import LivingShop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.understanding.parse import Understanding, own_words, with_pieces, without
from shopwright.understanding.request import ParsedRequest, Part, Piece


def product(number: int, title: str, kind: str, **fields: object) -> Product:
    return Product(asin=f"U{number:09}", title=title, query=kind, **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def understanding(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    sizes = {"size": ("small", "x-large", "9"), "color": ("black", "navy blue")}
    products = [
        product(1, "Breezy Running Shorts for Men", "men's shorts", options=sizes, brand="Breezy"),
        product(2, "Soft Cotton Shorts", "men's shorts", options=sizes),
        product(3, "Breezy Wireless Headphones", "headphones", brand="Breezy"),
        product(4, "Wired Headphones with Microphone", "headphones"),
        product(5, "Oak Bedside Nightstand", "nightstands", attributes=("easy assemble",)),
        product(6, "Glass Console Table", "console tables"),
        product(7, "Leather Ankle Boots", "boots", options=sizes, attributes=("waterproof",)),
        product(8, "Long Lash Mascara", "mascara", attributes=("cruelty free",)),
        product(9, "Matte Eyeshadow Palette", "eyeshadow"),
    ]
    folder = tmp_path_factory.mktemp("understanding") / "shop"
    shop = build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())
    return Understanding.of(shop.catalogue)


def asked(understanding: Understanding, text: str) -> str:
    pieces = understanding.parse(text).pieces
    return ", ".join(sorted(f"{p.part} {p.value or (p.lowest, p.highest)}" for p in pieces))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mens shorts under $5", "audience men, kind shorts, price (None, 5.0)"),
        ("headphones, not wireless", "exclusion wireless, kind headphones"),
        ("a night stand", "kind nightstands"),
        ("mascara or eyeshadow", "kind eyeshadow, kind mascara"),
        ("shorts in xl", "kind shorts, option x-large"),
        ("boots size 9", "kind boots, option 9"),
        ("cheapest breezy headphones", "brand Breezy, kind headphones, order cheapest"),
        ("console table without glass", "exclusion glass, kind console tables"),
        ("headphones that's not wireless", "exclusion wireless, kind headphones"),
        ("headphones 6ft", "feature 6ft, kind headphones"),
        ("waterproof boots, waterproof", "feature waterproof, kind boots"),
        ("shorts not for women", "exclusion women, kind shorts"),
        ("shorts, not made for kids", "exclusion kids, kind shorts"),
        ("shorts for cotton husband", "audience men, feature cotton, kind shorts"),
        ("headphones no microphone needed", "feature microphone free, kind headphones"),
        ("headphones no microphone required", "feature microphone free, kind headphones"),
        ("headphones no microphone necessary", "feature microphone free, kind headphones"),
        (
            "headphones, no microphone or leather needed",
            "feature leather free, feature microphone free, kind headphones",
        ),
        ("mascara without iron", "exclusion iron, kind mascara"),
        ("looking for leather husband boots", "feature husband, feature leather, kind boots"),
        ("headphones, no microphone", "exclusion microphone, kind headphones"),
        ("headphones w microphone", "feature microphone, kind headphones"),
        ("nightstand 18v oak", "feature 18v, feature oak, kind nightstands"),
        ("plus size shorts", "feature plus size, kind shorts"),
        ("dairy free mascara", "feature dairy free, kind mascara"),
        # Key words alone: what the thing is comes first as often as last.
        (
            "headphones without microphone black",
            "exclusion microphone, kind headphones, option black",
        ),
        ("wireless headphones", "feature wireless, kind headphones"),
        ("headphones wireless", "feature wireless, kind headphones"),
        ("nightstand oak bedside", "feature bedside, feature oak, kind nightstands"),
        (
            "boots ankle leather waterproof",
            "feature ankle, feature leather, feature waterproof, kind boots",
        ),
        ("oak bedside nightstand", "feature bedside, feature oak, kind nightstands"),
        ("long lash mascara", "feature lash, feature long, kind mascara"),
    ],
)
def test_what_a_request_asks_for(understanding: Understanding, text: str, expected: str) -> None:
    assert asked(understanding, text) == expected


def test_what_products_are_called_without_is_ruled_out_but_in_a_name(tmp_path: Path) -> None:
    products = [
        product(number, title, kind)
        for number, (title, kind) in enumerate(
            [
                ("Gummies No Gelatin", "vitamins"),
                ("Capsules No Gelatin", "vitamins"),
                ("No Show Socks", "socks"),
                ("No Show Liners", "socks"),
            ]
        )
    ]
    shop = build_shop(products, tmp_path / "s", source={"kind": "test"}, tagger=WordTagger())
    understanding = Understanding.of(shop.catalogue)
    assert asked(understanding, "vitamins no gelatin") == "exclusion gelatin, kind vitamins"
    assert asked(understanding, "vitamins, no gelatin, red") == asked(
        understanding, "red vitamins without gelatin"
    )
    assert "exclusion" not in asked(understanding, "no show socks")


def test_a_limit_of_size_is_a_piece_of_its_own_that_is_not_searched_for(
    understanding: Understanding,
) -> None:
    plain = understanding.parse("tv stand")
    limited = understanding.parse("tv stand longer than 5 feet")
    (measure,) = limited.of(Part.MEASURE)
    assert (measure.text, measure.value, measure.lowest) == ("longer than 5 feet", "feet", 5.0)
    others = [piece for piece in limited.pieces if piece is not measure]
    assert [(p.part, p.value) for p in others] == [(p.part, p.value) for p in plain.pieces]
    assert limited.search_text == plain.search_text
    assert own_words(limited) == "tv stand"


def test_rows_of_a_kind_however_it_is_written(understanding: Understanding) -> None:
    for text in ("nightstand", "night stands", "Night-Stand"):
        assert understanding.rows_of_kind(text).tolist() == [4]
    assert understanding.rows_of_kind("dog food").tolist() == []


def test_pieces_that_are_taken_away_are_not_searched_for(understanding: Understanding) -> None:
    parsed = understanding.parse("navy blue shorts under $20")
    option = parsed.of(Part.OPTION)[0]
    left = without(parsed, option)
    assert option not in left.pieces
    assert left.search_text == "shorts"
    assert left.price_limit == 20.0
    assert with_pieces(left, parsed.pieces) == parsed


def test_phrases_are_kept_beside_a_shop(
    understanding: Understanding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.understanding.opening._KEPT_FROM", 1)
    shop = build_shop(
        [product(1, "Red Kettle", "kettles")],
        tmp_path / "shop",
        source={"kind": "test"},
        tagger=WordTagger(),
    )
    first = Understanding.of(shop.catalogue)
    assert (shop.folder / "understanding" / "keys.npy").exists()
    assert Understanding.of(shop.catalogue).parse("kettle") == first.parse("kettle")


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("headphones", 0.0, 0.0),
        ("wireless headphones", 0.0, 0.3),
        ("purple boots", 0.0, 0.3),
        ("electric guitar", 0.6, 1.0),
        ("a console table or a guitar", 0.0, 0.1),
    ],
)
def test_how_certain_it_is_that_nothing_is_of_a_kind(
    understanding: Understanding, text: str, least: float, most: float
) -> None:
    assert least <= understanding.lacking(understanding.parse(text)) <= most


def test_new_and_removed_products_are_known_after_an_update(tmp_path: Path) -> None:
    products = [product(1, "Red Kettle", "kettles"), product(2, "Oak Chair", "chairs")]
    build_shop(products, tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger())
    living = LivingShop.open(tmp_path / "shop")
    changes = [Change("U000000001"), Change("U000000003", product(3, "Gas Lantern", "lanterns"))]
    catalogue = living.apply(changes, by="test").catalogue
    understanding = Understanding.of(catalogue)
    assert understanding.rows_of_kind("kettle").tolist() == []
    (row,) = understanding.rows_of_kind("lantern").tolist()
    assert catalogue[row].title == "Gas Lantern"
    assert asked(understanding, "a gas lantern") == "feature gas, kind lanterns"


def test_a_kind_of_two_words_that_no_text_has_together_is_lacking(tmp_path: Path) -> None:
    products = [product(n, f"Machine Washable Rug {n}", "rugs") for n in range(10, 18)]
    care = {"description": "Its cover can be cleaned by hand: wash it with care."}
    products.append(product(18, "Label Machine", "machines", **care))
    products.append(product(19, "Sewing Machine", "machines", **care))
    folder = tmp_path / "shop"
    shop = build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())
    understanding = Understanding.of(shop.catalogue)

    def lacking(which: str) -> float:
        feature = Piece(part=Part.FEATURE, text=which, value=which, start=0)
        kind = Piece(part=Part.KIND, text="machine", value="machines", start=len(which) + 1)
        return understanding.lacking(ParsedRequest(text=f"{which} machine", pieces=(feature, kind)))

    assert lacking("washing") > 0.5  # Though both words stand in texts.
    assert lacking("sewing") == 0.0
    assert lacking("small") < 0.3


def test_what_a_thing_should_not_need_is_not_insisted_on(understanding: Understanding) -> None:
    parsed = understanding.parse("headphones, no microphone or leather required")
    wishes = parsed.of(Part.FEATURE)
    assert [(wish.value, wish.hard) for wish in wishes] == [
        ("microphone free", False),
        ("leather free", False),
    ]


def test_whom_a_thing_is_not_for_is_insisted_on(understanding: Understanding) -> None:
    (exclusion,) = understanding.parse("shorts not for women").of(Part.EXCLUSION)
    assert exclusion.hard
