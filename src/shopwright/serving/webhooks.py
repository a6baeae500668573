"""Signed events of a shop's own system: what was ordered becomes feedback.

Source: Standard Webhooks 1.0.0 (https://www.standardwebhooks.com): a message is signed with
HMAC-SHA256 over its id, its time and its body. An event in CloudEvents' structured mode has the
fields that count here (``type``, ``data``), and is read as well.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from shopwright.errors import GoalError, InputError
from shopwright.serving.messages import Asin, Identifier, Message, Name
from shopwright.serving.service import Service
from shopwright.store.store import BOUGHT

PAID = "order.paid"
TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
_SIGNATURES_READ = 10


class Unsigned(InputError):
    """A message that nobody signed who may, or long ago."""


class OrderedItem(Message):
    """A line of an order; without a recommendation nobody recommended it."""

    model_config = ConfigDict(extra="ignore")
    asin: Asin
    recommendation_id: Identifier | None = None


class Order(Message):
    """What was ordered."""

    model_config = ConfigDict(extra="ignore")
    items: Annotated[list[OrderedItem], Field(max_length=500)]


class Event(Message):
    """An event; only :data:`PAID` means something here."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "type": PAID,
                    "data": {
                        "items": [
                            {
                                "asin": "B000000001",
                                "recommendation_id": "9yJ6sYtq3m0vN1c2a4Zb5A",
                            }
                        ]
                    },
                }
            ]
        },
    )
    type: Name
    data: dict[str, Any] = Field(default_factory=dict)


class EventRecord(Message):
    """The acknowledgement: what of the event is on the disk.

    ``new`` purchases were not known before, ``known`` ones were; ``problems`` are items that name
    no recommendation of theirs. ``ignored``: events of this type mean nothing here.
    """

    type: str
    ignored: bool = False
    new: int = 0
    known: int = 0
    problems: list[str] = Field(default_factory=list)


def read_secrets(text: str) -> tuple[bytes, ...]:
    """Return the secrets of a text: one, or several while one takes another's place.

    Args:
        text: each ``whsec_`` and base64 of 24 to 64 bytes, white space between them.

    Raises:
        InputError: one is of another form; it is not shown.
    """
    secrets = []
    for number, word in enumerate(text.split(), start=1):
        try:
            secret = base64.b64decode(word.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if not word.startswith(_PREFIX) or not _SHORTEST <= len(secret) <= _LONGEST:
            raise InputError(
                f"webhook secret {number}: expected {_PREFIX} and base64 of {_SHORTEST} to "
                f"{_LONGEST} bytes, got another text"
            )
        secrets.append(secret)
    return tuple(secrets)


def signature(secret: bytes, id: str, timestamp: int, body: bytes) -> str:
    """Return what stands in ``webhook-signature``.

    Args:
        id: the message's, the same each time it is sent.
        timestamp: when it is sent, seconds since 1970.
    """
    signed = b"%b.%d.%b" % (id.encode(), timestamp, body)
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def check(
    secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: float | None = None
) -> None:
    """Make sure that a message is signed, and lately.

    Args:
        headers: its own, names in lower case.
        now: seconds since 1970; the clock's if None.

    Raises:
        Unsigned: it is not.
    """
    id, given = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    # More digits than the clock will ever show are slow to convert.
    if not id or not (given.isascii() and given.isdigit()) or len(given) > 12:
        raise Unsigned("expected webhook-id, webhook-timestamp and webhook-signature")
    expected = [signature(secret, id, int(given), body).encode() for secret in secrets]
    found = headers.get("webhook-signature", "").split(" ", _SIGNATURES_READ)[:_SIGNATURES_READ]
    if not any(hmac.compare_digest(each.encode(), one) for each in found for one in expected):
        raise Unsigned("webhook-signature: expected one by the shared secret")
    if abs((time.time() if now is None else now) - int(given)) > TOLERANCE_SECONDS:
        raise Unsigned(f"webhook-timestamp: expected one of the last {TOLERANCE_SECONDS} seconds")


def take(service: Service, event: Event) -> EventRecord:
    """Return what became of an event; what is new is on the disk then. Sent again, it changes
    nothing.

    Raises:
        GoalError: it is about recommendations alone that are not known.
        InputError: it is no order.
    """
    if event.type != PAID:
        return EventRecord(type=event.type, ignored=True)
    record = EventRecord(type=event.type)
    for number, item in enumerate(Order.model_validate(event.data).items):
        if item.recommendation_id is None:
            continue
        try:
            is_new = service.feedback(item.recommendation_id, BOUGHT, item.asin)
        except (GoalError, InputError) as error:
            record.problems.append(f"data.items.{number}.{error}")
        else:
            record.new += is_new
            record.known += not is_new
    if record.problems and not record.new + record.known:
        raise GoalError(record.problems[0])
    return record
