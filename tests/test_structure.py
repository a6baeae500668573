"""The size of modules and functions: short enough to be read in one go."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import shopwright

PACKAGE = Path(shopwright.__file__).parent
MODULE_LINES = 350
FUNCTION_LINES = 80
DATA = {"catalogue/demo_departments.py"}  # Word lists.


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if name_of(path) not in DATA]


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_modules_and_functions_are_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MODULE_LINES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{node.name}: {lines} lines"
