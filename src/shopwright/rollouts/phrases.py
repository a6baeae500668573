"""Everyday English that requests are written with: openers, and ways to ask for a quality, a size
or a price. These are general words about shopping, not about one shop or one product."""

from __future__ import annotations

import re
from functools import cache

from shopwright.catalogue.money import name_of, sign_of


def _alternatives(text: str) -> tuple[str, ...]:
    return tuple(" ".join(text.split()).split(" | "))


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Read a table: a line a key, then its alternatives; an indented line continues one."""
    lines = re.split(r"\n(?=\S)", text.strip())
    pairs = (line.split(": ", 1) for line in lines)
    return {key: _alternatives(phrases) for key, phrases in pairs}


_OPENERS = _alternatives(
    """
i need | i want | i am looking for | im looking for | looking for | find me | can you find me | do
you have | please find | help me find | help me pick | get me | show me | i would like | i'd like |
need | in search of | im after | where can i get | i'm trying to find | can i get | please show me |
i want to buy | my wife wants | recommend me | shopping for | im in need of | any | we need |
hunting for
"""
)
OPENERS = (*_OPENERS, "", "")  # Some requests have none.

# Between clauses.
JOINTS = (", ", ", ", ", ", " and ", " with ", ". ", ", and ", " that is ", ", also ", "; ", " - ")

PRICES = _alternatives(
    """
under {n} dollars | less than ${n} | below {n} bucks | price lower than {n}.00 dollars | no more
than {n} dollars | {n} dollars max | budget is {n} dollars | at most {n} dollars | i can pay up to
{n} dollars | cheaper than {n} dollars | for less than {n} dollars | i want to spend less than ${n}
| not over {n} bucks | it must be under ${n} | my budget is ${n} | keep it under {n} dollars | price
lower than {n} dollars | nothing above {n} dollars | up to ${n} | around {n} dollars or less | {n}
usd tops
"""
)


@cache
def prices(currency: str) -> tuple[str, ...]:
    """Return what requests say of a price limit {n} in a currency."""
    if currency == "USD":
        return PRICES
    name, sign, code = name_of(currency), sign_of(currency), currency.lower()
    return tuple(
        text.replace(".00", "")
        .replace("dollars", name)
        .replace("bucks", name)
        .replace("usd", code)
        .replace("$", sign)
        for text in PRICES
    )


OPTIONS = _alternatives(
    """
{v} | {v} | {v} | in {v} | {g} {v} | {v} {g} | the {v} one | {g}: {v} | {g} is {v} | {v} for the {g}
| preferably {v} | make it {v} | it should be {v} | the {g} should be {v}
"""
)

# What surrounds an attribute that has no wording of its own.
ATTRIBUTES = _alternatives(
    """
{a} | {a} | {a} | {a} | with {a} | it should be {a} | {a} please | it has to be {a} | something {a}
| must be {a} | that has {a} | with good {a} | made for {a} | for {a}
"""
)

# Patterns of two-word qualities, by their first and by their last word; {x} is the other word, and
# {xs}, {xing} and {xed} are its forms.
FIRST_WORD = _table(
    """
easy: easy to {x} | easily {xed} | simple to {x} | {xs} easily | not hard to {x} | no trouble to {x}
    | quick and easy to {x} | i can {x} it without effort
non: non-{x} | not {x} | wont {x} | no {x} | that does not {x} | {x} resistant
high: very high {x} | really good {x} | great {x} | superior {x} | top {x}
long: {xs} for long | long-{x} | that {xs} a long time | extra long {x}
quick: {xs} quickly | fast {xing} | {xs} fast | quick to {x}
machine: machine washable | can go in the washer | i can put it in the washing machine
hand: hand washable | can be washed by hand | i would {x} it by hand
heavy: heavy-{x} | really sturdy | strong and sturdy | robust
light: light-{x} | not heavy | that weighs little | lightweight
double: {x} twice over | two {x} | both {x} | double-{x}
eco: good for the environment | eco-{x} | environmentally friendly | green and sustainable
anti: anti-{x} | against {x} | that prevents {x} | stops {x}
water: water-{x} | {x} against water | that can get wet | keeps water out
real: genuine {x} | actual {x} | {x} that is real
natural: all natural {x} | {x} from nature | nothing artificial in the {x}
assembly: that i put together myself | some {x} assembly | assembly is fine
day: {x} all day | for everyday {x}
daily: for every day {x} | i can {x} it daily | everyday {x}
space: does not take much space | {xs} space | for small spaces
storage: room to store things | lots of {x} for storing stuff | where i can keep things
noise: {xs} noise | cuts out the noise | keeps out noise
cruelty: not tested on animals | no animal testing
gluten: no gluten | without gluten | gluten-{x}
sugar: no sugar | without sugar | unsweetened
hands: without using my hands | hands-{x}
plug: just plug it in and {x} | plug and {x}
wall: goes on the wall | {xed} on the wall | to hang on my wall
tummy: hides my belly | holds my stomach in
arch: {xs} my arches | good for my arches
"""
)
LAST_WORD = _table(
    """
free: without {x} | no {x} | free of {x} | {x}-free | does not contain {x}
resistant: resists {x} | {x} proof | stands up to {x} | {x}-resistant
proof: keeps out {x} | {x} resistant | safe from {x}
fit: fits {x} | {x} fitting | with a {x} cut | {x} in fit
sleeve: {x} sleeves | {x} sleeved | sleeves that are {x}
room: for my {x} room | to put in the {x} room | goes in a {x} room
sole: {x} soles | soles made of {x} | {x} bottoms
outsole: {x} outsoles | {x} soles | outer sole of {x}
frame: framed in {x} | {x} framed | a frame of {x}
wash: {x} washable | can be washed {x} | ok to wash by {x}
wear: to wear for {x} | {x} use | can be worn for {x}
skin: for my {x} skin | my skin is {x} | suits skin that is {x}
hair: for my {x} hair | my hair is {x} | hair that is {x}
girls: for {x} girls | suits {x}age girls | my daughter
women: for women | for a woman | ladies {x}
men: for men | for a man | for my husband | mens {x}
control: {x} controlled | controls the {x} | with {x} controls
closure: closes with {x} | {x} to close it | fastens with a {x}
waist: waist that is {x} | {x} waisted | {x} at the waist
design: designed {x} | {x} look | a {x} style
quality: quality that is {x} | really nice quality | well made
based: made from {x} | based on {x} | {x} ingredients
friendly: safe for {x} | kind to {x} | {x}-friendly
size: {x} sized | in {x} size | sized for {x}
loss: {x} falling out | losing {x} | losing my {x}
growth: to grow {x} | makes {x} grow | {x} that grows
bluetooth: {x} over bluetooth | bluetooth
workout: for working out | to train in
licensed: {x} merch | with an official license
adjustable: i can adjust the {x} | adjustable in {x} | change the {x}
"""
)

# Groups of words that stand for each other.
ALIKE = tuple(
    tuple(group.split())
    for group in """
couch sofa; tee t-shirt tshirt shirt; pants trousers; gray grey; sneakers shoes trainers; kids
children child; women womens ladies; men mens guys; tv television; washing laundry; cheap
inexpensive; sturdy durable solid robust; fast quick; easy simple effortless; pack set count; soft
cozy plush; small little compact; big large; bag pouch; case cover; lamp light; stand holder; phone
cellphone; cable cord wire; desk table; rug carpet; wireless cordless; beauty cosmetic; makeup
cosmetics; cookies biscuits; candy sweets; jacket coat; sweater pullover jumper; hoodie sweatshirt;
bed mattress; wooden wood; picture photo; speaker speakers; earbuds earphones
""".split(";")
)

# Sizes as people write them.
SIZES = _table(
    """
xx-small: xxs | 2xs | extra extra small
x-small: xs | extra small | x small
small: s | small | size small | a small
medium: m | medium | size medium | a medium
large: l | large | size large | a large
x-large: xl | extra large | x large
xx-large: xxl | 2xl | extra extra large | 2x | double xl
3x-large: 3xl | xxxl | 3x | triple xl
4x-large: 4xl | 4x | xxxxl
5x-large: 5xl | 5x
"""
)
UNITS = _table(
    """
": inches | inch | in
inch: inches | in | "
inches: inch | in | "
in: inch | inches
ft: feet | foot
oz: ounce | ounces
ounce: oz | ounces
fl oz: fluid ounces | oz
lb: pound | pounds
pound: lb | lbs
pcs: pieces | piece
pc: piece
ml: milliliter | milliliters
gb: gigabytes | gig
cm: centimeters | centimeter
pack of: pack of | set of | count of
"""
)
NUMBERS = dict(
    zip(
        "1 2 3 4 5 6 7 8 9 10 12".split(),
        "one two three four five six seven eight nine ten twelve".split(),
        strict=True,
    )
)
