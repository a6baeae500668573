"""A server that answers by script."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def said(content: str | None = None, **message: Any) -> dict[str, Any]:
    """An answer of the protocol."""
    return {
        "choices": [{"message": {"role": "assistant", "content": content, **message}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 7},
    }


def called(name: str, arguments: str) -> dict[str, Any]:
    """An answer that calls a tool."""
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return said(None, tool_calls=[call])


def streamed(answer: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """An answer as a stream of events, for who asks for one."""
    message = answer["choices"][0]["message"]
    calls = [{"index": n, **call} for n, call in enumerate(message.get("tool_calls", ()))]
    delta = {**message, **({"tool_calls": calls} if calls else {})}
    base = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
    reason = "tool_calls" if calls else "stop"
    choices = [{"delta": delta, "finish_reason": None}, {"delta": {}, "finish_reason": reason}]
    chunks: list[dict[str, Any]] = [
        {**base, "choices": [{"index": 0, **choice}]} for choice in choices
    ]
    total = sum(answer["usage"].values())
    chunks.append({**base, "choices": [], "usage": {**answer["usage"], "total_tokens": total}})
    lines = [*map(json.dumps, chunks), "[DONE]"]
    events = "".join(f"data: {line}\n\n" for line in lines)
    return 200, {"Content-Type": "text/event-stream"}, events.encode()


class Scripted:
    """A server on loopback whose answers are scripted.

    Attributes:
        answer: request body → (status, headers, body), or the body of a 200 alone.
        requests: the bodies received. headers: the last request's.
        drip: seconds between the bytes of a body.
    """

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, Any]], Any] = lambda body: said("click[buy now]")
        self.requests: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.drip = 0.0
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                scripted.requests.append(body)
                scripted.headers = dict(self.headers)
                answer = scripted.answer(body)
                status, headers, content = (
                    answer if isinstance(answer, tuple) else (200, {}, answer)
                )
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                try:
                    if not scripted.drip:
                        self.wfile.write(data)
                        return
                    for byte in data:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(scripted.drip)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def agent(self) -> str:
        return f"openai:scripted@{self.url}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
