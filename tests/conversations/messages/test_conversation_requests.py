"""What several messages ask for together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.answers import Answer
from shopwright.conversations.candidates import Candidates
from shopwright.conversations.messages.requests import and_then
from shopwright.conversations.messages.talk import Correction
from shopwright.shop.shop import Shop
from shopwright.understanding.request import Order, ParsedRequest, Part, Piece

KIND = Piece(part=Part.KIND, text="mug", value="mugs", hard=True)
LIMIT = Piece(part=Part.PRICE, text="under $20", highest=20.0, hard=True)
BEFORE = ParsedRequest(text="mug under $20", pieces=(KIND, LIMIT))
COLOR = Act(Kind.OPTION, "color", ("red", "blue"))
RED = Answer(options=(("color", "red"),))
NOTHING = Answer()
GoOn = Callable[..., ParsedRequest]


@pytest.fixture
def go_on(tiny_shop: Shop) -> GoOn:
    """Return what is asked for after one more message to a shop of a few products."""
    candidates = Candidates(tiny_shop, [(row, 1.0) for row in tiny_shop.catalogue.rows])

    def go_on(
        before: ParsedRequest,
        said: ParsedRequest,
        answer: Answer = NOTHING,
        question: Act | None = None,
        *,
        how: Correction = Correction.NONE,
    ) -> ParsedRequest:
        return and_then(before, said, answer, question, candidates, how=how)

    return go_on


def said(*pieces: Piece) -> ParsedRequest:
    return ParsedRequest(text="", pieces=pieces)


def values(parsed: ParsedRequest, part: Part) -> list[str]:
    return [piece.value or piece.text for piece in parsed.of(part)]


def test_answers_are_added_and_corrected(go_on: GoOn) -> None:
    red = go_on(BEFORE, said(), RED, COLOR)
    assert values(red, Part.OPTION) == ["red"]
    assert red.price_limit == 20.0
    blue = go_on(red, said(), Answer(options=(("color", "blue"),)), COLOR)
    assert values(blue, Part.OPTION) == ["blue"]
    limit = go_on(blue, said(), Answer(limit=9.5), Act(Kind.LIMIT))
    assert limit.price_limit == 9.5
    assert values(limit, Part.PRICE) == ["up to $9.50"]


def test_what_is_added_to_an_answer_counts(go_on: GoOn) -> None:
    without = Piece(part=Part.EXCLUSION, text="not plastic", value="plastic", hard=True)
    cheaper = Piece(part=Part.PRICE, text="under $10", highest=10.0, hard=True)
    both = go_on(BEFORE, said(without, cheaper), RED, COLOR)
    assert values(both, Part.EXCLUSION) == ["plastic"]
    assert both.price_limit == 10.0
    other = Piece(part=Part.KIND, text="red", value="red wine", hard=True)
    assert go_on(BEFORE, said(other), RED, COLOR).of(Part.KIND) == (KIND,)


def test_another_kind_begins_anew(go_on: GoOn) -> None:
    lamp = said(Piece(part=Part.KIND, text="lamp", value="lamps", hard=True))
    assert go_on(BEFORE, lamp, Answer(), COLOR) is lamp
    same = go_on(BEFORE, said(KIND), Answer(), None)
    assert same.pieces.count(KIND) == 1


def test_what_does_not_matter_changes_nothing(go_on: GoOn) -> None:
    assert go_on(BEFORE, said(), Answer(indifferent=True), COLOR).pieces == BEFORE.pieces


def heard(text: str, *pieces: Piece) -> ParsedRequest:
    return ParsedRequest(text=text, pieces=pieces)


def test_what_was_said_last_of_a_wish_and_its_exclusion_counts(go_on: GoOn) -> None:
    black = Piece(part=Part.OPTION, text="black", value="black", group="color")
    no_black = Piece(part=Part.EXCLUSION, text="not black", value="black", hard=True)
    wanted = go_on(BEFORE, heard("black", black), Answer(), None)
    ruled_out = go_on(wanted, heard("not black", no_black), Answer(), None)
    assert black not in ruled_out.pieces
    assert no_black in ruled_out.pieces
    again = go_on(ruled_out, heard("black please", black), Answer(), None)
    assert black in again.pieces
    assert no_black not in again.pieces


def test_wishes_are_taken_back_and_all_of_them(go_on: GoOn) -> None:
    assert go_on(BEFORE, heard("no limit"), Answer(), None).pieces == (KIND,)
    assert go_on(BEFORE, heard("start over"), Answer(), None).pieces == ()
    named = Piece(part=Part.KIND, text="lamp", value="lamps", hard=True)
    lamp = heard("start over: a lamp", named)
    assert go_on(BEFORE, lamp, Answer(), None) is lamp


def test_what_is_no_wish_changes_nothing(go_on: GoOn) -> None:
    lot = Piece(part=Part.FEATURE, text="lot", value="lot")
    assert go_on(BEFORE, heard("thanks a lot", lot), Answer(), None) is BEFORE
    mind = Piece(part=Part.KIND, text="mind", value="mind")
    careless = go_on(BEFORE, heard("I don't mind", mind), Answer(indifferent=True), None)
    assert careless.pieces == BEFORE.pieces


def test_a_kind_in_a_clause_becomes_a_soft_wish(go_on: GoOn) -> None:
    dolls = Piece(part=Part.KIND, text="dolls", value="dolls", start=10, hard=True)
    found = go_on(BEFORE, heard("she likes dolls", dolls), Answer(), None)
    assert found.of(Part.KIND) == (KIND,)
    (soft,) = found.of(Part.FEATURE)
    assert (soft.value, soft.hard) == ("dolls", False)


def test_what_is_said_beside_what_is_taken_back_counts(go_on: GoOn) -> None:
    text = "the price doesn't matter, but not plastic"
    plastic = Piece(part=Part.EXCLUSION, text="not plastic", value="plastic", start=30, hard=True)
    matter = Piece(part=Part.KIND, text="matter", value="matter", start=18)
    found = go_on(BEFORE, heard(text, matter, plastic), Answer(), None)
    assert found.pieces == (KIND, plastic)


def test_what_is_fine_begins_nothing_anew(go_on: GoOn) -> None:
    peanuts = Piece(part=Part.EXCLUSION, text="no peanuts", value="peanuts", hard=True)
    before = ParsedRequest(text="", pieces=(KIND, peanuts))
    chocolate = Piece(part=Part.KIND, text="chocolate", value="chocolate", start=0, hard=True)
    fine = Piece(part=Part.FEATURE, text="fine", value="fine", start=13)
    found = go_on(before, heard("chocolate is fine", chocolate, fine), Answer(), None)
    assert found.pieces[:2] == (KIND, peanuts)
    assert [piece.value for piece in found.of(Part.FEATURE)] == ["chocolate"]


def feature(text: str, start: int = -1) -> Piece:
    return Piece(part=Part.FEATURE, text=text, value=text, start=start)


def test_what_is_said_last_in_one_matter_counts(go_on: GoOn) -> None:
    four = go_on(BEFORE, said(feature("pack of 4")))
    option = Piece(part=Part.OPTION, text="6 pack", value="6 pack", group="size")
    six = go_on(four, heard("6 pack", option))
    assert [*values(six, Part.FEATURE), *values(six, Part.OPTION)] == ["6 pack"]
    lower = Piece(part=Part.PRICE, text="over $5", lowest=5.0, hard=True)
    both = go_on(six, heard("over $5", lower))
    assert (both.lowest_price, both.price_limit) == (5.0, 20.0)


def test_an_alternative_leaves_what_was_wanted(go_on: GoOn) -> None:
    blue, green = (
        Piece(part=Part.OPTION, text=text, value=text, group="color", start=start)
        for text, start in (("blue", 0), ("red", 3))
    )
    wanted = go_on(BEFORE, heard("blue", blue))
    assert go_on(wanted, heard("or red", green)).of(Part.OPTION) == (blue, green)
    assert go_on(wanted, heard("red", green)).of(Part.OPTION) == (green,)


def test_a_number_alone_takes_the_place_of_the_last_one(go_on: GoOn) -> None:
    assert go_on(BEFORE, heard("make that 15")).price_limit == 15.0
    packs = go_on(BEFORE, heard("pack of 4", feature("pack of 4")))
    assert values(go_on(packs, heard("or 6")), Part.FEATURE) == ["pack of 6"]
    assert go_on(said(KIND), heard("15")).pieces == (KIND,)


def test_a_correction_may_name_a_kind_that_is_not_clear(go_on: GoOn) -> None:
    curtains = Piece(part=Part.KIND, text="curtains", value="curtains", start=0)
    vegan = Piece(part=Part.KIND, text="vegan", value="vegan", start=0)
    other = heard("curtains", curtains)
    assert go_on(BEFORE, other, how=Correction.CORRECTS) is other
    assert go_on(BEFORE, other).of(Part.KIND) == (KIND,)
    found = go_on(BEFORE, heard("vegan", vegan), how=Correction.CORRECTS)
    assert found.of(Part.KIND) == (KIND,)
    assert values(found, Part.FEATURE) == ["vegan"]
    looked = heard("do you have curtains", Piece(part=Part.KIND, text="curtains", start=12))
    assert go_on(BEFORE, looked) is looked


def test_a_correction_of_what_it_is_for(go_on: GoOn) -> None:
    before = ParsedRequest(text="a mug for tea", pieces=(KIND, feature("tea", 10)))
    corrected = go_on(before, heard("for cocoa", feature("cocoa", 4)), how=Correction.CORRECTS)
    assert values(corrected, Part.FEATURE) == ["cocoa"]
    added = go_on(before, heard("for cocoa", feature("cocoa", 4)))
    assert values(added, Part.FEATURE) == ["tea", "cocoa"]


def test_a_price_alone_is_a_limit(go_on: GoOn) -> None:
    price = Piece(part=Part.PRICE, text="$9", highest=9.0, start=0)
    (limit,) = go_on(BEFORE, heard("$9", price)).of(Part.PRICE)
    assert (limit.highest, limit.hard) == (9.0, True)


def test_two_ends_of_a_measure_stand_together(go_on: GoOn) -> None:
    least = Piece(part=Part.MEASURE, text="over 40 inches", value="inch", lowest=40.0, hard=True)
    most = Piece(part=Part.MEASURE, text="under 60 inches", value="inch", highest=60.0, hard=True)
    wanted = go_on(go_on(BEFORE, heard("over 40 inches", least)), heard("under 60 inches", most))
    assert wanted.of(Part.MEASURE) == (least, most)


def test_what_was_ruled_out_stays_so_for_another_thing(go_on: GoOn) -> None:
    nuts = Piece(part=Part.EXCLUSION, text="no nuts", value="nuts", hard=True)
    before = ParsedRequest(text="", pieces=(KIND, nuts))
    lamp = Piece(part=Part.KIND, text="lamps", value="lamps", hard=True, start=11)
    assert go_on(before, heard("what about lamps", lamp)).pieces == (lamp, nuts)
    assert go_on(before, heard("lamps", replace(lamp, start=0))).of(Part.EXCLUSION) == ()
    allergy = replace(nuts, text="allergic to nuts")
    before = ParsedRequest(text="", pieces=(KIND, allergy))
    assert go_on(before, heard("lamps", replace(lamp, start=0))).of(Part.EXCLUSION) == (allergy,)


def test_another_thing_would_do_too(go_on: GoOn) -> None:
    lamp = Piece(part=Part.KIND, text="lamp", value="lamps", hard=True, start=2)
    found = go_on(BEFORE, heard("a lamp would be ok too", lamp))
    assert found.of(Part.KIND) == (KIND, lamp)


def test_what_is_told_of_one_person_adds_up(go_on: GoOn) -> None:
    daughter = Piece(part=Part.AUDIENCE, text="my daughter", value="girls")
    aged = Piece(part=Part.AUDIENCE, text="she is 5", value="kids", lowest=5.0, highest=5.0)
    wanted = go_on(go_on(BEFORE, said(daughter)), said(aged))
    (who,) = wanted.of(Part.AUDIENCE)
    assert (who.value, who.lowest, who.highest) == ("girls", 5.0, 5.0)
    son = Piece(part=Part.AUDIENCE, text="my son", value="boys")
    assert go_on(go_on(BEFORE, said(daughter)), said(son)).of(Part.AUDIENCE) == (son,)


def test_a_brand_that_is_no_brand_here_may_be_taken_back(go_on: GoOn) -> None:
    before = ParsedRequest(text="mugs by Acme", pieces=(KIND, feature("Acme", 8)))
    assert go_on(before, heard("any brand")).pieces == (KIND,)


def test_who_gives_up_looks_for_whatever_is_named(go_on: GoOn) -> None:
    jerky = Piece(part=Part.KIND, text="beef jerky", value="beef jerky", start=0)
    other = heard("beef jerky", jerky)
    assert go_on(BEFORE, other, how=Correction.GIVES_UP) is other
    assert go_on(BEFORE, other).of(Part.KIND) == (KIND,)


def test_a_name_of_which_a_correction_repeats_a_word_is_replaced(go_on: GoOn) -> None:
    named = (feature("iphone", 9), feature("13", 16), feature("pro", 19), feature("clear", 30))
    before = ParsedRequest(text="case for iphone 13 pro, clear", pieces=(KIND, *named))
    said_then = heard("iphone 12", feature("iphone", 0), feature("12", 7))
    corrected = go_on(before, said_then, how=Correction.CORRECTS)
    assert values(corrected, Part.FEATURE) == ["clear", "iphone", "12"]


def test_one_of_several_kinds_at_a_time(go_on: GoOn) -> None:
    lamp = Piece(part=Part.KIND, text="lamp", value="lamps", hard=True, start=16)
    both = ParsedRequest(text="a mug and a lamp", pieces=(KIND, lamp))
    assert go_on(both, heard("what about the lamp", lamp)).of(Part.KIND) == (lamp,)
    assert go_on(both, heard("a red lamp", lamp)).of(Part.KIND) == (KIND, lamp)


def test_a_size_alone_is_a_measure(go_on: GoOn) -> None:
    foot = Piece(part=Part.KIND, text="feet", value="foot", hard=True, start=2)
    found = go_on(BEFORE, heard("6 feet", feature("6", 0), foot))
    (size,) = found.of(Part.MEASURE)
    assert (size.value, size.lowest, size.highest) == ("feet", 6.0, 6.0)
    again = go_on(found, heard("no 10ft"))
    assert [piece.lowest for piece in again.of(Part.MEASURE)] == [10.0]
    assert go_on(BEFORE, heard("2 pieces")).of(Part.MEASURE) == ()


def test_the_name_of_a_kind_may_say_how_something_is(go_on: GoOn, tiny_shop: Shop) -> None:
    words = tiny_shop.catalogue[0].title.split()[:2]
    kind = Piece(part=Part.KIND, text=words[1], value="x", hard=True, start=len(words[0]) + 1)
    message = " ".join(words)
    assert values(go_on(BEFORE, heard(message, kind)), Part.FEATURE) == [message]
    alone = heard(words[1], replace(kind, start=0))
    assert go_on(BEFORE, alone) is alone


def test_what_is_too_dear_is_sorted(go_on: GoOn) -> None:
    found = go_on(BEFORE, heard("too expensive"), Answer(too_dear=True))
    assert found.order is Order.CHEAPEST


def test_alternatives_answer_a_question(go_on: GoOn) -> None:
    colours = [
        Piece(part=Part.OPTION, text=text, value=text, group="color", start=start)
        for text, start in (("red", 0), ("blue", 7))
    ]
    found = go_on(BEFORE, heard("red or blue", *colours), RED, COLOR)
    assert values(found, Part.OPTION) == ["red", "blue"]


def test_a_present_stays_one_for_the_same_person(go_on: GoOn) -> None:
    niece = Piece(part=Part.AUDIENCE, text="gift for my niece", value="girls")
    before = ParsedRequest(text="", pieces=(niece, KIND, LIMIT))
    lamp = Piece(part=Part.KIND, text="lamp", value="lamps", hard=True, start=3)
    her = Piece(part=Part.AUDIENCE, text="for her", value="women", start=8)
    assert go_on(before, heard("or a lamp for her", lamp, her)).pieces == (lamp, niece, LIMIT)
    son = Piece(part=Part.AUDIENCE, text="for my son", value="boys", start=8)
    other = heard("a lamp for my son", lamp, son)
    assert go_on(before, other) is other


def test_who_is_known_is_not_changed_by_a_pronoun(go_on: GoOn) -> None:
    niece = Piece(part=Part.AUDIENCE, text="for my niece", value="girls")
    her = Piece(part=Part.AUDIENCE, text="for her", value="women")
    before = ParsedRequest(text="", pieces=(niece, KIND))
    assert go_on(before, heard("red for her", feature("red"), her)).of(Part.AUDIENCE) == (niece,)


def test_of_brands_one_is_enough(go_on: GoOn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Candidates, "brands", frozenset({"canon", "nikon"}))
    before = ParsedRequest(text="", pieces=(KIND, feature("canon")))
    both = go_on(before, heard("or nikon", feature("nikon", 3)))
    assert values(both, Part.BRAND) == ["canon", "nikon"]
    # What is the name of a brand is no kind that is looked for.
    nikon = Piece(part=Part.KIND, text="nikons", value="nikon", start=8)
    found = go_on(before, heard("show me nikons", nikon))
    assert found.of(Part.KIND) == (KIND,)


def test_a_tight_budget_is_sorted(go_on: GoOn) -> None:
    assert go_on(BEFORE, heard("my budget is tight")).order is Order.CHEAPEST


def test_the_first_word_of_a_title_may_be_a_brand(tiny_shop: Shop) -> None:
    found = Candidates(tiny_shop, [(row, 1.0) for row in tiny_shop.catalogue.rows])
    assert found.brands == {"coffee"}


def test_a_boy_stays_one_when_he_is_called_young(go_on: GoOn) -> None:
    boy = Piece(part=Part.AUDIENCE, text="for a boy", value="boys", hard=True)
    youth = Piece(part=Part.AUDIENCE, text="youth", value="kids")
    before = ParsedRequest(text="", pieces=(KIND, boy))
    assert go_on(before, heard("youth", youth)).of(Part.AUDIENCE) == (boy,)
