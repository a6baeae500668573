"""Whatever happens to a store, in any order, it holds what a few lists would hold.

Two processes' handles take turns; both are closed and opened again in the middle.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from postgresql_server import PostgresqlServer
from shopwright.errors import InputError
from shopwright.rollouts.records import Step, Trajectory
from shopwright.store.backup import back_up
from shopwright.store.conversations import add_message, messages_of
from shopwright.store.customers import deeds_of, forget
from shopwright.store.database import Place
from shopwright.store.store import PATIENCE_SECONDS, Feedback, Recommendation, Store

AGENTS, CUSTOMERS, ITEMS = ("a", "b"), ("ann", "bob"), ("M1", "M2", "M3")
KINDS = ("shown", "clicked", "bought", "dismissed")


@dataclass
class Logged:
    """A recommendation as the model has it; nothing of it is derived from anything else."""

    agent: str
    items: tuple[str, ...]
    at: float
    customer: str | None
    events: list[tuple[str, str, float]] = field(default_factory=list)
    failed: bool = False

    @property
    def outcome(self) -> int | None:
        done = {(kind, asin) for kind, asin, _ in self.events}
        if any(kind == "bought" for kind, _ in done):
            return 1
        dismissed = {asin for kind, asin in done if kind == "dismissed"}
        whole = "" in dismissed or len(dismissed) >= len(self.items)
        return 0 if whole or self.failed else None


class History(RuleBasedStateMachine):
    """A store, and what it should hold."""

    place: Place
    folder: Path

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.clock = count(1)
        self.logged: dict[str, Logged] = {}
        self.order: list[tuple[str, str, str, float]] = []
        self.said: dict[str, dict[int, dict[str, str]]] = {}
        self.shown: dict[str, Trajectory] = {}
        self.open()

    def open(self) -> None:
        self.handles = [Store(self.place, "shop", shared=True) for _ in range(2)]

    def teardown(self) -> None:
        for store in self.handles:
            store.close()

    @property
    def store(self) -> Store:
        """Whose turn it is."""
        self.handles.reverse()
        return self.handles[0]

    @rule(
        target=ids,
        agent=st.sampled_from(AGENTS),
        items=st.sets(st.sampled_from(ITEMS), min_size=1).map(sorted),
        customer=st.none() | st.sampled_from(CUSTOMERS),
    )
    def recommend(self, agent: str, items: list[str], customer: str | None) -> str:
        at = float(next(self.clock))
        id = f"recommendation-{at:.0f}"
        self.store.add_recommendation(
            Recommendation(
                id=id,
                at=at,
                agent=agent,
                propensities={agent: 1.0},
                request="a mug",
                settings={"count": len(items)},
                items=tuple(items),
            ),
            customer,
        )
        self.logged[id] = Logged(agent, tuple(items), at, customer)
        return id

    @rule(id=ids, kind=st.sampled_from(KINDS), data=st.data())
    def tell(self, id: str, kind: str, data: st.DataObject) -> None:
        known = self.logged.get(id)
        whole = [""] if kind in ("shown", "dismissed") else []
        asin = data.draw(st.sampled_from([*whole, *(known.items if known else ITEMS)]))
        at = float(next(self.clock))
        if known is None:  # Deleted meanwhile.
            with pytest.raises(InputError, match="expected the id of a recommendation"):
                self.store.add_feedback(Feedback(id, kind, asin, at))
            return
        new = (kind, asin) not in {each[:2] for each in known.events}
        assert self.store.add_feedback(Feedback(id, kind, asin, at)) == new
        if new:
            known.events.append((kind, asin, at))
            self.order.append((id, kind, asin, at))

    @rule(age=st.integers(0, 20))
    def lose_patience(self, age: int) -> None:
        self.store.settle(now=age + PATIENCE_SECONDS)
        for each in self.logged.values():
            each.failed |= each.at < age and bool(each.events)

    @rule(customer=st.sampled_from(CUSTOMERS))
    def forget(self, customer: str) -> None:
        theirs = {id: each for id, each in self.logged.items() if each.customer == customer}
        events = sum(len(each.events) for each in theirs.values())
        assert forget(self.store.database, customer) == (len(theirs), events)
        self.logged = {id: each for id, each in self.logged.items() if id not in theirs}
        self.order = [each for each in self.order if each[0] not in theirs]

    @rule(
        conversation=st.sampled_from("xy"),
        number=st.integers(0, 3),
        text=st.sampled_from(("a", "\u00e4", "")),
    )
    def say(self, conversation: str, number: int, text: str) -> None:
        said = self.said.setdefault(conversation, {})
        record = {"heard": text}
        new = add_message(self.store.database, conversation, number, 1.0, record)
        assert new == (number not in said)
        said.setdefault(number, record)

    @rule(id=st.sampled_from("xy"), reward=st.sampled_from((0.0, 0.5, 1.0)))
    def demonstrate(self, id: str, reward: float) -> None:
        trajectory = Trajectory(
            asin="M1", instruction="a mug", attributes=(), options={}, price_upper=9.0,
            steps=(Step(observation="", available_actions=(), action="click[buy now]"),),
            reward=reward, purchased=True, provenance="human",
        )  # fmt: skip
        self.store.add_demonstration(id, trajectory)
        self.shown.setdefault(id, trajectory)

    @rule(id=consumes(ids))
    def read_one(self, id: str) -> None:
        known, found = self.logged.get(id), self.store.recommendation(id)
        assert (found is None) == (known is None)
        if known and found:
            assert (found.items, found.outcome) == (known.items, known.outcome)

    @rule()
    def open_again(self) -> None:
        self.teardown()
        Store(self.place, "shop").close()  # Alone, every outcome is compared with the log.
        self.open()

    @precondition(lambda self: self.logged)
    @rule()
    def copy(self) -> None:
        path = Path(tempfile.mkdtemp(dir=self.folder)) / "copy.sqlite"
        back_up(self.place, path)
        copy = Store(path)
        self.check(copy)
        copy.close()

    @invariant()
    def holds_what_it_should(self) -> None:
        self.check(self.store)

    def check(self, store: Store) -> None:
        """Compare a store with the lists."""
        read = [*store.recommendations()]
        assert [each.id for each in read] == [*self.logged]
        outcomes = [each.outcome for each in self.logged.values()]
        assert [each.outcome for each in read] == outcomes
        assert [fields_of(each) for each in store.feedback()] == self.order
        agents = [each.agent for each in self.logged.values()]
        for wanted, counted in zip((1, 0), store.counts(), strict=True):
            pairs = zip(agents, outcomes, strict=True)
            assert counted == Counter(agent for agent, outcome in pairs if outcome == wanted)
        for conversation, said in self.said.items():
            ordered = [said[number] for number in sorted(said)]
            assert messages_of(store.database, conversation) == ordered
        for customer in CUSTOMERS:
            assert deeds_of(store.database, customer) == self.deeds(customer)
        assert store.demonstrations() == [*self.shown.values()]

    def deeds(self, customer: str) -> list[tuple[str, str, float]]:
        """What a customer did, the latest first."""
        return [
            (kind, each, at)
            for id, kind, asin, at in reversed(self.order)
            if self.logged[id].customer == customer and kind != "shown"
            for each in ([asin] if asin else self.logged[id].items)
        ]


def fields_of(event: Feedback) -> tuple[str, str, str, float]:
    return event.recommendation_id, event.kind, event.asin, event.at


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Makes places for new stores."""
    numbers = count()
    if request.param == "sqlite":
        return lambda: tmp_path / f"{next(numbers)}.sqlite"
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return server.new_database


def play(new_place: Callable[[], Place], folder: Path, examples: int, steps: int) -> None:
    """Let histories happen, each in a new store."""

    class Placed(History):
        def __init__(self) -> None:
            self.place, self.folder = new_place(), folder
            super().__init__()

    run_state_machine_as_test(
        Placed,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_some_histories(new_place: Callable[[], Place], tmp_path: Path) -> None:
    play(new_place, tmp_path, examples=5, steps=25)


@pytest.mark.slow
def test_many_histories(new_place: Callable[[], Place], tmp_path: Path) -> None:
    play(new_place, tmp_path, examples=30, steps=50)
