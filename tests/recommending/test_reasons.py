"""Why a product is recommended: what it meets of a parsed request."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.catalogue.product import NO_PRICE_TAG, Product, Variant
from shopwright.recommending.reasons import Reason, reasons
from shopwright.recommending.sentences import met_share, sentence
from shopwright.understanding.request import Order, ParsedRequest, Part, Piece

MUG = Product(
    asin="M1",
    title="Stoneware Coffee Mug for Men, Case with Handle",
    description="A mug for hot drinks. It is dishwasher safe, and not microwave safe.",
    bullets=("Lead free glaze", "Wide handle", "No BPA"),
    pricing_dollars=(12.0, 18.0),
    price_tag="$12.00 to $18.00",
    options={"color": ("navy blue", "red"), "size": ("small", "large")},
    query="mugs",
    product_category="Kitchen › Cups & Mugs",
    brand="Clayworks",
    nouns=("mug", "men", "case", "handle"),
)


def why(
    *pieces: Piece, product: Product = MUG, options: dict[str, str] | None = None
) -> list[Reason]:
    return reasons(ParsedRequest(text="", pieces=pieces), product, options or {})


def one(part: Part, text: str, options: dict[str, str] | None = None, **fields: Any) -> Reason:
    product = fields.pop("product", MUG)
    (reason,) = why(Piece(part=part, text=text, **fields), product=product, options=options)
    return reason


@pytest.mark.parametrize(
    ("feature", "met", "place"),
    [
        ("stoneware", True, "title"),
        ("wide handle", True, "features"),
        ("dishwasher safe", True, "description"),
        ("bpa free", True, "features"),
        ("microwave safe", False, "description"),
        ("wide mug", None, ""),
        ("bamboo handle", None, ""),
    ],
)
def test_features_are_met_where_their_words_stand_together(feature, met, place):
    reason = one(Part.FEATURE, feature)
    assert (reason.met, reason.known_from) == (met, place)


def test_what_is_missing_of_a_feature_is_told():
    reason = one(Part.FEATURE, "bamboo handle")
    assert reason.missing == ("bamboo",)
    assert "Not found: “bamboo handle” (no “bamboo”)." in sentence([reason])
    scattered = one(Part.FEATURE, "wide mug")
    assert scattered.missing == ()
    assert "Not certain: “wide mug”." in sentence([scattered])


@pytest.mark.parametrize(
    ("kind", "met", "place"),
    [
        ("mugs", True, "kind and title"),
        ("cups", True, "kind"),
        ("coffee mug", True, "title"),
        ("case", None, "title"),
        ("handle", None, "title"),
        ("guitar", False, "kind"),
    ],
)
def test_a_kind_is_what_a_product_is_not_what_it_comes_with(kind, met, place):
    product = replace(MUG, title="Stoneware Coffee Mug, Gift with Case for Handle")
    reason = one(Part.KIND, kind, product=product)
    assert (reason.met, reason.known_from) == (met, place)


@pytest.mark.parametrize(
    ("kind", "hard", "met"),
    [
        ("stoneware mug", False, True),
        ("bamboo mug", False, None),
        ("bamboo mug", True, False),
        ("mug rack", False, False),
    ],
)
def test_a_kind_without_a_name_is_known_by_its_last_word(kind, hard, met):
    assert one(Part.KIND, kind, hard=hard).met is met


def test_a_kind_and_a_title_that_disagree_on_whom_it_is_for_are_not_certain():
    shoe = replace(MUG, title="Trail Shoe for Women", query="men's shoes", product_category="")
    assert one(Part.AUDIENCE, "men", value="men", product=shoe).met is None
    assert one(Part.AUDIENCE, "women", value="women", product=shoe).met is None
    assert one(Part.AUDIENCE, "baby", value="baby", product=shoe).met is False


def test_a_number_in_running_text_is_no_option():
    boot = replace(MUG, title="Ankle Boot", bullets=("Comes in 8 colors",))
    assert one(Part.OPTION, "8", product=boot).met is None
    assert one(Part.OPTION, "8", product=replace(boot, title="Ankle Boot 8")).met is True


def test_kinds_are_alternatives():
    pieces = (Piece(part=Part.KIND, text=text, hard=True) for text in ("bowl", "mug"))
    (reason,) = why(*pieces)
    assert (reason.asked, reason.met) == ("bowl or mug", True)


@pytest.mark.parametrize(
    ("excluded", "met", "evidence"),
    [
        ("glass", True, "nothing says glass"),
        ("stoneware", False, MUG.title),
        ("bpa", True, "No BPA"),
        ("red", True, "nothing says red"),
    ],
)
def test_an_exclusion_is_met_by_a_product_without_it(excluded, met, evidence):
    reason = one(Part.EXCLUSION, f"no {excluded}", value=excluded, options={"color": "navy blue"})
    assert (reason.met, reason.evidence) == (met, evidence)
    if met:
        assert f"“no {excluded}”" in sentence([reason]).split("Not met")[0]


def test_an_exclusion_looks_at_the_chosen_options():
    reason = one(Part.EXCLUSION, "not red", value="red", options={"color": "red"})
    assert (reason.met, reason.known_from) == (False, "chosen options")


def test_options_are_met_if_they_are_chosen():
    chosen = {"color": "red", "size": "large"}
    assert one(Part.OPTION, "red", value="red", options=chosen).met is True
    assert one(Part.OPTION, "size L", value="l", group="size", options=chosen).met is True
    other = one(Part.OPTION, "blue", value="blue", group="colour", options=chosen)
    assert (other.met, other.evidence) == (False, "color: red")
    assert one(Part.OPTION, "stoneware", value="stoneware", options=chosen).met is True
    assert one(Part.OPTION, "oval", value="oval", options=chosen).met is None


def test_brands():
    assert one(Part.BRAND, "clayworks").met is True
    assert one(Part.BRAND, "Ironworks").met is False
    assert one(Part.BRAND, "Ironworks", product=replace(MUG, brand="")).met is None


@pytest.mark.parametrize(
    ("wanted", "title", "met"),
    [
        ("men", "Mug for Men", True),
        ("women", "Men's mug", False),
        ("women", "Mug for men and women", True),
        ("women", "Unisex mug", True),
        ("girls", "Kids mug", True),
        ("girls", "Mug for ladies", False),
        ("men", "A mug", None),
    ],
)
def test_audiences(wanted, title, met):
    assert one(Part.AUDIENCE, wanted, value=wanted, product=replace(MUG, title=title)).met is met


@pytest.mark.parametrize(
    ("lowest", "highest", "met"),
    [
        (None, 20.0, True), (None, 15.0, None), (None, 10.0, False),
        (20.0, None, False), (15.0, None, None), (10.0, 20.0, True),
    ],
)  # fmt: skip
def test_prices(lowest, highest, met):
    assert one(Part.PRICE, "x", lowest=lowest, highest=highest).met is met


def test_the_price_of_a_variant_is_that_of_the_chosen_one():
    variants = tuple(
        Variant(options={"size": size}, price_dollars=price)
        for size, price in (("small", 12.0), ("large", 18.0))
    )
    product = replace(MUG, variants=variants)
    limit = {"highest": 15.0, "product": product}
    assert one(Part.PRICE, "x", options={"size": "small"}, **limit).met is True
    assert one(Part.PRICE, "x", options={"size": "large"}, **limit).met is False


def test_no_price_is_not_certain():
    product = Product(asin="x", title="x", price_tag=NO_PRICE_TAG)
    reason = one(Part.PRICE, "under 5", highest=5.0, product=product)
    assert reason.met is None
    assert "Not certain: “price up to $5.00”" in sentence([reason])


def test_prices_are_told_in_the_shops_currency():
    euros = replace(MUG, currency="EUR")
    assert one(Part.PRICE, "x", highest=60.0, product=euros).asked == "price up to €60.00"
    both = one(Part.PRICE, "x", lowest=1.0, highest=60.0, product=euros)
    assert both.asked == "price from €1.00 to €60.00"
    assert one(Part.PRICE, "x", lowest=1.0, product=euros).asked == "price from €1.00"


def test_a_wish_of_order_is_nothing_to_meet():
    assert why(Piece(part=Part.ORDER, text="cheap", value=Order.CHEAPEST)) == []


def test_sentence_and_share():
    found = why(Piece(part=Part.FEATURE, text="lead free"), Piece(part=Part.FEATURE, text="bamboo"))
    assert sentence(found) == (
        "Meets 1 of 2 things asked for: “lead free” (features). Not found: “bamboo”."
    )
    price = one(Part.PRICE, "x", highest=9.0)
    assert "Not met: “price up to $9.00” ($12.00 to $18.00)." in sentence([price])
    assert met_share(found) == 0.5
    assert met_share([]) == 0.0
    assert "nothing that can be checked" in sentence([])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([p for p in Part if p is not Part.ORDER]), st.text(max_size=60), st.text())
def test_any_texts(part, text, title):
    product = Product(asin="x", title=title, options={"a": ("b",)})
    reason = one(part, text, product=product, options={"a": "b"})
    assert reason.met in (True, False, None)
    assert len(reason.evidence) <= 120
    assert sentence([reason])


def test_a_thing_that_is_only_like_the_kind_is_not_of_it():
    rugged = Product(asin="R1", title="Rugged Tablet Case", query="tablet cases")
    rug = Product(asin="R2", title="Woven Rugs in Blue", query="floor coverings")
    assert one(Part.KIND, "rug", hard=True, product=rugged).met is False
    assert one(Part.KIND, "rug", hard=True, product=rug).met is True
    both = Product(asin="R3", title="Rugged Outdoor Rug", query="floor coverings")
    assert one(Part.KIND, "rug", hard=True, product=both).met is True
    scale = Product(asin="R4", title="Rugged Kitchen Scale", query="scales")
    assert one(Part.KIND, "kitchen rug", product=scale).met is False


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("beds", "Platform Bed"),
        ("rings", "Engagement Ring"),
        ("leggings", "High Waist Legging"),
        ("ring light", "LED Light Ring"),
    ],
)
def test_words_that_end_like_qualities_are_kinds_all_the_same(kind, title):
    thing = Product(asin="R5", title=title, query="things")
    assert one(Part.KIND, kind, hard=True, product=thing).met is True


def test_a_size_of_two_words_is_not_put_together_from_measures_in_running_text():
    shoe = Product(asin="S1", title="Canvas Shoe", bullets=("Sole wide: 8-8.5 cm, 12 inch",))
    assert one(Part.OPTION, "8 wide", product=shoe).met is None
    assert one(Part.OPTION, "8.5 wide", product=shoe).met is None
    assert one(Part.OPTION, "12 inch", product=shoe).met is True


@pytest.mark.parametrize(
    ("kind", "met"),
    [
        ("drum", True),
        ("printer drum", True),
        ("printer", None),  # It is only for one.
        ("laser printer", False),
        ("ink", True),  # "Ink & Toner": a part of the kind's name ends with it.
        ("toner", True),
    ],
)
def test_a_kind_is_what_the_name_it_is_filed_under_ends_with(kind: str, met: bool | None) -> None:
    drum = Product(
        asin="D1",
        title="Acme D42 printer drum",
        query="printer drum",
        product_category="Office › Ink & Toner",
    )
    for hard in (True, False):
        assert one(Part.KIND, kind, product=drum, hard=hard).met is met


@pytest.mark.parametrize(
    ("kind", "met"),
    [("jewelry", None), ("shoes", True), ("sandals", True), ("clothing", None), ("rings", False)],
)
def test_a_department_of_several_kinds_says_of_nothing_which_it_is(
    kind: str, met: bool | None
) -> None:
    sandal = Product(
        asin="S1",
        title="Dockside 10",
        query="sandals",
        product_category="Clothing, Shoes & Jewelry › Men › Shoes › Sandals",
    )
    assert one(Part.KIND, kind, product=sandal, hard=True).met is met


@pytest.mark.parametrize(
    ("excluded", "title", "met"),
    [
        ("nuts", "Trail Mix, Sweet & Salty Peanuts", False),
        ("nuts", "Almond Cookies", False),
        ("nuts", "Almond Free Cookies", True),
        ("nuts", "Coconut Cookies", True),
        ("dairy", "Cheddar Crackers", False),
        ("dairy", "Body Butter", True),
        ("dairy", "Coconut Milk Yogurt", False),
        ("meat", "Teriyaki Beef Jerky", False),
        ("black", "Almond Cookies", True),
    ],
)
def test_what_is_ruled_out_rules_out_what_is_of_it(excluded: str, title: str, met: bool) -> None:
    snack = Product(asin="N1", title=title, query="snacks", product_category="Food › Snacks")
    assert one(Part.EXCLUSION, excluded, product=snack, hard=True).met is met


DESK = Product(
    asin="D1",
    title='Writing Desk, 47" W x 23" D',
    bullets=("The keyboard tray is 20 inches wide", "Holds 100 lbs, the drawer 10 lbs"),
    description="Assembled in 40 minutes.",
    options={"color": ("oak",)},
)


@pytest.mark.parametrize(
    ("text", "bounds", "met", "place"),
    [
        ("bigger than 40 inches", {"value": "inch", "lowest": 40.0}, True, "title"),
        ("bigger than 50 inches", {"value": "inch", "lowest": 50.0}, False, "title"),
        ("smaller than 50 inches", {"value": "inch", "highest": 50.0}, True, "title"),
        # The other side is larger.
        ("smaller than 40 inches", {"value": "inch", "highest": 40.0}, None, "title"),
        ("under 40 inches wide", {"value": "inch", "highest": 40.0}, False, "title"),
        ("under 40 inches deep", {"value": "inch", "highest": 40.0}, True, "title"),
        ("bigger than 1 meter", {"value": "meter", "lowest": 1.0}, True, "title"),
        # Running text tells of much.
        ("over 50 lbs", {"value": "pound", "lowest": 50.0}, None, "features"),
        ("over 200 lbs", {"value": "pound", "lowest": 200.0}, None, "features"),
        ("over 5 lbs", {"value": "pound", "lowest": 5.0}, True, "features"),
        ("under 200 lbs", {"value": "pound", "highest": 200.0}, None, "features"),
        ("over 2 liters", {"value": "liter", "lowest": 2.0}, None, ""),
        ("over 2 of a unit of a stranger", {"value": "stone", "lowest": 2.0}, None, ""),
    ],
)
def test_measures_are_compared_with_the_sizes_that_texts_tell(text, bounds, met, place):
    reason = one(Part.MEASURE, text, product=DESK, **bounds)
    assert (reason.met, reason.known_from) == (met, place)


def test_a_measure_is_met_by_the_chosen_size_first():
    options = {"size": "30 inches"}
    reason = one(Part.MEASURE, "up to 40 inches", options, product=DESK, value="inch", highest=40.0)
    assert (reason.met, reason.evidence) == (True, "size: 30 inches")


@pytest.mark.parametrize(
    ("kind", "category", "met"),
    [
        ("sofa", "Furniture › Sofa & Console Tables", None),
        ("sofa", "Furniture › Sofa & _", True),
        ("desk", "Furniture › Desk & Chairs", True),
        ("console table", "Furniture › Sofa & Console Tables", True),
        ("tripod", "Photo › Tripod & Monopod Accessories › Mounts", None),
        ("tripod", "Tripods & Monopods", True),
        ("snack", "Snack and Trail Mixes", None),
        ("candle", "Home › Candle & Lamp › Clip Lights", True),
        ("candy", "Candy & Chocolate Gifts", True),
        ("jewelry", "Jewelry & Watches", True),
    ],
)
def test_what_shares_the_head_of_a_longer_name_is_not_that_kind(kind, category, met):
    thing = Product(asin="H1", title="Model 7", product_category=category)
    assert one(Part.KIND, kind, hard=True, product=thing).met is met


@pytest.mark.parametrize(
    ("title", "met"),
    [
        ("USB Adapter Supports Camera, Mouse, Keyboard", None),
        ("Adapter Compatible with Tablet and Small Keyboard", None),
        ("Backlit Keyboard, Supports Two Devices", True),
        ("Supports Two Devices. Backlit Keyboard", True),
    ],
)
def test_what_a_thing_works_with_is_not_what_it_is(title, met):
    thing = Product(asin="K1", title=title, query="electronics")
    assert one(Part.KIND, "keyboard", product=thing).met is met


def test_wide_categories_tell_no_feature():
    chips = Product(asin="C1", title="Chips", product_category="Snacks & Sweets › Crisps")
    assert one(Part.FEATURE, "sweet", product=chips).met is None
    assert one(Part.FEATURE, "crisp", product=chips).met is True


def test_what_the_description_says_of_something_makes_no_other_kind():
    box = Product(
        asin="B1", title="Milk Bar", query="chocolate", description="In a dark, elegant box."
    )
    bar = Product(asin="B2", title="Dark Bar", query="chocolate")
    assert one(Part.KIND, "dark chocolate", product=box).met is None
    assert one(Part.KIND, "dark chocolate", product=bar).met is True


def test_a_length_of_other_articles_is_not_this_ones():
    long = Product(asin="L1", title="Cable (50 Feet)", bullets=("Also sold in 10 ft.",))
    short = Product(asin="L2", title="Cable (10 Feet)", bullets=("Also sold in 50 ft.",))
    silent = Product(asin="L3", title="Cable", bullets=("It is 10 ft long.",))
    assert one(Part.FEATURE, "10 ft", product=long).met is None
    assert one(Part.FEATURE, "10 ft", product=short).met is True
    assert one(Part.FEATURE, "10 ft", product=silent).met is True
    assert one(Part.FEATURE, "10 ft", {"length": "50 ft"}, product=silent).met is None


def test_free_of_something_counts_whatever_else_is_said_of_it():
    puffs = Product(
        asin="P1",
        title="Puffs",
        bullets=("We limit our sugar intake.", "Free of sweeteners, sugar and soy."),
    )
    sweet = Product(asin="P2", title="Puffs", bullets=("We limit our sugar intake.",))
    assert one(Part.FEATURE, "sugar free", product=puffs).met is True
    assert one(Part.FEATURE, "sugar free", product=sweet).met is False
    both = Product(asin="P3", title="Puffs", bullets=("Contains sugar.", "No sugar added."))
    assert one(Part.FEATURE, "sugar free", product=both).met is None
    chosen = {"flavor": "no sugar"}
    assert one(Part.FEATURE, "sugar free", chosen, product=sweet).met is True


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("shot glasses", "Spirits Glasses › Shot Glasses"),
        ("sd card", "Memory Cards › SD Cards"),
        ("mirror", "Mirrors › Makeup Mirrors"),
        ("makeup mirror", "Mirrors › Makeup Mirrors"),
    ],
)
def test_a_category_repeats_the_head_of_the_one_above(kind, category):
    thing = Product(asin="G1", title="Model 7", product_category=category)
    assert one(Part.KIND, kind, hard=True, product=thing).met is True


def test_a_phrase_does_not_go_on_from_one_category_to_the_next():
    thing = Product(asin="G2", title="Model 7", product_category="Health › Phone › Cases")
    assert one(Part.KIND, "phone cases", hard=True, product=thing).met is False


def test_a_set_of_a_kind_is_of_that_kind():
    glasses = Product(asin="G3", title="Shot Glass Set of Six", query="", nouns=("glass", "set"))
    stand = Product(asin="G4", title="Glass Stand", query="", nouns=("glass", "stand"))
    assert one(Part.KIND, "shot glass", product=glasses).met is True
    assert one(Part.KIND, "glass", product=stand).met is None


def test_a_number_alone_in_running_text_counts_anything():
    lamp = Product(asin="N1", title="Lamp", bullets=("1) Bright 2) Round 3) Warm",))
    three = Product(asin="N2", title="Lamp with 3 Bulbs")
    assert one(Part.FEATURE, "3", product=lamp).met is None
    assert one(Part.FEATURE, "3", product=three).met is True


@pytest.mark.parametrize("wish", ["4k", "3d", "1080p", "8x10", "2 in 1"])
def test_what_only_begins_with_a_number_is_more_than_a_number(wish):
    thing = Product(asin="N3", title="Thing", bullets=(f"It is {wish} and more",))
    assert one(Part.FEATURE, wish, product=thing).met is True


def test_a_length_is_the_same_in_other_units_and_sides_are_told_apart():
    jug = Product(asin="N4", title="128 oz Jug", bullets=("Holds 1 gallon.",))
    shelf = Product(asin="N5", title="47 inch wide Shelf", bullets=("Boards of 24 inch.",))
    assert one(Part.FEATURE, "1 gallon", product=jug).met is True
    assert one(Part.FEATURE, "24 inch", product=shelf).met is True


@pytest.mark.parametrize("part", [Part.FEATURE, Part.OPTION])
def test_what_is_offered_in_other_colours_is_not_in_this_one(part):
    dress = Product(asin="D1", title="Dress", options={"Colour": ("Black", "Dark Khaki")})
    coded = Product(asin="D2", title="Dress", options={"color": ("a1", "b2")})
    plain = Product(asin="D3", title="Dress", options={"size": ("s", "m")})
    reason = one(part, "red", product=dress)
    assert (reason.met, reason.evidence) == (False, "Colour: Black, Dark Khaki")
    assert one(part, "red", product=coded).met is None
    assert one(part, "rose scent", product=dress).met is None
    several = Product(asin="D4", title="Bag", options={"case color": ("black",), "color": ("red",)})
    assert one(part, "blue", product=several).met is False
    assert one(part, "maroon", product=several).met is None
    mixed = Product(asin="D5", title="Bag", options={"color": ("black", "Multicolor", "orange")})
    assert one(part, "orange", product=mixed).met is None
    assert one(part, "blue", product=mixed).met is None
    assert one(part, "red", product=plain).met is None
    fan = Product(asin="D6", title="Shirt", options={"style": ("Red Sox",)})
    assert one(part, "blue", product=fan).met is None


def test_a_reason_as_json_types_has_all_of_it():
    reason = one(Part.FEATURE, "nowhere", product=MUG)
    assert reason.missing
    assert reason.record() == asdict(reason)


def test_a_prefix_negates_no_more_than_its_word():
    sauce = Product(asin="Q1", title="Sauce, Non-GMO, Keto", query="Non-Dairy Ice Cream")
    assert one(Part.FEATURE, "keto", product=sauce).met is True
    assert one(Part.FEATURE, "gmo", product=sauce).met is False
    assert one(Part.KIND, "ice cream", product=sauce).met is True


def test_a_baby_shower_is_not_for_a_baby():
    topper = Product(asin="Q2", title="Soccer Cupcake Topper for Birthday and Baby Shower")
    lotion = Product(asin="Q3", title="Baby Lotion")
    assert one(Part.AUDIENCE, "my son", value="boys", product=topper).met is None
    assert one(Part.AUDIENCE, "my son", value="boys", product=lotion).met is False


def test_a_name_that_the_shop_does_not_know_may_be_more_than_a_kind():
    dress = Product(asin="Q4", title="V Neck Midi Dress", nouns=("neck", "midi", "dress"))
    collar = Product(asin="Q5", title="Collar for V Neck Dress", nouns=("neck", "dress"))
    assert one(Part.KIND, "v neck", product=dress).met is True
    assert one(Part.KIND, "v neck", hard=True, product=dress).met is None
    assert one(Part.KIND, "v neck", product=collar).met is None


def test_a_title_that_denies_what_is_ruled_out_counts_more_than_other_mentions():
    bed = Product(
        asin="Q6", title="Bed, No Box Spring Needed", bullets=("In place of your box spring.",)
    )
    other = Product(asin="Q7", title="Bed", bullets=("In place of your box spring.",))
    assert one(Part.EXCLUSION, "no box spring", value="box spring", product=bed).met is True
    assert one(Part.EXCLUSION, "no box spring", value="box spring", product=other).met is None


@pytest.mark.parametrize(
    ("title", "met"),
    [
        ("Hair Spray for Women", False),
        ("Ladies' Hair Spray", False),
        ("Hair Spray for Men and Women", None),
        ("Hair Spray for Men", True),
        ("Hair Spray", True),
    ],
)
def test_whom_it_should_not_be_for(title, met):
    spray = Product(asin="W1", title=title)
    assert one(Part.EXCLUSION, "not for women", value="women", product=spray).met is met


@pytest.mark.parametrize(
    ("title", "met"),
    [
        ("Alexa Compatible Smart Bulb", True),
        ("Arch Supports Insole Bulb", True),
        ("Adapter that Fits Any Bulb", None),
    ],
)
def test_compatible_alone_tells_nothing_of_what_follows(title, met):
    assert one(Part.KIND, "bulb", product=Product(asin="W2", title=title)).met is met


def test_a_title_denies_what_running_text_only_mentions():
    fan = Product(asin="F1", title="Fan without Light", bullets=("Turn off the light and fan.",))
    lamp = Product(asin="F2", title="Fan with Light", bullets=("No light in the remote.",))
    assert one(Part.FEATURE, "light", product=fan).met is False
    assert one(Part.FEATURE, "light", product=lamp).met is True
    bare = Product(asin="F3", title="Fan without Light", attributes=("light fixture",))
    assert one(Part.FEATURE, "light", product=bare).met is False


@pytest.mark.parametrize(
    ("asked", "offered", "met"),
    [
        ("navy blue", "navy", True),
        ("navy blue", "#2 Navy", True),
        ("navy blue", "blue", None),
        ("navy blue", "red", False),
        ("navy", "navy blue", True),
    ],
)
def test_a_colour_may_be_named_in_short(asked, offered, met):
    product = Product(asin="C1", title="Shirt", options={"color": (offered,)})
    reason = one(Part.OPTION, asked, {"color": offered}, product=product, group="color")
    assert reason.met is met


def test_a_title_says_that_a_thing_lacks_what_an_attribute_has():
    dress = Product(asin="S1", title="Sleeveless Dress", attributes=("long sleeve",))
    other = Product(asin="S2", title="Long Sleeve Dress", bullets=("Also sleeveless.",))
    for said in ("long sleeve", "long sleeves"):
        reason = one(Part.FEATURE, said, product=dress)
        assert (reason.met, reason.evidence) == (False, "Sleeveless Dress")
        assert one(Part.FEATURE, said, product=other).met is True
    assert one(Part.FEATURE, "", product=dress).met is None


@pytest.mark.parametrize(
    ("title", "category", "met"),
    [
        ("Crystal Deodorant", "Deodorants & Antiperspirants", True),
        ("Antiperspirant Deodorant", "Deodorants & Antiperspirants", False),
        ("Crystal Stick", "Antiperspirants", False),
        ("Crystal Stick", "Sprays, Antiperspirants", True),
    ],
)
def test_a_category_of_several_kinds_tells_of_none_that_it_is_ruled_out(title, category, met):
    stick = Product(asin="D1", title=title, product_category=f"Beauty › {category}")
    reason = one(Part.EXCLUSION, "not an antiperspirant", value="antiperspirant", product=stick)
    assert reason.met is met
    filed = replace(stick, query="antiperspirant, mint")
    assert one(Part.EXCLUSION, "no", value="antiperspirant", product=filed).met is False


@pytest.mark.parametrize(
    ("title", "met"),
    [
        ("Memory Card 128 GB MicroSD", False),
        ("Memory Card 128 GB microSDHC", False),
        ("Memory Card MICROSCOPIC", True),
        ("Memory Card v2.MicroSD", True),
        ("İ MicroSD", True),
        ("MicroPro Memory Card", True),
        ("Reader, No MicroSD", True),
        ("Memory Card for Microscopes", True),
        ("Memory Card 128 GB SD", True),
    ],
)
def test_what_is_ruled_out_may_begin_a_name_as_capitals_tell(title, met):
    card = Product(asin="S1", title=title)
    assert one(Part.EXCLUSION, "not micro", value="micro", product=card).met is met


@pytest.mark.parametrize(
    ("title", "kind", "met"),
    [
        ("Acme FireWire for Laptop", "laptop", None),
        ("Acme Neoprene Laptop Sleeve", "laptop", None),
        ("Acme laptop spare part", "laptop", None),
        ("Acme 14 Inch Laptop Gray", "laptop", True),
        ("Acme Remote Control", "remote", True),
        ("Acme Laptop Control Panel", "laptop", None),
        ("Acme Laptop Computer", "laptop", True),
        ("Acme Laptop Gift Bundle", "laptop", True),
        ("Acme Lamp", "laptop", False),
    ],
)
def test_a_title_that_stands_for_its_kind_is_read_as_a_title(title, kind, met):
    """Of a product without a category, whose title tells no kind."""
    nouns = ("acme", "laptop", "lamp", "control")
    thing = Product(asin="L1", title=title, query=title.lower(), nouns=nouns)
    reason = one(Part.KIND, kind, product=thing)
    assert (reason.met, reason.known_from) == (met, "" if met is False else "title")
