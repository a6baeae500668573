"""Memory that is free but still held by the C library, given back to the system as a service runs.

Answers take and free arrays of many sizes between what is kept; over hours the library's heap gets
holes that it would keep for good.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

SECONDS_BETWEEN = 60.0


def give_back() -> bool:
    """Give free memory back; return whether the C library can (glibc)."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # Not glibc; Windows takes no None.
        return False
    trim(ctypes.c_size_t(0))
    return True


@asynccontextmanager
async def giving_back(seconds: float = SECONDS_BETWEEN) -> AsyncIterator[None]:
    """Within, free memory is given back every so many seconds, where the C library can."""

    async def again_and_again() -> None:
        while await asyncio.to_thread(give_back):
            await asyncio.sleep(seconds)

    task = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
