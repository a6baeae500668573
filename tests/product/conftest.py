"""The command line on a small demo shop: mostly in this process, where torch is imported once."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from shopwright.cli import main

PRODUCTS = 60

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs a command line in a process of its own, never as on a terminal; costs seconds."""

    def run_command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "shopwright.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        )

    return run_command


@pytest.fixture(scope="session")
def apart(run: Run) -> Run:
    """Runs a command line that must succeed in a process of its own."""

    def run_command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        process = run(*arguments, **environment)
        assert process.returncode == 0, process.stderr
        return process

    return run_command


@pytest.fixture(scope="session")
def done() -> Run:
    """Runs a command line that must succeed in this process."""

    def run_command(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [str(argument) for argument in arguments]
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            status = main(words)
        assert status == 0, errors.getvalue()
        return subprocess.CompletedProcess(words, status, out.getvalue(), errors.getvalue())

    return run_command


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command line that must be refused as bad input, and returns its one line.

    In this process, as there are many; test_command_line.py sees the same from outside."""

    def run_command(*arguments: object) -> str:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        assert status == 2, output.err
        assert output.out == ""
        (line,) = output.err.splitlines()
        assert line.startswith("shopwright: error: ")
        return line.removeprefix("shopwright: error: ")

    return run_command


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command line that must succeed in this process, and returns what it printed: a new
    process would spend seconds on importing torch."""

    def run_command(*arguments: object) -> str:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        assert status == 0, output.err
        return output.out

    return run_command


@pytest.fixture(scope="session")
def without_spacy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process in which spaCy cannot be imported."""
    folder = tmp_path_factory.mktemp("without_spacy")
    (folder / "spacy.py").write_text("raise ImportError('spacy is not for this test')\n")
    return {"PYTHONPATH": str(folder)}


@pytest.fixture(scope="session")
def demo_shop(
    done: Run, built_once: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A small demo shop, built by the command line; each process has a copy to work beside."""

    def build(folder: Path) -> None:
        done("shop", "build", "--demo", "--products", PRODUCTS, "--out", folder)

    folder = tmp_path_factory.mktemp("product") / "shop"
    shutil.copytree(built_once("demo", build), folder)
    return folder


@pytest.fixture(scope="session")
def goals_file(demo_shop: Path) -> Path:
    """Some of the small shop's goals as a file: it is too small for a split "train"."""
    from shopwright.shop.shop import Shop

    path = demo_shop.parent / "goals.jsonl"
    goals = Shop.open(demo_shop).goals
    records = [
        {
            "asin": goal.asin,
            "instruction": goal.instruction,
            "attributes": list(goal.attributes),
            "options": goal.options,
            "price_upper": goal.price_upper,
        }
        for goal in (goals[number] for number in range(0, len(goals), 12))
    ]
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return path
