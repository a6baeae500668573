"""Memory is given back while a service runs, and nothing of it goes on afterwards."""

from __future__ import annotations

import asyncio
import platform

import pytest
from fastapi.testclient import TestClient

from shopwright.serving import resident
from shopwright.serving.app import create_app
from shopwright.serving.service import Service


def test_free_memory_goes_back_to_the_system() -> None:
    """Freed blocks lie between blocks that stay; resident memory falls by most of them."""
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("the C library is not glibc")
    resident.give_back()
    pieces = [bytearray(100_000) for _ in range(600)]  # Below what glibc maps on its own.
    kept = pieces[::50]
    before = _resident_pages()
    del pieces
    assert resident.give_back()
    assert before - _resident_pages() > 30_000_000 // 4096
    assert len(kept) == 12


def _resident_pages() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])


def counted(monkeypatch: pytest.MonkeyPatch, *, can: bool) -> list[int]:
    """Return a list that grows whenever memory is given back, by a library that can or cannot."""
    times: list[int] = []

    def give_back() -> bool:
        times.append(1)
        return can

    monkeypatch.setattr(resident, "give_back", give_back)
    return times


def test_it_is_given_back_again_and_again_until_the_service_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = counted(monkeypatch, can=True)

    async def run() -> int:
        async with resident.giving_back(seconds=0.001):
            while len(times) < 3:
                await asyncio.sleep(0)
        ended = len(times)
        await asyncio.sleep(0.01)
        return len(times) - ended

    assert asyncio.run(run()) == 0


def test_a_library_that_cannot_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times = counted(monkeypatch, can=False)

    async def run() -> None:
        async with resident.giving_back(seconds=0.0):
            await asyncio.sleep(0.02)

    asyncio.run(run())
    assert len(times) == 1


def test_a_service_gives_it_back(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    times = counted(monkeypatch, can=True)

    with TestClient(create_app(service)) as client:
        assert client.get("/health").status_code == 200
    assert times
