"""Why a product is recommended: which of the asked-for things it meets, and how that is known.

Computed from the request's words and the product's own texts alone, not from what the agent thinks:
what it says can be checked by reading the product. An asked-for thing counts as met only if all its
words (by their stems) are found; what is not found is said to be not found, not to be absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import NO_PRICE_TAG, Product
from shopwright.search.analysis import analyse
from shopwright.understanding.amounts import prices_in

MOST_ASKED = 12
SNIPPET_CHARACTERS = 120

_OPENER = re.compile(
    r"^\W*(?:(?:hi|hello|hey|please|ok|so)\W+)*"
    r"(?:(?:i|we)(?:\s+am|['’]m|\s+are|['’]re|['’]d|\s+would)?\s+(?:really\s+)?"
    r"(?:want|need|like|love|looking|searching|shopping|hunting|in need|after)(?:\s+to)?"
    r"(?:\s+(?:buy|get|find|purchase|order|see))?(?:\s+(?:for|of))?|"
    r"(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:find|show|get|recommend|give|help)"
    r"(?:\s+(?:me|us))?(?:\s+(?:to\s+)?find)?|"
    r"(?:find|show|get|give|recommend|buy|order|search)(?:\s+(?:me|us))?(?:\s+for)?|"
    r"(?:do you have|is there|are there|looking for|searching for|in search of|need|want))\b",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"[,;!?\n]+|\.(?=\s|$)|\s[-–—]\s|\b(?:(?:that|it|who|which)['’]s|and|with|which|"
    r"that|but|for|in|from|made of|made from|who|it|has|have|is|are|should|must|be|"
    r"also|as well as|plus|preferably|ideally)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    (
        "a an the some any my our your me us one ones something anything thing good nice great "
        "please thanks thank really very just would like want need looking can could not too so of "
        "to on at or by i we you them they get buy find show there here this these those"
    ).split()
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One asked-for thing and what is known about it.

    Attributes:
        asked: the thing, in the request's words.
        met: whether the product has it; None where nothing tells.
        known_from: where that stands: "title", "features", "description", "chosen options",
            "kind" or "price", several joined by " and "; empty if nowhere.
        evidence: the words there, shortened.
        missing: the words of the thing that stand nowhere.
    """

    asked: str
    met: bool | None
    known_from: str = ""
    evidence: str = ""
    missing: tuple[str, ...] = ()


class _Passage(NamedTuple):
    """A piece of a product's texts: which of them, the words, and their stems."""

    name: str
    text: str
    terms: frozenset[str]


def asked_for(request: str, currency: str = "USD") -> list[str]:
    """Return the things that a request asks for, in its own words and order, without its price.

    Args:
        currency: the shop's.

    Example:
        >>> asked_for("Find me leak proof, bpa free containers with pump, under 20 dollars")
        ['leak proof', 'bpa free containers', 'pump']
    """
    text = " ".join(request.split())
    for price in reversed(prices_in(text, currency)):
        text = f"{text[: price.start]} , {text[price.end :]}"
    text = _OPENER.sub(" ", text)
    things: dict[str, None] = {}
    for part in _BREAK.split(text):
        words = _WORD.findall(part) if ":" not in part else [part.strip()]
        while words and words[0].lower() in _EMPTY:
            words = words[1:]
        while words and words[-1].lower() in _EMPTY:
            words = words[:-1]
        thing = " ".join(words)
        if thing and analyse(thing):
            things[thing] = None
    return list(things)[:MOST_ASKED]


def reasons(
    request: str,
    product: Product,
    options: Mapping[str, str],
    *,
    price_limit: float | None,
) -> list[Reason]:
    """Return what a product meets of a request.

    Args:
        options: option group → value, as chosen for the request.
        price_limit: the limit in the catalogue's currency; None for none.
    """
    passages = [
        _Passage(name, text, frozenset(analyse(text)))
        for name, texts in _texts(product, options).items()
        for text in texts
        if text.strip()
    ]
    found = [_reason(thing, passages, options) for thing in asked_for(request, product.currency)]
    if price_limit is not None:
        found.append(_price_reason(product, options, price_limit))
    return found


def _texts(product: Product, options: Mapping[str, str]) -> dict[str, list[str]]:
    return {
        "chosen options": [f"{name}: {value}" for name, value in options.items()],
        "title": [product.title],
        "features": list(product.bullets),
        "description": re.split(r"(?<=[.!?])\s+|\n", product.description),
        "kind": [text for text in (product.query, product.product_category) if text],
    }


def _reason(thing: str, passages: Sequence[_Passage], options: Mapping[str, str]) -> Reason:
    group, _, value = (part.strip().lower() for part in thing.partition(":"))
    if value and group in {name.lower() for name in options}:
        chosen = next(text for name, text in options.items() if name.lower() == group)
        evidence = _short(f"{group}: {chosen}")
        met = bool(set(analyse(value)) & set(analyse(chosen)))
        return Reason(asked=thing, met=met, known_from="chosen options", evidence=evidence)
    wanted = set(analyse(value or thing))
    missing = set(wanted)
    places: dict[str, str] = {}
    for name, text, terms in passages:
        if wanted <= terms:
            return Reason(asked=thing, met=True, known_from=name, evidence=_short(text))
        if missing & terms:
            places.setdefault(name, text)
            missing -= terms
    where = " and ".join(places)
    evidence = _short(" … ".join(places.values()))
    if missing:
        # Some of the words alone prove nothing.
        words = tuple(
            word for word in _WORD.findall(value or thing) if missing & set(analyse(word))
        )
        return Reason(asked=thing, met=False, known_from=where, evidence=evidence, missing=words)
    return Reason(asked=thing, met=True, known_from=where, evidence=evidence)


def _price_reason(product: Product, options: Mapping[str, str], limit: float) -> Reason:
    asked = f"price up to {format_price(limit, product.currency)}"
    if not product.priced or product.price_tag == NO_PRICE_TAG:
        return Reason(asked=asked, met=None, known_from="", evidence=NO_PRICE_TAG)
    low, high = min(product.pricing_dollars), max(product.pricing_dollars)
    if product.variants:
        low = high = product.price_with(options)
    # Of a range only the whole is certain: without variants it is not recorded what costs what.
    met = True if high <= limit else False if low > limit else None
    evidence = product.shown_price_with(options)
    return Reason(asked=asked, met=met, known_from="price", evidence=evidence)


def sentence(found: Sequence[Reason]) -> str:
    """Return reasons as one plain sentence."""
    if not found:
        return "The request names nothing that can be checked in the product's texts."
    met = [reason for reason in found if reason.met]
    unknown = [reason for reason in found if reason.met is None]
    unmet = [reason for reason in found if reason.met is False and not reason.missing]
    missing = [reason for reason in found if reason.met is False and reason.missing]
    parts = [f"Meets {len(met)} of {len(found)} things asked for"]
    if met:
        shown = (f"“{reason.asked}” ({reason.known_from})" for reason in met)
        parts.append(f": {', '.join(shown)}")
    text = "".join(parts) + "."
    if unmet:
        shown = (f"“{reason.asked}” ({reason.evidence})" for reason in unmet)
        text += f" Not met: {', '.join(shown)}."
    if missing:
        text += f" Not found: {', '.join(map(_not_found, missing))}."
    if unknown:
        text += f" Not certain: {', '.join(f'“{reason.asked}”' for reason in unknown)}."
    return text


def _not_found(reason: Reason) -> str:
    if not reason.known_from:
        return f"“{reason.asked}”"
    return f"“{reason.asked}” (all but “{' '.join(reason.missing)}”)"


def met_share(found: Sequence[Reason]) -> float:
    """Return the share of asked-for things that are met, 0 to 1; 0 if nothing is asked for."""
    return sum(reason.met is True for reason in found) / len(found) if found else 0.0


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SNIPPET_CHARACTERS else text[: SNIPPET_CHARACTERS - 1] + "…"
