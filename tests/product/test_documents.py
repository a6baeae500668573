"""What README and docs name exists: commands, files, modules, functions, links."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopwright.cli.program import parse

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "src" / "shopwright"
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
# Words that the package no longer uses, in any form.
RETIRED = (
    "doubt", "lessons", "rehears", "emphasis", "careful shopper", "forgotten", "comes to mind",
    "bought for itself", "belief", "believe",
)  # fmt: skip

_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^\s*(?:\$ )?(?:\.venv/bin/)?(?=shopwright )")
_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w./-]+\.(?:py|ipynb)")
_NAME = re.compile(r"shopwright(?:\.\w+)+")
_DIRECTIVE = re.compile(r"^::: (\S+)$", re.MULTILINE)
_LINK = re.compile(r"\]\((?!\w+://)([^)#\s]*)(?:#([^)\s]*))?\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
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


def texts() -> Iterator[tuple[Path, str]]:
    """Each document, and each notebook's explanations."""
    for document in DOCUMENTS:
        yield document, document.read_text(encoding="utf-8")
    for notebook in NOTEBOOKS:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        explained = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        yield notebook, "\n\n".join(explained)


def resolve(name: str) -> object:
    """What a dotted name stands for: a module, or what a module has."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(name)


def anchor(heading: str) -> str:
    """A heading's address, as MkDocs and GitHub make it."""
    plain = re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower()).strip()
    return re.sub(r"\s+", "-", plain)


def test_files_that_documents_name_exist():
    missing = []
    for document, text in texts():
        named = {word for code in _CODE.findall(text) for word in _FILE.findall(code)}
        named |= {
            word for block in _BLOCK.findall(text) for word in re.findall(r"\w+/\S+\.py", block)
        }
        missing += [
            f"{document.name}: {name}"
            for name in sorted(named)
            if not any((folder / name).is_file() for folder in (REPOSITORY, PACKAGE))
        ]
    assert not missing


def test_names_that_documents_give_can_be_imported():
    pytest.importorskip("torch")
    missing = []
    for document, text in texts():
        named = {name for code in _CODE.findall(text) for name in _NAME.findall(code)}
        for name in sorted(named | set(_DIRECTIVE.findall(text))):
            try:
                resolve(name)
            except (ModuleNotFoundError, AttributeError):
                missing.append(f"{document.name}: {name}")
    assert not missing


def test_links_lead_to_files_and_headings():
    broken = []
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for name, heading in _LINK.findall(_BLOCK.sub("", text)):
            target = document.parent / name if name else document
            if not target.exists():
                broken.append(f"{document.name}: {name}")
            elif heading and target.suffix == ".md":
                headings = _HEADING.findall(_BLOCK.sub("", target.read_text(encoding="utf-8")))
                if heading not in map(anchor, headings):
                    broken.append(f"{document.name}: {name}#{heading}")
    assert not broken


def test_documents_do_without_retired_words():
    found = [
        f"{document.name}: {word}"
        for document, text in texts()
        for word in RETIRED
        if word in text.lower()
    ]
    assert not found
