"""Classes of words that requests are made of in any shop."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from shopwright.catalogue.attributes.words import (
    COLOURS,
    FUNCTION_WORDS,
    MEASURES,
    NUMBER_WORDS,
    ONLY_COLOURS,
    SIZES,
)
from shopwright.understanding.phrases import Phrase
from shopwright.understanding.words import AMERICAN, Word, is_link

_ADJECTIVE = re.compile(
    r"(?:able|ible|less|ful|ous|ive|(?<=\w{3})ed|(?<=\w{4})ing|(?<=\w{3})al|ic|ish|proof|free|weight|"
    r"ly|est|ary|friendly)$"
)
NUMBER = re.compile(r"\d+(?:[.,/x]\d+)*")
_MEASURED = re.compile(rf"{NUMBER.pattern}([^\W\d_]+)")
# After these comes what a thing is for, of or with, not what it is.
RELATIONS = frozenset(
    (
        "for with in of on from to by at has have having that which like made using featuring "
        "including inside under as into onto against containing goes works fits where when"
    ).split()
)
# Words of asking and politeness; in the texts of products they are rare, or sellers' talk.
ASKING = frozenset(
    (
        "advise after any anybody anyone anything appreciate assist buy buying can carry cheers "
        "choose could decent desire find finding folks friend get getting gift gifts give good "
        "great guys happen have having hello help hey hi hope hoping hunt hunting ideally ideas "
        "interested kind kindly like likes look looking love lover lovers loves maybe me might "
        "need needed needs nice offer options order ordering perfect perfectly pick please "
        "possibly prefer preferably preference present presents purchase recommend recommendation "
        "recommendations require search searching sell selling shop shopping show some someone "
        "something sort stock suggest suggestion suggestions sure tell thank thanks there thx try "
        "trying type want wanted wanting wants wears what where which wife wish wonder wondering "
        "would you"
    ).split()
)
# What follows is asked of the thing, or ruled out.
ATTACHING = frozenset(
    (
        "for with in that which made from like has have having under without not no but except "
        "excluding nothing"
    ).split()
)
ARTICLES = frozenset("a an the some any".split())
# Nobody types these between key words.
OF_SENTENCES = ARTICLES | frozenset(
    "am are have he her his i is it me my our she they we you your".split()
)
BETWEEN_ALTERNATIVES = frozenset("or and".split())
COUNTED = frozenset("pack packs set sets count box boxes case bundle lot pair pairs piece".split())
# A number before such a word counts or measures something.
UNITS = MEASURES | frozenset(
    (
        "% age ages boxes calorie calories centimeters cups day days deg degree degrees drawer "
        "feet foot fps gigabytes gigs grams hour hours hr hrs inches kilograms kilos megapixel "
        "megapixels milliliters millimeters minute minutes month months mp ounce pcs people "
        "person persons pieces ply rpm seat seater seats second seconds sheets sqft thread tier "
        "week weeks yd year years yo yr yrs"
    ).split()
)
# What a thing is to be more of, and what it is for: no kinds, unless a shop has them as such.
COMPARATIVES = frozenset(
    (
        "better bigger brighter cheaper cleaner closer clearer cooler darker deeper drier easier "
        "faster finer firmer fresher gentler greener hardier harder healthier heavier higher "
        "hotter larger lighter longer looser louder lower newer nicer older prettier quicker "
        "quieter safer sharper shinier shorter simpler slimmer slower smaller smarter smoother "
        "softer stiffer straighter stronger sturdier sweeter taller thicker thinner tidier "
        "tighter tougher warmer whiter wider worse younger"
    ).split()
)
OCCASIONS = frozenset(
    (
        "anniversary birthday christmas diwali easter eid graduation halloween hanukkah holiday "
        "holidays housewarming retirement thanksgiving valentine valentines vacation wedding xmas"
    ).split()
)
ENTHUSIASTS = frozenset(
    (
        "addict addicts beginner beginners enthusiast enthusiasts fanatic fanatics geek geeks "
        "lover lovers nerd nerds"
    ).split()
)
# What things have; a phrase that ends with one names none, either: "queen size".
FREE = frozenset("free proof resistant friendly safe".split())
_ASPECTS = frozenset("color colors colour colours size sizes".split())
_NO_KINDS = COMPARATIVES | OCCASIONS | ENTHUSIASTS | _ASPECTS | SIZES
_NO_HEADS = _ASPECTS | SIZES | COLOURS | FREE
# Units that are things, too, where no number stands before them: "queen sheets".
THINGS = frozenset("box boxes capsules cup cups drawer meter meters seat seats sheets".split())
# "Plus size" is one thing to wish for.
SIZED = frozenset("bite family full king life one plus pocket queen standard travel twin".split())
# How things are put on, opened or used: "roll on deodorant", "slip on shoes".
_PHRASAL = """
in: plug built step walk tuck drop
off: peel shut tear
on: bolt clip press pull roll slip snap stick strap add iron carry
out: pull fold slide
up: pop lace zip push pull roll lift stand wind
down: fold button drop
around: wrap
"""
PHRASAL = frozenset(
    (verb, particle)
    for particle, _, verbs in (line.partition(":") for line in _PHRASAL.strip().splitlines())
    for verb in verbs.split()
)
# "In" is a word more often, and pieces are what a set is of.
_OF_EACH = MEASURES - frozenset("in pcs pc piece pieces".split())
NEGATING_PREFIXES = frozenset("non anti".split())
# What colours are called that few shops have in all their names.
_TONES = """
black: jet matte midnight onyx
blue: aqua arctic baby cobalt cornflower denim electric ice midnight ocean peacock petrol powder
blue: royal sapphire sea sky slate steel
brown: caramel chestnut chocolate cinnamon cocoa coffee espresso mahogany mocha walnut
gold: antique champagne
gray: ash dove graphite gunmetal heather pewter slate smoke space steel stone storm
green: apple army avocado bottle emerald fern forest hunter jade kelly leaf military mint moss pea
green: pine pistachio sage sea seafoam shamrock
orange: blood burnt tangerine
pink: baby blush bubblegum dusty flamingo hot powder salmon strawberry
purple: eggplant grape mulberry plum royal
red: blood brick candy cherry chili crimson fire lipstick ruby scarlet tomato wine
rose: dusty
white: antique eggshell off pearl snow
yellow: banana butter canary lemon sunflower
"""
_TONES_OF = [line.partition(":")[::2] for line in _TONES.strip().splitlines()]
_TONED = ONLY_COLOURS - {"clear", "multicolor", "multicolour"}
TONES = frozenset(
    [(tone, colour) for colour, tones in _TONES_OF for tone in tones.split()]
    + [(tone, colour) for colour in _TONED for tone in ("muted", "neon", "pale", "pastel", "vivid")]
)


@lru_cache(maxsize=1 << 10)
def is_adjective(word: str) -> bool:
    """Whether a word says what a thing is like, by its ending."""
    return _ADJECTIVE.search(word) is not None


def counts(word: Word) -> bool:
    """Whether a word is a number, a unit or both ("6ft"), of which no kind is named."""
    if not word.text[0].isdigit():  # Most words: no pattern is needed.
        return word.text in UNITS
    if word.text in UNITS or NUMBER.fullmatch(word.text):
        return True
    measured = _MEASURED.fullmatch(word.text)
    return measured is not None and measured[1] in UNITS


def is_tone(words: Sequence[Word]) -> bool:
    """Whether the first of two words says which colour the second one is: "sage green"."""
    if len(words) < 2 or words[1].after_mark:
        return False
    return (words[0].text, AMERICAN.get(words[1].text, words[1].text)) in TONES


def is_phrasal(words: Sequence[Word]) -> bool:
    """Whether two words say how a thing is put on, opened or used."""
    return len(words) == 2 and (words[0].text, words[1].text) in PHRASAL


def is_open_ended(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether a run of words begins or ends with a link, or ends with an "in" that does not stand
    for inches: "iphone 12 in white".

    Args:
        words: a request's.
        start, end: numbers of the first of the run, and of the one behind its last.
    """
    if is_link(words[start].stem) or is_link(words[end - 1].stem):
        return True
    if words[end - 1].text != "in" or end == len(words) or words[end].after_mark:
        return False
    # "A 10 in black skillet" has inches.
    ends = end + 1 == len(words) or words[end + 1].after_mark
    return words[end].text in COLOURS and (ends or words[end + 1].text in FUNCTION_WORDS)


def is_compound(words: Sequence[Word], following: Sequence[Word] = ()) -> bool:
    """Whether words are said together: quantities, and words with "non" or "free".

    Args:
        following: the word behind them, if any.
    """
    first, last = words[0].text, words[-1].text
    if len(words) == 2:
        is_unit = last in UNITS or last in COUNTED
        if is_unit and (NUMBER.fullmatch(first) or first in NUMBER_WORDS):
            return True
        if first in NEGATING_PREFIXES or (last == "size" and first in SIZED):
            return True
        return last in FREE and first not in FUNCTION_WORDS
    if len(words) == 3 and words[1].text == "of" and first in COUNTED:
        # Of a "pack of 2 inch binders" nobody knows how many there are.
        is_measured = any(word.text in _OF_EACH for word in following)
        return not is_measured and bool(NUMBER.fullmatch(last) or last in NUMBER_WORDS)
    return False


def names_no_kind(words: Sequence[Word], phrase: Phrase) -> bool:
    """Whether words are hardly what a thing is: a colour, a quality, something more of what it is
    like, an occasion, somebody, a size.

    Args:
        phrase: what the shop uses the words for.
    """
    last = words[-1].text
    if not phrase.kinds and last[0].isdigit():
        return True  # "18v"
    if len(words) > 1:
        return not phrase.kinds and last in _NO_HEADS
    if last in COLOURS:
        return phrase.kinds <= phrase.qualities + phrase.options
    is_quality = phrase.qualities > 0 and not phrase.heads
    return not phrase.kinds and (last in _NO_KINDS or is_quality)


def is_thing(words: Sequence[Word], start: int, end: int, phrase: Phrase) -> bool:
    """Whether a unit is what is asked for: "storage boxes", but not "2 boxes".

    Args:
        words: a request's.
        start, end: numbers of the first of them, and of the one behind the last.
        phrase: what the shop uses these for.
    """
    return (
        phrase.kinds > 0
        and words[end - 1].text in THINGS
        and not any(map(counts, words[max(0, start - 1) : end - 1]))
    )
