"""Conversations in a store: the messages of each, one row a message.

A message is numbered by its writer; of two writers of the same number one is told so, reads what
the other wrote, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from shopwright.store.database import Database


def add_message(
    database: Database, conversation: str, number: int, at: float, record: Mapping[str, Any]
) -> bool:
    """Keep a message, and return whether it is new: false where another has this number. It is on
    the disk when this returns.

    Args:
        number: from 0.
        at: seconds since 1970.
        record: JSON types.
    """
    with database.transaction() as execute:
        rows = execute(
            "INSERT INTO conversation_messages VALUES (:conversation, :number, :at, :record) "
            "ON CONFLICT DO NOTHING RETURNING number",
            conversation=conversation,
            number=number,
            at=at,
            record=orjson.dumps(dict(record)).decode(),
        )
    return bool(rows)


def messages_of(database: Database, conversation: str) -> list[dict[str, Any]]:
    """Return the messages of a conversation, the first one first; none if there is no such one."""
    rows = database.read(
        "SELECT record FROM conversation_messages WHERE conversation = :conversation "
        "ORDER BY number",
        conversation=conversation,
    )
    return [orjson.loads(record) for (record,) in rows]
