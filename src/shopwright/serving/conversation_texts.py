"""Answers of conversations in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shopwright.catalogue.product import Product
from shopwright.conversations.conversation import listed
from shopwright.conversations.messages.matters import matter_of
from shopwright.conversations.messages.pointing import NAMED, Wants
from shopwright.conversations.messages.remarks import Remark
from shopwright.serving.kept_messages import Points
from shopwright.understanding.request import Part, Piece
from shopwright.understanding.words import stems_in

# Of these, reasons have other words than the request.
_IN_OTHER_WORDS = {Part.PRICE, Part.MEASURE, Part.AUDIENCE, Part.EXCLUSION}
_GROUPS, _VALUES, _BULLETS, _CHARACTERS = 3, 6, 2, 200


_REPLIES = {
    Remark.THANKS: "You are welcome.",
    Remark.COMPLAINT: "Sorry. What should be different?",
    Remark.SERVICE: "I can only help to find products here; of the rest I know nothing.",
}
# Of one question in several words what is known is enough.
_SEVERAL = re.compile(r"\band\b|,|\bor\b", re.IGNORECASE)
_SAID_COLOUR_OR_SIZE = re.compile(r"\b(colou?r|size)s?\b", re.IGNORECASE)


def reply_to(remark: Remark, examples: Sequence[str]) -> str:
    """Return what is said to a message that asks for no product.

    Args:
        examples: requests that the shop can fulfil.
    """
    return _REPLIES.get(remark) or f"For example: {listed(examples)}. What are you looking for?"


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
    kinds = [each for each in record["understood"]["pieces"] if each["part"] == Part.KIND]
    names = [stems_in(each["text"]) for each in kinds]
    is_denied = record["nothing_fits"] and not any(
        _is_called(item, names) for item in record["items"][:NAMED]
    )
    if is_denied or not any(_may_be_it(item, names) for item in record["items"]):
        return "Nothing here is quite that; these come nearest:"
    if record["nothing_fits"] or not any(item["fits"] for item in record["items"]):
        return "These may be it, but the shop does not say all of that:"
    if points and points.wants is Wants.ALIKE:
        return f"These come nearest to {places}:"
    if points and points.wants is Wants.OTHERS:
        return "These are others:"
    return "This is what I found:"


def _is_called(item: Mapping[str, Any], names: Sequence[Sequence[str]]) -> bool:
    """Whether an item's title has one of the names of what is looked for, in stems."""
    title = {*stems_in(item["title"])}
    return any(name and title.issuperset(name) for name in names)


def _may_be_it(item: Mapping[str, Any], names: Sequence[Sequence[str]]) -> bool:
    """Whether nothing tells that an item is not what was asked for; of its kind its title tells,
    too."""
    is_called = _is_called(item, names)
    return all(
        reason["met"] is not False or (is_called and reason["part"] == Part.KIND)
        for reason in item["reasons"]
    )


def _numbered(places: Sequence[int]) -> str:
    numbers = [str(place + 1) for place in places]
    named = " and ".join(filter(None, (", ".join(numbers[:-1]), *numbers[-1:])))
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


def about(
    product: Product, item: Mapping[str, Any], asked: Sequence[Piece], message: str
) -> list[str]:
    """Return what the shop knows of a product, in sentences: what was asked about it, what it can
    be chosen in, what its seller says first.

    Args:
        item: as it is recommended, as JSON types.
        asked: what a message asks of it.
        message: in which that is asked.
    """
    names, parts = {piece.text for piece in asked}, {piece.part for piece in asked}
    verdicts = [
        reason
        for reason in item["reasons"]
        if reason["asked"] in names or reason["part"] in parts & _IN_OTHER_WORDS
    ]
    groups = " ".join(product.options).lower().replace("colour", "color")
    words = [found[1].lower() for found in _SAID_COLOUR_OR_SIZE.finditer(message)]
    unsaid = [reason["asked"] for reason in verdicts if not _is_known(reason)]
    offered = {matter_of(_value_of(group)) for group in product.options}
    not_offered = [
        p.text for p in asked if p.text in unsaid and (m := matter_of(p)) and m in offered
    ]
    unsaid = [name for name in unsaid if name not in not_offered]
    unsaid += [word for word in words if word.replace("colour", "color") not in groups]
    lines = [_verdict(reason) for reason in verdicts if _is_known(reason)]
    lines += [f"{name}: no." for name in not_offered]
    if unsaid and (not lines or _SEVERAL.search(message)):
        lines.append(f"{', '.join(dict.fromkeys(unsaid))}: the shop does not say.")
    for group, values in [*product.options.items()][:_GROUPS]:
        if len(values) > _VALUES:
            shown = f"{', '.join(values[:_VALUES])} and {len(values) - _VALUES} more"
        else:
            shown = listed(values)
        lines.append(f"{group.replace('_', ' ').capitalize()}: {shown}.")
    said = [bullet.strip() for bullet in product.bullets if bullet.strip()]
    said = said or [product.description.strip()]
    lines += [_short(text) for text in said[:_BULLETS] if text]
    return list(dict.fromkeys(lines))


def _value_of(group: str) -> Piece:
    return Piece(part=Part.OPTION, text=group, value=group, group=group)


def _is_known(reason: Mapping[str, Any]) -> bool:
    return bool(reason["met"] or reason["known_from"])


def _verdict(reason: Mapping[str, Any]) -> str:
    known = f" ({reason['known_from']}: {_short(reason['evidence'])})"
    said = {True: "yes", False: "no", None: "not certain"}[reason["met"]]
    return f"{reason['asked']}: {said}{known if reason['known_from'] else ''}."


def _short(text: str) -> str:
    if len(text) <= _CHARACTERS:
        return text
    cut = text[:_CHARACTERS]
    return f"{cut.rpartition(' ')[0] or cut} …"


def _named(item: Mapping[str, Any]) -> str:
    chosen = "".join(f", {group}: {value}" for group, value in item["options"].items())
    return f"{item['title'].strip()}{chosen}: {item['price']}"
