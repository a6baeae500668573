"""The errors that shopwright raises.

Every message says what was expected, what was found and where. Each class also derives from a
built-in one, so that callers can catch it without importing shopwright.
"""

from __future__ import annotations


class ShopwrightError(Exception):
    """Anything that shopwright raises on purpose."""


class InputError(ShopwrightError, ValueError):
    """A value, file or name that the caller gave cannot be used (exit status 2)."""


class MissingFileError(InputError, FileNotFoundError):
    """A file or folder that was named does not exist."""

    def __str__(self) -> str:
        # FileNotFoundError formats its arguments as an errno; here the only one is the message.
        return str(self.args[0]) if self.args else ""


class CatalogueError(InputError):
    """A product file that does not follow its format."""


class ShopError(InputError):
    """A shop folder that is damaged, of another version, or not a shop folder."""


class GoalError(InputError, LookupError):
    """A goal, a goals file or the name of a split that cannot be used."""


class TrajectoryError(InputError):
    """A trajectory record or file that is not valid."""


class AgentError(InputError, LookupError):
    """An agent's name or run folder that cannot be used."""


class UnavailableError(ShopwrightError, RuntimeError):
    """An optional package or a model that this installation lacks is needed."""


class StoreError(ShopwrightError, RuntimeError):
    """What the service keeps cannot be read or written now.

    Attributes:
        is_full: whether that is for want of space.
    """

    def __init__(self, message: str, *, is_full: bool = False) -> None:
        super().__init__(message)
        self.is_full = is_full


class WriteError(ShopwrightError, OSError):
    """A file that the operating system does not write: a full disk, a folder of somebody else's."""

    def __str__(self) -> str:
        # OSError would put the number before it, which is in ``errno``.
        return str(self.strerror)
