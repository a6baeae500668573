"""The texts of a product as reasons read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property, lru_cache

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.recommending.audience import audiences_in
from shopwright.recommending.called import where_begun
from shopwright.recommending.choosing import offered_by, same_group
from shopwright.recommending.itself import PRODUCTS_KEPT, Itself
from shopwright.recommending.mentions import Mention, Passage, Together
from shopwright.recommending.phrase import Phrase

# Many requests ask for the same: so many phrases are not looked for again in a product.
PHRASES_KEPT = 256


def first_as_meant(found: Iterable[Mention | None]) -> Mention | None:
    """Return the first mention that is not negated, else the first that is."""
    negated = None
    for each in found:
        if each is not None:
            if not each.negated:
                return each
            negated = negated or each
    return negated


class OwnTexts:
    """What a product says of itself, whatever is chosen of it."""

    def __init__(self, product: Product) -> None:
        # Where no kind was found in a title, the whole title stands for it.
        query = "" if product.query == product.title.lower() else product.query
        department, _, within = product.product_category.partition("›")
        narrowest = product.product_category.rpartition("›")[2]
        attributes = (each for each in product.attributes if each != DEFAULT_ATTRIBUTE)
        details = (f"{name}: {value}" for name, value in product.details.items())
        self.title = Passage("title", product.title)
        self.kind = Passage("kind", f"{query}\n{product.product_category}")
        # "Clothing, Shoes & Jewelry" says of nothing within which of them it is.
        lists = within and not {",", "&"}.isdisjoint(department)
        self.filed_as = Passage("kind", f"{query}\n{within}") if lists else self.kind
        self.narrow_kind = Passage("kind", f"{query}\n{narrowest}")
        self.filed_under = query or narrowest.strip()
        self.brand = Passage("brand", product.brand)
        self.running = (
            Passage("features", "\n".join(product.bullets)),
            Passage("description", product.description),
        )
        # Every passage, the most telling first; no wide categories, which name what other products
        # in them are.
        self.all = (
            self.title,
            self.narrow_kind,
            self.brand,
            Passage("attributes", "\n".join(attributes)),
            Passage("details", "\n".join(details)),
            *self.running,
        )
        # "Deodorants & antiperspirants" does not say which of the two a product is.
        self.surely_filed = self.narrow_kind
        if not {",", "&"}.isdisjoint(narrowest):
            self.surely_filed = Passage("kind", query)
        # Those that may tell a size, a weight or the like.
        self.measured = tuple(p for p in self.all if p not in (self.narrow_kind, self.brand))
        self._product = product
        self._mentions: dict[str, Mention | None] = {}
        self._denials: dict[str, Mention | None] = {}

    def mention(self, phrase: Phrase) -> Mention | None:
        """Return where a phrase stands first as it is meant, in the most telling passage; else
        where it is negated first; None if it stands nowhere."""
        key = phrase.key
        if key in self._mentions:
            return self._mentions[key]
        found = None
        if self._whole.may_mention(phrase):  # Most phrases stand nowhere.
            passages = (each for each in self.all if each.may_mention(phrase))
            found = first_as_meant(passage.mention(phrase) for passage in passages)
        if len(self._mentions) >= PHRASES_KEPT:
            self._mentions.clear()
        self._mentions[key] = found
        return found

    def feature(self, phrase: Phrase) -> Mention | None:
        """Return where a phrase stands, as :meth:`mention` does, unless the title denies it: "fan
        without light" and "sleeveless" win over whatever else is said of lights and sleeves."""
        found = self.mention(phrase)
        if found is None or found.passage is self.title:
            return found
        key = phrase.key
        if key in self._denials:
            return self._denials[key] or found
        denied = self.title.denial(phrase) or self.title.lack(phrase)
        if len(self._denials) >= PHRASES_KEPT:
            self._denials.clear()
        self._denials[key] = denied
        return denied or found

    @cached_property
    def colours(self) -> Set[str]:
        """The words of all values of its options of colour."""
        offered = offered_by(Itself(self._product))
        return frozenset().union(*(g.words for g in offered if same_group(g.name, "color")))

    @cached_property
    def audiences(self) -> tuple[tuple[Passage, Set[str]], ...]:
        """The passages that tell for whom it is, each with whom it names."""
        told = ((each, audiences_in(each)) for each in (self.kind, self.title))
        return tuple((each, named) for each, named in told if named)

    @cached_property
    def names(self) -> Together:
        """What it is called and filed under."""
        return Together((self.title, self.kind, self.filed_as))

    @cached_property
    def _whole(self) -> Together:
        return Together(self.all)

    def passages_for(self, phrase: Phrase) -> Iterator[Passage]:
        """Return the passages that may mention a phrase, the most telling first."""
        passages = self.all if self._whole.may_mention(phrase) else ()
        return (passage for passage in passages if passage.may_mention(phrase))


@lru_cache(maxsize=PRODUCTS_KEPT)
def _own_texts(key: Itself) -> OwnTexts:
    return OwnTexts(key.product)


@lru_cache(maxsize=PRODUCTS_KEPT)
def _chosen(text: str) -> Passage:
    """Chosen options as a passage: many products of a ranking have the same."""
    return Passage("chosen options", text)


class Texts:
    """What a product's texts say with chosen options. Products looked at lately are not taken apart
    again.

    Args:
        product: whose.
        options: option group → value, as chosen.
        brief: whether only verdicts matter, not the words that tell or that stand nowhere.

    Attributes:
        own: what the product says of itself.
        chosen: the chosen options.
    """

    def __init__(
        self, product: Product, options: Mapping[str, str], *, brief: bool = False
    ) -> None:
        self.product = product
        self.options = options
        self.brief = brief
        self.own = _own_texts(Itself(product))
        self.chosen = _chosen("\n".join([f"{name}: {value}" for name, value in options.items()]))

    def mention(self, phrase: Phrase) -> Mention | None:
        """Return where a phrase stands first as it is meant, in the chosen options or the most
        telling passage; else where it is negated first; None if it stands nowhere."""
        if not self.options or not self.chosen.may_mention(phrase):
            return self.own.mention(phrase)
        chosen = self.chosen.mention(phrase)
        if chosen is not None and not chosen.negated:
            return chosen
        return first_as_meant((chosen, self.own.mention(phrase)))

    def feature(self, phrase: Phrase) -> Mention | None:
        """Return where a phrase stands, as :meth:`mention` does, or, if the title denies it and no
        chosen option affirms it, the denial in the title."""
        found = self.mention(phrase)
        return found if found and found.passage is self.chosen else self.own.feature(phrase)

    def ruled_out(self, phrase: Phrase) -> Mention | None:
        """Return where what is ruled out stands, or where the title denies it; None if nowhere."""
        own = self.own
        found = self.mention(phrase)
        if found and found.passage is own.narrow_kind and own.surely_filed is not own.narrow_kind:
            others = (each for each in own.all if each is not own.narrow_kind)
            passages = (own.surely_filed, *others)
            found = first_as_meant(passage.mention(phrase) for passage in passages)
        if found and not found.negated and (denied := own.title.denial(phrase)):
            return denied
        return found or where_begun(own.title, phrase)

    def denial(self, phrase: Phrase) -> Mention | None:
        """Return where a phrase stands negated, in the chosen options or the most telling passage;
        None if nowhere."""
        passages = (self.chosen, *self.own.passages_for(phrase))
        return next(filter(None, (passage.denial(phrase) for passage in passages)), None)

    def missing(self, phrase: Phrase) -> tuple[str, ...]:
        """Return the words of a phrase that stand nowhere."""
        passages = (self.chosen, *self.own.all)
        return phrase.without(
            {stem for stem in phrase.stems if any(each.places_of(stem) for each in passages)}
        )
