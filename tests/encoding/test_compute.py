"""Devices by name, and threads within a block."""

from __future__ import annotations

import pytest
import torch

from shopwright.encoding.compute import cores, device_of, threads
from shopwright.errors import InputError


def test_a_device_that_is_not_there_is_refused() -> None:
    for name in ("abacus", "cuda:99"):
        with pytest.raises(InputError, match="device: expected cpu, cuda or auto"):
            device_of(name)
    assert device_of("cpu").type == "cpu"
    assert device_of("auto").type in ("cpu", "cuda")


def test_threads_are_used_within_and_the_number_before_comes_back() -> None:
    before = torch.get_num_threads()
    with threads(1):
        assert torch.get_num_threads() == 1
        with threads():
            assert torch.get_num_threads() == cores()
        with threads(10**6):
            assert torch.get_num_threads() == cores()
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
