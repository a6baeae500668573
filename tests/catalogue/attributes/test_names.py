"""Names of makers and series."""

from __future__ import annotations

from shopwright.catalogue.attributes.names import Names, TitleBrands
from shopwright.catalogue.product import Product


def product(title: str, **fields: str) -> Product:
    return Product(asin=title, title=title, **fields)  # type: ignore[arg-type]


def test_a_title_begins_with_a_brand_unless_other_titles_say_the_word_elsewhere():
    products = [product("Norvik Rain Coat"), product("Wool Hat"), product("Grey Wool Scarf")]
    products += [product("Fine Wool Socks"), product("Tallow & Son Hat", brand="Tallow & Son")]
    titles = [(each.title, each.brand) for each in products]
    brands = TitleBrands(titles, ["Tallow & Son"])
    assert [brands.named(each).brand for each in products] == [
        "Norvik",
        "",
        "",
        "Fine",
        "Tallow & Son",
    ]


def test_two_common_words_that_begin_titles_only_are_a_brand():
    lamps = ["Wall Lantern", "Sconce", "Pendant"]
    titles = [f"{name} {lamp}" for name in ("Sea Otter", "Solid Oak", "Old Fox") for lamp in lamps]
    titles += ["Grey Sea Bowl", "Oak Bowl", "Red Sea Salt", "By The Sea Print", "Print Of A Sea"]
    titles += ["Fox Bowl", "Print Of An Old Fox", "Red Fox Lamp", "The Old House", "The Old Mill"]
    brands = TitleBrands([(title, "") for title in titles], [])
    assert brands.of("Sea Otter Pendant", "") == "Sea Otter"
    assert brands.of("Solid Oak Pendant", "") == "Solid"  # Said nowhere else.
    assert brands.of("Old Fox Pendant", "") == ""


def test_words_that_are_never_in_lower_case_are_proper_names():
    texts = {"description": "A lamp of brass for the desk. The Zephyra lamp is made of brass."}
    products = [product(f"Zephyra Brass desk lamp {n}", **texts) for n in range(4)]
    assert Names([], [], products).proper == {"zephyra"}


def test_titles_in_capitals_tell_no_proper_names():
    assert Names([], [], [product("BRASS DESK LAMP"), product("OAK DESK LAMP")]).proper == set()
