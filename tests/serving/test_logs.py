"""What the service tells those who run it: probes, its log, traces."""

from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys

import pytest

pytest.importorskip("fastapi", reason="needs FastAPI (pip install 'shopwright[serve]')")

from starlette.testclient import TestClient

from shopwright.serving.app import create_app
from shopwright.serving.logs import JsonFormatter
from shopwright.serving.middleware import request_id


def test_probes_tell_a_live_process_from_a_ready_service(client, store):
    assert client.get("/live").status_code == 204
    assert client.get("/ready").status_code == 204
    other = sqlite3.connect(store.place, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert client.get("/live").status_code == 204
    refused = client.get("/ready")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "store_unavailable")
    other.execute("ROLLBACK")
    other.close()
    assert client.get("/ready").status_code == 204


def test_probes_need_no_token(service, client_of):
    client = client_of(service, token="sesame")
    assert {client.get(path).status_code for path in ("/live", "/ready", "/health")} == {200, 204}


def test_a_line_of_the_access_log_is_an_object_with_its_fields(service, caplog):
    client = TestClient(create_app(service, access_log=True))
    with caplog.at_level(logging.INFO, "shopwright.access"):
        client.get("/search?query=lamp", headers={"x-request-id": "mine-1"})
    (record,) = (each for each in caplog.records if each.name == "shopwright.access")
    line = json.loads(JsonFormatter().format(record))
    expected = {"level": "info", "method": "GET", "path": "/search", "status": 200}
    assert expected.items() <= line.items()
    assert record.getMessage().endswith("[mine-1]")


@pytest.mark.parametrize("form", ["plain", "json"])
def test_what_becomes_of_the_service_is_said_in_the_form_of_its_log(form):
    script = (
        "from shopwright.console import note; from shopwright.serving.logs import set_up; "
        f"set_up({form!r}, note)('serving on 1 %s')"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stderr
    if form == "plain":
        assert said == "shopwright: serving on 1 %s\n"
    else:
        line = json.loads(said)
        assert (line["level"], line["message"]) == ("info", "serving on 1 %s")


def test_a_line_names_the_request_and_the_failure():
    token = request_id.set("mine-2")
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        failure = (type(error), error, None)
    record = logging.LogRecord("x", logging.ERROR, "", 1, "failed: %s", ("it",), failure)
    text = JsonFormatter().format(record)
    request_id.reset(token)
    assert "\n" not in text
    line = json.loads(text)
    assert (line["message"], line["request_id"]) == ("failed: it", "mine-2")
    assert line["exception"].endswith("ValueError: two\nlines")


def test_a_request_is_a_span_in_the_trace_of_its_client(service):
    pytest.importorskip("opentelemetry.sdk.trace")
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from shopwright.serving.tracing import new_tracer

    spans = InMemorySpanExporter()
    client = TestClient(create_app(service, tracer=new_tracer(SimpleSpanProcessor(spans))))
    trace = "0af7651916cd43dd8448eb211c80319c"
    client.get("/search?query=lamp", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    client.get("/nowhere")
    found, missing = spans.get_finished_spans()
    assert f"{found.context.trace_id:032x}" == trace
    assert found.name == "GET /search"
    assert found.attributes["http.response.status_code"] == 200
    assert len(found.attributes["shopwright.request_id"]) > 8
    assert missing.attributes["http.response.status_code"] == 404
