"""A language model behind an OpenAI-compatible endpoint.

Every fault ends in one of three ways: the request is sent again, the run ends with one line that
says why, or the reply is one without an action.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import orjson

from shopwright.display import shortened, visible
from shopwright.errors import AgentError, InputError, UnavailableError
from shopwright.language.config import LanguageConfig
from shopwright.language.prompts import Message, Prompt
from shopwright.language.speaking import Question, Reply
from shopwright.shop.page import Page

KEY_VARIABLE = "OPENAI_API_KEY"
# Waits between attempts, in seconds: the first, and the longest that a server is granted.
FIRST_WAIT = 0.5
LONGEST_WAIT = 120.0
ANSWER_BYTES = 8 * 1024 * 1024
# Without the model's tokenizer: a token of English text has some four characters, of prices and
# names fewer.
CHARACTERS_PER_TOKEN = 3

_AGAIN = {408, 409, 425, 429, 500, 502, 503, 504, 529}
_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|maximum context|too (long|many tokens)"
    r"|exceeds? .{0,40}tokens",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"content.?(filter|policy)|content management", re.IGNORECASE)


class Address(NamedTuple):
    """A model and where it is asked, as ``openai:MODEL@URL`` names them."""

    model: str
    url: str

    @classmethod
    def of(cls, name: str) -> Address:
        """Read a name.

        Raises:
            AgentError: it has another form, or the URL holds a password.
        """
        found = re.fullmatch(r"openai:(.+)@(https?://[^\s]+)", name)
        if not found:
            raise AgentError(f"agent: expected openai:MODEL@URL with an http(s) URL, got {name!r}")
        if urlsplit(found[2]).username is not None:
            raise AgentError(
                f"agent: expected a URL without a name or password; the key is taken from "
                f"{KEY_VARIABLE}"
            )
        return cls(found[1], found[2].rstrip("/"))


class _Again(Exception):
    """A failure that may pass; how many seconds the server asks to wait."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Endpoint:
    """A model behind an endpoint, asked by tool calls or in plain text as the prompt has it.

    Args:
        name: ``openai:MODEL@URL``.
        prompt: how it is asked.
        config: how often, how long, how many at once.
    """

    def __init__(self, name: str, prompt: Prompt, config: LanguageConfig) -> None:
        self.name, self.weights, self.parallel = name, "", config.parallel
        self.budget = config.context_tokens - config.reply_tokens
        self._address, self._prompt, self._config = Address.of(name), prompt, config
        self._fields = _fields(config.request_fields)
        self._key = os.environ.get(KEY_VARIABLE, "").strip()
        self._reached = False
        # One thread talks to the server, for all that wait: only there a reply that drips in can be
        # given up on time.
        self._loop = asyncio.new_event_loop()
        self._client: httpx.AsyncClient | None = None
        threading.Thread(target=self._loop.run_forever, daemon=True, name="endpoint").start()

    def count(self, messages: Sequence[Message]) -> int:
        """Return about how many tokens messages have."""
        return len(orjson.dumps(messages)) // CHARACTERS_PER_TOKEN

    def request(self, question: Question) -> dict[str, Any]:
        """Return the request's body, with the address that it goes to."""
        body = self._body(question.messages, question.seed)
        if self._prompt.tools:
            body["tools"] = self._prompt.tool_schemas
        body |= self._fields
        return {"url": self._address.url} | {
            name: value for name, value in body.items() if value is not None
        }

    def _body(self, messages: Sequence[Message], seed: int | None) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._address.model,
            "messages": _wire(messages),
            "max_tokens": self._config.reply_tokens,
            "temperature": 0.0 if seed is None else 1.0,
        }
        return body if seed is None else {**body, "seed": seed}

    def say(self, messages: Sequence[Message], seed: int | None = None) -> str:
        """Return what the model says to messages, in its own words; no tools are offered.

        Args:
            seed: of its sampling; None: it says what it finds best.

        Raises:
            AgentError, UnavailableError: as :meth:`reply`.
        """
        fields = (self._body(messages, seed) | self._fields).items()
        body = {name: value for name, value in fields if value is not None}
        return _text((_message(self._answer(body)) or {}).get("content")).strip()

    def reply(self, question: Question) -> Reply:
        """Ask, again and again if need be.

        Raises:
            AgentError: the key, the model or the request is refused.
            UnavailableError: the server cannot be reached, or fails again and again.
        """
        body = self.request(question)
        del body["url"]
        return self._read(question.decision.page, self._answer(body))

    def _answer(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the server answers."""
        asked = asyncio.run_coroutine_threadsafe(self._ask(orjson.dumps(body)), self._loop)
        try:
            return asked.result()
        except BaseException:
            asked.cancel()
            raise

    async def _ask(self, body: bytes) -> Mapping[str, Any]:
        """The answer; one without choices is asked for again, and taken as it is in the end."""
        reason, answer = "", None
        for attempt in range(self._config.retries + 1):
            try:
                async with asyncio.timeout(self._config.timeout_seconds):
                    answer = await self._attempt(body)
                if _message(answer) is not None or answer.get("overrun"):
                    return answer
                again = _Again("an answer without a message")
            except _Again as error:
                again = error
            except TimeoutError:
                again = _Again(f"no answer in {self._config.timeout_seconds:g} s")
            except httpx.TransportError as error:
                again = _Again(str(error) or type(error).__name__)
                if not self._reached:
                    raise UnavailableError(
                        f"{self.name}: cannot be reached: {self._clean(str(again))}"
                    ) from None
            reason = str(again)
            if attempt < self._config.retries:
                await asyncio.sleep(_wait(attempt, again.wait))
        if answer is not None and _message(answer) is None:
            return answer
        raise UnavailableError(
            f"{self.name}: gave up after {self._config.retries + 1} attempts: "
            f"{self._clean(reason)}; with --transcript or --cache the same command goes on later"
        )

    async def _attempt(self, body: bytes) -> Mapping[str, Any]:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._config.timeout_seconds, limits=_LIMITS)
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        url = f"{self._address.url}/chat/completions"
        async with self._client.stream("POST", url, content=body, headers=headers) as response:
            content = b""
            async for part in response.aiter_bytes():
                content += part
                if len(content) > ANSWER_BYTES:
                    raise _Again(f"an answer of more than {ANSWER_BYTES} bytes")
        self._reached = True
        if response.status_code == 200:
            try:
                answer = orjson.loads(content)
            except orjson.JSONDecodeError:
                raise _Again("an answer that is no JSON") from None
            return answer if isinstance(answer, dict) else {}
        return self._failed(response, content)

    def _failed(self, response: httpx.Response, content: bytes) -> Mapping[str, Any]:
        """What an error answer amounts to."""
        status, said = response.status_code, content[:4000].decode(errors="replace")
        if status in _AGAIN:
            reason = f"status {status}: {_error_text(content)}"
            raise _Again(reason, _retry_after(response.headers.get("Retry-After")))
        if status in (400, 413, 422) and _TOO_LONG.search(said):
            return {"overrun": True}
        if status in (400, 403) and _REFUSED.search(said):
            return {"choices": [{"message": {"content": ""}}]}
        reason = self._clean(f"status {status}: {_error_text(content)}")
        if status in (401, 403):
            how = "is not accepted" if self._key else "is not set"
            raise AgentError(f"{self.name}: the key in {KEY_VARIABLE} {how} ({reason})")
        hint = "; URLs mostly end in /v1" if status == 404 else ""
        raise AgentError(f"{self.name}: the request is refused ({reason}){hint}")

    def _read(self, page: Page, answer: Mapping[str, Any]) -> Reply:
        message = _message(answer) or {}
        said = _text(message.get("content")) or _text(message.get("refusal"))
        usage = answer.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        return Reply(
            action=self._action(page, message, said),
            said=said,
            tokens_in=_whole(usage.get("prompt_tokens")),
            tokens_out=_whole(usage.get("completion_tokens")),
            overrun=bool(answer.get("overrun")),
        )

    def _action(self, page: Page, message: Mapping[str, Any], said: str) -> str | None:
        """The action of the first call, or of the text where nothing is called."""
        calls = message.get("tool_calls")
        if self._prompt.tools and isinstance(calls, list) and calls:
            call = calls[0].get("function") if isinstance(calls[0], dict) else None
            if not isinstance(call, dict) or not isinstance(call.get("name"), str):
                return None
            return self._prompt.read_call(page, call["name"], call.get("arguments"))
        return self._prompt.read(page, said)

    def _clean(self, text: str) -> str:
        """A server's words without the key, on one line, not too long."""
        text = text.replace(self._key, "***") if self._key else text
        return shortened(visible(" ".join(text.split())), 200)


_LIMITS = httpx.Limits(max_connections=256, max_keepalive_connections=256)


def _fields(text: str) -> dict[str, Any]:
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        raise InputError(f"request_fields: expected a JSON object, got {text!r:.60}")
    return fields


def _wire(messages: Sequence[Message]) -> list[Message]:
    """Messages as the protocol has them: calls with numbers, their arguments as JSON."""
    sent: list[Message] = []
    for number, message in enumerate(messages):
        if message.get("tool_calls"):
            function = message["tool_calls"][0]["function"]
            arguments = orjson.dumps(function["arguments"]).decode()
            call = {"name": function["name"], "arguments": arguments}
            calls = [{"id": f"call_{number}", "type": "function", "function": call}]
            sent.append({**message, "tool_calls": calls})
        elif message["role"] == "tool":
            answered = f"call_{number - 1}"
            sent.append({"role": "tool", "tool_call_id": answered, "content": message["content"]})
        else:
            sent.append(dict(message))
    return sent


def _message(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return None
    message = choices[0].get("message")
    return message if isinstance(message, dict) else None


def _text(content: object) -> str:
    """A message's text: a string, or a list of parts of which some are text."""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _error_text(content: bytes) -> str:
    """What an error answer says: its message, or its beginning."""
    try:
        record = orjson.loads(content)
        error = record.get("error", record)
        return str(error.get("message") if isinstance(error, dict) else error)
    except (orjson.JSONDecodeError, AttributeError):
        return content[:200].decode(errors="replace") or "no reason"


def _retry_after(value: str | None) -> float | None:
    """The seconds of a Retry-After header: a number, or a date."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return seconds if seconds >= 0 else None


def _wait(attempt: int, asked: float | None) -> float:
    """How many seconds to wait before the next attempt: twice as long each time, by chance up to a
    half less, so that many do not come back at once; no less than the server asks for, within
    reason."""
    wait = min(FIRST_WAIT * 2.0**attempt, LONGEST_WAIT) * random.uniform(0.5, 1.0)
    return max(wait, min(asked or 0.0, LONGEST_WAIT))
