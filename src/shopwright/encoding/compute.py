"""Where and with how many threads torch computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from shopwright.errors import InputError
from shopwright.workers import cores as cores
from shopwright.workers import libraries


def device_of(name: str) -> torch.device:
    """Return a device by name.

    Args:
        name: "cpu", "cuda", ... as torch names it, or "auto": a GPU if there is one.

    Raises:
        InputError: there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    expected = f"device: expected cpu, cuda or auto, got {name!r}"
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(expected) from None
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise InputError(f"{expected}: {str(error).splitlines()[0]}") from None
    return device


Precision = Literal["float32", "bfloat16", "int8"]


def computes_bfloat16(device: torch.device) -> bool:
    """Return whether a device has instructions for bfloat16."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    instructions = torch.cpu.get_capabilities()
    return any(bool(instructions.get(name)) for name in ("avx512_bf16", "amx_bf16"))


def quickest_precision(device: torch.device) -> Precision:
    """Return in what a frozen encoder computes quickest: processors without instructions for
    bfloat16 emulate it, six times as slow as 32 bits."""
    if computes_bfloat16(device):
        return "bfloat16"
    has_library = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return "int8" if device.type == "cpu" and has_library else "float32"


def use_threads(count: int) -> None:
    """Compute with ``count`` threads from now on: for the code that owns the process, such as a
    command; other code uses :func:`threads`."""
    torch.set_num_threads(count)
    libraries().limit(limits=count, user_api="blas")


@contextmanager
def threads(count: int = 0) -> Iterator[None]:
    """Within it torch and numpy compute with ``count`` threads; 0, and at most: one for each core
    that this process may use. A language model gains by all of them; networks as small as the
    policies' own lose."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(count or cores(), cores()))
    try:
        with libraries().limit(limits=torch.get_num_threads(), user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)
