"""The errors that shopwright raises, one small tree.

Every message says what was expected, what came and where. Each kind is also a built-in kind, so
that callers who know nothing of shopwright can catch it.
"""

from __future__ import annotations


class ShopwrightError(Exception):
    """Anything that shopwright raises on purpose."""


class InputError(ShopwrightError, ValueError):
    """What the caller gave cannot be used: a value, a file, a name (exit status 2)."""


class MissingFileError(InputError, FileNotFoundError):
    """A file or folder that was named does not exist."""

    def __str__(self) -> str:
        # FileNotFoundError formats several arguments as an errno; ours has one, the message.
        return str(self.args[0]) if self.args else ""


class CatalogueError(InputError):
    """A product file whose content is not what its format asks for."""


class ShopError(InputError):
    """A shop folder that is damaged, of another version, or not a shop folder."""


class GoalError(InputError, LookupError):
    """A goal, a goals file or the name of a split that cannot be used."""


class TrajectoryError(InputError):
    """A trajectory record or file that is not valid."""


class AgentError(InputError, LookupError):
    """An agent's name or run folder that cannot be used."""


class UnavailableError(ShopwrightError, RuntimeError):
    """Something that this installation lacks (an optional package, a model) is needed."""
