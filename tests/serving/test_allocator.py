"""Who answers the next request, from the store's log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

from shopwright.serving.allocation import AllocationConfig
from shopwright.serving.allocator import Allocator
from shopwright.store.store import Recommendation, Store

AGENTS = ("a", "b")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "feedback.sqlite", "shop")
    yield opened
    opened.close()


def drawn(store: Store, *, seed: int = 0, stream: str = "", count: int = 40) -> list[str]:
    allocator = Allocator(store, AllocationConfig(seed=seed), stream)
    chances = allocator.chances(AGENTS)
    return [allocator.draw(chances) for _ in range(count)]


def test_the_draws_are_those_of_a_seed_and_a_stream(store: Store) -> None:
    first = drawn(store)
    assert drawn(store) == first
    assert set(first) == {*AGENTS}
    assert drawn(store, seed=1) != first
    assert drawn(store, stream="worker 1") != first


def test_the_draws_go_on_where_the_log_ends(store: Store) -> None:
    before = drawn(store)
    for number in range(3):
        store.add_recommendation(
            Recommendation(
                id=f"id-{number}",
                at=1.0,
                agent="a",
                propensities={"a": 0.5, "b": 0.5},
                request="a lamp",
                settings={},
                items=(),
            ),
            None,
        )
    assert drawn(store, count=37) == before[3:]


def test_one_agent_gets_everything_without_a_look_at_the_log(store: Store) -> None:
    allocator = Allocator(store, AllocationConfig(), "")
    assert allocator.chances(("a",)) == {"a": 1.0}
    assert allocator._settled < 0
