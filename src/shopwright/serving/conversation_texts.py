"""Answers of conversations in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shopwright.catalogue.product import Product
from shopwright.conversations.conversation import listed
from shopwright.conversations.pointing import Wants
from shopwright.serving.kept_messages import Points
from shopwright.understanding.request import Piece

NAMED = 3  # Items that a text names.
_GROUPS, _VALUES, _BULLETS, _CHARACTERS = 3, 6, 2, 200


def heading_of(record: Mapping[str, Any], points: Points | None) -> str:
    """Return what stands above the items of an answer.

    Args:
        record: the recommendation, as JSON types.
        points: what the message points at; None for nothing.
    """
    places = _numbered(points.places) if points else ""
    if not record["understood"]["pieces"] and not places:
        return "What are you looking for?"
    if points and points.wants is Wants.LOOK:
        return f"This is {places}:" if len(points.places) == 1 else f"These are {places}:"
    if not record["items"]:
        return "I found nothing else." if points else "I found nothing."
    if record["nothing_fits"] or not any(item["fits"] for item in record["items"]):
        return "Nothing here is quite that; these come nearest:"
    if points and points.wants is Wants.ALIKE:
        return f"These come nearest to {places}:"
    if points and points.wants is Wants.OTHERS:
        return "These are others:"
    return "This is what I found:"


def _numbered(places: Sequence[int]) -> str:
    named = " and ".join([str(place + 1) for place in places])
    return f"number{'s' if len(places) > 1 else ''} {named}" if named else ""


def text_of(record: Mapping[str, Any], places: Sequence[int] | None = None) -> str:
    """Return an answer in words: heading, the first items, what is known of each, the question.

    Args:
        record: the answer, as JSON types.
        places: the numbers of the items from 0, where they are not those of a list.
    """
    lines = [str(record["heading"])]
    numbers = range(NAMED) if places is None else places
    for number, item in zip(numbers, record["items"], strict=False):
        if record["understood"]["pieces"] or places is not None:
            lines.append(f"{number + 1}. {_named(item)}")
            lines += record["about"].get(item["asin"], ())
    question = record["question"]
    return "\n".join([*lines, question["text"]] if question else lines)


def about(product: Product, item: Mapping[str, Any], asked: Sequence[Piece]) -> list[str]:
    """Return what the shop knows of a product, in sentences: what was asked about it, what it can
    be chosen in, what its seller says first.

    Args:
        item: as it is recommended, as JSON types.
        asked: what a message asks of it.
    """
    names = {piece.text or piece.value for piece in asked}
    lines = [_verdict(reason) for reason in item["reasons"] if reason["asked"] in names]
    for group, values in [*product.options.items()][:_GROUPS]:
        if len(values) > _VALUES:
            shown = f"{', '.join(values[:_VALUES])} and {len(values) - _VALUES} more"
        else:
            shown = listed(values)
        lines.append(f"{group.replace('_', ' ').capitalize()}: {shown}.")
    said = [bullet.strip() for bullet in product.bullets if bullet.strip()]
    said = said or [product.description.strip()]
    return lines + [_short(text) for text in said[:_BULLETS] if text]


def _verdict(reason: Mapping[str, Any]) -> str:
    asked, evidence = reason["asked"], reason["evidence"]
    known = f" ({reason['known_from']}: {_short(evidence)})" if reason["known_from"] else ""
    if reason["met"]:
        return f"{asked}: yes{known}."
    if reason["met"] is None or not known:
        return f"{asked}: the shop does not say."
    return f"{asked}: no{known}."


def _short(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS].rpartition(' ')[0]} …"


def _named(item: Mapping[str, Any]) -> str:
    chosen = "".join(f", {group}: {value}" for group, value in item["options"].items())
    return f"{item['title'].strip()}{chosen}: {item['price']}"
