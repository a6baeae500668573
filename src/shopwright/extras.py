"""Optional packages, asked for before the work that needs them at its end."""

from __future__ import annotations

from importlib.util import find_spec

from shopwright.errors import UnavailableError


def require(package: str, extra: str, what: str) -> None:
    """Make sure that a package is installed.

    Args:
        extra: which of shopwright's extras brings it.
        what: what needs it, for the message.

    Raises:
        UnavailableError: it is not installed.
    """
    if find_spec(package) is None:
        raise UnavailableError(
            f"{what} needs the package {package}, which is missing: "
            f"pip install 'shopwright[{extra}]'"
        )
