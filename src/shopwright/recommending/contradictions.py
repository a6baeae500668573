"""What tells that a text's words mean something else than what is asked for."""

from __future__ import annotations

from shopwright.catalogue.attributes.words import ONLY_COLOURS
from shopwright.recommending.choosing import same_group, words_of
from shopwright.recommending.mentions import Passage
from shopwright.recommending.phrase import Phrase
from shopwright.recommending.texts import Texts
from shopwright.understanding.quantities import in_unit, quantities_in

EVIDENCE_CHARACTERS = 80


def is_bare_number(phrase: Phrase, passage: Passage, texts: Texts) -> bool:
    """Return whether running text has a number that may count anything."""
    return passage in texts.own.running and all(word[0].isdecimal() for word in phrase.words)


def other_colours(phrase: Phrase, texts: Texts) -> str:
    """Return the colours in which a product is offered where a colour is asked for and none is it;
    empty where that is not so."""
    asked = ONLY_COLOURS.intersection(phrase.words)
    for group, values in texts.product.options.items() if asked else ():
        words = {word for value in values for word in words_of(value)}
        if same_group(group, "color") and words & ONLY_COLOURS and not words & asked:
            return f"{group}: {', '.join(values)}"[:EVIDENCE_CHARACTERS]
    return ""


def is_other_quantity(phrase: Phrase, passage: Passage, texts: Texts) -> bool:
    """Return whether running text names a quantity of something else, as title or chosen options
    tell another: the "10 ft" in which a cable of 50 ft is sold, too."""
    if not phrase.quantities or passage not in texts.own.running:
        return False
    for asked in quantities_in(phrase.text.lower()):
        for telling in (texts.chosen, texts.own.title):
            told = {in_unit(each, asked.unit) for each in telling.quantities} - {None}
            if told and asked.value not in told:
                return True
    return False


def is_other_number(phrase: Phrase, passage: Passage, texts: Texts) -> bool:
    """Return whether running text may count something else: "8" in "8 colors", "8 wide" in
    "wide: 8"."""
    numbers = [word[0].isdecimal() for word in phrase.words]
    is_loose = all(numbers) or not passage.has_joined(phrase)
    return passage in texts.own.running and any(numbers) and is_loose
