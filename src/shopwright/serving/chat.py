"""The chat interface of OpenAI's protocol over the service's conversations.

Source: https://platform.openai.com/docs/api-reference/chat; of what it has, ``messages`` and
``stream`` count, and ``model`` is repeated. Other fields are ignored, as servers of this protocol
do.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from shopwright.errors import InputError

MODEL = "shopwright"


def said_by_user(messages: list[dict[str, Any]]) -> list[str]:
    """Return what the user says in a chat's messages: texts, or the texts among parts.

    Raises:
        InputError: the last message is not the user's, or has no words.
    """
    said = [_text(each.get("content")) for each in messages if each.get("role") == "user"]
    if not messages or messages[-1].get("role") != "user" or not said[-1].strip():
        raise InputError("messages: expected a last message of the user with some words")
    return [text for text in said if text.strip()]


def _text(content: object) -> str:
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def completion(answer: Mapping[str, Any], model: str, asked: list[str]) -> dict[str, Any]:
    """Return an answer as a chat completion, with what the service says of it beside the message's
    text under ``shopwright``."""
    text = str(answer["text"])
    read, wrote = sum(len(each.split()) for each in asked), len(text.split())
    return {
        "id": f"chatcmpl-{secrets.token_urlsafe(12)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        # Words: there is no tokenizer.
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": wrote,
            "total_tokens": read + wrote,
        },
        "shopwright": {
            "recommendation_id": answer["recommendation_id"],
            "items": answer["items"],
            "question": answer["question"],
        },
    }


def events(whole: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield a completion as server-sent events, line by line of its text."""
    head = {name: whole[name] for name in ("id", "created", "model")}
    head["object"] = "chat.completion.chunk"
    text = whole["choices"][0]["message"]["content"]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": line} for line in text.splitlines(keepends=True)]
    for delta in deltas:
        yield _event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    yield _event({**head, "choices": [last], "shopwright": whole["shopwright"]})
    yield b"data: [DONE]\n\n"


def _event(record: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(record) + b"\n\n"
