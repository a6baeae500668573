"""Runs the contract tests against the real frameworks: `make test-integrations`.

    python tests/integrations/run.py [NAME ...]

Each framework has a virtual environment of its own, as their pins clash. What the repository's has
is seen there, too (by a .pth file), so that only what is missing or of another version is
installed, while the tests of those before run. One that cannot be installed is skipped, with the
reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
import tomllib
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
VENVS = Path(os.environ.get("SHOPWRIGHT_INTEGRATIONS", REPOSITORY / ".venv" / "integrations"))
FRAMEWORKS = ("openenv", "trl", "verifiers", "skyrl", "gem", "verl", "ray")
INSTALL_SECONDS = 300


def python_with(name: str, requirements: list[str]) -> Path:
    """Return the Python of a framework's environment, made if it is not there or another was asked
    for.

    Raises:
        subprocess.SubprocessError: it cannot be installed.
    """
    folder = VENVS / name
    python, stamp = folder / "bin" / "python", folder / ".installed"
    asked = "\n".join([sys.executable, *requirements])
    if stamp.exists() and stamp.read_text() == asked:
        return python
    venv.create(folder, with_pip=True, clear=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    path = folder / "lib" / version / "site-packages" / "repository.pth"
    path.write_text(sysconfig.get_path("purelib") + "\n")
    install = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run(
        [*install, *requirements],
        check=True,
        timeout=INSTALL_SECONDS,
        capture_output=True,
        text=True,
    )
    stamp.write_text(asked)
    return python


def main() -> None:
    """Run the tests of the frameworks that are named, or of all."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = sys.argv[1:] or FRAMEWORKS
    failed = []
    with ThreadPoolExecutor(1) as installing:
        extras = project["optional-dependencies"]
        pythons = [installing.submit(python_with, name, extras[name]) for name in names]
        for name, python in zip(names, pythons, strict=True):
            started = time.monotonic()
            try:
                installed = python.result()
            except subprocess.SubprocessError as error:
                said = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1]
                print(f"{name}: skipped, as it cannot be installed: {said}", flush=True)
                continue
            tests = sorted((REPOSITORY / "tests" / "integrations").glob(f"test_{name}*.py"))
            environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
            answer = subprocess.run(
                [installed, "-m", "pytest", *tests], env=environment, check=False
            )
            print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
            if answer.returncode:
                failed.append(f"{name} (status {answer.returncode})")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
