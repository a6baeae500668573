"""All benchmarks, one after the other: `make bench`, or ``python -m benchmarks [--large]``.

``--large`` lets the growth table end at 1,180,000 products instead of 100,000; that takes ten
minutes to twenty more.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main() -> None:
    """Run each benchmark as its own command does."""
    if sys.argv[1:] not in ([], ["--large"]):
        sys.exit("python -m benchmarks: expected no argument or --large")
    subprocess.run([sys.executable, str(FOLDER / "environment.py")], check=True)
    print()
    growth = [sys.executable, str(FOLDER / "growth.py")]
    subprocess.run(growth if "--large" in sys.argv else [*growth, "--quick"], check=True)


if __name__ == "__main__":
    main()
