"""Scripts beside the package import what it has: most of them run in slow tests, or by hand."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPTS = [
    path
    for folder in ("benchmarks", "deploy", "examples")
    for path in sorted((REPOSITORY / folder).rglob("*.py"))
]


def defined_in(module: str) -> set[str]:
    """The names that a module of the package has, read without importing it."""
    path = REPOSITORY.joinpath("src", *module.split("."))
    submodules = {each.stem for each in path.glob("*")}
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    assert path.is_file(), f"{module}: there is no such module"
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names | submodules


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_scripts_import_is_there(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shopwright"):
            missing = {alias.name for alias in node.names} - defined_in(node.module or "")
            assert not missing, f"{path}: {node.module} has no {missing}"
