"""The commands that README and docs show are commands that there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopwright.cli.program import parse

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^\s*(?:\$ )?(?:\.venv/bin/)?(?=shopwright )")
# Where the shell takes over.
_ENDS = frozenset({"|", ">", ">>", "2>", "&&", "||", ";", "&"})


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of each `shopwright` command line in a text's code blocks."""
    for block in _BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if _PROMPT.match(line):
                words = shlex.split(_PROMPT.sub("", line), comments=True)[1:]
                end = next((n for n, word in enumerate(words) if word in _ENDS), len(words))
                yield words[:end]


SHOWN = [
    pytest.param(words, id=f"{document.name}: {' '.join(words)}"[:80])
    for document in DOCUMENTS
    for words in commands(document.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("words", SHOWN)
def test_a_command_that_a_document_shows_is_understood(words):
    if {"train"} & {*words[:1]}:
        pytest.importorskip("torch")
    parse([word for word in words if word not in ("--help", "--version")] or ["demo"])


def test_the_readme_shows_commands():
    assert list(commands((REPOSITORY / "README.md").read_text(encoding="utf-8")))


def test_commands_are_found_in_code_blocks_only():
    text = (
        "shopwright not this\n```bash\n$ shopwright shop info \\\n  'my shop'  # a remark\n"
        ".venv/bin/shopwright demo > log\necho shopwright\n```\n"
    )
    assert list(commands(text)) == [["shop", "info", "my shop"], ["demo"]]
