"""The routes of conversations: the service's own, and OpenAI's chat completions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from shopwright.serving.agent_queue import AgentQueue
from shopwright.serving.chat import MODEL, completion, events, said_by_user
from shopwright.serving.conversations import Conversations
from shopwright.serving.messages import Count, Message, Name, RecommendationRecord, Words
from shopwright.serving.routes import ERRORS, UNKNOWN

MOST_CHAT_MESSAGES = 200
_CHAT_CHARACTERS = 20_000
ConversationId = Annotated[str, PathParameter(min_length=8, max_length=64)]


class MessageBody(Message):
    """What a shopper says."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"message": "a warm throw blanket", "count": 3}]}
    )
    message: Words
    count: Count = 5


class QuestionRecord(Message):
    """A question: in words, what it is about, and the answers that it names; others may be
    given, too."""

    text: str
    about: Literal["option", "attributes", "limit"]
    choices: list[str]


class AnswerRecord(RecommendationRecord):
    """The answer to a message: a recommendation, in words as well, and at most one question.

    What a message points at ("the second one") is shown alone, with what the shop knows of it:
    ``about``, asin → sentences."""

    conversation_id: str
    message: int
    text: str
    heading: str
    about: dict[str, list[str]]
    question: QuestionRecord | None


class ChatMessage(Message):
    """A message of a chat; content may be a text or parts with texts."""

    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[str, Field(max_length=_CHAT_CHARACTERS)] | list[dict[str, Any]] | None = None


class ChatBody(Message):
    """A chat so far; further fields of the protocol are ignored."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": "a mug"}]}]
        },
    )
    messages: list[ChatMessage] = Field(min_length=1, max_length=MOST_CHAT_MESSAGES)
    model: Name = MODEL
    stream: bool = False


def conversation_routes(conversations: Conversations, queue: AgentQueue) -> APIRouter:
    """Return the routes that converse."""
    routes = APIRouter(tags=["conversations"])

    @routes.post("/conversations", response_model=AnswerRecord, responses=ERRORS)
    async def start(body: MessageBody, client: Request) -> Response:
        """Begin a conversation: products for what was said, and at most one question."""
        record = await queue.run(lambda: conversations.start(body.message, body.count), client)
        return _answer(record)

    @routes.post(
        "/conversations/{conversation_id}/messages", response_model=AnswerRecord, responses=UNKNOWN
    )
    async def go_on(
        conversation_id: ConversationId, body: MessageBody, client: Request
    ) -> Response:
        """Say something more: an answer to the question, in any words, or anything else."""
        record = await queue.run(
            lambda: conversations.go_on(conversation_id, body.message, body.count), client
        )
        return _answer(record)

    @routes.get("/conversations/{conversation_id}", responses=UNKNOWN)
    def read(conversation_id: ConversationId) -> Response:
        """Return what was said in a conversation, for a page that is loaded again."""
        return _answer(conversations.read(conversation_id))

    @routes.post("/v1/chat/completions", include_in_schema=False)
    async def chat(body: ChatBody, client: Request) -> Response:
        """Talk as OpenAI's chat completions do; nothing is kept between requests."""
        said = said_by_user([each.model_dump() for each in body.messages])
        answer = await queue.run(lambda: conversations.complete(said), client)
        whole = completion(answer, body.model, said)
        if body.stream:
            return StreamingResponse(events(whole), media_type="text/event-stream")
        return _answer(whole)

    return routes


def _answer(record: Any) -> Response:
    return Response(orjson.dumps(record), media_type="application/json")
