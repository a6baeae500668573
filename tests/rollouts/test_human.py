"""People's shopping: WebShop's real session logs, and its imitation file on lines written here."""

from __future__ import annotations

import orjson
import pytest

from shopwright.agents.rules import Oracle
from shopwright.errors import TrajectoryError
from shopwright.rollouts.human import (
    query_pairs,
    read_session_log,
    replayed,
    stream_imitation_file,
)
from shopwright.rollouts.rollout import roll_out


@pytest.fixture(scope="module")
def sessions(shared):
    folder = shared / "webshop" / "human_trajectories"
    return {path.stem: read_session_log(path) for path in sorted(folder.glob("*.jsonl"))}


def test_all_real_logs_are_read_with_their_rewards(sessions):
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


def test_actions_follow_from_the_pages(sessions):
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
    assert by_name["12"].bought == "B09LYLKLVX"
    assert len(by_name["6"].asins) >= 10


def test_logs_teach_what_to_search_for(sessions):
    pairs = query_pairs(sessions.values())
    assert len(pairs) == 9
    queries = [queries for request, queries in pairs.items() if "living room furniture" in request]
    assert queries == [["living room furniture", "living room and kitchen furniture"]]
    assert not any("price lower" in request for request in pairs)


def test_their_products_are_not_in_the_shop(sessions, webshop_shop):
    bought = [session.bought for session in sessions.values()]
    assert all(webshop_shop.catalogue.row_of(asin) is None for asin in bought)


def log_line(page, **content):
    goal = {"asin": "A1", "instruction_text": "a mug", "attributes": [], "price_upper": 10.0}
    return {"page": page, "url": f"http://x/{page}/s/A1/q/1/Features/{{}}", "goal": goal} | content


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "expected at least one page"),
        ([{"page": "moon"}], "line 1, page: expected one of index"),
        ([log_line("search_results", content={})], "line 1, content: expected keywords"),
        ([log_line("index"), log_line("done", content={"asin": "A1", "options": {}})],
         "line 2, page: expected one that can follow 'index', got 'done'"),
        ([log_line("item_page", content={"asin": "A1", "options": {"size": 3}})],
         "line 1, content, options"),
        ([log_line("item_page", content={"options": {}})], "line 1, field asin"),
        ([log_line("done", content={"asin": "A1", "options": {}}, reward=7)], "line 1, reward"),
    ],
)  # fmt: skip
def test_a_log_that_is_none_is_refused(lines, message, tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    with pytest.raises(TrajectoryError, match=r"log\.jsonl.*" + message.replace("'", ".")):
        read_session_log(path)


def imitation_line(shop, goal):
    """A line as the imitation file has it: an oracle's episode for a goal."""
    outcome = roll_out(Oracle(), shop, goal, keep_observations=True)
    steps = outcome.trajectory.steps
    offered = [
        [] if step.action.startswith("search") else ["click[back to search]", step.action]
        for step in steps
    ]
    first = f"WebShop\nInstruction:\n{goal.instruction}\n[button] Search [button_]"
    return {
        "states": [first, *(step.observation for step in steps[1:])],
        "actions": [step.action for step in steps],
        "action_idxs": [-1 if not actions else 1 for actions in offered],
        "available_actions": offered,
        "images": [0] * len(steps),
    }


def test_the_imitation_file_is_read_and_replayed_where_its_request_is_known(
    small_shop, tiny_shop, tmp_path
):
    goal = small_shop.goals.human[0]
    stranger = tiny_shop.goals[0]
    path = tmp_path / "il_trajs_finalized_images.jsonl"
    lines = [imitation_line(small_shop, goal), imitation_line(tiny_shop, stranger)]
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    known, unknown = stream_imitation_file(path)
    assert known.request == goal.instruction
    assert known.steps[0].available_actions == ()
    assert known.steps[1].available_actions[1] == known.steps[1].action
    trajectory = replayed(known, small_shop)
    assert trajectory is not None
    assert trajectory.provenance == "human"
    assert trajectory.purchased
    assert trajectory.reward == roll_out(Oracle(), small_shop, goal).trajectory.reward
    assert all(step.observation for step in trajectory.steps)
    assert replayed(unknown, small_shop) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line.pop("states"), "field states"),
        (lambda line: line["actions"].pop(), "field actions: expected"),
        (lambda line: line["action_idxs"].__setitem__(1, 0), "step 1, action_idxs"),
        (lambda line: line["action_idxs"].__setitem__(1, 99), "step 1, action_idxs"),
        (lambda line: line["action_idxs"].__setitem__(1, "x"), "step 1, action_idxs"),
        (lambda line: line["available_actions"].__setitem__(1, [3]), "step 1: expected texts"),
    ],
)
def test_a_wrong_line_of_the_imitation_file_is_named(change, message, tiny_shop, tmp_path):
    line = imitation_line(tiny_shop, tiny_shop.goals[0])
    change(line)
    path = tmp_path / "il.jsonl"
    path.write_bytes(orjson.dumps(line))
    with pytest.raises(TrajectoryError, match=rf"il\.jsonl, line 1, {message}"):
        list(stream_imitation_file(path))
