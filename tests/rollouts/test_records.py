"""Trajectories as records: what they refuse, and their file."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.agents.oracle import Oracle
from shopwright.errors import InputError, MissingFileError, TrajectoryError
from shopwright.rollouts.records import (
    FORMAT_VERSION,
    Step,
    Trajectory,
    read_trajectories,
    write_trajectories,
)
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.shop import Shop


def step(**fields: Any) -> Step:
    return Step(
        **{"observation": "a page", "available_actions": ("a", "b"), "action": "a"} | fields
    )


def trajectory(**fields: Any) -> Trajectory:
    return Trajectory(
        **{
            "asin": "SHOE000001",
            "instruction": "I want red shoes 👟 – now",
            "attributes": ("breathable",),
            "options": {"color": "red", "size": "6"},
            "price_upper": 40.0,
            "steps": (step(), step(action="b", log_probability=-0.5, reward=0.25)),
            "reward": 0.25,
            "purchased": True,
            "protocol": "pages",
            "agent": "somebody",
            "provenance": "generated",
        }
        | fields
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action", ""),
        ("log_probability", 0.1),
        ("log_probability", math.nan),
        ("reward", -0.1),
        ("reward", 1.1),
        ("reward", math.nan),
    ],
)
def test_a_step_with_a_wrong_field_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(TrajectoryError, match=f"step, {field}: expected .*, got"):
        step(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", FORMAT_VERSION + 1),
        ("protocol", "telephone"),
        ("provenance", "hearsay"),
        ("steps", ()),
        ("reward", 1.5),
        ("reward", -0.5),
        ("reward", math.nan),
    ],
)
def test_a_trajectory_with_a_wrong_field_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(TrajectoryError, match=f"^{field}: expected .*, got"):
        trajectory(**{field: value})


@pytest.mark.parametrize(("reward", "perfect"), [(1.0, True), (0.999, False), (0.0, False)])
def test_only_a_reward_of_1_is_perfect(reward: float, perfect: bool) -> None:
    assert trajectory(reward=reward).perfect is perfect


def test_trajectories_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "new" / "trajectories.jsonl"
    written = [
        trajectory(),
        trajectory(options=("red", "6"), price_upper=1_000_000, attributes=(), reward=1.0),
        trajectory(protocol="catalogue", provenance="human", purchased=False, agent=""),
    ]
    assert write_trajectories(path, iter(written)) == 3
    assert read_trajectories(path) == written
    again = tmp_path / "again.jsonl"
    write_trajectories(again, read_trajectories(path))
    assert again.read_bytes() == path.read_bytes()
    assert path.read_bytes().count(b"\n") == 3


def test_rolled_out_trajectories_come_back_from_their_file(
    small_shop: Shop, tmp_path: Path
) -> None:
    written = [
        roll_out(Oracle(), small_shop, goal, protocol=protocol, keep_observations=True).trajectory
        for goal in [*small_shop.goals, *small_shop.goals.human]
        for protocol in ("pages", "catalogue")
    ]
    write_trajectories(tmp_path / "t.jsonl", written)
    assert read_trajectories(tmp_path / "t.jsonl") == written


def test_a_trajectory_knows_its_goal(small_shop: Shop) -> None:
    for goal in small_shop.goals:
        rolled = roll_out(Oracle(), small_shop, goal).trajectory
        found = rolled.goal(small_shop)
        for field in ("asin", "instruction", "attributes", "options", "price_upper", "category",
                      "query", "product_category", "title", "nouns"):  # fmt: skip
            assert getattr(found, field) == getattr(goal, field), field


def test_a_trajectory_is_shown_in_one_short_line() -> None:
    shown = repr(trajectory(instruction="a " * 500))
    assert shown.startswith("<Trajectory 'a a a")
    assert shown.endswith("2 steps, reward 0.25>")
    assert len(shown) < 120
    page = trajectory(instruction="<i>lamp")._repr_html_()
    assert "<caption>&lt;i&gt;lamp</caption>" in page
    assert page.count("<tr>") == 3


def changed(change: Callable[[dict[str, Any]], Any]) -> bytes:
    record = orjson.loads(orjson.dumps(trajectory().to_record()))
    change(record)
    return orjson.dumps(record)


def put(value: Any, *keys: str | int) -> Callable[[dict[str, Any]], None]:
    def change(record: Any) -> None:
        for key in keys[:-1]:
            record = record[key]
        record[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (changed(put("1", "version")), "version"),
        (changed(put(FORMAT_VERSION + 1, "version")), "version"),
        (changed(put(True, "version")), "version"),
        (changed(put(None, "provenance")), "provenance"),
        (changed(put("gossip", "provenance")), "provenance"),
        (changed(put(3, "agent")), "agent"),
        (changed(put("both", "protocol")), "protocol"),
        (changed(lambda record: record.pop("protocol")), "protocol"),
        (changed(put([], "goal")), "goal"),
        (changed(put(7, "goal", "asin")), "asin"),
        (changed(put(None, "goal", "instruction")), "instruction"),
        (changed(put(["a", 1], "goal", "attributes")), "attributes"),
        (changed(put("red", "goal", "options")), "options"),
        (changed(put("40", "goal", "price_upper")), "price_upper"),
        (changed(put({}, "steps")), "steps"),
        (changed(put([], "steps")), "steps"),
        (changed(put(None, "steps", 0, "observation")), "observation"),
        (changed(put("a", "steps", 0, "available_actions")), "available_actions"),
        (changed(put("", "steps", 1, "action")), "action"),
        (changed(put("0", "steps", 1, "log_probability")), "log_probability"),
        (changed(put(2, "steps", 1, "reward")), "reward"),
        (changed(put(True, "steps", 1, "reward")), "reward"),
        (changed(put("1", "reward")), "reward"),
        (changed(put(1.01, "reward")), "reward"),
        (changed(put(1, "purchased")), "purchased"),
        (b"[1, 2]", "version|goal"),
    ],
)
def test_a_wrong_line_is_refused_with_file_line_and_field(
    tmp_path: Path, line: bytes, field: str
) -> None:
    path = tmp_path / "t.jsonl"
    good = orjson.dumps(trajectory().to_record())
    path.write_bytes(b"\n".join([good, b"", line, good]))
    with pytest.raises(TrajectoryError, match=rf"t\.jsonl, line 3, .*({field})") as caught:
        read_trajectories(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"color": 3}, {"color": None}, [1], [["red"]]], ids=lambda value: str(value)
)
def test_options_other_than_texts_are_refused(tmp_path: Path, options: Any) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(changed(put(options, "goal", "options")))
    with pytest.raises(TrajectoryError, match=r"t\.jsonl, line 1, .*options"):
        read_trajectories(path)


def test_missing_empty_and_truncated_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="missing"):
        read_trajectories(tmp_path / "missing.jsonl")
    (tmp_path / "empty.jsonl").write_bytes(b"\n\n")
    with pytest.raises(TrajectoryError, match="at least one trajectory"):
        read_trajectories(tmp_path / "empty.jsonl")
    whole = orjson.dumps(trajectory().to_record())
    (tmp_path / "cut.jsonl").write_bytes(whole + b"\n" + whole[:-20])
    with pytest.raises(ValueError, match=r"cut\.jsonl, line 2"):
        read_trajectories(tmp_path / "cut.jsonl")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    write_trajectories(path, [trajectory()])
    before = path.read_bytes()

    def failing() -> Any:
        yield trajectory(agent="another")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_trajectories(path, failing())
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.jsonl"]


def test_an_endless_line_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shopwright.files.MOST_LINE_BYTES", 100_000)
    with pytest.raises(TrajectoryError, match=r"/dev/zero, line 1: expected at most 100,000 bytes"):
        read_trajectories(Path("/dev/zero"))


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(b'{"steps": ' + b"[" * 1_000_000)
    with pytest.raises(TrajectoryError, match=r"t.jsonl, line 1, column \d+: expected JSON"):
        read_trajectories(tmp_path / "t.jsonl")


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.sampled_from((1e308, "", "a")),
    lambda within: (
        st.lists(within, max_size=2)
        | st.dictionaries(st.sampled_from(("total", "a")), within, max_size=2)
    ),
    max_leaves=4,
)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_field_is_refused_in_one_line_or_read_as_it_is(
    data: st.DataObject,
) -> None:
    record = orjson.loads(orjson.dumps(trajectory(parts={"total": 0.25}).to_record()))
    within = data.draw(st.sampled_from((record, record["goal"], record["steps"][0])))
    name = data.draw(st.sampled_from(sorted(within)))
    within[name] = data.draw(ANYTHING)
    try:
        read = Trajectory.from_record(record)
    except InputError as error:
        said = str(error)
    else:
        said = ""
        assert Trajectory.from_record(orjson.loads(orjson.dumps(read.to_record()))) == read
    assert "\n" not in said
    assert len(said) < 300
