"""Why a product is recommended: which of the asked-for things it meets, and how that is known.

Computed from the parse of the request and the product's own texts alone, not from what the agent
thinks: what it says can be checked by reading the product. The same verdicts filter: a product is
left out if it does not meet something that the request insists on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import NO_PRICE_TAG, Product
from shopwright.recommending.audience import AUDIENCES
from shopwright.recommending.called import is_own, names_more, where_called, where_filed
from shopwright.recommending.choosing import colour_in_short, matching_value, same_group
from shopwright.recommending.contradictions import (
    is_bare_number,
    is_other_number,
    is_other_quantity,
    other_colours,
)
from shopwright.recommending.criteria import Criterion, criteria_of
from shopwright.recommending.mentions import Mention, Passage
from shopwright.recommending.narrower import PLANTS, narrower
from shopwright.recommending.phrase import Phrase
from shopwright.recommending.texts import Texts
from shopwright.understanding.measures import axis_of, is_within, met_by
from shopwright.understanding.request import ParsedRequest, Part

# Before what a product has in it.
_HAVING = frozenset("contain contains containing with".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One asked-for thing and what is known about it.

    Attributes:
        asked: the thing, in the request's words.
        met: whether the product has it; None where nothing tells.
        known_from: where that stands: "title", "features", "description", "attributes", "details",
            "brand", "chosen options", "kind" or "price"; empty if nowhere.
        evidence: the words there, shortened; or that nothing says so.
        missing: the words of the thing that stand nowhere.
        part: what the thing is, one of :class:`~shopwright.understanding.request.Part`.
    """

    asked: str
    met: bool | None
    known_from: str = ""
    evidence: str = ""
    missing: tuple[str, ...] = ()
    part: str = ""

    def record(self) -> dict[str, Any]:
        """Return the reason as JSON types."""
        return {
            "asked": self.asked,
            "met": self.met,
            "known_from": self.known_from,
            "evidence": self.evidence,
            "missing": self.missing,
            "part": self.part,
        }


def verdict(criterion: Criterion, texts: Texts) -> Reason:
    """Return whether a product meets a criterion, and how that is known."""
    return _VERDICTS[criterion.part](criterion, texts)


def reasons(parsed: ParsedRequest, product: Product, options: Mapping[str, str]) -> list[Reason]:
    """Return what a product meets of a request, a reason for each thing that is asked for.

    Args:
        options: option group → value, as chosen for the request.
    """
    texts = Texts(product, options)
    return [verdict(criterion, texts) for criterion in criteria_of(parsed)]


def _reason(
    criterion: Criterion,
    texts: Texts,
    met: bool | None,
    *passages: Passage,
    evidence: Mention | str = "",
    missing: tuple[str, ...] = (),
) -> Reason:
    known_from = " and ".join([passage.name for passage in passages])
    if texts.brief:
        return _brief_reason(criterion.asked, met, known_from, criterion.part)
    return Reason(
        asked=criterion.asked,
        met=met,
        known_from=known_from,
        evidence=evidence.snippet if isinstance(evidence, Mention) else evidence,
        missing=missing,
        part=str(criterion.part),
    )


@lru_cache(maxsize=1 << 10)
def _brief_reason(asked: str, met: bool | None, known_from: str, part: str) -> Reason:
    """A reason without the words that tell: products of a ranking share it."""
    return Reason(asked=asked, met=met, known_from=known_from, part=part)


def _open(criterion: Criterion, phrase: Phrase, texts: Texts) -> Reason:
    """The most frequent reason: nothing tells."""
    if texts.brief:
        return _brief_reason(criterion.asked, None, "", criterion.part)
    return _reason(criterion, texts, None, missing=texts.missing(phrase))


def _kind(criterion: Criterion, texts: Texts) -> Reason:
    """A kind is what the catalogue files a product under, or what its title calls it; not what the
    title says it is for: a "case for phones" is no phone."""
    own = texts.own
    found: Mention | None = None
    # Most products that words find are of other kinds.
    named = [phrase for phrase in criterion.phrases if own.names.may_mention(phrase)]
    for phrase in named:
        filed, called = where_filed(own.filed_as, phrase), where_called(own.title, phrase)
        if filed:
            is_called = called is not None and not called.negated
            places = (own.kind, own.title) if is_called else (own.kind,)
            return _reason(criterion, texts, True, *places, evidence=filed)
        if called and not called.negated:
            # A name that the shop does not know may be more than a kind: "v neck".
            is_named = len(phrase.words) > 1 and not criterion.hard and is_own(called)
            if is_named or _is_subject(called, phrase, texts):
                return _reason(criterion, texts, True, own.title, evidence=called)
            found = called
        found = found or where_filed(own.kind, phrase)
    if named and not found:
        shared = (m for p in named for m in own.filed_as.mentions(p) if m.shares_head)
        found = next(shared, None)
    if found:
        return _reason(criterion, texts, None, found.passage, evidence=found)
    if not criterion.hard:
        for phrase in criterion.phrases:
            if described := _described_kind(criterion, phrase, texts):
                return described
    known = (own.kind,) if own.filed_under else ()
    return _reason(criterion, texts, False, *known, evidence=own.filed_under)


def _described_kind(criterion: Criterion, phrase: Phrase, texts: Texts) -> Reason | None:
    """Whether a product is of a kind that the shop has no name for, by those of its last word: a
    "garden chair" is a chair whose texts say "garden"; None if it is nothing of the kind."""
    if len(phrase.words) < 2:
        return None
    last = phrase.last
    if not texts.own.names.may_mention(last):
        return None
    mention, called = where_filed(texts.own.filed_as, last), where_called(texts.own.title, last)
    if not mention:
        if not called or called.negated or not _is_subject(called, last, texts):
            return None
        mention = called
    said = texts.mention(phrase.before_last)
    # A chocolate of whose box the description says that it is dark is no dark chocolate.
    is_told = said is not None and not said.negated and said.passage not in texts.own.running
    met = True if is_told else None
    return _reason(criterion, texts, met, mention.passage, evidence=mention)


def _is_subject(mention: Mention, phrase: Phrase, texts: Texts) -> bool:
    """Whether a title calls the product so, as far as the words around tell."""
    # The title of a "printer drum" calls it so.
    goes_on = any(filed.after == mention.after for filed in texts.own.filed_as.mentions(phrase))
    if goes_on and not mention.ends_name:
        return False
    return is_own(mention) and not names_more(mention, texts.product.nouns)


def _feature(criterion: Criterion, texts: Texts) -> Reason:
    (phrase,) = criterion.phrases
    found = texts.feature(phrase)
    if found and not found.negated:
        is_other = is_bare_number(phrase, found.passage, texts)
        is_other = is_other or is_other_quantity(phrase, found.passage, texts)
        met = None if is_other else True
        return _reason(criterion, texts, met, found.passage, evidence=found)
    if len(phrase.words) > 1 and phrase.words[-1] == "free":
        # "Without parabens" meets "paraben free", whatever else is said of parabens.
        plain = texts.mention(phrase.before_last)
        if without := texts.denial(phrase.before_last):
            has_it = plain and not plain.negated and not _HAVING.isdisjoint(plain.before)
            return _reason(
                criterion, texts, None if has_it else True, without.passage, evidence=without
            )
        found = found or plain
    if found:
        return _reason(criterion, texts, False, found.passage, evidence=found)
    if others := other_colours(phrase, texts):
        return _reason(criterion, texts, False, texts.chosen, evidence=others)
    return _open(criterion, phrase, texts)


def _option(criterion: Criterion, texts: Texts) -> Reason:
    for piece in criterion.pieces:
        for group, value in texts.options.items():
            if matching_value(piece, group, [value]) is not None:
                return _reason(criterion, texts, True, texts.chosen, evidence=f"{group}: {value}")
    for piece in criterion.pieces:
        for group, value in texts.options.items():
            if piece.group and same_group(piece.group, group):
                met = colour_in_short(piece, group, value)
                return _reason(criterion, texts, met, texts.chosen, evidence=f"{group}: {value}")
    for phrase in criterion.phrases:
        found = texts.mention(phrase)
        if found and not found.negated and not is_other_number(phrase, found.passage, texts):
            return _reason(criterion, texts, True, found.passage, evidence=found)
    if others := next(filter(None, (other_colours(p, texts) for p in criterion.phrases)), ""):
        return _reason(criterion, texts, False, texts.chosen, evidence=others)
    return _open(criterion, criterion.phrases[0], texts)


def _brand(criterion: Criterion, texts: Texts) -> Reason:
    for phrase in criterion.phrases:
        for passage in (texts.own.brand, texts.own.title):
            found = passage.mention(phrase)
            if found and not found.negated:
                return _reason(criterion, texts, True, passage, evidence=found)
    brand = texts.product.brand
    met = False if brand else None
    known = (texts.own.brand,) if brand else ()
    return _reason(criterion, texts, met, *known, evidence=brand)


def _exclusion(criterion: Criterion, texts: Texts) -> Reason:
    (phrase,) = criterion.phrases
    if phrase.text in AUDIENCES:
        return _not_for(phrase.text, criterion, texts)
    found = texts.ruled_out(phrase)
    if found is None or found.passage in texts.own.running:
        found = _of_it(phrase, texts) or found
    if found is None:
        said = " ".join(phrase.words)
        return _reason(criterion, texts, True, evidence=f"nothing says {said}" if said else "")
    # What is only mentioned in running text may be what the product does without.
    has_it = None if found.passage in texts.own.running else False
    return _reason(criterion, texts, found.negated or has_it, found.passage, evidence=found)


def _not_for(who: str, criterion: Criterion, texts: Texts) -> Reason:
    """Whether a product is for others than whom it should not be for."""
    for passage, named in texts.own.audiences:
        if who in named:
            met = False if len(named) == 1 else None
            evidence = "" if texts.brief else passage.beginning
            return _reason(criterion, texts, met, passage, evidence=evidence)
    return _reason(criterion, texts, True, evidence=f"nothing says {who}")


def _of_it(phrase: Phrase, texts: Texts) -> Mention | None:
    """Where a product's name or its options name something that is of what is ruled out."""
    for each in narrower(phrase):
        for passage in (texts.chosen, texts.own.title, texts.own.narrow_kind):
            found = passage.mention(each)
            if found and not found.negated and PLANTS.isdisjoint(found.before[-1:]):
                return found
    return None


def _audience(criterion: Criterion, texts: Texts) -> Reason:
    if not texts.own.audiences:
        return _reason(criterion, texts, None)
    suited = {not criterion.audiences.isdisjoint(named) for _, named in texts.own.audiences}
    # What is filed under men's and called women's may be either.
    met = suited.pop() if len(suited) == 1 else None
    passage, _ = texts.own.audiences[0]
    evidence = "" if texts.brief else passage.beginning
    return _reason(criterion, texts, met, passage, evidence=evidence)


def _price(criterion: Criterion, texts: Texts) -> Reason:
    low, high = criterion.price_range
    product, options = texts.product, texts.options
    asked = _price_asked(low, high, product.currency)
    if not product.priced or product.price_tag == NO_PRICE_TAG:
        return Reason(asked=asked, met=None, evidence=NO_PRICE_TAG, part=Part.PRICE)
    cheapest, dearest = min(product.pricing_dollars), max(product.pricing_dollars)
    if product.variants:
        cheapest = dearest = product.price_with(options)
    too_dear = high is not None and cheapest > high
    too_cheap = low is not None and dearest < low
    within = (high is None or dearest <= high) and (low is None or cheapest >= low)
    # Of a range only the whole is certain: without variants it is not recorded what costs what.
    met = False if too_dear or too_cheap else True if within else None
    if texts.brief:
        return _brief_reason(asked, met, "price", Part.PRICE)
    evidence = product.shown_price_with(options)
    return Reason(asked=asked, met=met, known_from="price", evidence=evidence, part=Part.PRICE)


def _measure(criterion: Criterion, texts: Texts) -> Reason:
    """The first passage with such a quantity tells. Running text tells of much that is not the
    product's own size: little is certain by it unless it names the side that is meant."""
    (piece,) = criterion.pieces
    for passage in (texts.chosen, *texts.own.measured):
        told = [q for q in passage.quantities if is_within(q, piece) is not None]
        if not told:
            continue
        met = met_by(told, piece)
        is_named = any(q.axis and q.axis == axis_of(piece) for q in told)
        if passage in texts.own.running and not is_named:
            is_enough = piece.highest is None and all(is_within(q, piece) for q in told)
            met = True if is_enough else None
        shown = next((q for q in told if is_within(q, piece) is met), told[0])
        evidence = "" if texts.brief else passage.around(shown.start, shown.end)
        return _reason(criterion, texts, met, passage, evidence=evidence)
    return _reason(criterion, texts, None)


@lru_cache(maxsize=1 << 8)
def _price_asked(low: float | None, high: float | None, currency: str) -> str:
    if high is None:
        return f"price from {format_price(low or 0.0, currency)}"
    if low is None:
        return f"price up to {format_price(high, currency)}"
    return f"price from {format_price(low, currency)} to {format_price(high, currency)}"


_VERDICTS: Mapping[Part, Callable[[Criterion, Texts], Reason]] = {
    Part.KIND: _kind,
    Part.FEATURE: _feature,
    Part.OPTION: _option,
    Part.BRAND: _brand,
    Part.PRICE: _price,
    Part.MEASURE: _measure,
    Part.EXCLUSION: _exclusion,
    Part.AUDIENCE: _audience,
}
