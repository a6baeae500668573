"""A hook of MkDocs: docstrings mark names as Sphinx does (:class:`~package.Name`)."""

from __future__ import annotations

import re
from typing import Any

_ROLE = re.compile(r":(?:attr|class|data|func|meth|mod):<code>(~?)([^<]*)</code>")


def on_page_content(html: str, **_: Any) -> str:
    """Shows each marked name as code (only its last part where a tilde asks for that), and the
    double colon before an example as a colon."""
    named = _ROLE.sub(
        lambda match: f"<code>{match[2].rpartition('.')[2] if match[1] else match[2]}</code>", html
    )
    return named.replace("::</p>", ":</p>")
