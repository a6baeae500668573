"""What is among what people rule out: who eats no nuts eats no almonds."""

from __future__ import annotations

from shopwright.recommending.phrase import Phrase

# Each line: what is ruled out, and what is of it. Names that are as often of something else, as
# "cream" is, are left out.
_LINES = """
nut: almond cashew chestnut hazelnut macadamia peanut pecan pistachio praline walnut
dairy milk: butter casein cheddar cheese ghee mozzarella parmesan whey yogurt yoghurt
lactose: butter cheddar cheese mozzarella parmesan yogurt yoghurt
gluten wheat: barley rye semolina spelt wheat
meat: bacon beef bison chicken ham jerky lamb pepperoni pork salami sausage turkey veal venison
pork: bacon ham pepperoni prosciutto salami
fish seafood: anchovy crab lobster mussel oyster salmon sardine shrimp squid trout tuna
shellfish: clam crab crayfish lobster mussel oyster prawn scallop shrimp
alcohol: beer bourbon brandy champagne gin rum tequila vodka whiskey whisky wine
spicy hot: cayenne chipotle habanero jalapeno sriracha
"""
_NARROWER: dict[str, tuple[Phrase, ...]] = {}
for _line in _LINES.strip().splitlines():
    _names, _, _of_it = _line.partition(":")
    for _name in _names.split():
        _NARROWER[Phrase.of(_name).stems[0]] = tuple(map(Phrase.of, _of_it.split()))
# "Coconut milk" has none; nor has shea butter.
PLANTS: frozenset[str] = frozenset(
    (
        "almond apple avocado body cashew cocoa coconut cookie hemp kosher mango nut nutmeg oat "
        "peanut plant rice shea soy soya sunflower vegan"
    ).split()
)


def narrower(phrase: Phrase) -> tuple[Phrase, ...]:
    """Return what is of something that is ruled out; nothing of most things."""
    return _NARROWER.get(phrase.stems[0], ()) if len(phrase.stems) == 1 else ()
