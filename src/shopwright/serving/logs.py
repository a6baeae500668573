"""The service's log: a line for people, or an object for machines, for each thing to say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from shopwright.serving.middleware import request_id


class JsonFormatter(logging.Formatter):
    """Makes one JSON object of a record: when, how bad, who says what, in which request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object on one line."""
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get() or None,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(fields, default=str).decode()


def set_up(form: str, note: Callable[[str], None]) -> Callable[[str], None]:
    """Have everything logged on standard error, as plain lines or as "json".

    Args:
        note: says there what becomes of the service, in a plain line.

    Returns:
        Says it in the form of the log.
    """
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(message)s")
    handler.setFormatter(JsonFormatter() if form == "json" else plain)
    logging.basicConfig(handlers=[handler], force=True)
    logging.getLogger("shopwright.access").setLevel(logging.INFO)
    if form != "json":
        return note
    lifecycle = logging.getLogger("shopwright.lifecycle")
    lifecycle.setLevel(logging.INFO)
    return lifecycle.info
