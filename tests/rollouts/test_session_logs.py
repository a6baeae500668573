"""WebShop's session logs, on real ones."""

from __future__ import annotations

import orjson
import pytest

from shopwright.errors import TrajectoryError
from shopwright.rollouts.session_logs import query_pairs, read_session_log


@pytest.fixture(scope="module")
def sessions(shared):
    folder = shared / "webshop" / "human_trajectories"
    return {path.stem: read_session_log(path) for path in sorted(folder.glob("*.jsonl"))}


def test_real_logs_are_read_with_their_rewards(sessions):
    rewards = {name.split("_")[-1]: s.trajectory.reward for name, s in sessions.items()}
    assert rewards == {
        "12": 0.5, "13": 0.5, "15": 0.75, "17": 1.0, "18": 0.5, "21": pytest.approx(2 / 3),
        "23": pytest.approx(2 / 3), "6": pytest.approx(1 / 3), "7": 1.0,
    }  # fmt: skip
    for session in sessions.values():
        trajectory = session.trajectory
        assert (trajectory.provenance, trajectory.purchased) == ("human", True)
        assert trajectory.actions[-1] == "click[buy now]"
        assert all(not step.available_actions for step in trajectory.steps)


def test_actions_follow_from_pages(sessions):
    by_name = {name.split("_")[-1]: session for name, session in sessions.items()}
    assert by_name["12"].trajectory.actions == [
        "search[living room furniture]",
        "click[back to search]",
        "search[living room and kitchen furniture]",
        "click[b09lylklvx]",
        "click[buy now]",
    ]
    assert by_name["17"].trajectory.actions[1:] == [
        "click[b096fstfls]", "click[teal]", "click[38 | 40 | 41 mm]", "click[buy now]",
    ]  # fmt: skip
    assert by_name["23"].trajectory.actions[:3] == [
        "search[red earbud headphones]", "click[next >]", "click[b08cz8ws38]",
    ]  # fmt: skip
    assert by_name["7"].trajectory.actions[1:] == [
        "click[b07xc7gvrk]", "click[description]", "click[< prev]", "click[buy now]",
    ]  # fmt: skip


def test_query_pairs_hold_requests_without_prices(sessions):
    pairs = query_pairs(sessions.values())
    assert len(pairs) == 9
    queries = [queries for request, queries in pairs.items() if "living room furniture" in request]
    assert queries == [["living room furniture", "living room and kitchen furniture"]]
    assert not any("price lower" in request for request in pairs)


def log_line(page, **content):
    goal = {"asin": "A1", "instruction_text": "a mug", "attributes": [], "price_upper": 10.0}
    return {"page": page, "url": f"http://x/{page}/s/A1/q/1/Features/{{}}", "goal": goal} | content


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "expected at least one page"),
        ([{"page": "moon"}], "line 1, page: expected one of index"),
        ([log_line("search_results", content={})], "line 1, content, keywords: expected"),
        ([log_line("index"), log_line("done", content={"asin": "A1", "options": {}})],
         "line 2, page: expected one that can follow 'index', got 'done'"),
        ([log_line("item_page", content={"asin": "A1", "options": {"size": 3}})],
         "line 1, content, options"),
        ([log_line("item_page", content={"options": {}})], "line 1, field asin"),
        ([log_line("done", content={"asin": "A1", "options": {}}, reward=7)], "line 1, reward"),
    ],
)  # fmt: skip
def test_invalid_logs_are_refused(lines, message, tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    with pytest.raises(TrajectoryError, match=r"log\.jsonl.*" + message.replace("'", ".")):
        read_session_log(path)
